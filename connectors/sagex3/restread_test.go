package sagex3_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

// byREST has lists read by REST.
func byREST(c *sagex3.Config) { c.Read, c.Folder = sagex3.ByREST, "SEED" }

// watched is a transport that answers reads by REST as it is told, and passes on what it is not told of.
type watched struct {
	http.RoundTripper
	rest []string                           // the addresses of reads by REST
	says func(*http.Request) *http.Response // nil, or nil for an answer of the site
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/api1/") {
		w.rest = append(w.rest, r.URL.Host+r.URL.Path)
		if w.says != nil {
			if a := w.says(r); a != nil {
				return a, nil
			}
		}
	}
	return w.RoundTripper.RoundTrip(r)
}

func says(status int, kind, body string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
	}
}

// restRig is a site whose lists are read by REST, with so many rows a page.
func restRig(t *testing.T, rows int) (*rig, *watched) {
	t.Helper()
	r := newRig(t, func(c *sagex3.Config) {
		byREST(c)
		c.ListSize = rows
	})
	w := &watched{RoundTripper: r.Server.RoundTripper()}
	r.server = r.connect(w)
	return r, w
}

// Lists of several pages are told whole, once each, by the pages alone; what nobody changed is not told again.
func TestRESTPages(t *testing.T) {
	r, w := restRig(t, 2)
	u, notes := r.user("1"), connectortest.NewNotes()
	want := map[record.Entity][]record.Key{}
	for _, e := range entities[:3] {
		for range 5 {
			want[e] = append(want[e], r.make(e))
		}
	}
	told := look(t, u, notes)
	for _, e := range entities[:3] {
		got := slices.Clone(told[e])
		slices.Sort(got)
		if !slices.Equal(got, want[e]) {
			t.Errorf("%s: told %q, want %q", e, got, want[e])
		}
	}
	if pages := len(w.rest); pages < 3*3+1 {
		t.Errorf("%d pages, want 3 for each list and 1 for the empty one", pages)
	}
	for e, keys := range look(t, u, notes) {
		t.Errorf("%s: told again: %q", e, keys)
	}
}

// With SOAP nothing is asked of REST.
func TestRESTIsAChoice(t *testing.T) {
	r, w := restRig(t, 5000)
	r.cfg.Read = sagex3.BySOAP
	r.server = r.connect(w)
	look(t, r.user("1"), connectortest.NewNotes())
	if len(w.rest) > 0 {
		t.Errorf("asked by REST: %q", w.rest)
	}
}

// A link is followed on the server of the settings, whatever host it names: behind a proxy that is another.
func TestRESTLinkStaysHere(t *testing.T) {
	for _, form := range []string{`"http://inside:1234%s"`, `{"$url":"%s","$type":"application/json"}`} {
		r, w := restRig(t, 5000)
		key, pages := r.make(record.Task), 0
		rows := fmt.Sprintf(`{"TSKNUM":%q,"TSKREP":"R1","UPDTICK":1},{"TSKNUM":"TSK9","TSKREP":"R2","UPDTICK":1}`, key)
		w.says = func(q *http.Request) *http.Response {
			if !strings.HasSuffix(q.URL.Path, "/TSK") {
				return nil
			}
			if pages++; pages == 1 {
				link := fmt.Sprintf(form, q.URL.Path+"?page=2")
				return says(200, "application/json", `{"$resources":[],"$links":{"$next":`+link+`}}`)(q)
			}
			return says(200, "application/json; charset=utf-8", `{"$resources":[`+rows+`]}`)(q)
		}
		if got := look(t, r.user("1"), connectortest.NewNotes())[record.Task]; !slices.Equal(got, []record.Key{key}) || pages != 2 {
			t.Errorf("%s: told %q in %d pages, want the own one in 2", form, got, pages)
		}
		for _, at := range w.rest {
			if !strings.HasPrefix(at, "x3.example:8124/") {
				t.Errorf("asked of %s", at)
			}
		}
	}
}

// A site that refuses REST is told with its code, and is not read otherwise.
//
// Requirement: X3-2
func TestRESTRefused(t *testing.T) {
	full := `{"$resources":[{"TSKNUM":"TSK1","TSKREP":"R1","UPDTICK":1},{"TSKNUM":"TSK2","TSKREP":"R1","UPDTICK":1}]}`
	for _, test := range []struct {
		name   string
		says   func(*http.Request) *http.Response
		kind   connectors.Kind
		code   string
		detail string // of the error
	}{
		{"log-on", says(401, "text/html", "x"), connectors.Auth, sagex3.CodeAuth, ""},
		{"forbidden", says(403, "text/html", "x"), connectors.Drift, sagex3.CodeRESTRefused, "TSK"},
		{"not published", says(404, "application/json", `{"$diagnoses":[]}`), connectors.Drift, sagex3.CodeRESTRefused, "TSK"},
		{"a page to log on", says(302, "text/html", "x"), connectors.Drift, sagex3.CodeRESTRefused, "TSK"},
		{"a portal", says(200, "text/html", "<html>"), connectors.Unavailable, sagex3.CodeBadAnswer, ""},
		{"ill", says(500, "text/plain", "x"), connectors.Unavailable, sagex3.CodeServerError, ""},
		{"no resources", says(200, "application/json", `{"$url":"x"}`), connectors.Unavailable, sagex3.CodeBadAnswer, ""},
		{"cut off", says(200, "application/json", full[:40]), connectors.Unavailable, sagex3.CodeBadAnswer, ""},
		{"a full page without a link", says(200, "application/json", full), connectors.Drift, sagex3.CodeListCut, "TSK"},
		{"a link to itself", func(r *http.Request) *http.Response {
			return says(200, "application/json", `{"$resources":[],"$links":{"$next":"`+r.URL.RequestURI()+`"}}`)(r)
		}, connectors.Unavailable, sagex3.CodeBadAnswer, ""},
		{"a link that is none", says(200, "application/json", `{"$resources":[],"$links":{"$next":"mailto:x"}}`), connectors.Unavailable, sagex3.CodeBadAnswer, ""},
		{"no number", says(200, "application/json", `{"$resources":[{"TSKREP":"R1","UPDTICK":1}]}`), connectors.Drift, sagex3.CodeFields, "chrono"},
		{"no owner", says(200, "application/json", `{"$resources":[{"TSKNUM":"TSK1","UPDTICK":1}]}`), connectors.Drift, sagex3.CodeFields, "assignee"},
		{"no stamp", says(200, "application/json", `{"$resources":[{"TSKNUM":"TSK1","TSKREP":"R1"}]}`), connectors.Drift, sagex3.CodeFields, "UPDDATTIM"},
		{"no owner, told by a 500", func(r *http.Request) *http.Response {
			if r.URL.Query().Has("where") {
				return says(500, "text/plain", "x")(r)
			}
			return says(200, "application/json", `{"$resources":[{"TSKNUM":"TSK1","UPDTICK":1}]}`)(r)
		}, connectors.Drift, sagex3.CodeFields, "assignee"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, w := restRig(t, 2)
			w.says = func(q *http.Request) *http.Response {
				if !strings.HasSuffix(q.URL.Path, "/TSK") {
					return nil
				}
				return test.says(q)
			}
			notes := connectortest.NewNotes()
			notes.Begin()
			err := r.user("1").Observe(t.Context(), notes)
			err = cmp.Or(err, notes.Skipped[record.Task])
			if connectors.KindOf(err) != test.kind || connectors.CodeOf(err) != test.code {
				t.Fatalf("got %v, want %v %s", err, test.kind, test.code)
			}
			r.quiet(err.Error())
			var told *connectors.Error
			errors.As(err, &told)
			args := told.Args
			if got := cmp.Or(args["representation"], args["field"], args["publication"]); got != test.detail {
				t.Errorf("told of %q, want %q", got, test.detail)
			}
			if keys := notes.Told[record.Task]; len(keys) > 0 {
				t.Errorf("told all the same: %q", keys)
			}
		})
	}
}

// The connection test asks for a row of each representation.
//
// Requirement: X3-4
func TestRESTCheck(t *testing.T) {
	r, w := restRig(t, 5000)
	must(t, r.user("1").Check(t.Context()))
	if len(w.rest) != len(entities) {
		t.Errorf("%d representations were tried, want %d", len(w.rest), len(entities))
	}
	w.says = says(404, "application/json", "{}")
	if err := r.user("1").Check(t.Context()); connectors.CodeOf(err) != sagex3.CodeRESTRefused {
		t.Errorf("got %v, want %s", err, sagex3.CodeRESTRefused)
	}
}

// What the site publishes under names of its own is asked for by them.
func TestRESTRepresentations(t *testing.T) {
	r, w := restRig(t, 5000)
	r.cfg.Representations = map[record.Entity]string{record.Task: "YTSK,YTSKBOX"}
	r.server = r.connect(w)
	asked := ""
	w.says = func(q *http.Request) *http.Response {
		if strings.HasSuffix(q.URL.Path, "/YTSK") {
			asked = q.URL.Query().Get("representation")
		}
		return says(200, "application/json", `{"$resources":[]}`)(q)
	}
	look(t, r.user("1"), connectortest.NewNotes())
	if asked != "YTSKBOX.$query" {
		t.Errorf("asked for %q", asked)
	}
}

// The simulated site gives each user the own rows alone, and texts of any kind in them do no harm.
func TestRESTOfTheSite(t *testing.T) {
	r, _ := restRig(t, 5000)
	r.make(record.Task)
	if got := look(t, r.user("2"), connectortest.NewNotes())[record.Task]; len(got) > 0 {
		t.Errorf("the other user is told %q", got)
	}
	must(t, r.Person("U1").Edit(sagex3test.Tasks, string(r.make(record.Task)), values{sagex3test.Subject: "O'Neil's"}))
	if got := look(t, r.user("1"), connectortest.NewNotes())[record.Task]; len(got) != 2 {
		t.Errorf("told %q, want both", got)
	}
}
