package outlook_test

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/record"
)

// guests are the participants of a meeting.
func guests(address string) []any {
	return []any{object{"type": "required", "emailAddress": object{"address": address, "name": "Bob"}}}
}

// Each appointment that is read counts once, in one category, and is told once.
//
// Requirement: X3-11
func TestTally(t *testing.T) {
	everywhere(t, func(r *rig) {
		p := r.alice()
		r.look()
		event := func(days int, fields object) string {
			e := visit("Visite", monday.AddDate(0, 0, days))
			for name, v := range fields {
				e[name] = v
			}
			return must(p.Create(outlooktest.Event, "", e))
		}
		event(1, nil)
		event(2, nil)
		event(3, object{"attendees": guests(bob)})
		must(p.Invite("eve@fabrikam.example", object{"subject": "Chez eux", "start": utc(monday), "end": utc(monday.AddDate(0, 0, 1)), "attendees": guests(alice)}))
		check(r.t, p.MarkPrivate(event(4, nil)))
		gone := event(5, nil)
		leaves := event(6, nil)
		event(7, object{"recurrence": object{"pattern": object{"type": "weekly", "interval": 1, "daysOfWeek": []any{"monday"}, "firstDayOfWeek": "monday"},
			"range": object{"type": "numbered", "startDate": "2026-01-19", "numberOfOccurrences": 2}}})
		read := func() {
			for _, key := range r.look()[record.Appointment] {
				r.read(record.Appointment, string(key))
				r.read(record.Appointment, string(key)) // what is read twice counts once
			}
		}
		read()
		check(r.t, p.Delete(gone))
		check(r.t, p.Edit(leaves, visit("Visite", monday.AddDate(0, 0, 400))))
		read()
		got := r.box.Tally(record.Appointment)
		want := map[string]string{"plain": "2", "organiser": "1", "invited": "1", "private": "1", "outside": "1", "occurrence": "2"}
		if len(got) != 1 || got[0].Code != outlook.CodeAppointments || cmp.Diff(want, got[0].Args) != "" {
			r.t.Errorf("got %+v, want %v", got, want)
		}
		if again := r.box.Tally(record.Appointment); len(again) > 0 || len(r.box.Tally(record.Contact)) > 0 {
			r.t.Errorf("told again: %+v", again)
		}
	})
}

// From 5,000 items on, it is advised to archive; below, nothing is said.
//
// Requirement: X3-49
func TestManyItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, outlooktest.Switches{})
		tenant, err := outlook.New(outlook.Config{Tenant: tenantID, ApplicationID: appID, Secret: "SECRET", GraphURL: "https://graph.example",
			LoginURL: "https://login.example", Now: r.Now, PerMinute: 60_000, PageSize: 1000}, nil, r.RoundTripper())
		check(t, err)
		r.box = tenant.Mailbox(outlook.MailboxConfig{Address: alice})
		var last string
		for n := range 5001 {
			last = must(r.alice().Create(outlooktest.Contact, "", object{"surname": "Dupont" + itoa(n)}))
		}
		r.look()
		got, want := r.box.Remarks(), []record.Remark{{Code: outlook.CodeManyItems, Args: map[string]string{"count": "5001"}}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		check(t, r.alice().Delete(last))
		r.look()
		if _, there := r.read(record.Contact, last); there {
			t.Error("it is still there")
		}
		if got := r.box.Remarks(); len(got) > 0 {
			t.Errorf("with 5000 items: got %v", got)
		}
	})
}
