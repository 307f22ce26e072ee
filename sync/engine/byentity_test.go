package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// counts gives what the journal has counted of each entity since an event, and the number of the last event.
func (w *world) counts(since uint64) (all map[record.Entity]map[string]string, last uint64) {
	all, last = map[record.Entity]map[string]string{}, since
	must(w.t, w.state.View(func(t *store.Txn) {
		t.Events(since+1, func(e store.Event) bool {
			if last = e.Seq; e.Code == "entity-counts" {
				if all[e.Entity] != nil {
					w.t.Errorf("%s is counted twice", e.Entity)
				}
				all[e.Entity] = e.Args
				for name, n := range e.Args {
					if n == "0" {
						delete(e.Args, name)
					}
				}
			}
			return true
		})
	}))
	return all, last
}

// Where the profile wants it, the journal counts each run by entity: what was created, changed, deleted, ignored and refused, and
// the seconds that this took. A run that did nothing is not told.
//
// Requirement: X3-11, X3-49
func TestCountedByEntity(t *testing.T) {
	w := newMailbox(t, func(w *world) { w.profile.Counted = true })
	w.task(1, 3)
	w.task(2, 3)
	w.task(3, 3)
	w.refuse(func(op connectors.Op) bool {
		w.clock.now = w.clock.now.Add(2 * time.Second)
		return op.Fields["Title"].Text == "Task 3"
	})
	w.cycles(1)
	got, last := w.counts(0)
	want := map[record.Entity]map[string]string{record.Contact: {"created": "3", "took": "6"}, record.Task: {"created": "2", "errors": "1", "took": "6"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the first run: %s", diff)
	}
	w.crm.answer = nil
	w.must(engine.Retry, "all")
	w.cycles(2)
	_, last = w.counts(last)

	w.dropTask(1)
	two := w.byExternal(record.Task, "TA2")
	two.Fields["Title"] = text("Task two")
	w.crm.changed[record.Task][two.Key] = true
	w.erp.put(record.Contact, "C1", record.Fields{"phone": text("1")}) // nobody synchronises it
	w.erp.put(record.Contact, "C9", record.Fields{"number": text("C9"), "name": text("Contact 9")})
	w.cycles(2)
	got, last = w.counts(last)
	want = map[record.Entity]map[string]string{record.Contact: {"created": "1", "ignored": "1"}, record.Task: {"updatederp": "1", "deletederp": "1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the second run: %s", diff)
	}
	w.cycles(3)
	if got, _ = w.counts(last); len(got) > 0 {
		t.Errorf("counted though nothing was done: %v", got)
	}
}

// Without the wish of a profile, nothing is counted by entity.
func TestNotCounted(t *testing.T) {
	w := newMailbox(t)
	w.tasks(2, 3)
	if got, _ := w.counts(0); len(got) > 0 || !strings.Contains(w.states(), "linked 2") {
		t.Errorf("counted: %v, states %s", got, w.states())
	}
}
