package salesmanagement_test

import (
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// sets gives positions of all switches together: all in their first one, all in their second, and so on; one that has fewer stays in
// its last.
func sets() (all []salesmanagementtest.Switches) {
	for n := 0; ; n++ {
		w, more := salesmanagementtest.Switches{}, false
		for _, s := range salesmanagementtest.AllSwitches() {
			positions := salesmanagementtest.Positions(s)
			w[s] = positions[min(n, len(positions)-1)]
			more = more || n < len(positions)
		}
		if !more {
			return all
		}
		all = append(all, w)
	}
}

// Requirement: S50-1, S50-16, LAB-7
func TestConformance(t *testing.T) {
	for n, w := range sets() {
		t.Run(fmt.Sprint("positions ", n+1), func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture { return fixture(t, w) })
		})
	}
}

// site is a simulated tenant, and the connector of one dossier.
type site struct {
	*salesmanagementtest.Server
	t     *testing.T
	box   *salesmanagement.Tenant
	notes *connectortest.Notes
	files *folder
}

func newSite(t *testing.T, w salesmanagementtest.Switches) *site {
	t.Helper()
	s := salesmanagementtest.New(salesmanagementtest.Options{Rate: -1, Switches: w, Store: "https://documents.example"})
	r := &site{Server: s, t: t, notes: connectortest.NewNotes(), files: &folder{}}
	var err error
	r.box, err = salesmanagement.New(salesmanagement.Config{
		BaseURL: "https://api.example", PublicKey: "PUBLIC", PrivateKey: "PRIVATE", Rate: 10_000, Dossier: "Nord", Admin: "1", Branch: s.ListID(salesmanagementtest.Branches, "Siège"),
		Now: s.Now, Pictures: r.files,
	}, slog.New(slog.DiscardHandler), s.RoundTripper())
	check(t, err)
	return r
}

// make has a person enter something.
func (r *site) make(e salesmanagementtest.Entity, v salesmanagementtest.Values) int64 {
	r.t.Helper()
	id, err := r.App(1).Create(e, v)
	check(r.t, err)
	return id
}

var lists = map[record.Entity]salesmanagementtest.Entity{
	record.User: salesmanagementtest.Users, record.Account: salesmanagementtest.Accounts, record.Contact: salesmanagementtest.Contacts,
	record.Product: salesmanagementtest.Products, record.Document: salesmanagementtest.Sales, record.Quote: salesmanagementtest.SalesOrders,
}

func fixture(t *testing.T, w salesmanagementtest.Switches) connectortest.Fixture {
	r := newSite(t, w)
	account := r.make(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": "Dupont"})
	product := r.make(salesmanagementtest.Products, salesmanagementtest.Values{"model": "LAMPE"})
	other := r.make(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": "Roux"}) // one with a quote is not deleted
	quote, err := r.App(1).Quote(other, salesmanagementtest.Draft, "D1", salesmanagementtest.Item{Product: product, Quantity: "2"})
	check(t, err)
	owner := strconv.FormatInt(account, 10)
	ids := map[record.Entity]int64{
		record.Account: account, record.Product: product, record.Quote: quote,
		record.Contact:  r.make(salesmanagementtest.Contacts, salesmanagementtest.Values{"firstName": "Zoé", "lastName": "Roy", "accountId": owner}),
		record.Document: r.make(salesmanagementtest.Sales, salesmanagementtest.Values{"accountId": owner, "date": "2026-11-20 00:00:00", "total": "12.5"}),
	}
	edits := map[record.Entity]salesmanagementtest.Values{
		record.Account: {"city": "Lyon"}, record.Contact: {"phone1": "04"}, record.Product: {"price": "3.5"}, record.Document: {"total": "13"}, record.Quote: {"reference": "D1bis"},
	}
	all := []record.Entity{record.Account, record.Contact, record.Product, record.Document, record.Quote}
	return connectortest.Fixture{
		Source: r.box, Observed: all, Swept: all,
		Edit: func(t *testing.T, e record.Entity) record.Key {
			r.AdvanceClock(time.Minute)
			check(t, r.App(1).Edit(lists[e], ids[e], edits[e]))
			r.AdvanceClock(time.Second)
			return record.Key(strconv.FormatInt(ids[e], 10))
		},
		Break: func(*testing.T) func() {
			r.AddFault(salesmanagementtest.Fault{Kind: salesmanagementtest.CloseBefore, Turn: turn(-1)})
			return r.ClearFaults
		},
		Create: func(_ *testing.T, n int) connectors.Op {
			return create(record.Account, "Nord:C"+strconv.Itoa(n), record.Fields{"name": text("Martin"), "status": text("client"), "country": text("FR"), "readOnly": record.BoolOf(true)})
		},
		Update: func(*testing.T) connectors.Op {
			return update(record.Account, int(account), record.Fields{"city": text("Nantes"), "email": text("a@b.example")})
		},
		Delete: func(_ *testing.T, e record.Entity) record.Key {
			return record.Key(strconv.FormatInt(ids[e], 10))
		},
		Lose: func(_ *testing.T, op connectors.Op) {
			r.AddFault(salesmanagementtest.Fault{Kind: salesmanagementtest.CloseAfter, Op: salesmanagementtest.OpDelete})
		},
	}
}
