package engine_test

import (
	"maps"
	"testing"
	"time"

	"syncbox/connectors/record"
)

// A customer of the CRM is made in the ERP with an answer that is lost, and the ERP does not show the card when it is looked for:
// somebody is saving it. What people typed in the CRM meanwhile goes along with the second try, which is lost. Then the ERP shows the
// card of the first try, without it. Nobody has emptied or changed anything there: what was typed in the CRM stays.
//
// Requirement: ACO-9, ACO-56
func TestMadeAtTheFirstOfTwoTries(t *testing.T) {
	for name, found := range map[string]func(*world){
		"the ERP tells of it":   func(w *world) { touchAll(w, record.Account); touchAll(w, record.Contact) },
		"it is found by number": func(w *world) { w.clock.now = w.clock.now.Add(time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newUndecidedWorld(t, false, lostAfter)
			shown := map[record.Entity]map[record.Key]*record.Record{}
			for _, e := range []record.Entity{record.Account, record.Contact} {
				shown[e] = maps.Clone(w.erp.records[e])
				clear(w.erp.records[e])
				clear(w.erp.changed[e])
			}
			w.crm.put(record.Account, "9", record.Fields{"City": text("Gaspé")})
			w.crm.put(record.Contact, "8", record.Fields{"Cell": text("418 555-0142"), "FullName": text("Ève Roy-Côté")})
			w.clock.now = w.clock.now.Add(time.Hour)
			tried := w.line.calls
			w.line.fault = fault{call: tried + 1, kind: lostBefore}
			w.cycles(1)
			if n := len(w.erp.records[record.Account]); w.line.calls != tried+1 || n != 0 {
				t.Fatalf("sent %d times more, %d records: the test looks at nothing", w.line.calls-tried, n)
			}
			for e, records := range shown {
				maps.Copy(w.erp.records[e], records)
			}
			found(w)
			w.cycles(6)
			account, contact := w.crm.records[record.Account]["9"].Fields, w.crm.records[record.Contact]["8"].Fields
			if got := account["City"].Text + ", " + contact["Cell"].Text + ", " + contact["FullName"].Text; got != "Gaspé, 418 555-0142, Ève Roy-Côté" {
				t.Errorf("in the CRM: got %q; journal %q", got, w.journal())
			}
			for k, r := range w.erp.records[record.Account] {
				contact := w.erp.records[record.Contact][k].Fields
				if got := r.Fields["city"].Text + ", " + contact["mobile"].Text + ", " + contact["full_name"].Text; got != "Gaspé, 418 555-0142, Ève Roy-Côté" {
					t.Errorf("in the ERP: got %q", got)
				}
			}
			if n := len(w.erp.records[record.Account]); n != 1 {
				t.Errorf("%d customers in the ERP", n)
			}
		})
	}
}

// touchAll has the ERP tell of all records of an entity.
func touchAll(w *world, e record.Entity) {
	for k := range w.erp.records[e] {
		w.erp.changed[e][k] = true
	}
}
