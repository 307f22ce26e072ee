package sagex3_test

import (
	"bytes"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

// noon is a winter's day; the server's clock shows 12:00.
var noon = time.Date(2026, 1, 15, 11, 0, 0, 0, time.UTC)

type (
	values = sagex3test.Values
	config = func(*sagex3.Config)
	option = func(*sagex3test.Options)
)

// object are X3's objects of our entities.
var object = map[record.Entity]sagex3test.Object{
	record.Contact: sagex3test.Correspondents, record.Task: sagex3test.Tasks, record.Call: sagex3test.Calls, record.Appointment: sagex3test.Appointments,
}

// entities are all that is synchronised, in the order of a run.
var entities = []record.Entity{record.Contact, record.Task, record.Call, record.Appointment}

// read are our fields by what an installer reads them off as; two of them are a day and a time, or hours and minutes.
var read = map[record.Entity]map[string][]sagex3test.Field{
	record.Contact: {
		"chrono": {sagex3test.Number}, "last_name": {sagex3test.LastName}, "first_name": {sagex3test.FirstName}, "title": {sagex3test.Title},
		"function": {sagex3test.Function}, "service": {sagex3test.Service}, "company": {sagex3test.Company}, "phone": {sagex3test.Phone},
		"phone_home": {sagex3test.HomePhone}, "mobile": {sagex3test.Mobile}, "email": {sagex3test.Email}, "street": {sagex3test.Address},
		"city": {sagex3test.City}, "postal_code": {sagex3test.PostalCode}, "country": {sagex3test.Country}, "note": {sagex3test.Note},
		"representative": {sagex3test.Owner},
	},
	record.Task: {"minutes": {sagex3test.Hours, sagex3test.Minutes}},
	record.Call: {
		"chrono": {sagex3test.Number}, "company": {sagex3test.Company}, "contact": {sagex3test.Correspondent}, "done": {sagex3test.Done},
		"date": {sagex3test.Start}, "representative": {sagex3test.Owner}, "subject": {sagex3test.Subject}, "report": {sagex3test.Report},
		"minutes": {sagex3test.Hours, sagex3test.Minutes},
	},
	record.Appointment: {
		"chrono": {sagex3test.Number}, "company": {sagex3test.Company}, "done": {sagex3test.Done}, "start": {sagex3test.Start, sagex3test.StartTime},
		"end": {sagex3test.End, sagex3test.EndTime}, "visited": {sagex3test.Visit}, "coworkers": {sagex3test.Coworker},
		"subject": {sagex3test.Subject}, "report": {sagex3test.Report}, "representative": {sagex3test.Owner},
	},
}

// queueRead are the fields of the queue likewise.
var queueRead = map[string]sagex3test.Field{
	"line": sagex3test.Number, "user": sagex3test.LineUser, "object": sagex3test.LineObject, "key": sagex3test.LineKey,
	"action": sagex3test.LineAction, "status": sagex3test.LineStatus,
}

// rig is a site with two salespeople and three customers, and what the box has of it.
type rig struct {
	*sagex3test.Server
	t      *testing.T
	cfg    sagex3.Config
	server *sagex3.Server
	log    bytes.Buffer
	edits  int
}

// newRig gives a site, and a box that was set up for it.
func newRig(t *testing.T, change config, options ...option) *rig {
	t.Helper()
	var o sagex3test.Options
	for _, set := range options {
		set(&o)
	}
	r := &rig{Server: sagex3test.New(o), t: t}
	r.FreezeClock(noon)
	r.Fill(sagex3test.Seed{Users: 2, Customers: 3})
	zone, err := time.LoadLocation("Europe/Paris")
	must(t, err)
	r.cfg = sagex3.Config{
		BaseURL: "https://x3.example:8124", Pool: "SYNCBOX", User: "syncbox", Password: "SECRET", UserCode: "SYNC", Zone: zone,
		Rate: 100, Now: r.Now, Fields: map[record.Entity]map[string]string{}, QueueFields: map[string]string{},
		Menus: map[record.Entity]map[string]map[string]string{record.Contact: {"title": {"1": "", "2": "M.", "3": "Mme"}}},
	}
	if o.Version == sagex3test.V6 {
		r.cfg.Profile, r.cfg.User = sagex3.V6, "SYNC"
	}
	if o.Reference != "" {
		r.cfg.Reference = map[record.Entity]string{}
	}
	for e, fields := range read {
		r.cfg.Fields[e] = map[string]string{}
		for name, means := range fields {
			r.cfg.Fields[e][name] = r.code(object[e], means...)
		}
		if o.Reference != "" {
			r.cfg.Reference[e] = o.Reference
		}
	}
	for name, means := range queueRead {
		r.cfg.QueueFields[name] = r.code(sagex3test.Queue, means)
	}
	if change != nil {
		change(&r.cfg)
	}
	r.server = r.connect(r.Server.RoundTripper())
	t.Cleanup(r.silent)
	return r
}

// code is what an installer reads off the site's own description of a publication.
func (r *rig) code(o sagex3test.Object, means ...sagex3test.Field) string {
	r.t.Helper()
	var codes []string
	for _, m := range means {
		p, there := r.Place(o, m)
		if !there {
			r.t.Fatalf("%s has no field for %s", o, m)
		}
		codes = append(codes, p.Code)
	}
	return strings.Join(codes, ",")
}

func (r *rig) connect(transport http.RoundTripper) *sagex3.Server {
	r.t.Helper()
	s, err := sagex3.New(r.cfg, slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug})), transport)
	must(r.t, err)
	r.t.Cleanup(func() { must(r.t, s.Close()) })
	return s
}

// user gives the part of the salesperson n.
func (r *rig) user(n string) *sagex3.User {
	return r.server.User(sagex3.UserConfig{Login: "U" + n, Representative: "R" + n})
}

// silent holds that no secret and no word of a customer is in the log, and nothing was written that never may be.
func (r *rig) silent() {
	r.quiet(r.log.String())
	if wrong := r.Forbidden(); len(wrong) > 0 {
		r.t.Errorf("%d writes that must never be", len(wrong))
	}
}

// quiet holds that a text holds no secret and nothing of a customer.
func (r *rig) quiet(text string) {
	r.t.Helper()
	for _, word := range []string{"SECRET", "syncbox", "c3luY2JveDpTRUNSRVQ=", "Boulangerie", "Relance", "inexistant", "Paramètres", "non autorisée"} {
		if strings.Contains(text, word) {
			r.t.Errorf("%q is in %q", word, text)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// make has the salesperson U1 enter a record of an entity.
func (r *rig) make(e record.Entity) record.Key {
	r.t.Helper()
	v := values{sagex3test.Subject: "Relance devis", sagex3test.Company: "C00001", sagex3test.Start: "20260116"}
	switch e {
	case record.Contact:
		v = values{sagex3test.LastName: "Boulangerie", sagex3test.FirstName: "Ève", sagex3test.Company: "C00001", sagex3test.Title: "3", sagex3test.Address: "1, rue A\nBâtiment B"}
	case record.Appointment:
		maps.Copy(v, values{sagex3test.StartTime: "0930", sagex3test.End: "20260116", sagex3test.EndTime: "1015"})
	case record.Task:
		v[sagex3test.Due] = "20260120"
	}
	key, err := r.Person("U1").Create(object[e], v)
	must(r.t, err)
	return record.Key(key)
}

// edit has U1 change a record where only a read shows it.
func (r *rig) edit(e record.Entity, key record.Key) {
	r.t.Helper()
	r.edits++
	means := sagex3test.Report
	if e == record.Contact {
		means = sagex3test.Note
	}
	must(r.t, r.Person("U1").Edit(object[e], string(key), values{means: strings.Repeat("Relance ", r.edits)}))
}

// look observes and commits, and gives what was told.
func look(t *testing.T, u *sagex3.User, n *connectortest.Notes) map[record.Entity][]record.Key {
	t.Helper()
	n.Begin()
	must(t, u.Observe(t.Context(), n))
	must(t, n.Commit())
	for e, err := range n.Skipped {
		t.Fatalf("%s skipped: %v", e, err)
	}
	return n.Told
}

// one reads a record that must be there.
func (r *rig) one(u *sagex3.User, e record.Entity, key record.Key) record.Record {
	r.t.Helper()
	found, later, err := u.Read(r.t.Context(), e, []record.Key{key})
	if err != nil || len(found) != 1 || len(later) > 0 {
		r.t.Fatalf("read %s %s: %d found, %d later, %v", e, key, len(found), len(later), err)
	}
	return found[0]
}

// apply does one op as the engine does, and gives its result.
func (r *rig) apply(u *sagex3.User, op connectors.Op) (connectors.Op, connectors.Result) {
	r.t.Helper()
	token, err := u.Prepare(r.t.Context(), op)
	must(r.t, err)
	op.Token = token
	result := u.Apply(r.t.Context(), []connectors.Op{op})[0]
	if result.Err != nil {
		r.quiet(result.Err.Error())
	}
	return op, result
}

// day and at are values of X3's days and hours, which are those of Paris.
func day(text string) record.Value { return record.Value{Kind: record.Date, Text: text} }

func at(text string) record.Value { return record.Value{Kind: record.Time, Text: text} }
