package quickbookstest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/quickbooks/quickbookstest"
)

const realm = "9130350000000001"

// noon is a winter's day in the product's zone.
var noon = time.Date(2026, 1, 15, 20, 0, 0, 0, time.UTC)

type object = map[string]any

// rig is a company and somebody who calls it with a token.
type rig struct {
	*quickbookstest.Server
	t      *testing.T
	client http.Client
}

func newRig(t *testing.T, w quickbookstest.Switches) *rig {
	t.Helper()
	limits := quickbookstest.StandardLimits
	limits.PerSecond, limits.PerMinute, limits.BatchPerMinute = 0, 0, 0
	s := quickbookstest.New(quickbookstest.Options{Switches: w, Limits: &limits})
	s.FreezeClock(noon)
	return &rig{s, t, http.Client{Transport: s.RoundTripper()}}
}

// result is what a call got.
type result struct {
	status int
	header http.Header
	body   string
	object object
	err    error
}

// do sends one request; path is behind the company.
func (r *rig) do(method, path, contentType, body string) result {
	r.t.Helper()
	address := "https://quickbooks.example/v3/company/" + realm + "/" + path
	if !strings.Contains(address, "minorversion") {
		separator := "?"
		if strings.Contains(address, "?") {
			separator = "&"
		}
		address += separator + "minorversion=75"
	}
	q, err := http.NewRequestWithContext(r.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer TOKEN")
	q.Header.Set("Accept", "application/json")
	q.Header.Set("Content-Type", contentType)
	return answerOf(r.client.Do(q))
}

func answerOf(a *http.Response, err error) result {
	if err != nil {
		return result{err: err}
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	out := result{status: a.StatusCode, header: a.Header, body: string(b), err: err}
	d := json.NewDecoder(strings.NewReader(out.body))
	d.UseNumber()
	if d.Decode(&out.object) != nil {
		out.object = nil
	}
	return out
}

func (r *rig) get(path string) result { r.t.Helper(); return r.do("GET", path, "", "") }

func (r *rig) post(path string, o object) result {
	r.t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.do("POST", path, "application/json", string(b))
}

func (r *rig) query(statement string) result {
	r.t.Helper()
	return r.get("query?query=" + url.QueryEscape(statement))
}

func (r *rig) cdc(entities string, since time.Time) result {
	r.t.Helper()
	return r.get("cdc?entities=" + entities + "&changedSince=" + url.QueryEscape(since.Format(time.RFC3339)))
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

// code is the first error's.
func (a result) code() string {
	for _, path := range [][]any{{"Fault", "Error", 0, "code"}, {"fault", "error", 0, "code"}} {
		if code, ok := a.at(path...).(string); ok {
			return code
		}
	}
	if _, after, ok := strings.Cut(a.body, `<Error code="`); ok {
		code, _, _ := strings.Cut(after, `"`)
		return code
	}
	return ""
}

// ids are those of the rows of a query.
func (a result) ids(e quickbookstest.Entity) []string {
	list, _ := a.at("QueryResponse", string(e)).([]any)
	return idsOf(list)
}

func idsOf(list []any) []string {
	var out []string
	for _, row := range list {
		out = append(out, row.(object)["Id"].(string))
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

// customer enters a customer as a person.
func (r *rig) customer(name string) string {
	r.t.Helper()
	return must(r.Person().CreateCustomer(object{"DisplayName": name}))
}
