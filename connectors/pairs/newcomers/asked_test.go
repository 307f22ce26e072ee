package newcomers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

func number(s string) record.Value { return record.NumberOf(decimal.RequireFromString(s)) }

// A quote shows the lines for which prices are asked while it waits for prices, and at no other time: what and how many, with one discount
// that is as much as those that were typed, and never a price.
//
// Requirement: S50-11, S50-12
func TestAsked(t *testing.T) {
	c, s := tenant(t, false)
	person := s.App(1)
	client := account(t, s, values{"name": "A", "statusId": salesmanagementtest.Client, "extId": "DUPONT:CL1"})
	lamp, err := person.Create(salesmanagementtest.Products, values{"model": "Lampe", "extId": "DUPONT:ART-1", "price": "125.5"})
	if err != nil {
		t.Fatal(err)
	}
	id, err := person.Create(salesmanagementtest.SalesOrders, values{"accountId": string(client), "reference": "D1", "statusId": itoa(s.Status(salesmanagementtest.Draft))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := person.Create(salesmanagementtest.Lines, values{"salesOrderId": itoa(id), "productId": itoa(lamp), "quantity": "2",
		"price": "99", "total": "178.2", "description": "Pour le salon", "discount1": "10", "discount2": "50"}); err != nil {
		t.Fatal(err)
	}
	key := record.Key(itoa(id))
	want := record.RowsOf(record.Fields{"product": record.TextOf("ART-1"), "description": record.TextOf("Pour le salon"), "quantity": number("2"), "discount_rate": number("55")})
	for _, state := range []string{salesmanagementtest.Draft, salesmanagementtest.Pricing, salesmanagementtest.Sent, salesmanagementtest.Priced} {
		if err := person.Edit(salesmanagementtest.SalesOrders, id, values{"statusId": itoa(s.Status(state))}); err != nil {
			t.Fatal(err)
		}
		found, _, err := c.Read(t.Context(), record.Quote, []record.Key{key})
		if err != nil || len(found) != 1 {
			t.Fatalf("read: %v, %v", found, err)
		}
		shown := record.Value{}
		if state == salesmanagementtest.Pricing {
			shown = want
		}
		if diff := cmp.Diff(shown, found[0].Fields[pairs.Asked]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", state, diff)
		}
		if got := found[0].Fields[pairs.BoxReference].Text; got != "SSM-"+string(key) {
			t.Errorf("known as %q", got)
		}
	}
}

// Prices are written over lines that somebody changed meanwhile; what nobody writes is left out.
//
// Requirement: S50-13
func TestPricesOverEdits(t *testing.T) {
	c, s := tenant(t, false)
	id, err := s.App(1).Create(salesmanagementtest.SalesOrders, values{"accountId": string(account(t, s, values{"name": "A", "statusId": salesmanagementtest.Client})),
		"reference": "D1", "statusId": itoa(s.Status(salesmanagementtest.Imported))})
	if err != nil {
		t.Fatal(err)
	}
	seen := record.RowsOf(record.Fields{"product": record.TextOf("ART-1")})
	op := connectors.Op{ID: "1", Kind: connectors.Update, Entity: record.Quote, Key: record.Key(itoa(id)),
		Fields: record.Fields{"total": number("12"), salesmanagement.FieldLines: {}, pairs.Asked: seen}, Seen: record.Fields{salesmanagement.FieldLines: seen, pairs.Asked: seen}}
	if r := c.Apply(t.Context(), []connectors.Op{op})[0]; r.Outcome != connectors.Applied {
		t.Fatalf("%+v", r)
	}
	op.Seen["total"] = number("11")
	op.Fields["total"] = number("13")
	if r := c.Apply(t.Context(), []connectors.Op{op})[0]; connectors.KindOf(r.Err) != connectors.Busy {
		t.Errorf("the total was changed meanwhile: %+v", r)
	}
}
