package centrixonetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"

	sim "syncbox/connectors/centrixone/centrixonetest"
)

// overNetwork makes a caller speak TCP, with or without TLS, on connections of its own.
func (c *crm) overNetwork(secure bool) *crm {
	srv := httptest.NewUnstartedServer(c.Server)
	srv.Config.ErrorLog = nil
	if secure {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	c.t.Cleanup(srv.Close)
	client := srv.Client()
	client.Transport.(*http.Transport).DisableKeepAlives = true
	host := strings.SplitN(srv.URL, "://", 2)
	client.Transport = redirect{host[0], host[1], client.Transport}
	return &crm{c.Server, c.t, client}
}

// redirect sends calls for crm.test to the test's server.
type redirect struct {
	scheme, host string
	next         http.RoundTripper
}

func (r redirect) RoundTrip(in *http.Request) (*http.Response, error) {
	out := in.Clone(in.Context())
	out.URL = &url.URL{Scheme: r.scheme, Host: r.host, Path: in.URL.Path, RawQuery: in.URL.RawQuery}
	return r.next.RoundTrip(out)
}

// Each fault over the network, over TLS and without a network.
func TestFaults(t *testing.T) {
	const body = `[{"ExternalId":"CU1","Name":"one"}]`
	for _, row := range []struct {
		name   string
		fault  sim.Fault
		status int // 0: no answer
		broken bool
		ctype  string
		retry  string
		body   string // "" means: not looked at
		done   bool   // the account exists afterwards
	}{
		{name: "500", fault: sim.Fault{Kind: sim.Status}, status: 500, ctype: "text/plain; charset=utf-8", body: "Internal Server Error"},
		{name: "500 done", fault: sim.Fault{Kind: sim.Status, Done: true}, status: 500, done: true},
		{name: "503 seconds", fault: sim.Fault{Kind: sim.Status, Status: 503, RetryAfter: 30 * time.Second}, status: 503, retry: "30"},
		{name: "503 date", fault: sim.Fault{Kind: sim.Status, Status: 503, RetryAfter: 90 * time.Second, RetryDate: true},
			status: 503, retry: "Sat, 21 Nov 2026 12:01:30 GMT"},
		{name: "503 alone", fault: sim.Fault{Kind: sim.Status, Status: 503}, status: 503},
		{name: "403", fault: sim.Fault{Kind: sim.Status, Status: 403}, status: 403, body: "Forbidden"},
		{name: "404", fault: sim.Fault{Kind: sim.Status, Status: 404}, status: 404, body: "Not Found"},
		{name: "400", fault: sim.Fault{Kind: sim.Status, Status: 400, Text: "no"}, status: 400, body: "no"},
		{name: "409", fault: sim.Fault{Kind: sim.Status, Status: 409}, status: 409, body: "Conflict"},
		{name: "html", fault: sim.Fault{Kind: sim.HTML200}, status: 200, ctype: "text/html; charset=utf-8"},
		{name: "not success", fault: sim.Fault{Kind: sim.NotSuccess}, status: 200, ctype: "application/json", body: `{"Result":"Error"}`},
		{name: "wrong type", fault: sim.Fault{Kind: sim.WrongType}, status: 200, ctype: "text/plain; charset=utf-8", done: true},
		{name: "cut body", fault: sim.Fault{Kind: sim.CutBody, Keep: 12}, status: 200, broken: true, body: `{"Result":"S`, done: true},
		{name: "cut at the end", fault: sim.Fault{Kind: sim.CutBody, Keep: 1 << 20}, status: 200, broken: true, done: true},
		{name: "close before", fault: sim.Fault{Kind: sim.CloseBefore}},
		{name: "close after", fault: sim.Fault{Kind: sim.CloseAfter}, done: true},
		{name: "delay", fault: sim.Fault{Kind: sim.Delay, Delay: time.Millisecond}, status: 200, done: true},
		{name: "delayed answer", fault: sim.Fault{Kind: sim.DelayAnswer, Delay: time.Millisecond}, status: 200, done: true},
		{name: "another resource", fault: sim.Fault{Kind: sim.CloseBefore, Resource: sim.Contacts}, status: 200, done: true},
		{name: "another method", fault: sim.Fault{Kind: sim.CloseBefore, Method: "GET"}, status: 200, done: true},
		{name: "another record", fault: sim.Fault{Kind: sim.Status, ExternalID: "CU2"}, status: 200, done: true},
		{name: "this record", fault: sim.Fault{Kind: sim.Status, ExternalID: "CU1"}, status: 500},
		{name: "the next but one", fault: sim.Fault{Kind: sim.CloseBefore, Skip: 1}, status: 200, done: true},
		{name: "of reads only", fault: sim.Fault{Kind: sim.Always304}, status: 200, done: true},
	} {
		for _, way := range []string{"direct", "TCP", "TLS"} {
			t.Run(row.name+" "+way, func(t *testing.T) {
				c := open(t, sim.Options{})
				if way != "direct" {
					c = c.overNetwork(way == "TLS")
				}
				c.AddFault(row.fault)
				a := c.do("POST", page("Accounts", "all"), body)
				if row.status == 0 {
					if a.err == nil {
						t.Errorf("got %d %q, want no answer", a.status, a.body)
					}
				} else if a.status != row.status || (a.err != nil) != row.broken {
					t.Errorf("got %d %v, want %d, broken %v", a.status, a.err, row.status, row.broken)
				}
				if row.body != "" && a.body != row.body {
					t.Errorf("body %q, want %q", a.body, row.body)
				}
				if row.ctype != "" && a.header.Get("Content-Type") != row.ctype {
					t.Errorf("content type %q", a.header.Get("Content-Type"))
				}
				if a.header.Get("Retry-After") != row.retry {
					t.Errorf("Retry-After %q, want %q", a.header.Get("Retry-After"), row.retry)
				}
				if _, done := c.AccountByExternalID("CU1"); done != row.done {
					t.Errorf("done is %v, want %v", done, row.done)
				}
				if j := c.Journal(sim.JournalQuery{}); len(j) != 1 || j[0].Lost != (row.status == 0 || row.broken) || j[0].Applied != row.done {
					t.Errorf("journal %+v", j)
				}
			})
		}
	}
}

func TestFaultsOfReads(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	c.AdvanceClock(time.Minute)
	url := page("Accounts", "all")
	last := c.do("GET", url, "").header.Get("Last-Modified")
	c.AddFault(sim.Fault{Kind: sim.Always304})
	c.want(c.do("GET", url, ""), 304)
	c.AddFault(sim.Fault{Kind: sim.Never304})
	c.want(c.do("GET", url, "", "If-Modified-Since", last), 200)
	c.want(c.do("GET", url, "", "If-Modified-Since", last), 304)
	c.AddFault(sim.Fault{Kind: sim.NoLastModified})
	if a := c.want(c.do("GET", url, ""), 200); a.header.Get("Last-Modified") != "" {
		t.Error("Last-Modified is there")
	}
}

func TestFaultsCount(t *testing.T) {
	c := open(t, sim.Options{})
	status := func() int { return c.do("GET", page("Lists", "all"), "").status }
	c.AddFault(sim.Fault{Kind: sim.Status, Skip: 1, Count: 2})
	c.AddFault(sim.Fault{Kind: sim.Status, Status: 404, Resource: sim.Users})
	got := fmt.Sprint(status(), status(), status(), status())
	if got != "200 500 500 200" {
		t.Errorf("got %s", got)
	}
	c.want(c.do("GET", page("Users", "all"), ""), 404)
	c.AddFault(sim.Fault{Kind: sim.Status, Count: -1})
	for range 5 {
		c.want(c.do("GET", page("Lists", "all"), ""), 500)
	}
	c.ClearFaults()
	c.want(c.do("GET", page("Lists", "all"), ""), 200)
}

// A poisoned record refuses its batch however it is cut, until it is alone.
func TestPoisonedRecord(t *testing.T) {
	c := open(t, sim.Options{})
	c.AddFault(sim.Fault{Kind: sim.Status, Status: 400, ExternalID: "CU2", Count: -1})
	c.want(c.do("POST", page("Accounts", "all"), `[{"ExternalId":"CU1"},{"ExternalId":"CU2"},{"ExternalId":"CU22"}]`), 400)
	c.want(c.do("POST", page("Accounts", "all"), `[{"ExternalId":"CU1"},{"ExternalId":"CU22"}]`), 200)
	c.want(c.do("POST", page("Accounts", "all"), `[{"ExternalId":"CU2"}]`), 400)
}

func TestAppliedLate(t *testing.T) {
	type timer struct {
		d time.Duration
		f func()
	}
	var timers []timer
	c := open(t, sim.Options{After: func(d time.Duration, f func()) { timers = append(timers, timer{d, f}) }})
	c.AddFault(sim.Fault{Kind: sim.AppliedLate, Delay: 90 * time.Second, Method: "POST", Count: 2})
	for _, city := range []string{"early", "later"} {
		if a := c.do("POST", page("Accounts", "all"), `[{"ExternalId":"CU1","City":"`+city+`"}]`); a.err == nil {
			t.Fatalf("got %d", a.status)
		}
	}
	if len(c.Accounts()) != 0 || c.PendingLate() != 2 || timers[0].d != 90*time.Second {
		t.Errorf("applied at once, or %d wait for %v", c.PendingLate(), timers)
	}
	c.post("Accounts", `[{"ExternalId":"CU1","City":"in between"}]`)
	timers[0].f()
	if a, _ := c.AccountByExternalID("CU1"); a.City != "early" || c.PendingLate() != 1 {
		t.Errorf("city %s, %d wait", a.City, c.PendingLate())
	}
	c.FlushLate()
	timers[1].f() // the timer of what was applied already
	j := c.Journal(sim.JournalQuery{})
	var got []string
	for _, call := range j {
		got = append(got, fmt.Sprintf("%s %v %v %v", call.Outcome, call.Applied, call.Lost, call.Late))
	}
	want := "pending false true false|pending false true false|answered true false false|faulted true true true|faulted true true true"
	if strings.Join(got, "|") != want {
		t.Errorf("got %s", strings.Join(got, "|"))
	}
	if n := c.Counters(); n.Posts != 3 || n.Created != 1 || n.Updated != 2 {
		t.Errorf("counters %+v", n)
	}
}

// Over a network the caller has long left when it is applied.
func TestAppliedLateByTimer(t *testing.T) {
	c := open(t, sim.Options{}).overNetwork(false)
	c.AddFault(sim.Fault{Kind: sim.AppliedLate, Delay: time.Millisecond})
	if a := c.do("POST", page("Accounts", "all"), `[{"ExternalId":"CU1"}]`); a.err == nil {
		t.Fatalf("got %d", a.status)
	}
	deadline := time.Now().Add(time.Minute)
	for len(c.Accounts()) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("it was never applied")
		}
		c.do("GET", page("Lists", "all"), "")
	}
}

// A caller who gives up does not undo what the CRM is about to do.
func TestDelayedAnswerOutlivesTheCaller(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.Delay, sim.DelayAnswer} {
		c := open(t, sim.Options{}).overNetwork(false)
		c.http.Timeout = 20 * time.Millisecond
		c.AddFault(sim.Fault{Kind: kind, Delay: time.Hour})
		if a := c.do("POST", page("Accounts", "all"), `[{"ExternalId":"CU1"}]`); a.err == nil {
			t.Fatalf("%s: got %d", kind, a.status)
		}
		c.http.Timeout = 0
		deadline := time.Now().Add(time.Minute)
		for len(c.Accounts()) == 0 && time.Now().Before(deadline) {
			c.do("GET", page("Lists", "all"), "")
		}
		if len(c.Accounts()) == 0 {
			t.Errorf("%s: it was never done", kind)
		}
	}
}

// The same seed breaks the same calls; every kind comes; nothing is broken at rate 0.
func TestRandomFaults(t *testing.T) {
	run := func(seed uint64, rate float64) (string, map[sim.FaultKind]int) {
		c := open(t, sim.Options{After: func(time.Duration, func()) {}})
		c.SetRandomFaults(sim.RandomFaults{Seed: seed, Rate: rate, MaxDelay: time.Microsecond})
		for i := range 400 {
			c.do("POST", page("Accounts", "all"), fmt.Sprintf(`[{"ExternalId":"CU%d"}]`, i))
			c.do("GET", page("Accounts", "all", "limit", "1"), "")
		}
		var trace strings.Builder
		kinds := map[sim.FaultKind]int{}
		for _, call := range c.Journal(sim.JournalQuery{}) {
			fmt.Fprintln(&trace, call.Method, call.Fault, call.Status, call.Applied)
			if call.Fault != "" {
				kinds[call.Fault]++
			}
		}
		return trace.String(), kinds
	}
	a, kinds := run(7, 0.3)
	for _, line := range []string{"POST status 500 true", "POST status 500 false", "POST status 503 false", "POST cut-body 200 true"} {
		if !strings.Contains(a, line) {
			t.Errorf("no call is broken as %q", line)
		}
	}
	if b, _ := run(7, 0.3); a != b {
		t.Error("the same seed gives another run")
	}
	if b, _ := run(8, 0.3); a == b {
		t.Error("another seed gives the same run")
	}
	var names []string
	for kind := range kinds {
		names = append(names, string(kind))
	}
	sort.Strings(names)
	if want := "applied-late close-after close-before cut-body delay delay-answer html200 never-304 no-last-modified not-success status wrong-type"; strings.Join(names, " ") != want {
		t.Errorf("got %v", names)
	}
	if _, kinds = run(7, 0); len(kinds) != 0 {
		t.Errorf("at rate 0: %v", kinds)
	}
}

func TestFaultsOverHTTP(t *testing.T) {
	c := open(t, sim.Options{}).overNetwork(false)
	c.want(c.do("POST", "/__sim/faults", `[{"Kind":"status","Status":503,"RetryAfter":"12s","Resource":"Lists","Method":"GET","Count":2},{"Kind":"close-after","ExternalId":"CU1"}]`), 200)
	if a := c.want(c.do("GET", page("Lists", "all"), ""), 503); a.header.Get("Retry-After") != "12" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	var waiting []sim.Fault
	if err := json.Unmarshal([]byte(c.do("GET", "/__sim/faults", "").body), &waiting); err != nil || len(waiting) != 2 || waiting[0].Count != 1 {
		t.Errorf("waiting %+v %v", waiting, err)
	}
	c.want(c.do("POST", "/__sim/faults", `[{"Kind":"earthquake"}]`), 400)
	c.want(c.do("POST", "/__sim/faults", `[{"Kind":"delay","Delay":"soon"}]`), 400)
	c.want(c.do("POST", "/__sim/faults/clear", ``), 200)
	c.want(c.do("GET", page("Lists", "all"), ""), 200)
	c.want(c.do("POST", "/__sim/faults/random", `{"Seed":1,"Rate":1,"Kinds":["html200"]}`), 200)
	if a := c.do("GET", page("Lists", "all"), ""); !strings.HasPrefix(a.body, "<html>") {
		t.Errorf("got %s", a.body)
	}
	c.want(c.do("POST", "/__sim/faults/random", `{"MaxLate":"x"}`), 400)
	c.want(c.do("POST", "/__sim/faults/random", `{}`), 200)
	c.want(c.do("GET", page("Lists", "all"), ""), 200)
}
