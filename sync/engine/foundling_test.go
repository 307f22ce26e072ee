package engine_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// nameless is an ERP whose customers carry no number that we make. What becomes of a creation it tells only where says is nil.
type nameless struct {
	erpSide
	says *connectors.Result
	key  record.Key // of the customer that was created
}

func (n *nameless) Apply(_ context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	for i, op := range ops {
		if results[i] = n.do(op); op.Kind == connectors.Create {
			n.key = results[i].Key
			if n.says != nil {
				results[i] = connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Unavailable, "erp-unreachable", "no answer")}
			}
		}
	}
	return results
}

func (n *nameless) Resolve(ctx context.Context, op connectors.Op) connectors.Result {
	switch {
	case op.Kind != connectors.Create:
		return n.erpSide.Resolve(ctx, op)
	case n.says != nil:
		return *n.says
	}
	return connectors.Result{Outcome: connectors.Applied, Key: n.key}
}

// withoutNumbers makes a world in which customers of the ERP have their Id alone.
func withoutNumbers(t *testing.T, says *connectors.Result) (*world, *nameless) {
	erp := &nameless{says: says}
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
		rule := w.profile.Entity(record.Account)
		rule.Fields = slices.DeleteFunc(rule.Fields, func(f connectors.FieldRule) bool { return f.Policy == connectors.BusinessKey })
		rule.Identity, rule.Match = nil, nil
		erp.erpSide, w.simple = erpSide{w.erp}, erp
	})
	w.cycles(1)
	bornInCRM(w)
	return w, erp
}

// While it is not known what became of a customer that was to be created in the ERP, one that shows up there may be that one:
// it is not created in the CRM once more. A side that lets nobody in says nothing of what was done before.
func TestFoundling(t *testing.T) {
	for _, says := range []connectors.Result{
		{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Unavailable, "erp-unreachable", "no answer")},
		{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.RateLimited, "erp-rate-limited", "wait")},
		{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Auth, "erp-auth", "refused")},
	} {
		w, erp := withoutNumbers(t, &says)
		w.cycles(4)
		if n := len(w.crm.records[record.Account]); n != 1 {
			t.Errorf("%v: the CRM has %d accounts, want the one that people made", says.Err, n)
		}
		erp.says = nil
		w.cycles(3)
		got := w.crm.records[record.Account]["5"].ExternalID
		if n := len(w.crm.records[record.Account]); n != 1 || len(w.erp.records[record.Account]) != 1 || got != "CU"+string(erp.key) {
			t.Errorf("%v: the CRM has %d accounts, the ERP %d, linked as %q: %q", says.Err, n, len(w.erp.records[record.Account]), got, w.journal())
		}
	}
}

// A customer that we created in the ERP and that is gone before any look has shown it is missing from no list: it is read
// once more after the next look.
func TestBornAndGone(t *testing.T) {
	w, erp := withoutNumbers(t, nil)
	w.cycles(1)
	if erp.key == "" {
		t.Fatal("no customer was created")
	}
	for _, e := range []record.Entity{record.Account, record.Contact} {
		delete(w.erp.records[e], erp.key)
		clear(w.erp.changed[e])
	}
	w.customer(7, "Autre") // or nothing at all would be shown
	w.cycles(1)
	w.clock.now = w.clock.now.Add(time.Hour)
	w.cycles(3)
	for _, r := range w.crm.records[record.Account] {
		if r.Fields["Name"].Text != "Autre" && r.Fields["ERPActive"].Text != "false" {
			t.Errorf("%s is still active in the CRM: %q", r.Key, w.journal())
		}
	}
}

// A creation that was sent again to find out what became of it, without an answer, may arrive as late as any other: a refusal
// after that counts once nothing can arrive any more.
func TestSentAgain(t *testing.T) {
	lost := connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Unavailable, "erp-unreachable", "no answer")}
	w, erp := withoutNumbers(t, &lost)
	w.set.Schedule.Interval = 30 * time.Second
	w.cycles(8) // longer than a request can be late
	erp.says = &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Rejected, "erp-name-taken", "taken")}
	before := len(w.erp.writes)
	if w.cycles(2); len(w.erp.writes) > before {
		t.Errorf("it is created anew while it may arrive: %q", w.journal())
	}
	if w.cycles(6); len(w.erp.writes) == before {
		t.Errorf("it is never tried again: %q", w.journal())
	}
}
