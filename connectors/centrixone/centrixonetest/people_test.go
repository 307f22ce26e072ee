package centrixonetest_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	sim "syncbox/connectors/centrixone/centrixonetest"
)

// A contact, then a representative, deleted in the CRM: what refers to them is refused until they are back.
func TestForcedDeletionAndReturn(t *testing.T) {
	for _, row := range []struct {
		resource sim.Resource
		ext      string
	}{{sim.Contacts, "CC1873"}, {sim.Users, "VE12"}, {sim.Accounts, "CU1873"}, {sim.RevenueCategories, "PG7"}, {sim.Stages, "quote"}} {
		t.Run(row.ext, func(t *testing.T) {
			c := open(t, sim.Options{})
			c.synced()
			stage, _ := c.StageByKey("quote")
			id := stage.ID
			if row.resource != sim.Stages {
				id = c.idOf(row.resource, row.ext)
			}
			refused(t, c.Support().Delete(row.resource, id), 0)
			if got := c.read(string(row.resource), "all"); contains(got, id) {
				t.Error("it is still read")
			}
			c.want(c.do("POST", page("Opportunities", "all"), document), 500)
			refused(t, c.Person(sim.Clerk).Restore(row.resource, id), 403)
			refused(t, c.Support().Restore(row.resource, id), 0)
			if got := c.read(string(row.resource), "all"); !contains(got, id) {
				t.Error("it is not read again")
			}
			if got := c.actions("Opportunities", document); got != "created" {
				t.Error(got)
			}
			refused(t, c.Support().Restore(row.resource, id), 404)
		})
	}
}

func contains(p rows, id int64) bool {
	for _, r := range p.Rows {
		if int64(r["Id"].(float64)) == id {
			return true
		}
	}
	return false
}

func TestRestoreNeedsItsExternalID(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	id := c.idOf(sim.Contacts, "CC1873")
	refused(t, c.Support().Delete(sim.Contacts, id), 0)
	c.post("Contacts", `[{"ExternalId":"CC1873"}]`)
	refused(t, c.Support().Restore(sim.Contacts, id), 409)
	// Known records are updated by Id, so that a deleted one is not made again unseen.
	c.want(c.do("POST", page("Contacts", "all"), `[{"Id":5000001,"FullName":"x"}]`), 404)
}

func TestProtectedListGoneAndRenamed(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	refused(t, c.Support().Edit(sim.Lists, 77, sim.Fields{"Name": "Clients"}), 0)
	if l := c.read("Lists", "all").Rows[0]; l["Name"] != "Clients" || l["Protected"] != true || l["Source"] != "acomba" {
		t.Errorf("got %v", l)
	}
	refused(t, c.Support().Delete(sim.Lists, 77), 0)
	if got := c.ids("Accounts", "S77"); len(got) != 0 {
		t.Errorf("in the list that is gone: %v", got)
	}
	if got := c.read("Accounts", "all").Rows[0]["Lists"].([]any); len(got) != 0 {
		t.Errorf("Lists %v", got)
	}
	c.want(c.do("POST", page("Accounts", "all"), `[{"ExternalId":"CU1873","Lists":[77]}]`), 500)
	if _, ok := c.ProtectedList(""); ok {
		t.Error("still there")
	}
	refused(t, c.Support().Restore(sim.Lists, 77), 0)
	if got := c.ids("Accounts", "S77"); len(got) != 1 {
		t.Errorf("in the list that is back: %v", got)
	}
}

func TestMerge(t *testing.T) {
	c := open(t, sim.Options{Write: true})
	c.synced()
	c.post("Opportunities", document)
	clerk, support := c.Person(sim.Clerk), c.Support()
	account, err := clerk.Create(sim.Accounts, sim.Fields{"Name": "double", "Lists": []int64{}})
	refused(t, err, 0)
	contact, err := clerk.Create(sim.Contacts, sim.Fields{"FullName": "double", "AccountId": account})
	refused(t, err, 0)
	refused(t, clerk.Merge(sim.Accounts, account, 1000001), 409)
	refused(t, support.Merge(sim.Users, sim.Clerk, sim.Administrator), 400)
	refused(t, support.Merge(sim.Accounts, account, account), 404)
	refused(t, support.Merge(sim.Accounts, account, 1000001), 0)
	refused(t, support.Merge(sim.Contacts, contact, 5000001), 0)

	if _, ok := c.AccountByExternalID("CU1873"); ok {
		t.Error("the loser is still there")
	}
	a, _ := c.Account(account)
	want := sim.Account{Name: "double", Lists: []int64{77}, PrimaryContactID: contact, ERPActive: true}
	if diff := cmp.Diff(want, a, cmpopts.IgnoreFields(sim.Account{}, "Meta")); diff != "" || a.ExternalID != "" {
		t.Errorf("survivor %q: %s", a.ExternalID, diff)
	}
	k, _ := c.Contact(contact)
	if k.AccountID != account || !k.IsPrimary || k.FullName != "double" {
		t.Errorf("contact %+v", k)
	}
	if o, _ := c.OpportunityByExternalID("DO4121"); o.AccountID != account || o.ContactID != contact {
		t.Errorf("opportunity refers to %d and %d", o.AccountID, o.ContactID)
	}
}

func TestOwnOpportunity(t *testing.T) {
	c := open(t, sim.Options{})
	clerk := c.Person(sim.Clerk)
	id, err := clerk.Create(sim.Opportunities, sim.Fields{"Title": "own", "StageId": "K.quote", "UserId": sim.Clerk})
	refused(t, err, 0)
	refused(t, clerk.Edit(sim.Opportunities, id, sim.Fields{"StageId": "K.invoice"}), 0)
	if o, _ := c.Opportunity(id); o.Source != "user" || o.Percent != 100 || o.ModifiedBy != "user:20002" {
		t.Errorf("got %+v", o)
	}
	refused(t, clerk.Edit(sim.Opportunities, id, sim.Fields{"StageId": "K.none"}), 500)
	refused(t, clerk.Delete(sim.Opportunities, id), 0)
}

func TestAutomationSignsItsEdits(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	refused(t, c.Automation().Edit(sim.Contacts, 5000001, sim.Fields{"Email": "a@example.test"}), 0)
	if row := c.read("Contacts", "all").Rows[0]; row["ModifiedBy"] != "automation" || row["Email"] != "a@example.test" {
		t.Errorf("got %v", row)
	}
}

func TestSecurityLevelsSwitch(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	edit := func(city string) error {
		return c.Person(sim.Clerk).Edit(sim.Accounts, 1000001, sim.Fields{"City": city})
	}
	refused(t, edit("a"), 403)
	c.SetWrite(true)
	refused(t, edit("a"), 0)
	c.SetOneWay(true)
	refused(t, edit("b"), 403)
	if row := c.read("Lists", "all").Rows[0]; row["OneWay"] != true {
		t.Errorf("got %v", row)
	}
	if row := c.read("Settings", "all").Rows[0]; row["PrimaryWrite"] != true || row["Source"] != "acomba" {
		t.Errorf("got %v", row)
	}
}

func TestReset(t *testing.T) {
	c := open(t, sim.Options{})
	fresh := []any{c.Accounts(), c.Users(), c.Lists(), c.Stages(), c.Settings()}
	c.synced()
	c.AdvanceClock(time.Hour)
	c.AddFault(sim.Fault{Kind: sim.Status, Count: -1})
	c.SetOneWay(true)
	c.Reset()
	if diff := cmp.Diff(fresh, []any{c.Accounts(), c.Users(), c.Lists(), c.Stages(), c.Settings()}); diff != "" {
		t.Error(diff)
	}
	if n := len(c.Journal(sim.JournalQuery{})); n != 0 || c.Counters() != (sim.Counters{}) || len(c.Faults()) != 0 || !c.Now().Equal(noon) {
		t.Errorf("journal %d, counters %+v", n, c.Counters())
	}
}
