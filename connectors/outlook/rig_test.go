package outlook_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/outlook"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/record"
)

const (
	alice    = "alice@contoso.example"
	bob      = "bob@contoso.example"
	tenantID = "7a1c2e04-1111-4222-8333-444455556666"
	appID    = "0b5e7c11-aaaa-4bbb-8ccc-ddddeeeeffff"
	chronoID = "String {00020329-0000-0000-C000-000000000046} Name X3Chrono"
)

// monday is a winter's day.
var monday = time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC)

type object = outlooktest.Object

// rig is a tenant with two mailboxes, and the connector of the first one. It reaches the tenant without a network, so that it
// can be used in a bubble of its own time.
type rig struct {
	*outlooktest.Server
	t      *testing.T
	tenant *outlook.Tenant
	box    *outlook.Mailbox
	notes  *connectortest.Notes
	list   string // of the tasks
	log    bytes.Buffer
}

func newRig(t *testing.T, w outlooktest.Switches) *rig {
	t.Helper()
	s := outlooktest.New(outlooktest.Options{Switches: w, Mailboxes: []outlooktest.Mailbox{{Address: alice}, {Address: bob}}})
	s.FreezeClock(monday)
	r := &rig{Server: s, t: t, notes: connectortest.NewNotes()}
	paris, err := time.LoadLocation("Europe/Paris")
	check(t, err)
	r.list = must(s.Person(alice).CreateList("Sage X3"))
	r.tenant, err = outlook.New(outlook.Config{
		Tenant: tenantID, ApplicationID: appID, Secret: "SECRET", GraphURL: "https://graph.example", LoginURL: "https://login.example",
		Zone: paris, Now: s.Now, PageSize: 2, PerMinute: 60_000,
	}, slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug})), s.RoundTripper())
	check(t, err)
	r.box = r.tenant.Mailbox(outlook.MailboxConfig{Address: alice})
	return r
}

// must gives a value that comes without an error.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) alice() *outlooktest.Person { return r.Person(alice) }

// later lets enough time pass for what is written to be seen.
func (r *rig) later() { r.AdvanceClock(6 * time.Minute) }

// look observes once, after what was written is to be seen.
func (r *rig) look() map[record.Entity][]record.Key {
	r.t.Helper()
	r.later()
	r.notes.Begin()
	check(r.t, r.box.Observe(r.t.Context(), r.notes))
	check(r.t, r.notes.Commit())
	for e, err := range r.notes.Skipped {
		r.t.Fatalf("%s skipped: %v", e, err)
	}
	return r.notes.Told
}

// read gives one record; ok is false if it is not there.
func (r *rig) read(e record.Entity, key string) (found record.Record, ok bool) {
	r.t.Helper()
	list, later, err := r.box.Read(r.t.Context(), e, []record.Key{record.Key(key)})
	if err != nil || len(later) > 0 {
		r.t.Fatalf("read %s: %d later, %v", e, len(later), err)
	}
	if len(list) == 0 {
		return record.Record{}, false
	}
	return list[0], true
}

// shows checks some fields of a record, told as texts.
func (r *rig) shows(e record.Entity, key string, want map[string]string) {
	r.t.Helper()
	got, ok := r.read(e, key)
	if !ok {
		r.t.Fatalf("%s is not there", e)
	}
	for name, text := range want {
		if got.Fields[name].Text != text {
			r.t.Errorf("%s of %s: got %q, want %q", name, e, got.Fields[name].Text, text)
		}
	}
}

func (r *rig) apply(op connectors.Op) connectors.Result {
	r.t.Helper()
	if op.ID == "" {
		op.ID = "op-" + string(op.Entity) + op.ExternalID
	}
	res := r.box.Apply(r.t.Context(), []connectors.Op{op})
	if len(res) != 1 {
		r.t.Fatalf("%d results", len(res))
	}
	return res[0]
}

func (r *rig) applied(op connectors.Op) string {
	r.t.Helper()
	res := r.apply(op)
	if res.Outcome != connectors.Applied || res.Key == "" {
		r.t.Fatalf("write %s: got %+v", op.Entity, res)
	}
	return string(res.Key)
}

// quiet checks that nobody was invited, and that nothing secret or of a customer is in the log or in an error.
func (r *rig) quiet(errs ...error) {
	r.t.Helper()
	if got := r.Invitations(); len(got) > 0 {
		r.t.Errorf("%d invitations were sent", len(got))
	}
	text := r.log.String()
	if err := errors.Join(errs...); err != nil {
		text += err.Error()
	}
	for _, word := range []string{"SECRET", alice, "Dupont", "Bearer", tenantID, appID, "Rappeler", "COR0001"} {
		if strings.Contains(text, word) {
			r.t.Errorf("%q is told", word)
		}
	}
}

func text(s string) record.Value { return record.TextOf(s) }

func utc(t time.Time) object {
	return object{"dateTime": t.UTC().Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
}

// visit is an event of an hour.
func visit(subject string, at time.Time) object {
	return object{"subject": subject, "start": utc(at), "end": utc(at.Add(time.Hour))}
}

// samples are a write of a new record of each entity, all fields filled.
func samples(contact record.Key) []connectors.Op {
	return []connectors.Op{
		{Kind: connectors.Create, Entity: record.Contact, ExternalID: "COR0001", Fields: record.Fields{
			"Chrono": text("COR0001"), "Surname": text("Dupont"), "GivenName": text("Zoé"), "Title": text("Mme"), "JobTitle": text("Achats"),
			"Department": text("Sud"), "Company": text("ACME"), "BusinessPhone": text("+33 1"), "HomePhone": text("+33 2"),
			"MobilePhone": text("+33 6"), "Email": text("zoe@acme.example"), "Street": text("1 rue du Bœuf"), "City": text("Lyon"),
			"PostalCode": text("69001"), "State": text("Rhône"), "Country": text("France"), "Notes": text("une ligne\nune autre"),
		}},
		{Kind: connectors.Create, Entity: record.Task, ExternalID: "TSK0001", Fields: record.Fields{
			"Chrono": text("TSK0001"), "Company": text("ACME"), "ContactId": record.RefOf(contact), "Completed": record.BoolOf(false),
			"Start": record.DateOf(monday), "Due": record.DateOf(monday.AddDate(0, 0, 3)), "Assignee": text("REP1"),
			"Title": text("Rappeler"), "Body": text("dire ceci\n\net cela"), "Minutes": number(65),
		}},
		{Kind: connectors.Create, Entity: record.Call, ExternalID: "CLL0001", Fields: record.Fields{
			"Chrono": text("CLL0001"), "Company": text("ACME"), "Completed": record.BoolOf(true), "Start": record.DateOf(monday),
			"Title": text("Appel"), "Body": text("dit"), "Minutes": number(5),
		}},
		{Kind: connectors.Create, Entity: record.Appointment, ExternalID: "BAP0001", Fields: record.Fields{
			"Chrono": text("BAP0001"), "Company": text("ACME"), "Done": record.BoolOf(true), "Start": record.TimeOf(monday),
			"End": record.TimeOf(monday.Add(time.Hour)), "AllDay": record.BoolOf(false), "Visited": text("COR1 Durand\nCOR2 Petit"),
			"Subject": text("Visite"), "Body": text("à voir\nencore"),
		}},
	}
}

func number(n int) record.Value { return record.Value{Kind: record.Number, Text: itoa(n)} }
