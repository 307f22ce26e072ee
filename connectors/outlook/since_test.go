package outlook_test

import (
	"slices"
	"testing"
	"time"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/record"
)

// What was changed since a moment is listed, and nothing else: neither what is older, nor what was deleted since.
//
// Requirement: X3-40, X3-41
func TestChangedSince(t *testing.T) {
	everywhere(t, func(r *rig) {
		p := r.alice()
		make := func(name string) map[record.Entity]string {
			return map[record.Entity]string{
				record.Contact:     must(p.Create(outlooktest.Contact, "", object{"surname": name})),
				record.Task:        must(p.Create(outlooktest.Task, r.list, object{"title": name})),
				record.Call:        must(p.Create(outlooktest.Task, r.list, object{"title": "CLL " + name})),
				record.Appointment: must(p.Create(outlooktest.Event, "", visit(name, monday.Add(24*time.Hour)))),
			}
		}
		old, edited, gone := make("Ancien"), make("Modifié"), make("Effacé")
		r.look()
		r.AdvanceClock(48 * time.Hour)
		since := r.Now()
		fresh := make("Nouveau")
		series := visit("Chaque semaine", monday.AddDate(0, 0, 7))
		series["recurrence"] = object{"pattern": object{"type": "weekly", "interval": 1, "daysOfWeek": []any{"monday"}, "firstDayOfWeek": "monday"},
			"range": object{"type": "numbered", "startDate": "2026-01-19", "numberOfOccurrences": 2}}
		must(p.Create(outlooktest.Event, "", series))
		for e, id := range edited {
			name := map[record.Entity]string{record.Contact: "jobTitle", record.Appointment: "subject"}[e]
			if name == "" {
				name = "title"
			}
			check(r.t, p.Edit(id, object{name: "CLL autre"}))
			check(r.t, p.Delete(gone[e]))
		}
		r.look()
		for _, e := range []record.Entity{record.Contact, record.Task, record.Call, record.Appointment} {
			var got []record.Key
			check(r.t, r.box.ChangedSince(r.t.Context(), e, since, func(key record.Key) { got = append(got, key) }))
			want := 2
			if e == record.Appointment {
				want = 4 // with two occurrences
			}
			if len(got) != want || !slices.Contains(got, record.Key(edited[e])) || !slices.Contains(got, record.Key(fresh[e])) || slices.Contains(got, record.Key(old[e])) {
				r.t.Errorf("%s: got %d of %d", e, len(got), want)
			}
		}
	})
}
