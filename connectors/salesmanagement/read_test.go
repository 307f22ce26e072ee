package salesmanagement_test

import (
	"slices"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

// A row is read in any of the forms that the documents show.
//
// Requirement: S50-1, S50-24, S50-25
func TestForms(t *testing.T) {
	d := newDesk(t)
	a := d.add("accounts", object{
		"NAME": " Dupont ", "statusId": object{"id": 2, "value": "x"}, "countryId": "33", "salesRepId1": 2, "readonly": 1, "Address1": "1 rue", "extId": "Nord:C1",
	})
	b := d.add("accounts", object{"name": nil, "statusId": 1, "countryId": nil, "salesRepId1": object{"id": 0, "value": nil}, "readOnly": "false"})
	p := d.add("contacts", object{"lasttName": "Roy", "firstName": "-", "accountId": object{"id": a, "value": "Dupont"}})
	x := d.add("products", object{"model": "LAMPE", "price": 12.5, "stock": 2, "Z_stock_affiche": "2.75", "Z_tva_taux": object{"value": "20", "description": "t"}, "notAvailable": true})
	y := d.add("products", object{"model": "POSE", "stock": nil, "Z_stock_affiche": "-"})
	s := d.add("sales", object{"extId": "Nord:F1", "accountExtId": "Nord:C1", "date": "2018-10-10 00:00:00", "total": -3.10, "salesRepExtId": "Nord:REP2", "deleted": 0})
	c := d.tenant()
	shows(t, d.read(c, record.Account, a), map[string]string{"name": "Dupont", "status": "client", "country": "FR", "salesRepId1": "2", "readOnly": "true", "address1": "1 rue"})
	shows(t, d.read(c, record.Account, b), map[string]string{"name": "", "status": "prospect", "country": "", "salesRepId1": "", "readOnly": "false"})
	shows(t, d.read(c, record.Contact, p), map[string]string{"lastName": "Roy", "firstName": "", "accountId": string(key(a))})
	shows(t, d.read(c, record.Product, x), map[string]string{"model": "LAMPE", "price": "12.5", "stock": "2.75", "Z_stock_affiche": "2.75", "Z_tva_taux": "20", "notAvailable": "true"})
	shows(t, d.read(c, record.Product, y), map[string]string{"stock": "", "Z_stock_affiche": "-", "notAvailable": "false"})
	shows(t, d.read(c, record.Document, s), map[string]string{"extId": "Nord:F1", "accountId": string(key(a)), "date": "2018-10-10", "total": "-3.1", "salesRep": "2"})
	shows(t, d.read(c, record.User, 2), map[string]string{"name": "Rob", "lastName": "Rep", "email": "rob@firm.example", "extId": "Nord:REP2"})
	if got := d.read(c, record.Account, a).ExternalID; got != "Nord:C1" {
		t.Errorf("external id %q", got)
	}
}

// Lines are read in their order, with the product's code as the ERP knows it.
//
// Requirement: S50-11, S50-13
func TestQuote(t *testing.T) {
	d := newDesk(t)
	a := d.add("accounts", object{"name": "A"})
	x, y := d.add("products", object{"model": "LAMPE", "extId": "Nord:ART-1"}), d.add("products", object{"model": "ART-2"})
	q := d.add("salesorders", object{"reference": "D1", "statusId": 62, "accountId": a, "total": 10})
	d.add("salesordersLines", object{"salesOrderId": q, "productId": y, "quantity": 1, "price": 2, "order": 2, "discount1": 0})
	d.add("salesordersLines", object{"salesOrderId": q, "productId": x, "quantity": 1, "price": 5, "order": 1, "description": "Lampe [2.5 × 2]", "discount1": 5})
	d.add("salesordersLines", object{"salesOrderId": q, "productId": x, "quantity": 1, "price": 9, "order": 0, "deleted": true})
	c := d.tenant()
	r := d.read(c, record.Quote, q)
	shows(t, r, map[string]string{"reference": "D1", "status": salesmanagement.ToPrice, "accountId": string(key(a)), "total": "10"})
	want := record.RowsOf(
		record.Fields{"productId": ref(x), "product": text("ART-1"), "description": text("Lampe"), "quantity": number("2.5"), "price": number("2"), "total": {}, "discount1": number("5")},
		record.Fields{"productId": ref(y), "product": text("ART-2"), "description": {}, "quantity": number("1"), "price": number("2"), "total": {}},
	)
	got := r.Fields["lines"]
	if len(got.Rows) != 2 || !got.Rows[0].Equal(want.Rows[0]) || !got.Rows[1].Equal(want.Rows[1]) {
		t.Errorf("lines %+v", got)
	}
}

// Many keys are asked for together; what the answer does not show is asked for alone, since it may be there.
func TestReadMany(t *testing.T) {
	d := newDesk(t)
	var keys []record.Key
	for range 90 {
		keys = append(keys, key(d.add("accounts", object{"name": "x"})))
	}
	c := d.tenant()
	check(t, c.Check(t.Context()))
	d.calls = nil
	found, later, err := c.Read(t.Context(), record.Account, append(keys, "99999", "x1", "0017"))
	if err != nil || len(later) > 0 || len(found) != 90 {
		t.Errorf("%d found, %d later, %v", len(found), len(later), err)
	}
	if len(d.calls) > 8 {
		t.Errorf("%d calls", len(d.calls))
	}
	d.noOr = true
	if found, _, err := c.Read(t.Context(), record.Account, keys[:5]); err != nil || len(found) != 5 {
		t.Errorf("%d found, %v", len(found), err)
	}
	if found, _, err := c.Read(t.Context(), "none", keys[:5]); err != nil || found != nil || c.Fields("none") != nil {
		t.Errorf("an unknown entity: %v, %v", found, err)
	}
}

// What the settings name and the tenant lacks is told by the check, before anything is sent.
func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name   string
		spoil  func(*salesmanagement.Config)
		change func(*desk)
		code   string
	}{
		{name: "as it is"},
		{name: "by id", spoil: func(c *salesmanagement.Config) { c.Admin, c.Branch = "2", 5 }},
		{name: "status in another case", spoil: func(c *salesmanagement.Config) { c.Clients = []string{"CUSTOMER", "gone"} }},
		{name: "no status", spoil: func(c *salesmanagement.Config) { c.Clients = []string{"Kunde"} }, code: salesmanagement.CodeStatusMissing},
		{name: "quotes are not wanted", spoil: func(c *salesmanagement.Config) { c.NoQuotes = true }, change: func(d *desk) { delete(d.tables, "salesorderStatuses") }},
		{name: "two branches", change: func(d *desk) { d.add("branches", object{}) }, code: salesmanagement.CodeBranch},
		{name: "another branch", spoil: func(c *salesmanagement.Config) { c.Branch = 6 }, code: salesmanagement.CodeBranch},
		{name: "no such administrator", spoil: func(c *salesmanagement.Config) { c.Admin = "nobody@firm.example" }, code: salesmanagement.CodeAdmin},
	} {
		d := newDesk(t)
		if tt.change != nil {
			tt.change(d)
		}
		c := d.tenant(func(c *salesmanagement.Config) {
			if tt.spoil != nil {
				tt.spoil(c)
			}
		})
		err := c.Check(t.Context())
		if tt.code == "" && err != nil || tt.code != "" && (connectors.CodeOf(err) != tt.code || connectors.KindOf(err) != connectors.Drift) {
			t.Errorf("%s: got %v", tt.name, err)
		}
		if err != nil {
			if r := d.apply(c, create(record.Account, "Nord:1", record.Fields{"name": text("x")})); r.Outcome != connectors.NotApplied || len(d.writes()) > 0 {
				t.Errorf("%s: it writes all the same: %v", tt.name, d.writes())
			}
		}
	}
}

// Custom fields that nobody has made are listed and left out (M17).
//
// Requirement: S50-27
func TestMissingCustomFields(t *testing.T) {
	d := newDesk(t)
	d.customs, d.kinds = []string{"Z_tva_taux", "Z_stock_affiche", "Z_autre"}, map[string]string{"Z_tva_taux": "string"}
	id := d.add("products", object{"model": "LAMPE"})
	c := d.tenant()
	check(t, c.Check(t.Context()))
	same(t, "missing", c.Missing()[record.Product], []string{"Z_autres_taxes", "Z_prix_ttc"})
	if _, there := c.Fields(record.Product)["Z_prix_ttc"]; there {
		t.Error("a missing field is described")
	}
	d.applied(c, update(record.Product, id, record.Fields{"Z_prix_ttc": number("3"), "Z_tva_taux": number("20")}))
	same(t, "sent", d.sent[len(d.sent)-1:], []string{`{"Z_tva_taux":"20"}`})
	var names []string
	for _, col := range c.CustomColumns(record.Product) {
		names = append(names, col.Name)
	}
	same(t, "columns", names, []string{"Z_autre", "Z_stock_affiche", "Z_tva_taux"})
	if !slices.Contains(d.calls, "POST procedure/zapier_schema") {
		t.Error("the vendor's procedure is not asked")
	}
}

// An account that is neither client nor prospect, and that the ERP does not have, is nothing to be synchronised; one that the ERP has is.
//
// Requirement: S50-7
func TestOtherStatus(t *testing.T) {
	d := newDesk(t)
	c := d.tenant()
	for want, ids := range map[string][]int{
		salesmanagement.CodeOtherStatus: {d.add("accounts", object{"name": "A", "statusId": 9}), d.add("accounts", object{"name": "B"})},
		"": {d.add("accounts", object{"name": "C", "statusId": 9, "extId": "Nord:C1"}), d.add("accounts", object{"name": "D", "statusId": 1}),
			d.add("accounts", object{"name": "E", "statusId": 2})},
	} {
		for _, id := range ids {
			if got := d.read(c, record.Account, id).Held; got != want {
				t.Errorf("%d: held for %q, want %q", id, got, want)
			}
		}
	}
}
