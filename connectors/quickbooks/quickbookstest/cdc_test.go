package quickbookstest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks/quickbookstest"
)

// block is the i-th QueryResponse of change data.
func (a result) block(i int) object {
	o, _ := a.at("CDCResponse", 0, "QueryResponse", i).(object)
	return o
}

func TestChangeDataHasABlockForEachEntity(t *testing.T) {
	r := queryRig(t, quickbookstest.Switches{DocumentsLeaveCustomer: true})
	a := r.cdc("Invoice,Estimate,Customer", noon.Add(time.Hour))
	if got := len(a.at("CDCResponse", 0, "QueryResponse").([]any)); got != 3 {
		t.Fatalf("blocks: %d, want 3", got)
	}
	if !cmp.Equal(a.block(1), object{}) {
		t.Errorf("a block without rows: %v, want {}", a.block(1))
	}
	if diff := cmp.Diff([]string{"2", "3", "4"}, idsOf(a.block(2)["Customer"].([]any))); diff != "" {
		t.Errorf("customers since: %s", diff)
	}
	must(0, r.Person().Delete(quickbookstest.Invoice, "1"))
	dead := r.cdc("Invoice", noon).block(0)["Invoice"].([]any)[1]
	want := object{"domain": "QBO", "status": "Deleted", "Id": "1", "MetaData": object{"LastUpdatedTime": "2026-01-15T14:00:00-08:00"}}
	if diff := cmp.Diff(any(want), dead); diff != "" {
		t.Errorf("tombstone: %s", diff)
	}
}

func TestChangeDataIsBounded(t *testing.T) {
	for _, row := range []struct {
		name        string
		switches    quickbookstest.Switches
		rows        int
		first, last string
	}{
		{"oldest", quickbookstest.Switches{}, 1000, "1", "1000"},
		{"newest", quickbookstest.Switches{CDCNewest: true}, 1000, "101", "1100"},
		{"each entity", quickbookstest.Switches{CDCPerEntity: true}, 1000, "1", "1000"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, row.switches)
			r.Fill(quickbookstest.Seed{Customers: 1100, Span: time.Hour, WithoutAbnormal: true})
			a := r.cdc("Customer", noon.Add(-2*time.Hour))
			ids := idsOf(a.block(0)["Customer"].([]any))
			if a.status != 200 || len(ids) != row.rows || ids[0] != row.first || ids[len(ids)-1] != row.last {
				t.Errorf("status %d, %d rows from %s to %s, want %d from %s to %s", a.status, len(ids), ids[0], ids[len(ids)-1], row.rows, row.first, row.last)
			}
		})
	}
}

func TestChangeDataRefuses(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	for _, row := range []struct{ name, path, code string }{
		{"older than 30 days", "cdc?entities=Customer&changedSince=2025-12-16T19:59:59Z", "500"},
		{"30 days", "cdc?entities=Customer&changedSince=2025-12-16T20:00:00Z", ""},
		{"no entity", "cdc?changedSince=2026-01-15", "2020"},
		{"unknown entity", "cdc?entities=TaxCode&changedSince=2026-01-15", "500"},
		{"no time", "cdc?entities=Customer", "2020"},
		{"not a time", "cdc?entities=Customer&changedSince=soon", "2060"},
	} {
		if got := r.get(row.path).code(); got != row.code {
			t.Errorf("%s: code %q, want %q", row.name, got, row.code)
		}
	}
}

func TestChangeDataSwitches(t *testing.T) {
	r := queryRig(t, quickbookstest.Switches{NameTombstones: true})
	rows := r.cdc("Customer", noon).block(0)["Customer"].([]any)
	status := map[string]string{}
	for _, row := range rows {
		o := row.(object)
		status[o["Id"].(string)] = fmt.Sprint(o["status"])
	}
	if want := map[string]string{"1": "<nil>", "2": "<nil>", "3": "Deleted", "4": "<nil>"}; !cmp.Equal(want, status) {
		t.Errorf("NameTombstones: %v, want %v", status, want)
	}
	must(0, r.Person().Edit(quickbookstest.Invoice, "1", object{"BillEmail": object{"Address": "nobody"}}))
	if got := r.cdc("Invoice", noon).code(); got != "" {
		t.Errorf("poison row: code %q, want none", got)
	}
	r.SetSwitches(quickbookstest.Switches{PoisonCDC: true})
	if got := r.cdc("Invoice", noon).code(); got != "4002" {
		t.Errorf("PoisonCDC: code %q, want 4002", got)
	}
}
