package engine_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// dated is a CRM that lists what was changed since a moment.
type dated struct {
	*side
	when  map[record.Key]time.Time // of each task
	asked time.Time
	err   error
}

func (s *dated) ChangedSince(_ context.Context, e record.Entity, since time.Time, changed func(record.Key)) error {
	s.asked = since
	for key, at := range s.when {
		if e == record.Task && s.records[e][key] != nil && !at.Before(since) {
			changed(key)
		}
	}
	return s.err
}

// A resync since a day looks again at what was changed in the CRM since, which no look had told; not at what is older. Deletions
// are listed, not carried. It is asked for again where the CRM can't be read.
//
// Requirement: X3-40, X3-41
func TestResyncSince(t *testing.T) {
	w := newMailbox(t)
	w.tasks(4, 5)
	crm := &dated{side: w.crm, when: map[record.Key]time.Time{}, err: connectors.Errorf(connectors.Unavailable, "crm-down", "not now")}
	w.reopen(crm)
	day := w.clock.now.AddDate(0, 0, -3)
	for n, at := range map[int]time.Time{1: w.clock.now.AddDate(0, 0, -10), 2: w.clock.now, 3: w.clock.now} {
		key := w.byExternal(record.Task, "TA"+string(rune('0'+n))).Key
		quietly(w.crm, record.Task, key, record.Fields{"Title": text("changed")})
		crm.when[key] = at
	}
	w.cycles(2)
	must(t, w.say(engine.ResyncSince, day.Format(time.DateOnly)))
	w.cycles(1)
	if r := w.engine.Status().Resync; r == nil {
		t.Error("it is over though the CRM could not be read")
	}
	crm.err = nil
	w.dropTask(4)
	w.cycles(8)
	if r := w.engine.Status().Resync; r != nil {
		t.Fatalf("it is still under way: %+v", r)
	}
	if h, m, s := crm.asked.Clock(); h+m+s != 0 || crm.asked.Format(time.DateOnly) != day.Format(time.DateOnly) {
		t.Errorf("asked since %s, want the beginning of %s", crm.asked, day)
	}
	for key, want := range map[record.Key]string{"1": "Task 1", "2": "changed", "3": "changed", "4": "Task 4"} {
		if r := w.erp.records[record.Task][key]; r == nil || r.Fields["title"].Text != want {
			t.Errorf("task %s in the ERP: got %+v, want %q", key, r, want)
		}
	}
	if got := w.waits(); !slices.Contains(got, "deleted task 4 deletion-listed") {
		t.Errorf("waits %v, want the deletion listed", got)
	}
	for _, name := range []string{"", "now", "31.01.2026", "2026-02-30", "2999-01-31"} {
		if err := w.say(engine.ResyncSince, name); !errors.Is(err, engine.ErrNoSuch) {
			t.Errorf("since %q: got %v, want %v", name, err, engine.ErrNoSuch)
		}
	}
	w.reopen(w.crm)
	if err := w.say(engine.ResyncSince, day.Format(time.DateOnly)); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("of a CRM that does not list by days: got %v", err)
	}
}
