package outlook_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/record"
)

// Whatever goes wrong in a look, the next one tells what this one did not.
//
// Requirement: X3-42, LAB-5
func TestFaultsInALook(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault outlooktest.Fault
		kind  connectors.Kind // Unknown: the look goes through
	}{
		{"wait in a chain of pages", outlooktest.Fault{Kind: outlooktest.Throttle, Op: outlooktest.OpPage, Retry: 20 * time.Second}, connectors.RateLimited},
		{"ill, with HTML", outlooktest.Fault{Kind: outlooktest.Unavailable, Op: outlooktest.OpPage}, connectors.RateLimited},
		{"gateway", outlooktest.Fault{Kind: outlooktest.Unavailable, Op: outlooktest.OpPage, Status: 504}, connectors.Unavailable},
		{"token over between pages", outlooktest.Fault{Kind: outlooktest.Unauthorized, Op: outlooktest.OpPage}, connectors.Unknown},
		{"denied", outlooktest.Fault{Kind: outlooktest.Forbidden, Op: outlooktest.OpDelta}, connectors.Auth},
		{"token of a delta forgotten", outlooktest.Fault{Kind: outlooktest.Forgotten, Op: outlooktest.OpPage}, connectors.Unknown},
		{"cut", outlooktest.Fault{Kind: outlooktest.CutBody, Op: outlooktest.OpPage, Keep: 40}, connectors.Unavailable},
		{"lost", outlooktest.Fault{Kind: outlooktest.CloseAfter, Op: outlooktest.OpPage}, connectors.Unavailable},
		{"page twice", outlooktest.Fault{Kind: outlooktest.PageTwice}, connectors.Unknown},
		{"empty page", outlooktest.Fault{Kind: outlooktest.EmptyPage}, connectors.Unknown},
		{"item twice", outlooktest.Fault{Kind: outlooktest.DuplicateItem, Count: -1}, connectors.Unknown},
		{"told again", outlooktest.Fault{Kind: outlooktest.Replay, Count: -1}, connectors.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, outlooktest.Switches{})
				var ids []record.Key
				for n := range 7 {
					ids = append(ids, record.Key(must(r.alice().Create(outlooktest.Contact, "", object{"surname": "Dupont" + itoa(n)}))))
				}
				r.AddFault(tt.fault)
				r.later()
				told := map[record.Key]bool{}
				r.notes.Begin()
				err := r.box.Observe(t.Context(), r.notes)
				if connectors.KindOf(err) != tt.kind || (err != nil) != (tt.kind != connectors.Unknown) {
					t.Errorf("got %v, want kind %v", err, tt.kind)
				}
				note := func() {
					for _, key := range r.notes.Told[record.Contact] {
						told[key] = true
					}
				}
				note()
				r.ClearFaults()
				r.look()
				note()
				for _, id := range ids {
					if !told[id] {
						t.Error("a contact was never told")
					}
				}
				r.quiet(err)
			})
		})
	}
}

// A creation whose answer is lost is in doubt and found by its chrono; one that was not carried out is known not to be.
//
// Requirement: X3-34
func TestLostCreation(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault outlooktest.Fault
		want  connectors.Outcome
		made  int
	}{
		{"answer lost", outlooktest.Fault{Kind: outlooktest.CloseAfter, Op: outlooktest.OpCreate}, connectors.InDoubt, 1},
		{"answer cut", outlooktest.Fault{Kind: outlooktest.CutBody, Op: outlooktest.OpCreate, Keep: 20}, connectors.InDoubt, 1},
		{"asked to wait", outlooktest.Fault{Kind: outlooktest.Throttle, Op: outlooktest.OpCreate}, connectors.NotApplied, 0},
		{"ill, but done", outlooktest.Fault{Kind: outlooktest.Unavailable, Op: outlooktest.OpCreate, Status: 500, Done: true}, connectors.ReadBack, 1},
		{"gateway gave up", outlooktest.Fault{Kind: outlooktest.Unavailable, Op: outlooktest.OpCreate, Status: 504, Done: true}, connectors.InDoubt, 1},
		{"token over", outlooktest.Fault{Kind: outlooktest.Unauthorized, Op: outlooktest.OpCreate}, connectors.Applied, 1},
		{"denied", outlooktest.Fault{Kind: outlooktest.Forbidden, Op: outlooktest.OpCreate}, connectors.NotApplied, 0},
	} {
		for n, op := range samples("") {
			t.Run(tt.name+" "+string(op.Entity), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, outlooktest.Switches{TodoExtension: []string{outlooktest.TodoByGet, outlooktest.TodoExpandable}[n%2]})
					r.look()
					r.AddFault(tt.fault)
					res := r.apply(op)
					if res.Outcome != tt.want {
						t.Errorf("got %+v, want outcome %v", res, tt.want)
					}
					r.ClearFaults()
					r.later()
					found, err := r.box.Find(t.Context(), op.Entity, connectors.ExternalIDField, text(op.ExternalID))
					if err != nil || len(found) != tt.made {
						t.Errorf("found %d, %v, want %d", len(found), err, tt.made)
					}
					r.quiet(res.Err)
				})
			})
		}
	}
}

// An event that was sent twice is there once where transactionId is heeded; an answer that says so is taken for what it is.
func TestTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, outlooktest.Switches{})
		r.look()
		op := samples("")[3]
		op.ID = "op-1"
		r.AddFault(outlooktest.Fault{Kind: outlooktest.CloseAfter, Op: outlooktest.OpCreate})
		r.apply(op)
		r.later()
		op.Fields["Subject"] = text("Visite, encore")
		key := r.applied(op)
		if events := r.Items(alice, outlooktest.Event); len(events) != 1 || events[0].ID != key {
			t.Errorf("%d events", len(events))
		}
	})
}

// A refused secret stops everything, and nobody learns it; a mailbox that is denied stops alone.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, outlooktest.Switches{})
		r.Deny(alice, true)
		err := r.box.Observe(t.Context(), r.notes)
		if connectors.CodeOf(err) != "outlook-mailbox-denied" || connectors.KindOf(err) != connectors.Auth {
			t.Errorf("denied: got %v", err)
		}
		r.quiet(err)
		r.Deny(alice, false)
		r.look()
		r.AddFault(outlooktest.Fault{Kind: outlooktest.Unauthorized, Count: -1})
		err = r.box.Observe(t.Context(), r.notes)
		if connectors.CodeOf(err) != "outlook-auth" {
			t.Errorf("refused: got %v", err)
		}
		r.quiet(err)
	})
}

// What a mailbox as a whole answers is not taken for the end of its items.
//
// Requirement: X3-16
func TestOnlyA404IsAnEnd(t *testing.T) {
	for _, fault := range []outlooktest.Fault{
		{Kind: outlooktest.Forbidden}, {Kind: outlooktest.Unavailable}, {Kind: outlooktest.Unavailable, Status: 404}, {Kind: outlooktest.CloseBefore},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{})
			id := must(r.alice().Create(outlooktest.Contact, "", object{"surname": "Dupont"}))
			r.look()
			fault.Op, fault.Count = outlooktest.OpRead, -1
			r.AddFault(fault)
			if found, _, err := r.box.Read(t.Context(), record.Contact, []record.Key{record.Key(id)}); err == nil {
				t.Errorf("%s: %d records and no error", fault.Kind, len(found))
			}
			r.ClearFaults()
			r.later()
			if _, ok := r.read(record.Contact, id); !ok || !slices.Contains([]int{1}, len(r.Items(alice, outlooktest.Contact))) {
				t.Error("it is not there any more")
			}
		})
	}
}
