package engine_test

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// pairOf are two contacts of one account: the one that was its first contact, and the one that took over from it.
type pairOf struct{ former, first record.Key }

var inBothOrders = map[string]pairOf{"the older key first": {"05", "88"}, "the newer key first": {"88", "05"}}

func (w *world) contactOf(account, key record.Key, name string) {
	w.crm.put(record.Contact, key, record.Fields{"AccountId": record.RefOf(account), "FullName": text(name)})
}

// cardOpen is the answer of an ERP in which somebody has the card open.
func cardOpen(connectors.Op) *connectors.Result {
	return &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Busy, "erp-record-locked", "card")}
}

// A customer of the CRM can't be created in the ERP for a while; meanwhile another contact becomes its first one. That
// one goes onto the card.
func TestFirstContactPassesWhileItsAccountWaits(t *testing.T) {
	for name, p := range inBothOrders {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, true)
			w.cycles(1)
			w.erp.answer = cardOpen
			w.crm.put(record.Account, "9", record.Fields{"Name": text("Client")})
			w.contactOf("9", p.former, "Former")
			w.cycles(1)
			w.contactOf("9", p.first, "First")
			w.cycles(1)
			w.erp.answer = nil
			w.cycles(4)
			for _, r := range w.erp.records[record.Contact] {
				if got := r.Fields["full_name"].Text; got != "First" {
					t.Errorf("the contact on the card is %q", got)
				}
			}
			if len(w.erp.records[record.Contact]) != 1 {
				t.Errorf("%d cards", len(w.erp.records[record.Contact]))
			}
			w.wantFirst(t, p)
		})
	}
}

// wantFirst wants the one contact bound, and nothing left to be looked at.
func (w *world) wantFirst(t *testing.T, p pairOf) {
	t.Helper()
	w.view(t, func(tx *store.Txn) {
		if l, ok := tx.Find(connectors.CRM, record.Contact, p.first); !ok || l.ERP == "" {
			t.Errorf("the first contact is not bound; waits %q", w.waits())
		}
		if l, ok := tx.Find(connectors.CRM, record.Contact, p.former); ok {
			t.Errorf("the former one is bound to %q", l.ERP)
		}
	})
	if w.cache.AnyDirty() {
		t.Error("something is still to be looked at")
	}
}

// An account that is none of ours has had two contacts, one after the other; then a customer's account is merged into it.
// The contact that was its first one long before does not come back.
func TestFirstContactPassedBeforeTheMerge(t *testing.T) {
	for name, p := range inBothOrders {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.SweepRarely = time.Minute })
			crm := mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}
			w.reopen(crm)
			w.customer(2, "Client")
			w.cycles(2)
			loser := w.byExternal(record.Account, "CU2")
			w.crm.put(record.Account, "77", record.Fields{"Name": text("Client Inc.")})
			w.contactOf("77", p.former, "Former")
			delete(w.crm.records[record.Account], loser.Key)
			crm.heirs[loser.Key] = "77"
			w.erp.records[record.Account]["2"].Held = "erp-unknown-code"
			w.erp.changed[record.Account]["2"] = true
			w.cycles(1)
			w.contactOf("77", p.first, "First")
			w.cycles(1)
			w.erp.records[record.Account]["2"].Held = ""
			w.erp.changed[record.Account]["2"] = true
			w.cycles(4)
			w.wantFirst(t, p)
		})
	}
}

// Two looks tell of one contact each of a customer, and neither had its turn in between. The one that is the first no
// more is never bound.
func TestFirstContactPassedBeforeItsTurn(t *testing.T) {
	for name, p := range inBothOrders {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) { w.crm.traits.Batch = 1 })
			w.customer(2, "Client")
			w.cycles(2)
			account := w.byExternal(record.Account, "CU2").Key
			w.contactOf(account, p.former, "Former")
			w.outOfReach()
			w.contactOf(account, p.first, "First")
			w.cycles(4)
			w.wantFirst(t, p)
			if r := w.crm.records[record.Contact][p.former]; r.ExternalID != "" {
				t.Errorf("the former one had our identity: %q", r.ExternalID)
			}
		})
	}
}

// Of a customer that people are to key three contacts are told of, the last two without a turn in between; then it is keyed.
// The last one is bound to the card, and none is made beside them.
func TestContactsThatFollowEachOther(t *testing.T) {
	for _, batch := range []int{1, 2, 5} {
		w := newWorld(t, true)
		w.crm.traits.Batch, w.erp.creating = batch, connectors.WriteHandoff
		w.cycles(1)
		w.crm.put(record.Account, "9", record.Fields{"Name": text("Client")})
		w.contactOf("9", "05", "One")
		w.cycles(1)
		w.contactOf("9", "06", "Two")
		w.contactOf("9", "07", "Three")
		card := record.Fields{"name": text("Client")}
		for _, h := range w.erp.published {
			if h.Field == "number" {
				card["number"] = h.Wanted
			}
		}
		w.erp.put(record.Account, "2", card)
		w.erp.put(record.Contact, "2", record.Fields{"account": record.RefOf("2"), "full_name": text("One")})
		w.cycles(5)
		if len(w.crm.records[record.Contact]) != 3 || len(w.erp.records[record.Contact]) != 1 {
			t.Errorf("batch %d: %d contacts in the CRM, %d cards", batch, len(w.crm.records[record.Contact]), len(w.erp.records[record.Contact]))
		}
		w.wantFirst(t, pairOf{former: "05", first: "07"})
	}
}

// outOfReach lets looks at the CRM succeed, and nothing else, for one cycle.
func (w *world) outOfReach() {
	calls := 0
	w.crm.failing = func() error {
		if calls++; calls == 1 {
			return nil
		}
		return connectors.Errorf(connectors.Unavailable, "crm-unreachable", "down")
	}
	w.cycles(1)
	w.crm.failing = nil
}

// Two contacts of a customer are told of by two looks, and neither had its turn in between. The later word holds, for one that
// is to be created in the ERP and for one that stands there.
func TestTheLaterWordHolds(t *testing.T) {
	for name, p := range inBothOrders {
		for _, batch := range []int{1, 3} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, true)
				w.crm.traits.Batch = batch
				w.cycles(1)
				w.crm.put(record.Account, "9", record.Fields{"Name": text("Client")})
				w.contactOf("9", p.former, "Former")
				w.outOfReach()
				w.contactOf("9", p.first, "First")
				w.outOfReach()
				w.cycles(3)
				w.wantFirst(t, p)
				if got := w.erp.records[record.Contact]["1001"].Fields["full_name"].Text; got != "First" {
					t.Errorf("the contact on the card is %q", got)
				}
				w.contactOf("9", "50", "Next")
				w.outOfReach()
				w.contactOf("9", p.former, "Former")
				w.outOfReach()
				w.cycles(3)
				w.wantFirst(t, pairOf{former: "50", first: p.former})
			})
		}
	}
}

// The contact that took over is deleted before the customer has its card: the former one is the first again, and none is made
// beside it.
func TestTheOneThatTookOverIsDeleted(t *testing.T) {
	for name, p := range inBothOrders {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, true)
			w.cycles(1)
			w.erp.answer = cardOpen
			w.crm.put(record.Account, "9", record.Fields{"Name": text("Client")})
			w.contactOf("9", p.former, "Former")
			w.cycles(1)
			w.contactOf("9", p.first, "First")
			w.cycles(1)
			delete(w.crm.records[record.Contact], p.first)
			w.cycles(1)
			w.erp.answer = nil
			w.cycles(4)
			w.wantFirst(t, pairOf{former: p.first, first: p.former})
			if n := len(w.crm.records[record.Contact]); n != 1 {
				t.Errorf("%d contacts in the CRM", n)
			}
		})
	}
}
