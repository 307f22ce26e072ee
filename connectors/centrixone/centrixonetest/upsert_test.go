package centrixonetest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	sim "syncbox/connectors/centrixone/centrixonetest"
)

func TestUpsertKeys(t *testing.T) {
	c := open(t, sim.Options{})
	a := c.post("Accounts", `[{"ExternalId":"CU1","Name":"one"},{"Name":"two"},{"Id":null,"ExternalId":null,"Name":"three"}]`)
	if a[0].Action != "created" || a[1].ExternalId != nil || a[2].Id == a[1].Id || a[2].Index != 2 {
		t.Fatalf("got %+v", a)
	}
	b := c.post("Accounts", fmt.Sprintf(`[{"ExternalId":"CU1","Name":"one"},{"Id":%d,"ExternalId":"CU2"},{"Id":%d,"Name":"uno"}]`, a[1].Id, a[0].Id))
	if b[0].Id != a[0].Id || b[0].Action != "unchanged" || b[1].Action != "updated" || *b[1].ExternalId != "CU2" || *b[2].ExternalId != "CU1" {
		t.Errorf("got %+v", b)
	}
	if got, _ := c.AccountByExternalID("CU2"); got.ID != a[1].Id || got.Name != "two" {
		t.Errorf("got %+v", got)
	}
}

func TestUpsertRefusals(t *testing.T) {
	for _, row := range []struct {
		name, resource, body string
		status               int
	}{
		{"unknown id", "Accounts", `[{"Id":12345,"Name":"x"}]`, 404},
		{"external id held by another", "Accounts", `[{"Id":1000001,"ExternalId":"CU2"}]`, 409},
		{"id of another resource", "Contacts", `[{"Id":1000001}]`, 404},
		{"id as text", "Accounts", `[{"Id":"1000001"}]`, 400},
		{"external id with hyphen", "Accounts", `[{"ExternalId":"CU-1"}]`, 400},
		{"external id with comma", "Accounts", `[{"ExternalId":"CU,1"}]`, 400},
		{"external id as number", "Accounts", `[{"ExternalId":5}]`, 400},
		{"not an array", "Accounts", `{"Name":"x"}`, 400},
		{"not JSON", "Accounts", `Name=x`, 400},
		{"null", "Accounts", `null`, 400},
		{"array of null", "Accounts", `[null]`, 400},
		{"not UTF-8", "Accounts", "[{\"Name\":\"C\xf4t\xe9\"}]", 400},
		{"text as number", "Accounts", `[{"Name":5}]`, 400},
		{"flag as text", "Accounts", `[{"ERPActive":"true"}]`, 400},
		{"list as number", "Accounts", `[{"Lists":77}]`, 400},
		{"Sync as text", "Accounts", `[{"Sync":"x"}]`, 400},
		{"Custom of numbers", "Accounts", `[{"Custom":{"a":5}}]`, 400},
		{"Custom with a bad key", "Accounts", `[{"Custom":{"a-b":"x"}}]`, 400},
		{"Custom of 66", "Accounts", `[{"Custom":{` + customs(66) + `}}]`, 400},
		{"money as number", "Opportunities", `[{"Freight":85.00}]`, 400},
		{"money with comma", "Opportunities", `[{"Freight":"85,00"}]`, 400},
		{"money in a line", "Opportunities", `[{"Lines":[{"No":1,"Total":5}]}]`, 400},
		{"bad date", "Opportunities", `[{"Date":"20/11/2026"}]`, 400},
		{"unknown kind", "Opportunities", `[{"DocumentKind":"estimate"}]`, 400},
		{"unknown source", "Opportunities", `[{"Source":"sage"}]`, 400},
		{"malformed reference", "Opportunities", `[{"AccountId":"CU1"}]`, 400},
		{"unknown reference", "Opportunities", `[{"AccountId":"E.CU9"}]`, 500},
		{"key of accounts", "Opportunities", `[{"AccountId":"K.quote"}]`, 500},
		{"reference across resources", "Opportunities", `[{"ContactId":1000001}]`, 500},
		{"user without number", "Users", `[{"ExternalId":"VE1"}]`, 400},
		{"settings", "Settings", `[{"Id":1,"PrimaryWrite":true}]`, 403},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := open(t, sim.Options{})
			c.post("Accounts", `[{"ExternalId":"CU1","Name":"one"},{"ExternalId":"CU2","Name":"two"}]`)
			accounts := c.Accounts()
			c.want(c.do("POST", page(row.resource, "all"), row.body), row.status)
			if diff := cmp.Diff(accounts, c.Accounts()); diff != "" || len(c.Opportunities()) > 0 {
				t.Errorf("a refused call changed something: %s", diff)
			}
		})
	}
}

func customs(n int) string {
	var b []string
	for i := range n {
		b = append(b, fmt.Sprintf(`"c%d":"x"`, i))
	}
	return strings.Join(b, ",")
}

func TestAllOrNothing(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	type world struct {
		Accounts []sim.Account
		Contacts []sim.Contact
		Changes  []sim.Change
	}
	look := func() world { return world{c.Accounts(), c.Contacts(), c.Changes(sim.ChangeQuery{})} }
	before := look()
	c.AdvanceClock(10 * time.Second)
	a := c.want(c.do("POST", page("Contacts", "all"), `[{"ExternalId":"CCnew","AccountId":"E.CU1873","Lists":[77]},
		{"ExternalId":"CC1873","Lists":[]},{"ExternalId":"CC5","AccountId":"E.CU5"}]`), 500)
	if got := a.header.Get("X-Sim-Reason"); got != "item 2: AccountId: Accounts E.CU5 does not exist" {
		t.Errorf("reason %q", got)
	}
	if diff := cmp.Diff(before, look()); diff != "" {
		t.Error(diff)
	}
	if got := c.ids("Contacts", "all", "since", "2026-11-21T12:00:01Z"); len(got) != 0 {
		t.Errorf("rolled back rows are read: %v", got)
	}
	if got := c.actions("Contacts", `[{"ExternalId":"CCnew","AccountId":"E.CU1873","Lists":[77]}]`); got != "created" {
		t.Errorf("after the roll-back: %s", got)
	}
}

// A card position passes to another customer: the old record steps aside in the same POST.
func TestExternalIDPassesOnInOneCall(t *testing.T) {
	c := open(t, sim.Options{})
	old := c.post("Accounts", `[{"ExternalId":"CU1","Name":"old"}]`)[0].Id
	wrongOrder := fmt.Sprintf(`[{"ExternalId":"CU1","Name":"new","City":"x"},{"Id":%d,"ExternalId":"CU1.r1","ERPActive":false}]`, old)
	order := fmt.Sprintf(`[{"Id":%d,"ExternalId":"CU1.r1","ERPActive":false},{"ExternalId":"CU1","Name":"new"}]`, old)
	got := c.post("Accounts", order)
	if got[0].Action != "updated" || got[1].Action != "created" || got[1].Id == old {
		t.Fatalf("got %+v", got)
	}
	if a, _ := c.AccountByExternalID("CU1.r1"); a.ID != old || a.Name != "old" || a.ERPActive {
		t.Errorf("old is %+v", a)
	}
	if a, _ := c.AccountByExternalID("CU1"); a.Name != "new" || !a.ERPActive {
		t.Errorf("new is %+v", a)
	}
	c.Reset()
	c.post("Accounts", `[{"ExternalId":"CU1","Name":"old"}]`)
	if got := c.actions("Accounts", wrongOrder); got != "updated updated" {
		t.Errorf("the other order: %s", got)
	}
	if len(c.Accounts()) != 1 {
		t.Errorf("the other order made %d accounts", len(c.Accounts()))
	}
}

// A failing second row gives the external id back to the first record.
func TestExternalIDReturnsOnRollback(t *testing.T) {
	c := open(t, sim.Options{})
	id := c.post("Accounts", `[{"ExternalId":"CU1"}]`)[0].Id
	c.want(c.do("POST", page("Accounts", "all"), fmt.Sprintf(`[{"Id":%d,"ExternalId":"CU1.r1"},{"ExternalId":"CU1"},{"Id":5}]`, id)), 404)
	if a, ok := c.AccountByExternalID("CU1"); !ok || a.ID != id {
		t.Errorf("CU1 is %+v", a)
	}
	if _, ok := c.AccountByExternalID("CU1.r1"); ok {
		t.Error("CU1.r1 stayed")
	}
}

func TestAbsentNullAndUnknownKeys(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	c.post("Accounts", `[{"ExternalId":"CU1873","Address1":"1 Rue","Custom":{"a":"1","b":"2"},"Sync":{"PriceList":"P1","Territory":"T"}}]`)
	c.post("Accounts", `[{"ExternalId":"CU1873","Address1":null,"SalesRep":null,"Custom":{"a":null},"Sync":{"PriceList":null},
		"address1":"small","Sync.Territory":"x","Colour":"red","Id ":5,"CreatedAt":"2001-01-01T00:00:00Z","PrimaryContactId":null,"ModifiedBy":"user:5"}]`)
	a, _ := c.AccountByExternalID("CU1873")
	want := a
	want.Address1, want.SalesRep, want.City, want.Name = "", 0, "Laval", "Client"
	want.Custom = map[string]string{"b": "2"}
	want.Sync = sim.SyncValues{CustomerNumber: "1873", Territory: "T"}
	want.PrimaryContactID, want.CreatedAt, want.ModifiedBy = 5000001, noon, "sync"
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	c.post("Accounts", `[{"ExternalId":"CU1873","Sync":null,"Custom":null,"Lists":null}]`)
	a, _ = c.AccountByExternalID("CU1873")
	if a.Sync != (sim.SyncValues{}) || a.Custom != nil || a.Lists != nil {
		t.Errorf("after null: %+v", a)
	}
	row := c.read("Accounts", "ECU1873").Rows[0]
	if row["Address1"] != nil || row["SalesRep"] != nil || len(row["Lists"].([]any)) != 0 || len(row["Custom"].(map[string]any)) != 0 {
		t.Errorf("without values: %v", row)
	}
}

func TestReferenceForms(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	stage, _ := c.StageByKey("invoice")
	body := fmt.Sprintf(`[{"ExternalId":"DO1","AccountId":1000001,"ContactId":"E.CC1873","UserId":"E.VE12","StageId":%d,
		"Lines":[{"No":1,"RevenueCategoryId":3001},{"No":2,"RevenueCategoryId":null}]},{"ExternalId":"DO2","StageId":"K.open_order"}]`, stage.ID)
	c.post("Opportunities", body)
	o, _ := c.OpportunityByExternalID("DO1")
	if o.AccountID != 1000001 || o.ContactID != 5000001 || o.UserID != 20003 || o.StageID != stage.ID || o.Percent != 100 ||
		o.Lines[0].RevenueCategoryID != 3001 || o.Lines[1].RevenueCategoryID != 0 || o.Source != "acomba" {
		t.Errorf("got %+v", o)
	}
	if o, _ = c.OpportunityByExternalID("DO2"); o.Percent != 90 {
		t.Errorf("percent %d", o.Percent)
	}
	// A category may refer to one of the same POST.
	c.post("RevenueCategories", `[{"ExternalId":"PG8","NameFR":"a"},{"ExternalId":"PG9","ParentId":"E.PG8"}]`)
	if g, _ := c.CategoryByExternalID("PG9"); g.ParentID == 0 || !g.FromSync || !g.Active {
		t.Errorf("got %+v", g)
	}
}

func TestSamePostTwice(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	bodies := map[string]string{
		"Opportunities": document,
		"Accounts":      `[{"ExternalId":"CU9","Name":"Côté & fils <1>","Lists":[77],"Custom":{"a":"1"},"Sync":{"Discount":"12.50"},"SalesRep":"E.VE12","ERPActive":false}]`,
		"Contacts":      `[{"ExternalId":"CC9","AccountId":"E.CU1873","Lists":["K.acomba"],"Custom":{"a":"1"}}]`,
		"Users":         `[{"ExternalId":"VE9","Number":"9","FullName":"Neuf"}]`,
	}
	for resource, body := range bodies {
		if got := c.actions(resource, body); got != "created" {
			t.Fatalf("%s: %s", resource, got)
		}
	}
	accounts, contacts, deals, users := c.Accounts(), c.Contacts(), c.Opportunities(), c.Users()
	c.AdvanceClock(time.Hour)
	for resource, body := range bodies {
		if got := c.actions(resource, body); got != "unchanged" {
			t.Errorf("%s again: %s", resource, got)
		}
	}
	if diff := cmp.Diff([]any{accounts, contacts, deals, users}, []any{c.Accounts(), c.Contacts(), c.Opportunities(), c.Users()}); diff != "" {
		t.Errorf("ModifiedAt moved: %s", diff)
	}
	if got := c.actions("Opportunities", strings.Replace(document, "85.00", "86.00", 1)); got != "updated" {
		t.Errorf("changed: %s", got)
	}
	if o, _ := c.OpportunityByExternalID("DO4121"); !o.ModifiedAt.Equal(noon.Add(time.Hour)) || !o.CreatedAt.Equal(noon) {
		t.Errorf("stamps %v %v", o.CreatedAt, o.ModifiedAt)
	}
}

func TestIDsOfDifferentResourcesStayApart(t *testing.T) {
	c := open(t, sim.Options{AutomaticBilling: true})
	c.synced()
	c.post("Opportunities", document)
	seen := map[int64]string{}
	for _, resource := range []string{"Settings", "Lists", "Stages", "Users", "RevenueCategories", "Accounts", "Contacts", "Opportunities"} {
		for _, id := range c.ids(resource, "all") {
			if seen[id] != "" {
				t.Errorf("%d is of %s and %s", id, seen[id], resource)
			}
			seen[id] = resource
		}
	}
}

// A document read back has the values that were posted.
func TestDocumentComesBack(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	c.post("Opportunities", document)
	got := c.read("Opportunities", "EDO4121").Rows[0]
	stage, _ := c.StageByKey("quote")
	want := map[string]any{"Id": 55120.0, "ExternalId": "DO4121", "Source": "acomba", "Title": "104233", "DocumentKind": "quote",
		"StageId": float64(stage.ID), "Percent": 40.0, "AccountId": 1000001.0, "ContactId": 5000001.0, "UserId": 20003.0, "Date": "2026-11-20",
		"Lines": []any{map[string]any{"No": 1.0, "RevenueCategoryId": 3001.0, "ProductCode": "CATHERMO", "Description": "Thermopompe 12k",
			"Quantity": "2", "UnitPrice": "1450.00", "Discount": "0", "Total": "2900.00"}},
		"Freight": "85.00", "Discount": "145.00", "TotalBeforeTax": "2840.00", "Currency": "CAD",
		"CreatedAt": "2026-11-21T12:00:00.000Z", "ModifiedAt": "2026-11-21T12:00:00.000Z"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
