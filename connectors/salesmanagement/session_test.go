package salesmanagement_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
	"syncbox/connectors/salesmanagement"
)

// Requirement: S50-1
func TestConfig(t *testing.T) {
	good := salesmanagement.Config{PublicKey: "a", PrivateKey: "b", Dossier: "Nord", Admin: "1"}
	check(t, good.Validate())
	for _, tt := range []struct {
		name  string
		spoil func(*salesmanagement.Config)
	}{
		{"no key", func(c *salesmanagement.Config) { c.PrivateKey = "" }},
		{"no secure address", func(c *salesmanagement.Config) { c.BaseURL = "http://api.example" }},
		{"rate", func(c *salesmanagement.Config) { c.Rate = -1 }},
		{"no dossier", func(c *salesmanagement.Config) { c.Dossier = "" }},
		{"dossier with a colon", func(c *salesmanagement.Config) { c.Dossier = "a:b" }},
		{"no administrator", func(c *salesmanagement.Config) { c.Admin = "" }},
		{"branch", func(c *salesmanagement.Config) { c.Branch = -1 }},
		{"page", func(c *salesmanagement.Config) { c.PageSize = 5000 }},
		{"answer", func(c *salesmanagement.Config) { c.MaxAnswer = 1 }},
		{"time-out", func(c *salesmanagement.Config) { c.Timeout = -1 }},
		{"one status for both", func(c *salesmanagement.Config) { c.Prospects = []string{"Client "} }},
		{"no prospects", func(c *salesmanagement.Config) { c.Prospects = []string{} }},
		{"a state without a name", func(c *salesmanagement.Config) { c.Quotes = map[string]string{salesmanagement.Draft: "x"} }},
		{"two states of one name", func(c *salesmanagement.Config) {
			c.Quotes = map[string]string{"draft": "a", "to-price": "b", "sent": "c", "imported": "d", "priced": "A", "refused": "f"}
		}},
	} {
		c := good
		tt.spoil(&c)
		if _, err := salesmanagement.New(c, nil, nil); !errors.Is(err, salesmanagement.ErrConfig) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	good.PrivateKey = privateKey
	if text := good.String() + good.GoString() + good.LogValue().String(); strings.Contains(text, privateKey) {
		t.Error("a key is shown")
	}
}

// One log-on serves all calls until it ends; each end costs one more.
func TestSession(t *testing.T) {
	d := newDesk(t)
	c, n := d.tenant(), connectortest.NewNotes()
	d.look(c, n)
	d.look(c, n)
	if d.logins != 1 {
		t.Errorf("%d log-ons for two looks", d.logins)
	}
	d.token = ""
	d.look(c, n)
	if d.logins != 2 {
		t.Errorf("%d log-ons after the session ended", d.logins)
	}
	for range 2 {
		check(t, c.Close())
	}
	d.look(c, n)
	if d.logins != 3 {
		t.Errorf("%d log-ons, also after Close", d.logins)
	}
	d.quiet()
}

// A token that is good for one call is no reason to stop.
func TestTokenOfOneCall(t *testing.T) {
	d := newDesk(t)
	d.add("accounts", object{"name": "Dupont"})
	c, n := d.tenant(), connectortest.NewNotes()
	used := ""
	d.onAnswer = func(r *http.Request) *said {
		token := r.Header.Get("X-Session-Key")
		if token != "" && token == used {
			d.token = ""
		}
		used = token
		return nil
	}
	if told := d.look(c, n); len(told[record.Account]) != 1 {
		t.Errorf("told %v", told)
	}
}

// Two refusals in a row stop this side until a person has looked; so do refused keys.
func TestAuth(t *testing.T) {
	d := newDesk(t)
	c := d.tenant()
	check(t, c.Check(t.Context()))
	d.onAnswer = func(r *http.Request) *said {
		if strings.HasSuffix(r.URL.Path, "/login") {
			return nil
		}
		return &said{status: 401, body: `{"message":"Unauthorized"}`}
	}
	_, _, err := c.Read(t.Context(), record.Account, []record.Key{"1"})
	before := len(d.calls)
	if connectors.CodeOf(err) != salesmanagement.CodeAuth || connectors.KindOf(err) != connectors.Auth || d.logins != 2 {
		t.Errorf("got %v after %d log-ons", err, d.logins)
	}
	d.onAnswer = nil
	r := d.apply(c, update(record.Account, 1, record.Fields{"name": text("x")}))
	d.refuses(r, connectors.NotApplied, connectors.Auth, salesmanagement.CodeAuth)
	if len(d.calls) != before {
		t.Error("it knocks again by itself")
	}
	c.Retry()
	if _, _, err := c.Read(t.Context(), record.Account, []record.Key{"1"}); err != nil {
		t.Errorf("after a person's word: %v", err)
	}
	bad := d.tenant(func(c *salesmanagement.Config) { c.PrivateKey = "other" })
	for range 3 {
		if err := bad.Check(t.Context()); connectors.KindOf(err) != connectors.Auth {
			t.Errorf("refused keys: %v", err)
		}
	}
	if got := strings.Join(d.calls[len(d.calls)-2:], ","); strings.Count(got, "login") != 1 {
		t.Errorf("refused keys are tried again: %s", got)
	}
	d.quiet(err)
}

// A server that throttles is left alone as long as it says, else for 2, 4, 8 s and so on (M3).
func TestThrottled(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		header map[string]string
		least  []time.Duration
	}{
		{"with a time", 429, map[string]string{"Retry-After": "7"}, []time.Duration{7 * time.Second, 7 * time.Second}},
		{"without", 429, nil, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute}},
		{"by 408", 408, nil, []time.Duration{2 * time.Second, 4 * time.Second}},
	} {
		d := newDesk(t)
		c := d.tenant()
		check(t, c.Check(t.Context()))
		d.onAnswer = func(*http.Request) *said { return &said{status: tt.status, header: tt.header} }
		for _, least := range tt.least {
			_, _, err := c.Read(t.Context(), record.Account, []record.Key{"1"})
			e, ok := errors.AsType[*connectors.Error](err)
			if !ok || e.Kind != connectors.RateLimited || e.Code != salesmanagement.CodeRateLimited || e.Retry < least || e.Retry > least*5/4 {
				t.Fatalf("%s: got %v, want a wait of %v", tt.name, err, least)
			}
			sent := len(d.calls)
			if _, _, err := c.Read(t.Context(), record.Account, []record.Key{"1"}); err == nil || len(d.calls) != sent {
				t.Errorf("%s: it is not left alone", tt.name)
			}
			d.later(e.Retry)
		}
	}
}

// The plan's calls per second are never used up, by one call at a time.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		c := d.tenant(func(c *salesmanagement.Config) { c.Rate = 0 })
		begin := time.Now()
		check(t, c.Check(t.Context()))
		if took, least := time.Since(begin), time.Duration(len(d.calls)-1)*time.Second/4; took < least {
			t.Errorf("%d calls in %v", len(d.calls), took)
		}
	})
}

// What is no answer of the API: its words are never told, and a write may have happened.
func TestBadAnswers(t *testing.T) {
	html := map[string]string{"Content-Type": "text/html"}
	for _, tt := range []struct {
		name    string
		said    said
		code    string
		outcome connectors.Outcome
	}{
		{"maintenance", said{status: 200, header: html, body: "<h1>Dupont</h1>"}, salesmanagement.CodeBadAnswer, connectors.ReadBack},
		{"no JSON", said{status: 200, body: `{"Dupont`}, salesmanagement.CodeBadAnswer, connectors.ReadBack},
		{"ill", said{status: 500, body: `{"message":"Dupont"}`}, salesmanagement.CodeServerError, connectors.ReadBack},
		{"no database", said{status: 400, body: `{"code":900}`}, salesmanagement.CodeServerError, connectors.ReadBack},
		{"refused, in plain", said{status: 400, header: map[string]string{"Content-Type": "text/plain"}, body: "901 Dupont"}, salesmanagement.CodeRecordRefused, connectors.NotApplied},
		{"nothing", said{cut: true}, salesmanagement.CodeUnreachable, connectors.InDoubt},
	} {
		d := newDesk(t)
		id := d.add("accounts", object{"name": "Dupont"})
		c := d.tenant()
		check(t, c.Check(t.Context()))
		d.onAnswer = func(r *http.Request) *said {
			if r.Method == http.MethodPut {
				return &tt.said
			}
			return nil
		}
		r := d.apply(c, update(record.Account, id, record.Fields{"city": text("Lyon")}))
		if r.Outcome != tt.outcome || connectors.CodeOf(r.Err) != tt.code {
			t.Errorf("%s: got %+v", tt.name, r)
		}
		if tt.name == "refused, in plain" {
			e, _ := errors.AsType[*connectors.Error](r.Err)
			if e == nil || e.Args["error"] != "901" {
				t.Errorf("%s: args %v", tt.name, e)
			}
		}
		d.quiet(r.Err)
	}
}

// A log-on that gets no answer means that the call was not sent.
func TestLogonLost(t *testing.T) {
	d := newDesk(t)
	id := d.add("accounts", object{"name": "Dupont"})
	c := d.tenant()
	check(t, c.Check(t.Context()))
	d.onAnswer = func(r *http.Request) *said {
		switch {
		case strings.HasSuffix(r.URL.Path, "/login"):
			return &said{cut: true}
		case r.Method == http.MethodPut:
			return &said{status: 401}
		}
		return nil
	}
	r := d.apply(c, update(record.Account, id, record.Fields{"city": text("Lyon")}))
	d.refuses(r, connectors.NotApplied, connectors.Unavailable, salesmanagement.CodeUnreachable)
	if !errors.Is(r.Err, rest.ErrNotApplied) {
		t.Error("it is not certain")
	}
}
