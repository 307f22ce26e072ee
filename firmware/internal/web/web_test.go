package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/connectors/pairs"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web"
	"syncbox/firmware/internal/web/page"
	"syncbox/ota/bundle"
	"syncbox/ota/update"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

const code = "7Q2KM-0XTV9"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// box is a box whose fields a test sets.
type box struct {
	mu     sync.Mutex // protects what follows
	status []local.JobStatus
	err    error
	done   []string
	codes  []string
	lights []health.Light
	ready  error

	journals map[string][]store.Event // by job, the oldest first; that of "" is the box's own
	asked    int                      // how many events were asked for
	reading  chan struct{}            // tells whenever a journal is to be read, and waits for a word; nil = goes on
	waiting  []store.Waiting          // of any job
}

func (b *box) Status(context.Context) ([]local.JobStatus, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status, b.err
}

func (b *box) Do(_ context.Context, job string, verb engine.Verb, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = append(b.done, strings.Join([]string{job, string(verb), name}, " "))
	return b.err
}

// updates is a box that has its updates, of which there is a newer one.
type updates struct{ b *box }

func (u updates) Check(context.Context) error {
	return u.b.Do(context.Background(), "updates", "check", "")
}

func (u updates) Approve() { _ = u.b.Do(context.Background(), "updates", "approve", "") }

func (updates) Status() update.Status {
	v, _ := bundle.ParseVersion("1.2.3")
	next, _ := bundle.ParseVersion("1.3.0")
	return update.Status{Version: v, Wish: "w1", Target: next, Available: &update.Available{Version: next, Notes: map[string]string{"fr": "Plus vite.", "en": "Faster."}}}
}

// visitor is a browser without a script.
type visitor struct {
	t    *testing.T
	http *http.Client
	url  string
}

func open(t *testing.T, b *box) *visitor {
	t.Helper()
	return visit(t, configOf(t, b))
}

// configOf is what the page of a box is made of.
func configOf(t *testing.T, b *box) web.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "code.json")
	must(t, setupcode.Write(path, code))
	return web.Config{
		Face: func() page.Face {
			return page.Face{Name: "syncbox-7Q2K", Language: "fr-CA", Zone: time.UTC, Names: pairs.Names("acomba-centrixone")}
		},
		Door: setupcode.NewDoor(path), Box: b, Journal: own{b}, Codes: func() []string { return b.codes }, Lights: func() []health.Light { return b.lights },
		Ready: func() error { return b.ready }, Updates: updates{b}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

// visit serves a page until the test ends, and gives a browser that has not seen it yet.
func visit(t *testing.T, c web.Config) *visitor {
	t.Helper()
	s := httptest.NewServer(web.New(c))
	t.Cleanup(s.Close)
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &visitor{t, &http.Client{Jar: jar}, s.URL}
}

// answer is what a visitor gets.
type answer struct {
	status int
	path   string // where redirections led to
	text   string
}

func (v *visitor) do(req *http.Request, err error) answer {
	v.t.Helper()
	must(v.t, err)
	res, err := v.http.Do(req)
	must(v.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(v.t, err)
	return answer{res.StatusCode, res.Request.URL.RequestURI(), string(text)}
}

func (v *visitor) get(path string) answer {
	v.t.Helper()
	return v.do(http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.url+path, nil))
}

// post sends a form with the token of the page that it stands on.
func (v *visitor) post(path, from string, form url.Values) answer {
	v.t.Helper()
	if m := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(v.get(from).text); m != nil && !form.Has("token") {
		form.Set("token", m[1])
	}
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.url+path, strings.NewReader(form.Encode()))
	must(v.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(req, nil)
}

func (v *visitor) logOn() {
	v.t.Helper()
	if a := v.post("/login", "/login", url.Values{"code": {code}}); a.status != http.StatusOK || a.path != "/" {
		v.t.Fatalf("log-on: %d at %s", a.status, a.path)
	}
}

func has(t *testing.T, name, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", name, want, text)
		}
	}
}

func hasNot(t *testing.T, name, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if strings.Contains(text, want) {
			t.Errorf("%s: %q in\n%s", name, want, text)
		}
	}
}

// working is a job in the middle of its first sync, with a customer's name in what is wrong with it.
func working() local.JobStatus {
	return local.JobStatus{Job: "nord", Names: pairs.Names("acomba-centrixone"), Status: engine.Status{Service: engine.Running, TwoWay: true, Phase: "account", Done: 500, Total: 2000,
		Ways: [2]engine.Way{{Outcome: engine.Success}, {Outcome: engine.Halted, Code: "share-auth", Args: map[string]string{"share": "SRV-SECRET"}}},
		Next: time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC), Waiting: map[store.WaitKind]int{store.Quarantine: 2}}}
}

// Requirement: ACO-85, ACO-86, ACO-87, ACO-88, ACO-90, S50-30
func TestStatusForEverybody(t *testing.T) {
	b := &box{status: []local.JobStatus{working()}, lights: []health.Light{health.Ready, health.ShareUnreachable}, codes: []string{"network-no-lease"}}
	v := open(t, b)
	text := v.get("/").text
	has(t, "French", text, `<html lang="fr-CA">`, "En fonction – 2 éléments en attente", "Acomba -&gt; CRM", "Complétée avec succès", "syncbox-7Q2K",
		`<a href="/journal">Voir le journal</a>`, "500 de 2", `max="2000" value="500"`, "1.3.0", "Plus vite.", "3 courts", "#ffb000")
	hasNot(t, "a stranger", text, "SRV-SECRET", `action="/do"`)
	text = v.get("/?lang=en").text
	has(t, "English", text, `<html lang="en">`, "Running – 2 items waiting", "Completed successfully", "Faster.")
	has(t, "the chosen language stays", v.get("/").text, `<html lang="en">`)
}

// A box without jobs says why, and one that begins says that.
func TestStatusWithoutJobs(t *testing.T) {
	b := &box{err: local.ErrNoBox}
	v := open(t, b)
	has(t, "begins", v.get("/?lang=en").text, "Starting")
	b.ready = &config.Error{Code: config.CodeIncomplete, Err: errors.New("job.acomba.share.server is missing")}
	text := v.get("/").text
	has(t, "incomplete", text, `href="/help/config-incomplete"`)
	hasNot(t, "incomplete", text, "job.acomba.share.server")
}

// Orders are for whoever has logged on, by POST, from a page of the session; all else changes nothing.
//
// Requirement: ACO-8
func TestOrders(t *testing.T) {
	b := &box{status: []local.JobStatus{working()}}
	v := open(t, b)
	force := url.Values{"job": {"nord"}, "verb": {"force"}}
	if a := v.post("/do", "/", force); a.status != http.StatusForbidden {
		t.Errorf("a stranger: %d", a.status)
	}
	v.logOn()
	for name, form := range map[string]url.Values{
		"no token":         {"job": {"nord"}, "verb": {"force"}, "token": {""}},
		"a wrong token":    {"job": {"nord"}, "verb": {"force"}, "token": {"x"}},
		"no verb":          {"job": {"nord"}},
		"another verb":     {"job": {"nord"}, "verb": {"resync-2"}},
		"a long long name": {"job": {strings.Repeat("n", page.MostBody)}, "verb": {"force"}},
	} {
		if a := v.post("/do", "/", form); a.status < 400 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := v.get("/do?job=nord&verb=force"); a.status < 400 {
		t.Errorf("by GET: %d", a.status)
	}
	if len(b.done) != 0 {
		t.Errorf("done: %q", b.done)
	}
	for _, verb := range []string{"force", "stop", "start"} {
		if a := v.post("/do", "/", url.Values{"job": {"nord"}, "verb": {verb}}); a.status != http.StatusOK || a.path != "/" {
			t.Errorf("%s: %d at %s", verb, a.status, a.path)
		}
	}
	if got := strings.Join(b.done, ","); got != "nord force ,nord stop ,nord start " {
		t.Errorf("done: %q", got)
	}
	has(t, "whoever has logged on", v.get("/").text, "SRV-SECRET")
	if a := v.post("/logout", "/", url.Values{}); a.status != http.StatusOK {
		t.Errorf("log out: %d", a.status)
	}
	hasNot(t, "logged out", v.get("/").text, "SRV-SECRET")
}

// A new version is looked for, and the one that is ordered taken up, by whoever has logged on.
//
// Requirement: ACO-69
func TestVersions(t *testing.T) {
	b := &box{}
	v := open(t, b)
	if a := v.post("/update", "/", url.Values{"verb": {"now"}}); a.status != http.StatusForbidden {
		t.Errorf("a stranger: %d", a.status)
	}
	hasNot(t, "a stranger", v.get("/").text, `action="/update"`)
	v.logOn()
	has(t, "logged on", v.get("/?lang=en").text, "1.3.0", "Take the ordered version now", "Look for a new version")
	for verb, want := range map[string]string{"check": "The box has looked", "now": "taken up now"} {
		has(t, verb, v.post("/update", "/", url.Values{"verb": {verb}}).text, want)
	}
	if a := v.post("/update", "/", url.Values{"verb": {"erase"}}); a.status != http.StatusBadRequest {
		t.Errorf("another verb: %d", a.status)
	}
	if len(b.done) != 2 {
		t.Errorf("done: %q", b.done)
	}
	b.err = errors.New("no server")
	if a := v.post("/update", "/", url.Values{"verb": {"check"}}); a.status != http.StatusConflict {
		t.Errorf("no server: %d", a.status)
	}
}

func TestLogOn(t *testing.T) {
	v := open(t, &box{})
	for range 3 {
		a := v.post("/login", "/login", url.Values{"code": {"wrong"}})
		if a.status != http.StatusForbidden {
			t.Errorf("a wrong code: %d", a.status)
		}
		hasNot(t, "a wrong code", a.text, `value="wrong"`)
	}
	if a := v.post("/login", "/login", url.Values{"code": {code}}); a.status != http.StatusTooManyRequests {
		t.Errorf("the fourth guess at once: %d", a.status)
	}
	for name, form := range map[string]url.Values{"empty": {}, "too long": {"code": {strings.Repeat("7", 65)}}, "odd": {"code": {"7\x00"}}} {
		if a := v.post("/login", "/login", form); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.status)
		} else {
			has(t, name, a.text, `aria-invalid="true"`, `id="code-error"`)
		}
	}
}

// The log-on leads on to the page that was asked for, and to none of another site.
func TestLogOnLeadsOn(t *testing.T) {
	for to, want := range map[string]string{"/help": "/help", "https://evil.example/": "/", "//evil.example/": "/", `/\evil.example`: "/", "": "/"} {
		v := open(t, &box{})
		if a := v.post("/login", "/login", url.Values{"code": {code}, "to": {to}}); a.path != want || !strings.HasPrefix(v.url, "http://127.0.0.1") {
			t.Errorf("%q: got %s, want %s", to, a.path, want)
		}
	}
}

// Another name for the box's address is somebody else's, whose page may not read ours.
func TestHosts(t *testing.T) {
	v := open(t, &box{})
	for host, want := range map[string]int{"": 200, "syncbox-7q2k.local": 200, "SYNCBOX-7Q2K": 200, "192.0.2.7": 200, "[2001:db8::1]:80": 200, "localhost:8080": 200,
		"evil.example": 421, "syncbox-7q2k.evil.example": 421, "syncbox-7q2k.local.evil.example": 421} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.url+"/", nil)
		must(t, err)
		req.Host = host
		if a := v.do(req, nil); a.status != want {
			t.Errorf("%q: got %d, want %d", host, a.status, want)
		}
	}
}

// A page of another site has a browser send nothing that is obeyed, the log-on included.
func TestOtherSites(t *testing.T) {
	v := open(t, &box{})
	v.logOn()
	for _, path := range []string{"/login", "/do", "/logout"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.url+path, strings.NewReader("code="+code))
		must(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", "http://evil.example")
		if a := v.do(req, nil); a.status != http.StatusForbidden {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}
