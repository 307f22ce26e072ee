package sagex3test_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagex3/sagex3test"
)

// lines tells the pending lines as "U1 TSK C".
func (r *rig) lines() string {
	var all []string
	for _, l := range r.Queue("") {
		if l.Status == sagex3test.Pending {
			all = append(all, fmt.Sprintf("%s %s %s", l.User, l.Object, l.Action))
		}
	}
	return strings.Join(all, ", ")
}

// clear drops all lines.
func (r *rig) clear() {
	r.t.Helper()
	for _, l := range r.Queue("") {
		r.no(r.Administrator().DropLine(l.Number))
	}
}

// Each change makes a line for everybody whose record it is or was.
func TestActionsOfTheQueue(t *testing.T) {
	for _, row := range []struct {
		name string
		deed func(r *rig, task, meeting string) error
		want string
	}{
		{"create", func(r *rig, _, _ string) error { r.task("z"); return nil }, "U1 TSK C"},
		{"modify", func(r *rig, task, _ string) error {
			return r.Person("U1").Edit(sagex3test.Tasks, task, values{sagex3test.Subject: "z"})
		}, "U1 TSK M"},
		{"delete", func(r *rig, task, _ string) error { return r.Person("U1").Delete(sagex3test.Tasks, task) }, "U1 TSK A"},
		{"reassign", func(r *rig, task, _ string) error { return r.Person("U1").Reassign(sagex3test.Tasks, task, "R2") }, "U1 TSK P, U2 TSK C"},
		{"there and back", func(r *rig, task, _ string) error {
			r.no(r.Person("U1").Reassign(sagex3test.Tasks, task, "R2"))
			return r.Administrator().Reassign(sagex3test.Tasks, task, "R1")
		}, "U1 TSK M, U2 TSK P"},
		{"co-worker", func(r *rig, _, meeting string) error { return r.Person("U1").AddCoworker(meeting, "R2") }, "U1 BAP M, U2 BAP C"},
		{"co-worker leaves", func(r *rig, _, meeting string) error {
			r.no(r.Person("U1").AddCoworker(meeting, "R2"))
			r.clear()
			return r.Person("U1").RemoveCoworker(meeting, "R2")
		}, "U1 BAP M, U2 BAP P"},
		{"appointment of two deleted", func(r *rig, _, meeting string) error {
			r.no(r.Person("U1").AddCoworker(meeting, "R2"))
			r.clear()
			return r.Person("U1").Delete(sagex3test.Appointments, meeting)
		}, "U1 BAP A, U2 BAP A"},
		{"create and modify", func(r *rig, _, _ string) error {
			return r.Person("U1").Edit(sagex3test.Tasks, r.task("z"), values{sagex3test.Subject: "zz"})
		}, "U1 TSK C"},
		{"modify and delete", func(r *rig, task, _ string) error {
			r.no(r.Person("U1").Edit(sagex3test.Tasks, task, values{sagex3test.Subject: "z"}))
			return r.Person("U1").Delete(sagex3test.Tasks, task)
		}, "U1 TSK A"},
		{"forced", func(r *rig, _, _ string) error { r.Administrator().Force("U1"); return nil }, "U1 TSK R, U1 BAP R"},
		{"tasks forced", func(r *rig, _, _ string) error { r.Administrator().Force("U1", sagex3test.Tasks); return nil }, "U1 TSK R"},
		{"by the web services", func(r *rig, task, _ string) error {
			r.modify("TSK", "TSKNUM", task, param("TSK0_1", "TSKDON", "2"))
			return nil
		}, "U1 TSK M"},
		{"updates not allowed", func(r *rig, task, _ string) error {
			r.SetRight("U1", sagex3test.Tasks, sagex3test.IntoOutlook, sagex3test.MayUpdate, false)
			return r.Person("U1").Edit(sagex3test.Tasks, task, values{sagex3test.Subject: "z"})
		}, ""},
		{"tasks off for the folder", func(r *rig, task, _ string) error {
			r.SetParameter(sagex3test.ParameterTasks, sagex3test.No)
			return r.Person("U1").Edit(sagex3test.Tasks, task, values{sagex3test.Subject: "z"})
		}, ""},
		{"all off for the folder", func(r *rig, task, _ string) error {
			r.SetParameter(sagex3test.ParameterAll, sagex3test.No)
			return r.Person("U1").Edit(sagex3test.Tasks, task, values{sagex3test.Subject: "z"})
		}, ""},
		{"a customer", func(r *rig, _, _ string) error { r.AddCustomer("C9", "Neuf"); return nil }, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, options{})
			task, meeting := r.task("x"), must(r.meeting("0900", "1000"))
			r.clear()
			r.no(row.deed(r, task, meeting))
			if got := r.lines(); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// The queue is read and cleared like any object.
func TestQueueOverTheWebServices(t *testing.T) {
	r := newRig(t, options{})
	key := r.task("x")
	a := r.query("SYD", 10, "SYDUSR", "U1")
	want := []map[string]string{{"SYDNUM": "1", "SYDUSR": "U1", "SYDOBJ": "TSK", "SYDKEY": key, "SYDACT": "C", "SYDDAT": "20260115", "SYDSTA": "0"}}
	if diff := cmp.Diff(want, rows(a.result)); diff != "" {
		t.Error(diff)
	}
	if a := r.modify("SYD", "SYDNUM", "1", param("SYD0_1", "SYDACT", "A")); !a.ok() || r.lines() != "U1 TSK C" {
		t.Errorf("action: %s %q, %s: want what is shown to stay", a.status, a.messages, r.lines())
	}
	if a := r.call("delete", "SYD", keys("SYDNUM", "1")); !a.ok() || len(r.Queue("")) != 0 {
		t.Errorf("clear: %s %q, %v", a.status, a.messages, r.Queue(""))
	}
	if a := r.query("SYD", 10, "SYDUSR", "U2"); !a.ok() || len(rows(a.result)) != 0 {
		t.Errorf("of nobody: %s", a.result)
	}
	if got := r.Forbidden(); len(got) != 0 {
		t.Errorf("forbidden: %v", got)
	}
}
