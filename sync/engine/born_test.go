package engine_test

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
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

// The customer is deleted in the CRM in the moment after its card was born, and somebody types on the card. When it is
// created anew, of what its contact shows on both sides nothing is lost without a word.
func TestContactOfACustomerThatIsCreatedAnew(t *testing.T) {
	w := newWorld(t, true)
	w.cycles(1)
	w.crm.put(record.Account, "5", record.Fields{"Name": text("Nouveau")})
	w.erp.answer = func(op connectors.Op) *connectors.Result {
		if op.Kind != connectors.Create {
			return nil
		}
		r := w.erp.do(op)
		w.erp.put(record.Contact, r.Key, record.Fields{"email": text("eve.roy@example.org")})
		w.crm.put(record.Contact, "6", record.Fields{"AccountId": record.RefOf("5"), "FullName": text("Ève Roy"), "Email": text("eve@example.org")})
		delete(w.crm.records[record.Account], "5")
		return &r
	}
	w.cycles(2)
	must(t, w.say(engine.Recreate, w.name(store.Deleted, "")))
	w.cycles(3)
	if w.has("conflict-settled") == 0 {
		t.Errorf("got %q; journal %q", w.crm.records[record.Contact]["6"].Fields["Email"].Text, w.journal())
	}
}

// halfway is an ERP in which a new customer was cut off half-written: nobody sees it before a person has saved it.
type halfway struct {
	erpSide
	begun connectors.Op
	asked int // what became of it
}

func (s *halfway) fault() error {
	return connectors.Errorf(connectors.Rejected, "card-half-written", "it is being created")
}

func (s *halfway) Prepare(ctx context.Context, op connectors.Op) ([]byte, error) {
	if s.begun.Kind == connectors.Create && op.Kind == connectors.Create {
		return nil, s.fault()
	}
	return s.erpSide.Prepare(ctx, op)
}

func (s *halfway) Apply(ctx context.Context, ops []connectors.Op) (all []connectors.Result) {
	for _, op := range ops {
		if op.Kind == connectors.Create {
			s.begun = op
			all = append(all, connectors.Result{Outcome: connectors.InDoubt, Err: s.fault()})
			continue
		}
		all = append(all, s.erpSide.Apply(ctx, []connectors.Op{op})...)
	}
	return all
}

func (s *halfway) Resolve(ctx context.Context, op connectors.Op) connectors.Result {
	if s.begun.Kind == connectors.Create && op.Kind == connectors.Create {
		s.asked++
		return connectors.Result{Outcome: connectors.InDoubt, Err: s.fault()}
	}
	return s.erpSide.Resolve(ctx, op)
}

// save has a person save what was begun.
func (s *halfway) save() {
	s.do(s.begun)
	s.begun = connectors.Op{}
}

// A person saves the card that the box could not end, and types in it: what was sent for it is still known.
func TestEditOfACardSavedByHand(t *testing.T) {
	erp := &halfway{}
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
		erp.erpSide = erpSide{w.erp}
		w.simple = erp
	})
	w.cycles(1)
	bornInCRM(w)
	w.cycles(8)
	if !slices.ContainsFunc(w.waits(), func(s string) bool { return strings.Contains(s, "card-half-written") }) {
		t.Fatalf("nobody is asked to save the card: %q", w.waits())
	}
	asked := erp.asked
	if w.cycles(3); erp.asked != asked {
		t.Errorf("asked %d times for what is a person's matter", erp.asked-asked)
	}
	erp.save()
	for k := range w.erp.records[record.Contact] {
		w.erp.put(record.Contact, k, record.Fields{"email": text("eve.roy@example.org")})
	}
	w.cycles(4)
	if got := w.crm.records[record.Contact]["6"].Fields["Email"].Text; got != "eve.roy@example.org" {
		t.Errorf("CRM: got %q, want what was typed last; waits %q, journal %q", got, w.waits(), w.journal())
	}
	for k, r := range w.erp.records[record.Contact] {
		if got := r.Fields["email"].Text; got != "eve.roy@example.org" {
			t.Errorf("card %s: got %q", k, got)
		}
	}
	if open := w.unsettled(); len(open) != 0 || len(w.waits()) != 0 {
		t.Errorf("still open: %q; waits %q", open, w.waits())
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

// Somebody is at work on the contact of a customer that was born in the CRM, from the moment on in which it can be seen:
// what stands on the customer's card is no second one.
func TestContactInUseAfterTheBirth(t *testing.T) {
	w := newWorld(t, true)
	w.cycles(1)
	w.crm.put(record.Account, "5", record.Fields{"Name": text("Nouveau")})
	w.cycles(1)
	w.crm.put(record.Contact, "6", record.Fields{"AccountId": record.RefOf("5"), "FullName": text("Ève Roy"), "Email": text("eve@example.org")})
	w.crm.later = map[string]bool{"contact 6": true}
	w.cycles(3)
	if n := len(w.crm.records[record.Contact]); n != 1 {
		t.Errorf("%d contacts in the CRM, want the one that a person made", n)
	}
	w.crm.later = nil
	w.cycles(3)
	if wrong := isBorn(w); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// A customer of the CRM and its contact were created in the ERP without an answer. The ERP shows the contact before it shows
// the customer, or shows that one in a way that can't be taken first, so that the contact waits for it; what people typed meanwhile
// is newer than what was sent.
//
// Requirement: ACO-63
func TestContactShownBeforeItsNewCustomer(t *testing.T) {
	for name, held := range map[string]bool{"whole": false, "held first": true} {
		t.Run(name, func(t *testing.T) { contactBeforeItsCustomer(t, held) })
	}
}

func contactBeforeItsCustomer(t *testing.T, held bool) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) { w.erp.traits.Upsert, w.erp.traits.ServerLate = false, time.Hour })
	w.simple = w.erp
	w.reopen(w.crm)
	w.cycles(1)
	w.line.fault = fault{call: 1, kind: lostAfter}
	w.crm.put(record.Account, "9", record.Fields{"Name": text("Client")})
	w.contactOf("9", "05", "Luc")
	w.cycles(1)
	w.crm.put(record.Contact, "05", record.Fields{"FullName": text("Luc Roy")})
	hidden := maps.Clone(w.erp.records[record.Account])
	clear(w.erp.records[record.Account])
	w.cycles(2)
	for k, r := range hidden {
		if held {
			w.erp.put(record.Account, k, r.Fields).Held = "erp-unknown-code"
			w.cycles(2)
		}
		w.erp.put(record.Account, k, r.Fields).Held = ""
	}
	w.cycles(8)
	for _, s := range []*side{w.erp, w.crm} {
		for _, r := range s.records[record.Contact] {
			if got := r.Fields["FullName"].Text + r.Fields["full_name"].Text; got != "Luc Roy" {
				t.Errorf("%s: the contact is %q; waits %q, journal %q", s.name, got, w.waits(), w.journal())
			}
		}
	}
	if n, m := len(w.erp.records[record.Contact]), len(w.crm.records[record.Contact]); n != 1 || m != 1 {
		t.Errorf("%d contacts in the ERP, %d in the CRM", n, m)
	}
}

// The contact of a customer is deleted in the CRM in the middle of a cycle, and another one is the first from then on, of which
// nobody has told yet: it takes the place, and none is made beside it.
func TestNextContactAfterADeletion(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true, RecreateAuto: true}, nil)
	w.customer(2, "Client")
	w.cycles(2)
	w.erp.put(record.Account, "2", record.Fields{"city": text("Gaspé")})
	w.erp.put(record.Contact, "2", record.Fields{"email": text("neuf@example.org")})
	w.crm.answer = func(connectors.Op) *connectors.Result {
		w.crm.answer = nil
		account := w.byExternal(record.Account, "CU2").Key
		delete(w.crm.records[record.Contact], w.byExternal(record.Contact, "CC2").Key)
		w.contactOf(account, "50", "Next")
		return nil
	}
	w.cycles(4)
	if now := w.byExternal(record.Contact, "CC2"); len(w.crm.records[record.Contact]) != 1 || now == nil || now.Key != "50" {
		t.Errorf("contacts %v; waits %q", w.crm.records[record.Contact], w.waits())
	}
	w.crm.answer = func(connectors.Op) *connectors.Result { // and one without a next one is made again
		w.crm.answer = nil
		delete(w.crm.records[record.Contact], "50")
		return nil
	}
	w.erp.put(record.Account, "2", record.Fields{"city": text("Québec")})
	w.erp.put(record.Contact, "2", record.Fields{"email": text("autre@example.org")})
	w.cycles(3)
	if w.byExternal(record.Contact, "CC2") == nil {
		t.Errorf("it is not made again; waits %q", w.waits())
	}
}

// A customer of the CRM was created in the ERP without an answer, and the ERP shows neither when it is looked for, nor when the
// second try is refused for its number. What people typed on its card meanwhile is newer than what was sent.
//
// Requirement: ACO-9, ACO-56
func TestEditOfANewbornCardWhoseSecondTryIsRefused(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) { w.erp.traits.Upsert = false })
	w.simple = w.erp
	w.reopen(w.crm)
	w.cycles(1)
	w.line.fault = fault{call: 1, kind: lostAfter}
	bornInCRM(w)
	w.cycles(1)
	hidden := maps.Clone(w.erp.records[record.Account])
	clear(w.erp.records[record.Account])
	clear(w.erp.changed[record.Account])
	refused := 0
	w.erp.answer = func(op connectors.Op) *connectors.Result {
		if op.Kind != connectors.Create {
			return nil
		}
		refused++
		return &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Rejected, "number-taken", "%s", op.Entity)}
	}
	w.cycles(3)
	if refused == 0 {
		t.Fatal("it was not sent again")
	}
	for k, r := range hidden {
		w.erp.put(record.Account, k, r.Fields)
		w.erp.put(record.Contact, k, record.Fields{"email": text("eve.roy@example.org")})
	}
	w.cycles(4)
	if got := w.crm.records[record.Contact]["6"].Fields["Email"].Text; got != "eve.roy@example.org" || w.has("conflict-settled") > 0 {
		t.Errorf("CRM: got %q, want what was typed last, and no conflict; waits %q, journal %q", got, w.waits(), w.journal())
	}
	if wrong := isBorn(w); len(wrong) > 0 {
		t.Error(wrong)
	}
	if open := w.unsettled(); len(open) > 0 {
		t.Errorf("still open: %q", open)
	}
}
