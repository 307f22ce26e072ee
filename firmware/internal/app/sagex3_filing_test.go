package app_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3/sagex3test"
	"syncbox/sync/engine"
)

// filed gives, for each contact and task, the folder or list that it lies in.
func (r *userRig) filed() (all []string) {
	for _, k := range []outlooktest.Kind{outlooktest.Contact, outlooktest.Task} {
		for _, it := range r.outlook.Items(u1, k) {
			all = append(all, it.Text("surname")+it.Text("title")+" in "+it.In)
		}
	}
	slices.Sort(all)
	return all
}

// What people have filed in folders and lists of their own stays there, whatever resync is asked for. It is made again in the
// default ones when somebody says so of it by name, and not before.
//
// Requirement: X3-45
func TestX3FilingIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keeps := pairs.BothWays{ToCRM: pairs.All, ToERP: pairs.Rights{Create: true, Update: true}}
		r := newUserRig(t, pairs.Matrix{record.Contact: keeps, record.Task: keeps})
		user := r.outlook.Person(u1)
		_, err := r.x3.Person("U1").Create(sagex3test.Correspondents, sagex3test.Values{sagex3test.LastName: "Dupont", sagex3test.Company: "C00001"})
		noError(t, err)
		r.task("Devis", "20261124", "20261125")
		r.runs(3)
		folder, err := user.CreateFolder("", "Clients")
		noError(t, err)
		list, err := user.CreateList("Autre")
		noError(t, err)
		for id, place := range map[string]string{r.item(outlooktest.Contact, "surname", "Dupont").ID: folder, r.item(outlooktest.Task, "title", "Devis").ID: list} {
			_, err := user.Move(id, place)
			noError(t, err)
		}
		r.runs(3)
		for _, v := range []engine.Verb{engine.Force, engine.Resync1, engine.Resync2} {
			name := ""
			if v != engine.Force {
				name = "now"
			}
			r.ask(v, name)
			r.runs(6)
			if got, want := r.filed(), []string{"Devis in Autre", "Dupont in Clients"}; !slices.Equal(got, want) {
				t.Errorf("after %s: got %q, want %q", v, got, want)
			}
		}
		noError(t, user.Delete(r.item(outlooktest.Task, "title", "Devis").ID))
		r.cycles(6)
		if got, want := r.filed(), []string{"Dupont in Clients"}; !slices.Equal(got, want) || !slices.Equal(r.waits(), []string{"crm-record-deleted"}) {
			t.Fatalf("before anybody asked: got %q, waits %v, want %q", got, r.waits(), want)
		}
		r.say(engine.Recreate, "crm-record-deleted")
		r.runs(3)
		if got, want := r.filed(), []string{"Devis in Sage X3", "Dupont in Clients"}; !slices.Equal(got, want) {
			t.Errorf("made again: got %q, want %q", got, want)
		}
	})
}
