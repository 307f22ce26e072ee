package engine_test

import (
	"fmt"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// The place of a card goes to another customer while the CRM's record is in doubt, deleted or merged: nothing of the
// new customer ends up in a record of the old one.

// passPlace gives the place of card 2 to another customer, in an ERP that has no identity of its own for its cards.
func passPlace(w *world) {
	for _, e := range []record.Entity{record.Account, record.Contact} {
		delete(w.erp.records[e], "2")
	}
	w.customer(2, "Autre")
	w.erp.put(record.Account, "2", record.Fields{"number": text("N2")})
	w.erp.put(record.Contact, "2", record.Fields{"full_name": text("Autre Contact")})
}

// vacate deletes card 2, in an ERP that gives its place to the next one.
func vacate(w *world) {
	for _, e := range []record.Entity{record.Account, record.Contact} {
		delete(w.erp.records[e], "2")
		w.erp.changed[e]["2"] = true
	}
	w.erp.next = 1
}

// hasThePlace says what is wrong where a customer that was born in the CRM came to stand in the place of another one.
func hasThePlace(w *world) []string {
	old, now := w.byExternal(record.Account, "CU2.r1"), w.crm.records[record.Account]["5"]
	contact := w.byExternal(record.Contact, "CC2.r1")
	if old == nil || now == nil || contact == nil {
		return []string{fmt.Sprintf("a record lacks its identity: %v, %v, %v; waits %q", old, now, contact, w.waits())}
	}
	return diff(old.Fields["Name"].Text, "Client", old.Fields["ERPActive"].Text, "false", contact.Fields["FullName"].Text, "Contact 2",
		now.ExternalID, "CU2", now.Fields["Name"].Text, "Nouveau", w.crm.records[record.Contact]["6"].ExternalID, "CC2",
		fmt.Sprint(len(w.crm.records[record.Account]), len(w.crm.records[record.Contact]), len(w.erp.records[record.Account])), "2 2 1")
}

// hasThePlaceAlone says what is wrong where such a customer's predecessor was deleted in the CRM.
func hasThePlaceAlone(w *world) []string {
	now, contact := w.crm.records[record.Account]["5"], w.byExternal(record.Contact, "CC2.r1")
	if now == nil || contact == nil {
		return []string{fmt.Sprintf("a record lacks its identity: %v, %v; waits %q", now, contact, w.waits())}
	}
	return diff(contact.Fields["FullName"].Text, "Contact 2", now.ExternalID, "CU2", now.Fields["Name"].Text, "Nouveau",
		w.crm.records[record.Contact]["6"].ExternalID, "CC2",
		fmt.Sprint(len(w.crm.records[record.Account]), len(w.crm.records[record.Contact]), len(w.erp.records[record.Account])), "1 2 1")
}

// A customer that was born in the CRM came to stand in the place of another one, whose account people had deleted and merged into
// one that is nobody's: that one loses our identity, and no second account is made.
func TestBornInPlaceOfAMergedOne(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) { w.set.SweepRarely = time.Minute })
	crm := mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}
	w.reopen(crm)
	w.customer(2, "Client")
	w.customer(3, "Other")
	w.cycles(2)
	heir := w.crm.put(record.Account, "77", record.Fields{"Name": text("Client")})
	for _, ext := range []string{"CU2", "CU3"} {
		loser := w.byExternal(record.Account, ext).Key
		delete(w.crm.records[record.Account], loser)
		crm.heirs[loser] = "77"
	}
	heir.ExternalID = "CU2"
	delete(w.crm.changed[record.Account], "77")
	w.cycles(2)
	vacate(w)
	bornInCRM(w)
	w.cycles(6)
	if now := w.crm.records[record.Account]["5"]; now.ExternalID != "CU2" || heir.ExternalID != "CU2.r1" || len(w.crm.records[record.Account]) != 2 {
		t.Errorf("the new customer has %q, the heir %q; accounts %v; waits %q", now.ExternalID, heir.ExternalID, w.crm.records[record.Account], w.waits())
	}
}

// The account of a card that was deleted is to be created again when a customer without a contact, born in the CRM, comes to stand
// in its place: the former customer's contact is not taken for the new one's.
func TestBornInPlaceOfOneToBeCreatedAgain(t *testing.T) {
	for name, change := range map[string]func(*world){"keyed": handsOff, "written": nil} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true, RecreateAuto: true}, change)
			w.customer(2, "Client")
			w.cycles(2)
			former := w.byExternal(record.Contact, "CC2")
			vacate(w)
			deleteAccount(w)
			w.cycles(4)
			w.crm.put(record.Account, "5", record.Fields{"Name": text("Nouveau")})
			w.cycles(2)
			if name == "keyed" {
				keyAll(w)
			}
			w.cycles(4)
			if now := w.crm.records[record.Account]["5"]; now.ExternalID != "CU2" || former.ExternalID != "CC2.r1" || former.Fields["FullName"].Text != "Contact 2" {
				t.Errorf("the new customer has %q, the former one's contact is %q, %v; waits %q", now.ExternalID, former.ExternalID, former.Fields, w.waits())
			}
		})
	}
}

// The answer to a creation was lost, and the place passed on before the record was found, or told of by a look.
func TestCreatedInDoubtThenPassedOn(t *testing.T) {
	for name, told := range map[string]bool{"found": false, "told": true} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.crm.traits.Upsert, w.crm.mute = false, !told })
			w.cycles(1)
			w.customer(2, "Client")
			w.line.fault = fault{call: w.line.calls + 1, kind: lostAfter}
			w.cycles(1)
			passPlace(w)
			w.cycles(4)
			if got := w.byExternal(record.Account, "CU2").Fields["Name"].Text; got != "Client" {
				t.Errorf("the old customer is called %q", got)
			}
			wantWaits(t, w, "identity account 2 position-reused")
		})
	}
}

// A creation arrives late, in a CRM that knows a second one by our identity: the new customer of the place waits for it, and
// where nobody holds the place in between, the record stays the old one's as well.
func TestCreatedLateThenPassedOn(t *testing.T) {
	for name, gone := range map[string]bool{"passed on": false, "empty first": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, false)
			w.set.Schedule.Interval = 30 * time.Second
			w.cycles(1)
			w.customer(2, "Client")
			w.line.fault = fault{call: w.line.calls + 1, kind: late}
			w.cycles(1)
			if goneCard(w); !gone {
				w.cycles(1)
				passPlace(w)
			}
			w.cycles(1)
			w.crm.arriveLate()
			w.cycles(8)
			if gone {
				passPlace(w)
				w.cycles(4)
			}
			old, now := w.byExternal(record.Account, "CU2.r1"), w.byExternal(record.Account, "CU2")
			if old == nil || now == nil || old.Fields["Name"].Text != "Client" || now.Fields["Name"].Text != "Autre" {
				t.Errorf("old %v, new %v; waits %q", old, now, w.waits())
			}
		})
	}
}

// The place passes on between the turns of a card's account and contact, and nobody saw it empty: the contact waits until
// a person has said whose place it is.
func TestPassedOnBetweenTwoTurns(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.erp.put(record.Contact, "2", record.Fields{"email": text("neuf@example.org")})
	w.crm.answer = func(connectors.Op) *connectors.Result {
		w.crm.answer = nil
		passPlace(w)
		return nil
	}
	w.cycles(3)
	if got := w.byExternal(record.Contact, "CC2").Fields["FullName"].Text; got != "Contact 2" {
		t.Errorf("the old customer's contact is called %q", got)
	}
	wantWaits(t, w, "identity account 2 position-reused")
}

// The account was deleted in the CRM and is to be created again; before that its place passes on. The contact is another
// one's then, too, and where the place was not seen empty, a person is asked.
func TestRecreatedForAnother(t *testing.T) {
	for name, empty := range map[string]bool{"seen empty": true, "not seen empty": false} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{RecreateAuto: true}, func(w *world) { w.set.SweepRarely = time.Minute })
			w.customer(2, "Client")
			w.cycles(2)
			contact := w.byExternal(record.Contact, "CC2")
			if deleteAccount(w); empty {
				goneCard(w)
			}
			w.erp.later = map[string]bool{"account 2": !empty}
			w.cycles(1)
			w.erp.later = nil
			passPlace(w)
			w.cycles(4)
			if got := contact.Fields["FullName"].Text; got != "Contact 2" {
				t.Errorf("the old customer's contact is called %q", got)
			}
			if !empty {
				wantWaits(t, w, "identity account 2 position-reused")
			} else if now := w.byExternal(record.Contact, "CC2"); now == nil || now.Fields["FullName"].Text != "Autre Contact" {
				t.Errorf("the new customer's contact: %v; waits %q", now, w.waits())
			}
		})
	}
}

// The old customer's account is merged into one that inherits our identity, and the answer to the write that gives
// the place to the new one is lost: the heir is not taken for the new customer's account.
func TestHeirIsNoReplacement(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.crm.traits.Upsert = false })
	startIncarnated(w)
	w.cycles(2)
	loser := w.byExternal(record.Account, "CU2")
	w.crm.put(record.Account, "77", record.Fields{"Name": text("Client"), "Sync.CustomerNumber": text("C2")}).ExternalID = "CU2"
	delete(w.crm.records[record.Account], loser.Key)
	w.crm.changed[record.Account][loser.Key] = true
	replaceCard(w)
	w.erp.put(record.Account, "2", record.Fields{"number": text("N2")})
	w.line.fault = fault{call: w.line.calls + 1, kind: lostBefore}
	w.cycles(6)
	if got := w.crm.records[record.Account]["77"].Fields["Name"].Text; got != "Client" {
		t.Errorf("the heir is called %q", got)
	}
	if now := w.byExternal(record.Account, "CU2"); now == nil || now.Fields["Name"].Text != "Autre" {
		t.Errorf("the new customer: %v; waits %q", now, w.waits())
	}
}

// The power fails while a contact is being created, somebody edits it in the CRM, and the CRM can not be asked for it before
// it tells of it by itself: what was sent is still known, so that the edit is one.
func TestCreatedAndCutThenEdited(t *testing.T) {
	edited := 0
	for cut := 1; cut < 30; cut++ {
		w := newWorld(t, true)
		w.customer(2, "Client")
		w.power.cut = w.power.points + cut
		_ = w.engine.Cycle(t.Context())
		w.power.cut = 0
		w.open()
		contact := w.byExternal(record.Contact, "CC2")
		if contact == nil {
			continue
		}
		edited++
		w.crm.put(record.Contact, contact.Key, record.Fields{"Email": text("new@example.org")})
		w.crm.findErr = connectors.Errorf(connectors.Busy, "crm-busy", "not now")
		w.cycles(1)
		w.crm.findErr = nil
		w.cycles(4)
		if got := w.erp.records[record.Contact]["2"].Fields["email"].Text; got != "new@example.org" {
			t.Errorf("cut at %d: got %q in the ERP, %q in the CRM; journal %q", cut, got, contact.Fields["Email"].Text, w.journal())
		}
	}
	if edited == 0 {
		t.Error("no cut left a contact behind")
	}
}

// A record is found again while somebody has it open: that is no odd answer, it is taken up when it can be read.
func TestFoundAgainWhileInUse(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.line.fault = fault{call: 1, kind: lostAfter}
	w.cycles(1)
	account := w.byExternal(record.Account, "CU2").Key
	w.crm.later = map[string]bool{"account " + string(account): true}
	w.cycles(3)
	if n := w.has("answer-odd"); n > 0 {
		t.Errorf("journal %q", w.journal())
	}
	w.crm.later = nil
	w.cycles(3)
	if w.byExternal(record.Contact, "CC2") == nil || w.crm.births["account CU2"] != 1 {
		t.Errorf("waits %q; created %d times", w.waits(), w.crm.births["account CU2"])
	}
}

// A contact was deleted in the CRM, and another one carries its identity, as one does that a late request has made once more. The look
// that tells of it tells of another customer in the place as well: that one gets a contact of its own.
func TestPassedOnBesideOneMadeAgain(t *testing.T) {
	for name, upsert := range map[string]bool{"a second creation changes the first": true, "a second creation makes another one": false} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
				w.crm.traits.Upsert, w.set.Schedule.Interval, w.set.SweepRarely = upsert, time.Minute, time.Minute
			})
			startIncarnated(w)
			w.cycles(2)
			parent := w.byExternal(record.Contact, "CC2").Fields["AccountId"]
			w.remove(record.Contact, "CC2", true)
			w.cycles(2)
			wantWaits(t, w, "deleted contact 2 crm-record-deleted")
			former := w.crm.put(record.Contact, "88", record.Fields{"AccountId": parent, "FullName": text("Contact 2")})
			former.ExternalID = "CC2"
			replaceCard(w)
			w.erp.put(record.Contact, "2", record.Fields{"full_name": text("Autre Contact")})
			w.cycles(4)
			now := w.byExternal(record.Contact, "CC2")
			if now == nil || now.Fields["FullName"].Text != "Autre Contact" || former.ExternalID != "CC2.r1" || former.Fields["FullName"].Text != "Contact 2" {
				t.Errorf("the new customer's: %v; the former one's: %q, %v; journal %q", now, former.ExternalID, former.Fields, w.journal())
			}
			wantWaits(t, w)
		})
	}
}
