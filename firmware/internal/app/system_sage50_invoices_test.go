package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/sync/engine"
)

// sold gives the living sales totals by their number in a dossier.
func (r *sage50Rig) sold(number string) map[string]string {
	return r.known(salesmanagementtest.Sales, number).Values
}

// Invoices flow once they are validated, with their total without tax and the representative; a credit note is below zero. Nothing but
// those two kinds of documents flows, and what people change in Sales Management is put back.
//
// Requirement: S50-1, S50-16, S50-35
func TestSage50Invoices(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{crm: `representatives = "erp"`})
	client, article := r.sage.Codes(dupont, sage50test.Clients)[0], r.sage.Codes(dupont, sage50test.Articles)[0]
	bill := func(kind string, validated bool) string {
		number, err := r.sage.Bill(dupont, kind, client, validated, sage50test.Item{Article: article, Quantity: "3"})
		must(t, err)
		return number
	}
	price, err := decimal.NewFromString(r.of(sage50test.Articles, article)["PU HT"])
	must(t, err)
	invoice, open, credit, quote := bill(sage50test.Invoice, true), bill(sage50test.Invoice, false), bill(sage50test.Credit, true), bill(sage50test.Quote, true)
	r.exported(dupont)
	r.until("both are there", func() bool { return r.sold(invoice) != nil && r.sold(credit) != nil })
	r.cycles()
	total := price.Mul(decimal.NewFromInt(3))
	if got := r.sold(invoice); !amounts(got["total"], total.String()) || got["accountId"] != id(r.known(salesmanagementtest.Accounts, client).ID) {
		t.Errorf("the invoice over %s: %v", total, got)
	}
	if got := r.sold(credit)["total"]; !amounts(got, total.Neg().String()) {
		t.Errorf("the credit note over %s: %s", total, got)
	}
	if len(r.live(salesmanagementtest.Sales)) != 2 || r.sold(open) != nil || r.sold(quote) != nil {
		t.Errorf("%d are there", len(r.live(salesmanagementtest.Sales)))
	}
	must(t, r.sage.Validate(dupont, open))
	must(t, r.crm.App(1).Edit(salesmanagementtest.Sales, r.known(salesmanagementtest.Sales, invoice).ID, salesmanagementtest.Values{"total": "1"}))
	r.exported(dupont)
	r.until("the one that was validated since is there, and the other one as it was", func() bool {
		return r.sold(open) != nil && amounts(r.sold(invoice)["total"], total.String())
	})
}

// Users are Sage's representatives, by their code. With the setting, an account that is made belongs to the one that Sage names; nobody is
// ever taken an account away for Sage's sake.
//
// Requirement: S50-1, S50-28, S50-29
func TestSage50Users(t *testing.T) {
	t.Parallel()
	r := newSage50Rig(t, sage50Set{crm: `representatives = "erp"`})
	reps, codes := r.sage.Codes(dupont, sage50test.Representatives), r.sage.Codes(dupont, sage50test.Clients)
	r.edit(sage50test.Clients, codes[0], sage50test.Fields{sage50test.CodeRep: reps[1]})
	r.exported(dupont)
	r.start()
	owner := func(code string) string { return r.known(salesmanagementtest.Accounts, code).Values["salesRepId1"] }
	user := func(code string) string { return id(r.known(salesmanagementtest.Users, code).ID) }
	r.until("the accounts are there", func() bool { return owner(codes[0]) != "" && owner(codes[1]) != "" })
	if owner(codes[0]) != user(reps[1]) || owner(codes[1]) != "1" {
		t.Errorf("owned by %s and %s, want %s and 1", owner(codes[0]), owner(codes[1]), user(reps[1]))
	}
	r.cycles()
	r.edit(sage50test.Clients, codes[0], sage50test.Fields{sage50test.CodeRep: reps[0], "Ville": "Ailleurs"})
	r.edit(sage50test.Representatives, reps[0], sage50test.Fields{"Nom": "Durand"})
	r.exported(dupont)
	r.until("the other changes are there", func() bool {
		return r.known(salesmanagementtest.Accounts, codes[0]).Values["city"] == "Ailleurs"
	})
	r.until("the representative has the other name", func() bool {
		v := r.known(salesmanagementtest.Users, reps[0]).Values
		return strings.Contains(v["name"]+v["lastName"], "Durand")
	})
	if owner(codes[0]) != user(reps[1]) {
		t.Errorf("the account was given to %s", owner(codes[0]))
	}
}

// Where the API makes no users, that
// is told of each of them; what is not theirs goes on. One that a person makes by hand, as Sage has it
// and with the external id, is bound.
//
// Requirement: S50-28
func TestSage50UsersByHand(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{tenant: salesmanagementtest.Options{Switches: salesmanagementtest.Switches{salesmanagementtest.UsersWrite: "refused"}}})
	for _, code := range r.sage.Codes(dupont, sage50test.Representatives) {
		if got := r.waits(r.app.Jobs[0])[key("user", code)]; got != "ssm-user-refused" {
			t.Errorf("%s: %q", code, got)
		}
	}
	if n := len(r.live(salesmanagementtest.Accounts)); n != len(r.sage.Codes(dupont, sage50test.Clients)) {
		t.Errorf("%d accounts", n)
	}
	rep := r.sage.Codes(dupont, sage50test.Representatives)[0]
	_, err := r.crm.App(1).Create(salesmanagementtest.Users, salesmanagementtest.Values{"name": "Zoé Dupré 1", "email": "rep1@example.com", "extId": dupont + ":" + rep})
	must(t, err)
	r.until("it waits no longer", func() bool { return r.waits(r.app.Jobs[0])[key("user", rep)] == "" })
}

// Two dossiers in one Sales Management are apart: the same codes are other records, an edit of one is none of the other, and what is wrong
// with one stops the other one in nothing. What is put out of use and begins anew has Sage's values, and what only Sales Management has
// stays.
//
// Requirement: S50-9, S50-34
func TestSage50Dossiers(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{dossiers: []string{dupont, "MARTIN"}})
	codes := r.sage.Codes(dupont, sage50test.Clients)
	if !slices.Equal(codes, r.sage.Codes("MARTIN", sage50test.Clients)) || len(r.live(salesmanagementtest.Accounts)) != 2*len(codes) {
		t.Fatalf("%d accounts of %d and %d", len(r.live(salesmanagementtest.Accounts)), len(codes), len(r.sage.Codes("MARTIN", sage50test.Clients)))
	}
	martin := func(code string) salesmanagementtest.Record {
		return r.crm.ByExtID(salesmanagementtest.Accounts, "MARTIN:"+code)[0]
	}
	was := martin(codes[0]).Values["city"]
	must(t, r.sage.Rename("MARTIN", "MARTIN-ANCIEN"))
	r.edit(sage50test.Clients, codes[0], sage50test.Fields{"Ville": "Ailleurs"})
	r.exported(dupont)
	r.until("the one dossier goes on", func() bool { return r.known(salesmanagementtest.Accounts, codes[0]).Values["city"] == "Ailleurs" })
	r.until("the other one tells what is wrong", func() bool {
		st, err := r.app.Jobs[1].Status()
		return err == nil && st.Ways[0].Code == "sage50-dossier-missing"
	})
	if got := martin(codes[0]).Values["city"]; got != was {
		t.Errorf("the other dossier's account is in %s", got)
	}
	must(t, r.sage.Rename("MARTIN-ANCIEN", "MARTIN"))
	r.until("it goes on where it was", func() bool {
		st, err := r.app.Jobs[1].Status()
		return err == nil && st.Ways[0].Code == ""
	})
	if n := len(r.live(salesmanagementtest.Accounts)); n != 2*len(codes) {
		t.Errorf("%d accounts", n)
	}
}

// An account that two full exports lack is marked as deleted in Sales Management, whatever it was; not before, and not while it has a
// quote there: that is told, and once the quote is gone the account goes by itself.
//
// Requirement: S50-36
func TestSage50AccountDeleted(t *testing.T) {
	t.Parallel()
	r := startedSage50(t, sage50Set{site: sage50test.Options{Clients: 30, ContactsEach: -1}, deletes: true})
	codes := []string{r.sage.Find(dupont, sage50test.Clients, sage50test.TypeTiers, "Client")[3], r.sage.Find(dupont, sage50test.Clients, sage50test.TypeTiers, "Prospect")[0],
		r.sage.Find(dupont, sage50test.Clients, sage50test.TypeTiers, "Client")[4]}
	quoted := r.known(salesmanagementtest.Accounts, codes[2]).ID
	quote, err := r.crm.App(1).Quote(quoted, salesmanagementtest.Draft, "Devis", salesmanagementtest.Item{Product: r.live(salesmanagementtest.Products)[0].ID, Quantity: "1"})
	must(t, err)
	for _, code := range codes {
		must(t, r.sage.Remove(dupont, sage50test.Clients, code))
	}
	r.exported(dupont)
	r.cycles()
	if n := r.crm.Counters().Deleted; n > 0 {
		t.Fatalf("%d are deleted after one export", n)
	}
	r.missingLongEnough()
	r.until("the two without quotes are deleted", func() bool {
		return r.known(salesmanagementtest.Accounts, codes[0]).ID == 0 && r.known(salesmanagementtest.Accounts, codes[1]).ID == 0
	})
	r.until("the one with a quote is told", func() bool { return r.waits(r.app.Jobs[0])[key("account", codes[2])] == "ssm-quotes-open" })
	if r.known(salesmanagementtest.Accounts, codes[2]).ID != quoted {
		t.Error("it is deleted with its quote")
	}
	must(t, r.crm.App(1).Delete(salesmanagementtest.SalesOrders, quote))
	must(t, r.app.Jobs[0].Do(t.Context(), engine.Retry, "all"))
	r.until("it is deleted once the quote is gone", func() bool { return r.known(salesmanagementtest.Accounts, codes[2]).ID == 0 })
}
