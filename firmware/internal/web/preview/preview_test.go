package preview_test

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

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/page"
	"syncbox/firmware/internal/web/preview"
	"syncbox/firmware/internal/web/session"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// box is a box whose fields a test sets.
type box struct {
	jobs  []local.JobStatus
	pages map[string]engine.PreviewPage // by PreviewQuery.After
	err   error                         // of an order
	asked []string
}

func (b *box) Status(context.Context) ([]local.JobStatus, error) { return b.jobs, nil }

func (b *box) Preview(_ context.Context, _ string, q engine.PreviewQuery) (engine.PreviewPage, error) {
	found, ok := b.pages[q.After]
	if !ok {
		return found, engine.ErrNoSuch
	}
	return found, nil
}

func (b *box) Do(_ context.Context, job string, verb engine.Verb, name string) error {
	b.asked = append(b.asked, strings.TrimSpace(job+" "+string(verb)+" "+name))
	return b.err
}

// open is a door for everybody.
type open struct{}

func (open) Check(string) error { return nil }

// visitor is somebody at the page, logged on with a cookie.
type visitor struct {
	t      *testing.T
	h      http.Handler
	cookie *http.Cookie
}

func visit(t *testing.T, b *box) *visitor {
	t.Helper()
	site := &page.Site{Face: func() page.Face { return page.Face{Name: "syncbox-7q2k", Language: "fr-CA", Zone: time.UTC} },
		Sessions: session.New(open{}, time.Now), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	m := page.NewMux(site)
	(&preview.Pages{Site: site, Box: b}).Routes(m)
	cookie, err := site.Sessions.Open("", false)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, m.Handler(), cookie}
}

func (v *visitor) ask(r *http.Request) (code int, to, text string) {
	r.Host = "syncbox-7q2k"
	if v.cookie != nil {
		r.AddCookie(v.cookie)
	}
	w := httptest.NewRecorder()
	v.h.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Location"), w.Body.String()
}

func (v *visitor) raw(path string) (code int, to, text string) {
	return v.ask(httptest.NewRequest(http.MethodGet, path, nil))
}

func (v *visitor) get(path string) string {
	v.t.Helper()
	code, _, text := v.raw(path)
	if code != http.StatusOK {
		v.t.Errorf("%s: %d", path, code)
	}
	return html.UnescapeString(text)
}

func (v *visitor) post(path string, form url.Values) (code int, to string) {
	v.t.Helper()
	_, _, text := v.raw("/preview")
	if m := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(text); m != nil {
		form.Set("token", m[1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	code, to, _ = v.ask(r)
	return code, to
}

// waiting is a box whose first run waits for a person.
func waiting() *box {
	text := record.TextOf
	return &box{
		jobs: []local.JobStatus{{Job: "nord", Status: engine.Status{Preview: &engine.Preview{Made: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), Digest: "00ff", Waits: true,
			Counts: map[record.Entity]engine.PreviewCounts{record.Account: {Create: [2]int{1500, 0}, Update: [2]int{2, 1}, Deactivate: 3, Ask: 4, Wait: 5, Marked: 6}}}}}},
		pages: map[string]engine.PreviewPage{
			"": {Digest: "00ff", Next: "0102", Changes: []engine.Change{
				{Entity: record.Account, ERP: "12", CRM: "1001", To: store.ToCRM, Kind: engine.ChangeUpdate, Known: record.Fields{"name": text("Plomberie <b>Roy</b>"), "number": text("C12")},
					Fields: []engine.FieldChange{{ERP: "city", CRM: "City", Old: text("Amos"), New: text("Alma"), Other: text("Alma"), Conflict: true}}},
				{Entity: record.Account, ERP: "13", Kind: engine.ChangeWait, Mark: store.Never},
			}},
			"0102": {Digest: "00ff", Changes: []engine.Change{{Entity: record.Contact, ERP: "14", To: store.ToCRM, Kind: engine.ChangeCreate}}},
		},
	}
}

func has(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// The page shows what would change, field by field, with how many of each, and what the other side shows.
//
// Requirement: ACO-3, BOB-8, BOB-10, BOB-19
func TestShown(t *testing.T) {
	v := visit(t, waiting())
	text := v.get("/preview")
	has(t, text, "1\u00a0500 fiches seront créées dans le CRM", "<td>1\u00a0500</td><td>2</td><td>3</td><td>0</td><td>1</td><td>4</td><td>11</td>", "Faites le ménage", "Les informations de synchronisation sont correctes",
		"Modifier\u202f: client (fiche 12)", "Plomberie <b>Roy</b>, C12", "Amos", "Alma", "changé des deux côtés", "Jamais synchronisée", "after=0102")
	if _, _, raw := v.raw("/preview"); strings.Contains(raw, "<b>Roy") {
		t.Error("a name became markup")
	}
	has(t, v.get("/preview?after=0102&lang=en"), "Create: contact (card 14)", "First page")
	has(t, v.get("/preview?after=ffff&lang=en"), "Change: customer (card 12)") // another preview took its place
}

// Who is to clean up is told what the box deletes: nothing, unless deletions travel.
//
// Requirement: X3-15, X3-16
func TestCleanUp(t *testing.T) {
	for _, test := range []struct {
		deletes   bool
		lang      string
		want, not string
	}{
		{false, "fr", "la boîte ne supprime jamais rien", "ce qui est supprimé d'un côté"},
		{false, "en", "the box never deletes anything", "what is deleted on one side"},
		{true, "fr", "ce qui est supprimé d'un côté peut l'être aussi de l'autre", "ne supprime jamais rien"},
		{true, "en", "what is deleted on one side may be deleted on the other too", "never deletes anything"},
	} {
		b := waiting()
		b.jobs[0].Status.Deletes = test.deletes
		text := visit(t, b).get("/preview?lang=" + test.lang)
		if has(t, text, test.want); strings.Contains(text, test.not) {
			t.Errorf("deletions travel %v: it says %q", test.deletes, test.not)
		}
	}
}

// What the last run did stands on the page: when, what for, who wanted it, from which backup, and what came of it.
//
// Requirement: BOB-20
func TestLastRun(t *testing.T) {
	b := waiting()
	v := visit(t, b)
	if text := v.get("/preview"); strings.Contains(text, "Dernière synchronisation") || strings.Contains(text, "/custom") {
		t.Errorf("it tells of a run that was none, or of fields that are none:\n%s", text)
	}
	b.jobs[0].Status.LastRun = &engine.LastRun{At: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), Took: 83 * time.Second, Mode: engine.FirstRun, Ticked: true, Ground: "BACKUP/lundi.zip",
		Counts: engine.Counts{Created: [2]int{1200, 1}, Updated: [2]int{7, 8}, Conflicts: 9}, Refused: [2]int{1, 2}, LeftOut: 4}
	b.jobs[0].Status.Custom = map[record.Entity][2][]connectors.CustomColumn{record.Account: {{{Name: "custom.X"}}, nil}}
	has(t, v.get("/preview"), "Dernière synchronisation\u202f: le 2026-11-21 09:30:00, en 83 s (première synchronisation).", "Confirmée par une personne.",
		"1\u00a0200 créées et 7 modifiées dans", "1 créées et 8 modifiées dans", "3 refusées; 4 laissées de côté; 9 conflits", "BACKUP/lundi.zip", `href="/custom?job=nord"`)
	b.jobs[0].Status.LastRun.Ticked, b.jobs[0].Status.LastRun.Mode = false, engine.UpdateRun
	has(t, v.get("/preview?lang=en"), "Done by the box by itself.", "(update)")
}

// Without one, it is made when somebody asks; while it is made, the page says how far that is.
func TestNone(t *testing.T) {
	b := &box{jobs: []local.JobStatus{{Job: "nord"}}}
	v := visit(t, b)
	has(t, v.get("/preview"), "Aucun aperçu n'est prêt", "Préparer l'aperçu")
	if code, to := v.post("/preview/make", url.Values{"job": {"nord"}}); code != http.StatusSeeOther || to != "/preview?job=nord" {
		t.Errorf("make: %d to %s", code, to)
	}
	b.jobs[0].Status.Phase, b.jobs[0].Status.Done, b.jobs[0].Status.Total = "preview", 5, 10
	has(t, v.get("/preview"), `http-equiv="refresh"`)
	if got := strings.Join(b.asked, ","); got != "nord preview" {
		t.Errorf("asked: %q", got)
	}
}

// What a person says of a record or of the whole reaches the job under the names that were shown.
//
// Requirement: BOB-11, BOB-13, BOB-14, BOB-19
func TestWords(t *testing.T) {
	b := waiting()
	v := visit(t, b)
	for _, verb := range []string{"never", "not-this-time", "unmark"} {
		code, to := v.post("/preview/mark", url.Values{"job": {"nord"}, "name": {"account/erp/12"}, "verb": {verb}, "after": {"0102"}})
		if code != http.StatusSeeOther || to != "/preview?after=0102&job=nord" {
			t.Errorf("%s: %d to %s", verb, code, to)
		}
	}
	if code, _ := v.post("/preview/confirm", url.Values{"job": {"nord"}, "digest": {"00ff"}}); code != http.StatusSeeOther {
		t.Errorf("without the tick: %d", code)
	}
	if code, _ := v.post("/preview/confirm", url.Values{"job": {"nord"}, "digest": {"00ff"}, "right": {"yes"}}); code != http.StatusSeeOther {
		t.Errorf("with the tick: %d", code)
	}
	if got, want := strings.Join(b.asked, ","), "nord never account/erp/12,nord not-this-time account/erp/12,nord unmark account/erp/12,nord confirm 00ff"; got != want {
		t.Errorf("asked:\n%s\nwant\n%s", got, want)
	}
}

// Nothing is asked for by a stranger, by GET, or by a verb that stands on no button; what is gone meanwhile is said so.
func TestRefused(t *testing.T) {
	b := waiting()
	v := visit(t, b)
	for _, verb := range []string{"", "resync-2", "stop"} {
		if code, _ := v.post("/preview/mark", url.Values{"job": {"nord"}, "name": {"account/erp/12"}, "verb": {verb}}); code != http.StatusConflict {
			t.Errorf("%q: %d", verb, code)
		}
	}
	for _, path := range []string{"/preview/make", "/preview/mark?verb=never&name=account/erp/12", "/preview/confirm?digest=00ff&right=yes"} {
		if code, _, _ := v.raw(path); code < 400 {
			t.Errorf("GET %s: %d", path, code)
		}
	}
	stranger := &visitor{t, v.h, nil}
	if code, to, _ := stranger.raw("/preview"); code != http.StatusSeeOther || !strings.HasPrefix(to, "/login") {
		t.Errorf("a stranger: %d to %s", code, to)
	}
	if code, _ := stranger.post("/preview/confirm", url.Values{"job": {"nord"}, "digest": {"00ff"}, "right": {"yes"}}); code != http.StatusForbidden {
		t.Errorf("a stranger's tick: %d", code)
	}
	if len(b.asked) != 0 {
		t.Errorf("asked: %q", b.asked)
	}
	b.err = engine.ErrNoSuch
	if code, _ := v.post("/preview/confirm", url.Values{"job": {"nord"}, "digest": {"0000"}, "right": {"yes"}}); code != http.StatusConflict {
		t.Errorf("another preview: %d", code)
	}
}
