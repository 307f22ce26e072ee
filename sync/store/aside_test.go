package store_test

import (
	"fmt"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// asLine tells what a state's map holds.
func asLine(t *testing.T, s *store.State) string {
	line := ""
	must(t, s.View(func(tx *store.Txn) {
		tx.Links(func(l plan.Link) bool {
			line += fmt.Sprintf("%d:%s-%s ", l.ID, l.ERP, l.CRM)
			return true
		})
		tx.AllWaiting(func(w store.Waiting) bool { line += w.Name() + " "; return true })
	}))
	return line
}

// TestMapGrowsAside builds a second map, lets it count, and does the same once more the other way.
//
// Requirement: ACO-82
func TestMapGrowsAside(t *testing.T) {
	s := openState(t)
	a, b := link("1", "101"), link("2", "102")
	update(t, s, func(tx *store.Txn) {
		tx.PutLink(&a)
		tx.PutLink(&b)
		tx.PutWaiting(store.Waiting{Link: a.ID, Kind: store.Quarantine})
		tx.PutWaiting(store.Waiting{Kind: store.Brake, Field: "account-crm"})
	})
	kept, other, crossed := a, link("3", "103"), link("2", "104")
	born := plan.Link{Entity: record.Account, CRM: "105", State: plan.Creating}
	update(t, s, func(tx *store.Txn) {
		gone := plan.Link{Entity: record.Account, CRM: "106", State: plan.Creating}
		tx.PutLink(&born)
		tx.PutLink(&gone)
		tx.PutNumber(record.Account, "n5", born.ID)
		tx.PutNumber(record.Account, "n6", gone.ID)
	})
	before := asLine(t, s)
	update(t, s.Aside(), func(tx *store.Txn) {
		for _, l := range []*plan.Link{&kept, &other, &crossed, &born} {
			tx.PutLink(l)
		}
		tx.PutWaiting(store.Waiting{Link: other.ID, Kind: store.Identity})
	})
	if got := asLine(t, s); got != before {
		t.Errorf("while it grows: got %q, want %q", got, before)
	}
	must(t, s.Check())
	want := "1:1-101 3:-105 5:3-103 6:2-104 0/brake/account-crm 5/identity/ "
	update(t, s, func(tx *store.Txn) {
		tx.Swap()
		if l, ok := tx.Find(connectors.ERP, record.Account, "3"); !ok || l.CRM != "103" {
			t.Error("the transaction of the swap does not see the new map")
		}
	})
	if got := asLine(t, s); got != want {
		t.Errorf("after the swap: got %q, want %q", got, want)
	}
	must(t, s.Check())
	must(t, s.View(func(tx *store.Txn) {
		_, free := tx.FindNumber(record.Account, "n6")
		if l, ok := tx.FindNumber(record.Account, "n5"); !ok || l.ID != born.ID || free {
			t.Errorf("numbers: got link %d, %v", l.ID, free)
		}
	}))
	for n := 0; ; n++ {
		empty, err := s.ClearAside("", 1)
		must(t, err)
		if empty {
			break
		}
		if n > 10 {
			t.Fatal("the old map does not become empty")
		}
	}
	if got := asLine(t, s.Aside()) + asLine(t, s); got != want {
		t.Errorf("the old map and the new one: got %q, want %q", got, want)
	}
	half := plan.Link{Entity: record.Contact, ERP: "1", CRM: "201", State: plan.Linked}
	update(t, s.Aside(), func(tx *store.Txn) {
		tx.PutLink(&half)
		tx.PutWaiting(store.Waiting{Link: half.ID, Kind: store.Reference, On: &plan.Ref{Entity: record.Account, ERP: "1"}})
		x := link("8", "108")
		tx.PutLink(&x)
	})
	if empty, err := s.ClearAside(record.Contact, 10); !empty || err != nil {
		t.Errorf("one entity: got %v, %v", empty, err)
	}
	if got := asLine(t, s.Aside()); got != "8:8-108 " {
		t.Errorf("one entity cleared: got %q", got)
	}
	update(t, s, func(tx *store.Txn) {
		if _, ok := tx.Other().Find(connectors.ERP, record.Account, "8"); !ok {
			t.Error("the other map is not seen from this one")
		}
	})
	back := link("9", "109")
	update(t, s.Aside(), func(tx *store.Txn) { tx.PutLink(&back) })
	update(t, s, func(tx *store.Txn) { tx.Swap() })
	if got := asLine(t, s); got != "8:8-108 9:9-109 0/brake/account-crm " {
		t.Errorf("swapped back: got %q", got)
	}
	must(t, s.Check())
}
