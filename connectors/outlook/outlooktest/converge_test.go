package outlooktest_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook/outlooktest"
)

// follower does what the documents ask of a reader of rounds: it takes each row as it comes, in any order and number.
type follower struct {
	first, link, name string
	has               map[string]string // what it knows, by id
}

// read follows one round. A forgotten token begins anew.
func (f *follower) read(r *rig) {
	address := f.link
	for range 200 {
		a := r.get(address, "Prefer", "odata.maxpagesize=3")
		if a.status == 410 {
			clear(f.has)
			address = a.header.Get("Location")
			continue
		}
		for _, row := range a.rows() {
			id := row["id"].(string)
			if row["@removed"] != nil {
				delete(f.has, id)
			} else {
				f.has[id], _ = row[f.name].(string)
			}
		}
		if f.link = a.text("@odata.deltaLink"); f.link != "" {
			return
		}
		address = a.text("@odata.nextLink")
	}
	r.t.Fatal("a round without an end")
}

// Whatever people do and pages repeat, a reader of rounds knows in the end what is there.
func TestReadersConverge(t *testing.T) {
	for seed := range uint64(25) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := outlooktest.Switches{DeltaDelay: []time.Duration{0, 30 * time.Second}[seed%2], Occurrences: outlooktest.OccurrencesFull}
			r := newRig(t, w)
			r.SetLimits(outlooktest.Limits{})
			r.plain = seed%3 == 0 // default ids, which every move changes
			folder, list := must(r.Person(alice).CreateFolder("", "Clients")), must(r.Person(alice).CreateList("Sage X3"))
			followers := []*follower{{first: mainContacts, name: "surname"}, {first: "contactFolders/" + folder + "/contacts/delta", name: "surname"},
				{first: "todo/lists/" + list + "/tasks/delta", name: "title"}, {first: "calendarView/delta?" + january, name: "subject"}}
			for _, f := range followers {
				f.link, f.has = f.first, map[string]string{}
			}
			r.SetRandomFaults(outlooktest.RandomFaults{Seed: seed, Rate: 0.3,
				Kinds: []outlooktest.FaultKind{outlooktest.PageTwice, outlooktest.EmptyPage, outlooktest.DuplicateItem, outlooktest.Replay, outlooktest.Forgotten}})
			dice := rand.New(rand.NewPCG(seed, 7))
			for range 60 {
				r.life(dice, folder, list)
				r.AdvanceClock(time.Second)
				if dice.IntN(4) == 0 {
					followers[dice.IntN(len(followers))].read(r)
				}
			}
			r.SetRandomFaults(outlooktest.RandomFaults{})
			r.AdvanceClock(time.Minute)
			for i, want := range r.present(folder, list) {
				followers[i].read(r)
				if d := cmp.Diff(want, followers[i].has); d != "" {
					t.Errorf("%s: - is there, + is known:\n%s", followers[i].first, d)
				}
			}
		})
	}
}

// life does one thing that people do.
func (r *rig) life(dice *rand.Rand, folder, list string) {
	p := r.Person(alice)
	word := fmt.Sprint("w", dice.IntN(1000))
	kind := []outlooktest.Kind{outlooktest.Contact, outlooktest.Task, outlooktest.Event}[dice.IntN(3)]
	name := map[outlooktest.Kind]string{outlooktest.Contact: "surname", outlooktest.Task: "title", outlooktest.Event: "subject"}[kind]
	fields := object{name: word}
	if kind == outlooktest.Event {
		fields = event(word, 1+dice.IntN(60))
		if dice.IntN(3) == 0 {
			fields = weekly(word, object{"type": "numbered", "startDate": "2026-01-05", "numberOfOccurrences": 1 + dice.IntN(12)})
		}
	}
	containers := map[outlooktest.Kind][]string{outlooktest.Contact: {"", folder}, outlooktest.Task: {"", list}, outlooktest.Event: {""}}[kind]
	in := containers[dice.IntN(len(containers))]
	var ids []string
	for _, it := range r.Items(alice, kind) {
		ids = append(ids, it.ID)
	}
	if kind == outlooktest.Event && dice.IntN(2) == 0 {
		for _, it := range r.Occurrences(alice, "", monday.AddDate(0, -1, 0), monday.AddDate(0, 3, 0)) {
			ids = append(ids, it.ID)
		}
	}
	if deed := dice.IntN(6); deed < 2 || len(ids) == 0 {
		must(p.Create(kind, in, fields))
	} else {
		r.deed(deed, p, ids[dice.IntN(len(ids))], in, object{name: word})
	}
}

func (r *rig) deed(deed int, p *outlooktest.Person, id, in string, fields object) {
	switch deed {
	case 2:
		check(r.t, p.Edit(id, fields))
	case 3:
		check(r.t, p.Delete(id))
	case 4:
		check(r.t, p.Touch(id))
	case 5:
		p.Move(id, in) // refused for an occurrence, which changes nothing
	}
}

// present gives what each of the followed places has.
func (r *rig) present(folder, list string) []map[string]string {
	id := func(it outlooktest.Item) string {
		if r.plain {
			return it.DefaultID
		}
		return it.ID
	}
	main, clients, tasks, events := map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}
	for _, it := range r.Items(alice, outlooktest.Contact) {
		if it.Container == folder {
			clients[id(it)] = it.Text("surname")
		} else {
			main[id(it)] = it.Text("surname")
		}
	}
	for _, it := range r.Items(alice, outlooktest.Task) {
		if it.Container == list {
			tasks[id(it)] = it.Text("title")
		}
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, it := range r.Occurrences(alice, "", from, from.AddDate(0, 1, 0)) {
		events[id(it)] = it.Text("subject")
	}
	return []map[string]string{main, clients, tasks, events}
}
