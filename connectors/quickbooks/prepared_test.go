package quickbooks_test

import (
	"slices"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/connectors/record"
)

// A write is prepared before its intent has a number; the idempotency key is the op's when it is sent.
//
// Requirement: QBO-52
func TestPreparedBeforeItHasAKey(t *testing.T) {
	p, c := simulated(t, nil)
	customer := record.Key(openBooks(t, p.API).customer)
	op := connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: customer, Fields: record.Fields{"city": record.TextOf("Alma")}}
	token, err := c.TwoWay().Prepare(t.Context(), op)
	must(t, err)
	op.ID, op.Token = "box-17", token
	for range 2 {
		if r := c.TwoWay().Apply(t.Context(), []connectors.Op{op}); r[0].Outcome != connectors.Applied {
			t.Fatalf("got %+v", r[0])
		}
	}
	if row, _ := p.API.Customer(string(customer)); row.City != "Alma" || row.Email != "un@exemple.test, deux@exemple.test" {
		t.Errorf("the customer: city %q, %d characters of e-mail", row.City, len(row.Email))
	}
	var keys []string
	for _, call := range p.API.Journal(quickbookstest.JournalQuery{}) {
		if call.Op == quickbookstest.OpUpdate {
			keys = append(keys, call.RequestID)
		}
	}
	if !slices.Equal(keys, []string{"box-17", "box-17"}) {
		t.Errorf("keys of the writes: got %q, want the op's, twice", keys)
	}
}
