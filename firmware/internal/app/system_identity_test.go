package app_test

import (
	"fmt"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// alone gives an active customer without documents.
func (r *rig) alone() acombatest.Customer {
	r.t.Helper()
	at, err := r.erp.AddCustomer(acombatest.Customer{Name: "Ferme Ouellet-Roy", City: "Amos", Language: 12, Country: "CA"})
	must(r.t, err)
	r.settled("a customer without documents")
	c, err := r.erp.Customer(at)
	must(r.t, err)
	return c
}

// other is the customer who gets a used position.
var other = acombatest.Customer{Name: "Moulin à laine d'Ulverton", City: "Ulverton", Language: 9, Country: "CA"}

// passedOn holds that a position belongs to another customer now: the old account is kept, inactive and under
// an external id of its own, and the new one stands beside it.
func (r *rig) passedOn(at int32, old centrixonetest.Account, contact int64) {
	r.t.Helper()
	r.again = append(r.again, ext("CU", at), ext("CC", at))
	r.settled("another customer has the position")
	a, ok := r.crm.Account(old.ID)
	if !ok || a.ExternalID != ext("CU", at)+".r1" || a.ERPActive || a.Name != old.Name {
		r.t.Errorf("the old account: got %q active=%v, want %s.r1, inactive, with its name", a.ExternalID, a.ERPActive, ext("CU", at))
	}
	p, ok := r.crm.Contact(contact)
	if !ok || p.ExternalID != ext("CC", at)+".r1" || p.AccountID != old.ID {
		r.t.Errorf("the old contact: got %q of account %d, want %s.r1 of %d", p.ExternalID, p.AccountID, ext("CC", at), old.ID)
	}
	if now := r.account(at); now.ID == old.ID || now.Name != other.Name {
		r.t.Errorf("the new account: got %d %q", now.ID, now.Name)
	}
	r.still()
}

// TestPositionReused gives a card to another customer: with a unique_id it is known at once, without one only
// when the card was seen empty in between; else a person is asked.
func TestPositionReused(t *testing.T) {
	t.Run("with unique_id", func(t *testing.T) {
		r := newRig(t, setup{})
		at := r.alone().CardPos
		old, contact, mark := r.account(at), r.contact(at).ID, r.mark()
		must(t, r.erp.ReusePosition(at, other))
		r.passedOn(at, old, contact)
		r.noted(mark, "position-passed", "")
	})
	t.Run("seen empty", func(t *testing.T) {
		r := newRig(t, setup{profile: acombatest.SIM2, interval: "1s"})
		at := r.alone().CardPos
		old, contact, mark := r.account(at), r.contact(at).ID, r.mark()
		must(t, r.erp.DeleteCustomer(at))
		r.drive("the account is shown inactive", func() bool { return !r.account(at).ERPActive })
		r.noted(mark, "record-deactivated", "")
		must(t, r.erp.ReusePosition(at, other))
		r.passedOn(at, old, contact)
	})
	for _, row := range []struct {
		answer engine.Verb
		passed bool
	}{{engine.NotSame, true}, {engine.Same, false}} {
		t.Run("not seen, answer "+string(row.answer), func(t *testing.T) {
			r := newRig(t, setup{profile: acombatest.SIM2})
			at := r.alone().CardPos
			old, contact, mark := r.account(at), r.contact(at).ID, r.mark()
			must(t, r.erp.ReusePosition(at, other))
			r.arrives(r.customer(0).CardPos, "Amqui")
			r.cycles(2)
			question := r.listed(1, store.Identity, "position-reused")[0]
			r.noted(mark, "waits-identity", "position-reused")
			if a, _ := r.crm.Account(old.ID); a.Name != old.Name {
				t.Errorf("the account was overwritten before a person answered")
			}
			r.do(row.answer, question.Name())
			if row.passed {
				r.passedOn(at, old, contact)
				return
			}
			r.settled("it is the same customer")
			if r.account(at).ID != old.ID || r.contact(at).ID != contact {
				t.Errorf("the same customer has another account or contact")
			}
			r.still()
		})
	}
}

// TestDuplicateNumbers gives two customers one number: both are left alone and listed, the others go on.
func TestDuplicateNumbers(t *testing.T) {
	for _, n := range []int{12, 220} {
		t.Run(fmt.Sprint(n), func(t *testing.T) { duplicateNumbers(newRig(t, setup{customers: n, documents: 10})) })
	}
}

func duplicateNumbers(r *rig) {
	t := r.t
	a, b, third := r.customer(0), r.customer(1), r.customer(2)
	mark := r.mark()
	must(t, r.erp.DuplicateNumber(a.CardPos, b.CardPos))
	r.modify(b.CardPos, func(c *acombatest.Customer) { c.City = "Matane" })
	r.arrives(third.CardPos, "Amqui")
	r.cycles(3)
	r.listed(4, store.Quarantine, "duplicate-number")
	r.noted(mark, "waits-quarantine", "duplicate-number")
	if r.account(a.CardPos).Sync.CustomerNumber != a.Number || r.account(b.CardPos).City == "Matane" {
		t.Errorf("a customer with a number of two was written")
	}
	must(t, r.erp.ChangeNumber(a.CardPos, a.Number))
	r.settled("after the number was put right")
	r.cycle()
	r.listed(0, store.Quarantine, "")
	r.still()
}

// TestRestoredBackup brings an older copy of the folder back: both directions wait for a person; nothing is
// deleted or taken back before he has said that it is the truth.
func TestRestoredBackup(t *testing.T) {
	r := newRig(t, setup{twoWay: true, interval: "1s"})
	backup, err := r.erp.Backup()
	must(t, err)
	changed, edited := r.customer(0).CardPos, r.customer(1).CardPos
	r.arrives(changed, "Amqui")
	var born []int32
	for range 2 {
		c := r.alone()
		born = append(born, c.CardPos)
		at, err := r.erp.AddDocument(acombatest.Document{Kind: acombatest.Invoice, Customer: c.CardPos,
			Lines: []acombatest.Line{{Type: acombatest.ProductLine, Product: 2, InvoicedQty: 10000, OrderedQty: 10000}}})
		must(t, err)
		r.settled(ext("DO", at))
	}
	must(t, r.erp.Restore(backup))
	r.edit(edited, map[string]any{"City": "Chibougamau"})
	since, mark := r.crm.Mark(), r.mark()
	r.cycles(3)
	r.ways(engine.Halted, "folder-rolled-back")
	question := r.listed(1, store.Held, "folder-rolled-back")[0]
	if question.Args["signs"] == "" {
		t.Errorf("no signs are told: %v", question.Args)
	}
	r.noted(mark, "folder-rolled-back", "")
	r.quiet(since)
	r.do(engine.Accept, question.Name())
	r.drive("the person's edit is handed to people", func() bool { return len(r.waits(store.HandedOff, "")) > 0 })
	r.settled("after the person's word", ext("CU", edited))
	for _, at := range born {
		r.drive("what is no longer there is shown inactive", func() bool { return !r.account(at).ERPActive })
	}
	r.ways(engine.Success, "")
	r.listed(0, store.Held, "")
	r.still()
}

// TestRestoredBackupGoesAway puts the newest copy back by itself: the question ends without an answer only
// through a person, and nothing was lost.
func TestRestoredBackupGoesAway(t *testing.T) {
	r := newRig(t, setup{})
	old, err := r.erp.Backup()
	must(t, err)
	r.alone()
	r.arrives(r.customer(0).CardPos, "Amqui")
	at, err := r.erp.AddDocument(acombatest.Document{Kind: acombatest.Invoice, Customer: r.customer(0).CardPos,
		Lines: []acombatest.Line{{Type: acombatest.ProductLine, Product: 2, InvoicedQty: 10000, OrderedQty: 10000}}})
	must(t, err)
	r.settled(ext("DO", at))
	newest, err := r.erp.Backup()
	must(t, err)
	since := r.crm.Mark()
	must(t, r.erp.Restore(old))
	r.cycles(2)
	r.ways(engine.Halted, "folder-rolled-back")
	must(t, r.erp.Restore(newest))
	r.do(engine.Accept, r.listed(1, store.Held, "")[0].Name())
	r.settled("after the newest copy was back")
	if w := r.crm.Writes(centrixonetest.JournalQuery{After: since}); w.Created+w.Updated > 0 {
		t.Errorf("the same data was written again: %+v", w)
	}
}

// TestMassChange changes more customers at once than the brake lets pass: customers wait, the rest goes on.
func TestMassChange(t *testing.T) {
	r := newRig(t, setup{limits: "to_crm_min = 3\nto_crm_percent = 20"})
	for n := range 8 {
		at := r.customer(n).CardPos
		r.modify(at, func(c *acombatest.Customer) { c.City = fmt.Sprintf("Rang %d", n) })
	}
	mark := r.mark()
	r.repArrives("Océane Truchon")
	brake := r.listed(1, store.Brake, "mass-change")[0]
	if brake.Entity != "account" || brake.Args["count"] != "8" {
		t.Errorf("the brake: got %s %v, want account, 8", brake.Entity, brake.Args)
	}
	r.noted(mark, "waits-brake", "mass-change")
	must(t, r.erp.ModifyDocument(r.document().CardPos, func(d *acombatest.Document) { d.Freight += 700 }))
	r.cycles(2)
	for n := range 8 {
		if a := r.account(r.customer(n).CardPos); a.City == fmt.Sprintf("Rang %d", n) {
			t.Errorf("%s was changed before a person allowed it", a.ExternalID)
		}
	}
	for _, w := range r.differences() {
		if w[:2] != "CU" {
			t.Errorf("only accounts may wait: %s", w)
		}
	}
	r.do(engine.Allow, brake.Name())
	r.settled("after it was allowed")
	r.cycle()
	r.listed(0, store.Brake, "")
	r.still()
}

// TestMassEdit is the brake of the other direction.
func TestMassEdit(t *testing.T) {
	r := newRig(t, setup{twoWay: true, limits: "to_erp_min = 3\nto_erp_percent = 5"})
	for n := range 8 {
		r.edit(r.customer(n).CardPos, map[string]any{"City": fmt.Sprintf("Rang %d", n)})
	}
	r.cycles(2)
	brake := r.listed(1, store.Brake, "mass-change")[0]
	r.listed(0, store.HandedOff, "")
	r.repArrives("Océane Truchon")
	r.do(engine.Allow, brake.Name())
	r.drive("all edits are handed to people", func() bool { return len(r.waits(store.HandedOff, "")) == 8 })
	if got := r.crm.Reverts(); len(got) > 0 {
		t.Errorf("edits of people were taken back: %v", got)
	}
}

// document gives a document that nothing was made from, whose customer is active.
func (r *rig) document() acombatest.Document {
	r.t.Helper()
	x := r.expected()
	for _, d := range x.documents {
		if !x.next[d.CardPos] && d.Source == 0 && d.State == acombatest.StateOpen {
			return d
		}
	}
	r.t.Fatal("no open document")
	return acombatest.Document{}
}
