package app_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
)

// expected is what the CRM must show, worked out from the company's cards alone. The box is not asked.
type expected struct {
	r         *rig
	customers []acombatest.Customer
	documents []acombatest.Document
	reps      []acombatest.SalesRep
	groups    []acombatest.Group
	terms     map[int32]string
	areas     map[int32]string
	lists     map[int32]string // price lists by number
	next      map[int32]bool   // documents that a valid other one was made from
	wrong     []string
}

// differences compares everything in use in the ERP with what the CRM shows. But names external ids that
// are left out.
func (r *rig) differences(but ...string) []string {
	r.t.Helper()
	x := r.expected()
	for _, rep := range x.reps {
		u, ok := r.crm.UserByExternalID(ext("VE", rep.CardPos))
		x.found(ext("VE", rep.CardPos), ok)
		x.same(ext("VE", rep.CardPos), "FullName", u.FullName, rep.Name)
		x.same(ext("VE", rep.CardPos), "Number", u.Number, fmt.Sprint(rep.Number))
	}
	for _, g := range x.groups {
		if g.Parent == 0 {
			c, ok := r.crm.CategoryByExternalID(ext("PG", g.CardPos))
			x.found(ext("PG", g.CardPos), ok)
			x.same(ext("PG", g.CardPos), "NameFR", c.NameFR, g.Description)
			x.same(ext("PG", g.CardPos), "Active", c.Active, g.Active)
		}
	}
	for _, c := range x.customers {
		x.account(c)
		x.contact(c)
	}
	for _, d := range x.documents {
		x.document(d)
	}
	return slices.DeleteFunc(x.wrong, func(w string) bool {
		name, _, _ := strings.Cut(w, " ")
		return slices.Contains(but, name)
	})
}

func (r *rig) expected() *expected {
	r.t.Helper()
	x := &expected{r: r, terms: map[int32]string{}, areas: map[int32]string{}, lists: map[int32]string{}, next: map[int32]bool{}}
	var err error
	x.customers, err = r.erp.Customers()
	must(r.t, err)
	x.documents, err = r.erp.Documents()
	must(r.t, err)
	x.reps, err = r.erp.SalesReps()
	must(r.t, err)
	x.groups, err = r.erp.Groups()
	must(r.t, err)
	terms, err := r.erp.Terms()
	must(r.t, err)
	for _, t := range terms {
		x.terms[t.CardPos] = t.Description
	}
	areas, err := r.erp.Territories()
	must(r.t, err)
	for _, a := range areas {
		x.areas[a.CardPos] = a.Description
	}
	lists, err := r.erp.PriceLists()
	must(r.t, err)
	for _, l := range lists {
		x.lists[l.Number] = l.Description
	}
	for _, d := range x.documents {
		if d.Source != 0 && d.State != acombatest.StateCancelled {
			x.next[d.Source] = true
		}
	}
	return x
}

func (x *expected) found(name string, ok bool) {
	if !ok {
		x.wrong = append(x.wrong, name+" is not there")
	}
}

// same notes a difference; texts count without blanks around them.
func (x *expected) same(name, field string, got, want any) {
	if s, ok := want.(string); ok {
		want = strings.TrimSpace(s)
	}
	if got != want {
		x.wrong = append(x.wrong, fmt.Sprintf("%s %s: CRM has %v, ERP %v", name, field, got, want))
	}
}

func (x *expected) amount(name, field, got string, want decimal.Decimal) {
	d, err := decimal.NewFromString(or(got, "0"))
	if err != nil || !d.Equal(want) {
		x.wrong = append(x.wrong, fmt.Sprintf("%s %s: CRM has %q, ERP %s", name, field, got, want))
	}
}

func (x *expected) account(c acombatest.Customer) {
	name := ext("CU", c.CardPos)
	a, ok := x.r.crm.AccountByExternalID(name)
	x.found(name, ok)
	for _, f := range []struct {
		field     string
		got, want string
	}{
		{"Name", a.Name, c.Name}, {"Address1", a.Address1, c.Address}, {"City", a.City, c.City}, {"Province", a.Province, c.Province},
		{"Postal", a.Postal, c.Postal}, {"Country", a.Country, c.Country}, {"Web", a.Web, c.Web},
		{"Phone1", a.Phone1, phoneOf(c, acombatest.PhoneMain)}, {"Fax", a.Fax, phoneOf(c, acombatest.PhoneFax)},
		{"Language", a.Language, languageOf(c)}, {"Sync.CustomerNumber", a.Sync.CustomerNumber, c.Number},
		{"Sync.PriceList", a.Sync.PriceList, x.lists[int32(c.PriceLevel)]}, {"Sync.PaymentTerm", a.Sync.PaymentTerm, x.terms[c.Term]},
		{"Sync.Territory", a.Sync.Territory, x.areas[c.Territory]},
	} {
		x.same(name, f.field, f.got, f.want)
	}
	x.amount(name, "Sync.Discount", a.Sync.Discount, decimal.New(int64(c.DiscountBP), -2))
	x.same(name, "ERPActive", a.ERPActive, c.Active)
	x.same(name, "SalesRep", a.SalesRep, x.user(c.SalesRep))
}

func (x *expected) contact(c acombatest.Customer) {
	name := ext("CC", c.CardPos)
	p, ok := x.r.crm.ContactByExternalID(name)
	x.found(name, ok)
	for _, f := range []struct {
		field     string
		got, want string
	}{
		{"FullName", p.FullName, or(strings.TrimSpace(c.CareOf), c.Name)}, {"Email", p.Email, c.Emails[0]},
		{"Phone1", p.Phone1, phoneOf(c, acombatest.PhoneMain)}, {"Fax", p.Fax, phoneOf(c, acombatest.PhoneFax)},
		{"Cell", p.Cell, phoneOf(c, mobileSlot(c))}, {"Language", p.Language, languageOf(c)},
	} {
		x.same(name, f.field, f.got, f.want)
	}
	x.same(name, "AccountId", p.AccountID, x.r.account(c.CardPos).ID)
	x.same(name, "SalesRep1", p.SalesRep1, x.user(c.SalesRep))
}

func (x *expected) user(position int32) int64 {
	if position == 0 {
		return 0
	}
	u, _ := x.r.crm.UserByExternalID(ext("VE", position))
	return u.ID
}

func phoneOf(c acombatest.Customer, slot int) string {
	p := c.Phones[slot]
	number := strings.TrimSpace(p.Number)
	if e := strings.TrimSpace(p.Ext); number != "" && e != "" {
		number += " #" + e
	}
	return number
}

func mobileSlot(c acombatest.Customer) int {
	for i, p := range c.Phones {
		d := strings.ToLower(p.Desc)
		if strings.Contains(d, "cell") || strings.Contains(d, "mobile") || strings.Contains(d, "portable") {
			return i
		}
	}
	return acombatest.PhoneUser1
}

func languageOf(c acombatest.Customer) string {
	return map[int16]string{9: "EN", 12: "FR"}[c.Language]
}

// stages are the CRM's by kind of document.
var stages = map[acombatest.Kind]string{acombatest.Quote: "quote", acombatest.Order: "order", acombatest.OpenOrder: "open_order",
	acombatest.Invoice: "invoice", acombatest.Contract: "contract"}

func (x *expected) document(d acombatest.Document) {
	name := ext("DO", d.CardPos)
	o, ok := x.r.crm.OpportunityByExternalID(name)
	x.found(name, ok)
	void := x.next[d.CardPos] || d.State == acombatest.StateCancelled
	total := decimal.New(d.SubTotal+d.Freight-d.Discount, -2)
	if void {
		total = decimal.Zero
	}
	stage, _ := x.r.crm.StageByKey(stages[d.Kind])
	x.same(name, "Title", o.Title, d.Number)
	x.same(name, "StageId", o.StageID, stage.ID)
	x.same(name, "AccountId", o.AccountID, x.r.account(d.Customer).ID)
	x.same(name, "ContactId", o.ContactID, x.r.contact(d.Customer).ID)
	x.same(name, "UserId", o.UserID, x.user(d.SalesRep))
	x.amount(name, "TotalBeforeTax", o.TotalBeforeTax, total)
	if void {
		x.same(name, "lines", len(o.Lines), 1)
		return
	}
	x.amount(name, "Freight", o.Freight, decimal.New(d.Freight, -2))
	x.lines(name, d, o)
}

func (x *expected) lines(name string, d acombatest.Document, o centrixonetest.Opportunity) {
	var want []acombatest.Line
	for _, l := range d.Lines {
		if l.Type == acombatest.ProductLine {
			want = append(want, l)
		}
	}
	x.same(name, "lines", len(o.Lines), len(want))
	for i := range min(len(o.Lines), len(want)) {
		l := fmt.Sprintf("line %d", i+1)
		x.same(name, l+" code", o.Lines[i].ProductCode, want[i].SKU)
		x.amount(name, l+" total", o.Lines[i].Total, decimal.New(want[i].Total, -2))
	}
}
