package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/firmware/internal/app"
	"syncbox/sync/engine"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

const martin = "MARTIN"

// twoDossiers is a rig of two dossiers in one Sales Management, whose accounts have a field for the dossier; set says whether the box
// goes by it.
func twoDossiers(t *testing.T, set bool) *sage50Rig {
	t.Helper()
	s := sage50Set{dossiers: []string{dupont, martin}}
	if set {
		s.crm = `dossier_field = "Z_dossier"`
	}
	s.tenant.Extra = salesmanagementtest.DefaultExtra()
	s.tenant.Extra[salesmanagementtest.Accounts] = []salesmanagementtest.Field{{Name: "Z_dossier", Kind: salesmanagementtest.Text, Size: 40, Label: "Dossier"}}
	return startedSage50(t, s)
}

// prospect has a representative make a prospect.
func (r *sage50Rig) prospect(name, dossier string) int64 {
	r.t.Helper()
	id, err := r.crm.App(1).Create(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": name, "statusId": r.status(salesmanagementtest.Prospect), "Z_dossier": dossier})
	must(r.t, err)
	return id
}

// handed says whether an import file of a dossier, taken or not, names somebody.
func (r *sage50Rig) handed(dossier, name string) bool {
	r.t.Helper()
	names, err := filepath.Glob(filepath.Join(r.sage.In(dossier), "*-*.*"))
	must(r.t, err)
	for _, file := range names {
		content, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(content), name) {
			return true
		}
	}
	return false
}

// linked gives the keys in Sales Management of what a job has in its Sage.
func (r *sage50Rig) linked(j *app.Job) map[record.Key]bool {
	r.t.Helper()
	_, state, err := j.Engine()
	must(r.t, err)
	all := map[record.Key]bool{}
	must(r.t, state.View(func(x *store.Txn) {
		x.Links(func(l plan.Link) bool {
			if l.Entity == record.Account && l.ERP != "" {
				all[l.CRM] = true
			}
			return true
		})
	}))
	return all
}

// What is born in a Sales Management of two dossiers goes to the one that its field names, with its contacts, and to no other; what names
// none waits in both, with what to do, until a person says so. No job has what is the other's.
//
// Requirement: S50-34
func TestSage50ProspectOfOneDossier(t *testing.T) {
	t.Parallel()
	r := twoDossiers(t, true)
	here, there, open := r.prospect("Prospect Dupont", dupont), r.prospect("Prospect Martin", martin), r.prospect("Prospect Sans", "")
	_, err := r.crm.App(1).Create(salesmanagementtest.Contacts, salesmanagementtest.Values{"firstName": "Zoe", "lastName": "Demartin", "accountId": id(there)})
	must(t, err)
	r.until("both have their own", func() bool { return r.handed(dupont, "Prospect Dupont") && r.handed(martin, "Prospect Martin") })
	r.cycles()
	for _, j := range r.app.Jobs {
		if got := r.waits(j)[record.Key("account "+id(open))]; got != "ssm-dossier-unset" {
			t.Errorf("%s: what names no dossier waits for %q", j.Name(), got)
		}
	}
	must(t, r.crm.App(1).Edit(salesmanagementtest.Accounts, open, salesmanagementtest.Values{"Z_dossier": martin}))
	for range 3 {
		for _, dossier := range []string{dupont, martin} {
			r.imported(dossier)
		}
		r.cycles()
	}
	for prospect, dossier := range map[int64]string{here: dupont, there: martin, open: martin} {
		if got, _ := r.crm.Record(salesmanagementtest.Accounts, prospect); !strings.HasPrefix(got.Values["extId"], dossier+":") {
			t.Errorf("%s is known as %q, want one of %s", got.Values["name"], got.Values["extId"], dossier)
		}
	}
	for name, dossier := range map[string]string{"Prospect Dupont": martin, "Prospect Martin": dupont, "Prospect Sans": dupont, "Demartin": dupont} {
		if r.handed(dossier, name) {
			t.Errorf("%s went to %s as well", name, dossier)
		}
	}
	if !r.handed(martin, "Demartin") {
		t.Error("the contact went nowhere")
	}
	first, second := r.linked(r.app.Jobs[0]), r.linked(r.app.Jobs[1])
	for key := range first {
		if second[key] {
			t.Errorf("both jobs have account %s", key)
		}
	}
	for _, j := range r.app.Jobs {
		if waits := r.waits(j); len(waits) > 0 {
			t.Errorf("%s: still waits: %v", j.Name(), waits)
		}
	}
}

// Without the setting, what is born waits as soon as the box has two dossiers in a Sales Management: it went to both otherwise.
//
// Requirement: S50-34
func TestSage50ProspectWithoutRule(t *testing.T) {
	t.Parallel()
	r := twoDossiers(t, false)
	born := r.prospect("Prospect Dupont", dupont)
	r.until("it waits in both", func() bool {
		for _, j := range r.app.Jobs {
			if r.waits(j)[record.Key("account "+id(born))] != "ssm-dossier-rule" {
				return false
			}
		}
		return true
	})
	r.cycles()
	if r.handed(dupont, "Prospect Dupont") || r.handed(martin, "Prospect Dupont") {
		t.Error("it was handed over")
	}
}

// A dossier that is stopped leaves its data in sight, and the other one goes on. Started again, Sage wins what both sides changed, and
// what only Sales Management has stays.
//
// Requirement: S50-34
func TestSage50DossierTakenUpAgain(t *testing.T) {
	t.Parallel()
	r := twoDossiers(t, true)
	code := r.sage.Find(dupont, sage50test.Clients, sage50test.TypeTiers, "Prospect")[0]
	account := r.known(salesmanagementtest.Accounts, code)
	must(t, r.app.Jobs[0].Do(t.Context(), engine.Stop, ""))
	r.edit(sage50test.Clients, code, sage50test.Fields{"Ville": "De Sage"})
	must(t, r.crm.App(1).Edit(salesmanagementtest.Accounts, account.ID, salesmanagementtest.Values{"city": "De la tablette", "comment": "Rappeler lundi"}))
	other := r.sage.Find(martin, sage50test.Clients, sage50test.TypeTiers, "Prospect")[0]
	must(t, r.sage.Edit(martin, sage50test.Clients, other, sage50test.Fields{"Ville": "Dax"}))
	r.exported(dupont)
	r.exported(martin)
	r.until("the other dossier goes on", func() bool {
		return r.crm.ByExtID(salesmanagementtest.Accounts, martin+":"+other)[0].Values["city"] == "Dax"
	})
	if got := r.known(salesmanagementtest.Accounts, code).Values; got["city"] != "De la tablette" || r.known(salesmanagementtest.Accounts, code).Deleted {
		t.Errorf("stopped, but %v", got)
	}
	must(t, r.app.Jobs[0].Do(t.Context(), engine.Start, ""))
	r.until("Sage has won", func() bool { return r.known(salesmanagementtest.Accounts, code).Values["city"] == "De Sage" })
	r.cycles()
	if got := r.known(salesmanagementtest.Accounts, code).Values; got["comment"] != "Rappeler lundi" || r.of(sage50test.Clients, code)["Ville"] != "De Sage" {
		t.Errorf("taken up again: %v", got)
	}
}
