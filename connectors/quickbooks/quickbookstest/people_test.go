package quickbookstest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"syncbox/connectors/quickbooks/quickbookstest"
)

var equalMoney = cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) })

func money(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// booksRig has customer 1, category 1, item 2 below it, and an estimate of 2 × 50.00 with 15 percent tax.
func booksRig(t *testing.T, w quickbookstest.Switches) *rig {
	r := newRig(t, w)
	r.customer("Alpha")
	must(r.Person().CreateCategory("Quincaillerie", ""))
	must(r.Person().CreateItem("1", object{"Name": "Vis", "Sku": "V-1"}))
	must(r.Person().CreateEstimate(form()))
	r.AdvanceClock(time.Hour)
	return r
}

func form() quickbookstest.NewDocument {
	return quickbookstest.NewDocument{Customer: "1", Tax: "15", Lines: []quickbookstest.NewLine{{Item: "2", Quantity: "2", UnitPrice: "50"}}}
}

func (r *rig) document(e quickbookstest.Entity, id string) quickbookstest.DocumentRow {
	r.t.Helper()
	d, ok := r.Document(e, id)
	if !ok {
		r.t.Fatalf("no %s %s", e, id)
	}
	return d
}

func TestPeopleMakeDocuments(t *testing.T) {
	for _, row := range []struct {
		name                                    string
		change                                  func(*quickbookstest.NewDocument)
		total, tax, net, sub, discount, freight string
		number                                  string
	}{
		{"plain", func(*quickbookstest.NewDocument) {}, "115", "15", "100", "100", "0", "0", "1001"},
		{"without a tax", func(d *quickbookstest.NewDocument) { d.Tax = "" }, "100", "0", "100", "100", "0", "0", "1001"},
		{"discount and freight", func(d *quickbookstest.NewDocument) { d.Discount, d.Shipping = "10", "5" }, "108.50", "13.50", "95", "100", "10", "5", "1001"},
		{"own number", func(d *quickbookstest.NewDocument) { d.DocNumber = "F-7" }, "115", "15", "100", "100", "0", "0", "F-7"},
		{"no number", func(d *quickbookstest.NewDocument) { d.NoDocNumber = true }, "115", "15", "100", "100", "0", "0", ""},
		{"bundle", func(d *quickbookstest.NewDocument) {
			d.Lines = []quickbookstest.NewLine{{Item: "2", Children: []quickbookstest.NewLine{{Item: "2", Quantity: "15", UnitPrice: "0.60"}, {Item: "2", Quantity: "24", UnitPrice: "0.125"}}}}
			d.Discount, d.Tax, d.Inclusive = "20", "13", true
		}, "9.60", "1.11", "8.49", "10.61", "2.12", "0", "1001"}, // the captured one: 9.00 and 3.00 with the tax
		{"within the prices, many small lines", func(d *quickbookstest.NewDocument) {
			one := quickbookstest.NewLine{Item: "2", UnitPrice: "1.00"}
			d.Lines, d.Inclusive = slices.Repeat([]quickbookstest.NewLine{one}, 10), true
		}, "10.00", "1.30", "8.70", "8.70", "0", "0", "1001"},
		{"within the prices, with freight", func(d *quickbookstest.NewDocument) { d.Inclusive, d.Shipping = true, "5" }, "105", "13.04", "91.96", "86.96", "0", "5", "1001"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := booksRig(t, quickbookstest.Switches{})
			d := form()
			row.change(&d)
			id := must(r.Person().CreateInvoice(d))
			got := r.document(quickbookstest.Invoice, id)
			if diff := cmp.Diff([]decimal.Decimal{money(row.total), money(row.tax), money(row.net), money(row.sub), money(row.discount), money(row.freight)},
				[]decimal.Decimal{got.Total, got.Tax, got.Net, got.SubTotal, got.Discount, got.Freight}, equalMoney); diff != "" || got.DocNumber != row.number {
				t.Errorf("number %q: %s", got.DocNumber, diff)
			}
			if c, _ := r.Customer("1"); !c.Balance.Equal(got.Total) {
				t.Errorf("customer owes %s, want %s", c.Balance, got.Total)
			}
		})
	}
}

func TestPeopleConvertAnEstimate(t *testing.T) {
	r := booksRig(t, quickbookstest.Switches{ConvertedStatus: "Converted"})
	id := must(r.Person().Convert("1"))
	invoice, estimate := r.document(quickbookstest.Invoice, id), r.document(quickbookstest.Estimate, "1")
	if diff := cmp.Diff([]quickbookstest.Link{{Kind: quickbookstest.Estimate, ID: "1"}}, invoice.LinkedFrom); diff != "" {
		t.Errorf("invoice from: %s", diff)
	}
	if diff := cmp.Diff([]quickbookstest.Link{{Kind: quickbookstest.Invoice, ID: id}}, estimate.LinkedTo); diff != "" || estimate.Status != "Converted" {
		t.Errorf("estimate %s to: %s", estimate.Status, diff)
	}
	if !invoice.Total.Equal(estimate.Total) || invoice.Status != "" {
		t.Errorf("invoice %+v, want the total of the estimate and no status", invoice)
	}
	must(0, r.Person().Delete(quickbookstest.Invoice, id))
	if got := r.document(quickbookstest.Estimate, "1").LinkedTo; len(got) != 0 {
		t.Errorf("after the invoice is gone: %v, want no link", got)
	}
	if c, _ := r.Customer("1"); !c.Balance.IsZero() {
		t.Errorf("customer owes %s, want 0", c.Balance)
	}
}

func TestPeopleChangeDocuments(t *testing.T) {
	for _, row := range []struct {
		name   string
		do     func(p *quickbookstest.Person) error
		net    string
		status string
		voided bool
	}{
		{"status", func(p *quickbookstest.Person) error { return p.SetStatus("1", "Accepted") }, "100", "Accepted", false},
		{"unknown status", func(p *quickbookstest.Person) error { return p.SetStatus("1", "Perdue") }, "100", "Perdue", false},
		{"freight", func(p *quickbookstest.Person) error { return p.SetShipping(quickbookstest.Estimate, "1", "12.25") }, "112.25", "Pending", false},
		{"freight taken off", func(p *quickbookstest.Person) error {
			if err := p.SetShipping(quickbookstest.Estimate, "1", "12.25"); err != nil {
				return err
			}
			return p.SetShipping(quickbookstest.Estimate, "1", "")
		}, "100", "Pending", false},
		{"lines", func(p *quickbookstest.Person) error {
			return p.SetLines(quickbookstest.Estimate, "1", quickbookstest.NewLine{Item: "2", UnitPrice: "7"})
		}, "7", "Pending", false},
		{"void", func(p *quickbookstest.Person) error { return p.Void(quickbookstest.Estimate, "1") }, "0", "Pending", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := booksRig(t, quickbookstest.Switches{})
			must(0, row.do(r.Person()))
			got := r.document(quickbookstest.Estimate, "1")
			if !got.Net.Equal(money(row.net)) || !got.Total.Equal(got.Net.Add(got.Tax)) || got.Status != row.status || got.Voided != row.voided {
				t.Errorf("got %+v", got)
			}
			if got.SyncToken == "0" || !got.Updated.After(noon) {
				t.Errorf("token %s at %s, want a later one", got.SyncToken, got.Updated)
			}
			if row.name == "lines" && !got.Tax.Equal(money("1.05")) {
				t.Errorf("tax %s, want 1.05", got.Tax)
			}
		})
	}
}

func TestPeopleDelete(t *testing.T) {
	r := booksRig(t, quickbookstest.Switches{})
	must(0, r.Person().Delete(quickbookstest.Estimate, "1"))
	if got := r.get("estimate/1").code(); got != "610" {
		t.Errorf("code %q, want 610", got)
	}
	if err := r.Person().Delete(quickbookstest.Customer, "1"); err == nil {
		t.Error("a customer was deleted")
	}
	if err := r.Person().Delete(quickbookstest.Estimate, "1"); err == nil {
		t.Error("a document was deleted twice")
	}
}

func TestPeopleDeactivate(t *testing.T) {
	for _, row := range []struct {
		title bool
		want  string
	}{{false, "Alpha (deleted)"}, {true, "Alpha (Deleted)"}} {
		r := booksRig(t, quickbookstest.Switches{TitleCaseSuffix: row.title})
		must(0, r.Person().EditCustomer("1", object{"CompanyName": "Alpha inc."}))
		must(0, r.Person().Deactivate(quickbookstest.Customer, "1"))
		if c, _ := r.Customer("1"); c.Active || c.DisplayName != row.want || c.FullyQualifiedName != row.want || c.CompanyName != "Alpha inc." {
			t.Errorf("got %+v", c)
		}
		must(0, r.Person().Activate(quickbookstest.Customer, "1"))
		if c, _ := r.Customer("1"); !c.Active || c.DisplayName != "Alpha" {
			t.Errorf("activated: %+v", c)
		}
	}
}

func TestPeopleEditCategories(t *testing.T) {
	r := booksRig(t, quickbookstest.Switches{})
	must(0, r.Person().EditItem("1", object{"Name": "Outils"}))
	if items := r.Items(); items[0].Name != "Outils" || items[1].FullyQualifiedName != "Outils:Vis" || items[1].Parent != "1" {
		t.Errorf("renamed: %+v", items)
	}
	other := must(r.Person().CreateCategory("Bois", ""))
	must(0, r.Person().EditItem("2", object{"ParentRef": object{"value": other}}))
	if items := r.Items(); items[1].FullyQualifiedName != "Bois:Vis" || items[0].Type != "Category" {
		t.Errorf("moved: %+v", items)
	}
}

func TestPeopleMergeCustomers(t *testing.T) {
	for _, row := range []struct {
		view            string
		keeps           bool
		there           bool // the loser's row
		tombstone       bool
		documentChanged bool
	}{
		{quickbookstest.MergeInactive, false, true, false, true},
		{quickbookstest.MergeTombstone, false, false, true, true},
		{quickbookstest.MergeBoth, false, true, true, true},
		{quickbookstest.MergeInactive, true, true, false, false},
	} {
		t.Run(row.view, func(t *testing.T) {
			r := booksRig(t, quickbookstest.Switches{MergeView: row.view, MergeKeepsStamps: row.keeps})
			must(r.Person().CreateInvoice(form()))
			winner := r.customer("Beta")
			child := must(r.Person().CreateCustomer(object{"DisplayName": "Projet", "ParentRef": object{"value": "1"}}))
			r.AdvanceClock(time.Hour)
			since := r.Now()
			must(0, r.Person().Merge(winner, "1"))
			for _, d := range r.Documents() {
				if d.Customer != winner || !d.Updated.Before(since) != row.documentChanged {
					t.Errorf("document %+v, want that of %s, changed %t", d, winner, row.documentChanged)
				}
			}
			loser, there := r.Customer("1")
			if there != row.there || there && (loser.Active || loser.DisplayName != "Alpha (deleted)") {
				t.Errorf("loser there %t: %+v", there, loser)
			}
			rows := r.cdc("Customer", since).block(0)["Customer"].([]any)
			tombstone := false
			for _, one := range rows {
				tombstone = tombstone || one.(object)["status"] == "Deleted" && one.(object)["Id"] == "1"
			}
			if tombstone != row.tombstone {
				t.Errorf("tombstone %t, want %t", tombstone, row.tombstone)
			}
			w, _ := r.Customer(winner)
			c, _ := r.Customer(child)
			if !w.Balance.Equal(money("115")) || c.Parent != winner || c.FullyQualifiedName != "Beta:Projet" {
				t.Errorf("winner %+v, sub-customer %+v", w, c)
			}
		})
	}
}

func TestPeopleAreRefused(t *testing.T) {
	r := booksRig(t, quickbookstest.Switches{})
	must(r.Person().CreateVendor(object{"DisplayName": "Vendeur"}))
	for _, row := range []struct {
		name string
		err  error
		code string
	}{
		{"a taken name", r.Person().EditCustomer("1", object{"DisplayName": "Vendeur"}), "6240"},
		{"nobody", r.Person().EditCustomer("99", object{"Notes": "x"}), "610"},
		{"a document made inactive", r.Person().Deactivate(quickbookstest.Estimate, "1"), "500"},
		{"merge with itself", r.Person().Merge("1", "1"), "6000"},
		{"no such estimate", second(r.Person().Convert("9")), "610"},
		{"no such customer", second(r.Person().CreateEstimate(quickbookstest.NewDocument{Customer: "9"})), "610"},
		{"no such item", second(r.Person().CreateEstimate(quickbookstest.NewDocument{Customer: "1", Lines: []quickbookstest.NewLine{{Item: "9"}}})), "610"},
	} {
		refused, ok := row.err.(*quickbookstest.Refusal)
		if !ok || refused.Code != row.code {
			t.Errorf("%s: %v, want %s", row.name, row.err, row.code)
		}
	}
}

func second(_ string, err error) error { return err }

// Five levels: four below the first.
func TestSubCustomersGoFiveLevelsDeep(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	parent := r.customer("n0")
	for i := range 4 {
		parent = must(r.Person().CreateCustomer(object{"DisplayName": "n" + string(rune('1'+i)), "ParentRef": object{"value": parent}}))
	}
	if c, _ := r.Customer(parent); c.FullyQualifiedName != "n0:n1:n2:n3:n4" {
		t.Errorf("got %q", c.FullyQualifiedName)
	}
	if _, err := r.Person().CreateCustomer(object{"DisplayName": "n5", "ParentRef": object{"value": parent}}); err == nil {
		t.Error("a sixth level was taken")
	}
	must(0, r.Person().EditCustomer("1", object{"DisplayName": "autre"}))
	if c, _ := r.Customer(parent); c.FullyQualifiedName != "autre:n1:n2:n3:n4" {
		t.Errorf("renamed: %q", c.FullyQualifiedName)
	}
}

func TestACustomersBalanceFollows(t *testing.T) {
	for _, leave := range []bool{false, true} {
		r := booksRig(t, quickbookstest.Switches{DocumentsLeaveCustomer: leave})
		must(r.Person().CreateInvoice(form()))
		must(r.Person().CreateCreditMemo(quickbookstest.NewDocument{Customer: "1", Lines: []quickbookstest.NewLine{{Item: "2", UnitPrice: "15"}}}))
		c, _ := r.Customer("1")
		if want := map[bool]string{false: "2", true: "0"}[leave]; !c.Balance.Equal(money("100")) || c.SyncToken != want {
			t.Errorf("DocumentsLeaveCustomer %t: balance %s, token %s, want 100 and %s", leave, c.Balance, c.SyncToken, want)
		}
	}
}

// References follow the names of what they refer to, or keep those that it had when the document was entered; neither is a change of
// the document.
func TestReferencesFollowNames(t *testing.T) {
	for _, stay := range []bool{false, true} {
		r := booksRig(t, quickbookstest.Switches{RefNamesStay: stay})
		d := form()
		d.Lines = append(d.Lines, quickbookstest.NewLine{Item: "2", Children: []quickbookstest.NewLine{{Item: "2"}}})
		id := must(r.Person().CreateInvoice(d))
		before, _ := r.Object(quickbookstest.Invoice, id)
		must(0, r.Person().EditCustomer("1", object{"DisplayName": "Oméga"}))
		must(0, r.Person().EditItem("2", object{"Name": "Boulon", "ParentRef": object{"value": "1"}}))
		after, _ := r.Object(quickbookstest.Invoice, id)
		customer, item := "Oméga", "Quincaillerie:Boulon"
		if stay {
			customer, item = "Alpha", "Quincaillerie:Vis"
		}
		lines := after["Line"].([]any)
		bundle := lines[1].(object)["GroupLineDetail"].(object)
		got := []any{after["CustomerRef"].(object)["name"], lines[0].(object)["SalesItemLineDetail"].(object)["ItemRef"].(object)["name"],
			bundle["GroupItemRef"].(object)["name"], bundle["Line"].([]any)[0].(object)["SalesItemLineDetail"].(object)["ItemRef"].(object)["name"]}
		if diff := cmp.Diff([]any{customer, item, item, item}, got); diff != "" {
			t.Errorf("stay %v: names (-want +got): %s", stay, diff)
		}
		if diff := cmp.Diff(before["MetaData"], after["MetaData"]); diff != "" || before["SyncToken"] != after["SyncToken"] {
			t.Errorf("stay %v: the invoice counts as changed: %s", stay, diff)
		}
	}
}
