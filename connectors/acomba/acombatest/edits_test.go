package acombatest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/acombatest"
)

// touched lists what an edit moved, as "FILE card field", without stamps and index bytes.
func touched(before, after acombatest.Snapshot) []string {
	var out []string
	for _, d := range acombatest.Diff(before, after) {
		switch {
		case slices.Contains([]string{"rev", "mod_seq", "mod_time"}, d.Field):
			continue
		case strings.HasSuffix(d.File, ".IDX"):
			out = append(out, d.File)
		case d.CardPos == 0:
			out = append(out, d.File+" "+string(d.What))
		case d.Field == "":
			out = append(out, d.File+" "+string(d.What))
		default:
			out = append(out, d.File+" "+d.Field)
		}
	}
	return slices.Compact(out)
}

func TestEditsTouchWhatTheyShould(t *testing.T) {
	type co = acombatest.Company
	tests := []struct {
		name string
		do   func(*co) error
		want string
	}{
		{"phone", func(c *co) error {
			return c.ModifyCustomer(4, func(r *acombatest.Customer) { r.Phones[1].Number = "418-555-9999" })
		}, "CUSTOMER.DAT phone.number"},
		{"name", func(c *co) error {
			return c.ModifyCustomer(4, func(r *acombatest.Customer) { r.Name = "Autre nom inc." })
		}, "CUSTOMER.DAT name,CUSTOMER.IDX"},
		{"nothing but save", func(c *co) error { return c.ModifyCustomer(4, func(*acombatest.Customer) {}) }, ""},
		{"number", func(c *co) error { return c.ChangeNumber(4, "NOUVEAU") }, "CUSTOMER.DAT number,CUSTOMER.IDX"},
		{"inactive", func(c *co) error { return c.SetCustomerActive(4, false) }, "CUSTOMER.DAT active"},
		{"delete", func(c *co) error { return c.DeleteCustomer(4) }, "CUSTOMER.DAT status"},
		{"new customer", func(c *co) error { _, err := c.AddCustomer(full()); return err }, "CUSTOMER.DAT card added,CUSTOMER.IDX"},
		{"new vendor", func(c *co) error { _, err := c.AddSalesRep(acombatest.SalesRep{Number: 99, Name: "Zoé"}); return err },
			"SALESREP.DAT header changed,SALESREP.DAT card added,SALESREP.IDX"},
		{"vendor renamed", func(c *co) error { return c.RenameSalesRep(1, "Zoé Roy") }, "SALESREP.DAT name,SALESREP.IDX"},
		{"new group", func(c *co) error { _, err := c.AddGroup(acombatest.Group{Number: 9, Description: "Neuf"}); return err },
			"PRODGRP.DAT header changed,PRODGRP.DAT card added,PRODGRP.IDX"},
		{"group inactive", func(c *co) error { return c.SetGroupActive(1, false) }, "PRODGRP.DAT active"},
		{"term text", func(c *co) error {
			return c.ModifyTerm(1, func(r *acombatest.Term) { r.Description = "Comptant" })
		}, "TERM.DAT description"},
		{"cancel", func(c *co) error { return c.CancelDocument(2) }, "TRANS.DAT doc_state"},
		{"territory text", func(c *co) error {
			return c.ModifyTerritory(1, func(r *acombatest.Named) { r.Description = "Estrie" })
		}, "TERRITRY.DAT description"},
		{"price list text", func(c *co) error {
			return c.ModifyPriceList(1, func(r *acombatest.Named) { r.Description = "Spécial" })
		}, "PRICELST.DAT description"},
		{"product price", func(c *co) error {
			return c.ModifyProduct(2, func(r *acombatest.Product) { r.Price[5] = 77 })
		}, "PRODUCT.DAT price"},
	}
	for _, p := range profiles {
		for _, tc := range tests {
			t.Run(string(p)+" "+tc.name, func(t *testing.T) {
				c := company(t, acombatest.Options{Profile: p, Customers: 10, Documents: 5})
				before := must(c.Snapshot())(t)
				check(t, tc.do(c))
				after := must(c.Snapshot())(t)
				got := strings.Join(touched(before, after), ",")
				if got != tc.want {
					t.Errorf("touched %s, want %s", got, tc.want)
				}
				if faults := acombatest.CheckIndex(before, after); len(faults) != 0 {
					t.Errorf("index: %v", faults)
				}
			})
		}
	}
}

func TestStampsGoOn(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 5})
	before := must(c.Customer(3))(t)
	check(t, c.ModifyCustomer(3, func(r *acombatest.Customer) {
		r.Web, r.UniqueID, r.ModSeq, r.CardPos = "x", 4711, 9, 4
	}))
	after := must(c.Customer(3))(t)
	if after.Rev != before.Rev+1 || after.ModSeq != before.ModSeq+2 || after.ModTime <= before.ModTime || after.UniqueID != before.UniqueID {
		t.Errorf("before %+v, after %+v", before.Prologue, after.Prologue)
	}
	a := must(c.AddCustomer(acombatest.Customer{Name: "Un"}))(t)
	b := must(must(acombatest.Open(c.Dir()))(t).AddCustomer(acombatest.Customer{Name: "Deux"}))(t)
	first, second := must(c.Customer(a))(t), must(c.Customer(b))(t)
	if b != a+1 || second.UniqueID != first.UniqueID+1 || first.ModSeq != 2 || first.Number == second.Number {
		t.Errorf("first %+v, second %+v", first.Prologue, second.Prologue)
	}
}

func TestEditsRefused(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 50})
	other := must(c.Customer(3))(t)
	for name, tc := range map[string]struct {
		err, want error
	}{
		"outside the file": {c.ModifyCustomer(9999, func(*acombatest.Customer) {}), acombatest.ErrNoCard},
		"position zero":    {c.ModifyCustomer(0, func(*acombatest.Customer) {}), acombatest.ErrNoCard},
		"deleted":          {c.ModifyCustomer(42, func(*acombatest.Customer) {}), acombatest.ErrNoCard},
		"number in use":    {c.ChangeNumber(2, other.Number), acombatest.ErrDuplicate},
	} {
		if !errors.Is(tc.err, tc.want) {
			t.Errorf("%s: got %v, want %v", name, tc.err, tc.want)
		}
	}
	if _, err := c.AddCustomer(acombatest.Customer{Number: other.Number}); !errors.Is(err, acombatest.ErrDuplicate) {
		t.Errorf("add with a number in use: %v", err)
	}
}

func TestFindGoesByTheIndex(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 20})
	r := must(c.Customer(7))(t)
	find := func(field, value string) int32 { return must(c.Find(acombatest.CustomerTable, field, value))(t) }
	if got := find("number", r.Number); got != 7 {
		t.Errorf("by number: card %d, want 7", got)
	}
	if got := find("name", r.Name); got != 7 {
		t.Errorf("by name: card %d, want 7", got)
	}
	check(t, c.ModifyCustomer(7, func(r *acombatest.Customer) { r.Name = "Renommé" }))
	if old, now := find("name", r.Name), find("name", "Renommé"); old != 0 || now != 7 {
		t.Errorf("after a change: old name %d, new name %d", old, now)
	}
	gone := must(c.Customer(8))(t)
	check(t, c.DeleteCustomer(8))
	if got := find("number", gone.Number); got != 0 {
		t.Errorf("a deleted customer is found: card %d", got)
	}
	check(t, c.Poke(acombatest.CustomerTable, 7, 56, []byte("POKED  ")))
	if got := find("name", "POKED"); got != 0 {
		t.Errorf("a name written behind the index is found: card %d", got)
	}
	check(t, must(c.StartRemonte())(t).Release())
	if got := find("name", "POKED"); got != 7 {
		t.Errorf("after remonte: card %d, want 7", got)
	}
}

func TestDocumentLife(t *testing.T) {
	for _, p := range profiles {
		t.Run(string(p), func(t *testing.T) {
			c := company(t, acombatest.Options{Profile: p, Customers: 10, Documents: 20})
			quote := must(c.AddDocument(acombatest.Document{Kind: acombatest.Quote, Customer: 3, Freight: 1500, DiscountBP: 1000,
				Lines: []acombatest.Line{
					{Type: acombatest.ProductLine, Product: 2, OrderedQty: 25_000, UnitPrice: 10_3333},
					{Type: acombatest.CommentLine, Description: "Livrer à l'arrière"},
				}}))(t)
			d := must(c.Document(quote))(t)
			// 2.5 x 10.3333 = 25.83; 10 % off is 2.58; base 25.83 + 15.00 - 2.58 = 38.25
			if d.SubTotal != 2583 || d.Discount != 258 || d.Total-d.Taxes[0]-d.Taxes[1]-d.Taxes[2] != 3825 || d.State != acombatest.StateOpen {
				t.Errorf("quote %+v", d)
			}
			order := must(c.TurnNewCard(quote, acombatest.Order))(t)
			check(t, c.TurnSameCard(order, acombatest.Invoice))
			check(t, c.ModifyDocument(order, func(d *acombatest.Document) {
				d.Freight = 0
				d.Lines[1].Description = "Autre"
				d.Lines = append(d.Lines[1:2:2], acombatest.Line{Type: acombatest.ProductLine, Product: 3, OrderedQty: 1_0000, InvoicedQty: 1_0000, UnitPrice: 100_0000})
			}))
			inv := must(c.Document(order))(t)
			quoted := must(c.Document(quote))(t)
			if quoted.State != acombatest.StateClosed || inv.Source != quote || inv.Kind != acombatest.Invoice || inv.SubTotal != 10000 || inv.Freight != 0 {
				t.Errorf("invoice %+v", inv)
			}
			if diff := cmp.Diff([]uint16{1, 2, 991}, []uint16{inv.Lines[0].No, inv.Lines[1].No, inv.Lines[2].No}); diff != "" {
				t.Errorf("line numbers %s", diff)
			}
			must(c.TurnNewCard(quote, acombatest.Order))(t)
			check(t, invariants(c))
		})
	}
}

// Halves go away from zero, for credits as for charges.
func TestCreditsRoundLikeCharges(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 3})
	for qty, want := range map[int64]int64{5_000: 2, -5_000: -2, -4_000: -1} {
		cp := must(c.AddDocument(acombatest.Document{Kind: acombatest.Invoice, Customer: 2, Lines: []acombatest.Line{
			{Type: acombatest.ProductLine, Description: "vis", InvoicedQty: qty, UnitPrice: 300}}}))(t)
		if got := must(c.Document(cp))(t).SubTotal; got != want {
			t.Errorf("%d/10000 at 0.03 $: sub-total %d, want %d", qty, got, want)
		}
	}
}

func TestHeaderCountsTheCards(t *testing.T) {
	c := company(t, acombatest.Options{SalesReps: 4})
	must(c.AddSalesRep(acombatest.SalesRep{Number: 9, Name: "Zoé"}))(t)
	s := must(c.Snapshot())(t)
	if got := s.Files["SALESREP.DAT"][6]; got != 5 {
		t.Errorf("header counts %d cards, want 5", got)
	}
}

func TestNumbersGoOnPerKind(t *testing.T) {
	c := company(t, acombatest.Options{Customers: 3, Documents: 30})
	high := map[acombatest.Kind]string{}
	for _, d := range must(c.Documents())(t) {
		high[d.Kind] = max(high[d.Kind], d.Number)
	}
	for _, number := range []string{"S000500", "S000400"} {
		must(c.AddDocument(acombatest.Document{Kind: acombatest.Quote, Customer: 2, Number: number}))(t)
	}
	high[acombatest.Quote] = "S000500"
	for k, before := range high {
		cp := must(c.AddDocument(acombatest.Document{Kind: k, Customer: 2}))(t)
		if got := must(c.Document(cp))(t).Number; got <= before || len(got) != len(before) {
			t.Errorf("kind %d: %s after %s", k, got, before)
		}
	}
}
