package outlook_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"syncbox/connectors"
	"syncbox/connectors/outlook"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/record"
)

// edits are what a person changes of each of the samples, and what it is called in Outlook.
var edits = map[record.Entity]struct {
	in          object
	field, text string
}{
	record.Contact:     {object{"jobTitle": "Ventes"}, "JobTitle", "Ventes"},
	record.Task:        {object{"title": "Rappeler demain"}, "Title", "Rappeler demain"},
	record.Call:        {object{"title": "Appel du soir"}, "Title", "Appel du soir"},
	record.Appointment: {object{"subject": "Visite reportée"}, "Subject", "Visite reportée"},
}

// ours is a write of another field than the person's.
func ours(kind connectors.OpKind, got record.Record) connectors.Op {
	op := connectors.Op{Kind: kind, Entity: got.Entity, Key: got.Key, Seen: got.Fields}
	if kind == connectors.Update {
		op.Fields = record.Fields{"Company": text("AUTRE")}
	}
	return op
}

// Nobody has to close a window of Outlook: what somebody saved since it was read is neither overwritten nor deleted. It is
// planned again, with what is there now.
//
// Requirement: X3-46
func TestChangedMeanwhile(t *testing.T) {
	everywhere(t, func(r *rig) {
		r.look()
		for _, sample := range samples("") {
			key := r.applied(sample)
			seen, _ := r.read(sample.Entity, key)
			edit := edits[sample.Entity]
			check(r.t, r.alice().Edit(key, edit.in))
			for _, kind := range []connectors.OpKind{connectors.Update, connectors.Delete} {
				if res := r.apply(ours(kind, seen)); res.Outcome != connectors.NotApplied || connectors.KindOf(res.Err) != connectors.Busy {
					r.t.Errorf("%d of %s: got %+v, want NotApplied and Busy", kind, sample.Entity, res)
				}
			}
			r.shows(sample.Entity, key, map[string]string{edit.field: edit.text, "Company": "ACME"})
			now, _ := r.read(sample.Entity, key)
			r.applied(ours(connectors.Update, now))
			r.shows(sample.Entity, key, map[string]string{edit.field: edit.text, "Company": "AUTRE"})
		}
	})
}

// meanwhile has somebody act once, after an item was read and before it is written.
type meanwhile struct {
	http.RoundTripper
	act func()
}

func (m *meanwhile) RoundTrip(q *http.Request) (*http.Response, error) {
	if act := m.act; act != nil && (q.Method == http.MethodPatch || q.Method == http.MethodDelete) {
		m.act = nil
		act()
	}
	return m.RoundTripper.RoundTrip(q)
}

// What is saved in the moment between our read and our write is not overwritten where Exchange heeds If-Match. Tasks have no
// such guard in Graph.
//
// Requirement: X3-46
func TestChangedAtTheLastMoment(t *testing.T) {
	for _, e := range []record.Entity{record.Contact, record.Appointment} {
		for _, kind := range []connectors.OpKind{connectors.Update, connectors.Delete} {
			t.Run(map[connectors.OpKind]string{connectors.Update: "update ", connectors.Delete: "delete "}[kind]+string(e), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { atTheLastMoment(t, e, kind) })
			})
		}
	}
}

func atTheLastMoment(t *testing.T, e record.Entity, kind connectors.OpKind) {
	r := newRig(t, outlooktest.Switches{IfMatch: outlooktest.IfMatchEnforced})
	way := &meanwhile{RoundTripper: r.RoundTripper()}
	tenant, err := outlook.New(outlook.Config{Tenant: tenantID, ApplicationID: appID, Secret: "SECRET", GraphURL: "https://graph.example",
		LoginURL: "https://login.example", Now: r.Now, PerMinute: 60_000}, nil, way)
	check(t, err)
	r.box = tenant.Mailbox(outlook.MailboxConfig{Address: alice})
	r.look()
	key := ""
	for _, sample := range samples("") {
		if sample.Entity == e {
			key = r.applied(sample)
		}
	}
	seen, _ := r.read(e, key)
	way.act = func() { check(t, r.alice().Edit(key, edits[e].in)) }
	if res := r.apply(ours(kind, seen)); res.Outcome != connectors.NotApplied || connectors.KindOf(res.Err) != connectors.Busy {
		t.Errorf("got %+v, want NotApplied and Busy", res)
	}
	if way.act != nil {
		t.Error("nothing was sent, so that nothing is shown")
	}
	r.shows(e, key, map[string]string{edits[e].field: edits[e].text, "Company": "ACME"})
}
