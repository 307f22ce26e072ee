package outlooktest_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook/outlooktest"
)

// extension is what a client keeps in a task.
func extension(chrono string) object {
	return object{"@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "com.syncbox.x3", "chrono": chrono, "actualMinutes": 90}
}

// list makes a list of tasks and gives the address of its tasks.
func (r *rig) list(name string) string {
	r.t.Helper()
	return "todo/lists/" + must(r.Person(alice).CreateList(name)) + "/tasks"
}

func TestTasks(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	tasks := r.list("Sage X3")
	if a := r.get("todo/lists"); !cmp.Equal(a.texts("displayName"), []string{"Tasks", "Sage X3"}) || !cmp.Equal(a.texts("wellknownListName"), []string{"defaultList", "none"}) {
		t.Errorf("lists: %s", a.body)
	}
	id := r.made(tasks, object{"title": "Rappeler", "categories": []any{"Privé"}, "body": object{"content": "x", "contentType": "text"}})
	a := r.get(tasks + "/" + id)
	if a.text("status") != "notStarted" || a.text("importance") != "normal" || a.at("dueDateTime") != nil || a.text("body", "contentType") != "text" || a.text("@odata.etag") == "" || a.at("changeKey") != nil {
		t.Errorf("a new task: %s", a.body)
	}
	b := r.patch(tasks+"/"+id, object{"status": "completed"})
	if b.text("completedDateTime", "dateTime") != "2026-01-12T00:00:00.0000000" || b.text("@odata.etag") == a.text("@odata.etag") {
		t.Errorf("completed: %s", b.body)
	}
	if c := r.patch(tasks+"/"+id, object{"status": "deferred"}); c.at("completedDateTime") != nil {
		t.Errorf("reopened: %s", c.body)
	}
	for name, body := range map[string]object{"sensitivity": {"sensitivity": "private"}, "extended property": {"singleValueExtendedProperties": []any{object{"id": chrono, "value": "T"}}},
		"unknown status": {"status": "done"}, "long title": {"title": strings.Repeat("x", 256)}} {
		if a := r.patch(tasks+"/"+id, body); a.status != 400 {
			t.Errorf("%s: %d %s, want 400", name, a.status, a.body)
		}
	}
	filter := url.QueryEscape("singleValueExtendedProperties/Any(ep: ep/id eq '" + chrono + "' and ep/value eq 'T')")
	if a := r.get(tasks + "?$filter=" + filter); a.status != 400 {
		t.Errorf("filter by extended property: %d, want 400", a.status)
	}
	if a := r.get("todo/lists/" + r.get("contactFolders/contacts").text("id") + "/tasks"); a.status != 404 {
		t.Errorf("tasks of a contact folder: %d, want 404", a.status)
	}
}

// Each position of the switch is what becomes of the time in a date.
func TestTaskTime(t *testing.T) {
	for position, want := range map[string]string{outlooktest.TaskTimeCut: "2026-01-20T00:00:00.0000000", outlooktest.TaskTimeKept: "2026-01-20T15:30:00.0000000"} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{TaskTime: position})
			tasks := r.list("Sage X3")
			id := r.made(tasks, object{"title": "A", "dueDateTime": object{"dateTime": "2026-01-20T16:30:00", "timeZone": "Europe/Paris"}})
			if got := r.get(tasks+"/"+id).text("dueDateTime", "dateTime"); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// A task has another id in another list, whatever ids are asked for, and takes what programs wrote along.
func TestTaskMove(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	from, to := r.list("Sage X3"), r.list("Autre")
	id := r.made(from, object{"title": "A", "extensions": []any{extension("TSK1")}})
	_, left := r.round(from + "/delta")
	_, entered := r.round(to + "/delta")
	moved := must(r.Person(alice).Move(id, strings.Split(to, "/")[2]))
	if moved == id {
		t.Fatal("the id stays")
	}
	for address, want := range map[string]int{from + "/" + id: 404, from + "/" + moved: 404, to + "/" + id: 404, to + "/" + moved: 200} {
		if a := r.get(address); a.status != want {
			t.Errorf("%s: %d, want %d", address, a.status, want)
		}
	}
	if rows, _ := r.round(left); len(rows) != 1 || rows[0]["id"] != id || rows[0]["@removed"] == nil {
		t.Errorf("the list it left: %v", rows)
	}
	if rows, _ := r.round(entered); len(rows) != 1 || rows[0]["id"] != moved || rows[0]["@removed"] != nil {
		t.Errorf("the list it entered: %v", rows)
	}
	if a := r.get(to + "/" + moved + "/extensions/com.syncbox.x3"); a.text("chrono") != "TSK1" {
		t.Errorf("extension: %d %s", a.status, a.body)
	}
}

func TestExtensions(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	tasks := r.list("Sage X3")
	task, contact := tasks+"/"+r.made(tasks, object{"title": "A"}), "contacts/"+r.made("contacts", object{"surname": "A"})
	for address, prefix := range map[string]string{task: "microsoft.graph.openTypeExtension.", contact: "Microsoft.OutlookServices.OpenTypeExtension."} {
		a := r.do("POST", address+"/extensions", extension("TSK1"))
		if a.status != 201 || a.text("id") != prefix+"com.syncbox.x3" || a.at("actualMinutes") != 90.0 {
			t.Errorf("%s: create: %d %s", address, a.status, a.body)
		}
		if a := r.do("POST", address+"/extensions", extension("TSK2")); a.status != 409 {
			t.Errorf("%s: again: %d, want 409", address, a.status)
		}
		next := extension("TSK1")
		delete(next, "actualMinutes")
		next["company"] = "ACME"
		if a := r.patch(address+"/extensions/"+prefix+"com.syncbox.x3", next); a.status != 200 || a.text("chrono") != "TSK1" || a.text("company") != "ACME" {
			t.Errorf("%s: patch: %d %s", address, a.status, a.body)
		}
		if a := r.get(address + "/extensions/com.syncbox.x3"); a.at("actualMinutes") != nil {
			t.Errorf("%s: what a PATCH does not have is gone: %s", address, a.body)
		}
		if a := r.patch(address+"/extensions/com.syncbox.x3", object{"company": "B"}); a.status != 400 {
			t.Errorf("%s: a nameless PATCH: %d, want 400", address, a.status)
		}
		expand := "?$expand=" + url.QueryEscape("extensions($filter=id eq 'com.syncbox.x3')")
		if a := r.get(address + expand); a.text("extensions", 0, "chrono") != "TSK1" {
			t.Errorf("%s: expand: %s", address, a.body)
		}
		if a := r.get(address); a.at("extensions") != nil {
			t.Errorf("%s: shown without expand: %s", address, a.body)
		}
		if a := r.do("DELETE", address+"/extensions/com.syncbox.x3", nil); a.status != 204 {
			t.Errorf("%s: delete: %d", address, a.status)
		}
		if a := r.get(address + "/extensions/com.syncbox.x3"); a.status != 404 {
			t.Errorf("%s: after delete: %d, want 404", address, a.status)
		}
	}
	for name, o := range map[string]object{"nameless": {"@odata.type": "microsoft.graph.openTypeExtension"}, "typeless": {"extensionName": "x"},
		"nested": {"@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "x", "v": object{"a": 1}}} {
		if a := r.do("POST", task+"/extensions", o); a.status != 400 {
			t.Errorf("%s: %d, want 400", name, a.status)
		}
	}
}

func TestLinkedResources(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	tasks := r.list("Sage X3")
	a := r.do("POST", tasks, object{"title": "A", "linkedResources": []any{object{"applicationName": "Sage X3", "externalId": "TSK1", "displayName": "TSK1"}}})
	task := tasks + "/" + a.text("id")
	if a.text("linkedResources", 0, "externalId") != "TSK1" {
		t.Errorf("create: %s", a.body)
	}
	b := r.do("POST", task+"/linkedResources", object{"applicationName": "Sage X3", "displayName": "B"})
	if b.status != 201 || b.text("id") == "" {
		t.Errorf("another: %d %s", b.status, b.body)
	}
	if c := r.patch(task+"/linkedResources/"+b.text("id"), object{"displayName": "C"}); c.text("displayName") != "C" {
		t.Errorf("patch: %s", c.body)
	}
	if got := r.get(task + "/linkedResources").texts("displayName"); !cmp.Equal(got, []string{"TSK1", "C"}) {
		t.Errorf("list: %v", got)
	}
	if d := r.do("DELETE", task+"/linkedResources/"+b.text("id"), nil); d.status != 204 || len(r.get(task+"?$expand=linkedResources").at("linkedResources").([]any)) != 1 {
		t.Errorf("delete: %d", d.status)
	}
	if e := r.do("POST", task+"/linkedResources", object{"name": "x"}); e.status != 400 {
		t.Errorf("unknown property: %d, want 400", e.status)
	}
}

// A task that went away and came back is told under its new id, and its old one is gone.
func TestTaskComesBack(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	tasks := r.list("Sage X3")
	list := strings.Split(tasks, "/")[2]
	old := r.made(tasks, object{"title": "A"})
	_, link := r.round(tasks + "/delta")
	away := must(r.Person(alice).Move(old, ""))
	back := must(r.Person(alice).Move(away, list))
	rows, _ := r.round(link)
	if !cmp.Equal(told(rows, "title"), []string{"(deleted)", "A"}) || rows[0]["id"] != old || rows[1]["id"] != back {
		t.Errorf("got %v", rows)
	}
}
