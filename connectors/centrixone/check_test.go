package centrixone_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/record"
)

// Protected objects are there, under their names, before anything is written.
//
// Requirement: ACO-36, ACO-37, ACO-38, ACO-39, ACO-40, ACO-54, ACO-55
func TestCheck(t *testing.T) {
	list := func(text string) func(*server) { return func(s *server) { s.rows("Lists", text) } }
	stages := func(old, new string) func(*server) {
		return func(s *server) {
			inner := s.handler["GET Stages"]
			s.handler["GET Stages"] = func(w http.ResponseWriter, r *http.Request) {
				inner(edited{w, strings.NewReplacer(old, new)}, r)
			}
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*server)
		cfg    func(*centrixone.Config)
		code   string // empty: all is well
		args   map[string]string
	}{
		{name: "all there"},
		{name: "no list", change: func(s *server) { s.rows("Lists") }, code: centrixone.CodeListMissing, args: map[string]string{"list": "Acomba"}},
		{name: "a person's list of that name", change: list(`{"Id":5,"Name":"Acomba","Protected":false,"Source":null}`),
			code: centrixone.CodeListMissing, args: map[string]string{"list": "Acomba"}},
		{name: "list renamed", change: list(`{"Id":77,"Name":"Clients","Protected":true,"Source":"acomba"}`),
			code: centrixone.CodeListRenamed, args: map[string]string{"list": "Acomba", "found": "Clients"}},
		{name: "list unprotected", change: list(`{"Id":77,"Name":"Acomba","Protected":false,"Source":"acomba"}`),
			code: centrixone.CodeListUnprotected, args: map[string]string{"list": "Acomba"}},
		{name: "another ERP's list", cfg: func(c *centrixone.Config) { c.Source = "quickbooks" },
			code: centrixone.CodeListMissing, args: map[string]string{"list": "QuickBooks"}},
		{name: "a company's list", change: list(`{"Id":78,"Name":"Acomba north","Protected":true,"Source":"acomba"}`),
			cfg: func(c *centrixone.Config) { c.List = "Acomba north" }},
		{name: "another company's list", change: list(`{"Id":78,"Name":"Acomba south","Protected":true,"Source":"acomba"}`),
			cfg:  func(c *centrixone.Config) { c.List = "Acomba north" },
			code: centrixone.CodeListMissing, args: map[string]string{"list": "Acomba north"}},
		{name: "stage gone", change: stages(`"Key":"order"`, `"Key":"other"`),
			code: centrixone.CodeStageMissing, args: map[string]string{"stage": "order"}},
		{name: "stage renamed in French", change: stages("Facture", "Vente"),
			code: centrixone.CodeStageRenamed, args: map[string]string{"stage": "invoice", "want": "Facture", "found": "Vente"}},
		{name: "stage renamed in English", change: stages("Quotation", "Quote"),
			code: centrixone.CodeStageRenamed, args: map[string]string{"stage": "quote", "want": "Quotation", "found": "Quote"}},
		{name: "stage in another category", change: stages("won", "lost"),
			code: centrixone.CodeStageChanged, args: map[string]string{"stage": "invoice", "want": "won", "found": "lost"}},
		{name: "stage with another percentage", change: stages(`"Percent":40`, `"Percent":45`),
			code: centrixone.CodeStageChanged, args: map[string]string{"stage": "quote", "want": "40", "found": "45"}},
		{name: "stage unprotected", change: stages(`100,"Protected":true`, `100,"Protected":false`),
			code: centrixone.CodeStageUnprotected, args: map[string]string{"stage": "invoice"}},
		{name: "contracts without their stage", cfg: func(c *centrixone.Config) { c.Contracts = true },
			code: centrixone.CodeStageMissing, args: map[string]string{"stage": "contract"}},
		{name: "contract renamed", change: func(s *server) {
			s.rows("Stages", `{"Id":301,"Key":"contract","NameFR":"Entente","NameEN":"Contract","Protected":true}`)
		}, code: centrixone.CodeStageRenamed, args: map[string]string{"stage": "contract", "want": "Contrat", "found": "Entente"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			if tc.change != nil {
				tc.change(s)
			}
			var cfg []func(*centrixone.Config)
			if tc.cfg != nil {
				cfg = append(cfg, tc.cfg)
			}
			err := s.crm(cfg...).Check(t.Context())
			if tc.code == "" {
				if err != nil {
					t.Errorf("got %v, want none", err)
				}
				return
			}
			wantError(t, err, connectors.Drift, tc.code)
			if e, ok := errors.AsType[*connectors.Error](err); ok {
				if diff := cmp.Diff(tc.args, e.Args); diff != "" {
					t.Errorf("args (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// edited replaces words of an answer.
type edited struct {
	http.ResponseWriter
	words *strings.Replacer
}

func (e edited) Write(b []byte) (int, error) {
	_, err := e.ResponseWriter.Write([]byte(e.words.Replace(string(b))))
	return len(b), err
}

// The list and the stages are asked for with If-Modified-Since, and a 304 means what was there before.
//
// Requirement: EXT-11
func TestCheckConditional(t *testing.T) {
	const modified = "Sat, 21 Nov 2020 14:00:00 GMT"
	s := newServer(t)
	for _, resource := range []string{"Lists", "Stages"} {
		inner := s.handler["GET "+resource]
		s.handler["GET "+resource] = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Last-Modified", modified)
			if r.Header.Get("If-Modified-Since") == modified {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			inner(w, r)
		}
	}
	c := s.crm()
	for range 2 {
		if err := c.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, call := range s.calls {
		got = append(got, call.what+" "+call.modified)
	}
	want := []string{"GET Lists-all ", "GET Stages-all ", "GET Lists-all " + modified, "GET Stages-all " + modified}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// What the server answers to reads, and what that means.
//
// Requirement: EXT-11, EXT-12, ACO-79
func TestReadAnswers(t *testing.T) {
	ok := func(s *server) http.HandlerFunc { return s.handler["GET Lists"] }
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		probe  http.HandlerFunc // of the list; nil: it works
		kind   connectors.Kind
		code   string
	}{
		{"key refused", answers(403, "text/plain", "no key "+key), answers(403, "text/plain", account), connectors.Auth, centrixone.CodeAuth},
		{"account unknown", answers(404, "text/plain", "no account "+account), answers(404, "text/plain", ""), connectors.Auth, centrixone.CodeAuth},
		{"one resource refused", answers(403, "text/plain", key), nil, connectors.Unavailable, centrixone.CodeResourceRefused},
		{"bad request", answers(400, "text/plain", "?x="+key), nil, connectors.Unavailable, centrixone.CodeResourceRefused},
		{"server error", answers(500, "text/plain", "Internal Server Error"), nil, connectors.Unavailable, centrixone.CodeServerError},
		{"gateway", answers(502, "text/html", "<html>"), nil, connectors.Unavailable, centrixone.CodeServerError},
		{"busy", answers(503, "text/plain", "", "Retry-After", "30"), nil, connectors.RateLimited, centrixone.CodeRateLimited},
		{"moved", answers(302, "text/plain", "", "Location", "https://other.example/"+key), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"not modified, unasked", answers(304, "text/plain", ""), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"session ended", answers(200, "text/html", "<html>session expirée "+key), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"not called JSON", answers(200, "text/plain", `{"Result":"Success","Count":0,"Users":[]}`), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"no success", answers(200, "application/json", `{"Result":"`+account+`"}`), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"cut", answers(200, "application/json", `{"Result":"Success","Count":2,"Users":[{"Id":1}`), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"two answers", answers(200, "application/json", `{"Result":"Success","Users":[]}{}`), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"rows missing", answers(200, "application/json", `{"Result":"Success","Count":0}`), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"rows lost", answers(200, "application/json", `{"Result":"Success","Count":2,"Users":[{"Id":1}]}`), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"no Id", answers(200, "application/json", `{"Result":"Success","Count":1,"Users":[{"Id":"x"}]}`), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"next is odd", answers(200, "application/json", `{"Result":"Success","Count":0,"Users":[],"Next":{}}`), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"in circles", answers(200, "application/json", `{"Result":"Success","Count":0,"Users":[],"Next":"a"}`), nil, connectors.Unavailable, centrixone.CodeBadAnswer},
		{"connection lost", func(http.ResponseWriter, *http.Request) { panic(errors.New("reset by " + key)) }, nil, connectors.Unavailable, centrixone.CodeUnreachable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			s.handler["GET Users"] = tc.answer
			if tc.probe == nil {
				tc.probe = ok(s)
			}
			s.handler["GET Lists"] = tc.probe
			err := s.crm().Sweep(t.Context(), "user", func(record.Key) {})
			wantError(t, err, tc.kind, tc.code)
			if e, _ := errors.AsType[*connectors.Error](err); e != nil && (e.Args["resource"] == "Users") != (tc.code == centrixone.CodeResourceRefused) {
				t.Errorf("args %v", e.Args)
			}
			if err != nil && strings.Contains(err.Error(), "500 Internal") != (tc.name == "server error") {
				t.Errorf("error %q", err)
			}
			if tc.name == "server error" && !strings.Contains(err.Error(), "Erreur de communication avec l'API. 500 Internal Server Error.") {
				t.Errorf("error %q lacks the words that people know", err)
			}
		})
	}
}

// Last-Modified has whole seconds: a list renamed in the second of the last answer is not hidden by a 304.
func TestCheckSameSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		changed := time.Now()
		serve := func(row string) {
			s.handler["GET Lists"] = func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Last-Modified", changed.UTC().Format(http.TimeFormat))
				if asked, err := http.ParseTime(r.Header.Get("If-Modified-Since")); err == nil && !changed.Truncate(time.Second).After(asked) {
					w.WriteHeader(http.StatusNotModified)
					return
				}
				reply(w, "Lists", "", row)
			}
		}
		serve(`{"Id":77,"Name":"Acomba","Protected":true,"Source":"acomba"}`)
		c := s.crm()
		if err := c.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		changed = time.Now()
		serve(`{"Id":77,"Name":"Clients","Protected":true,"Source":"acomba"}`)
		time.Sleep(time.Minute)
		wantError(t, c.Check(t.Context()), connectors.Drift, centrixone.CodeListRenamed)
	})
}
