package sagex3_test

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

// holds gives a code as a task of X3 would show it.
func holds(u *sagex3.User, code string) string {
	shown, _ := u.Fields(record.Task)["company"].Hold(code)
	return shown
}

// A code that X3 left out of a record counts as nothing there, so that it stays where a person wrote it; a change to it is not sent
// again and again, but waits with its cause. After a day, or once a record shows it, it is a code as any other.
//
// Requirement: X3-23, X3-44
func TestUnknownCompany(t *testing.T) {
	r := newRig(t, nil)
	u := r.user("1")
	must(t, u.Check(t.Context()))
	if got := holds(u, "NOBODY"); got != "NOBODY" {
		t.Errorf("before: %q", got)
	}
	key := r.make(record.Task)
	change := connectors.Op{ID: "box-1", Kind: connectors.Update, Entity: record.Task, Key: key, Fields: record.Fields{"company": record.TextOf("nobody")}}
	if _, first := r.apply(u, change); first.Outcome != connectors.Applied {
		t.Fatalf("got %+v", first)
	}
	if got, other := holds(u, "NOBODY"), holds(u, "C00002"); got != "" || other != "C00002" {
		t.Errorf("after: %q and %q", got, other)
	}
	before := r.Mark()
	_, again := r.apply(u, change)
	r.broke(again.Err, connectors.Rejected, sagex3.CodeCompanyUnknown)
	if w := r.Written(sagex3test.JournalQuery{After: before}); len(w) > 0 || again.Outcome != connectors.NotApplied {
		t.Errorf("sent again: %+v", w)
	}
	r.AdvanceClock(25 * time.Hour)
	if got := holds(u, "NOBODY"); got != "NOBODY" {
		t.Errorf("a day later: %q", got)
	}
}

// A code that a record carries after all is known from then on.
func TestCompanyBecomesKnown(t *testing.T) {
	r := newRig(t, nil)
	u := r.user("1")
	make := func(id, subject string) {
		t.Helper()
		fields := record.Fields{"subject": record.TextOf(subject), "company": record.TextOf("LATER")}
		if _, got := r.apply(u, connectors.Op{ID: id, Kind: connectors.Create, Entity: record.Task, Fields: fields}); got.Outcome != connectors.Applied {
			t.Fatalf("got %+v", got)
		}
	}
	make("box-1", "one")
	if got := holds(u, "LATER"); got != "" {
		t.Errorf("before: %q", got)
	}
	r.AddCustomer("LATER", "Later SA")
	make("box-2", "two")
	if got := holds(u, "LATER"); got != "LATER" || len(r.Anomalies()) != 1 {
		t.Errorf("after: %q, %d anomalies", got, len(r.Anomalies()))
	}
}
