package outlook_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/record"
)

// What is private is not there; what became private is held and left alone.
//
// Requirement: X3-20, X3-28
func TestPrivate(t *testing.T) {
	everywhere(t, func(r *rig) {
		p := r.alice()
		event := must(p.Create(outlooktest.Event, "", visit("Visite", monday)))
		check(r.t, p.MarkPrivate(event))
		task := must(p.Create(outlooktest.Task, r.list, object{"title": "Rappeler", "categories": []any{"Privé"}}))
		r.look()
		if _, ok := r.read(record.Appointment, event); ok {
			r.t.Error("a private event is told")
		}
		if _, ok := r.read(record.Task, task); ok {
			r.t.Error("a private task is told")
		}
		key := r.applied(samples("")[3])
		check(r.t, p.MarkPrivate(key))
		r.look()
		if got, ok := r.read(record.Appointment, key); !ok || got.Held != "outlook-private" {
			r.t.Errorf("became private: got %v, held %q", ok, got.Held)
		}
		res := r.apply(connectors.Op{Kind: connectors.Update, Entity: record.Appointment, Key: record.Key(key), Fields: record.Fields{"Subject": text("x")}})
		if res.Outcome != connectors.NotApplied {
			r.t.Errorf("a private event is written: %+v", res)
		}
		seen := map[record.Key]bool{}
		check(r.t, r.box.Sweep(r.t.Context(), record.Appointment, func(k record.Key) { seen[k] = true }))
		if seen[record.Key(event)] || !seen[record.Key(key)] {
			r.t.Errorf("swept: got %d", len(seen))
		}
		contact := must(p.Create(outlooktest.Contact, "", object{"surname": "Dupont"}))
		check(r.t, p.MarkPrivate(contact))
		r.look()
		_, ok := r.read(record.Contact, contact)
		if readable := r.Switches().ContactPrivate == outlooktest.PrivateReadable; ok == readable {
			r.t.Errorf("a private contact: told %v", ok)
		}
	})
}

// A copy is a new item, whatever it brings along; the first one keeps the chrono.
//
// Requirement: X3-36
func TestCopy(t *testing.T) {
	everywhere(t, func(r *rig) {
		r.look()
		for _, op := range samples("") {
			first := r.applied(op)
			r.look()
			place := ""
			if op.Entity == record.Task || op.Entity == record.Call {
				place = r.list
			}
			second := must(r.alice().Copy(first, place))
			if told := r.look(); !slices.Contains(told[op.Entity], record.Key(second)) {
				r.t.Errorf("%s: the copy is not told", op.Entity)
			}
			if got, ok := r.read(op.Entity, first); !ok || got.ExternalID != op.ExternalID {
				r.t.Errorf("%s: the first one has %q", op.Entity, got.ExternalID)
			}
			got, ok := r.read(op.Entity, second)
			if !ok || got.ExternalID != "" || !got.Fields["Chrono"].Empty() {
				r.t.Fatalf("%s: the copy has %q", op.Entity, got.ExternalID)
			}
			r.applied(connectors.Op{Kind: connectors.Update, Entity: op.Entity, Key: record.Key(second), ExternalID: op.ExternalID + "9", Seen: got.Fields})
			r.shows(op.Entity, second, map[string]string{"Chrono": op.ExternalID + "9"})
			r.shows(op.Entity, first, map[string]string{"Chrono": op.ExternalID})
		}
	})
}

// A task in another list has another id, and is found again by its chrono; a contact in a folder below keeps its own.
//
// Requirement: X3-35
func TestMoved(t *testing.T) {
	everywhere(t, func(r *rig) {
		p := r.alice()
		other := must(p.CreateList("Autre"))
		below := must(p.CreateFolder("", "Clients"))
		r.look()
		task := r.applied(samples("")[1])
		contact := r.applied(samples("")[0])
		r.look()
		now := must(p.Move(task, other))
		must(p.Move(contact, below))
		told := r.look()
		if !slices.Contains(told[record.Task], record.Key(task)) {
			r.t.Error("the task is not told to be gone")
		}
		if _, ok := r.read(record.Task, task); ok {
			r.t.Error("the task is there under its old id")
		}
		heir, err := r.box.Survivor(r.t.Context(), record.Task, record.Key(task))
		if err != nil || heir != record.Key(now) {
			r.t.Fatalf("survivor: got %q, %v", heir, err)
		}
		r.shows(record.Task, now, map[string]string{"Chrono": "TSK0001", "Title": "Rappeler"})
		r.look()
		check(r.t, p.Edit(now, object{"title": "Rappeler demain"}))
		if told := r.look(); !slices.Contains(told[record.Task], record.Key(now)) {
			r.t.Error("an edit in the other list is not told")
		}
		r.shows(record.Contact, contact, map[string]string{"Surname": "Dupont"})
	})
}

// The occurrences of a series are told one by one, as far as the settings go; what is cancelled is gone.
func TestSeries(t *testing.T) {
	everywhere(t, func(r *rig) {
		fields := visit("Visite", monday.Add(24*time.Hour))
		fields["recurrence"] = object{"pattern": object{"type": "weekly", "interval": 1, "daysOfWeek": []any{"tuesday"}, "firstDayOfWeek": "monday"},
			"range": object{"type": "numbered", "startDate": "2026-01-13", "numberOfOccurrences": 30}}
		master := must(r.alice().Create(outlooktest.Event, "", fields))
		keys := r.look()[record.Appointment]
		slices.Sort(keys)
		keys = slices.Compact(keys)
		if len(keys) < 8 || len(keys) > 11 || slices.Contains(keys, record.Key(master)) {
			r.t.Fatalf("%d occurrences are told", len(keys))
		}
		for _, key := range keys {
			r.shows(record.Appointment, string(key), map[string]string{"Subject": "Visite"})
		}
		one := string(keys[3])
		check(r.t, r.alice().Delete(one))
		if told := r.look(); !slices.Contains(told[record.Appointment], record.Key(one)) {
			r.t.Error("a cancelled occurrence is not told")
		}
		if _, ok := r.read(record.Appointment, one); ok {
			r.t.Error("a cancelled occurrence is there")
		}
		check(r.t, r.alice().Delete(master))
		told := r.look()[record.Appointment]
		for _, key := range keys {
			if string(key) != one && !slices.Contains(told, key) {
				r.t.Error("an occurrence of a deleted series is not told")
				break
			}
		}
	})
}

// An event outside of the window is told as removed when it changes, and is there; in time the window moves.
//
// Requirement: X3-16
func TestWindow(t *testing.T) {
	everywhere(t, func(r *rig) {
		far := must(r.alice().Create(outlooktest.Event, "", visit("Visite", monday.AddDate(0, 0, 370))))
		near := must(r.alice().Create(outlooktest.Event, "", visit("Visite", monday.AddDate(0, 0, 1))))
		if told := r.look()[record.Appointment]; !slices.Equal(told, []record.Key{record.Key(near)}) {
			r.t.Fatalf("told: %v", told)
		}
		r.read(record.Appointment, near)
		check(r.t, r.alice().Edit(near, visit("Visite", monday.AddDate(0, 0, 371))))
		r.look()
		if _, ok := r.read(record.Appointment, near); !ok {
			r.t.Error("an event that left the window counts as deleted")
		}
		r.AdvanceClock(8 * 24 * time.Hour)
		told := r.look()[record.Appointment]
		if !slices.Contains(told, record.Key(far)) || !slices.Contains(told, record.Key(near)) {
			r.t.Errorf("the window moved: told %d", len(told))
		}
	})
}

// What participants would hear of is not written; what they do not see is.
//
// Requirement: X3-26
func TestMeeting(t *testing.T) {
	everywhere(t, func(r *rig) {
		e := visit("Réunion", monday.Add(24*time.Hour))
		e["attendees"] = []any{object{"type": "required", "emailAddress": object{"address": bob, "name": "Bob"}}}
		id := must(r.alice().Create(outlooktest.Event, "", e))
		r.look()
		got, _ := r.read(record.Appointment, id)
		if got.Fields["Kind"].Text != "meeting" || got.Fields["Organizer"].Text != "true" || !strings.Contains(got.Fields["Attendees"].Text, bob) {
			r.t.Errorf("got %+v", got.Fields)
		}
		before := len(r.Invitations())
		res := r.apply(connectors.Op{Kind: connectors.Update, Entity: record.Appointment, Key: got.Key, Fields: record.Fields{"Subject": text("Autre")}})
		if res.Outcome != connectors.NotApplied || connectors.CodeOf(res.Err) != "outlook-meeting" {
			r.t.Errorf("got %+v", res)
		}
		res = r.apply(connectors.Op{Kind: connectors.Delete, Entity: record.Appointment, Key: got.Key})
		if res.Outcome != connectors.NotApplied {
			r.t.Errorf("got %+v", res)
		}
		if len(r.Invitations()) != before {
			r.t.Error("participants were told")
		}
	})
}

// A meeting to which the user was invited is its organiser's to share, in whatever way it is asked for.
//
// Requirement: X3-26
func TestInvited(t *testing.T) {
	everywhere(t, func(r *rig) {
		e := visit("Chez eux", monday.Add(24*time.Hour))
		e["attendees"] = []any{object{"type": "required", "emailAddress": object{"address": alice, "name": "Alice"}}}
		id := must(r.alice().Invite("eve@fabrikam.example", e))
		r.look()
		if got, there := r.read(record.Appointment, id); there {
			r.t.Errorf("got %+v", got.Fields)
		}
		check(r.t, r.box.Sweep(r.t.Context(), record.Appointment, func(key record.Key) {
			if string(key) == id {
				r.t.Error("it is listed")
			}
		}))
	})
}

// A text that Outlook can't hold whole comes back whole, as long as nobody edits what is shown of it.
//
// Requirement: X3-48
func TestLongSubject(t *testing.T) {
	everywhere(t, func(r *rig) {
		long := strings.Repeat("très 🙂 long ", 40)
		r.look()
		for n, name := range map[int]string{1: "Title", 2: "Title", 3: "Subject"} {
			op := samples("")[n]
			op.Fields[name] = text(long)
			key := r.applied(op)
			r.shows(op.Entity, key, map[string]string{name: strings.TrimSpace(long)})
			check(r.t, r.alice().Edit(key, object{strings.ToLower(name): "bref"}))
			r.shows(op.Entity, key, map[string]string{name: "bref"})
		}
	})
}

// All-day events keep their dates in the site's zone; tasks know days alone.
func TestDays(t *testing.T) {
	everywhere(t, func(r *rig) {
		r.look()
		op := samples("")[3]
		day := time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC) // midnight in Paris, on the day on which summer begins
		op.Fields["AllDay"], op.Fields["Start"], op.Fields["End"] = record.BoolOf(true), record.TimeOf(day), record.TimeOf(day.Add(23*time.Hour))
		key := r.applied(op)
		r.shows(record.Appointment, key, map[string]string{"AllDay": "true", "Start": "2026-03-28T23:00:00Z", "End": "2026-03-29T22:00:00Z"})
		times := func(start, end time.Time, allDay string) {
			r.t.Helper()
			change := connectors.Op{Kind: connectors.Update, Entity: record.Appointment, Key: record.Key(key), Fields: record.Fields{"Start": record.TimeOf(start), "End": record.TimeOf(end)}}
			if res := r.apply(change); res.Outcome != connectors.Applied {
				r.t.Fatalf("got %+v", res)
			}
			r.shows(record.Appointment, key, map[string]string{"AllDay": allDay, "Start": record.TimeOf(start).Text, "End": record.TimeOf(end).Text})
		}
		times(day.Add(9*time.Hour), day.Add(10*time.Hour), "false")
		times(day, day.Add(23*time.Hour), "true")                    // the day of 23 hours
		times(day.Add(-24*time.Hour), day.Add(47*time.Hour), "true") // three days
		times(day, day.Add(24*time.Hour), "false")                   // until one o'clock of the next one
		times(day, day, "false")
		born := samples("")[3]
		delete(born.Fields, "AllDay")
		born.Fields["Start"], born.Fields["End"] = record.TimeOf(day.Add(48*time.Hour-time.Hour)), record.TimeOf(day.Add(71*time.Hour))
		born.ID, born.ExternalID = born.ID+"-day", ""
		delete(born.Fields, "Chrono")
		r.shows(record.Appointment, r.applied(born), map[string]string{"AllDay": "true", "Start": "2026-03-30T22:00:00Z"})
		task := must(r.alice().Create(outlooktest.Task, r.list, object{"title": "x", "dueDateTime": utc(day)}))
		want := "2026-03-29"
		if r.Switches().TaskTime == outlooktest.TaskTimeCut {
			want = "2026-03-28"
		}
		r.shows(record.Task, task, map[string]string{"Due": want})
	})
}
