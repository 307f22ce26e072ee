package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// Who reads the status knows whether deletions travel.
func TestStatusTellsOfDeletions(t *testing.T) {
	if !newMailbox(t).engine.Status().Deletes || newWorld(t, true).engine.Status().Deletes {
		t.Error("it is told wrongly")
	}
}

// A preview shows what would be deleted, and a run that is to be confirmed deletes nothing else.
func TestDeletionsAreShownFirst(t *testing.T) {
	w := newMailbox(t)
	w.tasks(8, 5)
	w.erp.drop(record.Task, "1")
	w.crm.traits.Batch = 1
	w.crm.answer = func(connectors.Op) *connectors.Result {
		return &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Busy, "record-in-use", "open")}
	}
	w.cycles(2)
	w.dropTask(2)
	p := w.showNext()
	if got, want := p.Counts[record.Task].Delete, [2]int{1, 1}; got != want {
		t.Errorf("preview: got %v, want %v", got, want)
	}
	want := []string{"task/erp/1 erp-crm delete", "task/erp/2 crm-erp delete"}
	if diff := cmp.Diff(want, told(w.changes(engine.PreviewQuery{}))); diff != "" {
		t.Error(diff)
	}
	if got, want := w.left(), "7 in the ERP, 7 in the CRM"; got != want {
		t.Errorf("a preview deletes: got %s, want %s", got, want)
	}
}

// Requirement: X3-16
func TestConfirmedRunDeletesWhatItShowed(t *testing.T) {
	w := newMailbox(t)
	w.tasks(8, 5)
	w.set.Confirm = engine.ConfirmAlways
	w.open()
	w.dropTask(1)
	w.cycles(2)
	if got, want := w.left(), "8 in the ERP, 7 in the CRM"; got != want {
		t.Fatalf("before the tick: got %s, want %s", got, want)
	}
	for range 3 {
		if p := w.engine.Status().Preview; p != nil && p.Waits {
			must(t, w.say(engine.Tick, p.Digest))
		}
		w.cycles(1)
	}
	if got, want := w.left(), "7 in the ERP, 7 in the CRM"; got != want {
		t.Errorf("after it: got %s, want %s; preview %+v", got, want, w.engine.Status().Preview)
	}
}

// A record that a person left out is not deleted, nor is one that is held.
func TestLeftOutIsNotDeleted(t *testing.T) {
	w := newMailbox(t)
	w.tasks(8, 5)
	must(t, w.say(engine.LeaveOut, "task/erp/1"))
	w.byExternal(record.Task, "TA2").Held = "outlook-private"
	w.erp.drop(record.Task, "1")
	w.erp.drop(record.Task, "2")
	w.cycles(4)
	if got, want := w.left(), "6 in the ERP, 8 in the CRM"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	must(t, w.say(engine.Unmark, "task/erp/1"))
	w.cycles(4)
	if got, want := w.left(), "6 in the ERP, 7 in the CRM"; got != want {
		t.Errorf("no more left out: got %s, want %s; %s", got, want, w.states())
	}
}

// A side that refuses to delete a record is asked again in growing intervals, and the others go on.
func TestRefusedDeletion(t *testing.T) {
	w := newMailbox(t)
	w.tasks(8, 5)
	key, asked := w.byExternal(record.Task, "TA1").Key, 0
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		if op.Kind != connectors.Delete || op.Key != key {
			return nil
		}
		asked++
		return &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Rejected, "record-refused", "no")}
	}
	w.erp.drop(record.Task, "1")
	w.erp.drop(record.Task, "2")
	w.cycles(10)
	if got, want := w.left(), "6 in the ERP, 7 in the CRM"; got != want || asked < 3 || asked > 6 {
		t.Errorf("got %s after %d tries, want %s", got, asked, want)
	}
	w.crm.answer = nil
	must(t, w.say(engine.Retry, "all"))
	w.cycles(50)
	if got, want := w.left(), "6 in the ERP, 6 in the CRM"; got != want || len(w.waits()) > 0 {
		t.Errorf("got %s, want %s; waits %v", got, want, w.waits())
	}
}

// Of a record of which a creation is still under way nothing is deleted, and nobody is asked, before that has arrived: it would
// make the record again.
func TestNotDeletedWhileItIsMade(t *testing.T) {
	w := newMailbox(t, func(w *world) { w.set.Schedule.Interval, w.crm.traits.ServerLate = 30*time.Second, 10*time.Minute })
	tries := 0
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		if op.Kind != connectors.Create || op.Entity != record.Task {
			return nil
		}
		if tries++; tries > 1 {
			return nil
		}
		w.crm.late = append(w.crm.late, func() { w.crm.do(op) })
		return &connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Busy, "no-answer", "lost")}
	}
	w.task(1, 5)
	w.cycles(2)
	w.erp.drop(record.Task, "1")
	w.cycles(4)
	if got, want := w.left(), "0 in the ERP, 1 in the CRM"; got != want || tries != 2 || len(w.waits()) > 0 {
		t.Fatalf("got %s after %d tries, want %s after 2; waits %v", got, tries, want, w.waits())
	}
	w.crm.arriveLate()
	w.cycles(25)
	must(t, w.say(engine.DeleteToo, w.named("deleted-and-edited"))) // what the ERP alone decides was in doubt
	w.cycles(8)
	if got, want := w.left(), "0 in the ERP, 0 in the CRM"; got != want || len(w.waits()) > 0 {
		t.Errorf("got %s, want %s; waits %v", got, want, w.waits())
	}
}
