package quickbooks_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/connectors/quickbooks/quickbookstest/signin"
	"syncbox/connectors/record"
)

// simulated gives a company of the simulator, and the connector that was connected to it through the relay, as a
// technician does.
func simulated(t testing.TB, change func(*quickbooks.Config)) (*quickbookstest.Platform, *quickbooks.Company) {
	t.Helper()
	p, err := quickbookstest.Listen(t.Context(), quickbookstest.Options{Limits: &quickbookstest.Limits{}}, signin.Options{})
	must(t, err)
	cfg := quickbooks.Config{RelayURL: p.URL, BaseURL: p.URL, BoxName: "box", Rate: 10, PerMinute: 500}
	if change != nil {
		change(&cfg)
	}
	tokens := &place{}
	c, err := quickbooks.NewConnector(cfg, tokens, nil, nil)
	must(t, err)
	link, err := c.Begin(t.Context())
	must(t, err)
	back, err := p.SignIn.SignIn(link, signin.Choice{})
	must(t, err)
	page, err := http.Get(back)
	must(t, err)
	must(t, page.Body.Close())
	done, err := c.Collect(t.Context())
	must(t, err)
	if !done {
		t.Fatal("nobody signed in")
	}
	company, err := quickbooks.New(cfg, tokens, nil, nil)
	must(t, err)
	t.Cleanup(func() { must(t, company.Close()) })
	return p, company
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// books are one record of each entity, and who works in them.
type books struct {
	*quickbookstest.Person
	category, customer, invoice string
	edits                       int
}

func openBooks(t testing.TB, s *quickbookstest.Server) *books {
	t.Helper()
	b := &books{Person: s.Person()}
	var err error
	b.category, err = b.CreateCategory("Services", "")
	must(t, err)
	item, err := b.CreateItem(b.category, quickbookstest.Object{"Name": "Installation", "Type": "Service"})
	must(t, err)
	b.customer, err = b.CreateCustomer(quickbookstest.Object{"DisplayName": "Boulangerie Ève", "CompanyName": "Boulangerie Ève",
		"BillAddr": map[string]any{"Line1": "1, rue A", "City": "Lévis"}, "PrimaryEmailAddr": map[string]any{"Address": "un@exemple.test, deux@exemple.test"}})
	must(t, err)
	b.invoice, err = b.CreateInvoice(quickbookstest.NewDocument{Customer: b.customer, DocNumber: "1001",
		Lines: []quickbookstest.NewLine{{Item: item, Quantity: "2", UnitPrice: "10.50"}}})
	must(t, err)
	return b
}

// edit has a person change a record of e.
func (b *books) edit(t *testing.T, e record.Entity) record.Key {
	t.Helper()
	b.edits++
	text := fmt.Sprint("Gaspé ", b.edits)
	switch e {
	case record.Category:
		must(t, b.EditItem(b.category, quickbookstest.Object{"Name": text}))
		return record.Key(b.category)
	case record.Account:
		must(t, b.EditCustomer(b.customer, quickbookstest.Object{"BillAddr": map[string]any{"Line1": "1, rue A", "City": text}}))
	case record.Contact:
		must(t, b.EditCustomer(b.customer, quickbookstest.Object{"FamilyName": text}))
	case record.Document:
		must(t, b.SetShipping(quickbookstest.Invoice, b.invoice, fmt.Sprint(b.edits, ".00")))
		return record.Key("I" + b.invoice)
	}
	return record.Key(b.customer)
}

// Requirement: QBO-1, QBO-4, QBO-52
func TestConformance(t *testing.T) {
	entities := []record.Entity{record.Category, record.Account, record.Contact, record.Document}
	connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
		p, c := simulated(t, nil)
		b := openBooks(t, p.API)
		t.Cleanup(func() {
			if wrong := p.API.Forbidden(); len(wrong) > 0 {
				t.Errorf("%d writes that must never be", len(wrong))
			}
		})
		return connectortest.Fixture{
			Source: c.TwoWay(), Observed: entities, Swept: entities,
			Edit: func(t *testing.T, e record.Entity) record.Key {
				p.API.AdvanceClock(time.Minute)
				return b.edit(t, e)
			},
			Break: func(*testing.T) func() {
				p.API.AddFault(quickbookstest.Fault{Kind: quickbookstest.CloseBefore, Count: -1})
				return p.API.ClearFaults
			},
			Create: func(_ *testing.T, n int) connectors.Op {
				return connectors.Op{ID: fmt.Sprint("box-", n), Kind: connectors.Create, Entity: record.Account,
					Fields: record.Fields{"name": record.TextOf(fmt.Sprint("Exemple ", n)), "city": record.TextOf("Lévis")},
					With:   []connectors.Op{{Entity: record.Contact, Fields: record.Fields{"email": record.TextOf("a@exemple.test")}}}}
			},
			Update: func(*testing.T) connectors.Op {
				return connectors.Op{ID: "box-u", Kind: connectors.Update, Entity: record.Account, Key: record.Key(b.customer),
					Fields: record.Fields{"city": record.TextOf("Kuujjuaq")}}
			},
		}
	})
}
