package engine_test

import (
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// A customer is written without the salesperson that the ERP does not show, as while the list is saved anew. Once it shows
// that one, the customer and its documents are written again.
//
// Requirement: ACO-9
func TestRefersToOneThatShowsUpLater(t *testing.T) {
	w := newWorld(t, false)
	w.customer(3, "Client")
	w.erp.put(record.Account, "3", record.Fields{"salesrep": record.RefOf("2")})
	w.document(7, "3")
	w.erp.put(record.Document, "7", record.Fields{"salesrep": record.RefOf("2")})
	w.cycles(2)
	if got := w.byExternal(record.Account, "CU3").Fields["SalesRep"]; !got.Empty() {
		t.Errorf("got %q before there is one", got.Text)
	}
	w.staff()
	w.cycles(1)
	user := w.byExternal(record.User, "VE2").Key
	if got := w.byExternal(record.Account, "CU3").Fields["SalesRep"].Key(); got != user {
		t.Errorf("the customer's: got %q, want %q; waits %q", got, user, w.waits())
	}
	for _, r := range w.crm.records[record.Document] {
		if got := r.Fields["UserId"].Key(); got != user {
			t.Errorf("the document's: got %q, want %q; waits %q", got, user, w.waits())
		}
	}
}

// A contact is created without an answer, is not there yet when it is looked for, and arrives while its card is in use; by
// then another one is its account's first contact. That one takes over.
func TestArrivesBesideAnotherOne(t *testing.T) {
	w := newWorld(t, false)
	w.set.Schedule.Interval = time.Minute
	w.cycles(1)
	w.customer(2, "Client")
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		if op.Entity != record.Contact {
			return nil
		}
		w.crm.late = append(w.crm.late, func() { w.crm.answer = nil; w.crm.do(op) })
		return &connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Unavailable, "crm-unreachable", "no answer")}
	}
	w.erp.traits.Batch = 1
	w.cycles(1)
	w.erp.later = map[string]bool{"account 2": true}
	w.erp.changed[record.Account]["2"] = true
	w.cycles(1)
	w.crm.arriveLate()
	clear(w.crm.changed[record.Contact]) // the product tells of first contacts only
	w.contactOf(w.byExternal(record.Account, "CU2").Key, "88", "First")
	w.cycles(3)
	w.erp.later = nil
	w.cycles(4)
	r := w.byExternal(record.Contact, "CC2")
	if r == nil || r.Key != "88" || len(w.crm.records[record.Contact]) != 2 {
		t.Errorf("CC2 is %v of %d contacts", r, len(w.crm.records[record.Contact]))
	}
	for _, wait := range w.waits() {
		if !strings.HasPrefix(wait, "difference") {
			t.Errorf("waits %q", wait)
		}
	}
	w.view(t, func(tx *store.Txn) {
		if n := len(tx.Intents()); n > 0 {
			t.Errorf("%d writes are still open", n)
		}
	})
}

// sentTwice has the city of a customer sent to the CRM without an answer, and then another one, which arrives. It gives the
// account.
func (w *world) sentTwice(t *testing.T, noAnswer string) *record.Record {
	t.Helper()
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.line.fault = fault{call: w.line.calls + 1, kind: noAnswer}
	w.cycles(1)
	w.erp.put(record.Account, "2", record.Fields{"city": text("Gaspé")})
	w.cycles(1)
	account := w.byExternal(record.Account, "CU2")
	if got := account.Fields["City"].Text; got != "Gaspé" {
		t.Fatalf("got %q of the second one", got)
	}
	return account
}

// An ERP's value was sent twice, the first time with no answer; the CRM shows something that the ERP can't hold. What arrives
// late is put right all the same.
func TestArrivesLateBesideARefusedValue(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Interval = 30 * time.Second
	w.customer(2, "Client")
	w.cycles(2)
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"Name": text(strings.Repeat("Client ", 20))})
	account := w.sentTwice(t, late)
	w.crm.arriveLate()
	clear(w.crm.changed[record.Account]) // products tell of what people changed
	w.cycles(8)
	if got := account.Fields["City"].Text; got != "Gaspé" {
		t.Errorf("got %q; waits %q", got, w.waits())
	}
}

// A value was sent without an answer, never arrived, and can't any more, as looks show in which one side's record is in use.
// Somebody types it there after that: it is an edit.
//
// Requirement: ACO-9
func TestTypedAfterTheDoubtIsOver(t *testing.T) {
	for name, inUse := range map[string]func(w *world, is bool){
		"the card is in use": func(w *world, is bool) { w.erp.later = map[string]bool{"account 2": is} },
		"the card is held": func(w *world, is bool) {
			w.erp.records[record.Account]["2"].Held = map[bool]string{true: "erp-unknown-code"}[is]
		},
		"the card is written": func(w *world, is bool) {
			r := w.erp.records[record.Account]
			if is {
				r["2 aside"] = r["2"]
				delete(r, "2")
			} else {
				r["2"] = r["2 aside"]
				delete(r, "2 aside")
			}
			w.erp.changed[record.Account]["2"] = true
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, true)
			w.set.Schedule.Interval, w.set.Tries = time.Minute, 99
			w.customer(2, "Client")
			w.cycles(2)
			account := w.sentTwice(t, lostBefore)
			inUse(w, true)
			w.erp.changed[record.Account]["2"] = true
			w.clock.now = w.clock.now.Add(10 * time.Minute)
			w.crm.changed[record.Account][account.Key] = true
			w.cycles(1)
			w.crm.put(record.Account, account.Key, record.Fields{"City": text("Lévis")})
			inUse(w, false)
			w.erp.changed[record.Account]["2"] = true
			w.cycles(4)
			if got := w.erp.records[record.Account]["2"].Fields["city"].Text; got != "Lévis" {
				t.Errorf("got %q in the ERP, %q in the CRM; waits %q, journal %q", got, account.Fields["City"].Text, w.waits(), w.journal())
			}
		})
	}
}

// A value arrives late just when it may last, after the CRM was read and before the ERP was. What was read before says nothing
// about it: it is no edit of anybody's.
//
// Requirement: ACO-9
func TestArrivesWhileBothSidesAreRead(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Interval = 30 * time.Second
	w.customer(2, "Client")
	w.cycles(2)
	account := w.sentTwice(t, late)
	read := false
	w.crm.failing = func() error { read = true; return nil }
	w.erp.failing = func() error {
		if read && len(w.crm.late) > 0 {
			w.clock.now = w.clock.now.Add(2 * time.Minute)
			w.crm.arriveLate()
		}
		return nil
	}
	w.crm.changed[record.Account][account.Key] = true
	w.cycles(5)
	if e, c := w.erp.records[record.Account]["2"].Fields["city"].Text, account.Fields["City"].Text; e != "Gaspé" || c != "Gaspé" {
		t.Errorf("got %q in the ERP, %q in the CRM", e, c)
	}
}

// The ERP shows what was sent to a contact's card without an answer while somebody is at work on its account, so that the
// contact waits for that one's turn. Somebody types the older value there after that: it is an edit.
//
// Requirement: ACO-9
func TestTypedAfterItArrivedWhileTheAccountWaits(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Interval = time.Minute
	w.simple = w.erp
	w.reopen(w.crm)
	w.customer(2, "Client")
	w.cycles(2)
	contact := w.byExternal(record.Contact, "CC2")
	w.crm.put(record.Contact, contact.Key, record.Fields{"FullName": text("Ève Roy")})
	w.line.fault = fault{call: w.line.calls + 1, kind: late}
	w.cycles(1)
	w.erp.arriveLate()
	w.clock.now = w.clock.now.Add(10 * time.Minute)
	w.erp.changed[record.Account]["2"] = true
	w.crm.later = map[string]bool{"account " + string(w.byExternal(record.Account, "CU2").Key): true}
	w.cycles(1)
	w.erp.put(record.Contact, "2", record.Fields{"full_name": text("Contact 2")})
	w.crm.later = nil
	w.cycles(4)
	if e := w.erp.records[record.Contact]["2"].Fields["full_name"].Text; e != "Contact 2" || contact.Fields["FullName"].Text != e {
		t.Errorf("got %q in the ERP, %q in the CRM; waits %q, journal %q", e, contact.Fields["FullName"].Text, w.waits(), w.journal())
	}
}

// A customer of the CRM is to be created in the ERP, the answer is lost, and the next try refused, as where the ERP asks for rest.
// Then the account is deleted in the CRM: nothing is on its way any more, and nothing waits for it.
func TestDeletedAfterARefusedTry(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) { w.erp.traits.Upsert = false })
	w.simple = w.erp
	w.reopen(w.crm)
	w.cycles(1)
	w.line.fault = fault{call: 1, kind: lostBefore}
	bornInCRM(w)
	w.cycles(1)
	refused := 0
	w.erp.answer = func(connectors.Op) *connectors.Result {
		refused++
		return &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Busy, "erp-busy", "later")}
	}
	w.cycles(2)
	if refused == 0 {
		t.Fatal("it was not sent again")
	}
	delete(w.crm.records[record.Account], "5")
	w.crm.changed[record.Account]["5"] = true
	w.cycles(3)
	if open := w.unsettled(); len(open) > 0 || w.has("birth-dropped") != 1 {
		t.Errorf("still open: %q; journal %q", open, w.journal())
	}
}

// The creation of an account arrives after it was looked for, and somebody edits it before it is sent again, in a CRM that knows a
// second creation by our identity: that one would overwrite the edit.
func TestArrivesAndIsEditedBeforeTheSecondTry(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Interval = 30 * time.Second
	w.cycles(1)
	w.customer(2, "Client")
	w.line.fault = fault{call: w.line.calls + 1, kind: late}
	w.cycles(1)
	looks := w.crm.looks
	w.erp.failing = func() error {
		if w.crm.looks > looks {
			w.erp.failing = nil
			w.crm.arriveLate()
			w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"City": text("Gaspé")})
		}
		return nil
	}
	w.cycles(1)
	if w.erp.failing != nil {
		t.Fatal("it did not arrive in the second cycle")
	}
	w.cycles(4)
	if now := w.byExternal(record.Account, "CU2"); now.Fields["City"].Text != "Gaspé" || w.erp.records[record.Account]["2"].Fields["city"].Text != "Gaspé" {
		t.Errorf("the edit is lost: %v; journal %q", now.Fields, w.journal())
	}
}

// The same in the CRM: the account is in use in the ERP as a look tells of the contact that has arrived.
func TestTypedInTheCRMAfterItArrivedWhileTheAccountWaits(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Interval = time.Minute
	w.customer(2, "Client")
	w.cycles(2)
	w.erp.put(record.Contact, "2", record.Fields{"full_name": text("Ève Roy")})
	w.line.fault = fault{call: w.line.calls + 1, kind: late}
	w.cycles(1)
	w.crm.arriveLate()
	w.clock.now = w.clock.now.Add(time.Hour)
	w.erp.changed[record.Account]["2"], w.erp.later = true, map[string]bool{"account 2": true}
	contact := w.byExternal(record.Contact, "CC2")
	w.crm.changed[record.Contact][contact.Key] = true
	w.cycles(1)
	w.crm.put(record.Contact, contact.Key, record.Fields{"FullName": text("Contact 2")})
	w.erp.later = nil
	w.cycles(4)
	if e, c := w.erp.records[record.Contact]["2"].Fields["full_name"].Text, contact.Fields["FullName"].Text; e != "Contact 2" || c != "Contact 2" {
		t.Errorf("got %q in the ERP, %q in the CRM, want what was typed last", e, c)
	}
}

// An account is made with an answer that is lost, then sent again and made; people merge it into one that takes our identity over, and
// the first request finds that one. What it brings there is no edit: what was typed in the ERP meanwhile stays, and so does what the
// heir showed where the box has taken that over. Else that is lost in the CRM itself.
//
// Requirement: ACO-9
func TestArrivesInTheHeir(t *testing.T) {
	for name, c := range map[string]struct {
		known bool
		want  string
	}{
		"before the box knows of it": {false, "Client"},
		"after the box has followed": {true, "Client Inc."},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
				w.set.Schedule.Interval, w.set.SweepRarely = 10*time.Second, 10*time.Second
			})
			w.cycles(1)
			w.customer(2, "Client")
			w.line.fault = fault{call: w.line.calls + 1, kind: late}
			w.cycles(2)
			w.erp.put(record.Account, "2", record.Fields{"city": text("Gaspé")})
			w.cycles(1)
			loser := w.byExternal(record.Account, "CU2")
			if got := loser.Fields["City"].Text; got != "Gaspé" || len(w.crm.late) != 1 {
				t.Fatalf("got %q, %d requests are late", got, len(w.crm.late))
			}
			delete(w.crm.records[record.Account], loser.Key)
			w.crm.changed[record.Account][loser.Key] = true
			heir := w.crm.put(record.Account, "77", loser.Fields)
			heir.ExternalID, heir.Fields["Name"] = "CU2", text("Client Inc.")
			if c.known {
				w.cycles(2)
			}
			w.crm.arriveLate()
			if got := heir.Fields["City"].Text; got != "Québec" {
				t.Fatalf("the late one did not find the heir, which shows %q", got)
			}
			w.cycles(6)
			w.view(t, func(tx *store.Txn) {
				if l, _ := tx.Find(connectors.ERP, record.Account, "2"); l.CRM != "77" {
					t.Errorf("bound to %q", l.CRM)
				}
			})
			card := w.erp.records[record.Account]["2"].Fields
			if e, crm := card["city"].Text, heir.Fields["City"].Text; e != "Gaspé" || crm != "Gaspé" {
				t.Errorf("city: got %q in the ERP, %q in the CRM; journal %q", e, crm, w.journal())
			}
			if e, crm := card["name"].Text, heir.Fields["Name"].Text; e != c.want || crm != c.want {
				t.Errorf("name: got %q in the ERP, %q in the CRM; journal %q", e, crm, w.journal())
			}
		})
	}
}
