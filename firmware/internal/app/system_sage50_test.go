package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/sync/store"
)

// The first synchronisation brings clients and prospects to Sales Management by Sage's codes, the clients read-only, all of them the
// administrator's. Who has the name of one that is there already is another one all the same. A prospect that is born there goes to
// Sage by an import file, and is bound by our reference once an export shows its code; a client that is born there goes nowhere,
// which is told.
//
// Requirement: S50-1, S50-4, S50-6, S50-7, S50-9, S50-29, S50-33
func TestSage50FirstSynchronisation(t *testing.T) {
	t.Parallel()
	r := newSage50Rig(t, sage50Set{})
	codes := r.sage.Codes(dupont, sage50test.Clients)
	r.crm.Fill(salesmanagementtest.Seed{Users: 1})
	namesake, err := r.crm.App(1).Create(salesmanagementtest.Accounts, salesmanagementtest.Values{
		"name": r.of(sage50test.Clients, codes[0])[sage50test.NomClient], "statusId": r.status(salesmanagementtest.Inactive)})
	must(t, err)
	r.start()
	r.until("all accounts are there", func() bool {
		return !slices.ContainsFunc(codes, func(code string) bool { return r.known(salesmanagementtest.Accounts, code).ID == 0 })
	})
	for _, code := range codes {
		client := r.of(sage50test.Clients, code)[sage50test.TypeTiers] == "Client"
		got := r.known(salesmanagementtest.Accounts, code)
		if (got.Values["readOnly"] == "true") != client || got.Values["salesRepId1"] != "1" || got.ID == namesake {
			t.Errorf("%s, client %v: read-only %q, of user %s", code, client, got.Values["readOnly"], got.Values["salesRepId1"])
		}
	}
	if code := r.waits(r.app.Jobs[0])[record.Key("account "+id(namesake))]; code != "ssm-other-status" {
		t.Errorf("the account that is neither client nor prospect: %q", code)
	}
	people := r.crm.App(2)
	client, err := people.Create(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": "Client du terrain", "statusId": r.status(salesmanagementtest.Client)})
	must(t, err)
	born, err := people.Create(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": "Prospect du terrain", "statusId": r.status(salesmanagementtest.Prospect)})
	must(t, err)
	r.until("an import file is there", func() bool { return len(r.waiting(dupont, "prospects")) == 1 })
	r.imported(dupont)
	made := r.sage.Find(dupont, sage50test.Clients, sage50test.NomClient, "Prospect du terrain")
	if len(made) != 1 || len(r.sage.Codes(dupont, sage50test.Clients)) != len(codes)+1 {
		t.Fatalf("made in Sage: %v, %v", made, r.sage.Codes(dupont, sage50test.Clients))
	}
	r.until("the prospect is bound", func() bool { return r.known(salesmanagementtest.Accounts, made[0]).ID == born })
	if got := r.known(salesmanagementtest.Accounts, made[0]); got.Values["salesRepId1"] != "2" || got.Values["readOnly"] != "" {
		t.Errorf("the prospect of user 2 is one of user %s, read-only %q", got.Values["salesRepId1"], got.Values["readOnly"])
	}
	if code := r.waits(r.app.Jobs[0])[record.Key("account "+id(client))]; code != "ssm-client-born" {
		t.Errorf("the client that is born in Sales Management: %q", code)
	}
}

// A prospect that is put away in Sales Management, or called a client there, while its import file waits: Sage has it, it is not made
// twice, and it waits with the cause. Called a prospect again, it is bound.
//
// Requirement: S50-7, S50-9
func TestSage50ProspectChangesMeanwhile(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{})
	people, born := r.crm.App(1), map[string]int64{}
	causes := map[string]string{salesmanagementtest.Inactive: "ssm-other-status", salesmanagementtest.Client: "ssm-client-born"}
	for status := range causes {
		var err error
		born[status], err = people.Create(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": "Bientôt " + status, "statusId": r.status(salesmanagementtest.Prospect)})
		must(t, err)
	}
	r.until("an import file is there", func() bool { return len(r.waiting(dupont, "prospects")) == 1 })
	r.cycles()
	for status, id := range born {
		must(t, people.Edit(salesmanagementtest.Accounts, id, salesmanagementtest.Values{"statusId": r.status(status)}))
	}
	before := len(r.live(salesmanagementtest.Accounts))
	r.cycles()
	r.imported(dupont)
	r.cycles()
	r.imported(dupont)
	r.cycles()
	for status, cause := range causes {
		codes := r.sage.Find(dupont, sage50test.Clients, sage50test.NomClient, "Bientôt "+status)
		if got := r.waits(r.app.Jobs[0])[record.Key("account "+codes[0])]; len(codes) != 1 || got != cause {
			t.Fatalf("%s: in Sage: %v; told: %q", status, codes, got)
		}
		must(t, people.Edit(salesmanagementtest.Accounts, born[status], salesmanagementtest.Values{"statusId": r.status(salesmanagementtest.Prospect)}))
		r.until("it is bound", func() bool { return r.known(salesmanagementtest.Accounts, codes[0]).ID == born[status] })
	}
	if n := len(r.live(salesmanagementtest.Accounts)); n != before {
		t.Errorf("%d accounts, want %d", n, before)
	}
}

// A prospect is both sides' until Sage calls it a client: what either side changed is on the other one, and where both changed one field
// Sage's value stays, with both in the journal. Then it is read-only, and what the application shows is Sage's.
//
// Requirement: S50-5, S50-6, S50-7, S50-8
func TestSage50Prospect(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{})
	code := r.sage.Find(dupont, sage50test.Clients, sage50test.TypeTiers, "Prospect")[0]
	account := r.known(salesmanagementtest.Accounts, code)
	people := r.crm.App(1)
	must(t, people.Edit(salesmanagementtest.Accounts, account.ID, salesmanagementtest.Values{"city": "Dinan"}))
	r.until("the edit is handed over", func() bool { return len(r.waiting(dupont, "prospects")) == 1 })
	r.imported(dupont)
	r.edit(sage50test.Clients, code, sage50test.Fields{"Adresse 1": "7 RUE NEUVE"})
	r.exported(dupont)
	r.until("both sides have both edits", func() bool {
		return r.of(sage50test.Clients, code)["Ville"] == "Dinan" && r.known(salesmanagementtest.Accounts, code).Values["address1"] == "7 RUE NEUVE"
	})
	r.cycles()

	r.end()
	must(t, people.Edit(salesmanagementtest.Accounts, account.ID, salesmanagementtest.Values{"city": "Vannes"}))
	r.edit(sage50test.Clients, code, sage50test.Fields{"Ville": "Lorient"})
	r.exported(dupont)
	r.start()
	r.until("Sage's value is the one of both", func() bool { return r.known(salesmanagementtest.Accounts, code).Values["city"] == "Lorient" })
	settled := slices.DeleteFunc(r.journal(), func(e store.Event) bool { return e.Code != "conflict-settled" })
	if len(settled) != 1 || !strings.Contains(fmt.Sprint(settled[0].Args), "Vannes") || !strings.Contains(fmt.Sprint(settled[0].Args), "Lorient") {
		t.Errorf("the journal does not have both values: %+v", settled)
	}
	r.cycles()
	r.imported(dupont)
	if got := r.of(sage50test.Clients, code)["Ville"]; got != "Lorient" {
		t.Errorf("in Sage it is %s now", got)
	}

	must(t, r.sage.MakeClient(dupont, code))
	r.exported(dupont)
	r.until("the client is read-only", func() bool { return r.known(salesmanagementtest.Accounts, code).Values["readOnly"] == "true" })
	if people.Edit(salesmanagementtest.Accounts, account.ID, salesmanagementtest.Values{"city": "Brest"}) == nil {
		t.Error("people can edit it")
	}
	if got := r.known(salesmanagementtest.Accounts, code).Values["statusId"]; got != r.status(salesmanagementtest.Client) {
		t.Errorf("its status is %s", got)
	}
}

// A client never flows to Sage, whatever anybody does to it in Sales Management: an integration that changes it, a status that makes it a
// prospect there, a read-only mark that is taken away. Sage's values are put back.
//
// Requirement: S50-4, S50-6, S50-8
func TestSage50ClientIsSages(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{tenant: salesmanagementtest.Options{}})
	codes := r.sage.Find(dupont, sage50test.Clients, sage50test.TypeTiers, "Client")
	was := r.sage.Save()
	for _, code := range codes {
		r.integrated(r.known(salesmanagementtest.Accounts, code).ID, `{"readOnly":false,"city":"Ailleurs","statusId":`+r.status(salesmanagementtest.Prospect)+`}`)
	}
	r.until("Sage's values are put back", func() bool {
		return !slices.ContainsFunc(codes, func(code string) bool {
			a := r.known(salesmanagementtest.Accounts, code)
			return a.Values["city"] != r.of(sage50test.Clients, code)["Ville"] || a.Values["readOnly"] != "true" || a.Values["statusId"] != r.status(salesmanagementtest.Client)
		})
	})
	if n := r.waiting(dupont, "prospects"); len(n) > 0 {
		t.Errorf("import files: %v", n)
	}
	if diff := sage50test.Diff(was, r.sage.Save()); len(diff) > 0 {
		t.Errorf("in Sage: %v", diff)
	}
}

// Nothing is ever deleted in Sage: an account or a contact that people delete in Sales Management stays there, is not made again in Sales
// Management by itself, not even if Sage changes it, and waits for a person, who can have it made again.
//
// Requirement: S50-10, S50-20
func TestSage50DeletedInTheApplication(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{})
	account := r.sage.Find(dupont, sage50test.Clients, sage50test.TypeTiers, "Prospect")[0]
	contact := r.sage.Find(dupont, sage50test.Contacts, sage50test.CodeClient, r.sage.Codes(dupont, sage50test.Clients)[0])[0]
	was := r.sage.Save()
	people := r.crm.App(1)
	must(t, people.Delete(salesmanagementtest.Contacts, r.known(salesmanagementtest.Contacts, contact).ID))
	must(t, people.Delete(salesmanagementtest.Accounts, r.known(salesmanagementtest.Accounts, account).ID))
	r.cycles()
	if diff := sage50test.Diff(was, r.sage.Save()); len(diff) > 0 {
		t.Errorf("in Sage: %v", diff)
	}
	r.edit(sage50test.Clients, account, sage50test.Fields{"Ville": "Ailleurs"})
	r.edit(sage50test.Contacts, contact, sage50test.Fields{"Téléphone": "0499999999"})
	r.exported(dupont)
	r.cycles()
	r.exported(dupont)
	r.cycles()
	if r.known(salesmanagementtest.Accounts, account).ID != 0 || r.known(salesmanagementtest.Contacts, contact).ID != 0 {
		t.Error("it was made again by itself")
	}
	waits := r.waits(r.app.Jobs[0])
	if waits[record.Key("account "+account)] == "" || waits[record.Key("contact "+contact)] == "" {
		t.Errorf("nobody is told: %v", waits)
	}
}
