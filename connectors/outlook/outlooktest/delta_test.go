package outlooktest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook/outlooktest"
)

func TestRounds(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	p := r.Person(alice)
	var ids []string
	for _, name := range []string{"A", "B", "C", "D", "E"} {
		ids = append(ids, r.made("contacts", object{"surname": name, "givenName": "x"}))
	}
	first := r.get(mainContacts+"?$select=surname", "Prefer", "odata.maxpagesize=2")
	if !cmp.Equal(first.texts("surname"), []string{"A", "B"}) || first.at("value", 0, "givenName") != nil || first.text("@odata.deltaLink") != "" {
		t.Fatalf("first page: %s", first.body)
	}
	check(t, p.Edit(ids[4], object{"surname": "E2"})) // in the middle of the round: it is told in the next one
	rest, link := r.round(first.text("@odata.nextLink"))
	if !cmp.Equal(told(rest, "surname"), []string{"C", "D", "E"}) || rest[0]["givenName"] != nil {
		t.Errorf("rest of the round: %v", rest)
	}
	if again := r.get(first.text("@odata.nextLink")); !cmp.Equal(again.texts("surname"), []string{"C", "D"}) {
		t.Errorf("a link asked for again: %s", again.body)
	}
	check(t, p.Edit(ids[0], object{"surname": "A2"}))
	check(t, p.Edit(ids[0], object{"surname": "A3"}))
	check(t, p.Delete(ids[1]))
	brief := must(p.Create(outlooktest.Contact, "", object{"surname": "F"}))
	check(t, p.Delete(brief))
	r.made("contacts", object{"surname": "G"})
	rows, next := r.round(link)
	if got, want := told(rows, "surname"), []string{"E2", "A3", "(deleted)", "(deleted)", "G"}; !cmp.Equal(got, want) {
		t.Errorf("second round: %v, want %v", got, want)
	}
	if rows[2]["id"] != ids[1] || rows[3]["id"] != brief {
		t.Errorf("removed: %v %v", rows[2], rows[3])
	}
	if rows, _ := r.round(next); len(rows) != 0 {
		t.Errorf("quiet: %v", rows)
	}
	if rows, _ := r.round(link); len(rows) != 5 {
		t.Errorf("an old link tells again: %v", rows)
	}
	check(t, p.Touch(ids[2]))
	if rows, _ := r.round(next); !cmp.Equal(told(rows, "surname"), []string{"C"}) {
		t.Errorf("a change of the date only: %v", rows)
	}
}

// A move takes an item out of one folder and into another; its default id changes, its immutable one stays.
func TestMoveBetweenFolders(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	clients := must(r.Person(alice).CreateFolder("", "Clients"))
	id := r.made("contacts", object{"surname": "A"})
	plain := *r
	plain.plain = true
	it, _ := r.Item(alice, id)
	if a := plain.get("contacts/" + it.DefaultID); a.status != 200 || a.text("id") != it.DefaultID || it.DefaultID == id {
		t.Fatalf("default id: %d %s", a.status, a.body)
	}
	_, left := r.round(mainContacts)
	_, entered := r.round("contactFolders/" + clients + "/contacts/delta")
	must(r.Person(alice).Move(id, clients))
	if rows, _ := r.round(left); len(rows) != 1 || rows[0]["id"] != id || rows[0]["@removed"] == nil {
		t.Errorf("left: %v", rows)
	}
	if rows, _ := plain.round(left); len(rows) != 1 || rows[0]["id"] != it.DefaultID {
		t.Errorf("left, with default ids: %v", rows)
	}
	rows, _ := r.round(entered)
	if len(rows) != 1 || rows[0]["id"] != id {
		t.Errorf("entered: %v", rows)
	}
	now, _ := r.Item(alice, id)
	for name, a := range map[string]struct {
		got  result
		want int
	}{
		"immutable":                         {r.get("contacts/" + id), 200},
		"old default id":                    {plain.get("contacts/" + it.DefaultID), 404},
		"new default id":                    {plain.get("contacts/" + now.DefaultID), 200},
		"immutable, in the new folder":      {r.get("contactFolders/" + clients + "/contacts/" + id), 200},
		"immutable, in the old folder":      {r.get("contactFolders/contacts/contacts/" + id), 404},
		"immutable, asked without the word": {plain.get("contacts/" + id), 400},
	} {
		if a.got.status != a.want {
			t.Errorf("%s: %d %s, want %d", name, a.got.status, a.got.body, a.want)
		}
	}
}

// A change of an event outside the window is told as a deletion, although the event is there.
func TestRemovedOutsideTheWindow(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	p := r.Person(alice)
	inside := r.made("events", event("inside", 13))
	outside := r.made("events", event("outside", 13+60))
	rows, link := r.round("calendarView/delta?" + january)
	if !cmp.Equal(told(rows, "subject"), []string{"inside"}) {
		t.Fatalf("first round: %v", rows)
	}
	for _, tt := range []struct {
		name string
		deed func() error
		want []string
		id   string
		get  int
	}{
		{"edited outside", func() error { return p.Edit(outside, object{"subject": "still"}) }, []string{"(deleted)"}, outside, 200},
		{"moved out of it", func() error {
			return p.Edit(inside, object{"start": utc(monday.AddDate(0, 3, 0)), "end": utc(monday.AddDate(0, 3, 1))})
		}, []string{"(deleted)"}, inside, 200},
		{"moved into it", func() error { return p.Edit(inside, object{"start": utc(monday), "end": utc(monday.Add(time.Hour))}) }, []string{"inside"}, inside, 200},
		{"deleted inside", func() error { return p.Delete(inside) }, []string{"(deleted)"}, inside, 404},
		{"deleted outside", func() error { return p.Delete(outside) }, []string{"(deleted)"}, outside, 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check(t, tt.deed())
			rows, link = r.round(link)
			if !cmp.Equal(told(rows, "subject"), tt.want) || rows[0]["id"] != tt.id {
				t.Errorf("told %v", rows)
			}
			if a := r.get("events/" + tt.id); a.status != tt.get {
				t.Errorf("by id: %d, want %d", a.status, tt.get)
			}
		})
	}
	must(p.Create(outlooktest.Event, "", event("far", 13+90)))
	if rows, _ := r.round(link); !cmp.Equal(told(rows, "subject"), []string{"(deleted)"}) {
		t.Errorf("made outside: %v", rows)
	}
}

// Each position of the switch is how late a round sees a write. What is read by id is never late.
func TestDeltaDelay(t *testing.T) {
	for _, delay := range []time.Duration{0, 30 * time.Second, 5 * time.Minute} {
		t.Run(delay.String(), func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{DeltaDelay: delay})
			_, link := r.round(mainContacts)
			id := r.made("contacts", object{"surname": "A"})
			if r.get("contacts/"+id).status != 200 || len(r.get("contacts").rows()) != 1 {
				t.Error("by id it is there at once")
			}
			if delay > 0 {
				r.AdvanceClock(delay - time.Second)
				var rows []object
				if rows, link = r.round(link); len(rows) != 0 {
					t.Errorf("too early: %v", rows)
				}
				r.AdvanceClock(time.Second)
			}
			if rows, _ := r.round(link); !cmp.Equal(told(rows, "surname"), []string{"A"}) {
				t.Errorf("in time: %v", rows)
			}
		})
	}
}

// What a delayed round shows is what the item was then.
func TestDelayedRoundShowsThePast(t *testing.T) {
	r := newRig(t, outlooktest.Switches{DeltaDelay: 30 * time.Second})
	id := r.made("contacts", object{"surname": "A"})
	r.AdvanceClock(20 * time.Second)
	r.patch("contacts/"+id, object{"surname": "B"})
	r.AdvanceClock(10 * time.Second)
	rows, link := r.round(mainContacts)
	if !cmp.Equal(told(rows, "surname"), []string{"A"}) {
		t.Errorf("first: %v", rows)
	}
	r.AdvanceClock(20 * time.Second)
	if rows, _ := r.round(link); !cmp.Equal(told(rows, "surname"), []string{"B"}) {
		t.Errorf("then: %v", rows)
	}
}

// Each position of the switch is how a forgotten state token is refused, at the beginning of a round and in the middle of one.
func TestReset(t *testing.T) {
	for position, want := range map[string]struct {
		status int
		code   string
	}{
		outlooktest.ResetGone: {410, "resyncRequired"}, outlooktest.ResetBad: {400, "syncStateNotFound"}, outlooktest.ResetNotFound: {404, "syncStateNotFound"},
	} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{Reset: position})
			r.made("events", event("A", 13))
			r.made("events", event("B", 14))
			_, link := r.round("calendarView/delta?" + january)
			page := r.get("calendarView/delta?"+january, "Prefer", "odata.maxpagesize=1").text("@odata.nextLink")
			r.ExpireDelta(alice)
			for name, address := range map[string]string{"deltaLink": link, "nextLink": page, "somebody's token": strings.Split(link, "=")[0] + "=abc"} {
				a := r.get(address)
				if a.status != want.status || a.code() != want.code {
					t.Fatalf("%s: %d %s, want %d %s", name, a.status, a.body, want.status, want.code)
				}
				location := a.header.Get("Location")
				if (location != "") != (position == outlooktest.ResetGone) {
					t.Errorf("%s: Location %q", name, location)
				}
				if location != "" && name != "somebody's token" {
					if rows, _ := r.round(location); !strings.HasSuffix(location, "$deltatoken=") || !cmp.Equal(told(rows, "subject"), []string{"A", "B"}) {
						t.Errorf("%s: begun anew at %s: %v", name, location, rows)
					}
				}
			}
		})
	}
}

func TestTokensAreBounded(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	limits := outlooktest.StandardLimits
	limits.DeltaStates = 2
	r.SetLimits(limits)
	_, first := r.round(mainContacts)
	for range 2 {
		r.round(mainContacts)
	}
	if a := r.get(first); a.status != 410 {
		t.Errorf("the oldest of three: %d, want 410", a.status)
	}
}

// A token is for what it was given for.
func TestTokenOfSomethingElse(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	tasks := r.list("Sage X3")
	_, link := r.round(mainContacts)
	_, token, _ := strings.Cut(link, "?")
	clients := must(r.Person(alice).CreateFolder("", "Clients"))
	for _, address := range []string{tasks + "/delta?" + token, "contactFolders/" + clients + "/contacts/delta?" + token, "https://graph.example/v1.0/users/" + bob + "/" + mainContacts + "?" + token} {
		if a := r.get(address); a.status != 410 {
			t.Errorf("%s: %d, want 410", address, a.status)
		}
	}
	if a := r.get(link + "&$select=surname"); a.status != 400 {
		t.Errorf("an option beside a token: %d, want 400", a.status)
	}
}

// Each position of the switch is the reason of a removal.
func TestRemovedReason(t *testing.T) {
	for _, position := range []string{outlooktest.RemovedDeleted, outlooktest.RemovedChanged} {
		r := newRig(t, outlooktest.Switches{Removed: position})
		id := r.made("contacts", object{"surname": "A"})
		_, link := r.round(mainContacts)
		check(t, r.Person(alice).Delete(id))
		if rows, _ := r.round(link); !cmp.Equal(told(rows, "surname"), []string{"(" + position + ")"}) {
			t.Errorf("%s: %v", position, rows)
		}
	}
}

// Each position of the switch is where the extension of a task can be read.
func TestTodoExtension(t *testing.T) {
	for position, want := range map[string]any{outlooktest.TodoExpandable: "TSK1", outlooktest.TodoByGet: nil} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{TodoExtension: position})
			tasks := r.list("Sage X3")
			id := r.made(tasks, object{"title": "A", "extensions": []any{extension("TSK1")}})
			for _, address := range []string{tasks + "/delta?$expand=extensions", tasks + "?$expand=extensions"} {
				if a := r.get(address); a.status != 200 || a.at("value", 0, "extensions", 0, "chrono") != want {
					t.Errorf("%s: %d %s, want %v", address, a.status, a.body, want)
				}
			}
			if a := r.get(tasks + "/" + id + "?$expand=extensions"); a.text("extensions", 0, "chrono") != "TSK1" {
				t.Errorf("by GET: %s", a.body)
			}
		})
	}
}

func TestListsDelta(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	rows, link := r.round("todo/lists/delta")
	if !cmp.Equal(told(rows, "displayName"), []string{"Tasks"}) {
		t.Fatalf("first round: %v", rows)
	}
	id := must(r.Person(alice).CreateList("Sage X3"))
	check(t, r.Person(alice).Rename(id, "Sage"))
	rows, link = r.round(link)
	if !cmp.Equal(told(rows, "displayName"), []string{"Sage"}) {
		t.Errorf("made: %v", rows)
	}
	check(t, r.Person(alice).Delete(id))
	if rows, _ = r.round(link); !cmp.Equal(told(rows, "displayName"), []string{"(deleted)"}) {
		t.Errorf("deleted: %v", rows)
	}
}

// Many pages tell each item once.
// Requirement: LAB-10
func TestLongRound(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	var want []string
	for i := range 400 {
		want = append(want, fmt.Sprintf("Éœ€😀 %03d", i))
		must(r.Person(alice).Create(outlooktest.Contact, "", object{"surname": want[i]}))
	}
	rows, _ := r.round(mainContacts, "Prefer", "odata.maxpagesize=9")
	if got := told(rows, "surname"); !slices.Equal(got, want) {
		t.Errorf("got %d names, want %d in their order", len(got), len(want))
	}
}

// Two writes in one instant have two times, so that the later one can be told.
func TestStampsDiffer(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	tasks := r.list("Sage X3")
	id := r.made(tasks, object{"title": "A"})
	first := r.get(tasks + "/" + id).text("lastModifiedDateTime")
	check(t, r.Person(alice).Edit(id, object{"title": "B"}))
	if second := r.get(tasks + "/" + id).text("lastModifiedDateTime"); second <= first {
		t.Errorf("got %s, then %s", first, second)
	}
}

// $top of the first call holds for all rounds; a preference goes before it.
func TestTopOfTasks(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	tasks := r.list("Sage X3")
	for _, title := range []string{"A", "B", "C"} {
		r.made(tasks, object{"title": title})
	}
	a := r.get(tasks + "/delta?$top=2&$select=title")
	if !cmp.Equal(a.texts("title"), []string{"A", "B"}) || a.at("value", 0, "status") != nil {
		t.Errorf("first page: %s", a.body)
	}
	_, link := r.round(a.text("@odata.nextLink"))
	for _, title := range []string{"D", "E", "F"} {
		r.made(tasks, object{"title": title})
	}
	if b := r.get(link); len(b.rows()) != 2 {
		t.Errorf("second round: %s", b.body)
	}
	if c := r.get(link, "Prefer", "odata.maxpagesize=1"); len(c.rows()) != 1 {
		t.Errorf("a smaller page: %s", c.body)
	}
}

// With immutable ids nothing is gone of a contact that went away and came back; with default ids its old id is.
func TestContactComesBack(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	clients := must(r.Person(alice).CreateFolder("", "Clients"))
	id := r.made("contacts", object{"surname": "A"})
	_, link := r.round(mainContacts)
	must(r.Person(alice).Move(id, clients))
	must(r.Person(alice).Move(id, ""))
	if rows, _ := r.round(link); !cmp.Equal(told(rows, "surname"), []string{"A"}) {
		t.Errorf("immutable: %v", rows)
	}
	r.plain = true
	if rows, _ := r.round(link); !cmp.Equal(told(rows, "surname"), []string{"(deleted)", "A"}) {
		t.Errorf("default: %v", rows)
	}
}
