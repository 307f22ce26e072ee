package outlook_test

import (
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/record"
)

func itoa(n int) string { return strconv.Itoa(n) }

// everywhere runs a test in every position of every switch, each in a bubble of its own time.
func everywhere(t *testing.T, test func(*rig)) {
	for name, w := range outlooktest.Positions() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(newRig(t, w)) })
		})
	}
}

// What is written is read again in all its fields, is found by its chrono, is told once, and is equal to what was sent.
//
// Requirement: X3-22, X3-29, X3-30, X3-31, X3-34, X3-51, LAB-7
func TestWrittenIsRead(t *testing.T) {
	everywhere(t, func(r *rig) {
		r.look()
		var contact record.Key
		for n := range 4 {
			op := samples(contact)[n]
			key := r.applied(op)
			if n == 0 {
				contact = record.Key(key)
			}
			told := r.look()
			if !slices.Contains(told[op.Entity], record.Key(key)) {
				r.t.Errorf("%s: what was written is not told", op.Entity)
			}
			got, ok := r.read(op.Entity, key)
			if !ok || got.ExternalID != op.ExternalID || !got.Changed.IsZero() {
				r.t.Fatalf("%s: got %v %q, changed %v", op.Entity, ok, got.ExternalID, got.Changed)
			}
			for name, v := range op.Fields {
				if !got.Fields[name].Equal(v) {
					r.t.Errorf("%s of %s: got %+v, want %+v", name, op.Entity, got.Fields[name], v)
				}
			}
			found, err := r.box.Find(r.t.Context(), op.Entity, connectors.ExternalIDField, text(op.ExternalID))
			if err != nil || !slices.Equal(found, []record.Key{record.Key(key)}) {
				r.t.Errorf("find %s: got %v, %v", op.Entity, found, err)
			}
			mark := r.Mark()
			op.Kind, op.Key, op.Seen = connectors.Update, record.Key(key), got.Fields
			r.applied(op)
			if again := r.Journal(outlooktest.JournalQuery{After: mark, Writing: true}); len(again) > 0 {
				r.t.Errorf("%s: the same again is written: %v", op.Entity, again)
			}
		}
		if told := r.look(); len(told) > 0 {
			r.t.Errorf("nothing changed, and %v is told", told)
		}
		r.quiet()
	})
}

// What a person does is told: creating, editing, naming a company, completing, deleting.
//
// Requirement: X3-16, X3-21, X3-32, X3-52
func TestPeopleAreTold(t *testing.T) {
	everywhere(t, func(r *rig) {
		p := r.alice()
		r.look()
		ids := map[record.Entity]string{
			record.Contact:     must(p.Create(outlooktest.Contact, "", object{"surname": "Dupont", "businessPhones": []any{"1", "2"}})),
			record.Task:        must(p.Create(outlooktest.Task, r.list, object{"title": "Rappeler"})),
			record.Call:        must(p.Create(outlooktest.Task, r.list, object{"title": "CLL Rappeler"})),
			record.Appointment: must(p.Create(outlooktest.Event, "", visit("Visite", monday.Add(24*time.Hour)))),
		}
		told := r.look()
		for e, id := range ids {
			if !slices.Equal(told[e], []record.Key{record.Key(id)}) {
				r.t.Errorf("new %s: got %v", e, told[e])
			}
			if got, _ := r.read(e, id); got.Changed.IsZero() || got.Fields["Company"].Text != "" {
				r.t.Errorf("new %s: got %+v", e, got)
			}
			check(r.t, p.AddCode(id, "acme"))
		}
		told = r.look()
		for e, id := range ids {
			if !slices.Contains(told[e], record.Key(id)) {
				r.t.Errorf("an edit of %s is not told", e)
			}
			r.shows(e, id, map[string]string{"Company": "ACME"})
			check(r.t, p.Delete(id))
		}
		told = r.look()
		for e, id := range ids {
			if !slices.Contains(told[e], record.Key(id)) {
				r.t.Errorf("a deletion of %s is not told", e)
			}
			if _, ok := r.read(e, id); ok {
				r.t.Errorf("a deleted %s is there", e)
			}
		}
	})
}

// Each way of writing a change leaves what people have of their own.
//
// Requirement: X3-52
func TestChanges(t *testing.T) {
	everywhere(t, func(r *rig) {
		r.look()
		for _, op := range samples("") {
			key := r.applied(op)
			got, _ := r.read(op.Entity, key)
			change := map[record.Entity]record.Fields{
				record.Contact:     {"BusinessPhone": text("9"), "Company": text("AUTRE"), "City": {}, "Notes": text("autre")},
				record.Task:        {"Completed": record.BoolOf(true), "Company": text("AUTRE"), "Due": {}, "Minutes": number(70), "Body": text("bref")},
				record.Call:        {"Completed": record.BoolOf(false), "Minutes": {}, "Title": text("Appel, encore")},
				record.Appointment: {"Done": record.BoolOf(false), "Company": {}, "End": record.TimeOf(monday.Add(2 * time.Hour)), "Visited": text("COR3 Petit")},
			}[op.Entity]
			r.applied(connectors.Op{Kind: connectors.Update, Entity: op.Entity, Key: record.Key(key), Fields: change, Seen: got.Fields})
			after, _ := r.read(op.Entity, key)
			want := got.Fields
			for name, v := range change {
				want[name] = v
			}
			for name, v := range want {
				if !after.Fields[name].Equal(v) {
					r.t.Errorf("%s of %s: got %+v, want %+v", name, op.Entity, after.Fields[name], v)
				}
			}
			stale := connectors.Op{Kind: connectors.Update, Entity: op.Entity, Key: record.Key(key), Fields: change, Seen: record.Fields{"Company": text("OLD")}}
			if res := r.apply(stale); res.Outcome != connectors.NotApplied || connectors.KindOf(res.Err) != connectors.Busy {
				r.t.Errorf("%s: written over what somebody changed: %+v", op.Entity, res)
			}
			for range 2 {
				r.applied(connectors.Op{Kind: connectors.Delete, Entity: op.Entity, Key: record.Key(key)})
			}
			if _, ok := r.read(op.Entity, key); ok {
				r.t.Errorf("%s is still there", op.Entity)
			}
		}
		r.quiet()
	})
}

// A delta token that ended is a new beginning: what was deleted meanwhile is told, and nothing is lost.
func TestReset(t *testing.T) {
	everywhere(t, func(r *rig) {
		p := r.alice()
		kept := must(p.Create(outlooktest.Contact, "", object{"surname": "Dupont"}))
		gone := map[record.Entity]string{
			record.Contact:     must(p.Create(outlooktest.Contact, "", object{"surname": "Petit"})),
			record.Task:        must(p.Create(outlooktest.Task, r.list, object{"title": "Rappeler"})),
			record.Appointment: must(p.Create(outlooktest.Event, "", visit("Visite", monday))),
		}
		r.look()
		for e, id := range gone {
			r.read(e, id)
			check(r.t, p.Delete(id))
		}
		r.ExpireDelta(alice)
		told := r.look()
		for e, id := range gone {
			if !slices.Contains(told[e], record.Key(id)) {
				r.t.Errorf("%s was deleted before the reset, and is not told", e)
			}
		}
		if _, ok := r.read(record.Contact, kept); !ok {
			r.t.Error("what was kept is not there")
		}
	})
}
