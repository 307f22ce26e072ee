package engine_test

import (
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// unheard lets the creation of a record in the CRM happen, once, and answers something else.
func unheard(w *world, e record.Entity, outcome connectors.Outcome, kind connectors.Kind) {
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		if op.Entity != e || op.Kind != connectors.Create {
			return nil
		}
		w.crm.answer = nil
		key := w.crm.do(op).Key
		delete(w.crm.changed[e], key) // and no look tells of it
		return &connectors.Result{Outcome: outcome, Err: connectors.Errorf(kind, "crm-server-error", "an error")}
	}
}

// A record was created although the CRM answered an error. Somebody edits it there before it is tried again: it is
// looked for first, also where sending it twice makes no second one.
//
// Requirement: ACO-9
func TestEditOfWhatWasCreatedWithAnError(t *testing.T) {
	w := newWorld(t, true)
	unheard(w, record.Account, connectors.ReadBack, connectors.Rejected)
	w.customer(2, "Client")
	w.cycles(1)
	made := w.byExternal(record.Account, "CU2").Key
	w.crm.put(record.Account, made, record.Fields{"City": text("Lévis")})
	delete(w.crm.changed[record.Account], made)
	w.cycles(4)
	for _, r := range []*record.Record{w.byExternal(record.Account, "CU2"), w.erp.records[record.Account]["2"]} {
		if r.Fields["City"].Text+r.Fields["city"].Text != "Lévis" {
			t.Errorf("the edit is lost: %v; journal %q", r.Fields, w.journal())
		}
	}
}

// A record that the CRM answers with an error, again and again, is looked for after each try and left alone between them.
func TestErrorAfterErrorIsNotTriedInEveryCycle(t *testing.T) {
	w := newWorld(t, true)
	tries := 0
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		if op.Entity != record.Account {
			return nil
		}
		tries++
		return &connectors.Result{Outcome: connectors.ReadBack, Err: connectors.Errorf(connectors.Rejected, "crm-server-error", "an error")}
	}
	w.set.Schedule.Interval = time.Minute
	w.customer(2, "Client")
	w.cycles(w.set.Tries)
	before := tries
	w.cycles(3)
	if tries != before {
		t.Errorf("%d tries in three cycles before the next one is due", tries-before)
	}
}

// People make another contact the first one of a customer while nobody has heard yet whether the first one was created.
// It takes over from that one.
func TestFirstContactPassesWhileItIsMade(t *testing.T) {
	for name, c := range map[string]struct {
		upsert  bool
		outcome connectors.Outcome
		kind    connectors.Kind
	}{
		"an error, looked for at once":         {true, connectors.ReadBack, connectors.Rejected},
		"no answer, looked for after the wait": {false, connectors.InDoubt, connectors.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
				w.crm.traits.Upsert, w.set.Schedule.Interval = c.upsert, 10*time.Second
			})
			unheard(w, record.Contact, c.outcome, c.kind)
			w.customer(2, "Client")
			w.cycles(1)
			made := w.byExternal(record.Contact, "CC2")
			w.crm.put(record.Contact, "77", record.Fields{"AccountId": made.Fields["AccountId"], "FullName": text("Ève Roy")})
			for range 6 {
				w.cycles(1)
				w.clock.now = w.clock.now.Add(10 * time.Minute)
			}
			wantWaits(t, w)
			if first := w.byExternal(record.Contact, "CC2"); first == nil || first.Key != "77" || !strings.HasPrefix(made.ExternalID, "CC2.r") {
				t.Errorf("the first contact is %v, the former one %q; journal %q", first, made.ExternalID, w.journal())
			}
		})
	}
}

// A write is refused because what it refers to was merged into another record, which the box finds out by that: it is
// written anew in the next cycle, and does not wait for its next try.
func TestRefusedReferenceIsFollowed(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
		w.set.Tries, w.set.Schedule.Interval = 1, 10*time.Second
	})
	crm := mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}
	w.reopen(crm)
	account := w.customer(2, "Client")
	w.document(102, account)
	w.cycles(2)
	loser := w.byExternal(record.Account, "CU2")
	w.crm.put(record.Account, "77", record.Fields{"Name": text("Client")})
	delete(w.crm.changed[record.Account], "77")
	delete(w.crm.records[record.Account], loser.Key)
	crm.heirs[loser.Key] = "77"
	w.crm.put(record.Document, w.byExternal(record.Document, "DO102").Key, record.Fields{"AccountId": record.RefOf("77")}) // along with it
	w.erp.put(record.Document, "102", record.Fields{"number": text("D102b")})
	w.cycles(3)
	wantWaits(t, w)
}

// One of two writes is refused, by which the box finds out that what both refer to has another counterpart: the one that
// arrived is looked at again as well.
func TestWrittenBesideARefusedOne(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true, RecreateAuto: true}, func(w *world) { w.crm.mute = true })
	w.erp.put(record.User, "5", record.Fields{"name": text("Luc"), "active": record.BoolOf(true)})
	w.customer(2, "Client")
	w.erp.put(record.Account, "2", record.Fields{"salesrep": record.RefOf("5")})
	w.cycles(3)
	w.cycles(3)
	delete(w.crm.records[record.User], w.byExternal(record.User, "VE5").Key)
	w.erp.put(record.Account, "2", record.Fields{"name": text("Client inc.")})
	w.customer(3, "Other")
	w.erp.put(record.Account, "3", record.Fields{"salesrep": record.RefOf("5")})
	w.cycles(4)
	for _, ext := range []string{"CU2", "CU3"} {
		if got, want := w.byExternal(record.Account, ext).Fields["SalesRep"].Key(), w.byExternal(record.User, "VE5").Key; got != want {
			t.Errorf("%s refers to user %s, want %s", ext, got, want)
		}
	}
}

// Older data of the ERP undoes what the box wrote since the last look, which no look tells: it is compared once a person has
// accepted it.
func TestOlderDataUndoesOurWrite(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	account := w.byExternal(record.Account, "CU2").Key
	w.crm.put(record.Account, account, record.Fields{"City": text("Lévis")})
	w.cycles(3)
	w.erp.put(record.Account, "2", record.Fields{"city": text("Québec")})
	delete(w.erp.changed[record.Account], "2")
	w.erp.hold = true
	w.cycles(1)
	must(t, w.say(engine.Accept, w.name(store.Held, "")))
	w.cycles(2)
	if got := w.crm.records[record.Account][account].Fields["City"].Text; got != "Québec" {
		t.Errorf("the CRM shows %q, the ERP %q", got, w.erp.records[record.Account]["2"].Fields["city"].Text)
	}
}

// The contact of a customer born in the CRM shows only after somebody has typed into the new card: the CRM's values
// go to the ERP, and the journal has what was typed there.
func TestTypedIntoANewCard(t *testing.T) {
	w := newWorld(t, true)
	w.cycles(1)
	w.crm.put(record.Account, "5", record.Fields{"Name": text("Client")})
	w.cycles(1)
	for k := range w.erp.records[record.Contact] {
		w.erp.put(record.Contact, k, record.Fields{"email": text("typed@example.org")})
	}
	w.crm.put(record.Contact, "6", record.Fields{"AccountId": record.RefOf("5"), "FullName": text("Ève Roy"), "Email": text("eve@example.org")})
	w.cycles(3)
	lost := false
	w.view(t, func(tx *store.Txn) {
		tx.Events(0, func(e store.Event) bool {
			lost = lost || e.Code == "conflict-settled" && e.Args["erp"] == "typed@example.org" && e.Args["crm"] == "eve@example.org" && e.Args["won"] == "crm"
			return true
		})
	})
	if got := w.crm.records[record.Contact]["6"].Fields["Email"].Text; got != "eve@example.org" || !lost {
		t.Errorf("the CRM shows %q, journalled %v: %q", got, lost, w.journal())
	}
}
