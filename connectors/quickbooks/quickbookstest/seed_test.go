package quickbookstest_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"syncbox/connectors/quickbooks/quickbookstest"
)

func TestFillMakesConsistentBooks(t *testing.T) {
	s := quickbookstest.New(quickbookstest.Options{Clock: func() time.Time { return noon }})
	s.Fill(quickbookstest.Seed{Seed: 4, Customers: 20_000, Documents: 3000, Vendors: 20, Employees: 10, Poison: 2})
	found := map[string]int{}
	owed := map[string]decimal.Decimal{}
	for _, d := range s.Documents() {
		if want := d.SubTotal.Sub(d.Discount).Add(d.Freight); !d.Net.Equal(want) {
			t.Fatalf("%s %s: net %s, want %s of its lines", d.Kind, d.ID, d.Net, want)
		}
		switch d.Kind {
		case quickbookstest.Invoice:
			owed[d.Customer] = owed[d.Customer].Add(d.Balance)
		case quickbookstest.CreditMemo:
			owed[d.Customer] = owed[d.Customer].Sub(d.Balance)
		}
		count(found, "no number", d.DocNumber == "")
		count(found, "discount", !d.Discount.IsZero())
		count(found, "freight", !d.Freight.IsZero())
		count(found, "foreign", d.Currency == "USD")
		count(found, "voided", d.Voided)
		count(found, "converted", len(d.LinkedTo) > 0)
		count(found, "from an estimate", len(d.LinkedFrom) > 0)
	}
	for _, c := range s.Customers() {
		if !c.Balance.Equal(owed[c.ID]) {
			t.Fatalf("customer %s: balance %s, want %s of the documents", c.ID, c.Balance, owed[c.ID])
		}
		count(found, "inactive", !c.Active)
		count(found, "sub-customer", c.Parent != "")
		count(found, "no mail", c.Email == "")
		count(found, "four bytes", len(c.DisplayName) > 0 && utf8.RuneLen([]rune(c.DisplayName)[0]) == 4)
	}
	for _, want := range []string{"no number", "discount", "freight", "foreign", "voided", "converted", "from an estimate", "inactive",
		"sub-customer", "no mail", "four bytes"} {
		if found[want] == 0 {
			t.Errorf("%s: none, want some", want)
		}
	}
	if got := len(s.Changes(quickbookstest.ChangeQuery{})); got != 0 {
		t.Errorf("changes after Fill: %d, want 0", got)
	}
}

func count(found map[string]int, what string, is bool) {
	if is {
		found[what]++
	}
}
