package setup_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/outlook"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/firmware/internal/config"
	"syncbox/sync/engine"
)

const (
	userPath = "/setup/jobs/user-1/"
	x3Word   = "pass-of-x3"
	entraKey = "key-of-entra"
)

// x3Site is a box as it is delivered, which somebody makes one for Sage X3. Faults are what the connection test finds.
func x3Site(t *testing.T) (s *site, faults *[]error, b *browser) {
	t.Helper()
	s, faults = newSite(t), &[]error{}
	s.conf.SignIns = &online{}
	s.conf.TryUser = func(context.Context, config.Job) []error { return *faults }
	b = s.logOn()
	b.at("/setup/pair", 200)
	b.submitPair(string(config.SageX3Outlook))
	b.at(userPath+"x3", 200)
	return s, faults, b
}

// connectX3 gives the values of both sides and of the first user.
func connectX3(b *browser) {
	b.t.Helper()
	b.submit(userPath+"x3", "url", "https://x3.example:8124", "pool", "SYNCBOX", "user", "syncbox", "password", x3Word, "user_code", "SYNC",
		"task_fields", "subject=FULOBJ, done=TSKDON")
	b.at(userPath+"tenant", 200)
	b.submit(userPath+"tenant", "tenant", "contoso.example", "application", "0b5e7c11-aaaa-4bbb-8ccc-ddddeeeeffff", "secret", entraKey)
	b.at(userPath+"user", 200)
	b.submit(userPath+"user", "login", "U1", "representative", "R1", "mailbox", "u1@contoso.example", "task_list", "Ventes")
	b.at(userPath+"try", 200)
}

// A new box is made one for Sage X3 and Outlook: the first use is told once, on the page and in the journal; both sides, the user,
// the test with a report of every fault, the general options and the rights follow one another, and nothing begins before
// somebody starts it.
//
// Requirement: X3-2, X3-3, X3-4, X3-7, X3-8, X3-14
func TestSetUpOfSageX3(t *testing.T) {
	s, faults, b := x3Site(t)
	const first = "Première utilisation-Initialisation du fichier des paramètres de l'AddIn"
	b.shows("first use", first)
	if b.open(userPath + "x3"); b.has(first) {
		t.Error("the first use is told twice")
	}
	if n := strings.Count(strings.Join(s.events, "\n"), "settings-first-use"); n != 1 {
		t.Errorf("the journal tells the first use %d times", n)
	}
	b.submit(userPath+"x3", "url", "ftp://x3.example", "pool", "SYNCBOX", "user", "syncbox", "password", x3Word)
	if b.status != 422 {
		t.Errorf("a wrong address: %d", b.status)
	}
	connectX3(b)
	*faults = []error{connectors.Errorf(connectors.Auth, sagex3.CodeAuth, "x"), connectors.Errorf(connectors.Drift, outlook.CodeListMissing, "x")}
	b.submit(userPath + "try")
	b.shows("faults", "Rapport\u202f: 2 anomalies", "Sage X3 refuse l'utilisateur", "La liste de tâches choisie n'existe pas")
	*faults = nil
	b.submit(userPath + "try")
	b.shows("fine", "Tout va bien")
	b.follow(userPath + "rules")
	b.submit(userPath+"rules", "conflict", "newest", "delete_within_days", "60", "past_days", "30", "interval", "30m")
	b.at(userPath+"rights", 200)
	b.submit(userPath+"rights", "contacts_to_outlook-create", "yes", "tasks_to_x3-update", "yes")
	b.shows("to X3 alone", "demande aussi de modifier vers Outlook")
	b.submit(userPath+"rights", "tasks_to_outlook-update", "yes")
	b.at(userPath+"first", 200)
	c, err := config.Load(s.path())
	must(t, err)
	j := c.Jobs[0]
	if !j.SageX3.NewestWins || j.SageX3.DeleteWithin.Hours() != 60*24 || j.Outlook.Tenant.PastDays != 30 || j.Engine.Schedule.Interval.Minutes() != 30 ||
		j.Engine.Confirm != engine.ConfirmFirst || j.Outlook.Box.TaskList != "Ventes" || len(j.SageX3.Server.Fields[record.Task]) != 2 {
		t.Errorf("set: %+v", j)
	}
	want := pairs.Matrix{record.Contact: {ToCRM: pairs.Rights{Create: true}}, record.Task: {ToCRM: pairs.Rights{Update: true}, ToERP: pairs.Rights{Update: true}}}
	if len(j.Rights) != 2 || j.Rights[record.Contact] != want[record.Contact] || j.Rights[record.Task] != want[record.Task] {
		t.Errorf("rights %+v, want %+v", j.Rights, want)
	}
	b.open(userPath + "rights")
	b.submit(userPath+"rights", "everything", "yes")
	if c, err := config.Load(s.path()); err != nil || len(c.Jobs[0].Rights) != 4 || c.Jobs[0].Rights[record.Call] != (pairs.BothWays{ToCRM: pairs.All, ToERP: pairs.All}) {
		t.Errorf("everything: %v, %+v", err, c.Jobs)
	}
	for _, word := range []string{x3Word, entraKey} {
		if all := b.seen.String() + strings.Join(b.sent, "\n") + s.log.String() + strings.Join(s.events, "\n"); strings.Contains(all, word) {
			t.Error("a secret is shown")
		}
	}
}

// Users come and go. A user or a mailbox that is bound already is refused in words that name whose it is; the page of another mailbox
// asks what becomes of the old one, and begins anew in it, or stays where it is the same one.
//
// Requirement: X3-5, X3-6
func TestUsersOfSageX3(t *testing.T) {
	s, _, b := x3Site(t)
	connectX3(b)
	b.open("/setup/users")
	b.submit("/setup/users", "login", "U2", "representative", "R2", "mailbox", "U1@contoso.example")
	b.shows("bound mailbox", "est déjà la boîte aux lettres de U1 (user-1)")
	b.submit("/setup/users", "login", "u1", "representative", "R2", "mailbox", "u2@contoso.example")
	b.shows("bound user", "U1 est déjà lié à u1@contoso.example (user-1)")
	b.submit("/setup/users", "login", "U2", "representative", "R2", "mailbox", "no address")
	if b.status != 422 {
		t.Errorf("no address: %d", b.status)
	}
	b.submit("/setup/users", "login", "U2", "representative", "R2", "mailbox", "u2@contoso.example")
	b.at("/setup/jobs/user-2/try", 200)
	b.open("/setup/jobs/user-2/user")
	b.submit("/setup/jobs/user-2/user", "mailbox", "u1@contoso.example")
	b.shows("bound later", "est déjà la boîte aux lettres de U1 (user-1)")
	b.open("/setup/jobs/user-2/rights")
	b.submit("/setup/jobs/user-2/rights", "everything", "yes")
	b.open("/setup/jobs/user-2/user")
	b.submit("/setup/jobs/user-2/user", "mailbox", "new@contoso.example")
	b.shows("nothing said", "Dites si c'est la même boîte aux lettres ou une autre")
	b.submit("/setup/jobs/user-2/user", "mailbox", "new@contoso.example", "old", "same")
	b.at("/setup/jobs/user-2/try", 200)
	b.open("/setup/jobs/user-2/user")
	b.submit("/setup/jobs/user-2/user", "mailbox", "other@contoso.example", "old", "leave")
	b.at("/setup/jobs/user-3/try", 200)
	b.open("/setup")
	b.shows("overview", "U1 – u1@contoso.example", "U2 – other@contoso.example", "4 objets synchronisés", "Sage X3 <-> Outlook")
	b.open("/setup/jobs/user-1/user")
	b.submit("/setup/jobs/user-1/remove")
	if b.status != 422 {
		t.Errorf("not sure: %d", b.status)
	}
	b.submit("/setup/jobs/user-1/remove", "sure", "yes")
	c, err := config.LoadDraft(s.path())
	must(t, err)
	if names := []string{c.Jobs[0].Name}; len(c.Jobs) != 1 || !slices.Equal(names, []string{"user-3"}) || len(c.Jobs[0].Rights) != 4 {
		t.Errorf("left: %+v", c.Jobs)
	}
	b.open("/setup/jobs/user-3/user")
	if b.form("/setup/jobs/user-3/remove") != nil {
		t.Error("the last user can be taken away")
	}
}

// A job of other products has none of these pages.
func TestNoPagesOfX3(t *testing.T) {
	s := newSite(t)
	s.conf.TryUser = func(context.Context, config.Job) []error { return nil }
	b := s.logOn()
	for _, name := range []string{"x3", "tenant", "user", "try", "rights"} {
		b.open(jobsPath + name)
		b.at(jobsPath+name, 404)
	}
	b.open("/setup/users")
	b.at("/setup/users", 404)
}
