package quickbooks_test

import (
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"

	"syncbox/connectors/quickbooks/quickbookstest"
)

// wordSwitches are the positions of the switches that are words, without the first one, which is the default.
var wordSwitches = map[string][]string{
	"MergeView":       {quickbookstest.MergeTombstone, quickbookstest.MergeBoth},
	"ThrottleBody":    {quickbookstest.ThrottleJSON, quickbookstest.ThrottleLower},
	"OldMinor":        {quickbookstest.OldIgnored},
	"ConvertedStatus": {"Converted", "Accepted"},
}

// positions are all positions of all switches of the simulator, by name: each one alone, and all at once.
func positions(t *testing.T) map[string]quickbookstest.Switches {
	all := map[string]quickbookstest.Switches{"as the captures": {}}
	var together quickbookstest.Switches
	for field := range reflect.TypeFor[quickbookstest.Switches]().Fields() {
		set := func(w *quickbookstest.Switches, v any) {
			reflect.ValueOf(w).Elem().FieldByIndex(field.Index).Set(reflect.ValueOf(v))
		}
		if field.Type.Kind() == reflect.Bool {
			var one quickbookstest.Switches
			set(&one, true)
			set(&together, true)
			all[field.Name] = one
			continue
		}
		if len(wordSwitches[field.Name]) == 0 {
			t.Errorf("switch %s: its positions are not known here", field.Name)
		}
		for _, word := range wordSwitches[field.Name] {
			var one quickbookstest.Switches
			set(&one, word)
			set(&together, word)
			all[fmt.Sprintf("%s %s", field.Name, word)] = one
		}
	}
	all["all at once"] = together
	return all
}

// What no public document settles about the product is a switch of its simulator. In each position of each of them
// the same story ends with what the books say: a first look, people at work, a merge, writes of ours, one answer
// to which is lost, limits that are reached, a token that has ended, a month that is used up, and a feed that is cut off.
//
// Requirement: LAB-7, QBO-9, QBO-19, QBO-21, QBO-22, QBO-27, QBO-44, QBO-54, QBO-55
func TestEveryPosition(t *testing.T) {
	for name, w := range positions(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStory(t, w)
				for _, chapter := range []func(){s.first, s.people, s.merged, s.writes, s.limits, s.usedUp, s.flood, s.quiet} {
					if chapter(); t.Failed() {
						return
					}
				}
			})
		})
	}
}
