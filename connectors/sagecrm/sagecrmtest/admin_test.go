package sagecrmtest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

func TestAdmin(t *testing.T) {
	r := newRig(t, options{})
	for _, tt := range []struct {
		method, name, body string
		status             int
		part               string
	}{
		{"POST", "fill", `{"Seed":1,"Companies":3}`, 200, ""}, {"POST", "create", `{"Entity":"company","Values":{"comp_name":"D"}}`, 200, `"ID":4`},
		{"POST", "edit", `{"User":"anne","Entity":"company","ID":4,"Values":{"comp_name":"DD"}}`, 200, ""}, {"GET", "records?entity=company", "", 200, `"comp_name":"DD"`},
		{"GET", "changes?entity=company&id=4&author=anne", "", 200, `"Before":"D","After":"DD"`}, {"POST", "merge", `{"Survivor":1,"Loser":2}`, 200, ""},
		{"POST", "delete", `{"Entity":"company","ID":3}`, 200, ""}, {"POST", "undelete", `{"Entity":"company","ID":3}`, 200, ""}, {"POST", "work", `{"Seed":1,"Count":5}`, 200, ":"},
		{"POST", "clock", `{"Advance":"1h"}`, 200, `"Now":"2026-07-30T13:00:00+02:00"`}, {"POST", "clock", `{"Freeze":"2026-12-01T00:00:00Z"}`, 200, "2026-12-01T01:00:00+01:00"},
		{"POST", "switches", `{"soap.batch":"25"}`, 200, ""}, {"GET", "switches", "", 200, `"soap.batch":"25"`}, {"POST", "enable", `{"Entity":"opportunity","On":true}`, 200, ""},
		{"POST", "faults", `{"Kind":"slow-answer","Delay":"2s","Skip":1}`, 200, ""}, {"GET", "faults", "", 200, `"Skip":1`}, {"POST", "faults/clear", "", 200, ""}, {"GET", "faults", "", 200, "null"},
		{"POST", "sessions/steal", "", 200, ""}, {"GET", "sessions", "", 200, "1"}, {"POST", "sessions/end", "", 200, ""}, {"GET", "sessions", "", 200, "0"},
		{"POST", "late/flush", "", 200, ""}, {"GET", "log", "", 200, "null"}, {"GET", "counters", "", 200, `"Calls":0`}, {"GET", "deleted", "", 200, "null"},
		{"GET", "duplicates", "", 200, "{}"}, {"GET", "reverts", "", 200, "null"}, {"GET", "state", "", 200, `"Rows"`}, {"POST", "state", `{"Rows":{}}`, 200, ""},
		{"POST", "reset", "", 200, ""}, {"GET", "records?entity=company", "", 200, "null"},
		{"POST", "create", `{"Entity":"x"}`, 400, "no entity"}, {"POST", "edit", `{"Nose":1}`, 400, "Nose"}, {"POST", "clock", `{"Advance":"soon"}`, 400, "Advance"},
		{"POST", "switches", `{"x":"y"}`, 400, "no position"}, {"POST", "enable", `{"Entity":"x"}`, 400, "unknown"}, {"POST", "faults", `{"Kind":"x"}`, 400, "Kind"},
		{"POST", "faults", `{"Kind":"meanwhile"}`, 400, "Kind"}, {"POST", "faults", `{"Kind":"slow","Delay":"x"}`, 400, "Delay"}, {"POST", "state", `{"Rows":{"x":[]}}`, 400, "no entity"},
	} {
		if a := r.sim(tt.method, tt.name, tt.body); a.status != tt.status || !strings.Contains(a.body, tt.part) {
			t.Errorf("%s %s: got %d %s, want %d %s", tt.method, tt.name, a.status, a.body, tt.status, tt.part)
		}
	}
}

// Over a network a session is read as without one.
func TestListen(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s, url, err := sagecrmtest.Listen(ctx, options{})
	if err != nil {
		t.Fatal(err)
	}
	must(s.Console("anne").Create(sagecrmtest.Company, values{"comp_name": "A"}))
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/sdata/crmj/sagecrm2/-/company('1')", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.SetBasicAuth("syncbox", "SECRET")
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != 200 || s.Mark() != 1 {
		t.Errorf("got %d, mark %d", a.StatusCode, s.Mark())
	}
}
