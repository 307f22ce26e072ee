package app_test

import (
	"slices"
	"testing"

	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// plainOnline is a small company without oddities, after its first sync.
func plainOnline(t *testing.T, seed uint64, more ...string) *online {
	t.Helper()
	o := newOnline(t, quickbookstest.Seed{Seed: seed, Customers: 8, Documents: 16, WithoutAbnormal: true, Inactive: -1, Converted: -1}, more...)
	o.until("first sync", o.equal)
	return o
}

// named gives the customers of a name in QuickBooks.
func (o *online) named(name string) (all []quickbookstest.CustomerRow) {
	for _, c := range o.ERP.Customers() {
		if c.CompanyName == name || c.DisplayName == name {
			all = append(all, c)
		}
	}
	return all
}

// What targeting, forecasts and comparisons live on arrives: product codes, dates and amounts.
//
// Requirement: QBO-2
func TestQuickBooksPurposes(t *testing.T) {
	t.Parallel()
	o := plainOnline(t, 21)
	codes := map[string]string{}
	for _, item := range o.ERP.Items() {
		codes[item.ID] = item.Sku
	}
	lines := 0
	for _, d := range o.ERP.Documents() {
		got, ok := o.CRM.OpportunityByExternalID("DO" + storytest.DocumentKey(d))
		if !ok || got.Date != d.Date || got.TotalBeforeTax == "" {
			t.Errorf("%s %s: date %q, total %q; want the date %q", d.Kind, d.ID, got.Date, got.TotalBeforeTax, d.Date)
		}
		for _, l := range d.Lines {
			if codes[l.Item] == "" {
				continue
			}
			lines++
			if !slices.ContainsFunc(got.Lines, func(is centrixonetest.Line) bool { return is.ProductCode == codes[l.Item] && is.Quantity != "" }) {
				t.Errorf("%s %s: no line with the product code %s in %+v", d.Kind, d.ID, codes[l.Item], got.Lines)
			}
		}
	}
	if lines == 0 {
		t.Error("no line of a product with a code")
	}
}

// The protected list is renamed: it is told by its code, nothing is written until it has its name back, and nothing is lost.
//
// Requirement: QBO-35
func TestQuickBooksListRenamed(t *testing.T) {
	t.Parallel()
	o := plainOnline(t, 22)
	list, _ := o.CRM.ProtectedList("")
	if list.Name != "QuickBooks" {
		t.Fatalf("the list: got %q, want QuickBooks", list.Name)
	}
	must(t, o.CRM.Support().Edit(centrixonetest.Lists, list.ID, centrixonetest.Fields{"Name": "Clients"}))
	who := o.people()[0]
	o.city(who, false, "Amqui")
	o.until("the list is missed", func() bool { return slices.Contains(o.said(), "crm-list-renamed") })
	if o.lives(who, "Amqui") {
		t.Error("something was written while the list was not as it has to be")
	}
	must(t, o.CRM.Support().Edit(centrixonetest.Lists, list.ID, centrixonetest.Fields{"Name": "QuickBooks"}))
	o.until("it goes on", func() bool { return o.lives(who, "Amqui") && o.equal() })
	must(t, o.NoDoubles())
}

// An account of the CRM becomes a customer when it comes to the list, and its oldest contact there is the one of the customer;
// when that one leaves the list, the next oldest is.
//
// Requirement: QBO-36, QBO-37
func TestQuickBooksOptIn(t *testing.T) {
	t.Parallel()
	o := plainOnline(t, 23, "[job.limits]\nsweep_rarely = \"1s\"\n")
	const name = "Cidrerie du Haut-Pays"
	list, _ := o.CRM.ProtectedList("")
	person := o.CRM.Person(centrixonetest.Administrator)
	account, err := person.Create(centrixonetest.Accounts, centrixonetest.Fields{"Name": name, "City": "Frelighsburg"})
	must(t, err)
	contact := func(first, email string) int64 {
		id, err := person.Create(centrixonetest.Contacts, centrixonetest.Fields{"AccountId": account, "FirstName": first, "LastName": "Roy", "FullName": first + " Roy", "Email": email})
		must(t, err)
		return id
	}
	old, young := contact("Maude", "maude@cidrerie.example"), contact("Zoé", "zoe@cidrerie.example")
	who := o.people()[0]
	o.city(who, true, "Amqui")
	o.until("an edit beside it arrives", func() bool { return o.lives(who, "Amqui") })
	if n := len(o.named(name)); n != 0 {
		t.Errorf("%d customers of an account outside of the list", n)
	}
	must(t, person.CopyToList(centrixonetest.Accounts, account, list.ID))
	must(t, person.CopyToList(centrixonetest.Contacts, old, list.ID))
	must(t, person.CopyToList(centrixonetest.Contacts, young, list.ID))
	mail := func() string {
		if all := o.named(name); len(all) == 1 {
			return all[0].Email
		}
		return ""
	}
	o.until("the account is a customer, with the oldest contact", func() bool { return mail() == "maude@cidrerie.example" })
	must(t, o.CRM.Support().LeaveList(centrixonetest.Contacts, old, list.ID))
	o.until("the next oldest takes over", func() bool { return mail() == "zoe@cidrerie.example" })
	must(t, o.NoDoubles())
	must(t, o.Forbidden())
}

// The contact that the CRM shows as QuickBooks' is told by what the box writes: each synced customer has one that carries the
// external id of its customer and is in the list, and no other contact does.
//
// Requirement: QBO-37, QBO-38
func TestQuickBooksContactMarked(t *testing.T) {
	t.Parallel()
	o := plainOnline(t, 26)
	list, _ := o.CRM.ProtectedList("")
	account, _ := o.CRM.AccountByExternalID("CU" + o.people()[0])
	person := o.CRM.Person(centrixonetest.Administrator)
	other, err := person.Create(centrixonetest.Contacts, centrixonetest.Fields{"AccountId": account.ID, "FirstName": "Zoé", "LastName": "Roy", "FullName": "Zoé Roy"})
	must(t, err)
	must(t, person.CopyToList(centrixonetest.Contacts, other, list.ID))
	o.city(o.people()[0], true, "Amqui")
	o.until("a look after that", func() bool { return o.lives(o.people()[0], "Amqui") && o.equal() })
	for _, c := range o.ERP.Customers() {
		account, _ := o.CRM.AccountByExternalID("CU" + c.ID)
		contact, marked := o.CRM.ContactByExternalID("CC" + c.ID)
		if !marked || contact.AccountID != account.ID || !slices.Contains(contact.Lists, list.ID) {
			t.Errorf("customer %s: contact %+v, want one of account %d in list %d", c.ID, contact, account.ID, list.ID)
		}
	}
	if got, _ := o.CRM.Contact(other); got.ExternalID != "" {
		t.Errorf("a younger contact carries %q", got.ExternalID)
	}
	must(t, o.NoDoubles())
}

// A synced account is deleted in the CRM by force: a person is asked, the others go on, and it is made again on that person's
// word only.
//
// Requirement: QBO-41
func TestQuickBooksDeletedInCRM(t *testing.T) {
	t.Parallel()
	o := plainOnline(t, 24)
	people := o.people()
	victim, _ := o.CRM.AccountByExternalID("CU" + people[0])
	must(t, o.CRM.Support().Delete(centrixonetest.Accounts, victim.ID))
	o.city(people[0], false, "Amqui")
	o.city(people[1], false, "Gaspé")
	var question store.Waiting
	o.until("a person is asked, the others go on", func() bool {
		_, state, err := o.app.Jobs[0].Engine()
		must(t, err)
		must(t, state.View(func(tx *store.Txn) {
			tx.AllWaiting(func(w store.Waiting) bool {
				if w.Kind == store.Deleted && string(w.ERP) == people[0] && w.Entity == record.Account {
					question = w
				}
				return question.Code == ""
			})
		}))
		return question.Code != "" && o.lives(people[1], "Gaspé")
	})
	if _, there := o.CRM.AccountByExternalID("CU" + people[0]); there {
		t.Error("it was made again without a word")
	}
	must(t, o.app.Jobs[0].Do(t.Context(), engine.Recreate, question.Name()))
	o.until("it is made again", func() bool {
		_, state, err := o.app.Jobs[0].Engine()
		must(t, err)
		var more []string
		must(t, state.View(func(tx *store.Txn) {
			tx.AllWaiting(func(w store.Waiting) bool {
				if w.Kind == store.Deleted {
					more = append(more, w.Name())
				}
				return true
			})
		}))
		for _, name := range more { // its contact and documents may have gone with it
			_ = o.app.Jobs[0].Do(t.Context(), engine.Recreate, name)
		}
		return o.equal()
	})
	must(t, o.Forbidden())
}

// A category is made inactive in QuickBooks: the sync goes on, and the lines keep theirs in the CRM.
//
// Requirement: QBO-45
func TestQuickBooksCategoryGone(t *testing.T) {
	t.Parallel()
	o := plainOnline(t, 25)
	before := o.CRM.Categories()
	at := slices.IndexFunc(o.ERP.Items(), func(i quickbookstest.ItemRow) bool { return i.Type == "Category" && i.Active })
	if at < 0 || len(before) == 0 {
		t.Fatal("no category to make inactive")
	}
	must(t, o.ERP.Person().Deactivate(quickbookstest.Item, o.ERP.Items()[at].ID))
	who := o.people()[0]
	o.city(who, false, "Amqui")
	o.until("the others go on", func() bool { return o.lives(who, "Amqui") && o.equal() })
	if after := o.CRM.Categories(); len(after) != len(before) {
		t.Errorf("categories of the CRM: got %d, want %d as before", len(after), len(before))
	}
	must(t, o.NoDoubles())
}
