package outlooktest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/outlook/outlooktest"
)

const (
	alice  = "alice@contoso.example"
	bob    = "bob@contoso.example"
	tenant = "7a1c2e04-1111-4222-8333-444455556666"
	client = "0b5e7c11-aaaa-4bbb-8ccc-ddddeeeeffff"
	chrono = "String {00020329-0000-0000-C000-000000000046} Name X3Chrono"
)

// monday is a winter's day.
var monday = time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC)

type object = map[string]any

// rig is a tenant with two mailboxes, and an application that calls it.
type rig struct {
	*outlooktest.Server
	t     *testing.T
	http  http.Client
	token string
	plain bool // default ids
}

func newRig(t *testing.T, w outlooktest.Switches) *rig {
	t.Helper()
	s := outlooktest.New(outlooktest.Options{Switches: w, Mailboxes: []outlooktest.Mailbox{{Address: alice}, {Address: bob}}})
	s.FreezeClock(monday)
	r := &rig{Server: s, t: t, http: http.Client{Transport: s.RoundTripper()}}
	r.signIn()
	return r
}

// result is what a call got.
type result struct {
	status int
	header http.Header
	body   string
	object object
	err    error
}

func (r *rig) signIn() {
	r.t.Helper()
	a := r.tokenCall(tenant, url.Values{"grant_type": {"client_credentials"}, "client_id": {client}, "client_secret": {"SECRET"},
		"scope": {"https://graph.microsoft.com/.default"}})
	r.token, _ = a.object["access_token"].(string)
	if r.token == "" {
		r.t.Fatalf("sign in: %d %s", a.status, a.body)
	}
}

func (r *rig) tokenCall(tenant string, form url.Values) result {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), "POST", "https://login.example/"+tenant+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return answerOf(r.http.Do(q))
}

// do sends one call. Headers come as name, value, name, value.
func (r *rig) do(method, address string, body any, headers ...string) result {
	r.t.Helper()
	if !strings.Contains(address, "://") {
		address = "https://graph.example/v1.0/users/" + alice + "/" + address
	}
	text := ""
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		text = string(b)
	}
	q, err := http.NewRequestWithContext(r.t.Context(), method, address, strings.NewReader(text))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+r.token)
	q.Header.Set("Content-Type", "application/json")
	if !r.plain {
		q.Header.Add("Prefer", `IdType="ImmutableId"`)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		q.Header.Add(headers[i], headers[i+1])
	}
	return answerOf(r.http.Do(q))
}

func answerOf(a *http.Response, err error) result {
	if err != nil {
		return result{err: err}
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	out := result{status: a.StatusCode, header: a.Header, body: string(b), err: err}
	if json.Unmarshal(b, &out.object) != nil {
		out.object = nil
	}
	return out
}

func (r *rig) get(address string, headers ...string) result {
	r.t.Helper()
	return r.do("GET", address, nil, headers...)
}

// made posts and gives the id of what was made.
func (r *rig) made(address string, body object) string {
	r.t.Helper()
	a := r.do("POST", address, body)
	if a.status != 201 {
		r.t.Fatalf("POST %s: %d %s", address, a.status, a.body)
	}
	return a.text("id")
}

func (r *rig) patch(address string, body object, headers ...string) result {
	r.t.Helper()
	return r.do("PATCH", address, body, headers...)
}

// at gives a value of an answer by names and indexes, nil if it is not there.
func (a result) at(path ...any) any {
	var v any = a.object
	for _, step := range path {
		switch key := step.(type) {
		case string:
			o, _ := v.(object)
			v = o[key]
		case int:
			list, _ := v.([]any)
			if key >= len(list) {
				return nil
			}
			v = list[key]
		}
	}
	return v
}

func (a result) text(path ...any) string { s, _ := a.at(path...).(string); return s }

func (a result) code() string { return a.text("error", "code") }

// rows are those of a collection.
func (a result) rows() []object {
	list, _ := a.object["value"].([]any)
	var out []object
	for _, row := range list {
		out = append(out, row.(object))
	}
	return out
}

// texts gives one property of each row; of a removed row its reason in brackets.
func (a result) texts(name string) []string {
	out := []string{}
	for _, row := range a.rows() {
		if removed, ok := row["@removed"].(object); ok {
			out = append(out, "("+removed["reason"].(string)+")")
			continue
		}
		s, _ := row[name].(string)
		out = append(out, s)
	}
	return out
}

// must gives a value that comes without an error.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// event is one of an hour on a day of January 2026.
func event(subject string, day int) object {
	at := time.Date(2026, 1, day, 10, 0, 0, 0, time.UTC)
	return object{"subject": subject, "start": utc(at), "end": utc(at.Add(time.Hour))}
}

func utc(t time.Time) object {
	return object{"dateTime": t.UTC().Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
}

const january = "startDateTime=2026-01-01T00:00:00Z&endDateTime=2026-02-01T00:00:00Z"

// mainContacts begins the round of changes of the main folder.
const mainContacts = "contactFolders/contacts/contacts/delta"

// round follows a round of changes to its end and gives its rows and its deltaLink.
func (r *rig) round(address string, headers ...string) (rows []object, link string) {
	r.t.Helper()
	for range 50 {
		a := r.get(address, headers...)
		if a.status != 200 {
			r.t.Fatalf("GET %s: %d %s", address, a.status, a.body)
		}
		rows = append(rows, a.rows()...)
		if link = a.text("@odata.deltaLink"); link != "" {
			return rows, link
		}
		if address = a.text("@odata.nextLink"); address == "" {
			r.t.Fatal("a page without a link")
		}
	}
	r.t.Fatal("a round without an end")
	return nil, ""
}

// told gives what the rows of a round tell, as texts does.
func told(rows []object, name string) []string {
	list := make([]any, len(rows))
	for i := range rows {
		list[i] = rows[i]
	}
	return result{object: object{"value": list}}.texts(name)
}
