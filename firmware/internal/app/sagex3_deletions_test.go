package app_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3/sagex3test"
	"syncbox/sync/engine"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// task has the user enter a task in X3.
func (r *userRig) task(subject, start, due string) (key string) {
	r.t.Helper()
	key, err := r.x3.Person("U1").Create(sagex3test.Tasks, sagex3test.Values{sagex3test.Subject: subject, sagex3test.Company: "C00001", sagex3test.Start: start, sagex3test.Due: due})
	noError(r.t, err)
	return key
}

// titles are those of the tasks in the mailbox.
func (r *userRig) titles() (all []string) {
	for _, it := range r.outlook.Items(u1, outlooktest.Task) {
		all = append(all, it.Text("title"))
	}
	slices.Sort(all)
	return all
}

// inX3 says whether X3 has a record.
func (r *userRig) inX3(o sagex3test.Object, key string) bool {
	return slices.ContainsFunc(r.x3.Records(o), func(rec sagex3test.Record) bool { return rec.Key == key })
}

// say has a person answer the one thing that waits with a code.
func (r *userRig) say(v engine.Verb, code string) {
	r.t.Helper()
	name := ""
	noError(r.t, r.state.View(func(tx *store.Txn) {
		tx.AllWaiting(func(w store.Waiting) bool {
			if w.Code == code {
				name = w.Name()
			}
			return true
		})
	}))
	if name == "" {
		r.t.Fatalf("nothing waits for %s: %v", code, r.waits())
	}
	r.ask(v, name)
}

// ask has a person say a verb.
func (r *userRig) ask(v engine.Verb, name string) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- r.engine.Do(ctx, v, name) }()
	for range 10 {
		synctest.Wait()
		r.cycles(1)
		select {
		case err := <-done:
			noError(r.t, err)
			return
		default:
		}
	}
	r.t.Fatalf("nobody heard %s %s", v, name)
}

// What is deleted on one side is deleted on the other. A correspondent only ceases to be this user's. What is old and put away
// in Outlook stays in X3, and does not come back.
//
// Requirement: X3-15, X3-16, X3-18
func TestX3DeletionsTravel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		person, user := r.x3.Person("U1"), r.outlook.Person(u1)
		dupont, err := person.Create(sagex3test.Correspondents, sagex3test.Values{sagex3test.LastName: "Dupont", sagex3test.Company: "C00001"})
		noError(t, err)
		visit, err := person.Create(sagex3test.Appointments, sagex3test.Values{sagex3test.Subject: "Visite", sagex3test.Company: "C00001",
			sagex3test.Start: "20261124", sagex3test.StartTime: "0930", sagex3test.End: "20261124", sagex3test.EndTime: "1015"})
		noError(t, err)
		devis := r.task("Devis", "20261124", "20261125")
		old := r.task("Relance de mars", "20260301", "20260310")
		due := r.task("Contrat", "20260301", "20261210") // begun long ago, and not due yet
		r.runs(3)

		noError(t, person.Delete(sagex3test.Tasks, devis))
		noError(t, user.Delete(r.item(outlooktest.Event, "subject", "Visite").ID))
		noError(t, user.Delete(r.item(outlooktest.Contact, "surname", "Dupont").ID))
		noError(t, user.Delete(r.item(outlooktest.Task, "title", "Relance de mars").ID))
		noError(t, user.Delete(r.item(outlooktest.Task, "title", "Contrat").ID))
		r.runs(5)
		if got := r.titles(); len(got) > 0 {
			t.Errorf("tasks in Outlook: %v, want none", got)
		}
		if r.inX3(sagex3test.Appointments, visit) || r.inX3(sagex3test.Tasks, due) {
			t.Error("X3 still has what was deleted in Outlook")
		}
		if !r.inX3(sagex3test.Tasks, old) {
			t.Error("what was put away is deleted in X3")
		}
		if got := r.x3Record(sagex3test.Correspondents, sagex3test.Number, dupont).Values[sagex3test.Owner]; got != "" {
			t.Errorf("the correspondent is still %q's", got)
		}

		before, marks := r.x3.Mark(), r.outlook.Mark()
		noError(t, person.Edit(sagex3test.Tasks, old, sagex3test.Values{sagex3test.Subject: "Relance d'avril"}))
		own := r.x3.Mark()
		r.runs(3)
		if w := r.x3.Written(sagex3test.JournalQuery{After: max(before, own)}); len(w) > 0 {
			t.Errorf("written in X3 for nothing: %+v", w)
		}
		if w := r.outlook.Written(outlooktest.JournalQuery{After: marks}); len(w) > 0 {
			t.Errorf("written in Outlook for nothing: %+v", w)
		}
	})
}

// What somebody changed since waits for a person, who has it deleted too or made again.
//
// Requirement: X3-15
func TestX3DeletedAndEdited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Everything())
		person, user := r.x3.Person("U1"), r.outlook.Person(u1)
		devis, relance := r.task("Devis", "20261124", "20261125"), r.task("Relance", "20261124", "20261125")
		r.runs(3)
		noError(t, person.Delete(sagex3test.Tasks, devis))
		noError(t, user.CompleteTask(r.item(outlooktest.Task, "title", "Devis").ID))
		r.cycles(4)
		if got, want := r.titles(), []string{"Devis", "Relance"}; !slices.Equal(got, want) || !slices.Equal(r.waits(), []string{plan.DeletedAndEdited}) {
			t.Fatalf("tasks in Outlook %v, waits %v", got, r.waits())
		}
		r.say(engine.DeleteToo, plan.DeletedAndEdited)
		r.runs(3)
		if got := r.titles(); !slices.Equal(got, []string{"Relance"}) {
			t.Errorf("tasks in Outlook: %v", got)
		}

		noError(t, user.Delete(r.item(outlooktest.Task, "title", "Relance").ID))
		noError(t, person.Edit(sagex3test.Tasks, relance, sagex3test.Values{sagex3test.Subject: "Relance urgente"}))
		r.cycles(4)
		if !r.inX3(sagex3test.Tasks, relance) || !slices.Equal(r.waits(), []string{plan.DeletedAndEdited}) {
			t.Fatalf("in X3 %v, waits %v", r.inX3(sagex3test.Tasks, relance), r.waits())
		}
		r.say(engine.Recreate, plan.DeletedAndEdited)
		r.runs(3)
		if got := r.titles(); !slices.Equal(got, []string{"Relance urgente"}) {
			t.Errorf("tasks in Outlook: %v", got)
		}
	})
}

// Many contacts that disappear from a mailbox at once are nobody's deletion before a person has said so: contacts are not
// archived.
//
// Requirement: X3-16, X3-19
func TestX3ContactsPutAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const all, away = 12, 5
		r := newUserRig(t, pairs.Everything())
		var keys []string
		for i := range all {
			key, err := r.x3.Person("U1").Create(sagex3test.Correspondents, sagex3test.Values{sagex3test.LastName: fmt.Sprintf("Dupont %d", i), sagex3test.Company: "C00001"})
			noError(t, err)
			keys = append(keys, key)
		}
		r.runs(3)
		for i := range away {
			noError(t, r.outlook.Person(u1).Delete(r.item(outlooktest.Contact, "surname", fmt.Sprintf("Dupont %d", i)).ID))
		}
		owned := func() (n int) {
			for _, key := range keys {
				if r.x3Record(sagex3test.Correspondents, sagex3test.Number, key).Values[sagex3test.Owner] == "R1" {
					n++
				}
			}
			return n
		}
		r.cycles(5)
		if owned() != all || !slices.Equal(r.waits(), []string{"mass-delete"}) {
			t.Fatalf("%d of %d are this user's, waits %v", owned(), all, r.waits())
		}
		r.say(engine.Allow, "mass-delete")
		r.runs(4)
		if owned() != all-away || len(r.outlook.Items(u1, outlooktest.Contact)) != all-away {
			t.Errorf("%d of %d are this user's, %d in Outlook", owned(), all, len(r.outlook.Items(u1, outlooktest.Contact)))
		}
	})
}

// Without the right to delete, a deletion waits for a person, and nothing is deleted.
//
// Requirement: X3-3, X3-16
func TestX3RightToDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newUserRig(t, pairs.Matrix{record.Task: {ToCRM: pairs.All, ToERP: pairs.Rights{Create: true, Update: true}}})
		devis, relance := r.task("Devis", "20261124", "20261125"), r.task("Relance", "20261124", "20261125")
		r.runs(3)
		noError(t, r.x3.Person("U1").Delete(sagex3test.Tasks, devis))
		noError(t, r.outlook.Person(u1).Delete(r.item(outlooktest.Task, "title", "Relance").ID))
		r.cycles(6)
		if got := r.titles(); len(got) > 0 {
			t.Errorf("tasks in Outlook: %v", got)
		}
		if w := r.waits(); !r.inX3(sagex3test.Tasks, relance) || len(w) != 1 {
			t.Errorf("in X3 %v, waits %v", r.inX3(sagex3test.Tasks, relance), w)
		}
	})
}
