package app_test

import (
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors/all"
	"syncbox/connectors/outlook"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
	"syncbox/sync/mapping"
	"syncbox/sync/store"
)

// sitClock is the time of both simulators, which a test moves.
type sitClock struct{ x3 *sagex3test.Server }

var winter = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)

func (c sitClock) Now() time.Time                       { return c.x3.Now() }
func (c sitClock) Steady() time.Duration                { return c.x3.Now().Sub(winter) }
func (sitClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

const u1 = "u1@contoso.example"

// userRig is one user of X3 with a mailbox, and the job that keeps both in sync.
type userRig struct {
	t       *testing.T
	x3      *sagex3test.Server
	outlook *outlooktest.Server
	list    string // of the tasks
	engine  *engine.Engine
	state   *store.State
}

// codesOf reads the codes of fields off a site.
func codesOf(t *testing.T, x3 *sagex3test.Server) map[record.Entity]map[string]string {
	t.Helper()
	codes, err := storytest.FieldCodes(x3)
	noError(t, err)
	return codes
}

// userSite is what a rig is made from, as a test may have it otherwise.
type userSite struct {
	rights  pairs.Matrix
	x3      sagex3test.Options
	outlook outlooktest.Options
	server  sagex3.Config
	tenant  outlook.Config
	newest  bool // of two edits of a field, the later one wins
}

func newUserRig(t *testing.T, rights pairs.Matrix, change ...func(*userSite)) *userRig {
	t.Helper()
	site := userSite{rights: rights, outlook: outlooktest.Options{Mailboxes: []outlooktest.Mailbox{{Address: u1}}}}
	site.server = sagex3.Config{BaseURL: "https://x3.example:8124", Pool: "SYNCBOX", User: "syncbox", Password: "SECRET", UserCode: "SYNC", Rate: 100}
	site.tenant = outlook.Config{Tenant: "7a1c2e04-1111-4222-8333-444455556666", ApplicationID: "0b5e7c11-aaaa-4bbb-8ccc-ddddeeeeffff", Secret: "SECRET",
		GraphURL: "https://graph.example", LoginURL: "https://login.example", PerMinute: 60_000}
	for _, fn := range change {
		fn(&site)
	}
	r := &userRig{t: t, x3: sagex3test.New(site.x3), outlook: outlooktest.New(site.outlook)}
	r.x3.FreezeClock(winter)
	r.outlook.FreezeClock(winter)
	r.x3.Fill(sagex3test.Seed{Users: 2, Customers: 3})
	var err error
	r.list, err = r.outlook.Person(u1).CreateList("Sage X3")
	noError(t, err)
	paris, err := time.LoadLocation("Europe/Paris")
	noError(t, err)
	site.server.Zone, site.server.Now, site.server.Fields = paris, r.x3.Now, codesOf(t, r.x3)
	site.tenant.Zone, site.tenant.Now = paris, r.outlook.Now
	x3, err := sagex3.New(site.server, nil, r.x3.RoundTripper())
	noError(t, err)
	tenant, err := outlook.New(site.tenant, nil, r.outlook.RoundTripper())
	noError(t, err)
	pair, err := all.Build(t.Context(), all.Settings{Pair: "sagex3-outlook", TwoWay: true, SageX3: x3, SageX3User: sagex3.UserConfig{Login: "U1", Representative: "R1"},
		Outlook: tenant, Mailbox: outlook.MailboxConfig{Address: u1}, SageX3Outlook: pairs.SageX3OutlookOptions{Rights: site.rights, NewestWins: site.newest}}, slog.New(slog.DiscardHandler))
	noError(t, err)
	files, err := store.OpenJob(t.TempDir(), "box", "u1", 1, winter)
	noError(t, err)
	t.Cleanup(func() {
		for _, fn := range []func() error{pair.Close, files.Close, x3.Close} {
			noError(t, fn())
		}
	})
	m, err := mapping.New(pair.Profile, pair.ERP, pair.CRM, true, files.State.Seed)
	noError(t, err)
	set := engine.Default()
	set.Device, set.TwoWay = "box", true
	r.state = files.State
	r.engine, err = engine.New(engine.Ports{Profile: pair.Profile, ERP: pair.ERP, CRM: pair.CRM, Mapper: m, State: files.State, Cache: files.Cache,
		Clock: sitClock{r.x3}, Log: slog.New(slog.DiscardHandler)}, set)
	noError(t, err)
	return r
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// cycles does a few of them, ten minutes apart.
func (r *userRig) cycles(n int) {
	r.t.Helper()
	for range n {
		r.x3.AdvanceClock(10 * time.Minute)
		r.outlook.AdvanceClock(10 * time.Minute)
		noError(r.t, r.engine.Cycle(r.t.Context()))
	}
}

// runs does a few cycles, and holds that nothing waits for anybody.
func (r *userRig) runs(n int) {
	r.t.Helper()
	r.cycles(n)
	noError(r.t, r.state.View(func(tx *store.Txn) {
		tx.AllWaiting(func(w store.Waiting) bool {
			r.t.Errorf("it waits: %+v", w)
			return true
		})
	}))
}

// item gives the one item of the mailbox of which a property is a text.
func (r *userRig) item(k outlooktest.Kind, name, text string) outlooktest.Item {
	r.t.Helper()
	var found []outlooktest.Item
	for _, it := range r.outlook.Items(u1, k) {
		if it.Text(name) == text {
			found = append(found, it)
		}
	}
	if len(found) != 1 {
		r.t.Fatalf("%d items with %s %q", len(found), name, text)
	}
	return found[0]
}

// x3Record gives the one record of an object of which a field is a text.
func (r *userRig) x3Record(o sagex3test.Object, f sagex3test.Field, text string) sagex3test.Record {
	r.t.Helper()
	all := slices.DeleteFunc(r.x3.Records(o), func(rec sagex3test.Record) bool { return rec.Values[f] != text })
	if len(all) != 1 {
		r.t.Fatalf("%d records of %s with %s %q", len(all), o, f, text)
	}
	return all[0]
}

// What is entered in X3 is in the mailbox after a run, with its chrono; what is edited there or made there is in X3 after the next
// one, and what was made has its chrono; and then nothing is written any more.
//
// Requirement: X3-1, X3-13, X3-22, X3-29, X3-30, X3-31, X3-33, X3-34, X3-51
func TestX3UserAndMailbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		person := r.x3.Person("U1")
		keys, entered := map[record.Entity]string{}, map[record.Entity]sagex3test.Values{
			record.Contact: {sagex3test.LastName: "Dupont", sagex3test.FirstName: "Ève", sagex3test.Company: "C00001"},
			record.Task:    {sagex3test.Subject: "Devis", sagex3test.Company: "C00001", sagex3test.Start: "20261124", sagex3test.Due: "20261125"},
			record.Call:    {sagex3test.Subject: "Appeler", sagex3test.Company: "C00001", sagex3test.Start: "20261124"},
			record.Appointment: {sagex3test.Subject: "Visite", sagex3test.Company: "C00001", sagex3test.Start: "20261124", sagex3test.StartTime: "0930",
				sagex3test.End: "20261124", sagex3test.EndTime: "1015"},
		}
		for _, e := range []record.Entity{record.Contact, record.Task, record.Call, record.Appointment} {
			key, err := person.Create(storytest.Objects[e], entered[e])
			noError(t, err)
			keys[e] = key
		}
		r.runs(3)
		dupont := r.item(outlooktest.Contact, "surname", "Dupont")
		if dupont.Text("companyName") != "#C00001#" || !slices.Contains(values(dupont.Properties), keys[record.Contact]) {
			t.Errorf("the contact's company %q, properties %v", dupont.Text("companyName"), dupont.Properties)
		}
		devis, visit := r.item(outlooktest.Task, "title", "Devis"), r.item(outlooktest.Event, "subject", "Visite")
		_ = r.item(outlooktest.Task, "title", "Appeler")

		user := r.outlook.Person(u1)
		noError(t, user.CompleteTask(devis.ID))
		noError(t, user.Edit(visit.ID, outlooktest.Object{"subject": "Visite reportée"}))
		_, err := user.Create(outlooktest.Contact, "", outlooktest.Object{"surname": "Petit", "givenName": "Luc", "companyName": "#C00002#"})
		noError(t, err)
		_, err = user.Create(outlooktest.Task, r.list, outlooktest.Object{"title": "Rappeler Luc"})
		noError(t, err)
		r.runs(3)
		if got := r.x3Record(sagex3test.Tasks, sagex3test.Number, keys[record.Task]).Values[sagex3test.Done]; got != "2" {
			t.Errorf("the completed task: done %q", got)
		}
		if got := r.x3Record(sagex3test.Appointments, sagex3test.Number, keys[record.Appointment]).Values[sagex3test.Subject]; got != "Visite reportée" {
			t.Errorf("the appointment's subject in X3: %q", got)
		}
		luc := r.x3Record(sagex3test.Correspondents, sagex3test.LastName, "Petit")
		if luc.Values[sagex3test.Company] != "C00002" || luc.Values[sagex3test.Owner] != "R1" {
			t.Errorf("the new correspondent: %v", luc.Values)
		}
		if p := r.item(outlooktest.Contact, "surname", "Petit"); !slices.Contains(values(p.Properties), luc.Key) {
			t.Errorf("the new contact has no chrono: %v", p.Properties)
		}
		_ = r.x3Record(sagex3test.Tasks, sagex3test.Subject, "Rappeler Luc")

		before, marks := r.x3.Mark(), r.outlook.Mark()
		r.runs(3)
		if w := r.x3.Written(sagex3test.JournalQuery{After: before}); len(w) > 0 {
			t.Errorf("written in X3 for nothing: %+v", w)
		}
		if w := r.outlook.Written(outlooktest.JournalQuery{After: marks}); len(w) > 0 {
			t.Errorf("written in Outlook for nothing: %+v", w)
		}
		if len(r.outlook.Invitations()) > 0 {
			t.Error("somebody was invited")
		}
	})
}

// What a user may not have done is not done: new tasks and changes flow to Outlook alone, and no contact flows at all.
//
// Requirement: X3-3
func TestX3RightsAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Matrix{record.Task: {ToCRM: pairs.All}})
		person, user := r.x3.Person("U1"), r.outlook.Person(u1)
		key, err := person.Create(sagex3test.Tasks, sagex3test.Values{sagex3test.Subject: "Devis", sagex3test.Company: "C00001", sagex3test.Start: "20261124"})
		noError(t, err)
		_, err = person.Create(sagex3test.Correspondents, sagex3test.Values{sagex3test.LastName: "Dupont", sagex3test.Company: "C00001"})
		noError(t, err)
		_, err = user.Create(outlooktest.Task, r.list, outlooktest.Object{"title": "Rappeler Luc"})
		noError(t, err)
		before := r.x3.Mark()
		r.cycles(2)
		noError(t, user.CompleteTask(r.item(outlooktest.Task, "title", "Devis").ID))
		r.cycles(2)
		if w := r.x3.Written(sagex3test.JournalQuery{After: before}); len(w) > 0 {
			t.Errorf("written in X3: %+v", w)
		}
		if n := len(r.outlook.Items(u1, outlooktest.Contact)); n > 0 {
			t.Errorf("%d contacts in Outlook", n)
		}
		noError(t, person.Edit(sagex3test.Tasks, key, sagex3test.Values{sagex3test.Subject: "Devis signé"}))
		r.cycles(2)
		_ = r.item(outlooktest.Task, "title", "Devis signé")
	})
}

func values(m map[string]string) (all []string) {
	for _, v := range m {
		all = append(all, v)
	}
	return all
}
