package centrixonetest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	sim "syncbox/connectors/centrixone/centrixonetest"
)

func TestSeededLists(t *testing.T) {
	for _, row := range []struct {
		name string
		o    sim.Options
		want []sim.List
	}{
		{"acomba", sim.Options{}, []sim.List{{Name: "Acomba", Protected: true, Source: "acomba", Key: "acomba"}}},
		{"quickbooks one-way", sim.Options{Source: sim.QuickBooks, OneWay: true},
			[]sim.List{{Name: "QuickBooks", Protected: true, Source: "quickbooks", OneWay: true, Key: "quickbooks"}}},
		{"two companies", sim.Options{Companies: []string{"nord", "sud"}}, []sim.List{
			{Name: "Acomba nord", Protected: true, Source: "acomba", Key: "acomba.nord"},
			{Name: "Acomba sud", Protected: true, Source: "acomba", Key: "acomba.sud"}}},
	} {
		if diff := cmp.Diff(row.want, open(t, row.o).Lists(), cmpopts.IgnoreFields(sim.List{}, "Meta")); diff != "" {
			t.Errorf("%s: %s", row.name, diff)
		}
	}
}

func TestSeededStages(t *testing.T) {
	type stage struct {
		key, fr, en, category string
		percent               int64
	}
	acomba := []stage{{"quote", "Soumission", "Quotation", "qualified", 40}, {"order", "Commande", "Order", "advanced", 90},
		{"open_order", "Commande ouverte", "Open Order", "advanced", 90}, {"invoice", "Facture", "Invoice", "won", 100}}
	for _, row := range []struct {
		name string
		o    sim.Options
		want []stage
	}{
		{"acomba", sim.Options{}, acomba},
		{"automatic billing", sim.Options{AutomaticBilling: true}, append([]stage{{"contract", "Contrat", "Contract", "advanced", 90}}, acomba...)},
		{"quickbooks", sim.Options{Source: sim.QuickBooks}, []stage{
			{"estimate_rejected", "Estimation – Rejetée", "", "lost", 0}, {"estimate_pending", "Estimation – En attente", "", "qualified", 40},
			{"estimate_accepted", "Estimation – Accepté", "", "advanced", 80}, {"estimate_closed", "Estimation – Fermé", "", "advanced", 90},
			{"invoice", "Facture", "", "won", 100}, {"credit_note", "Note de crédit", "", "won", 100}}},
	} {
		var got []stage
		for _, s := range open(t, row.o).Stages() {
			if !s.Protected {
				t.Errorf("%s: %s is not protected", row.name, s.Key)
			}
			got = append(got, stage{s.Key, s.NameFR, s.NameEN, s.Category, s.Percent})
		}
		if diff := cmp.Diff(row.want, got, cmp.AllowUnexported(stage{})); diff != "" {
			t.Errorf("%s: %s", row.name, diff)
		}
	}
}

func TestMissingReferencesAre500(t *testing.T) {
	for _, row := range []struct{ name, resource, body, reason string }{
		{"account", "Opportunities", `[{"AccountId":"E.CU9"}]`, "item 0: AccountId: Accounts E.CU9 does not exist"},
		{"contact", "Opportunities", `[{"ContactId":9}]`, "item 0: ContactId: Contacts 9 does not exist"},
		{"user", "Opportunities", `[{"UserId":"E.VE9"}]`, "item 0: UserId: Users E.VE9 does not exist"},
		{"stage", "Opportunities", `[{"StageId":"K.contract"}]`, "item 0: StageId: Stages K.contract does not exist"},
		{"category", "Opportunities", `[{"Lines":[{"No":1},{"RevenueCategoryId":"E.PG9"}]}]`,
			"item 0: Lines[1].RevenueCategoryId: RevenueCategories E.PG9 does not exist"},
		{"contact's account", "Contacts", `[{"AccountId":"E.CU9"}]`, "item 0: AccountId: Accounts E.CU9 does not exist"},
		{"contact's list", "Contacts", `[{"Lists":[77,78]}]`, "item 0: Lists: Lists 78 does not exist"},
		{"contact's rep", "Contacts", `[{"SalesRep2":"E.VE9"}]`, "item 0: SalesRep2: Users E.VE9 does not exist"},
		{"account's list", "Accounts", `[{},{"Lists":[78]}]`, "item 1: Lists: Lists 78 does not exist"},
		{"account's rep", "Accounts", `[{"SalesRep":"E.VE9"}]`, "item 0: SalesRep: Users E.VE9 does not exist"},
		{"no id inside", "Accounts", `[{"SalesRep":"E.a b"}]`, "item 0: SalesRep: Users (malformed) does not exist"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := open(t, sim.Options{})
			a := c.want(c.do("POST", page(row.resource, "all"), row.body), 500)
			if a.body != "Internal Server Error" || a.header.Get("X-Sim-Reason") != row.reason {
				t.Errorf("got %q because %q", a.body, a.header.Get("X-Sim-Reason"))
			}
		})
	}
}

// Who may do what to which record: 0 means it is allowed.
func TestRulesForPeople(t *testing.T) {
	type deed func(c *crm, p *sim.Person) error
	edit := func(res sim.Resource, ext string, f sim.Fields) deed {
		return func(c *crm, p *sim.Person) error { return p.Edit(res, c.idOf(res, ext), f) }
	}
	remove := func(res sim.Resource, ext string) deed {
		return func(c *crm, p *sim.Person) error { return p.Delete(res, c.idOf(res, ext)) }
	}
	for _, row := range []struct {
		name string
		do   deed
		// user without Write, user with Write, user in one-way, automation, automation in one-way, support
		user, write, oneWay, auto, autoOneWay, support int
	}{
		{"edit an account of the list", edit(sim.Accounts, "CU1873", sim.Fields{"City": "x"}), 403, 0, 403, 0, 403, 0},
		{"edit a contact of the list", edit(sim.Contacts, "CC1873", sim.Fields{"Email": "x"}), 403, 0, 403, 0, 403, 0},
		{"edit an account outside", edit(sim.Accounts, "OUT", sim.Fields{"City": "x"}), 0, 0, 0, 0, 0, 0},
		{"read-only value", edit(sim.Accounts, "CU1873", sim.Fields{"Sync": sim.Fields{"CustomerNumber": "1"}}), 403, 403, 403, 403, 403, 0},
		{"read-only value outside", edit(sim.Accounts, "OUT", sim.Fields{"Sync": sim.Fields{"Discount": "1"}}), 403, 403, 403, 403, 403, 0},
		{"ERPActive", edit(sim.Accounts, "CU1873", sim.Fields{"ERPActive": false}), 403, 403, 403, 403, 403, 0},
		{"external id", edit(sim.Accounts, "OUT", sim.Fields{"ExternalId": "CU5"}), 403, 403, 403, 403, 403, 0},
		{"IsPrimary", edit(sim.Contacts, "CC1873", sim.Fields{"IsPrimary": false}), 403, 403, 403, 403, 403, 403},
		{"edit a synced opportunity", edit(sim.Opportunities, "DO4121", sim.Fields{"Title": "x"}), 403, 403, 403, 403, 403, 0},
		{"rename the list", edit(sim.Lists, "", sim.Fields{"Name": "x"}), 409, 409, 409, 409, 409, 0},
		{"open the list", edit(sim.Lists, "", sim.Fields{"Protected": false}), 409, 409, 409, 409, 409, 0},
		{"delete the list", remove(sim.Lists, ""), 409, 409, 409, 409, 409, 0},
		{"rename a stage", edit(sim.Stages, "", sim.Fields{"NameFR": "x"}), 409, 409, 409, 409, 409, 0},
		{"delete a stage", remove(sim.Stages, ""), 409, 409, 409, 409, 409, 0},
		{"delete an account of the list", remove(sim.Accounts, "CU1873"), 409, 409, 409, 409, 409, 0},
		{"delete a contact of the list", remove(sim.Contacts, "CC1873"), 409, 409, 409, 409, 409, 0},
		{"delete an account outside", remove(sim.Accounts, "OUT"), 0, 0, 0, 0, 0, 0},
		{"delete a synced opportunity", remove(sim.Opportunities, "DO4121"), 403, 403, 403, 403, 403, 0},
		{"delete a synced user", remove(sim.Users, "VE12"), 409, 409, 409, 409, 409, 0},
		{"delete a synced category", remove(sim.RevenueCategories, "PG7"), 409, 409, 409, 409, 409, 0},
		{"rename a synced user", edit(sim.Users, "VE12", sim.Fields{"UserName": "jean", "FullName": "Jean"}), 0, 0, 0, 0, 0, 0},
		{"activate a synced user", edit(sim.Users, "VE12", sim.Fields{"Active": true}), 0, 0, 0, 0, 0, 0},
		{"number of a user", edit(sim.Users, "VE12", sim.Fields{"Number": "5"}), 403, 403, 403, 403, 403, 0},
		{"settings", edit(sim.Settings, "", sim.Fields{"PrimaryWrite": true}), 403, 403, 403, 403, 403, 0},
		{"unknown record", edit(sim.Accounts, "none", sim.Fields{"City": "x"}), 404, 404, 404, 404, 404, 404},
		{"unknown field", edit(sim.Accounts, "OUT", sim.Fields{"Ville": "x"}), 400, 400, 400, 400, 400, 400},
	} {
		t.Run(row.name, func(t *testing.T) {
			try := func(oneWay, write bool, who func(c *crm) *sim.Person, want int) {
				t.Helper()
				c := open(t, sim.Options{OneWay: oneWay, Write: write})
				c.synced()
				c.post("Opportunities", document)
				c.post("Accounts", `[{"ExternalId":"OUT","Name":"outside"}]`)
				before := len(c.Changes(sim.ChangeQuery{}))
				refused(t, row.do(c, who(c)), want)
				if changed := len(c.Changes(sim.ChangeQuery{})) > before; changed != (want == 0) {
					t.Errorf("changed is %v, want %v", changed, want == 0)
				}
			}
			user := func(c *crm) *sim.Person { return c.Person(sim.Clerk) }
			automation := func(c *crm) *sim.Person { return c.Automation() }
			support := func(c *crm) *sim.Person { return c.Support() }
			try(false, false, user, row.user)
			try(false, true, user, row.write)
			try(true, true, user, row.oneWay)
			try(false, false, automation, row.auto)
			try(true, false, automation, row.autoOneWay)
			try(true, false, support, row.support)
		})
	}
}

// idOf finds a record by its external id; "" means the first of its resource.
func (c *crm) idOf(res sim.Resource, ext string) int64 {
	c.t.Helper()
	if ext == "" {
		return c.ids(string(res), "all")[0]
	}
	if ids := c.ids(string(res), "E"+ext); len(ids) == 1 {
		return ids[0]
	}
	return 9
}

func TestRulesForTheAPI(t *testing.T) {
	c := open(t, sim.Options{OneWay: true})
	c.synced()
	for body, status := range map[string]int{
		`[{"Id":77,"Name":"Renamed"}]`:                 409,
		`[{"Id":77,"Name":"Acomba"}]`:                  200,
		`[{"Id":77,"Protected":false,"OneWay":false}]`: 200,
	} {
		c.want(c.do("POST", page("Lists", "all"), body), status)
	}
	if l, _ := c.ProtectedList(""); !l.Protected || !l.OneWay || l.Name != "Acomba" {
		t.Errorf("got %+v", l)
	}
	c.want(c.do("POST", page("Stages", "all"), `[{"Id":301,"NameFR":"x"}]`), 409)
	// One-way does not bind the sync; the number may change.
	if got := c.actions("Accounts", `[{"ExternalId":"CU1873","Sync":{"CustomerNumber":"20101019105725325"}}]`); got != "updated" {
		t.Error(got)
	}
	if got := c.actions("Accounts", `[{"ExternalId":"CU1873","ERPActive":false}]`); got != "updated" {
		t.Error(got)
	}
	a, _ := c.AccountByExternalID("CU1873")
	if a.Sync.CustomerNumber != "20101019105725325" || a.ERPActive || len(a.Lists) != 1 || len(c.Contacts()) != 1 {
		t.Errorf("got %+v", a)
	}
	if a.ModifiedBy != "sync" {
		t.Errorf("by %s", a.ModifiedBy)
	}
}

func TestNewUserFromSync(t *testing.T) {
	c := open(t, sim.Options{})
	id := c.post("Users", `[{"ExternalId":"VE3","Number":"3","FullName":"Trois","Active":true,"UserName":"trois"}]`)[0].Id
	want := sim.User{UserName: "3@10234", FullName: "Trois", Number: "3", FromSync: true}
	got, _ := c.UserByExternalID("VE3")
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(sim.User{}, "Meta")); diff != "" {
		t.Error(diff)
	}
	admin := c.Person(sim.Administrator)
	refused(t, admin.Edit(sim.Users, id, sim.Fields{"UserName": "trois", "Active": true}), 0)
	refused(t, admin.Edit(sim.Users, id, sim.Fields{"Active": false}), 0)
	refused(t, admin.Delete(sim.Users, id), 409)
	if got := c.actions("Users", `[{"ExternalId":"VE3","Number":"3","FullName":"Trois"}]`); got != "unchanged" {
		t.Errorf("after the rename: %s", got)
	}
	if got, _ = c.UserByExternalID("VE3"); got.UserName != "trois" || got.Active {
		t.Errorf("got %+v", got)
	}
	refused(t, c.Person(id).Edit(sim.Accounts, 1, nil), 403)
	refused(t, c.Person(5).Edit(sim.Accounts, 1, nil), 403)
}

func TestCustomerMadeInTheList(t *testing.T) {
	c := open(t, sim.Options{Write: true, GenerateNumbers: true, Zone: time.FixedZone("", -5*3600)})
	clerk := c.Person(sim.Clerk)
	made, err := clerk.Create(sim.Accounts, sim.Fields{"Name": "Nouveau", "Lists": []int64{77}})
	refused(t, err, 0)
	second, err := clerk.Create(sim.Accounts, sim.Fields{"Name": "Deux"})
	refused(t, err, 0)
	c.AdvanceClock(time.Minute)
	start := "2026-11-21T12:01:00Z"
	refused(t, clerk.CopyToList(sim.Accounts, second, 77), 0)
	if got := c.ids("Accounts", "S77", "since", start); !equal(got, []int64{second}) {
		t.Errorf("copied: %v", got)
	}
	row := c.read("Accounts", "C1000001").Rows[0]
	if row["ExternalId"] != nil || row["ModifiedBy"] != "user:20002" || row["Sync"].(map[string]any)["CustomerNumber"] != "20261121070000000" {
		t.Errorf("got %v", row)
	}
	b, _ := c.Account(second)
	if b.Sync.CustomerNumber != "20261121070100000" {
		t.Errorf("second number %s", b.Sync.CustomerNumber)
	}
	other, err := clerk.Create(sim.Lists, sim.Fields{"Name": "Prospects"})
	refused(t, err, 0)
	refused(t, clerk.MoveToList(sim.Accounts, second, other), 0)
	if got := c.ids("Accounts", "S77"); !equal(got, []int64{made}) {
		t.Errorf("moved away: %v", got)
	}
	refused(t, clerk.MoveToList(sim.Accounts, second, 99), 500)
	refused(t, clerk.MoveToList(sim.Users, sim.Clerk, 77), 400)
	// The sync tells the ERP's identity.
	if got := c.actions("Accounts", `[{"Id":1000001,"ExternalId":"CU50","Sync":{"CustomerNumber":"20261121070000000"}}]`); got != "updated" {
		t.Error(got)
	}
}

func TestNumbersNeverRepeat(t *testing.T) {
	c := open(t, sim.Options{GenerateNumbers: true})
	seen := map[string]bool{}
	for range 5 {
		if _, err := c.Person(sim.Clerk).Create(sim.Accounts, sim.Fields{"Lists": []int64{77}}); err != nil {
			t.Fatal(err)
		}
		c.AdvanceClock(-time.Second)
	}
	for _, a := range c.Accounts() {
		if seen[a.Sync.CustomerNumber] || len(a.Sync.CustomerNumber) != 17 {
			t.Errorf("number %q", a.Sync.CustomerNumber)
		}
		seen[a.Sync.CustomerNumber] = true
	}
}

func TestPrimaryContact(t *testing.T) {
	c := open(t, sim.Options{Write: true})
	c.post("Accounts", `[{"ExternalId":"CU1","Lists":[77]},{"ExternalId":"CU2","Lists":[77]}]`)
	c.post("Contacts", `[{"ExternalId":"A","AccountId":"E.CU1"}]`) // the oldest, outside the list
	c.AdvanceClock(time.Second)
	c.post("Contacts", `[{"ExternalId":"B","AccountId":"E.CU1","Lists":[77]},{"ExternalId":"C","AccountId":"E.CU1","Lists":[77]}]`)
	clerk := c.Person(sim.Clerk)
	id := func(ext string) int64 { return c.idOf(sim.Contacts, ext) }
	check := func(step, one, two string) {
		t.Helper()
		var got []string
		for _, account := range []string{"CU1", "CU2"} {
			a, _ := c.AccountByExternalID(account)
			primary := ""
			for _, k := range c.Contacts() {
				if k.IsPrimary && k.AccountID == a.ID {
					primary += k.ExternalID
				}
				if k.IsPrimary && k.AccountID == a.ID && k.ID != a.PrimaryContactID {
					t.Errorf("%s: PrimaryContactId is %d", step, a.PrimaryContactID)
				}
			}
			if primary == "" && a.PrimaryContactID != 0 {
				t.Errorf("%s: PrimaryContactId is %d without a primary", step, a.PrimaryContactID)
			}
			got = append(got, primary)
		}
		if strings.Join(got, "/") != one+"/"+two {
			t.Errorf("%s: got %v, want %s/%s", step, got, one, two)
		}
	}
	check("a tie goes to the smaller id", "B", "")
	refused(t, clerk.CopyToList(sim.Contacts, id("A"), 77), 0)
	check("an older one comes in", "A", "")
	refused(t, clerk.LeaveList(sim.Contacts, id("A"), 77), 0)
	check("it leaves the list", "B", "")
	c.AdvanceClock(time.Second)
	refused(t, c.Support().Delete(sim.Contacts, id("B")), 0)
	check("the primary is deleted", "C", "")
	if got := c.read("Contacts", "S77", "since", "2026-11-21T12:00:02Z").Rows; len(got) != 1 || got[0]["IsPrimary"] != true || got[0]["ModifiedBy"] != "user:20001" {
		t.Errorf("the new primary is read as %v", got)
	}
	c.post("Contacts", `[{"ExternalId":"C","AccountId":"E.CU2"}]`)
	check("it changes the account", "", "C")
	c.post("Contacts", `[{"ExternalId":"C","AccountId":null}]`)
	check("it loses its account", "", "")
	for _, k := range c.Contacts() {
		if k.IsPrimary {
			t.Errorf("contact %d without an account is primary", k.ID)
		}
	}
}
