package setup_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/survey/child"
	"syncbox/firmware/internal/web"
	"syncbox/firmware/internal/web/page"
	"syncbox/firmware/internal/web/setup"
)

// TestMain is the child of the survey as well.
func TestMain(m *testing.M) {
	if slices.Equal(os.Args[1:], []string{"survey"}) {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		if err := child.Run(ctx, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const (
	code     = "4J7NC-8YRP2"
	secret   = "S3cret-of-the-box"
	crmKey   = "KEYOFTHECRM"
	boxName  = "syncbox-7Q2K"
	jobName  = "acomba"
	jobsPath = "/setup/jobs/" + jobName + "/"
)

// site is a customer's site and a box for it, whose fields a test sets.
type site struct {
	t      *testing.T
	dir    string
	server *sharetest.Samba // nil = none
	crm    *centrixonetest.Server
	writer *config.Writer
	find   survey.SweepRequest // what the box looks at when it looks for servers
	conf   setup.Config
	box    *box
	asked  web.Box // what the page asks; box, or real jobs

	log lines

	mu     sync.Mutex // protects what follows
	acts   []panel.Action
	events []string
	codes  []string
}

// newSite makes a box as it is delivered, and a CRM. The survey may have all the memory that the race detector reserves.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), crm: centrixonetest.New(centrixonetest.Options{Key: crmKey, AutomaticBilling: true, RateLimit: &centrixonetest.Rate{}}), box: &box{}}
	s.asked = s.box
	crm := httptest.NewServer(s.crm)
	t.Cleanup(crm.Close)
	must(t, config.WriteFirst(s.path(), boxName, config.Support{}))
	s.writer = config.NewWriter(s.path(), nil)
	_, err := s.writer.Set(config.Change{Key: "job.acomba.centrixone.url", Value: crm.URL})
	must(t, err)
	must(t, setupcode.Write(filepath.Join(s.dir, "code.json"), code))
	s.conf = setup.Config{
		Settings: s.writer, Draft: func() (config.Config, error) { return config.LoadDraft(s.path()) }, Survey: near{&survey.Helper{Memory: 1 << 46}, s},
		CRM:  func(ctx context.Context, c centrixone.Config) error { return app.TryCRM(ctx, c, s.logger()) },
		Link: func(context.Context) (console.Link, error) { return console.Link{Interface: "eth0", Up: true}, nil },
		Act: func(_ context.Context, a panel.Action) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.acts = append(s.acts, a)
			return nil
		},
		Code:    func(code string) error { return setupcode.NewDoor(filepath.Join(s.dir, "code.json")).Change(code) },
		Journal: s,
	}
	return s
}

func (s *site) path() string { return filepath.Join(s.dir, "syncbox.toml") }

// lines is a log that several may write.
type lines struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.String()
}

func (s *site) port() string { return fmt.Sprint(s.server.Port) }

func (s *site) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&s.log, nil)) }

// Event keeps what is journalled.
func (s *site) Event(code string, args map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, code+" "+args["by"]+" "+args["names"])
}

// withServer adds a file server with two companies, the second one of another version.
func (s *site) withServer(customers int) *acombatest.Company {
	s.t.Helper()
	s.server = sharetest.New(s.t, sharetest.Options{Users: map[string]string{sharetest.UserBox: secret}})
	s.find = survey.SweepRequest{Port: s.server.Port, Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.9"), netip.MustParseAddr("127.0.0.1")}}
	north, err := acombatest.Create(filepath.Join(s.server.Dir(sharetest.ShareERP), "F1000.dta", "Nord"), acombatest.Options{Seed: 1, Customers: customers, Documents: 30})
	must(s.t, err)
	return north
}

// near is a survey whose network is this machine.
type near struct {
	*survey.Helper
	s *site
}

func (n near) Sweep(ctx context.Context, _ survey.SweepRequest, told func(survey.Progress)) ([]survey.Server, error) {
	return n.Helper.Sweep(ctx, n.s.find, told)
}

// start serves the page as after a start of the box, and opens a browser: what was in memory is gone.
func (s *site) start() *browser {
	s.t.Helper()
	conf := s.conf
	h := web.New(web.Config{
		Face: func() page.Face { return page.Face{Name: boxName, Language: "fr-CA", Zone: time.UTC} },
		Door: setupcode.NewDoor(filepath.Join(s.dir, "code.json")), Box: s.asked, Codes: func() []string { return s.codes }, Lights: func() []health.Light { return nil },
		Ready: func() error { _, err := config.Load(s.path()); return err }, Setup: &conf, Log: s.logger(),
	})
	served := httptest.NewServer(h)
	s.t.Cleanup(served.Close)
	return newBrowser(s.t, served.URL)
}

// logOn opens the assistant as a technician does.
func (s *site) logOn() *browser {
	s.t.Helper()
	b := s.start()
	b.open("/")
	b.follow("/setup")
	b.submit("/login", "code", code)
	return b
}

// reach logs on to the server and chooses the first company.
func (s *site) reach(b *browser) {
	s.t.Helper()
	b.submit(jobsPath+"server", "server", "127.0.0.1", "user", sharetest.UserBox, "password", secret, "port", fmt.Sprint(s.server.Port))
	b.at(jobsPath+"way", 200)
	if b.form(jobsPath+"company") == nil {
		b.submit(jobsPath+"way", "share", sharetest.ShareERP)
	}
	b.submit(jobsPath+"company", "company", "F1000.dta/Nord")
	b.at(jobsPath+"check", 200)
}

// reached sets the way to the company as a person has found it before.
func (s *site) reached() {
	s.t.Helper()
	_, err := s.writer.Set(config.Change{Key: "job.acomba.share.server", Value: "127.0.0.1"}, config.Change{Key: "job.acomba.share.share", Value: sharetest.ShareERP},
		config.Change{Key: "job.acomba.share.user", Value: sharetest.UserBox}, config.Change{Key: "job.acomba.share_password", Value: secret},
		config.Change{Key: "job.acomba.acomba.company", Value: "F1000.dta/Nord"})
	must(s.t, err)
	if s.server != nil {
		_, err = s.writer.Set(config.Change{Key: "job.acomba.share.port", Value: int64(s.server.Port)}, config.Change{Key: "job.acomba.share_password", Value: secret})
		must(s.t, err)
	}
}

// draft gives the job as far as it is set.
func (s *site) draft() config.Job {
	s.t.Helper()
	c, err := config.LoadDraft(s.path())
	must(s.t, err)
	return c.Jobs[0]
}

// logOnAgain opens the assistant after a restart of the box, and counts on where the person was.
func (s *site) logOnAgain(before *browser) *browser {
	s.t.Helper()
	b := s.logOn()
	b.fields, b.clicks = before.fields, before.clicks
	return b
}

// text gives the configuration as it is written.
func (s *site) text() string {
	s.t.Helper()
	text, err := os.ReadFile(s.path())
	must(s.t, err)
	return string(text)
}

func (s *site) set(name, value string) {
	s.t.Helper()
	_, err := s.writer.Set(config.Change{Key: name, Value: value})
	must(s.t, err)
}

// word gives what people read of a key in the box's language, up to its first gap.
func (s *site) word(key string) string {
	s.t.Helper()
	p, err := locale.New("fr-CA", time.UTC)
	must(s.t, err)
	p = p.Of(pairs.Names("acomba-centrixone"))
	text, _, _ := strings.Cut(p.Text(key, nil), "…")
	return text
}

// post sends a form without the token of a session, and gives the answer's status.
func (s *site) post(b *browser, path string) int {
	s.t.Helper()
	res, err := b.http.Post(b.url+path, "application/x-www-form-urlencoded", strings.NewReader("server=srv&user=u&password=p&level=full&name-full="+boxName))
	must(s.t, err)
	res.Body.Close()
	return res.StatusCode
}

// here gives another browser of the same session.
func (s *site) here(b *browser) *browser {
	return &browser{t: s.t, http: b.http, url: b.url, patient: true}
}

// keepsSecrets checks that no secret is on a page, in an address, in the log or in the journal.
func (s *site) keepsSecrets(b *browser) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	all := b.seen.String() + strings.Join(b.sent, "\n") + s.log.String() + strings.Join(s.events, "\n")
	for _, x := range []string{secret, crmKey, code} {
		if strings.Contains(all, x) {
			s.t.Errorf("a secret is shown: %s", x)
		}
	}
}

// box is what the jobs tell.
type box struct {
	web.Box
	mu     sync.Mutex // protects what follows
	status []local.JobStatus
}

func (b *box) Status(context.Context) ([]local.JobStatus, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.status == nil {
		return nil, local.ErrNoBox
	}
	return b.status, nil
}
