package sagex3_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

func byQueue(c *sagex3.Config) { c.Changes = sagex3.ByQueue }

// full is a look whose findings can't be kept.
var errFull = errors.New("no space left")

// A line of the queue is cleared once what it told is durable, and not before.
//
// Requirement: X3-42, X3-43
func TestQueueAfterCommit(t *testing.T) {
	r := newRig(t, byQueue)
	u, notes := r.user("1"), connectortest.NewNotes()
	key := r.make(record.Task)
	look(t, u, notes)
	look(t, u, notes) // takes away what the first look found there
	r.edit(record.Task, key)
	notes.Begin()
	notes.CommitErr = errFull
	if err := u.Observe(t.Context(), notes); !errors.Is(err, errFull) {
		t.Fatalf("a look that can't be kept: %v", err)
	}
	if lines := r.pending("U1"); lines != 1 {
		t.Fatalf("%d lines wait after a look that was not kept, want 1", lines)
	}
	notes.CommitErr = nil
	if told := look(t, u, notes)[record.Task]; !slices.Equal(told, []record.Key{key}) || r.pending("U1") != 0 {
		t.Errorf("told %v, %d lines wait", told, r.pending("U1"))
	}
	if told := look(t, u, notes); len(told) > 0 {
		t.Errorf("nothing happened, and told %v", told)
	}
}

// pending are the lines of a user that nobody dealt with.
func (r *rig) pending(user string) (n int) {
	for _, l := range r.Queue(user) {
		if l.Status == sagex3test.Pending {
			n++
		}
	}
	return n
}

// merging is an observation during whose commit a person changes what was told.
type merging struct {
	*connectortest.Notes
	change func()
}

// Commit keeps what was told, and lets the person work.
func (m *merging) Commit() error {
	m.change()
	return m.Notes.Commit()
}

// A change that X3 merges into a line that was told, and is now cleared, is seen by the read that follows.
func TestQueueMergedMeanwhile(t *testing.T) {
	r := newRig(t, byQueue)
	u, notes := r.user("1"), connectortest.NewNotes()
	key := r.make(record.Task)
	look(t, u, notes)
	look(t, u, notes)
	r.edit(record.Task, key)
	notes.Begin()
	must(t, u.Observe(t.Context(), &merging{notes, func() {
		must(t, r.Person("U1").Edit(sagex3test.Tasks, string(key), values{sagex3test.Subject: "Autre"}))
	}}))
	if got := r.one(u, record.Task, key).Fields["subject"].Text; !slices.Equal(notes.Told[record.Task], []record.Key{key}) || got != "Autre" {
		t.Errorf("told %v, and the read shows %q", notes.Told, got)
	}
}

// Forced lines are told, dropped ones are not; those of others are left alone, and one that can't be cleared is told again.
//
// Requirement: X3-38, X3-43
func TestQueueLines(t *testing.T) {
	r := newRig(t, byQueue)
	u, notes := r.user("1"), connectortest.NewNotes()
	key := r.make(record.Task)
	look(t, u, notes)
	look(t, u, notes)
	if n := r.Administrator().Force("U1", sagex3test.Tasks); n != 1 {
		t.Fatalf("%d lines were forced", n)
	}
	_, err := r.Person("U2").Create(sagex3test.Tasks, values{sagex3test.Subject: "Relance"})
	must(t, err)
	r.AddFault(sagex3test.Fault{Kind: sagex3test.CloseBefore, Op: "delete"})
	notes.Begin()
	err = u.Observe(t.Context(), notes)
	r.broke(err, connectors.Unavailable, sagex3.CodeUnreachable)
	for range 2 {
		if !slices.Equal(notes.Told[record.Task], []record.Key{key}) {
			t.Errorf("told %v, want %v", notes.Told, key)
		}
		look(t, u, notes)
	}
	if len(notes.Told) > 0 || r.pending("U2") != 1 {
		t.Errorf("told %v, %d lines of the other wait", notes.Told, r.pending("U2"))
	}
	r.edit(record.Task, key)
	must(t, r.Administrator().DropLine(r.Queue("U1")[0].Number))
	if told := look(t, u, notes); len(told) > 0 {
		t.Errorf("a line was dropped, and told %v", told)
	}
}

// Without the stamps of newer versions an import of yesterday still shows: once a day all is told.
func TestCompleteLook(t *testing.T) {
	r := newRig(t, nil, func(o *sagex3test.Options) { o.Switches.UpdDatTim = sagex3test.StampAbsent })
	u, notes := r.user("1"), connectortest.NewNotes()
	key := r.make(record.Task)
	r.AdvanceClock(72 * time.Hour)
	other := r.make(record.Task)
	look(t, u, notes)
	if told := look(t, u, notes)[record.Task]; !slices.Equal(told, []record.Key{other}) {
		t.Errorf("told %v, want what was changed on the last day, %s", told, other)
	}
	for _, after := range []time.Duration{25 * time.Hour, -100 * time.Hour} { // the box's clock may be put back
		r.AdvanceClock(after)
		if told := look(t, u, notes)[record.Task]; !slices.Contains(told, key) {
			t.Errorf("after %v told %v, without %s", after, told, key)
		}
	}
}

// An idle look costs one list of each object, whoever's the appointments are.
func TestIdleLook(t *testing.T) {
	r := newRig(t, nil)
	r.Fill(sagex3test.Seed{Users: 2, Customers: 3, Correspondents: 10, Tasks: 10, Calls: 10, Appointments: 20})
	u, notes := r.user("1"), connectortest.NewNotes()
	look(t, u, notes)
	first := r.Counters()
	look(t, u, notes)
	if got := r.Counters(); got.Calls-first.Calls != len(entities) {
		t.Errorf("%d calls of an idle look, want %d", got.Calls-first.Calls, len(entities))
	}
	look(t, r.user("2"), connectortest.NewNotes())
	if got := r.Counters(); got.Reads != first.Reads+1 { // of the user himself
		t.Errorf("the other user reads %d records, want one", got.Reads-first.Reads)
	}
}

// All users of a box share one pool: one call at a time.
func TestOneCallAtATime(t *testing.T) {
	r := newRig(t, nil, func(o *sagex3test.Options) { o.Switches.Children = sagex3test.Children(1) })
	r.make(record.Task)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	done := make(chan error)
	for _, n := range []string{"1", "2"} {
		go func() { done <- r.user(n).Observe(ctx, connectortest.NewNotes()) }()
	}
	for range 2 {
		must(t, <-done)
	}
	if got := r.Counters(); got.PeakConcurrent != 1 || got.Busy != 0 {
		t.Errorf("%d calls at a time, %d found the pool busy", got.PeakConcurrent, got.Busy)
	}
}
