package engine_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// mark leaves a record out as a person's word does, between two runs.
func (w *world) mark(mark store.Mark, e record.Entity, erp, crm record.Key) {
	w.t.Helper()
	must(w.t, w.state.Update(func(t *store.Txn) error {
		t.PutExempt(store.Exemption{Entity: e, ERP: erp, CRM: crm, Mark: mark, At: w.clock.now, Seq: t.Next("exempt")})
		return nil
	}))
}

// marks gives all marks there are.
func (w *world) marks() (all []string) {
	must(w.t, w.state.View(func(t *store.Txn) {
		t.Exemptions(func(x store.Exemption) bool {
			all = append(all, fmt.Sprintf("%s %s %s %s", x.Mark, x.Entity, x.ERP, x.CRM))
			return true
		})
	}))
	return all
}

func (w *world) account(ext string) string {
	r := w.byExternal(record.Account, ext)
	if r == nil {
		return "none"
	}
	return r.Fields["City"].Text
}

// A record that is never to be written stays as it is on both sides, whatever changes there, and nothing of it counts as
// agreed: without the mark it goes on where it stood.
//
// Requirement: BOB-11, BOB-12, BOB-14
func TestNeverInEitherDirection(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.customer(3, "Autre")
	w.cycles(3)
	contact := w.byExternal(record.Contact, "CC2")
	must(t, w.say(engine.LeaveOut, "account/erp/2"))
	must(t, w.say(engine.LeaveOut, engine.RecordName(record.Contact, "", contact.Key)))
	want := []string{"never account 2 " + string(w.byExternal(record.Account, "CU2").Key), "never contact 2 " + string(contact.Key)}
	if diff := cmp.Diff(want, w.marks()); diff != "" {
		t.Error(diff)
	}
	before := w.writes()
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.crm.put(record.Contact, contact.Key, record.Fields{"Email": text("crm@example.org")})
	w.erp.put(record.Contact, "2", record.Fields{"full_name": text("Jean Tremblay")})
	w.cycles(4)
	if n := w.writes() - before; n > 0 {
		t.Errorf("%d writes", n)
	}
	wantWaits(t, w)
	if w.cache.AnyDirty() {
		t.Error("it is looked at in every cycle")
	}
	must(t, w.say(engine.Unmark, "account/erp/2"))
	must(t, w.say(engine.Unmark, "contact/erp/2"))
	w.cycles(2)
	if got := w.account("CU2"); got != "Lévis" {
		t.Errorf("city in the CRM: got %q", got)
	}
	if got := w.byExternal(record.Contact, "CC2").Fields["FullName"].Text; got != "Jean Tremblay" {
		t.Errorf("name in the CRM: got %q", got)
	}
	if got := w.erp.records[record.Contact]["2"].Fields["email"].Text; got != "crm@example.org" {
		t.Errorf("e-mail in the ERP: got %q", got)
	}
	if len(w.marks()) > 0 {
		t.Errorf("marks left: %v", w.marks())
	}
}

// A record that is nowhere else yet is not created. What refers to it waits and tells why, what does not goes on.
//
// Requirement: BOB-11
func TestNeverCreated(t *testing.T) {
	w := newWorld(t, true)
	w.document(102, w.customer(2, "Client"))
	w.document(103, w.customer(3, "Autre"))
	w.mark(store.Never, record.Account, "2", "")
	w.crm.put(record.Account, "900", record.Fields{"Name": text("Né dans le CRM")})
	w.crm.put(record.Contact, "901", record.Fields{"AccountId": record.RefOf("900"), "FullName": text("Jeanne Roy")})
	w.mark(store.Never, record.Account, "", "900")
	w.cycles(4)
	wantWaits(t, w, "reference contact 2 reference-marked", "reference document 102 reference-marked")
	if len(w.crm.records[record.Account]) != 2 || len(w.erp.writes) > 0 || w.byExternal(record.Document, "DO103") == nil {
		t.Errorf("%d accounts in the CRM, %d writes to the ERP, waits %v", len(w.crm.records[record.Account]), len(w.erp.writes), w.waits())
	}
	must(t, w.say(engine.Unmark, "account/erp/2"))
	must(t, w.say(engine.Unmark, "account/crm/900"))
	w.cycles(3)
	wantWaits(t, w)
	if w.byExternal(record.Document, "DO102") == nil || len(w.erp.records[record.Account]) != 3 {
		t.Errorf("document %v, %d accounts in the ERP", w.byExternal(record.Document, "DO102"), len(w.erp.records[record.Account]))
	}
	births := 0
	for _, n := range w.crm.births {
		births += n
	}
	if births != 6 {
		t.Errorf("%d births in the CRM, want 6: %v", births, w.crm.births)
	}
}

// A contact that is left out does not stand on the card of the customer that is born with it.
func TestNeverBornWith(t *testing.T) {
	w := newWorld(t, true)
	w.cycles(1)
	w.crm.put(record.Account, "900", record.Fields{"Name": text("Né dans le CRM")})
	w.crm.put(record.Contact, "901", record.Fields{"AccountId": record.RefOf("900"), "Email": text("j@example.org")})
	w.mark(store.Never, record.Contact, "", "901")
	w.cycles(4)
	if len(w.erp.records[record.Account]) != 1 {
		t.Fatalf("%d accounts in the ERP", len(w.erp.records[record.Account]))
	}
	for _, r := range w.erp.records[record.Contact] {
		if !r.Fields["email"].Empty() {
			t.Errorf("the card shows %v", r.Fields)
		}
	}
	must(t, w.say(engine.Unmark, "contact/crm/901"))
	w.cycles(3)
	for _, r := range w.erp.records[record.Contact] {
		if r.Fields["email"].Text != "j@example.org" {
			t.Errorf("without the mark the card shows %v", r.Fields)
		}
	}
}

// "Not this time" holds for one run that ends in success; then the record is looked at again.
//
// Requirement: BOB-13, BOB-14
func TestNotThisTime(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(3)
	w.mark(store.NotThisTime, record.Account, "2", w.byExternal(record.Account, "CU2").Key)
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.crm.observeErr = connectors.Errorf(connectors.Unavailable, "crm-unreachable", "no answer")
	w.cycles(2)
	if len(w.marks()) != 1 {
		t.Error("a run that failed ended the mark")
	}
	w.crm.observeErr = nil
	w.cycles(1)
	if got := w.account("CU2"); got != "Québec" || len(w.marks()) != 0 {
		t.Errorf("after one run: %q, marks %v", got, w.marks())
	}
	w.cycles(1)
	if got := w.account("CU2"); got != "Lévis" {
		t.Errorf("after the next one: %q", got)
	}
}

// A mark that is made while a run is under way is for the next one as well.
//
// Requirement: BOB-13
func TestNotThisTimeOfALaterRun(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(3)
	looks := w.crm.looks
	w.crm.failing = func() error {
		if w.crm.looks == looks+1 && len(w.marks()) == 0 {
			w.mark(store.NotThisTime, record.Account, "2", w.byExternal(record.Account, "CU2").Key)
		}
		return nil
	}
	if w.cycles(1); len(w.marks()) != 1 {
		t.Error("the run in which it was made ended it")
	}
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	if w.cycles(1); w.account("CU2") != "Québec" {
		t.Error("the next run wrote it")
	}
	if w.cycles(1); w.account("CU2") != "Lévis" {
		t.Error("the one after that did not")
	}
}

// Of the two marks the last word counts; what is no record's name is refused.
//
// Requirement: BOB-14
func TestMarksExclude(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(3)
	for _, v := range []engine.Verb{engine.LeaveOut, engine.NotThisTime, engine.LeaveOut} {
		must(t, w.say(v, "account/erp/2"))
	}
	if got := w.marks(); len(got) != 1 || got[0][:5] != "never" {
		t.Errorf("got %v", got)
	}
	for _, name := range []string{"", "account", "account/erp/", "nothing/erp/2", "account/nowhere/2"} {
		if err := w.say(engine.LeaveOut, name); !errors.Is(err, engine.ErrNoSuch) {
			t.Errorf("%q: got %v", name, err)
		}
	}
	must(t, w.say(engine.Unmark, "account/erp/2"))
	if err := w.say(engine.Unmark, "account/erp/2"); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("again: got %v", err)
	}
}

// Nobody is asked about a record that is left out.
func TestMarkedDoesNotWait(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(3)
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")}).Held = "unknown-code"
	w.cycles(5)
	if n := w.engine.Status().Waiting; n[store.Quarantine] != 1 {
		t.Fatalf("waits %v", n)
	}
	must(t, w.say(engine.LeaveOut, "account/erp/2"))
	if n := w.engine.Status().Waiting; n[store.Quarantine] != 0 {
		t.Errorf("marked: waits %v", n)
	}
	must(t, w.say(engine.Unmark, "account/erp/2"))
	if n := w.engine.Status().Waiting; n[store.Quarantine] != 1 {
		t.Errorf("unmarked: waits %v", n)
	}
	w.erp.records[record.Account]["2"].Held = ""
	w.cycles(1)
	if w.clock.now = w.clock.now.Add(25 * time.Hour); true {
		w.cycles(2)
	}
	wantWaits(t, w)
	if got := w.account("CU2"); got != "Lévis" {
		t.Errorf("got %q", got)
	}
}

// Marks outlive a resync that makes the map anew.
func TestMarksOutliveAResync(t *testing.T) {
	w := newWorld(t, true)
	for n := 2; n < 6; n++ {
		w.customer(n, "Client")
	}
	w.mark(store.Never, record.Account, "5", "")
	w.cycles(3)
	w.mark(store.Never, record.Account, "2", w.byExternal(record.Account, "CU2").Key)
	before := w.marks()
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.resync(store.Repair{Level: 2, Phase: store.RepairSettle})
	if diff := cmp.Diff(before, w.marks()); diff != "" {
		t.Error(diff)
	}
	if w.account("CU2") != "Québec" || w.account("CU5") != "none" {
		t.Errorf("in the CRM: %q, %q", w.account("CU2"), w.account("CU5"))
	}
}

// What was sent before a mark may arrive while it holds: what a person types after that is an edit, be it what stood there
// before, and reaches the ERP once the mark is gone.
func TestMarkedValueArrives(t *testing.T) {
	for _, typed := range []string{"crm@example.org", "a2@example.org"} {
		w := newWorld(t, true)
		w.customer(2, "Client")
		w.cycles(3)
		contact := w.byExternal(record.Contact, "CC2")
		w.line.fault = fault{call: w.line.calls + 1, kind: late}
		w.erp.put(record.Contact, "2", record.Fields{"email": text("erp@example.org")})
		must(t, w.engine.Cycle(t.Context()))
		w.mark(store.Never, record.Contact, "2", contact.Key)
		w.crm.arriveLate()
		must(t, w.engine.Cycle(t.Context()))
		w.crm.put(record.Contact, contact.Key, record.Fields{"Email": text(typed)})
		w.cycles(3)
		must(t, w.say(engine.Unmark, "contact/erp/2"))
		w.cycles(3)
		erp, crm := w.erp.records[record.Contact]["2"].Fields["email"].Text, w.byExternal(record.Contact, "CC2").Fields["Email"].Text
		if erp != typed || crm != typed {
			t.Errorf("typed %q: ERP %q, CRM %q", typed, erp, crm)
		}
	}
}

// A preview shows marked records with what would be done of them, and does not count it.
func TestPreviewShowsMarks(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.customer(3, "Autre")
	w.mark(store.NotThisTime, record.Account, "2", "")
	p := w.showNext()
	want := map[record.Entity]engine.PreviewCounts{record.Account: {Create: [2]int{1, 0}, Marked: 1}, record.Contact: {Create: [2]int{1, 0}, Wait: 1}}
	if diff := cmp.Diff(want, p.Counts); diff != "" {
		t.Error(diff)
	}
	got := w.changes(engine.PreviewQuery{Entity: record.Account})
	if got[0].Mark != store.NotThisTime || got[0].Kind != engine.ChangeCreate || got[1].Mark != "" {
		t.Errorf("got %q", told(got))
	}
	if got := told(w.changes(engine.PreviewQuery{Entity: record.Contact, Class: engine.LeftOut})); len(got) != 1 || got[0] != "contact/erp/2  wait reference-marked" {
		t.Errorf("got %q", got)
	}
	w.cycles(2)
	w.showNext()
	must(t, w.say(engine.LeaveOut, "account/erp/3"))
	if s := w.engine.Status().Preview; s == nil || !s.Void {
		t.Errorf("after another mark: %+v", s)
	}
}
