package links_test

import (
	"context"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/record"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/links"
	"syncbox/firmware/internal/web/page"
	"syncbox/firmware/internal/web/session"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// box is a box of which a test reads what it was asked.
type box struct {
	queries []engine.LinkQuery
	asked   []string
	err     error
}

func (*box) Status(context.Context) ([]local.JobStatus, error) {
	return []local.JobStatus{{Job: "nord"}, {Job: "sud"}}, nil
}

func (b *box) Links(_ context.Context, job string, q engine.LinkQuery) (engine.LinkPage, error) {
	b.queries = append(b.queries, q)
	if job != "sud" || q.Text == "nobody" {
		return engine.LinkPage{}, b.err
	}
	return engine.LinkPage{Next: "0a", Rows: []engine.LinkRow{
		{Link: 7, Entity: record.Account, ERP: "12", CRM: "1001", State: "linked", Known: record.Fields{"name": record.TextOf("Plomberie <b>Roy</b>")},
			Waits: []engine.LinkWait{{Kind: store.Quarantine, Code: "crm-refused"}}},
		{Entity: record.Account, ERP: "13", Mark: store.Never},
	}}, b.err
}

func (b *box) Do(_ context.Context, job string, verb engine.Verb, name string) error {
	b.asked = append(b.asked, job+" "+string(verb)+" "+name)
	return b.err
}

// open is a door for everybody.
type open struct{}

func (open) Check(string) error { return nil }

// The page shows every record, the ineligible too, with all that waits of it, and takes marks back.
//
// Requirement: BOB-11, BOB-12
func TestLinks(t *testing.T) {
	b := &box{}
	site := &page.Site{Face: func() page.Face { return page.Face{Name: "syncbox-7q2k", Language: "fr-CA", Zone: time.UTC} },
		Sessions: session.New(open{}, time.Now), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	m := page.NewMux(site)
	(&links.Pages{Site: site, Box: b}).Routes(m)
	h := m.Handler()
	cookie, err := site.Sessions.Open("", false)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(r *http.Request, open bool) (int, string, string) {
		r.Host = "syncbox-7q2k"
		if open {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Header().Get("Location"), w.Body.String()
	}
	get := func(path string) string {
		code, _, text := ask(httptest.NewRequest(http.MethodGet, path, nil), true)
		if code != http.StatusOK && code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", path, code)
		}
		return text
	}
	text := get("/links?job=sud&kind=account&mark=never&text=roy&after=05")
	for _, want := range []string{"Plomberie <b>Roy</b>", "1001", "Jamais synchronisée", "after=0a", "Première page", `value="roy"`} {
		if !strings.Contains(html.UnescapeString(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "<b>Roy") {
		t.Error("a name became markup")
	}
	if got := b.queries[0]; got != (engine.LinkQuery{Entity: record.Account, Mark: store.Never, Text: "roy", After: "05"}) {
		t.Errorf("asked for %+v", got)
	}
	get("/links?job=sud&kind=secret&mark=x")
	if got := b.queries[1]; got.Entity != "" || got.Mark != "" {
		t.Errorf("what is no option was asked for: %+v", got)
	}
	if text := get("/links?job=nord&text=nobody&lang=en"); !strings.Contains(text, "No record fits") {
		t.Errorf("nothing found:\n%s", text)
	}
	if text := get("/links?text=" + strings.Repeat("x", 81)); !strings.Contains(text, `aria-invalid="true"`) || len(b.queries) != 3 {
		t.Errorf("too long: asked %d times", len(b.queries))
	}
	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(text)[1]
	post := func(open bool, verb, to string) (int, string) {
		form := url.Values{"token": {token}, "job": {"sud"}, "name": {"account/erp/13"}, "verb": {verb}, "to": {to}}
		r := httptest.NewRequest(http.MethodPost, "/links", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		code, location, _ := ask(r, open)
		return code, location
	}
	if code, to := post(true, "unmark", "/links?job=sud&text=roy"); code != http.StatusSeeOther || to != "/links?job=sud&text=roy" {
		t.Errorf("unmark: %d to %s", code, to)
	}
	if code, to := post(true, "never", "https://evil.example/"); code != http.StatusSeeOther || to != "/links" {
		t.Errorf("never: %d to %s", code, to)
	}
	if code, _ := post(true, "resync-2", "/links"); code != http.StatusConflict {
		t.Errorf("another verb: %d", code)
	}
	if code, _ := post(false, "never", "/links"); code != http.StatusForbidden {
		t.Errorf("a stranger: %d", code)
	}
	if got := strings.Join(b.asked, ","); got != "sud unmark account/erp/13,sud never account/erp/13" {
		t.Errorf("asked: %s", got)
	}
}
