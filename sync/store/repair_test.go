package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// Requirement: ACO-81, ACO-82
func TestOneRepairIsKept(t *testing.T) {
	s := openState(t)
	want := store.Repair{Level: 2, Phase: store.RepairSettle, Lost: true, Asked: time.Unix(1000, 0).UTC(), Until: time.Unix(2000, 0).UTC(), Cursor: "contact",
		Preview: map[record.Entity]store.RepairCounts{record.Account: {Create: [2]int{1, 2}, Unclear: 3}}}
	update(t, s, func(tx *store.Txn) {
		tx.PutRepair(store.Repair{Level: 1, Phase: store.RepairPreview})
		tx.PutRepair(want)
	})
	must(t, s.Check())
	got := func() (r store.Repair, ok bool) {
		must(t, s.View(func(tx *store.Txn) { r, ok = tx.Repair() }))
		return r, ok
	}
	if r, ok := got(); !ok || !cmp.Equal(want, r) {
		t.Errorf("kept: %s", cmp.Diff(want, r))
	}
	update(t, s, func(tx *store.Txn) { tx.DeleteRepair(); tx.DeleteRepair() })
	if r, ok := got(); ok {
		t.Errorf("ended: got %+v", r)
	}
}

func TestRepairCountsAddUp(t *testing.T) {
	one := store.RepairCounts{Create: [2]int{1, 2}, Update: [2]int{3, 4}, Deactivate: 5, Conflicts: 6, Ask: 7, Held: 8, Equal: 9,
		Kept: 10, ByExternal: 11, ByOld: 12, ByRule: 13, Unclear: 14, OnlyERP: 15, OnlyCRM: 16}
	want := store.RepairCounts{Create: [2]int{2, 4}, Update: [2]int{6, 8}, Deactivate: 10, Conflicts: 12, Ask: 14, Held: 16, Equal: 18,
		Kept: 20, ByExternal: 22, ByOld: 24, ByRule: 26, Unclear: 28, OnlyERP: 30, OnlyCRM: 32}
	got := store.TotalOf(map[record.Entity]store.RepairCounts{record.Account: one, record.Contact: one})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
