package engine_test

import (
	"context"
	"strconv"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Somebody in the ERP changes a card in the moment after it was born from a customer of the CRM: before the
// contact on it is bound.
//
// Requirement: ACO-9, ACO-56
func TestEditOfANewbornCard(t *testing.T) {
	w := newWorld(t, true)
	w.cycles(1)
	bornInCRM(w)
	w.erp.answer = func(op connectors.Op) *connectors.Result {
		if op.Kind != connectors.Create {
			return nil
		}
		r := w.erp.do(op)
		w.erp.put(record.Contact, r.Key, record.Fields{"email": text("eve.roy@example.org")})
		return &r
	}
	w.cycles(4)
	if got := w.crm.records[record.Contact]["6"].Fields["Email"].Text; got != "eve.roy@example.org" {
		t.Errorf("CRM: got %q, want what was typed last", got)
	}
	for k, r := range w.erp.records[record.Contact] {
		if got := r.Fields["email"].Text; got != "eve.roy@example.org" || r.Fields["full_name"].Text != "Ève Roy" {
			t.Errorf("card %s: got %q and %q", k, got, r.Fields["full_name"].Text)
		}
	}
	if wrong := isBorn(w); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// A contact becomes visible before the customer that it belongs to: it is bound all the same, and no second
// one is made beside it.
func TestContactSeenBeforeItsCustomer(t *testing.T) {
	w := newWorld(t, true)
	w.cycles(1)
	w.crm.put(record.Contact, "6", record.Fields{"AccountId": record.RefOf("5"), "FullName": text("Ève Roy"), "Email": text("eve@example.org")})
	w.cycles(1)
	w.crm.put(record.Account, "5", record.Fields{"Name": text("Client")})
	w.cycles(4)
	if n := len(w.crm.records[record.Contact]); n != 1 {
		t.Errorf("%d contacts in the CRM, want the one that a person made", n)
	}
	for k, r := range w.erp.records[record.Contact] {
		if r.Fields["full_name"].Text != "Ève Roy" || r.Fields["email"].Text != "eve@example.org" {
			t.Errorf("card %s: got %q and %q", k, r.Fields["full_name"].Text, r.Fields["email"].Text)
		}
	}
}

// The same where the answer to the creation was lost, and the card is found by its number.
func TestEditOfANewbornCardFoundByNumber(t *testing.T) {
	w := newUndecidedWorld(t, false, lostAfter)
	for k := range w.erp.records[record.Contact] {
		w.erp.put(record.Contact, k, record.Fields{"email": text("eve.roy@example.org")})
	}
	w.cycles(4)
	if got := w.crm.records[record.Contact]["8"].Fields["Email"].Text; got != "eve.roy@example.org" {
		t.Errorf("got %q, want what was typed last; journal %q", got, w.journal())
	}
}

// growing is an ERP where a new record takes the place behind the last one, and each write is prepared for the
// place it saw.
type growing struct{ erpSide }

func (s growing) place() string { return strconv.Itoa(len(s.records[record.Account])) }

func (s growing) Prepare(ctx context.Context, op connectors.Op) ([]byte, error) {
	if op.Kind == connectors.Create {
		return []byte(s.place()), nil
	}
	return s.erpSide.Prepare(ctx, op)
}

func (s growing) Apply(ctx context.Context, ops []connectors.Op) (all []connectors.Result) {
	for _, op := range ops {
		if op.Kind == connectors.Create && string(op.Token) != s.place() {
			all = append(all, connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Busy, "card-changed", "somebody has added a card")})
			continue
		}
		all = append(all, s.erpSide.Apply(ctx, []connectors.Op{op})...)
	}
	return all
}

// Several customers of the CRM are born in one cycle, each behind the one before it.
//
// Requirement: ACO-56
func TestBirthsOfOneCycle(t *testing.T) {
	w := newWorld(t, true)
	w.cycles(1)
	for n := range 3 {
		w.crm.put(record.Account, record.Key(strconv.Itoa(5+n)), record.Fields{"Name": text("Nouveau " + strconv.Itoa(n))})
	}
	w.simple = growing{erpSide{w.erp}}
	w.reopen(w.crm)
	w.cycles(1)
	if got := len(w.erp.records[record.Account]); got != 3 {
		t.Errorf("%d of 3 customers are in the ERP after one cycle; waits %q", got, w.waits())
	}
}
