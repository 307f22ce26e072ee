package console_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/board"
	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/panel"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

const code = "7Q2KM-0XTV9"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fakeBox is a box with fields for answers.
type fakeBox struct {
	status []local.JobStatus
	events []store.Event
	waits  []store.Waiting
	page   engine.PreviewPage
	links  engine.LinkPage
	asked  []string
	err    error
	doErr  error // of Do alone
}

func (b *fakeBox) Status(context.Context) ([]local.JobStatus, error) { return b.status, b.err }

func (b *fakeBox) Journal(_ context.Context, _ string, _ uint64, limit int) ([]store.Event, error) {
	return b.events[max(0, len(b.events)-limit):], b.err
}

func (b *fakeBox) Waiting(context.Context, string) ([]store.Waiting, error) { return b.waits, b.err }

func (b *fakeBox) Preview(context.Context, string, engine.PreviewQuery) (engine.PreviewPage, error) {
	return b.page, b.err
}

func (b *fakeBox) Links(_ context.Context, job string, q engine.LinkQuery) (engine.LinkPage, error) {
	b.asked = append(b.asked, job+" links "+q.Text)
	return b.links, b.err
}

func (b *fakeBox) Do(_ context.Context, job string, verb engine.Verb, name string) error {
	b.asked = append(b.asked, job+" "+string(verb)+name)
	return errors.Join(b.doErr, b.err)
}

// fakeTests tell what a test sets.
type fakeTests struct {
	share, crm, light func(context.Context) error
	button            func(ctx context.Context, pressed func()) error
	colours           []board.Colour
}

func do(ctx context.Context, fn func(context.Context) error) error {
	if fn == nil {
		return nil
	}
	return fn(ctx)
}

func (f *fakeTests) Share(ctx context.Context, _ string) error { return do(ctx, f.share) }
func (f *fakeTests) CRM(ctx context.Context, _ string) error   { return do(ctx, f.crm) }

func (f *fakeTests) Light(ctx context.Context, c board.Colour) error {
	f.colours = append(f.colours, c)
	return do(ctx, f.light)
}

func (f *fakeTests) Button(ctx context.Context, pressed func()) error {
	if f.button == nil {
		pressed()
		return nil
	}
	return f.button(ctx, pressed)
}

// fakeJournal is the journal of the box.
type fakeJournal struct{ all []store.Event }

func (j *fakeJournal) Event(code string, args map[string]string) {
	j.all = append(j.all, store.Event{Seq: uint64(len(j.all) + 1), At: noon, Severity: store.Info, Code: code, Args: args})
}

func (j *fakeJournal) Events(limit int) ([]store.Event, error) {
	return j.all[max(0, len(j.all)-limit):], nil
}

// fakeDoor knows one code, and no patience.
type fakeDoor struct{ code string }

func (d *fakeDoor) Check(c string) error {
	if c != d.code {
		return setupcode.ErrWrong
	}
	return nil
}

func (d *fakeDoor) Change(c string) error { d.code = c; return nil }

// realDoor puts the door of a real box in the place of the fake one.
func (r *rig) realDoor() {
	path := filepath.Join(r.dir, "code.json")
	must(r.t, setupcode.Write(path, code))
	r.conf.Door = setupcode.NewDoor(path)
}

// rig is a console with a box behind it.
type rig struct {
	t     testing.TB
	dir   string
	box   *fakeBox
	tests *fakeTests
	kept  *fakeJournal
	news  *fakeUpdates
	codes []string
	acts  []panel.Action
	logs  bytes.Buffer
	conf  console.Config
}

const siteConfig = `# the site's own comment
[box]
name = "syncbox-7Q2K"
data = "/data/jobs"
[[job]]
name = "north"
pair = "acomba-centrixone"
[job.share]
kind = "cifs"
server = "srv-erp"
share = "Acomba"
user = "syncbox"
[job.acomba]
company = "F1000"
[job.centrixone]
url = "https://api.centrix.one"
`

const (
	plantedPassword = "Motdepasse-planté-1"
	plantedKey      = "PLANTEDKEY2"
	plantedAccount  = "98765431"
)

const siteSecrets = "[job.north]\nshare_password = \"" + plantedPassword + "\"\ncrm_account = \"" + plantedAccount + "\"\ncrm_key = \"" + plantedKey + "\"\n"

var noon = time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC)

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), tests: &fakeTests{}}
	path := filepath.Join(r.dir, "syncbox.toml")
	must(t, os.WriteFile(path, []byte(siteConfig), 0o600))
	must(t, os.WriteFile(filepath.Join(r.dir, "secrets.toml"), []byte(siteSecrets), 0o600))
	zone, err := time.LoadLocation("America/Toronto")
	must(t, err)
	r.box = &fakeBox{
		status: []local.JobStatus{{Job: "north", Names: pairs.Names("acomba-centrixone"), Status: engine.Status{Service: engine.Running, TwoWay: true, LastEnd: noon, Next: noon.Add(15 * time.Minute),
			Ways: [2]engine.Way{{Outcome: engine.Success}, {Outcome: engine.Waits, Code: "share-unreachable", Args: map[string]string{"share": "srv-erp/Acomba"}}}}}},
		events: []store.Event{
			{Seq: 1, At: noon, Severity: store.Info, Code: "record-created", Direction: store.ToCRM, Entity: "account", ERP: "812"},
			{Seq: 2, At: noon, Severity: store.Warning, Code: "conflict-settled", Entity: "account", ERP: "812",
				Args: map[string]string{"field": "City", "erp": "Val-d'Or", "crm": "Amos", "won": "erp"}},
			{Seq: 3, At: noon, Severity: store.Info, Code: "cycle-complete", Direction: store.ToCRM, Args: map[string]string{"created": "1", "updated": "12345"}},
		},
	}
	r.kept, r.news = &fakeJournal{}, &fakeUpdates{}
	r.kept.Event("box-started-power", nil)
	r.kept.Event("device-sync", map[string]string{"by": "button"})
	r.conf = console.Config{
		Face: func() console.Face {
			m, _ := config.LoadMachine(path)
			return console.Face{Name: m.Network.Hostname, Language: m.Box.Language, Zone: zone, Names: pairs.Names("acomba-centrixone")}
		},
		Box: r.box, Tests: r.tests, Journal: r.kept, Codes: func() []string { return r.codes }, Settings: config.NewWriter(path, nil),
		Door: &fakeDoor{code}, Log: slog.New(slog.NewTextHandler(&r.logs, nil)),
		Link: func(context.Context) (console.Link, error) {
			return console.Link{Interface: "eth0", Up: true, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.7/24")},
				NTP: []string{"pool.ntp.org", "192.0.2.1"}, Gateway: netip.MustParseAddr("192.0.2.1"), DNS: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")}}, nil
		},
		Ready: func() error { _, err := config.Load(path); return err },
		Act:   func(_ context.Context, a panel.Action) error { r.acts = append(r.acts, a); return nil },
	}
	return r
}

// line is a terminal on which everything was typed already.
type line struct {
	io.Reader
	bytes.Buffer
}

func (l *line) Read(b []byte) (int, error) { return l.Reader.Read(b) }

// types types lines and gives what the terminal shows, with LF for CR LF.
func (r *rig) types(lines ...string) string {
	r.t.Helper()
	l := &line{Reader: strings.NewReader(strings.Join(lines, "\r") + "\r")}
	if err := console.New(r.conf).Serve(context.Background(), l); !errors.Is(err, io.EOF) {
		r.t.Errorf("the line ended with %v", err)
	}
	return strings.ReplaceAll(l.String(), "\r\n", "\n")
}

var dialogues = []struct {
	name    string
	prepare func(*rig)
	lines   []string
	acts    []panel.Action
	asked   []string
}{
	{name: "visitor", lines: []string{"", "aide", "aide share-auth", "aide nulle-part", "état", "journal", "réseau", "regler box.language en", "redémarrer", "quitter", "lang en", "help", "help share-auth", "status",
		"journal 1", "network", "lang de", "accents non", "lang fr", "aide"}},
	{name: "login", prepare: (*rig).realDoor, lines: []string{"connexion", "wrong", "connexion", code, "aide", "lang en", "help", "journal 2", "logout", "logout",
		"login", "x", "login", "x", "login", "x", "login", code}},
	{name: "setup", lines: []string{"connexion", code, "reglages", "regler network.address", "regler network.address \"\"", "regler network.hostname boite-nord", "regler network.hostname boite-nord", "regler",
		"regler box.name autre", "regler job.north.interval 10s ago", "regler job.north.backup 22:00-23:00, 01:00-02:00", "regler job.north.share.port many",
		"regler job.west.interval 5m", "regler job.north.crm_key ABC", "regler job.north.share.server srv-2", "new-password", "new-password",
		"regler job.north.share.server srv-3", "a", "b", "secret", "secret job.north.crm_key", "NEWKEY", "NEWKEY", "secret job.north.crm_key", "no key", "no key",
		"regler job.north.acomba.company \"Acomba Nord/F1000\"", "reglages"}},
	{name: "network", lines: []string{"connexion", code, "reseau", "reseau fixe 192.0.2.9/24 192.0.2.1 192.0.2.2", "reseau", "reseau secours 192.0.2.9/24 192.0.2.1", "reseau",
		"regler network.ntp pool.ntp.org, 192.0.2.3", "regler network.ntp pool ntp!", "lang en", "network fallback", "network static 192.0.2.9",
		"network static", "network dhcp", "network dhcp", "network up"}},
	{name: "tests", prepare: func(r *rig) {
		r.tests.crm = func(context.Context) error {
			return connectors.Errorf(connectors.Auth, "crm-auth", "log on: 401 Unauthorized")
		}
		r.tests.light = func(context.Context) error { return errors.New("open light: no such device") }
	}, lines: []string{"connexion", code, "essai-partage", "essai-crm", "essai-crm south", "essai-voyant", "lang en", "test-share", "test-crm", "leds"}},
	{name: "hardware", prepare: func(r *rig) {
		tries := 0
		r.tests.button = func(ctx context.Context, pressed func()) error {
			switch tries++; tries {
			case 1:
				pressed()
				return nil
			case 2:
				pressed()
			case 4:
				return panel.ErrNone
			}
			<-ctx.Done()
			return ctx.Err()
		}
		r.tests.light = func(context.Context) error {
			if len(r.tests.colours) > 10 {
				return panel.ErrNone
			}
			return nil
		}
	}, lines: []string{"essai-bouton", "essai-voyant", "connexion", code, "essai-voyant", "essai-bouton", "essai-bouton", "lang en", "test-button", "test-button", "test-light", "test-light"}},
	{name: "machine", prepare: func(r *rig) { r.codes = []string{"network-down", "stick-refused"} },
		lines: []string{"etat", "journal boîte", "journal 1", "connexion", code, "regler box.zone Europe/Paris", "regler box.language en", "status", "set network.hostname north-box", "journal 9 box"}},
	{name: "versions", prepare: func(r *rig) { r.conf.Updates = r.news }, lines: []string{"versions", "mise-a-jour maintenant", "connexion", code, "mise-a-jour", "mise-a-jour maintenant",
		"mise-à-jour vérifier", "lang en", "versions", "update check"}},
	{name: "certificate", prepare: func(r *rig) { r.conf.Identity = &fakeIdentity{} }, lines: []string{"certificat", "connexion", code, "certificat", "certificat reclamer",
		"certificat reclamer S:1", "x", "certificat réclamer C0FFEE7Q2K", "7Q2KM-0XTV9", "certificat", "lang en", "certificate", "certificate claim C0FFEE7Q2K", "\x03"}},
	{name: "connect", prepare: connecting, lines: []string{"connexion", code, "connecter", "connecter north", "connecter qb", "", "x", "", "connecter qb",
		"https://relay.example/back?code=SECRET&state=abc", "lang en", "connect qb", "\x03", "disconnect qb", "déconnecter qb"}},
	{name: "connect-none", lines: []string{"connexion", code, "connecter qb"}},
	{name: "no-certificate", lines: []string{"connexion", code, "certificat"}},
	{name: "no-versions", lines: []string{"versions", "connexion", code, "mise-a-jour maintenant"}},
	{name: "reset", lines: []string{"connexion", code, "reinitialiser", "reinitialiser tout", "reinitialiser reseau", "non", "reinitialiser réseau", "SYNCBOX-7q2k",
		"reinitialiser complet", "connexion", code, "lang en", "reset full", "syncbox-7Q2K", "login", code, "reboot", "poweroff", "langue fr", "éteindre", "quitter", "eteindre"},
		acts: []panel.Action{panel.ResetNetwork, panel.FullReset, panel.Restart, panel.PowerOff, panel.PowerOff}},
	{name: "jobs", prepare: func(r *rig) {
		r.box.waits = []store.Waiting{{Kind: store.Brake, Entity: "account", Code: "mass-change", Args: map[string]string{"count": "61", "bound": "50", "entity": "account"}}}
		r.box.status = append(r.box.status, local.JobStatus{Job: "south", Names: pairs.Names("acomba-centrixone"), Status: r.box.status[0].Status})
	}, lines: []string{"attente", "synchro", "connexion", code, "attente north", "synchro", "arrêter south", "démarrer south", "journal 1", "lang en", "waiting", "sync north"},
		asked: []string{"north force", "south force", "south stop", "south start", "north force"}},
	{name: "answers", prepare: func(r *rig) {
		r.box.status = append(r.box.status, local.JobStatus{Job: "south", Names: pairs.Names("acomba-centrixone"), Status: r.box.status[0].Status})
	}, lines: []string{"retry all north", "resync 1 north", "connexion", code, "recreate", "recreate 534/deleted/", "recreate 534/deleted/ south", "same 12/identity/501 north",
		"allow 0/brake/account towards crm north", "retry all west", "resync", "resync 3 north", "resync 1 north", "resync cancel north", "lang en", "retry all south",
		"resync 2 south", "resync go south", "resync since south", "resync 1 2026-01-31 south", "resync since 2026-01-31 south"},
		asked: []string{"south recreate534/deleted/", "north same12/identity/501", "north allow0/brake/account towards crm", "north resync-1", "north resync-cancel",
			"south retryall", "south resync-2", "south resync-go", "south resync-since2026-01-31"}},
	{name: "answers-of-one", lines: []string{"connexion", code, "keep-erp 7/conflict/name", "resync 2"}, asked: []string{"north keep-erp7/conflict/name", "north resync-2"}},
	{name: "preview", prepare: func(r *rig) {
		known := record.Fields{"name": record.TextOf("Épicerie Lévis"), "number": record.TextOf("C-12")}
		r.box.status[0].Status.Preview = &engine.Preview{Made: noon, Digest: "00ff00ff00ff00ff", Waits: true, Code: "run-unconfirmed", Args: map[string]string{"count": "2"},
			Counts: map[record.Entity]engine.PreviewCounts{record.Account: {Update: [2]int{1, 0}, Marked: 1}, record.Contact: {Ask: 1}}}
		r.box.page = engine.PreviewPage{Next: "01", Changes: []engine.Change{
			{Entity: record.Account, ERP: "12", CRM: "1003", To: store.ToCRM, Kind: engine.ChangeUpdate, Known: known, Fields: []engine.FieldChange{
				{ERP: "city", CRM: "City", Old: record.TextOf("Québec"), New: record.TextOf("Lévis"), Other: record.TextOf("Lévis"), Conflict: true}}},
			{Entity: record.Account, ERP: "14", Kind: engine.ChangeCreate, To: store.ToCRM, Mark: store.NotThisTime},
			{Entity: record.Contact, CRM: "901", Kind: engine.ChangeWait, Code: "reference-marked"},
		}}
		r.box.links = engine.LinkPage{Next: "9", Rows: []engine.LinkRow{
			{Link: 1, Entity: record.Account, ERP: "12", CRM: "1003", State: "linked", Known: known, Mark: store.Never},
			{Entity: record.Account, ERP: "15", Mark: store.Never},
			{Link: 3, Entity: record.Contact, ERP: "14", State: "fresh", Waits: []engine.LinkWait{{Kind: store.Quarantine, Code: "unknown-code", Args: map[string]string{"file": "CUSTOMER", "field": "language", "code": "7"}}}},
		}}
	}, lines: []string{"apercu", "connexion", code, "aperçu", "aperçu nouveau", "confirm 00ff00ff00ff00ff", "never account/erp/12", "not-this-time account/erp/12", "unmark account/erp/12 north",
		"fiches", "fiches epicerie north", "never", "lang en", "preview", "links", "preview new"},
		asked: []string{"north preview", "north confirm00ff00ff00ff00ff", "north neveraccount/erp/12", "north not-this-timeaccount/erp/12", "north unmarkaccount/erp/12", "north links ",
			"north links epicerie", "north links ", "north preview"}},
	{name: "changed", prepare: func(r *rig) { r.box.doErr = engine.ErrChanged }, lines: []string{"connexion", code, "confirm 00"}, asked: []string{"north confirm00"}},
	{name: "refused", prepare: func(r *rig) { r.box.doErr = engine.ErrNoSuch }, lines: []string{"connexion", code, "allow 1/brake/", "resync go"},
		asked: []string{"north allow1/brake/", "north resync-go"}},
	{name: "resync-runs", prepare: func(r *rig) { r.box.doErr = engine.ErrResync }, lines: []string{"connexion", code, "resync 1"}, asked: []string{"north resync-1"}},
	{name: "code", prepare: (*rig).realDoor, lines: []string{"connexion", code, "code", "court", "court", "code", "un autre code", "un autre kode", "code", "un autre code", "un autre code", "quitter",
		"connexion", code, "connexion", "UN-AUTRE-CODE", "quitter"}},
	{name: "not-set-up", prepare: func(r *rig) {
		must(r.t, os.Remove(filepath.Join(r.dir, "secrets.toml")))
		r.box.err = local.ErrNoBox
	}, lines: []string{"etat", "journal", "connexion", code, "essai-partage", "secret job.north.share_password", "p", "p", "secret job.north.crm_key", "K", "K",
		"secret job.north.crm_account", "1", "1", "etat"}},
	{name: "no-code", prepare: func(r *rig) { r.conf.Door = setupcode.NewDoor(filepath.Join(r.dir, "none")) }, lines: []string{"connexion", code}},
	{name: "noise", lines: []string{"\x00\xff\xfe", "\xc9tat", strings.Repeat("x", 700), "a\x1b[A\x1b[3~ide", "aidx\x7fe\x7f\x7f\x7f\x7fquitter", "xyz\x15quitter",
		"\x1b]0;title\x07", "\x9b2J", "connexion", "\xff", "connexion", strings.Repeat("9", 700), "rm -rf /", "\x04"}},
	{name: "trouble", prepare: func(r *rig) {
		r.conf.Act = func(context.Context, panel.Action) error { panic("with " + plantedKey) }
		r.conf.Link = func(context.Context) (console.Link, error) {
			return console.Link{}, errors.New("read addresses:\x1b[2J denied")
		}
		r.box.status[0].Err = "open state.db: " + strings.Repeat("a long text ", 12)
	}, lines: []string{"connexion", code, "reseau", "redemarrer", "etat"}},
}

// TestDialogues: what people type at the console, and what it says, word for word.
//
// Requirement: ACO-69
func TestDialogues(t *testing.T) {
	for _, tt := range dialogues {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				if tt.prepare != nil {
					tt.prepare(r)
				}
				got := r.types(tt.lines...)
				golden(t, tt.name, got)
				if d := cmp.Diff(tt.asked, r.box.asked); d != "" {
					t.Errorf("asked of the jobs (-want +got):\n%s", d)
				}
				if d := cmp.Diff(tt.acts, r.acts); d != "" {
					t.Errorf("done to the box (-want +got):\n%s", d)
				}
			})
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}
