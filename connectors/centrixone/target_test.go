package centrixone_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/record"
)

const incumbent = "Erreur de communication avec l'API. 500 Internal Server Error."

func create(e record.Entity, ext string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: "op-" + ext, Kind: connectors.Create, Entity: e, ExternalID: ext, Fields: fields}
}

func update(e record.Entity, key record.Key, fields record.Fields) connectors.Op {
	return connectors.Op{ID: "op-" + string(key), Kind: connectors.Update, Entity: e, Key: key, Fields: fields}
}

// What is sent, to the byte.
//
// Requirement: ACO-56
func TestApplyBodies(t *testing.T) {
	displaced := create(record.Account, "CU1873", record.Fields{"Name": record.TextOf("New")})
	displaced.Displace = &connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: "5", ExternalID: "CU1873.r1",
		Fields: record.Fields{"ERPActive": record.BoolOf(false)}}
	linked := update(record.Contact, "6", nil)
	linked.ExternalID = "CC1873"
	for _, tc := range []struct {
		name string
		op   connectors.Op
		url  string
		body string
		key  record.Key
	}{
		{"account", create(record.Account, "CU1873", record.Fields{"Name": record.TextOf("R & D <é>"), "City": {}, "SalesRep": record.RefOf("12"),
			"Sync.Discount": number("12.5"), "Sync.Territory": {}, "ERPActive": record.BoolOf(true)}), "POST Accounts-all",
			`[{"City":null,"ERPActive":true,"ExternalId":"CU1873","Lists":[77],"Name":"R & D <é>","SalesRep":12,"Sync":{"Discount":"12.50","Territory":null}}]`, "1001"},
		{"contact", create(record.Contact, "CC1873", record.Fields{"AccountId": record.RefOf("5")}), "POST Contacts-all",
			`[{"AccountId":5,"ExternalId":"CC1873","Lists":[77]}]`, "1001"},
		{"user", create(record.User, "VE12", record.Fields{"Number": record.TextOf("12")}), "POST Users-all",
			`[{"ExternalId":"VE12","Number":"12"}]`, "1001"},
		{"category", create(record.Category, "PG7", record.Fields{"Active": record.BoolOf(false)}), "POST RevenueCategories-all",
			`[{"Active":false,"ExternalId":"PG7"}]`, "1001"},
		{"update", update(record.Account, "5", record.Fields{"Fax": {}, "Phone1": record.TextOf("418 555-0100 #12")}), "POST Accounts-all",
			`[{"Fax":null,"Id":5,"Phone1":"418 555-0100 #12"}]`, "5"},
		{"external id alone", linked, "POST Contacts-all", `[{"ExternalId":"CC1873","Id":6}]`, "6"},
		{"displacing", displaced, "POST Accounts-all",
			`[{"ERPActive":false,"ExternalId":"CU1873.r1","Id":5},{"ExternalId":"CU1873","Lists":[77],"Name":"New"}]`, "1002"},
		{"document", create(record.Document, "DO4121", record.Fields{"StageId": record.TextOf("K.quote"), "Percent": number("40"),
			"Date": {Kind: record.Date, Text: "2026-11-20"}, "Freight": number("85"), "TotalBeforeTax": number("-2840.125"), "UserId": {},
			"Lines": record.RowsOf(record.Fields{"No": number("1"), "RevenueCategoryId": record.RefOf("7"), "Quantity": number("2.50"),
				"UnitPrice": number("1450"), "Description": {}})}), "POST Opportunities-all",
			`[{"Date":"2026-11-20","ExternalId":"DO4121","Freight":"85.00","Lines":[{"Description":null,"No":1,"Quantity":"2.5","RevenueCategoryId":7,"UnitPrice":"1450.00"}],` +
				`"Percent":40,"StageId":"K.quote","TotalBeforeTax":"-2840.125","UserId":null}]`, "1001"},
		{"no lines", update(record.Document, "9", record.Fields{"Lines": {}}), "POST Opportunities-all", `[{"Id":9,"Lines":null}]`, "9"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			resource := strings.TrimSuffix(strings.TrimPrefix(tc.url, "POST "), "-all")
			s.handler["POST "+resource] = func(w http.ResponseWriter, r *http.Request) {
				if kind := r.Header.Get("Content-Type"); kind != "application/json; charset=utf-8" {
					t.Errorf("type %q", kind)
				}
				accept(w, posted(t, r))
			}
			got := s.crm().Apply(t.Context(), []connectors.Op{tc.op})
			if diff := cmp.Diff([]connectors.Result{{Outcome: connectors.Applied, Key: tc.key}}, got); diff != "" {
				t.Fatalf("result (-want +got):\n%s", diff)
			}
			last := s.calls[len(s.calls)-1]
			if last.what != tc.url || last.query != "" || last.body != tc.body {
				t.Errorf("sent %s?%s\n%s\nwant %s\n%s", last.what, last.query, last.body, tc.url, tc.body)
			}
		})
	}
}

// What has no form in the dialect is refused alone, and nothing of it is sent.
func TestApplyBadOps(t *testing.T) {
	s := newServer(t)
	s.handler["POST Users"] = func(w http.ResponseWriter, r *http.Request) { accept(w, posted(t, r)) }
	twice := update(record.User, "1", nil)
	twice.Displace = &connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: "5"}
	with := create(record.User, "VE1", nil)
	with.With = []connectors.Op{{}}
	ops := []connectors.Op{
		create("stranger", "X1", nil), create(record.User, "VE-1", nil), update(record.User, "VE1", nil), update(record.User, "", nil), update(record.User, "007", nil),
		update(record.User, "1", record.Fields{"Nickname": record.TextOf("x")}), update(record.User, "1", record.Fields{"Number": number("1")}),
		create(record.Account, "CU1", record.Fields{"SalesRep": record.RefOf("E.VE1")}),
		create(record.Document, "DO1", record.Fields{"Lines": record.RowsOf(record.Fields{"Colour": record.TextOf("x")})}),
		{Kind: 9, Entity: record.User}, twice, with,
	}
	got := s.crm().Apply(t.Context(), append(ops, create(record.User, "VE2", nil)))
	for i := range ops {
		if got[i].Outcome != connectors.NotApplied {
			t.Errorf("op %d: %+v, want not applied", i, got[i])
		}
		wantError(t, got[i].Err, connectors.Rejected, centrixone.CodeBadOp)
	}
	if got[len(ops)].Outcome != connectors.Applied {
		t.Errorf("the good one: %+v", got[len(ops)])
	}
	if sent := s.sent("POST"); len(sent) != 1 {
		t.Errorf("sent %q", sent)
	}
}

// What each answer to a write means.
//
// Requirement: EXT-11, EXT-12, ACO-79
func TestApplyAnswers(t *testing.T) {
	refused := answers(403, "text/plain", "no "+key)
	const success = `{"Result":"Success","Items":[`
	for _, tc := range []struct {
		name    string
		answer  http.HandlerFunc
		probe   http.HandlerFunc // of the list; nil: it works
		outcome connectors.Outcome
		kind    connectors.Kind
		code    string
		goesOn  bool // what comes after it is sent
	}{
		{"busy until", answers(503, "text/plain", "", "Retry-After", "30"), nil, connectors.NotApplied, connectors.RateLimited, centrixone.CodeRateLimited, false},
		{"too many", answers(429, "text/plain", ""), nil, connectors.NotApplied, connectors.RateLimited, centrixone.CodeRateLimited, false},
		{"busy, no time named", answers(503, "text/html", ""), nil, connectors.InDoubt, connectors.RateLimited, centrixone.CodeRateLimited, false},
		{"server error", answers(500, "text/plain", "Internal Server Error "+key), nil, connectors.ReadBack, connectors.Rejected, centrixone.CodeServerError, true},
		{"gateway time-out", answers(504, "text/html", ""), nil, connectors.InDoubt, connectors.Unavailable, centrixone.CodeServerError, false},
		{"session ended", answers(200, "text/html", "<html>"+key), nil, connectors.ReadBack, connectors.Unavailable, centrixone.CodeBadAnswer, false},
		{"not called JSON", answers(200, "text/plain", success+`{"Index":0,"Id":5}]}`), nil, connectors.ReadBack, connectors.Unavailable, centrixone.CodeBadAnswer, false},
		{"no success", answers(200, "application/json", `{"Result":"Error","Items":[{"Index":0,"Id":5}]}`), nil, connectors.ReadBack, connectors.Unavailable, centrixone.CodeBadAnswer, false},
		{"no result", answers(200, "application/json", `{"Items":[{"Index":0,"Id":5}]}`), nil, connectors.ReadBack, connectors.Unavailable, centrixone.CodeBadAnswer, false},
		{"cut", answers(200, "application/json", success), nil, connectors.ReadBack, connectors.Unavailable, centrixone.CodeBadAnswer, false},
		{"no items", answers(200, "application/json", success+`]}`), nil, connectors.ReadBack, connectors.Unavailable, centrixone.CodeBadAnswer, false},
		{"item without Id", answers(200, "application/json", success+`{"Index":0}]}`), nil, connectors.ReadBack, connectors.Unavailable, centrixone.CodeBadAnswer, false},
		{"another index", answers(200, "application/json", success+`{"Index":1,"Id":5}]}`), nil, connectors.ReadBack, connectors.Unavailable, centrixone.CodeBadAnswer, false},
		{"another record", answers(200, "application/json", success+`{"Index":0,"Id":6}]}`), nil, connectors.ReadBack, connectors.Unavailable, centrixone.CodeBadAnswer, true},
		{"moved", answers(302, "text/plain", "", "Location", "/elsewhere"), nil, connectors.ReadBack, connectors.Unavailable, centrixone.CodeBadAnswer, false},
		{"key refused", refused, refused, connectors.NotApplied, connectors.Auth, centrixone.CodeAuth, false},
		{"account unknown", answers(404, "text/plain", account), answers(404, "text/plain", account), connectors.NotApplied, connectors.Auth, centrixone.CodeAuth, false},
		{"refused, and silent then", refused, answers(502, "text/plain", ""), connectors.NotApplied, connectors.Unavailable, centrixone.CodeServerError, false},
		{"record refused", refused, nil, connectors.NotApplied, connectors.Rejected, centrixone.CodeRecordRefused, true},
		{"record missing", answers(404, "text/plain", "Not Found"), nil, connectors.NotApplied, connectors.Rejected, centrixone.CodeRecordMissing, true},
		{"conflict", answers(409, "text/plain", "Conflict"), nil, connectors.NotApplied, connectors.Rejected, centrixone.CodeConflict, true},
		{"bad request", answers(400, "text/plain", "Bad Request"), nil, connectors.NotApplied, connectors.Rejected, centrixone.CodeRecordRefused, true},
		{"reset", func(http.ResponseWriter, *http.Request) {
			panic(&net.OpError{Op: "read", Err: errors.New("reset " + key)})
		}, nil,
			connectors.InDoubt, connectors.Unavailable, centrixone.CodeUnreachable, false},
		{"no connection", func(http.ResponseWriter, *http.Request) { panic(&net.OpError{Op: "dial", Err: errors.New("refused")}) }, nil,
			connectors.NotApplied, connectors.Unavailable, centrixone.CodeUnreachable, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			if tc.probe != nil {
				s.handler["GET Lists"] = tc.probe
			}
			s.handler["POST Accounts"] = tc.answer
			s.handler["POST Contacts"] = func(w http.ResponseWriter, r *http.Request) { accept(w, posted(t, r)) }
			c := s.crm()
			got := c.Apply(t.Context(), []connectors.Op{
				update(record.Account, "5", record.Fields{"Name": record.TextOf("x")}), update(record.Contact, "6", nil)})
			if got[0].Outcome != tc.outcome || got[0].Key != "" {
				t.Errorf("result %+v, want outcome %d", got[0], tc.outcome)
			}
			wantError(t, got[0].Err, tc.kind, tc.code)
			if tc.goesOn != (got[1].Outcome == connectors.Applied) || !tc.goesOn && got[1].Outcome != connectors.NotApplied {
				t.Errorf("what follows: %+v, want sent: %v", got[1], tc.goesOn)
			}
			if got := strings.Contains(got[0].Err.Error(), incumbent); got != (tc.name == "server error") {
				t.Errorf("the words that people know: %v (%v)", got, tc.name)
			}
			if posts := len(s.sent("POST Accounts")); posts != 1 {
				t.Errorf("%d posts, want 1", posts)
			}
		})
	}
}

// Two items for one record leave the other one unknown.
func TestApplyItemTwice(t *testing.T) {
	s := newServer(t)
	s.handler["POST Users"] = answers(200, "application/json", `{"Result":"Success","Items":[{"Index":1,"Id":5},{"Index":1,"Id":6}]}`)
	got := s.crm().Apply(t.Context(), []connectors.Op{update(record.User, "5", nil), update(record.User, "6", nil)})
	if outcomes(got) != "RR" {
		t.Errorf("outcomes %s, want RR", outcomes(got))
	}
}

// The server's words come without what they repeat of a customer.
//
// Requirement: EXT-12
func TestApplyRefusalHidesCustomer(t *testing.T) {
	s := newServer(t)
	s.handler["POST Accounts"] = answers(400, "text/plain", "Nom « Plomberie Tremblay » refusé pour "+key)
	got := s.crm().Apply(t.Context(), []connectors.Op{update(record.Account, "5", record.Fields{"Name": record.TextOf("Plomberie Tremblay")})})
	text := got[0].Err.Error()
	if strings.Contains(text, "Tremblay") || !strings.Contains(text, "Nom « … » refusé pour ***") {
		t.Errorf("error %q", text)
	}
}

func TestApplyEndedContext(t *testing.T) {
	s := newServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := s.crm().Apply(ctx, []connectors.Op{update(record.User, "5", nil), create(record.Account, "CU1", nil)})
	for i, r := range got {
		if r.Outcome != connectors.NotApplied || !errors.Is(r.Err, context.Canceled) {
			t.Errorf("op %d: %+v, want not applied, cancelled", i, r)
		}
	}
	if len(s.calls) != 0 {
		t.Errorf("sent %v", s.calls)
	}
}

// Without the protected list nothing is made that belongs into it, and nothing else either.
//
// Requirement: ACO-55
func TestApplyWithoutList(t *testing.T) {
	s := newServer(t)
	s.rows("Lists")
	got := s.crm().Apply(t.Context(), []connectors.Op{create(record.Account, "CU1", nil), update(record.Account, "5", nil)})
	for _, r := range got {
		if r.Outcome != connectors.NotApplied {
			t.Errorf("got %+v", r)
		}
		wantError(t, r.Err, connectors.Drift, centrixone.CodeListMissing)
	}
	if sent := s.sent("POST"); len(sent) != 0 {
		t.Errorf("sent %q", sent)
	}
}

// shop is a server that keeps accounts by Id and does a POST whole or not at all.
type shop struct {
	*server
	accounts map[string]map[string]any
	poison   string // external id or Id that it can't stand
	answer   http.HandlerFunc
	done     bool   // it does the whole request before it answers so
	before   func() // what happens between the answer and the next read
}

func newShop(t *testing.T, poison string, answer http.HandlerFunc) *shop {
	s := &shop{server: newServer(t), accounts: map[string]map[string]any{}, poison: poison, answer: answer}
	s.handler["POST Accounts"] = s.post
	s.handler["GET Accounts"] = s.get
	return s
}

func (s *shop) post(w http.ResponseWriter, r *http.Request) {
	rows := posted(s.t, r)
	bad := slices.ContainsFunc(rows, func(r map[string]any) bool { return r["ExternalId"] == s.poison || fmt.Sprint(r["Id"]) == s.poison })
	if !bad || s.done {
		for i, r := range rows {
			if r["Id"] == nil {
				rows[i]["Id"] = json.Number(fmt.Sprint(1001 + len(s.accounts)))
			}
			id := fmt.Sprint(rows[i]["Id"])
			if s.accounts[id] == nil {
				s.accounts[id] = map[string]any{}
			}
			for name, v := range rows[i] {
				s.accounts[id][name] = v
			}
		}
	}
	if bad {
		s.answer(w, r)
		if s.before != nil {
			s.before()
		}
		return
	}
	accept(w, rows)
}

func (s *shop) get(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(r.URL.Path, ".awp")
	var rows []string
	for term := range strings.SplitSeq(name[strings.LastIndex(name, "-")+1:], ",") {
		for id, a := range s.accounts {
			if term == "C"+id || term == "E"+fmt.Sprint(a["ExternalId"]) {
				b, _ := json.Marshal(a)
				rows = append(rows, string(b))
			}
		}
	}
	reply(w, "Accounts", "", rows...)
}

// outcomes writes results as one letter each: A applied, N not applied, D in doubt, R to be read back.
func outcomes(results []connectors.Result) string {
	var b strings.Builder
	for _, r := range results {
		b.WriteByte(" ANDRP"[r.Outcome])
	}
	return b.String()
}

// A batch that is refused is halved until the bad record is alone; the others are done, each once.
//
// Requirement: ACO-75
func TestApplyHalves(t *testing.T) {
	internal := answers(500, "text/plain", "Internal Server Error")
	for _, tc := range []struct {
		name   string
		poison string
		answer http.HandlerFunc
		want   string
		code   string
	}{
		{"nothing bad", "", nil, "AAAAAAAA", ""},
		{"refused create", "CU5", answers(409, "text/plain", "Conflict"), "AAAAANAA", centrixone.CodeConflict},
		{"refused update", "3", answers(404, "text/plain", "Not Found"), "AAANAAAA", centrixone.CodeRecordMissing},
		{"server error at a create", "CU7", internal, "AAAAAAAR", centrixone.CodeServerError},
		{"server error at an update", "1", internal, "ARAAAAAA", centrixone.CodeServerError},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newShop(t, tc.poison, tc.answer)
			var ops []connectors.Op
			for i := range 8 {
				id := fmt.Sprint(i)
				fields := record.Fields{"Name": record.TextOf("new " + id)}
				if i < 4 && i > 0 {
					s.accounts[id] = map[string]any{"Id": json.Number(id), "Name": "old"}
					op := update(record.Account, record.Key(id), fields)
					op.Seen = record.Fields{"Name": record.TextOf("old")}
					ops = append(ops, op)
					continue
				}
				ops = append(ops, create(record.Account, "CU"+id, fields))
			}
			got := s.crm(func(c *centrixone.Config) { c.BatchSize = 8 }).Apply(t.Context(), ops)
			if outcomes(got) != tc.want {
				t.Fatalf("outcomes %s, want %s", outcomes(got), tc.want)
			}
			for i, r := range got {
				if r.Outcome == connectors.Applied {
					if name := s.accounts[string(r.Key)]["Name"]; name != fmt.Sprintf("new %d", i) {
						t.Errorf("op %d: record %s is called %v", i, r.Key, name)
					}
					continue
				}
				wantError(t, r.Err, connectors.Rejected, tc.code)
			}
			posts := map[string]int{}
			for _, c := range s.calls {
				if strings.HasPrefix(c.what, "POST") {
					posts[c.body]++
				}
			}
			for body, n := range posts {
				if n > 1 {
					t.Errorf("sent %d times: %s", n, body)
				}
			}
		})
	}
}

// A batch that was done although the answer was 500, or that may have been, is not sent again.
//
// Requirement: ACO-79
func TestApplyNothingTwice(t *testing.T) {
	for _, tc := range []struct {
		name   string
		done   bool
		before func(*shop)
		seen   bool
		want   string
		posts  int
		kind   connectors.Kind
	}{
		{name: "done all the same", done: true, seen: true, want: "RRRR", posts: 1, kind: connectors.Busy},
		{name: "done, and edited since", done: true, seen: true, before: func(s *shop) { s.accounts["1"]["Name"] = "typed" }, want: "RRRR", posts: 1, kind: connectors.Busy},
		{name: "not done, all edited since", seen: true, before: func(s *shop) {
			for id := range s.accounts {
				s.accounts[id]["Name"] = "typed"
			}
		}, want: "RRRR", posts: 1, kind: connectors.Busy},
		{name: "not done", seen: true, want: "RAAA", posts: 5, kind: connectors.Rejected},
		{name: "not done, and nobody knows what was there", want: "RAAA", posts: 5, kind: connectors.Rejected},
		{name: "unreadable after it", before: func(s *shop) { s.handler["GET Accounts"] = answers(500, "text/plain", "") }, seen: true,
			want: "RRRR", posts: 1, kind: connectors.Unavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newShop(t, "1", answers(500, "text/plain", "Internal Server Error"))
			s.done = tc.done
			s.before = func() {
				if tc.before != nil {
					tc.before(s)
				}
			}
			var ops []connectors.Op
			for i := range 4 {
				id := fmt.Sprint(i + 1)
				s.accounts[id] = map[string]any{"Id": json.Number(id), "Name": "old"}
				op := update(record.Account, record.Key(id), record.Fields{"Name": record.TextOf("new")})
				if tc.seen {
					op.Seen = record.Fields{"Name": record.TextOf("old"), "City": record.TextOf("x")}
				}
				ops = append(ops, op)
			}
			got := s.crm().Apply(t.Context(), ops)
			if outcomes(got) != tc.want {
				t.Errorf("outcomes %s, want %s", outcomes(got), tc.want)
			}
			wantError(t, got[0].Err, tc.kind, centrixone.CodeServerError)
			if posts := len(s.sent("POST")); posts != tc.posts {
				t.Errorf("%d posts, want %d", posts, tc.posts)
			}
		})
	}
}

// A displaced external id shows by its holder whether the request was done.
func TestApplyDisplaceReadBack(t *testing.T) {
	s := newShop(t, "CU9", answers(500, "text/plain", "Internal Server Error"))
	s.accounts["5"] = map[string]any{"Id": json.Number("5"), "ExternalId": "CU1"}
	op := create(record.Account, "CU1", nil)
	op.Displace = &connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: "5", ExternalID: "CU1.r1"}
	got := s.crm().Apply(t.Context(), []connectors.Op{op, create(record.Account, "CU9", nil)})
	if outcomes(got) != "AR" || got[0].Key == "5" || s.accounts["5"]["ExternalId"] != "CU1.r1" {
		t.Errorf("outcomes %s, results %+v, old record %v", outcomes(got), got, s.accounts["5"])
	}
}

// What looks the same before and after tells nothing about the request; a missing external id does.
func TestApplyReadBackSigns(t *testing.T) {
	linked := update(record.Account, "5", nil)
	linked.ExternalID = "CU1"
	same := update(record.Account, "5", record.Fields{"Name": record.TextOf("old")})
	same.Seen = record.Fields{"Name": record.TextOf("old")}
	for _, tc := range []struct {
		name, poison string
		ops          []connectors.Op
		want         string
		posts        int
	}{
		{"external id not there", "6", []connectors.Op{linked, update(record.Account, "6", record.Fields{"Name": record.TextOf("x")})}, "AR", 3},
		{"nothing new beside what is not there", "CU9", []connectors.Op{same, create(record.Account, "CU9", nil)}, "AR", 3},
		{"nothing tells", "7", []connectors.Op{same, create(record.Account, "", nil), update(record.Account, "7", nil)}, "RRR", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newShop(t, tc.poison, answers(500, "text/plain", "Internal Server Error"))
			for _, id := range []string{"5", "6", "7"} {
				s.accounts[id] = map[string]any{"Id": json.Number(id), "Name": "old"}
			}
			got := s.crm().Apply(t.Context(), tc.ops)
			if outcomes(got) != tc.want {
				t.Errorf("outcomes %s, want %s", outcomes(got), tc.want)
			}
			if posts := len(s.sent("POST")); posts != tc.posts {
				t.Errorf("%d posts, want %d", posts, tc.posts)
			}
		})
	}
}

// Ops of one entity that follow each other share requests of the configured size, in their order.
func TestApplyBatches(t *testing.T) {
	s := newServer(t)
	for _, resource := range []string{"Users", "Contacts"} {
		s.handler["POST "+resource] = func(w http.ResponseWriter, r *http.Request) { accept(w, posted(t, r)) }
	}
	var ops []connectors.Op
	for i := range 5 {
		ops = append(ops, update(record.User, record.Key(fmt.Sprint(i+1)), nil))
	}
	ops = append(ops, update(record.Contact, "8", nil), update(record.User, "9", nil))
	got := s.crm(func(c *centrixone.Config) { c.BatchSize = 3 }).Apply(t.Context(), ops)
	for i, r := range got {
		if r.Outcome != connectors.Applied || r.Key != ops[i].Key {
			t.Errorf("op %d: %+v", i, r)
		}
	}
	var bodies []string
	for _, c := range s.calls {
		bodies = append(bodies, c.body)
	}
	want := []string{`[{"Id":1},{"Id":2},{"Id":3}]`, `[{"Id":4},{"Id":5}]`, `[{"Id":8}]`, `[{"Id":9}]`}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Over a real connection: the key is in no error, whatever goes wrong with the answer.
//
// Requirement: EXT-12
func TestApplyOverNetwork(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	replies := make(chan string, 1)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			var seen bytes.Buffer
			buf := make([]byte, 4096)
			for !bytes.HasSuffix(seen.Bytes(), []byte("]")) {
				n, err := conn.Read(buf)
				if seen.Write(buf[:n]); err != nil {
					break
				}
			}
			io.WriteString(conn, <-replies)
			conn.Close()
		}
	}()
	cfg := config()
	cfg.BaseURL = "http://" + l.Addr().String()
	c, err := centrixone.New(cfg, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, tc := range []struct{ name, reply string }{
		{"nothing", ""},
		{"garbage", "Contacts-" + account + "-" + key + "\r\n\r\n"},
		{"half a header", "HTTP/1.1 200 OK\r\nContent-Type: app"},
		{"bad header", "HTTP/1.1 200 OK\r\n" + key + "\r\n\r\n"},
		{"half a body", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"Result\":"},
		{"bad chunk", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz" + key},
	} {
		replies <- tc.reply
		got := c.Apply(t.Context(), []connectors.Op{update(record.User, "5", nil)})
		if got[0].Outcome != connectors.InDoubt {
			t.Errorf("%s: %+v, want in doubt", tc.name, got[0])
		}
		wantError(t, got[0].Err, connectors.Unavailable, centrixone.CodeUnreachable)
	}
}
