package centrixone_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/record"
)

// quickBooks gives a CRM with the list of QuickBooks, the connector to it, and the clerk who works there.
func quickBooks(t *testing.T) (*centrixonetest.Server, *centrixone.CRM, *centrixonetest.Person, int64) {
	t.Helper()
	o := unlimited
	o.Write, o.Source = true, centrixonetest.QuickBooks
	s, c := simulated(t, o, func(c *centrixone.Config) { c.Source = "quickbooks" })
	list, ok := s.ProtectedList("")
	if !ok || list.Name != "QuickBooks" {
		t.Fatalf("the list is %+v", list)
	}
	return s, c, s.Person(centrixonetest.Clerk), list.ID
}

func made(t *testing.T, id int64, err error) int64 {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Being in the list "QuickBooks" is what makes an account one to be synced, however it came in; and of its contacts in the
// list the oldest alone is.
//
// Requirement: QBO-36, QBO-37
func TestQuickBooksListIsTheOptIn(t *testing.T) {
	s, c, clerk, list := quickBooks(t)
	n := newNotebook()
	want(t, "an empty list", observe(t, c, n))
	account := func(f centrixonetest.Fields) int64 {
		f["Name"] = "Client"
		id, err := clerk.Create(centrixonetest.Accounts, f)
		return made(t, id, err)
	}
	created, moved, copied := account(centrixonetest.Fields{"Lists": []int64{list}}), account(centrixonetest.Fields{}), account(centrixonetest.Fields{})
	account(centrixonetest.Fields{}) // it stays outside
	s.AdvanceClock(time.Minute)
	want(t, "created in it", observe(t, c, n), fmt.Sprintf("account %d", created))
	for put, id := range map[string]int64{"moved": moved, "copied": copied} {
		into := map[string]func(centrixonetest.Resource, int64, int64) error{"moved": clerk.MoveToList, "copied": clerk.CopyToList}[put]
		if err := into(centrixonetest.Accounts, id, list); err != nil {
			t.Fatal(err)
		}
		s.AdvanceClock(time.Minute)
		want(t, put+" to it", observe(t, c, n), fmt.Sprintf("account %d", id))
	}
	contact := func(lists ...int64) int64 {
		s.AdvanceClock(time.Minute)
		id, err := clerk.Create(centrixonetest.Contacts, centrixonetest.Fields{"AccountId": created, "FullName": "Zoé Roy", "Lists": lists})
		return made(t, id, err)
	}
	contact() // the oldest of all is outside
	oldest := contact(list)
	contact(list)
	s.AdvanceClock(time.Minute)
	told := slices.DeleteFunc(observe(t, c, n), func(what string) bool { return what == fmt.Sprintf("account %d", created) }) // it names its contact
	want(t, "of three contacts", told, fmt.Sprintf("contact %d", oldest))
}

// The list "QuickBooks" renamed or gone is noticed and named, and nothing is written then.
//
// Requirement: QBO-35
func TestQuickBooksListIsNoticed(t *testing.T) {
	for code, deed := range map[string]func(*centrixonetest.Server, int64) error{
		centrixone.CodeListRenamed: func(s *centrixonetest.Server, list int64) error {
			return s.Support().Edit(centrixonetest.Lists, list, centrixonetest.Fields{"Name": "Clients"})
		},
		centrixone.CodeListMissing: func(s *centrixonetest.Server, list int64) error {
			return s.Support().Delete(centrixonetest.Lists, list)
		},
	} {
		s, c, _, list := quickBooks(t)
		if err := c.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := deed(s, list); err != nil {
			t.Fatal(err)
		}
		wantError(t, c.Check(t.Context()), connectors.Drift, code)
		r := c.Apply(t.Context(), []connectors.Op{create(record.Account, "CU58", record.Fields{"Name": record.TextOf("Client")})})[0]
		wantError(t, r.Err, connectors.Drift, code)
		if n := len(s.Accounts()); n != 0 {
			t.Errorf("%s: %d accounts were made", code, n)
		}
	}
}

// A synced account or contact that somebody deletes all the same is missing from the list of what is there, and a write to it
// says so; none is made anew for it.
//
// Requirement: QBO-41
func TestQuickBooksForcedDeletion(t *testing.T) {
	s, c, _, _ := quickBooks(t)
	account := apply(t, c, create(record.Account, "CU58", record.Fields{"Name": record.TextOf("Client")}))[0]
	contact := apply(t, c, create(record.Contact, "CC58", record.Fields{"FullName": record.TextOf("Anne Roy"), "AccountId": record.RefOf(account)}))[0]
	other := apply(t, c, create(record.Account, "CU59", record.Fields{"Name": record.TextOf("Autre")}))[0]
	keys := map[record.Entity]record.Key{record.Contact: contact, record.Account: account}
	for _, e := range []record.Entity{record.Contact, record.Account} {
		key := keys[e]
		var id int64
		if _, err := fmt.Sscan(string(key), &id); err != nil {
			t.Fatal(err)
		}
		if err := s.Support().Delete(map[record.Entity]centrixonetest.Resource{record.Account: centrixonetest.Accounts, record.Contact: centrixonetest.Contacts}[e], id); err != nil {
			t.Fatal(err)
		}
		var there []record.Key
		if err := c.Sweep(t.Context(), e, func(k record.Key) { there = append(there, k) }); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(there, key) || e == record.Account && !slices.Contains(there, other) {
			t.Errorf("swept %s: %v", e, there)
		}
		name := map[record.Entity]string{record.Account: "Name", record.Contact: "FullName"}[e]
		r := c.Apply(t.Context(), []connectors.Op{update(e, key, record.Fields{name: record.TextOf("Nouveau")})})[0]
		wantError(t, r.Err, connectors.Rejected, centrixone.CodeRecordMissing)
		if n := len(s.Accounts()) + len(s.Contacts()); r.Outcome != connectors.NotApplied || e == record.Account && n != 1 {
			t.Errorf("%s: %v, and %d records are there", e, r.Outcome, n)
		}
	}
}
