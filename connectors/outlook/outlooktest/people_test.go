package outlooktest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook/outlooktest"
)

// What a person copies takes along what programs wrote into it.
func TestCopy(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	e := event("A", 13)
	e["transactionId"], e["singleValueExtendedProperties"] = "job-1", prop(chrono, "RDV1")["singleValueExtendedProperties"]
	id := r.made("events", e)
	second := must(r.Person(alice).Copy(id, ""))
	one, _ := r.Item(alice, id)
	two, _ := r.Item(alice, second)
	if second == id || two.Text("subject") != "A" || !cmp.Equal(one.Properties, two.Properties) || one.Text("iCalUId") == two.Text("iCalUId") || two.Fields["transactionId"] != nil {
		t.Errorf("got %v and %v", one, two)
	}
	shared := r.Shared(alice, outlooktest.Event, func(it outlooktest.Item) string {
		return it.Properties["String {00020329-0000-0000-c000-000000000046} Name X3Chrono"]
	})
	if !cmp.Equal(shared, map[string][]string{"RDV1": {id, second}}) {
		t.Errorf("shared: %v", shared)
	}
}

func TestUserDeeds(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	p := r.Person(alice)
	contact := must(p.Create(outlooktest.Contact, "", object{"surname": "A"}))
	appointment := must(p.Create(outlooktest.Event, "", event("Visite", 13)))
	task := must(p.Create(outlooktest.Task, "", object{"title": "Rappeler"}))
	for _, tt := range []struct {
		name  string
		deed  error
		id    string
		field string
		want  string
	}{
		{"code of a contact", p.AddCode(contact, "ACME"), contact, "companyName", "#ACME#"},
		{"code of an event", p.AddCode(appointment, "ACME"), appointment, "subject", "Visite #ACME#"},
		{"code of a task", p.AddCode(task, "ACME"), task, "title", "Rappeler #ACME#"},
		{"private event", p.MarkPrivate(appointment), appointment, "sensitivity", "private"},
		{"private task", p.MarkPrivate(task), task, "status", "notStarted"},
		{"completed task", p.CompleteTask(task), task, "status", "completed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check(t, tt.deed)
			if it, _ := r.Item(alice, tt.id); tt.name != "private task" && it.Text(tt.field) != tt.want {
				t.Errorf("got %q, want %q", it.Text(tt.field), tt.want)
			}
		})
	}
	if it, _ := r.Item(alice, task); !it.Private || it.Fields["sensitivity"] != nil {
		t.Errorf("a private task shows nothing of it: %v", it.Fields)
	}
	refusal, ok := errors.AsType[*outlooktest.Refusal](p.Edit(appointment, object{"subject": 3}))
	if !ok || refusal.Status != 400 {
		t.Errorf("a refused deed: %v", refusal)
	}
	if err := p.Delete("AAAAAAAAAAAA"); err == nil {
		t.Error("nothing to delete, and no refusal")
	}
	for _, c := range r.Changes(alice) {
		if c.Author != "person" || c.Call != 0 {
			t.Errorf("author: %v", c)
		}
	}
}

func TestDecline(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	e := event("Réunion", 13)
	e["attendees"] = []any{object{"type": "required", "emailAddress": object{"address": bob, "name": "Bob"}}}
	own := must(r.Person(alice).Create(outlooktest.Event, "", e))
	_, link := r.round("calendarView/delta?" + january)
	copyID := r.Items(bob, outlooktest.Event)[0].ID
	if err := r.Person(alice).Decline(own); err == nil {
		t.Error("an organiser declined")
	}
	check(t, r.Person(bob).Decline(copyID))
	if got := len(r.Items(bob, outlooktest.Event)); got != 0 {
		t.Errorf("bob has %d events, want none", got)
	}
	sent := r.Invitations()
	if len(sent) != 2 || sent[1].What != outlooktest.Replied || !cmp.Equal(sent[1].To, []string{alice}) || sent[1].Call != 0 {
		t.Errorf("messages: %v", sent)
	}
	rows, _ := r.round(link)
	if len(rows) != 1 || (result{object: rows[0]}).text("attendees", 0, "status", "response") != "declined" {
		t.Errorf("the organiser's event: %v", rows)
	}
	from := must(r.Person(alice).Invite("eve@elsewhere.example", event("Ailleurs", 14)))
	a := r.get("events/" + from)
	if a.at("isOrganizer") != false || a.text("organizer", "emailAddress", "address") != "eve@elsewhere.example" || a.text("responseStatus", "response") != "notResponded" {
		t.Errorf("invited from elsewhere: %s", a.body)
	}
}

func TestArchive(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	p := r.Person(alice)
	must(p.Create(outlooktest.Contact, "", object{"surname": "A"}))
	old := must(p.Create(outlooktest.Event, "", event("old", 2)))
	must(p.Create(outlooktest.Event, "", event("new", 13)))
	must(p.Create(outlooktest.Event, "", weekly("series", object{"type": "noEnd", "startDate": "2026-01-05"})))
	due := must(p.Create(outlooktest.Task, "", object{"title": "old", "dueDateTime": utc(monday.AddDate(0, 0, -9))}))
	must(p.Create(outlooktest.Task, "", object{"title": "new", "startDateTime": utc(monday)}))
	gone := must(p.Archive(monday.AddDate(0, 0, -5), outlooktest.Contact, outlooktest.Event, outlooktest.Task))
	if !cmp.Equal(gone, []string{old, due}) || len(r.Items(alice, outlooktest.Contact)) != 1 {
		t.Errorf("gone: %v", gone)
	}
}

func TestContainersGoWithAllTheyHold(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	p := r.Person(alice)
	folder := must(p.CreateFolder("", "Clients"))
	id := must(p.Create(outlooktest.Contact, folder, object{"surname": "A"}))
	if it, _ := r.Item(alice, id); it.In != "Clients" || it.Container != folder {
		t.Errorf("where it is: %v", it)
	}
	main := must(r.Person(alice).Create(outlooktest.ContactFolder, "", object{"displayName": "F"}))
	if it, _ := r.Item(alice, main); p.Delete(it.Container) == nil {
		t.Error("the main folder was deleted")
	}
	check(t, p.Delete(folder))
	if _, ok := r.Item(alice, id); ok || r.get("contactFolders/"+folder+"/contacts/delta").status != 404 {
		t.Error("what was in it is still there")
	}
}

// What happened is told property by property, with who did it.
func TestChanges(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	id := r.made("contacts", object{"surname": "A"})
	check(t, r.Person(alice).Edit(id, object{"surname": "B", "jobTitle": "Chef"}))
	r.patch("contacts/"+id, prop(chrono, "COR1"))
	r.do("DELETE", "contacts/"+id, nil)
	var got []string
	for _, c := range r.Changes(alice) {
		if c.ID == id && c.Action != outlooktest.OpCreate {
			got = append(got, c.Author+" "+c.Action+" "+c.Field+" "+c.Before+" "+c.After)
		}
	}
	want := []string{`person update jobTitle  "Chef"`, `person update surname "A" "B"`, `api update String {00020329-0000-0000-c000-000000000046} Name X3Chrono  "COR1"`, "api delete   "}
	if !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Requirement: LAB-6
func TestSaveAndRestore(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	id := r.made("contacts", object{"surname": "A"})
	_, link := r.round(mainContacts)
	before, saved := r.Dump(), r.Save()
	for range 2 {
		r.AdvanceClock(time.Minute)
		check(t, r.Person(alice).Edit(id, object{"surname": "B"}))
		must(r.Person(alice).CreateList("Sage X3"))
		if r.Dump() == before {
			t.Error("two states look alike")
		}
		r.Restore(saved)
		if got := r.Dump(); got != before {
			t.Errorf("got %s, want %s", got, before)
		}
	}
	if rows, _ := r.round(link); len(rows) != 0 {
		t.Errorf("a round after it: %v", rows)
	}
}

// What is applied late is applied to what is there then.
func TestLateAfterRestore(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	saved := r.Save()
	r.AddFault(outlooktest.Fault{Kind: outlooktest.AppliedLate, Op: outlooktest.OpCreate, Delay: time.Hour})
	r.do("POST", "contacts", object{"surname": "A"})
	r.Restore(saved)
	r.FlushLate()
	if got := len(r.Items(alice, outlooktest.Contact)); got != 1 {
		t.Errorf("%d contacts, want 1", got)
	}
}
