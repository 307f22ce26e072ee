package app_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// clerk gives the person who keys what the box hands over.
func (r *rig) clerk() *acombatest.Person {
	return &acombatest.Person{Station: r.erp, Box: acombatest.NewDir(filepath.Join(r.share(), "SyncBox")), Company: "EXEMPLE"}
}

// handed waits until the hand-off file shows so many rows.
func (r *rig) handed(n int) []acombatest.Row {
	r.t.Helper()
	var rows []acombatest.Row
	r.drive("the hand-off file shows what is to be keyed", func() bool {
		var err error
		rows, err = r.clerk().Read()
		must(r.t, err)
		return len(rows) == n
	})
	return rows
}

// TestOneWayEdit edits records in the CRM of a one-way job: the edit stays and is listed, until the ERP's
// record changes or a person says so.
//
// Requirement: ACO-10, EXT-3, EXT-4
func TestOneWayEdit(t *testing.T) {
	r := newRig(t, setup{})
	one, two := r.customer(0), r.customer(1)
	r.edit(one.CardPos, map[string]any{"City": "Chibougamau"})
	r.edit(two.CardPos, map[string]any{"Name": "Nom d'usage"})
	must(t, r.crm.Person(centrixonetest.Clerk).Edit(centrixonetest.Contacts, r.contact(one.CardPos).ID, map[string]any{"Email": "autre@ici.example"}))
	since, mark := r.crm.Mark(), r.mark()
	r.cycles(2)
	r.quiet(since)
	r.listed(3, store.Difference, "difference-stands")
	r.noted(mark, "waits-difference", "difference-stands")
	r.modify(one.CardPos, func(c *acombatest.Customer) { c.Address = "12, rue du Lac" })
	r.drive("the ERP's record is what counts", func() bool { return r.account(one.CardPos).City == one.City })
	for _, w := range r.waits(store.Difference, "") {
		if w.Field == "Name" {
			r.do(engine.KeepERP, w.Name())
		}
	}
	r.settled("the rest", ext("CC", one.CardPos))
	r.modify(one.CardPos, func(c *acombatest.Customer) { c.Phones[0].Number = "418 555-0000" })
	r.settled("the contact, too")
	r.cycle()
	r.listed(0, store.Difference, "")
	r.still()
}

// TestHandoff hands an edit of the CRM to a person, who keys it correctly, with a slip, or not at all.
//
// Requirement: ACO-9
func TestHandoff(t *testing.T) {
	t.Run("keyed", func(t *testing.T) {
		r := newRig(t, setup{twoWay: true})
		c := r.customer(0)
		mark := r.mark()
		r.edit(c.CardPos, map[string]any{"City": "Chibougamau", "Postal": "G8P 2Z5"})
		must(t, r.crm.Person(centrixonetest.Clerk).Edit(centrixonetest.Contacts, r.contact(c.CardPos).ID, map[string]any{"Email": "neuf@ici.example"}))
		r.handed(3)
		r.listed(3, store.HandedOff, "handoff-pending")
		r.noted(mark, "waits-handoff", "handoff-pending")
		r.arrives(r.customer(1).CardPos, "Amqui")
		_, err := r.clerk().KeyLatest(acombatest.Manner{})
		must(t, err)
		r.settled("after it was keyed")
		r.drive("it closes by itself", func() bool { return len(r.waits(store.HandedOff, "")) == 0 })
		r.noted(mark, "handoff-done", "")
		if got := r.account(c.CardPos); got.City != "Chibougamau" || got.Postal != "G8P 2Z5" || r.contact(c.CardPos).Email != "neuf@ici.example" {
			t.Errorf("the person's edits were lost: %s %s", got.City, got.Postal)
		}
		r.noReverts()
		r.still()
	})
	t.Run("with a slip", func(t *testing.T) {
		r := newRig(t, setup{twoWay: true})
		c := r.customer(0)
		mark := r.mark()
		r.edit(c.CardPos, map[string]any{"City": "Chibougamau"})
		r.handed(1)
		_, err := r.clerk().KeyLatest(acombatest.Manner{Typo: true})
		must(t, err)
		r.settled("what was keyed stands")
		r.drive("nothing waits", func() bool { return len(r.waiting()) == 0 })
		typed, err := r.erp.Customer(c.CardPos)
		must(t, err)
		if got := r.account(c.CardPos).City; got != typed.City || got == "Chibougamau" {
			t.Errorf("city: got %q, keyed %q", got, typed.City)
		}
		r.noted(mark, "conflict-settled", "")
		r.still()
	})
	t.Run("dismissed", func(t *testing.T) {
		r := newRig(t, setup{twoWay: true})
		c := r.customer(0)
		r.edit(c.CardPos, map[string]any{"City": "Chibougamau"})
		r.handed(1)
		r.do(engine.Dismiss, r.listed(1, store.HandedOff, "")[0].Name())
		r.settled("the ERP's value stays")
		if got := r.account(c.CardPos).City; got != c.City {
			t.Errorf("city: got %q, want %q", got, c.City)
		}
		r.handed(0)
	})
	t.Run("taken back", func(t *testing.T) {
		r := newRig(t, setup{twoWay: true})
		c := r.customer(0)
		r.edit(c.CardPos, map[string]any{"City": "Chibougamau"})
		r.handed(1)
		r.edit(c.CardPos, map[string]any{"City": c.City})
		r.handed(0)
		r.settled("as it was")
	})
	t.Run("does not fit", func(t *testing.T) {
		r := newRig(t, setup{twoWay: true})
		c := r.customer(0)
		mark := r.mark()
		r.edit(c.CardPos, map[string]any{"City": strings.Repeat("Saint-Louis-du-Ha! Ha! ", 4), "Address1": "99, chemin Łódź", "Postal": "G8P 2Z5"})
		r.handed(1)
		r.listed(1, store.Refused, "value-too-long")
		r.listed(1, store.Refused, "value-not-in-code-page")
		r.noted(mark, "waits-refused", "value-too-long")
	})
}

func (r *rig) noReverts() {
	r.t.Helper()
	for _, v := range r.crm.Reverts() {
		r.t.Errorf("%s %d: %s's edit of %s was taken back", v.Resource, v.ID, v.Person, v.Field)
	}
}

// TestExcelHoldsTheFile keeps the hand-off file open while the list changes.
func TestExcelHoldsTheFile(t *testing.T) {
	r := newRig(t, setup{twoWay: true})
	r.edit(r.customer(0).CardPos, map[string]any{"City": "Chibougamau"})
	r.handed(1)
	held, err := r.clerk().HoldOpen()
	must(t, err)
	r.edit(r.customer(1).CardPos, map[string]any{"City": "Matagami"})
	r.handed(2)
	must(t, held.Close())
	_, err = r.clerk().KeyLatest(acombatest.Manner{})
	must(t, err)
	r.settled("after both were keyed")
	r.handed(0)
}

// TestHandoffFolderGone takes the folder of the hand-off files away: what flows to the CRM goes on.
func TestHandoffFolderGone(t *testing.T) {
	r := newRig(t, setup{twoWay: true})
	box := filepath.Join(r.share(), "SyncBox")
	must(t, os.Rename(box, box+".aside"))
	r.edit(r.customer(0).CardPos, map[string]any{"City": "Chibougamau"})
	r.cycles(2)
	if w := r.status().Ways[1]; w.Code != "handoff-folder-missing" {
		t.Errorf("towards the ERP: got %s %s, want handoff-folder-missing", w.Outcome, w.Code)
	}
	r.arrives(r.customer(1).CardPos, "Amqui")
	must(t, os.Rename(box+".aside", box))
	r.handed(1)
	r.ways(engine.Success, "")
}

// bornInCRM has a person make a customer with a contact in the CRM.
func (r *rig) bornInCRM() (account, contact int64) {
	r.t.Helper()
	list, _ := r.crm.ProtectedList("")
	person := r.crm.Person(centrixonetest.Clerk)
	account, err := person.Create(centrixonetest.Accounts, centrixonetest.Fields{"Name": "Cidrerie du Haut-Pays", "City": "Frelighsburg",
		"Province": "QC", "Country": "CA", "Lists": []int64{list.ID}})
	must(r.t, err)
	contact, err = person.Create(centrixonetest.Contacts, centrixonetest.Fields{"AccountId": account, "FirstName": "Maude", "LastName": "Archambault-Roy",
		"FullName": "Maude Archambault-Roy", "Email": "maude@cidrerie.example", "Phone1": "450 555-0188", "Lists": []int64{list.ID}})
	must(r.t, err)
	r.rememberNames()
	return account, contact
}

// born holds that the customer is in the ERP once, and both records carry its identity.
func (r *rig) born(account, contact int64, number string) acombatest.Customer {
	r.t.Helper()
	var c acombatest.Customer
	r.drive("the customer is born in the ERP and bound", func() bool {
		all, err := r.erp.Customers()
		must(r.t, err)
		n := 0
		for _, one := range all {
			if strings.TrimSpace(one.Name) == "Cidrerie du Haut-Pays" {
				c, n = one, n+1
			}
		}
		if n > 1 {
			r.t.Fatalf("%d customers were born\n%s", n, r.trouble())
		}
		return n == 1 && r.account(c.CardPos).ID == account && r.contact(c.CardPos).ID == contact
	})
	if !regexp.MustCompile(number).MatchString(c.Number) {
		r.t.Errorf("number: got %q, want %s", c.Number, number)
	}
	r.settled("after the birth")
	if c.Emails[0] != "maude@cidrerie.example" || c.CareOf != "Maude Archambault-Roy" || c.Phones[0].Number != "450 555-0188" {
		r.t.Errorf("the card lacks what the person typed: %q %q %q", c.Emails[0], c.CareOf, c.Phones[0].Number)
	}
	for _, a := range r.crm.Accounts() {
		if a.ID != account && a.Name == "Cidrerie du Haut-Pays" {
			r.t.Errorf("the customer is in the CRM twice: %d and %d", account, a.ID)
		}
	}
	return c
}

// TestBornInCRM makes a customer in the CRM: its card is appended, or keyed by a person.
//
// Requirement: ACO-56, ACO-58
func TestBornInCRM(t *testing.T) {
	t.Run("direct", func(t *testing.T) {
		r := newRig(t, setup{twoWay: true, writeBack: "direct"})
		r.confirm(r.customer(0).CardPos)
		before, err := r.erp.Count(acombatest.CustomerTable)
		must(t, err)
		account, contact := r.bornInCRM()
		c := r.born(account, contact, `^\d{17}$`)
		if c.CardPos != before+1 {
			t.Errorf("card: got %d, want the one behind the last, %d", c.CardPos, before+1)
		}
		r.drive("nothing waits", func() bool { return len(r.waiting()) == 0 })
		r.noReverts()
		r.still()
	})
	t.Run("keyed", func(t *testing.T) {
		r := newRig(t, setup{twoWay: true})
		account, contact := r.bornInCRM()
		r.drive("it is handed to people", func() bool { rows, _ := r.clerk().Read(); return len(rows) > 3 })
		_, err := r.clerk().KeyLatest(acombatest.Manner{})
		must(t, err)
		r.handed(0) // the contact's fields were in the same block
		r.born(account, contact, `^\d{17}$`)
		r.still()
	})
}

// TestDirectEdits writes edits of the CRM into the cards, also while another station holds one.
func TestDirectEdits(t *testing.T) {
	r := newRig(t, setup{twoWay: true, writeBack: "direct"})
	r.confirm(r.customer(0).CardPos)
	held, free := r.customer(1), r.customer(2)
	lock, err := r.erp.LockCard(acombatest.CustomerTable, held.CardPos)
	must(t, err)
	r.edit(held.CardPos, map[string]any{"City": "Chibougamau"})
	r.edit(free.CardPos, map[string]any{"City": "Matagami"})
	city := func(at int32) string {
		c, err := r.erp.Customer(at)
		must(t, err)
		return c.City
	}
	r.drive("the free card is written", func() bool { return city(free.CardPos) == "Matagami" })
	mark := r.mark()
	r.drive("the box complains of the card that is held for long", func() bool { return len(r.waits(store.Quarantine, "card-locked-long")) == 1 })
	r.noted(mark, "waits-quarantine", "card-locked-long")
	if city(held.CardPos) == "Chibougamau" {
		t.Error("a card was written while another station held it")
	}
	must(t, lock.Release())
	r.drive("the other card is written", func() bool { return city(held.CardPos) == "Chibougamau" })
	r.settled("after the card was free")
	r.drive("nothing waits", func() bool { return len(r.waiting()) == 0 })
	r.noReverts()
	r.still()
}

// TestDirectUnconfirmed hands edits to people as long as nobody has tried the writing.
func TestDirectUnconfirmed(t *testing.T) {
	r := newRig(t, setup{twoWay: true, writeBack: "direct"})
	r.edit(r.customer(1).CardPos, map[string]any{"City": "Chibougamau"})
	r.handed(1)
	r.confirm(r.customer(0).CardPos)
	r.drive("the box writes it itself", func() bool {
		c, err := r.erp.Customer(r.customer(1).CardPos)
		must(t, err)
		return c.City == "Chibougamau"
	})
	r.handed(0)
	r.settled("after it was written")
	r.still()
}

// TestPrimaryContactChanges lets an account's oldest contact leave the list, or be merged into another.
//
// Requirement: ACO-57
func TestPrimaryContactChanges(t *testing.T) {
	rows := []struct {
		name string
		move func(r *rig, old, young, list int64) error
		left bool // the old contact is still there
	}{
		{"leaves the list", func(r *rig, old, _, list int64) error {
			return r.crm.Support().LeaveList(centrixonetest.Contacts, old, list)
		}, true},
		{"is merged away", func(r *rig, old, young, _ int64) error {
			return r.crm.Support().Merge(centrixonetest.Contacts, young, old)
		}, false},
		{"is deleted", func(r *rig, old, _, _ int64) error {
			return r.crm.Support().Delete(centrixonetest.Contacts, old)
		}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, setup{twoWay: true, writeBack: "direct", limits: `sweep_rarely = "1s"`})
			r.confirm(r.customer(1).CardPos)
			c := r.customer(0)
			list, _ := r.crm.ProtectedList("")
			old := r.contact(c.CardPos).ID
			young, err := r.crm.Person(centrixonetest.Clerk).Create(centrixonetest.Contacts, centrixonetest.Fields{"AccountId": r.account(c.CardPos).ID,
				"FirstName": "Maude", "LastName": "Archambault", "FullName": "Maude Archambault", "Email": "maude@ici.example", "Lists": []int64{list.ID}})
			must(t, err)
			r.cycles(2)
			r.settled("a second contact changes nothing")
			if r.contact(c.CardPos).ID != old {
				t.Fatalf("a younger contact took over")
			}
			must(t, row.move(r, old, young, list.ID))
			r.drive("the younger one takes over", func() bool { return r.contact(c.CardPos).ID == young })
			if p, ok := r.crm.Contact(old); ok != row.left || ok && p.ExternalID != ext("CC", c.CardPos)+".r1" {
				t.Errorf("the old contact: %v %q", ok, p.ExternalID)
			}
			r.settled("after the change")
			if got, _ := r.erp.Customer(c.CardPos); got.Emails[0] != "maude@ici.example" {
				t.Errorf("the card's address: got %q, want the new contact's", got.Emails[0])
			}
			r.drive("nothing waits", func() bool { return len(r.waiting()) == 0 })
			r.still()
		})
	}
}

// TestConflict changes a field on both sides: the ERP wins, and the journal keeps both values.
func TestConflict(t *testing.T) {
	r := newRig(t, setup{twoWay: true})
	c := r.customer(0)
	mark := r.mark()
	r.edit(c.CardPos, map[string]any{"City": "Chibougamau", "Postal": "G8P 2Z5"})
	r.modify(c.CardPos, func(c *acombatest.Customer) { c.City = "Matagami"; c.Address = "1, rue Neuve" })
	r.handed(1) // the postal code
	if got := r.account(c.CardPos); got.City != "Matagami" || got.Address1 != "1, rue Neuve" || got.Postal != "G8P 2Z5" {
		t.Errorf("got %s, %s, %s", got.City, got.Address1, got.Postal)
	}
	found := false
	for _, e := range r.journal() {
		found = found || e.Seq > mark && e.Code == "conflict-settled" && e.Args["erp"] == "Matagami" && e.Args["crm"] == "Chibougamau" && e.Args["won"] == "erp"
	}
	if !found {
		t.Errorf("the journal does not keep both values\n%s", r.trouble())
	}
	_, err := r.clerk().KeyLatest(acombatest.Manner{})
	must(t, err)
	r.settled("after the rest was keyed")
	r.still()
}

// TestLateWriteNeverRevertsAPerson loses answers of writes that arrive late, while people edit the same fields.
func TestLateWriteNeverRevertsAPerson(t *testing.T) {
	r := newRig(t, setup{twoWay: true, writeBack: "direct"})
	r.confirm(r.customer(1).CardPos)
	c := r.customer(0)
	r.crm.AddFault(centrixonetest.Fault{Kind: centrixonetest.AppliedLate, Method: "POST", Resource: centrixonetest.Accounts, Delay: deadline})
	r.modify(c.CardPos, func(c *acombatest.Customer) { c.City = "Amqui" })
	r.drive("an answer is lost", func() bool { return r.crm.PendingLate() == 1 })
	r.arrives(c.CardPos, "Matane")
	r.crm.FlushLate() // Amqui comes now
	r.cycles(2)
	r.settled("the ERP's last word")
	if got := r.account(c.CardPos).City; got != "Matane" {
		t.Errorf("city: got %q, want Matane", got)
	}
	r.still()
}
