package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// What is deleted on one side is deleted on the other, once it is certain, and never comes back.
//
// Requirement: X3-15, X3-16, X3-17
func TestDeletionsTravel(t *testing.T) {
	w := newMailbox(t)
	w.tasks(8, 5)
	w.erp.drop(record.Task, "1")
	w.cycles(1)
	if got, want := w.left(), "7 in the ERP, 8 in the CRM"; got != want {
		t.Errorf("after one look: got %s, want %s", got, want)
	}
	w.cycles(2)
	w.dropTask(2)
	w.cycles(3)
	if got, want := w.left(), "6 in the ERP, 6 in the CRM"; got != want {
		t.Errorf("got %s, want %s; waits %v", got, want, w.waits())
	}
	if diff := cmp.Diff("[ended 2 linked 6]", w.states()); diff != "" {
		t.Error(diff)
	}
	if got := slices.Index(w.journal(), "record-deleted"); got < 0 {
		t.Errorf("the journal does not tell: %v", w.journal())
	}
	writes := len(w.erp.writes) + len(w.crm.writes)
	w.erp.changed[record.Task]["1"], w.erp.changed[record.Task]["2"] = true, true // late answers
	w.cycles(3)
	if got := len(w.erp.writes) + len(w.crm.writes); got != writes {
		t.Errorf("%d writes after everything was deleted", got-writes)
	}
}

// What is really there again after it was deleted on both sides is a new record.
func TestDeletedRecordIsThereAgain(t *testing.T) {
	w := newMailbox(t)
	w.tasks(2, 5)
	copied := w.crm.copyOf(w.byExternal(record.Task, "TA2"))
	w.erp.drop(record.Task, "1")
	w.erp.drop(record.Task, "2")
	w.cycles(3)
	if got, want := w.left(), "0 in the ERP, 0 in the CRM"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	w.task(1, 5)
	w.crm.put(record.Task, copied.Key, copied.Fields).ExternalID = "TA2"
	w.cycles(4)
	if got, want := w.left(), "2 in the ERP, 2 in the CRM"; got != want {
		t.Errorf("got %s, want %s; waits %v", got, want, w.waits())
	}
	if w.byExternal(record.Task, "TA2") != nil {
		t.Error("the one that was taken out of the bin still has the identity of the one that was deleted")
	}
	if diff := cmp.Diff("[linked 2]", w.states()); diff != "" {
		t.Error(diff)
	}
}

// A record that a person changed since is deleted only when a person says so.
//
// Requirement: X3-15, X3-16
func TestEditedRecordIsNotDeleted(t *testing.T) {
	inERP := func(w *world) {
		w.crm.put(record.Task, w.byExternal(record.Task, "TA1").Key, record.Fields{"Title": text("Edited")})
		w.erp.drop(record.Task, "1")
	}
	inCRM := func(w *world) { w.erp.put(record.Task, "1", record.Fields{"title": text("Edited")}); w.dropTask(1) }
	owned := func(w *world) { w.erp.put(record.Task, "1", record.Fields{"owner": text("XY")}); w.dropTask(1) }
	for _, tt := range []struct {
		name string
		do   func(*world)
		verb engine.Verb
		want string
	}{
		{"deleted in the ERP, delete", inERP, engine.DeleteToo, "1 in the ERP, 1 in the CRM"},
		{"deleted in the ERP, create again", inERP, engine.Recreate, "2 in the ERP, 2 in the CRM"},
		{"deleted in the CRM, delete", inCRM, engine.DeleteToo, "1 in the ERP, 1 in the CRM"},
		{"deleted in the CRM, create again", inCRM, engine.Recreate, "2 in the ERP, 2 in the CRM"},
		{"deleted in the CRM, a field of the ERP's own", owned, engine.DeleteToo, "1 in the ERP, 1 in the CRM"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newMailbox(t)
			w.tasks(2, 5)
			tt.do(w)
			w.cycles(4)
			if got := len(w.erp.records[record.Task]) + len(w.crm.records[record.Task]); got != 3 {
				t.Fatalf("before an answer: %s", w.left())
			}
			must(t, w.say(tt.verb, w.named("deleted-and-edited")))
			w.cycles(4)
			if got := w.left(); got != tt.want || len(w.waits()) > 0 {
				t.Errorf("got %s, want %s; waits %v", got, tt.want, w.waits())
			}
		})
	}
}

// A person's word is about what was shown: who types on is asked again.
func TestWordOnDeletionIsAboutWhatWasShown(t *testing.T) {
	w := newMailbox(t)
	w.tasks(2, 5)
	key := w.byExternal(record.Task, "TA1").Key
	w.crm.put(record.Task, key, record.Fields{"Title": text("Edited")})
	w.erp.drop(record.Task, "1")
	w.cycles(4)
	name := w.named("deleted-and-edited")
	w.crm.put(record.Task, key, record.Fields{"Title": text("Edited once more")})
	shown := ""
	must(t, w.state.View(func(t *store.Txn) {
		t.AllWaiting(func(x store.Waiting) bool { shown = x.Shown(); return true })
	}))
	err := w.while(func(ctx context.Context) error { return w.engine.Answer(ctx, engine.DeleteToo, name, shown) })
	if err != nil && !errors.Is(err, engine.ErrChanged) {
		t.Error(err)
	}
	w.cycles(3)
	if got, want := w.left(), "1 in the ERP, 2 in the CRM"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	must(t, w.say(engine.DeleteToo, w.named("deleted-and-edited")))
	w.cycles(3)
	if got, want := w.left(), "1 in the ERP, 1 in the CRM"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// An edit between the plan and the call is seen by a side that compares, and a person is asked.
func TestEditBeforeDeletionArrives(t *testing.T) {
	w := newMailbox(t)
	w.tasks(2, 5)
	key := w.byExternal(record.Task, "TA1").Key
	w.erp.drop(record.Task, "1")
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		w.crm.answer = nil
		w.crm.put(record.Task, key, record.Fields{"Title": text("Edited")})
		return nil
	}
	w.cycles(4)
	if got, want := w.left(), "1 in the ERP, 2 in the CRM"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	w.named("deleted-and-edited")
}

// Old records that people put away stay in the ERP, are never sent again, and come back with their counterpart.
//
// Requirement: X3-18
func TestPutAway(t *testing.T) {
	w := newMailbox(t)
	w.tasks(12, -40)
	kept := w.crm.copyOf(w.byExternal(record.Task, "TA1"))
	for n := 1; n <= 10; n++ {
		w.dropTask(n)
	}
	w.cycles(3)
	if got, want := w.left()+" "+w.states(), "12 in the ERP, 2 in the CRM [archived 10 linked 2]"; got != want {
		t.Fatalf("got %s, want %s; waits %v", got, want, w.waits())
	}
	writes := len(w.erp.writes) + len(w.crm.writes)
	w.erp.put(record.Task, "1", record.Fields{"title": text("Read again")})
	w.cycles(3)
	if got := len(w.erp.writes) + len(w.crm.writes); got != writes {
		t.Errorf("%d writes of what was put away: %+v", got-writes, w.crm.writes[len(w.crm.writes)-1])
	}
	w.crm.put(record.Task, kept.Key, kept.Fields).ExternalID = "TA1"
	w.cycles(3)
	if got, want := w.byExternal(record.Task, "TA1").Fields["Title"].Text, "Read again"; got != want {
		t.Errorf("back again: got %q, want %q", got, want)
	}
}

// Without a right clock nobody knows what is old.
//
// Requirement: X3-18
func TestNothingIsDeletedWithoutAClock(t *testing.T) {
	w := newMailbox(t, func(w *world) { w.set.Made = w.clock.now.Add(-time.Hour) })
	w.tasks(2, -40)
	w.clock.jump = -50 * 365 * 24 * time.Hour
	w.dropTask(1)
	w.cycles(4)
	if got, want := w.left()+" "+w.states(), "2 in the ERP, 1 in the CRM [crm-gone 1 linked 1]"; got != want {
		t.Errorf("without a clock: got %s, want %s", got, want)
	}
	w.clock.jump = 0
	w.cycles(2)
	if got, want := w.left()+" "+w.states(), "2 in the ERP, 1 in the CRM [archived 1 linked 1]"; got != want {
		t.Errorf("with one: got %s, want %s", got, want)
	}
}

// So many deletions at once wait for a person, on either side.
//
// Requirement: X3-16, X3-19
func TestManyDeletionsWait(t *testing.T) {
	for _, tt := range []struct {
		name string
		drop func(*world, int)
		want [2]string
	}{
		{"in the ERP", func(w *world, n int) { w.erp.drop(record.Task, record.Key(rune('0'+n))) }, [2]string{"5 in the ERP, 9 in the CRM", "5 in the ERP, 5 in the CRM"}},
		{"in the CRM", func(w *world, n int) { w.dropTask(n) }, [2]string{"9 in the ERP, 5 in the CRM", "5 in the ERP, 5 in the CRM"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newMailbox(t)
			w.tasks(9, 5)
			for n := 1; n <= 4; n++ {
				tt.drop(w, n)
			}
			w.cycles(5)
			if got := w.left(); got != tt.want[0] {
				t.Errorf("got %s, want %s", got, tt.want[0])
			}
			must(t, w.say(engine.Allow, w.named("mass-delete")))
			w.cycles(2)
			if got := w.left(); got != tt.want[1] || len(w.waits()) > 0 {
				t.Errorf("allowed: got %s, want %s; waits %v", got, tt.want[1], w.waits())
			}
		})
	}
}

// A resync never carries deletions: it lists them. Those that people make after it travel again.
//
// Requirement: X3-41
func TestResyncCarriesNoDeletions(t *testing.T) {
	for level, begins := range []store.RepairPhase{1: store.RepairForget, 2: store.RepairSettle} {
		if level == 0 {
			continue
		}
		t.Run(fmt.Sprint(level), func(t *testing.T) {
			w := newMailbox(t)
			w.tasks(6, 5)
			w.erp.drop(record.Task, "1")
			w.dropTask(2)
			must(t, w.state.Update(func(t *store.Txn) error {
				t.PutRepair(store.Repair{Level: level, Phase: begins, Asked: w.clock.now})
				return nil
			}))
			w.cycles(8)
			if got, want := w.left(), "5 in the ERP, 5 in the CRM"; got != want {
				t.Fatalf("got %s, want %s; waits %v", got, want, w.waits())
			}
			if got := w.engine.Status().Resync; got != nil {
				t.Fatalf("the resync is still under way: %+v", got)
			}
			for range 2 {
				for _, code := range []string{"deletion-listed", "deleted-and-edited"} {
					if slices.ContainsFunc(w.waits(), func(s string) bool {
						return slices.Contains([]string{"deleted task 1 " + code, "deleted task 2 " + code}, s)
					}) {
						must(t, w.say(engine.DeleteToo, w.named(code)))
						break
					}
				}
			}
			w.dropTask(3)
			w.cycles(4)
			if got, want := w.left(), "3 in the ERP, 3 in the CRM"; got != want || len(w.waits()) > 0 {
				t.Errorf("after it: got %s, want %s; waits %v", got, want, w.waits())
			}
		})
	}
}

// Nor does older data of the ERP that a person took for the truth.
func TestRestoredDataCarriesNoDeletions(t *testing.T) {
	w := newMailbox(t)
	w.tasks(6, 5)
	w.erp.drop(record.Task, "1")
	w.erp.hold = true
	w.cycles(2)
	must(t, w.say(engine.Accept, w.named("folder-rolled-back")))
	w.cycles(5)
	if got, want := w.left(), "5 in the ERP, 6 in the CRM"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	w.named("deletion-listed")
}

// What a late deletion of ours took away was deleted by nobody: a person is asked.
func TestOwnDeletionIsNoPersons(t *testing.T) {
	w := newMailbox(t, func(w *world) { w.set.Schedule.Interval = 30 * time.Second }) // within the bound of late requests
	w.tasks(2, 5)
	back := w.erp.copyOf(w.erp.records[record.Task]["1"])
	w.erp.drop(record.Task, "1")
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		w.crm.late = append(w.crm.late, func() { w.crm.do(op) })
		w.erp.put(record.Task, "1", back.Fields)
		return &connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Busy, "no-answer", "lost")}
	}
	w.cycles(2)
	w.crm.answer = nil
	w.crm.arriveLate()
	w.cycles(4)
	if got, want := w.left(), "2 in the ERP, 1 in the CRM"; got != want {
		t.Fatalf("got %s, want %s; waits %v", got, want, w.waits())
	}
	must(t, w.say(engine.Recreate, w.named("deleted-and-edited")))
	w.cycles(3)
	if got, want := w.left(), "2 in the ERP, 2 in the CRM"; got != want {
		t.Errorf("created again: got %s, want %s", got, want)
	}
}

// A second try with another fault does not end the doubt of the first one, which may arrive later.
func TestEarlierDeletionStaysInDoubt(t *testing.T) {
	w := newMailbox(t, func(w *world) { w.set.Schedule.Interval = 30 * time.Second })
	w.tasks(2, 5)
	copied := w.crm.copyOf(w.byExternal(record.Task, "TA1"))
	tries := 0
	w.erp.answer = func(op connectors.Op) *connectors.Result {
		switch tries++; tries {
		case 1:
			w.erp.late = append(w.erp.late, func() { w.erp.do(op) })
			return &connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Busy, "no-answer", "lost")}
		case 2:
			w.crm.put(record.Task, copied.Key, copied.Fields).ExternalID = "TA1" // out of the bin
			return &connectors.Result{Outcome: connectors.ReadBack, Err: connectors.Errorf(connectors.Rejected, "erp-server-error", "500")}
		}
		return nil
	}
	w.dropTask(1)
	w.cycles(3)
	w.erp.arriveLate()
	w.cycles(4)
	if got, want := w.left(), "1 in the ERP, 2 in the CRM"; got != want || tries != 2 {
		t.Fatalf("got %s after %d tries, want %s; waits %v", got, tries, want, w.waits())
	}
	w.named("deleted-and-edited")
}
