package engine_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// Requirement: ACO-1, ACO-9, ACO-13
func TestFirstSync(t *testing.T) {
	w := newWorld(t, true)
	for n := 2; n < 12; n++ {
		w.document(100+n, w.customer(n, "Client"))
	}
	w.cycles(1)
	for _, e := range []record.Entity{record.Account, record.Contact, record.Document} {
		if got := len(w.crm.records[e]); got != 10 {
			t.Errorf("%s: got %d records, want 10", e, got)
		}
	}
	w.cycles(1)
	before := len(w.crm.writes)
	w.cycles(2)
	if got := len(w.crm.writes) - before; got != 0 {
		t.Errorf("got %d writes after everything was equal: %+v", got, w.crm.writes[before:])
	}
	if diff := cmp.Diff([]string(nil), w.waits()); diff != "" {
		t.Error(diff)
	}
}

// Requirement: ACO-9, ACO-15
func TestEditsTravelBothWays(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	acc := w.byExternal(record.Account, "CU2")
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.crm.put(record.Account, acc.Key, record.Fields{"Name": text("Client neuf")})
	w.cycles(3)
	if got := acc.Fields["City"].Text; got != "Lévis" {
		t.Errorf("CRM city: got %q", got)
	}
	if got := w.erp.records[record.Account]["2"].Fields["name"].Text; got != "Client neuf" {
		t.Errorf("ERP name: got %q", got)
	}
}

// Requirement: ACO-56, ACO-58
func TestBornInCRM(t *testing.T) {
	w := newWorld(t, true)
	w.cycles(1)
	w.crm.put(record.Account, "5", record.Fields{"Name": text("Nouveau"), "City": text("Gaspé")})
	w.crm.put(record.Contact, "6", record.Fields{"AccountId": record.RefOf("5"), "FullName": text("Ève Roy")})
	w.cycles(4)
	if got := w.erp.writes; len(got) != 1 || len(got[0].With) != 1 || got[0].With[0].Fields["full_name"].Text != "Ève Roy" {
		t.Errorf("writes to the ERP: got %+v, want one card with its contact", got)
	}
	if got := len(w.erp.records[record.Account]); got != 1 {
		t.Fatalf("got %d customers in the ERP, want 1; waits %v; journal %v", got, w.waits(), w.journal())
	}
	for k, r := range w.erp.records[record.Account] {
		if got := r.Fields["number"].Text; len(got) != 17 {
			t.Errorf("number: got %q", got)
		}
		if got, want := w.crm.records[record.Account]["5"].ExternalID, "CU"+string(k); got != want {
			t.Errorf("external id: got %q, want %q", got, want)
		}
		if got, want := w.crm.records[record.Account]["5"].Fields["Sync.CustomerNumber"], r.Fields["number"]; !got.Equal(want) {
			t.Errorf("number in the CRM: got %v, want %v", got, want)
		}
		if got := w.crm.records[record.Contact]["6"].ExternalID; got != "CC"+string(k) {
			t.Errorf("contact's external id: got %q; waits %v", got, w.waits())
		}
	}
}

// Requirement: ACO-77, ACO-78, ACO-79
func TestDeletedContactDelaysOnlyItsDocuments(t *testing.T) {
	w := newWorld(t, true)
	for n := 2; n < 6; n++ {
		w.customer(n, "Client")
	}
	w.cycles(2)
	delete(w.crm.records[record.Contact], w.byExternal(record.Contact, "CC3").Key)
	for n := 2; n < 6; n++ {
		w.document(100+n, record.Key(rune('0'+n)))
	}
	w.cycles(2)
	if got := len(w.crm.records[record.Document]); got != 3 {
		t.Errorf("got %d documents in the CRM, want 3", got)
	}
	want := []string{"deleted contact 3 crm-record-deleted", "reference document 103 crm-server-error"}
	if diff := cmp.Diff(want, w.waits()); diff != "" {
		t.Error(diff)
	}
}

// An error that nobody sorted counts as the side's: the direction waits and says so, and goes on by itself.
func TestUnsortedErrorIsNoSuccess(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.crm.answer = func(connectors.Op) *connectors.Result {
		return &connectors.Result{Outcome: connectors.NotApplied, Err: errors.New("odd")}
	}
	w.cycles(1)
	if got := w.engine.Status().Ways[0]; got.Outcome != engine.Waits || got.Code != "internal-error" {
		t.Errorf("while every write fails: got %+v, want it to wait with internal-error", got)
	}
	w.crm.answer = nil
	w.cycles(2)
	if got := w.engine.Status().Ways[0].Outcome; got != engine.Success || w.byExternal(record.Account, "CU2") == nil {
		t.Errorf("afterwards: got %v", got)
	}
}
