package app_test

import (
	"testing"

	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

func key(e record.Entity, code string) record.Key { return record.Key(string(e) + " " + code) }

// enterContact has somebody enter a contact of an account in Sales Management.
func (r *sage50Rig) enterContact(account int64, name string) int64 {
	r.t.Helper()
	n, err := r.crm.App(1).Create(salesmanagementtest.Contacts, salesmanagementtest.Values{"firstName": "Léa", "lastName": name, "accountId": id(account)})
	must(r.t, err)
	return n
}

// Contacts are born on either side, of clients as well as of prospects; one whose account Sage does not have yet waits for it. Edits of
// either side are on the other one, and where both changed one field Sage's value stays.
//
// Requirement: S50-1, S50-9, S50-16, S50-17, S50-18
func TestSage50Contacts(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{})
	codes := r.sage.Codes(dupont, sage50test.Clients)
	for _, code := range r.sage.Codes(dupont, sage50test.Contacts) {
		f, c := r.of(sage50test.Contacts, code), r.known(salesmanagementtest.Contacts, code)
		if c.Values["lastName"] != f["Nom"] || c.Values["accountId"] != id(r.known(salesmanagementtest.Accounts, f[sage50test.CodeClient]).ID) {
			t.Errorf("%s: %v in Sage is %v", code, f, c.Values)
		}
	}
	prospect, err := r.crm.App(1).Create(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": "Prospect", "statusId": r.status(salesmanagementtest.Prospect)})
	must(t, err)
	born := r.enterContact(r.known(salesmanagementtest.Accounts, codes[0]).ID, "Du client")
	later := r.enterContact(prospect, "Du prospect")
	r.until("what can go is on the share", func() bool {
		return len(r.waiting(dupont, "contacts")) == 1 && len(r.waiting(dupont, "prospects")) == 1
	})
	r.imported(dupont)
	r.until("the contact of the prospect follows", func() bool { return len(r.waiting(dupont, "contacts")) == 1 })
	r.imported(dupont)
	bound := func(name string, want int64) func() bool {
		return func() bool {
			made := r.sage.Find(dupont, sage50test.Contacts, "Nom", name)
			return len(made) == 1 && r.known(salesmanagementtest.Contacts, made[0]).ID == want
		}
	}
	r.until("the contact of the client is bound", bound("Du client", born))
	r.until("the contact of the prospect is bound", bound("Du prospect", later))
	if n, want := len(r.live(salesmanagementtest.Contacts)), len(codes)+2; n != want {
		t.Errorf("%d contacts, want %d", n, want)
	}

	code := r.sage.Find(dupont, sage50test.Contacts, "Nom", "Du client")[0]
	must(t, r.crm.App(1).Edit(salesmanagementtest.Contacts, born, salesmanagementtest.Values{"phone1": "0411111111", "firstName": "Zoé"}))
	r.until("the edit is on the share", func() bool { return len(r.waiting(dupont, "contacts")) == 1 })
	r.imported(dupont)
	r.cycles()
	r.end()
	r.edit(sage50test.Contacts, code, sage50test.Fields{"Téléphone": "0422222222", "E-mail": "sage@example.com"})
	must(t, r.crm.App(1).Edit(salesmanagementtest.Contacts, born, salesmanagementtest.Values{"phone1": "0433333333"}))
	r.exported(dupont)
	r.start()
	r.until("Sage's edits are there, and win", func() bool {
		c := r.known(salesmanagementtest.Contacts, code).Values
		return c["email"] == "sage@example.com" && c["phone1"] == "0422222222" && c["firstName"] == "Zoé"
	})
	r.cycles()
	r.imported(dupont)
	if f := r.of(sage50test.Contacts, code); f["Téléphone"] != "0422222222" || f["Prénom"] != "Zoé" {
		t.Errorf("in Sage: %v", f)
	}
}

// A contact that two full exports lack is deleted in Sales Management, not erased. Its account is not, nor is one that people edited since:
// that waits for a person.
//
// Requirement: S50-19
func TestSage50ContactDeleted(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{site: sage50test.Options{ContactsEach: 4}, deletes: true})
	codes := r.sage.Codes(dupont, sage50test.Contacts)[:2]
	was := []int64{r.known(salesmanagementtest.Contacts, codes[0]).ID, r.known(salesmanagementtest.Contacts, codes[1]).ID}
	for _, code := range codes {
		must(t, r.sage.Remove(dupont, sage50test.Contacts, code))
	}
	r.exported(dupont)
	r.cycles()
	must(t, r.crm.App(1).Edit(salesmanagementtest.Contacts, was[1], salesmanagementtest.Values{"phone1": "0455555555"}))
	r.missingLongEnough()
	r.until("it is deleted", func() bool { return r.known(salesmanagementtest.Contacts, codes[0]).ID == 0 })
	if c, there := r.crm.Record(salesmanagementtest.Contacts, was[0]); !there || !c.Deleted {
		t.Errorf("it was erased: %+v", c)
	}
	r.cycles()
	if r.known(salesmanagementtest.Contacts, codes[1]).ID != was[1] || r.waits(r.app.Jobs[0])[key("contact", codes[1])] == "" {
		t.Errorf("the one that was edited: %v", r.waits(r.app.Jobs[0]))
	}
	if n := len(r.live(salesmanagementtest.Accounts)); n != len(r.sage.Codes(dupont, sage50test.Clients)) {
		t.Errorf("%d accounts are left", n)
	}
}
