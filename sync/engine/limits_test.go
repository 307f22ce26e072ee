package engine_test

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// TestLeftAloneAsAsked lets either side ask for an hour of rest: neither a cycle nor a restart calls before
// that is over, and a wrong time of day does not change it.
func TestLeftAloneAsAsked(t *testing.T) {
	for _, at := range []connectors.Side{connectors.CRM, connectors.ERP} {
		t.Run(at.String(), func(t *testing.T) {
			w := newWorld(t, true)
			w.customer(2, "Client")
			w.cycles(2)
			s := map[connectors.Side]*side{connectors.CRM: w.crm, connectors.ERP: w.erp}[at]
			asked := false
			s.answer = func(connectors.Op) *connectors.Result {
				if asked {
					return nil
				}
				asked = true
				return &connectors.Result{Outcome: connectors.NotApplied, Err: &connectors.Error{Kind: connectors.RateLimited, Code: "crm-rate-limited", Retry: time.Hour}}
			}
			w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
			w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"Name": text("Client Inc.")})
			w.cycles(1)
			erp, crm := w.erp.looks, w.crm.looks
			w.clock.jump = 24 * time.Hour
			w.cycles(1)
			w.open()
			w.cycles(2)
			if w.erp.looks != erp || w.crm.looks != crm {
				t.Errorf("looked at %d and %d times meanwhile", w.erp.looks-erp, w.crm.looks-crm)
			}
			w.cycles(2)
			if r := w.byExternal(record.Account, "CU2"); r.Fields["City"].Text != "Lévis" || w.erp.records[record.Account]["2"].Fields["name"].Text != "Client Inc." {
				t.Errorf("afterwards: got %q and %q", r.Fields["City"].Text, w.erp.records[record.Account]["2"].Fields["name"].Text)
			}
		})
	}
}

// TestRestEndsForABoxOfShortLives restarts the box after each cycle: the rest that the CRM asked for ends all the same.
func TestRestEndsForABoxOfShortLives(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Interval = 2 * time.Second
	w.open()
	w.customer(2, "Client")
	w.cycles(2)
	asked := false
	w.crm.answer = func(connectors.Op) *connectors.Result {
		if asked {
			return nil
		}
		asked = true
		return &connectors.Result{Outcome: connectors.NotApplied, Err: &connectors.Error{Kind: connectors.RateLimited, Code: "crm-rate-limited", Retry: 30 * time.Second}}
	}
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	for range 20 { // two cycles, but the life ends before the third
		w.cycles(2)
		w.open()
	}
	if r := w.byExternal(record.Account, "CU2"); r.Fields["City"].Text != "Lévis" {
		t.Errorf("got %q", r.Fields["City"].Text)
	}
}
