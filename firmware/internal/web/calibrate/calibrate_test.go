package calibrate_test

import (
	"context"
	"html"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba/acombatest"
	rules "syncbox/connectors/acomba/calibrate"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/durable"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/storytest"
	"syncbox/firmware/internal/web/calibrate"
	"syncbox/firmware/internal/web/page"
	"syncbox/firmware/internal/web/session"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open is a door for everybody.
type open struct{}

func (open) Check(string) error { return nil }

// journal keeps what was told.
type journal struct{ codes []string }

func (j *journal) Event(code string, _ map[string]string) { j.codes = append(j.codes, code) }

// site is a box with a company whose version of Acomba nobody knows, and a technician at its page.
type site struct {
	t       *testing.T
	h       http.Handler
	cookie  *http.Cookie
	company *acombatest.Company
	away    error // why the server is not reached
	set     []config.Change
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir, data := t.TempDir(), t.TempDir()
	company, err := acombatest.Create(filepath.Join(dir, "F1000"), acombatest.Options{Customers: 80, Documents: 40, Seed: 3})
	must(t, err)
	s := &site{t: t, company: company}
	pages := &page.Site{Face: func() page.Face { return page.Face{Name: "syncbox-7q2k", Language: "en", Zone: time.UTC} },
		Sessions: session.New(open{}, time.Now), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	m := page.NewMux(pages)
	(&calibrate.Pages{Site: pages, Config: calibrate.Config{
		Jobs: func() ([]string, error) { return []string{"north"}, nil },
		Open: func(context.Context, string) (calibrate.Company, error) {
			return calibrate.Company{FS: os.DirFS(dir), Root: "F1000", Close: func() error { return nil }}, s.away
		},
		Layout: func(string) string { return "" },
		Dir:    func(job string) string { return filepath.Join(data, job) },
		Write:  func(path string, text []byte, mode fs.FileMode) error { return durable.WriteFile(path, text, mode) },
		Set: func(all ...config.Change) ([]string, error) {
			s.set = append(s.set, all...)
			return nil, nil
		},
		Journal: &journal{},
	}}).Routes(m)
	s.h = m.Handler()
	s.cookie, err = pages.Sessions.Open("", false)
	must(t, err)
	return s
}

func (s *site) ask(r *http.Request) (code int, to, text string) {
	r.Host = "syncbox-7q2k"
	if s.cookie != nil {
		r.AddCookie(s.cookie)
	}
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Location"), html.UnescapeString(w.Body.String())
}

func (s *site) get(path string) string {
	s.t.Helper()
	code, _, text := s.ask(httptest.NewRequest(http.MethodGet, path, nil))
	if code != http.StatusOK {
		s.t.Errorf("%s: %d", path, code)
	}
	return text
}

func (s *site) post(path string, pairs ...string) (code int, text string) {
	s.t.Helper()
	form := url.Values{"job": {"north"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	if m := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(s.get("/calibrate")); m != nil {
		form.Set("token", m[1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	code, _, text = s.ask(r)
	return code, text
}

// works has a long step done, and gives the page after it.
func (s *site) works(path string, pairs ...string) string {
	s.t.Helper()
	if code, text := s.post(path, pairs...); code != http.StatusSeeOther {
		s.t.Fatalf("%s %q: %d\n%s", path, pairs, code, text)
	}
	text := ""
	must(s.t, storytest.Until(s.t.Context(), "the step is done", time.Minute, func() bool {
		text = s.get("/calibrate")
		return !strings.Contains(text, `http-equiv="refresh"`)
	}))
	return text
}

func has(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// tell types a customer as Acomba's screen shows it.
func (s *site) tell(c acombatest.Customer, more ...string) {
	s.t.Helper()
	pairs := append([]string{"table", "CUSTOMER", "number", c.Number, "name", c.Name, "phone.number[0]", c.Phones[0].Number, "address", c.Address, "city", c.City,
		"postal_code", c.Postal, "care_of", c.CareOf}, more...)
	if code, text := s.post("/calibrate/examples", pairs...); code != http.StatusSeeOther {
		s.t.Fatalf("example: %d\n%s", code, text)
	}
}

// The technician's way: who, a snapshot, what the files are like, known customers, and where they lie.
func TestFindsTheCustomers(t *testing.T) {
	s := newSite(t)
	has(t, s.get("/calibrate"), "Version of Acomba")
	if code, text := s.post("/calibrate/begin", "version", "99.1", "by", ""); code != http.StatusUnprocessableEntity {
		t.Errorf("without a name: %d\n%s", code, text)
	}
	if code, _ := s.post("/calibrate/begin", "version", "99.1", "by", "Luc"); code != http.StatusSeeOther {
		t.Errorf("begin: %d", code)
	}
	has(t, s.get("/calibrate"), "Acomba 99.1, by Luc")
	has(t, s.works("/calibrate/step", "step", "take"), "1 – ", "files")
	has(t, s.works("/calibrate/step", "step", "inventory"), "CUSTOMER")
	told := 0
	for c, err := range s.company.CustomerCards() {
		must(t, err)
		if c.Status == acombatest.InUse && c.Active && c.CareOf != "" && c.Phones[0].Number != "" && told < 8 {
			s.tell(c)
			told++
		}
	}
	text := s.works("/calibrate/step", "step", "search")
	has(t, text, "8 examples", "CUSTOMER", "postal_code", "phone.number")
	if s.get("/calibrate?lang=fr-CA") == text {
		t.Error("the page has one language")
	}
	examples := s.get("/calibrate/examples?table=CUSTOMER&lang=en")
	has(t, examples, "Remove", `name="postal_code"`)
	if code, _ := s.post("/calibrate/remove", "table", "CUSTOMER", "index", "7"); code != http.StatusSeeOther {
		t.Errorf("remove: %d", code)
	}
	has(t, s.get("/calibrate"), "7 examples")
	if code, text := s.post("/calibrate/approve", "who", "Anne"); code != http.StatusConflict || len(s.set) != 0 {
		t.Errorf("approved without a draft: %d, %v\n%s", code, s.set, text)
	}
	if code, _ := s.post("/calibrate/forget"); code != http.StatusSeeOther {
		t.Errorf("forget: %d", code)
	}
	has(t, s.get("/calibrate"), "Version of Acomba")
}

// What can't be taken says why, and changes nothing; what the server refuses is said in the words of its code.
func TestBadInput(t *testing.T) {
	s := newSite(t)
	s.post("/calibrate/begin", "version", "99.1", "by", "Luc")
	for name, c := range map[string]struct {
		path  string
		pairs []string
		want  int
	}{
		"no such table":        {"/calibrate/examples", []string{"table", "LINES", "number", "1"}, http.StatusNotFound},
		"an example of naught": {"/calibrate/examples", []string{"table", "CUSTOMER"}, http.StatusUnprocessableEntity},
		"no such step":         {"/calibrate/step", []string{"step", "erase"}, http.StatusConflict},
		"no such snapshot":     {"/calibrate/compare", []string{"before", "x", "after", "2"}, http.StatusConflict},
		"no such example":      {"/calibrate/remove", []string{"table", "CUSTOMER", "index", "-1"}, http.StatusConflict},
		"another job":          {"/calibrate/forget", []string{"job", "south"}, http.StatusNotFound},
	} {
		if code, text := s.post(c.path, c.pairs...); code != c.want {
			t.Errorf("%s: got %d, want %d\n%s", name, code, c.want, text)
		}
	}
	s.away = connectors.Errorf(connectors.Unavailable, "share-unreachable", "no answer")
	has(t, s.works("/calibrate/step", "step", "take"), "The server's share does not answer any more")
	s.cookie = nil
	if code, to, _ := s.ask(httptest.NewRequest(http.MethodGet, "/calibrate", nil)); code != http.StatusSeeOther || !strings.HasPrefix(to, "/login") {
		t.Errorf("a stranger: %d to %s", code, to)
	}
}

// Every reason and every question of a calibration has its words.
func TestWords(t *testing.T) {
	for _, tag := range []string{"fr-CA", "en"} {
		p, err := locale.New(tag, nil)
		must(t, err)
		for _, code := range rules.Codes() {
			if !p.Has("page.calibrate.why-"+code) && !p.Has("page.calibrate.ask-"+code) {
				t.Errorf("%s: no words for %s", tag, code)
			}
		}
		for _, table := range rules.Tables() {
			if !p.Has("page.calibrate.table-" + string(table)) {
				t.Errorf("%s: no words for %s", tag, table)
			}
		}
	}
}
