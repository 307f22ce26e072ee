package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/outlook"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
)

const folderText = `[box]
name = "syncbox-test"
data = %q
zone = "Europe/Paris"

[sagex3.main]
url = %q
pool = "SYNCBOX"
user = "syncbox"
user_code = "SYNC"
rate = 100.0
%s
[outlook.main]
tenant = "7a1c2e04-1111-4222-8333-444455556666"
application = "0b5e7c11-aaaa-4bbb-8ccc-ddddeeeeffff"
graph_url = %[4]q
login_url = %[4]q
`

const jobText = `
[[job]]
name = "%[1]s"
pair = "sagex3-outlook"
interval = "1s"

[job.sagex3]
server = "main"
login = "U%[2]d"
representative = "R%[2]d"

[job.outlook]
tenant = "main"
mailbox = "u%[2]d@contoso.example"

[job.rights]
`

const everyRight = `contacts_to_outlook = ["create", "update", "delete"]
contacts_to_x3 = ["create", "update", "delete"]
tasks_to_outlook = ["create", "update", "delete"]
tasks_to_x3 = ["create", "update", "delete"]
calls_to_outlook = ["create", "update", "delete"]
calls_to_x3 = ["create", "update", "delete"]
appointments_to_outlook = ["create", "update", "delete"]
appointments_to_x3 = ["create", "update", "delete"]
`

// What must never stand in a log, beside the above.
const folderSecrets = "[sagex3.main]\npassword = \"SECRET\"\n[outlook.main]\nsecret = \"SECRET\"\n"

// folder is a folder of X3 with three users, their mailboxes, and a box between them, one job for each user; the last one
// has no rights.
type folder struct {
	t       *testing.T
	x3      *sagex3test.Server
	outlook *outlooktest.Service
	app     *app.App
	conf    config.Config
	log     *logBuffer
}

func newFolder(t *testing.T) *folder {
	t.Helper()
	f := &folder{t: t, log: &logBuffer{}}
	x3, at, err := sagex3test.Listen(t.Context(), sagex3test.Options{})
	must(t, err)
	f.x3 = x3
	f.x3.Fill(sagex3test.Seed{Users: 3, Customers: 3})
	var mailboxes []outlooktest.Mailbox
	for n := range 3 {
		mailboxes = append(mailboxes, outlooktest.Mailbox{Address: mailbox(n + 1)})
	}
	f.outlook, err = outlooktest.Listen(t.Context(), outlooktest.Options{Mailboxes: mailboxes})
	must(t, err)
	text := fmt.Sprintf(folderText, t.TempDir(), at, storytest.FieldLines(codesOf(t, x3)), f.outlook.URL)
	for n, name := range []string{"marie", "luc", "paul"} {
		_, err := f.outlook.Person(mailbox(n + 1)).CreateList("Sage X3")
		must(t, err)
		text += fmt.Sprintf(jobText, name, n+1)
		if name != "paul" {
			text += everyRight
		}
	}
	path := filepath.Join(t.TempDir(), "syncbox.toml")
	must(t, os.WriteFile(path, []byte(text), 0o644))
	must(t, os.WriteFile(filepath.Join(filepath.Dir(path), "secrets.toml"), []byte(folderSecrets), 0o600))
	conf, err := config.Load(path)
	must(t, err)
	f.conf = conf
	f.run(conf)
	return f
}

func mailbox(n int) string { return fmt.Sprintf("u%d@contoso.example", n) }

// run runs the box until the test ends.
func (f *folder) run(conf config.Config) {
	f.t.Helper()
	var err error
	f.app, err = app.New(conf, slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	must(f.t, err)
	ctx, end := context.WithCancel(f.t.Context())
	done := make(chan error, 1)
	go func() { done <- f.app.Run(ctx) }()
	f.t.Cleanup(sync.OnceFunc(func() {
		end()
		must(f.t, <-done)
		must(f.t, f.app.Close())
		must(f.t, f.app.Close())
	}))
}

// until waits while the jobs are asked for cycles again and again.
func (f *folder) until(what string, arrived func() bool) {
	f.t.Helper()
	err := storytest.Until(f.t.Context(), what, 2*time.Minute, func() bool {
		for _, j := range f.app.Jobs {
			_ = j.Do(f.t.Context(), engine.Force, "") // not yet, where it is just starting
		}
		return arrived()
	})
	if err != nil {
		for _, j := range f.app.Jobs {
			st, err := j.Status()
			f.t.Logf("%s: %+v %v", j.Name(), st, err)
		}
		f.t.Fatal(err)
	}
}

// has says whether a mailbox has items of a kind with just these texts.
func (f *folder) has(n int, k outlooktest.Kind, property string, texts ...string) bool {
	var is []string
	for _, it := range f.outlook.Items(mailbox(n), k) {
		is = append(is, it.Text(property))
	}
	slices.Sort(is)
	return slices.Equal(is, texts)
}

// Each user's records are in this user's mailbox alone, from a file that names server and tenant once: all jobs together make
// one call of X3 at a time, and one token is enough for them. A user whom nobody gave rights is not synchronised, and holds
// nobody up.
//
// Requirement: X3-1, X3-3, X3-13
func TestX3UsersOfABox(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	for n := 1; n <= 3; n++ {
		text := fmt.Sprintf("de U%d", n)
		for o, values := range map[sagex3test.Object]sagex3test.Values{
			sagex3test.Correspondents: {sagex3test.LastName: text, sagex3test.Company: "C00001"},
			sagex3test.Tasks:          {sagex3test.Subject: text, sagex3test.Company: "C00001", sagex3test.Start: "20261124"},
		} {
			_, err := f.x3.Person(fmt.Sprintf("U%d", n)).Create(o, values)
			must(t, err)
		}
	}
	f.until("both mailboxes have what is theirs", func() bool {
		return f.has(1, outlooktest.Contact, "surname", "de U1") && f.has(2, outlooktest.Contact, "surname", "de U2") &&
			f.has(1, outlooktest.Task, "title", "de U1") && f.has(2, outlooktest.Task, "title", "de U2")
	})
	_, err := f.outlook.Person(mailbox(2)).Create(outlooktest.Contact, "", outlooktest.Object{"surname": "Petit", "companyName": "#C00002#"})
	must(t, err)
	f.until("a contact made in Outlook is its user's in X3", func() bool {
		return slices.ContainsFunc(f.x3.Records(sagex3test.Correspondents), func(r sagex3test.Record) bool {
			return r.Values[sagex3test.LastName] == "Petit" && r.Values[sagex3test.Owner] == "R2"
		})
	})
	if !f.has(3, outlooktest.Contact, "surname") || !f.has(3, outlooktest.Task, "title") {
		t.Error("the user without rights has items")
	}
	if _, err := f.app.Jobs[2].Status(); err != nil {
		t.Errorf("the job without rights: %v", err)
	}
	if n := f.x3.Counters(); n.PeakConcurrent != 1 {
		t.Errorf("%d calls of X3 at a time", n.PeakConcurrent)
	}
	if n := f.outlook.Counters(); n.Tokens != 1 {
		t.Errorf("%d tokens", n.Tokens)
	}
	if strings.Contains(f.log.String(), "SECRET") {
		t.Error("a secret is in the log")
	}
}

// What is wrong is told by its code before a job works with it: on the side of X3, on that of Outlook.
//
// Requirement: X3-4
func TestTryingAUserOfX3(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	log := slog.New(slog.DiscardHandler)
	for _, tt := range []struct {
		name    string
		change  func(*config.Job)
		x3, box string
	}{
		{"all is well", func(*config.Job) {}, "", ""},
		{"a wrong password", func(j *config.Job) { j.SageX3.Server.Password = "other" }, sagex3.CodeAuth, ""},
		{"another name of a publication", func(j *config.Job) {
			j.SageX3.Server.Publications = map[record.Entity]string{record.Task: "YTSK"}
		}, sagex3.CodeNotPublished, ""},
		{"a wrong secret", func(j *config.Job) { j.Outlook.Tenant.Secret = "other" }, "", outlook.CodeAuth},
		{"no such mailbox", func(j *config.Job) { j.Outlook.Box.Address = "nobody@contoso.example" }, "", outlook.CodeMailboxDenied},
		{"no such list", func(j *config.Job) { j.Outlook.Box.TaskList = "Other" }, "", outlook.CodeListMissing},
		{"a wrong secret, where appointments alone are synchronised", func(j *config.Job) {
			j.Outlook.Tenant.Secret, j.Rights = "other", pairs.Matrix{record.Appointment: {ToCRM: pairs.All}}
		}, "", outlook.CodeAuth},
	} {
		j := f.conf.Jobs[2]
		tt.change(&j)
		x3, box := app.TryX3(t.Context(), j, log), app.TryMailbox(t.Context(), j, log)
		for want, err := range map[[2]string]error{{"X3", tt.x3}: x3, {"Outlook", tt.box}: box} {
			if (err == nil) != (want[1] == "") || err != nil && connectors.CodeOf(err) != want[1] {
				t.Errorf("%s: %s: %v, want %q", tt.name, want[0], err, want[1])
			}
		}
	}
}

// The connection test reports every fault, each in one line, and leaves nothing in the mailbox.
//
// Requirement: X3-4
func TestReportOfEveryFault(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	log := slog.New(slog.DiscardHandler)
	j := f.conf.Jobs[2]
	if all := app.TryUser(t.Context(), j, log); len(all) > 0 {
		t.Errorf("all is well, but: %v", all)
	}
	j.SageX3.Server.Publications = map[record.Entity]string{record.Task: "YTSK", record.Call: "YCLL"}
	j.Outlook.Box.ContactFolder, j.Outlook.Box.TaskList = "Nowhere", "Other"
	var got []string
	for _, err := range app.TryUser(t.Context(), j, log) {
		got = append(got, connectors.CodeOf(err))
	}
	want := []string{sagex3.CodeNotPublished, sagex3.CodeNotPublished, outlook.CodeFolderMissing, outlook.CodeListMissing}
	if !slices.Equal(got, want) {
		t.Errorf("report %q, want %q", got, want)
	}
	if n := len(f.outlook.Items(mailbox(3), outlooktest.Contact)) + len(f.outlook.Items(mailbox(3), outlooktest.Event)); n > 0 {
		t.Errorf("%d items left by the test", n)
	}
	j.SageX3.Server.Password, j.Outlook.Tenant.Secret = "other", "other"
	if all := app.TryUser(t.Context(), j, log); len(all) != 2 {
		t.Errorf("wrong on both sides: %v", all)
	}
}
