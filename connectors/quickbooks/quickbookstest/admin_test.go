package quickbookstest_test

import (
	"net/http"
	"strings"
	"testing"

	"syncbox/connectors/quickbooks/quickbookstest"
)

func (r *rig) sim(method, name, body string) result {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), method, "https://q/_sim/"+name, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	return answerOf(r.client.Do(q))
}

func TestControlOverHTTP(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	for _, row := range []struct {
		name, call, body string
		status           int
		part             string
	}{
		{"customer", "create", `{"Entity":"Customer","Fields":{"DisplayName":"Alpha"}}`, 200, `"Id":"1"`},
		{"again", "create", `{"Entity":"Customer","Fields":{"DisplayName":"Alpha"}}`, 400, "6240"},
		{"another", "create", `{"Entity":"Customer","Fields":{"DisplayName":"Beta"}}`, 200, `"Id":"2"`},
		{"item", "create", `{"Entity":"Item","Fields":{"Name":"Vis","UnitPrice":1.25}}`, 200, `"Id":"1"`},
		{"nonsense", "create", `{"Entity":"SalesOrder"}`, 404, "unknown"},
		{"estimate", "create", `{"Entity":"Estimate","Document":{"Customer":"2","Lines":[{"Item":"1","UnitPrice":"8"}]}}`, 200, `"Id":"1"`},
		{"edit", "edit", `{"Entity":"Customer","Id":"1","Fields":{"Notes":"x"}}`, 200, "{}"},
		{"status", "status", `{"Id":"1","Status":"Accepted"}`, 200, "{}"},
		{"freight", "shipping", `{"Entity":"Estimate","Id":"1","Amount":"2"}`, 200, "{}"},
		{"convert", "convert", `{"Id":"1"}`, 200, `"Id":"2"`},
		{"void", "void", `{"Entity":"Invoice","Id":"2"}`, 200, "{}"},
		{"delete", "delete", `{"Entity":"Invoice","Id":"2"}`, 200, "{}"},
		{"merge", "merge", `{"Winner":"1","Loser":"2"}`, 200, "{}"},
		{"activate", "activate", `{"Entity":"Customer","Id":"2"}`, 200, "{}"},
		{"deactivate", "deactivate", `{"Entity":"Customer","Id":"2"}`, 200, "{}"},
		{"fault", "faults", `{"Kind":"slow","Delay":"1ms"}`, 200, "{}"},
		{"unknown fault", "faults", `{"Kind":"fire"}`, 400, "Kind"},
		{"faults end", "faults/clear", "", 200, "{}"},
		{"clock", "clock", `{"Advance":"1h"}`, 200, "2026-01-15T13:00:00-08:00"},
		{"not a duration", "clock", `{"Advance":"soon"}`, 400, "1.5s"},
		{"reads", "spend-reads", `{"Reads":7}`, 200, "{}"},
		{"switches", "switches", `{"NoSku":true}`, 200, "{}"},
		{"unknown member", "switches", `{"Nonsense":true}`, 400, "Nonsense"},
		{"access", "access", `{"Unpaid":true}`, 200, "{}"},
	} {
		if a := r.sim("POST", row.call, row.body); a.status != row.status || !strings.Contains(a.body, row.part) {
			t.Errorf("%s: %d %s, want %d with %s", row.name, a.status, a.body, row.status, row.part)
		}
	}
	r.query("SELECT * FROM Customer")
	for name, part := range map[string]string{"customers": `"Beta (deleted)"`, "documents": `"Status":"Closed"`, "items": `"Vis"`, "counters": `"Queries":1`,
		"journal?op=query": `"Entity":"Customer"`, "changes?entity=Estimate": `"TxnStatus"`, "reads": `"Reads":8`, "switches": `"NoSku":true`,
		"forbidden": "null", "early-retries": "null", "duplicates": "{}", "faults": "null"} {
		if a := r.sim("GET", name, ""); a.status != 200 || !strings.Contains(a.body, part) {
			t.Errorf("%s: %d %s, want %s", name, a.status, a.body, part)
		}
	}
	r.sim("POST", "fill", `{"Customers":5}`)
	r.sim("POST", "late/flush", "")
	if got := len(r.Customers()); got != 7 {
		t.Errorf("filled: %d customers, want 7", got)
	}
	r.sim("POST", "reset", "")
	if got := len(r.Customers()); got != 0 {
		t.Errorf("reset: %d customers, want 0", got)
	}
}
