package quickbooks_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

// A name that another customer has, perhaps an inactive one, is a person's matter, who is told which one it is.
func TestNameTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.put("Customer", obj{"Id": "4", "DisplayName": "D'Amour", "Active": false})
		c := open(t, s)
		r := c.Apply(t.Context(), []connectors.Op{{ID: "a", Kind: connectors.Create, Entity: record.Account, Fields: fieldsOf("name", "D'Amour")}})[0]
		e, is := errors.AsType[*connectors.Error](r.Err)
		if r.Outcome != connectors.NotApplied || !is || e.Kind != connectors.Rejected || e.Code != quickbooks.CodeNameTaken ||
			e.Args["key"] != "4" || e.Args["inactive"] != "true" {
			t.Errorf("got %+v", r)
		}
		keys, err := c.Find(t.Context(), record.Account, "name", record.TextOf("D'Amour"))
		if diff := cmp.Diff([]record.Key{"4"}, keys); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	})
}

// A customer is born with its contact, and with nothing else.
func TestCreate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		c := open(t, s)
		op := connectors.Op{ID: strings.Repeat("device-", 9) + "1-2", Kind: connectors.Create, Entity: record.Account,
			Fields: fieldsOf("name", "Neuf: un", "address", "1 rue A", "phone", "9"),
			With:   []connectors.Op{{Entity: record.Contact, Fields: fieldsOf("full_name", "Jean Roy", "first_name", "Jean", "phone", "1", "mobile", "")}}}
		r := c.Apply(t.Context(), []connectors.Op{op})[0]
		if r.Outcome != connectors.Applied || r.Key != "1001" {
			t.Fatalf("got %+v", r)
		}
		want := obj{"DisplayName": "Neuf- un", "CompanyName": "Neuf: un", "BillAddr": obj{"Line1": "1 rue A"}, "GivenName": "Jean", "FamilyName": "Roy",
			"PrimaryPhone": obj{"FreeFormNumber": "1"}}
		if diff := cmp.Diff(want, sent(t, s)); diff != "" {
			t.Error(diff)
		}
		if n := len(s.posts[0].request); n == 0 || n > 50 {
			t.Errorf("request id of %d characters", n)
		}
	})
}
