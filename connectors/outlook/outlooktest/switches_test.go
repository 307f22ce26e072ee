package outlooktest_test

import (
	"reflect"
	"testing"
	"time"

	"syncbox/connectors/outlook/outlooktest"
)

// Each set of Positions differs from the defaults in one switch, no two are alike, and every switch is among them.
func TestPositions(t *testing.T) {
	all := outlooktest.Positions()
	defaults := reflect.ValueOf(all["defaults"])
	seen, moved := map[outlooktest.Switches]string{}, map[int]bool{}
	for name, w := range all {
		if other, ok := seen[w]; ok {
			t.Errorf("%s is the same as %s", name, other)
		}
		seen[w] = name
		var differ []int
		for i := range defaults.NumField() {
			if !reflect.ValueOf(w).Field(i).Equal(defaults.Field(i)) {
				differ = append(differ, i)
				moved[i] = true
			}
		}
		if want := 1; name != "defaults" && len(differ) != want || name == "defaults" && len(differ) != 0 {
			t.Errorf("%s differs in %d switches", name, len(differ))
		}
	}
	for i := range defaults.NumField() {
		if !moved[i] {
			t.Errorf("%s has no other position", defaults.Type().Field(i).Name)
		}
	}
}

// A position that no switch has is refused at once.
func TestUnknownPositions(t *testing.T) {
	for name, w := range map[string]outlooktest.Switches{"IfMatch": {IfMatch: "x"}, "DeltaDelay": {DeltaDelay: time.Second}, "TokenLife": {TokenLife: time.Second}, "Reset": {Reset: "500"}} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("taken")
				}
			}()
			outlooktest.New(outlooktest.Options{Switches: w})
		})
	}
}
