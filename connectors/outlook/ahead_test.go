package outlook_test

import (
	"errors"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/record"
)

// asked tells the requests of a look: those by themselves, and those within batches.
func (r *rig) asked(look func()) (alone, within int) {
	r.t.Helper()
	mark := r.Mark()
	look()
	for _, c := range r.Journal(outlooktest.JournalQuery{After: mark}) {
		switch {
		case c.Batch != 0:
			within++
		case c.Op != outlooktest.OpToken && c.Status != 401:
			alone++
		}
	}
	return alone, within
}

// A look that finds nothing is one request with a batch of six in it; what somebody has changed is told all the same.
func TestIdleLookIsOneRequest(t *testing.T) {
	everywhere(t, func(r *rig) {
		id := must(r.alice().Create(outlooktest.Contact, "", object{"surname": "Petit"}))
		r.look()
		r.look()
		if alone, within := r.asked(func() { r.look() }); alone != 1 || within != 6 {
			r.t.Errorf("%d requests and %d within them, want 1 and 6", alone, within)
		}
		check(r.t, r.alice().Edit(id, object{"surname": "Grand"}))
		if told := r.look()[record.Contact]; len(told) != 1 || string(told[0]) != id {
			r.t.Errorf("told %q, want the one that was changed", told)
		}
	})
}

// A wait that one request of the batch is asked for holds for the look.
func TestBatchIsAskedToWait(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.look()
	r.AddFault(outlooktest.Fault{Kind: outlooktest.Throttle, Op: outlooktest.OpDelta})
	r.later()
	r.notes.Begin()
	err := r.box.Observe(t.Context(), r.notes)
	var e *connectors.Error
	if !errors.As(err, &e) || e.Kind != connectors.RateLimited || e.Retry < time.Second {
		t.Errorf("got %v, want a wait", err)
	}
	r.ClearFaults()
	r.look()
}
