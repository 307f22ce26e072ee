package outlook_test

import (
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/outlook"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/record"
)

// The trial makes a contact and an appointment, both private, and deletes them: the mailbox is as it was, and what looks at it
// meanwhile is told of nothing. An application that may read but not write is found out.
//
// Requirement: X3-4
func TestTrialOfWriting(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	check(t, r.box.Try(t.Context()))
	for _, k := range []outlooktest.Kind{outlooktest.Contact, outlooktest.Event} {
		if left := r.Items(alice, k); len(left) != 0 {
			t.Errorf("left of the trial: %d of %s", len(left), k)
		}
		for _, op := range []string{outlooktest.OpCreate, outlooktest.OpDelete} {
			if n := len(r.Journal(outlooktest.JournalQuery{Op: op, Kind: k})); n != 1 {
				t.Errorf("%s of %s: %d calls, want 1", op, k, n)
			}
		}
	}
	r.AddFault(outlooktest.Fault{Kind: outlooktest.Forbidden, Op: outlooktest.OpDelete, Item: outlooktest.Contact})
	if err := r.box.Try(t.Context()); connectors.CodeOf(err) != outlook.CodeMailboxDenied {
		t.Errorf("deletion refused: %v", err)
	}
	if left := r.Items(alice, outlooktest.Contact); len(left) != 1 || !left[0].Private {
		t.Errorf("a draft that can't be deleted: %+v", left)
	}
	r.AddFault(outlooktest.Fault{Kind: outlooktest.Forbidden, Op: outlooktest.OpCreate, Item: outlooktest.Event})
	if err := r.box.Try(t.Context()); connectors.CodeOf(err) != outlook.CodeMailboxDenied {
		t.Errorf("may not write: %v", err)
	}
	r.ClearFaults()
	before := len(r.Journal(outlooktest.JournalQuery{Writing: true}))
	tasks := r.tenant.Mailbox(outlook.MailboxConfig{Address: alice, Entities: []record.Entity{record.Task}})
	if err := tasks.Try(t.Context()); err != nil || len(r.Journal(outlooktest.JournalQuery{Writing: true})) != before {
		t.Errorf("tasks alone: something was written, %v", err)
	}
}
