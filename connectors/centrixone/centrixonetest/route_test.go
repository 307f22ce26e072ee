package centrixonetest_test

import (
	"testing"
	"time"

	sim "syncbox/connectors/centrixone/centrixonetest"
)

func TestGrammarOfTheURL(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	for _, row := range []struct {
		name, method, path string
		status             int
	}{
		{"english", "GET", "/API_WEB/EN/Accounts-10234-" + key + "-all.awp", 200},
		{"french", "GET", "/API_WEB/FR/Accounts-10234-" + key + "-all.awp", 200},
		{"other language", "GET", "/API_WEB/DE/Accounts-10234-" + key + "-all.awp", 404},
		{"small letters", "GET", "/API_WEB/en/Accounts-10234-" + key + "-all.awp", 404},
		{"no resource", "GET", "/API_WEB/EN/Invoices-10234-" + key + "-all.awp", 404},
		{"resource in small letters", "GET", "/API_WEB/EN/accounts-10234-" + key + "-all.awp", 404},
		{"no base filter", "GET", "/API_WEB/EN/Accounts-10234-" + key + ".awp", 404},
		{"no suffix", "GET", "/API_WEB/EN/Accounts-10234-" + key + "-all", 404},
		{"a segment more", "GET", "/API_WEB/EN/Accounts-10234-" + key + "-x-all.awp", 404},
		{"account of letters", "GET", "/API_WEB/EN/Accounts-abc-" + key + "-all.awp", 404},
		{"malformed key", "GET", "/API_WEB/EN/Accounts-10234-a%20b-all.awp", 404},
		{"another account", "GET", "/API_WEB/EN/Accounts-10235-" + key + "-all.awp", 403},
		{"wrong key", "GET", "/API_WEB/EN/Accounts-10234-wrong-all.awp", 403},
		{"another path", "GET", "/", 404},
		{"base filter empty", "GET", "/API_WEB/EN/Accounts-10234-" + key + "-.awp", 404},
		{"base filter unknown", "GET", page("Accounts", "X5"), 400},
		{"base filter all and more", "GET", page("Accounts", "all,C5"), 400},
		{"base filter bad id", "GET", page("Accounts", "Cx"), 400},
		{"base filter huge id", "GET", page("Accounts", "C99999999999999999999"), 400},
		{"lists of users", "GET", page("Users", "S77"), 400},
		{"external id of stages", "GET", page("Stages", "Equote"), 400},
		{"post with base filter", "POST", page("Accounts", "S77"), 400},
		{"put", "PUT", page("Accounts", "all"), 405},
		{"delete", "DELETE", page("Accounts", "all"), 405},
		{"unknown parameter", "GET", page("Accounts", "all", "page", "2"), 400},
		{"repeated parameter", "GET", page("Accounts", "all") + "?limit=1&limit=2", 400},
		{"limit 0", "GET", page("Accounts", "all", "limit", "0"), 400},
		{"limit 501", "GET", page("Accounts", "all", "limit", "501"), 400},
		{"limit 500", "GET", page("Accounts", "all", "limit", "500"), 200},
		{"bad since", "GET", page("Accounts", "all", "since", "yesterday"), 400},
		{"bad cursor", "GET", page("Accounts", "all", "after", "12"), 400},
		{"unknown field", "GET", page("Accounts", "all", "fields", "Naam"), 400},
		{"some fields", "GET", page("Accounts", "all", "fields", "Name,sync"), 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := &crm{c.Server, t, c.http}
			c.want(c.do(row.method, row.path, `[]`), row.status)
		})
	}
}

func TestBaseFilter(t *testing.T) {
	c := open(t, sim.Options{})
	other := c.post("Lists", `[{"Name":"Other"}]`)[0].Id
	a := c.post("Accounts", `[{"ExternalId":"CU1","Lists":[77]},{"ExternalId":"CU2","Lists":[77,78]},{"ExternalId":"CU2.r1","Lists":[78]},{"Name":"none"}]`)
	if other != 78 {
		t.Fatalf("list %d", other)
	}
	first := a[0].Id
	for _, row := range []struct {
		base string
		want []int64 // offsets from first
	}{
		{"all", []int64{0, 1, 2, 3}},
		{"C1000001", []int64{0}},
		{"C1000001,C1000003", []int64{0, 2}},
		{"C1000003,C1000001,C1000003,C4", []int64{0, 2}},
		{"ECU2", []int64{1}},
		{"ECU2.r1", []int64{2}},
		{"ECU1,ECU2.r1,ECU9", []int64{0, 2}},
		{"S77", []int64{0, 1}},
		{"S77,S78", []int64{0, 1, 2}},
		{"C1000001,S77", []int64{0}},
		{"C1000001,S78", []int64{}},
		{"ECU2,C1000002", []int64{1}},
		{"ECU2,C1000001", []int64{}},
		{"S999", []int64{}},
	} {
		got := c.ids("Accounts", row.base)
		for i := range got {
			got[i] -= first
		}
		if !equal(got, row.want) {
			t.Errorf("%s: got %v, want %v", row.base, got, row.want)
		}
	}
	lists := c.read("Accounts", "C1000002,S78").Rows[0]["Lists"].([]any)
	if len(lists) != 1 || lists[0] != 78.0 {
		t.Errorf("with S78, lists are %v", lists)
	}
}

func equal(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestRateLimit(t *testing.T) {
	now := noon
	c := open(t, sim.Options{RateLimit: &sim.Rate{PerSecond: 10, Burst: 20}, Clock: func() time.Time { return now }})
	for range 20 {
		c.want(c.do("GET", page("Lists", "all"), ""), 200)
	}
	if a := c.want(c.do("GET", page("Lists", "all"), ""), 503); a.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	now = now.Add(time.Second)
	for range 10 {
		c.want(c.do("GET", page("Lists", "all"), ""), 200)
	}
	c.want(c.do("GET", page("Lists", "all"), ""), 503)
	got := c.Counters()
	if got.Throttled != 2 || got.PeakPerSecond != 21 || got.Calls != 32 {
		t.Errorf("got %+v", got)
	}
}

func TestRateLimitByDefault(t *testing.T) {
	s := sim.New(sim.Options{Clock: func() time.Time { return noon }})
	c := &crm{s, t, open(t, sim.Options{}).http}
	c.http.Transport = s.RoundTripper()
	for i := range 21 {
		want := 200
		if i == 20 {
			want = 503
		}
		c.want(c.do("GET", "/API_WEB/EN/Lists-10234-KEY-all.awp", ""), want)
	}
}
