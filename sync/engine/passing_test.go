package engine_test

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// The place of a card goes to another customer while something of the former one, or of the new one, is on its way.

// keepsItsOwn says that a contact of the former customer was not written over.
func keepsItsOwn(t *testing.T, w *world, key record.Key, name string) {
	t.Helper()
	if got := w.crm.records[record.Contact][key]; got == nil || got.Fields["FullName"].Text != name {
		t.Errorf("the former customer's contact %s is %v, want it called %q; waits %q", key, got, name, w.waits())
	}
	if got := w.byExternal(record.Contact, "CC2"); got == nil || got.Fields["FullName"].Text != "Autre Contact" {
		t.Errorf("the new customer's contact is %v; waits %q", got, w.waits())
	}
}

// Another contact of the former customer takes over as the first one, and nobody knows whether that was done when the place
// passes on: it is the former customer's all the same.
func TestTakenOverInDoubtThenPassedOn(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.Schedule.Interval = 30 * time.Second })
	w.customer(2, "Client")
	w.cycles(8)
	passContact(w)
	w.line.fault = fault{call: w.line.calls + 1, kind: lostAfter}
	w.cycles(1)
	goneCard(w)
	w.cycles(1)
	passPlace(w)
	w.cycles(12)
	keepsItsOwn(t, w, "500", "Zoé Roy")
}

// The former customer's contact is being made when the place passes on, and is found right after the new one's account.
func TestContactInDoubtThenPassedOn(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.crm.traits.Upsert, w.set.Schedule.Interval = false, 30*time.Second })
	w.customer(2, "Client")
	w.line.fault = fault{call: w.line.calls + 2, kind: lostAfter}
	w.cycles(1)
	former := w.byExternal(record.Contact, "CC2")
	if former == nil {
		t.Fatal("the contact was not made")
	}
	w.crm.untold = map[string]bool{"contact " + string(former.Key): true}
	goneCard(w)
	w.cycles(1)
	passPlace(w)
	w.line.fault = fault{call: w.line.calls + 1, kind: lostAfter}
	w.cycles(1)
	w.clock.now = w.clock.now.Add(time.Hour)
	w.cycles(12)
	keepsItsOwn(t, w, former.Key, "Contact 2")
}

// The new customer's account is made, and its answer lost; that of the former one never came to be. It is made once.
func TestMadeForTheNewOneInDoubt(t *testing.T) {
	for name, told := range map[string]bool{"found": false, "told": true} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.crm.mute, w.set.Schedule.Interval = !told, 30*time.Second })
			startIncarnated(w)
			w.line.fault = fault{call: w.line.calls + 1, kind: lostBefore}
			w.cycles(1)
			w.erp.later = map[string]bool{"account 2": true}
			w.cycles(8)
			w.erp.later = nil
			replaceCard(w)
			w.line.fault = fault{call: w.line.calls + 1, kind: late}
			w.cycles(2)
			w.crm.arriveLate()
			w.cycles(8)
			if len(w.crm.records[record.Account]) != 1 || w.byExternal(record.Account, "CU2").Fields["Name"].Text != "Autre" {
				t.Errorf("accounts %v; waits %q", w.crm.records[record.Account], w.waits())
			}
		})
	}
}

// The former customer's account was deleted in the CRM, and the new one's arrives late, told of by a look before it is looked
// for: it is not taken for the heir of the former one, which would have to give way to the new one's.
func TestMadeInPlaceOfADeletedOne(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.Schedule.Interval = 30 * time.Second })
	startIncarnated(w)
	w.cycles(2)
	deleteAccount(w)
	w.cycles(2)
	wantWaits(t, w, "deleted account 2 crm-record-deleted")
	replaceCard(w)
	w.line.fault = fault{call: w.line.calls + 1, kind: late}
	w.cycles(1)
	w.erp.later = map[string]bool{"account 2": true}
	w.cycles(1)
	w.erp.later = nil
	w.crm.arriveLate()
	w.cycles(10)
	if wrong := isReplacedAfterDeletion(w); len(wrong) > 0 {
		t.Error(wrong, w.crm.records[record.Account])
	}
	if n := w.crm.births["account CU2"]; n != 2 {
		t.Errorf("created %d times, want once for each customer", n)
	}
}

// The new customer's account can't be taken as it is: its contact waits for it.
func TestPassedOnAndHeld(t *testing.T) {
	w := newWorld(t, false)
	w.customer(2, "Client")
	w.cycles(2)
	former := w.byExternal(record.Contact, "CC2").Key
	goneCard(w)
	w.cycles(1)
	passPlace(w)
	w.erp.records[record.Account]["2"].Held = "erp-unknown-code"
	w.cycles(4)
	if got := w.crm.records[record.Contact][former].Fields["FullName"].Text; got != "Contact 2" {
		t.Errorf("the former customer's contact is called %q", got)
	}
	wantWaits(t, w, "quarantine account 2 erp-unknown-code")
	w.erp.put(record.Account, "2", nil).Held = ""
	w.cycles(3)
	keepsItsOwn(t, w, former, "Contact 2")
}

// A customer without a contact was deleted, and its place passes on between the turns of account and contact: the new
// customer's contact is not made for the former one's account.
func TestContactMadeForTheFormerOne(t *testing.T) {
	w := newWorld(t, false)
	w.customer(2, "Client")
	delete(w.erp.records[record.Contact], "2")
	w.cycles(2)
	w.erp.records[record.Account]["2"].Gone = true
	w.erp.put(record.Account, "2", nil)
	w.cycles(1)
	w.erp.changed[record.Contact]["2"] = true
	w.crm.answer = func(connectors.Op) *connectors.Result {
		w.crm.answer = nil
		passPlace(w)
		return nil
	}
	w.cycles(4)
	if n := len(w.crm.records[record.Contact]); n != 1 || w.byExternal(record.Contact, "CC2").Fields["AccountId"].Key() != w.byExternal(record.Account, "CU2").Key {
		t.Errorf("%d contacts: %v", n, w.crm.records[record.Contact])
	}
}

// The former customer's account was merged into one that inherited our identity, and into another one after that, when the
// place passes on: the CRM's values are no edits of the new customer's.
func TestMergedTwiceThenPassedOn(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	merge := func(into record.Key) {
		loser := w.byExternal(record.Account, "CU2")
		heir := w.crm.put(record.Account, into, record.Fields{"Name": text("Fusion " + string(into)), "Sync.CustomerNumber": text("C2")})
		delete(w.crm.records[record.Account], loser.Key)
		w.crm.changed[record.Account][loser.Key], heir.ExternalID = true, "CU2"
	}
	merge("77")
	goneCard(w)
	w.cycles(1)
	merge("78")
	passPlace(w)
	w.cycles(4)
	if old := w.crm.records[record.Account]["78"]; old.Fields["Name"].Text != "Fusion 78" || old.ExternalID != "CU2.r1" {
		t.Errorf("the heir is %q, %v", old.ExternalID, old.Fields)
	}
	if now := w.byExternal(record.Account, "CU2"); now == nil || now.Fields["Name"].Text != "Autre" {
		t.Errorf("the new customer: %v; waits %q", now, w.waits())
	}
}

// The account was deleted in the CRM and merged into one that two were merged into, so that it is nobody's. When the place
// passes on, it loses our identity to the new customer's account, also in a CRM that knows a second creation by it.
func TestIdentityOfSomebodyElse(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.SweepRarely = time.Minute })
	crm := mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}
	w.reopen(crm)
	w.customer(2, "Client")
	w.customer(3, "Other")
	w.cycles(2)
	heir := w.crm.put(record.Account, "77", record.Fields{"Name": text("Client"), "Sync.CustomerNumber": text("C2")})
	for _, ext := range []string{"CU2", "CU3"} {
		loser := w.byExternal(record.Account, ext).Key
		delete(w.crm.records[record.Account], loser)
		crm.heirs[loser] = "77"
	}
	heir.ExternalID = "CU2"
	delete(w.crm.changed[record.Account], "77")
	goneCard(w)
	w.cycles(1)
	passPlace(w)
	w.cycles(2)
	w.must(engine.NotSame, w.name(store.Identity, ""))
	w.cycles(4)
	if heir.Fields["Name"].Text != "Client" || heir.ExternalID == "CU2" {
		t.Errorf("the one that was merged into is %q, %v", heir.ExternalID, heir.Fields)
	}
	if now := w.byExternal(record.Account, "CU2"); now == nil || now.Fields["Name"].Text != "Autre" {
		t.Errorf("the new customer: %v; waits %q", now, w.waits())
	}
}

// The contact of a card was deleted in the CRM and is to be created again when a customer that was born in the CRM comes to
// stand in the card's place: that one has a contact of its own, also in an ERP that has an identity of its own for its cards.
func TestOwnContactInAPassedPlace(t *testing.T) {
	for _, incarnated := range []bool{false, true} {
		w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true, RecreateAuto: true}, nil)
		w.customer(2, "Client")
		if incarnated {
			w.incarnate("u2")
		}
		w.cycles(2)
		deleteContact(w)
		vacate(w)
		bornInCRM(w)
		w.erp.answer = func(op connectors.Op) *connectors.Result {
			r := w.erp.do(op)
			if incarnated {
				w.incarnate("u3")
			}
			return &r
		}
		w.cycles(6)
		if n := len(w.crm.records[record.Contact]); n != 1 || w.crm.records[record.Contact]["6"].ExternalID != "CC2" {
			t.Errorf("%d contacts, the customer's own is %+v", n, w.crm.records[record.Contact]["6"])
		}
	}
}

// incarnate gives card 2 an identity that is never given twice.
func (w *world) incarnate(id string) {
	for _, e := range []record.Entity{record.Account, record.Contact} {
		w.erp.records[e]["2"].Incarnation = id
	}
}

// The new customer's account was made, which nobody heard of, and deleted again before a resync makes the map anew: that the
// former one gave its place away is known from the CRM, and its contact stays its own.
func TestPassedOnBeforeAResync(t *testing.T) {
	w := newWorld(t, false)
	w.customer(2, "Client")
	w.cycles(2)
	former := w.byExternal(record.Contact, "CC2").Key
	goneCard(w)
	w.cycles(1)
	passPlace(w)
	w.line.fault = fault{call: w.line.calls + 1, kind: lostAfter}
	w.cycles(1)
	delete(w.crm.records[record.Account], w.byExternal(record.Account, "CU2").Key)
	w.resync(rebuild)
	w.cycles(4)
	keepsItsOwn(t, w, former, "Contact 2")
}

// The account was deleted in the CRM, and a person is asked about it, when its place passes on: from the moment on in which
// the new customer's is sent, there is nothing to ask. A word about the former one would have the new one made twice.
func TestQuestionOfAPassedPlace(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.SweepRarely = time.Minute })
	w.customer(2, "Client")
	w.cycles(2)
	goneCard(w)
	w.cycles(1)
	deleteAccount(w)
	w.crm.put(record.Contact, w.byExternal(record.Contact, "CC2").Key, nil)
	w.erp.later = map[string]bool{"account 2": true}
	w.cycles(2)
	wantWaits(t, w, "deleted account 2 crm-record-deleted")
	w.erp.later = nil
	passPlace(w)
	w.line.fault = fault{call: w.line.calls + 1, kind: late}
	w.cycles(1)
	wantWaits(t, w)
}
