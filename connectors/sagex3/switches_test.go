package sagex3_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

// positions are those of every switch of the simulator, by its name there. The first of each is a site's without a word.
var positions = map[string][]any{
	"FieldsCLL": {sagex3test.CodesA, sagex3test.CodesB}, "FieldsBAP": {sagex3test.CodesA, sagex3test.CodesB}, "FieldsCOR": {sagex3test.CodesA, sagex3test.CodesB},
	"ResultRoot": {sagex3test.RootResult, sagex3test.RootParam}, "StatusOK": {sagex3test.StatusNumber, sagex3test.StatusText},
	"Queue": {sagex3test.QueuePublished, sagex3test.QueueNotPublished}, "QueueStatuses": {sagex3test.LineDisappears, sagex3test.LineStays},
	"UpdDatTim": {sagex3test.StampAlways, sagex3test.StampStale, sagex3test.StampAbsent}, "OptReturn": {sagex3test.ReturnXML, sagex3test.ReturnJSON},
	"QueryOrder": {sagex3test.OrderKey, sagex3test.OrderInsertion}, "TskRep": {sagex3test.OwnerNotMapped, sagex3test.OwnerMapped},
	"Children":   {sagex3test.Children(2), sagex3test.Children(1), sagex3test.Children(0)},
	"UserSwitch": {sagex3test.UserCorrect, sagex3test.UserFirstSession},
	"Trace":      {sagex3test.TraceRequest, sagex3test.TraceReport, sagex3test.TraceMessages}, "Criteria": {sagex3test.CriteriaExact, sagex3test.CriteriaOperators},
	"Grid": {sagex3test.GridMerge, sagex3test.GridReplace}, "Settings": {sagex3test.SettingsSource, sagex3test.SettingsTarget}, "MultiRef": {false, true},
}

// turned gives switches of which one stands at a position.
func turned(t *testing.T, name string, position any) sagex3test.Switches {
	t.Helper()
	var w sagex3test.Switches
	reflect.ValueOf(&w).Elem().FieldByName(name).Set(reflect.ValueOf(position))
	return w
}

// finding are the switches that have to do with how changes are found: their positions are tried by both ways, those of others
// by one in turn. TestAllSwitchesTurned has them all by both.
var finding = []string{"Queue", "QueueStatuses", "UpdDatTim", "QueryOrder", "UserSwitch", "Settings"}

// ways are how changes are found where the switch of a name stands at its nth position.
func ways(name string, n int) []string {
	both := []string{sagex3.Scan, sagex3.ByQueue}
	if slices.Contains(finding, name) {
		return both
	}
	turn := (len(name) + n) % 2
	return both[turn : turn+1]
}

// The same story in every position of every switch; the positions that let no story begin say so.
//
// Requirement: LAB-7, X3-43
func TestEverySwitch(t *testing.T) {
	kind := reflect.TypeFor[sagex3test.Switches]()
	if kind.NumField() != len(positions) {
		t.Errorf("the simulator has %d switches, and %d are tried", kind.NumField(), len(positions))
	}
	for i := range kind.NumField() {
		name := kind.Field(i).Name
		for n, position := range positions[name] {
			if n == 0 {
				continue // what TestStory tells
			}
			shown := reflect.Indirect(reflect.ValueOf(position))
			for _, changes := range ways(name, n) {
				t.Run(fmt.Sprint(name, "=", shown.Interface(), "/", changes), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { inPosition(t, changes, turned(t, name, position)) })
				})
			}
		}
	}
}

func inPosition(t *testing.T, changes string, w sagex3test.Switches) {
	t.Helper()
	r := newRig(t, func(c *sagex3.Config) { c.Changes = changes }, func(o *sagex3test.Options) { o.Switches = w })
	switch {
	case w.Children != nil && *w.Children == 0:
		err := r.user("1").Observe(t.Context(), connectortest.NewNotes())
		if connectors.KindOf(err) != connectors.Auth || connectors.CodeOf(err) != sagex3.CodeNoChildren {
			t.Errorf("got %v, want %s", err, sagex3.CodeNoChildren)
		}
	case w.Queue == sagex3test.QueueNotPublished && changes == sagex3.ByQueue:
		r.noQueue()
	default:
		tell(r)
	}
}

// noQueue: all objects are passed over, with the name of what is not published, and nothing is lost.
func (r *rig) noQueue() {
	r.t.Helper()
	u, notes := r.user("1"), connectortest.NewNotes()
	look(r.t, u, notes)
	notes.Begin()
	must(r.t, u.Observe(r.t.Context(), notes))
	for _, e := range entities {
		if err := notes.Skipped[e]; connectors.KindOf(err) != connectors.Drift || connectors.CodeOf(err) != sagex3.CodeNotPublished {
			r.t.Errorf("%s: %v, want %s", e, err, sagex3.CodeNotPublished)
		}
	}
	if err := u.Check(r.t.Context()); connectors.CodeOf(err) != sagex3.CodeNotPublished {
		r.t.Errorf("check: %v, want %s", err, sagex3.CodeNotPublished)
	}
}

// All switches away from their first positions at once, in every form of payload, and a V6 with what it has of them.
//
// Requirement: LAB-7
func TestAllSwitchesTurned(t *testing.T) {
	for _, test := range []struct {
		name    string
		change  config
		options option
	}{
		{"json", func(c *sagex3.Config) { c.Payload = "json" }, nil},
		{"json, queue", func(c *sagex3.Config) { c.Payload, c.Changes = "json", sagex3.ByQueue }, nil},
		{"json, all turned", func(c *sagex3.Config) { c.Payload = "json" }, allTurned},
		{"all turned", nil, allTurned},
		{"all turned, queue", func(c *sagex3.Config) { c.Changes = sagex3.ByQueue }, allTurned},
		{"rest, all turned", byREST, allTurned},
		{"v6", nil, func(o *sagex3test.Options) { o.Version = sagex3test.V6 }},
		{"v6, queue", func(c *sagex3.Config) { c.Changes = sagex3.ByQueue }, func(o *sagex3test.Options) { o.Version = sagex3test.V6 }},
		{"v6, owner not mapped, all turned", nil, func(o *sagex3test.Options) {
			allTurned(o)
			o.Version, o.Switches.TskRep = sagex3test.V6, sagex3test.OwnerNotMapped
		}},
		{"a field for references", nil, func(o *sagex3test.Options) { o.Reference = "XREF" }},
		{"other public names", func(c *sagex3.Config) { c.Publications = map[record.Entity]string{record.Task: "YTSK"} }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				options := []option{}
				if test.options != nil {
					options = append(options, test.options)
				}
				r := newRig(t, test.change, options...)
				if name := r.cfg.Publications[record.Task]; name != "" {
					must(t, r.Publish(name, sagex3test.Tasks))
					r.Unpublish(string(sagex3test.Tasks))
				}
				tell(r)
			})
		})
	}
}

func allTurned(o *sagex3test.Options) {
	o.Switches = sagex3test.Switches{
		FieldsCLL: sagex3test.CodesB, FieldsBAP: sagex3test.CodesB, FieldsCOR: sagex3test.CodesB, ResultRoot: sagex3test.RootParam,
		StatusOK: sagex3test.StatusText, QueueStatuses: sagex3test.LineStays, UpdDatTim: sagex3test.StampAbsent, OptReturn: sagex3test.ReturnJSON,
		QueryOrder: sagex3test.OrderInsertion, TskRep: sagex3test.OwnerMapped, Children: sagex3test.Children(1), UserSwitch: sagex3test.UserFirstSession,
		Trace: sagex3test.TraceMessages, Criteria: sagex3test.CriteriaOperators, Grid: sagex3test.GridReplace, Settings: sagex3test.SettingsTarget, MultiRef: true,
	}
}
