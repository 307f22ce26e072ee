package acomba_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
)

// filled is a customer with something in every field.
func filled(c *acombatest.Customer) {
	c.Name, c.CareOf = "Quincaillerie Bélanger", "Anne-Marie Côté Roy"
	c.Address, c.City, c.Province, c.Postal, c.Country = "12, rue du Port", "Lévis", "QC", "G6V 1A1", "CA"
	c.Phones = [5]acombatest.Phone{{Number: "418 555-0100", Ext: "12"}, {Desc: "Fax", Number: "418 555-0101"},
		{Desc: "Maison", Number: "418 555-0102"}, {Desc: "Cellulaire", Number: "418 555-0103"}, {}}
	c.Emails = [3]string{"a@example.com", "b@example.com", ""}
	c.Web, c.Language, c.DiscountBP = "https://belanger.example", 12, 1250
	c.SalesRep = 3
}

// Requirement: ACO-15, ACO-16, ACO-17, ACO-18, ACO-19, ACO-20, ACO-21, ACO-22, ACO-23, ACO-24, ACO-25, EXT-6
func TestCustomerRecords(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		must(t, s.erp.ModifyCustomer(5, filled))
		s.look()
		c, err := s.erp.Customer(5)
		must(t, err)
		want := record.Fields{
			"number": record.TextOf(c.Number), "name": record.TextOf("Quincaillerie Bélanger"),
			"address": record.TextOf("12, rue du Port"), "city": record.TextOf("Lévis"), "province": record.TextOf("QC"),
			"postal_code": record.TextOf("G6V 1A1"), "iso_country": record.TextOf("CA"),
			"web": record.TextOf("https://belanger.example"), "phone": record.TextOf("418 555-0100 #12"),
			"fax": record.TextOf("418 555-0101"), "language": record.TextOf("fr"),
			"discount": record.NumberOf(decimal.RequireFromString("12.5")), "salesrep": record.RefOf("3"),
			"term": record.TextOf(s.termOf(c)), "territory": record.TextOf(s.territoryOf(c)),
			"price_list": record.TextOf(s.listOf(c)), "active": record.BoolOf(c.Active),
		}
		if diff := cmp.Diff(want, s.one(record.Account, 5).Fields); diff != "" {
			t.Errorf("account (-want +got):\n%s", diff)
		}
		want = record.Fields{
			"account": record.RefOf("5"), "full_name": record.TextOf("Anne-Marie Côté Roy"),
			"first_name": record.TextOf("Anne-Marie"), "last_name": record.TextOf("Côté Roy"),
			"phone": record.TextOf("418 555-0100 #12"), "fax": record.TextOf("418 555-0101"),
			"mobile": record.TextOf("418 555-0103"), "email": record.TextOf("a@example.com"),
			"language": record.TextOf("fr"), "salesrep": record.RefOf("3"), "active": record.BoolOf(c.Active),
		}
		if diff := cmp.Diff(want, s.one(record.Contact, 5).Fields); diff != "" {
			t.Errorf("contact (-want +got):\n%s", diff)
		}
	})
}

func (s *stage) termOf(c acombatest.Customer) string {
	all, err := s.erp.Terms()
	must(s.t, err)
	for _, x := range all {
		if x.CardPos == c.Term {
			return x.Description
		}
	}
	return ""
}

func (s *stage) territoryOf(c acombatest.Customer) string {
	all, err := s.erp.Territories()
	must(s.t, err)
	for _, x := range all {
		if x.CardPos == c.Territory {
			return x.Description
		}
	}
	return ""
}

func (s *stage) listOf(c acombatest.Customer) string {
	all, err := s.erp.PriceLists()
	must(s.t, err)
	for _, x := range all {
		if x.Number == int32(c.PriceLevel) {
			return x.Description
		}
	}
	return ""
}

func TestContactWithoutName(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	must(t, s.erp.ModifyCustomer(5, func(c *acombatest.Customer) { c.CareOf, c.Name = "", "Atelier Roy" }))
	s.look()
	f := s.one(record.Contact, 5).Fields
	if f["full_name"].Text != "Atelier Roy" || !f["first_name"].Empty() || !f["last_name"].Empty() {
		t.Errorf("got %v %v %v, want the account's name, not split", f["full_name"], f["first_name"], f["last_name"])
	}
}

func TestSiteRules(t *testing.T) {
	tests := []struct {
		name   string
		set    func(*acomba.Config)
		card   func(*acombatest.Customer)
		entity record.Entity
		want   map[string]string
	}{
		{"last name first", func(c *acomba.Config) { c.Names = acomba.NamesLastFirst },
			func(c *acombatest.Customer) { c.CareOf = "Tremblay Jean Guy" }, record.Contact,
			map[string]string{"first_name": "Jean Guy", "last_name": "Tremblay"}},
		{"comma", nil, func(c *acombatest.Customer) { c.CareOf = "Tremblay, Jean" }, record.Contact,
			map[string]string{"first_name": "Jean", "last_name": "Tremblay"}},
		{"one word", nil, func(c *acombatest.Customer) { c.CareOf = "Comptabilité" }, record.Contact,
			map[string]string{"first_name": "", "last_name": "Comptabilité"}},
		{"whole", func(c *acomba.Config) { c.Names = acomba.NamesWhole },
			func(c *acombatest.Customer) { c.CareOf = "Jean Tremblay" }, record.Contact,
			map[string]string{"full_name": "Jean Tremblay", "first_name": "", "last_name": ""}},
		{"mobile in user1", nil, func(c *acombatest.Customer) { c.Phones[2] = acombatest.Phone{Desc: "Maison", Number: "1"} },
			record.Contact, map[string]string{"mobile": "1"}},
		{"mobile described", nil, func(c *acombatest.Customer) {
			c.Phones[2] = acombatest.Phone{Desc: "Maison", Number: "1"}
			c.Phones[4] = acombatest.Phone{Desc: "Tél. MOBILE", Number: "2"}
		}, record.Contact, map[string]string{"mobile": "2"}},
		{"province kept in the city", nil, func(c *acombatest.Customer) { c.City, c.Province = "Laval, QC", "" },
			record.Account, map[string]string{"city": "Laval, QC", "province": ""}},
		{"province out of the city", func(c *acomba.Config) { c.ProvinceFromCity = true },
			func(c *acombatest.Customer) { c.City, c.Province = "Laval, QC", "" },
			record.Account, map[string]string{"city": "Laval", "province": "QC"}},
		{"province in brackets", func(c *acomba.Config) { c.ProvinceFromCity = true },
			func(c *acombatest.Customer) { c.City, c.Province = "Lévis (Québec)", "" },
			record.Account, map[string]string{"city": "Lévis", "province": "Québec"}},
		{"no province behind the comma", func(c *acomba.Config) { c.ProvinceFromCity = true },
			func(c *acombatest.Customer) { c.City, c.Province = "Laval, secteur ouest", "" },
			record.Account, map[string]string{"city": "Laval, secteur ouest", "province": ""}},
		{"neutral language", nil, func(c *acombatest.Customer) { c.Language = 0 }, record.Account, map[string]string{"language": ""}},
		{"english", nil, func(c *acombatest.Customer) { c.Language = 9 }, record.Account, map[string]string{"language": "en"}},
	}
	s := newStage(t, small(acombatest.SIM1))
	plain := s.cfg
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.t, s.cfg = t, plain
			if tt.set != nil {
				tt.set(&s.cfg)
			}
			s.restart()
			must(t, s.erp.ModifyCustomer(5, func(c *acombatest.Customer) {
				filled(c)
				c.Phones = [5]acombatest.Phone{}
				tt.card(c)
			}))
			s.look()
			got := s.one(tt.entity, 5).Fields
			for name, want := range tt.want {
				if got[name].Text != want {
					t.Errorf("%s: got %q, want %q", name, got[name].Text, want)
				}
			}
		})
	}
}

// A changed rule makes every record new.
func TestChangedRuleTellsAll(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	all := s.look()
	s.cfg.Names = acomba.NamesLastFirst
	s.restart()
	if diff := cmp.Diff(all, s.look()); diff != "" {
		t.Errorf("told after another rule (-first +now):\n%s", diff)
	}
}

func cents(v int64) record.Value   { return record.NumberOf(decimal.New(v, -2)) }
func tenths4(v int64) record.Value { return record.NumberOf(decimal.New(v, -4)) }

var kindNames = map[acombatest.Kind]string{acombatest.Quote: "quote", acombatest.Order: "order",
	acombatest.OpenOrder: "open_order", acombatest.Invoice: "invoice", acombatest.Contract: "contract"}

// wantDocument is a document as the simulator's own state says it must look.
func (s *stage) wantDocument(d acombatest.Document, groups map[int32]int32) record.Fields {
	at := func(cp int32) record.Value {
		if cp == 0 {
			return record.Value{}
		}
		return record.RefOf(keyOf(cp))
	}
	var taxes int64
	for _, tax := range d.Taxes {
		taxes += tax
	}
	f := record.Fields{
		"number": record.TextOf(d.Number), "kind": record.TextOf(kindNames[d.Kind]), "account": at(d.Customer),
		"contact": at(d.Customer), "salesrep": at(d.SalesRep), "date": record.DateOf(d.Date.Time()),
		"currency": record.TextOf("CAD"), "freight": cents(d.Freight), "discount": cents(d.Discount),
		"total_before_tax": cents(d.Total - taxes),
	}
	var rows []record.Fields
	for _, l := range d.Lines {
		if l.Type != acombatest.ProductLine {
			continue
		}
		group, qty := l.Group, l.OrderedQty
		for groups[group] != 0 {
			group = groups[group]
		}
		if d.Kind == acombatest.Invoice {
			qty = l.InvoicedQty
		}
		percent := decimal.New(int64(l.DiscountBP), -2)
		gross := decimal.New(qty, -4).Mul(decimal.New(l.UnitPrice, -4))
		rows = append(rows, record.Fields{
			"no": record.NumberOf(decimal.NewFromInt(int64(l.No))), "category": at(group), "product": record.TextOf(l.SKU),
			"description": record.TextOf(l.Description), "quantity": tenths4(qty), "unit_price": tenths4(l.UnitPrice),
			"discount": record.NumberOf(gross.Mul(percent).Shift(-2).RoundBank(2)), "total": cents(l.Total),
		})
	}
	f["lines"] = record.RowsOf(rows...)
	return f
}

// Requirement: ACO-26, ACO-27, ACO-28, ACO-29, ACO-30, ACO-31, ACO-32, ACO-33, ACO-34, ACO-35, ACO-42
func TestDocuments(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.cfg.Superseded = acomba.SupersededKeep
		s.restart()
		s.look()
		groups, err := s.erp.Groups()
		must(t, err)
		parents := map[int32]int32{}
		for _, g := range groups {
			parents[g.CardPos] = g.Parent
		}
		all, err := s.erp.Documents()
		must(t, err)
		var positions []int32
		for _, d := range all {
			positions = append(positions, d.CardPos)
		}
		found, later := s.read(record.Document, positions...)
		if len(later) > 0 {
			t.Errorf("later %v", later)
		}
		seen, below := map[string]int{}, 0
		for _, d := range all {
			if d.State == acombatest.StateCancelled {
				continue
			}
			got := found[keyOf(d.CardPos)]
			if got.Held != "" {
				t.Errorf("document %d: held %s %v", d.CardPos, got.Held, got.HeldArgs)
			}
			if diff := cmp.Diff(s.wantDocument(d, parents), got.Fields); diff != "" {
				t.Errorf("document %d (-want +got):\n%s", d.CardPos, diff)
			}
			seen[kindNames[d.Kind]]++
			for _, l := range d.Lines {
				if parents[l.Group] != 0 {
					below++
				}
			}
		}
		if len(seen) != 5 || below == 0 {
			t.Errorf("the sample has kinds %v and %d lines in sub-groups: it proves too little", seen, below)
		}
	})
}

// Requirement: ACO-26
func TestKindsSwitchedOff(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.cfg.Documents = acomba.Documents{Invoices: true}
	s.restart()
	told := s.look()
	all, err := s.erp.Documents()
	must(t, err)
	for _, d := range all {
		want := d.Kind == acombatest.Invoice
		if got := slices.Contains(told, "document "+string(keyOf(d.CardPos))); got != want {
			t.Errorf("%s %d: told %v, want %v", kindNames[d.Kind], d.CardPos, got, want)
		}
		found, _ := s.read(record.Document, d.CardPos)
		if got := len(found) == 1; got != want {
			t.Errorf("%s %d: read %v, want %v", kindNames[d.Kind], d.CardPos, got, want)
		}
	}
	s.cfg.Documents = acomba.Documents{}
	s.restart()
	for _, name := range s.look() {
		if strings.HasPrefix(name, "document") {
			t.Fatalf("told %s with all documents switched off", name)
		}
	}
}

func zeroed(t *testing.T, r record.Record, note string) {
	t.Helper()
	for _, name := range []string{"total_before_tax", "freight", "discount"} {
		if !r.Fields[name].Equal(cents(0)) {
			t.Errorf("%s: got %v, want 0", name, r.Fields[name])
		}
	}
	rows := r.Fields["lines"].Rows
	if len(rows) != 1 || rows[0]["description"].Text != note || !rows[0]["total"].Equal(cents(0)) {
		t.Errorf("got lines %v, want the note %q", rows, note)
	}
}

func TestSuperseded(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		quote := s.document(acombatest.Quote)
		key := "document " + string(keyOf(quote.CardPos))
		before := s.one(record.Document, quote.CardPos)
		next, err := s.erp.TurnNewCard(quote.CardPos, acombatest.Order)
		must(t, err)
		order, err := s.erp.Document(next)
		must(t, err)
		if told := s.look(); !slices.Contains(told, key) || !slices.Contains(told, "document "+string(keyOf(next))) {
			t.Errorf("told %v, want both documents", told)
		}
		note := fmt.Sprintf("Remplacée par commande %s / Replaced by %s", order.Number, order.Number)
		zeroed(t, s.one(record.Document, quote.CardPos), note)
		s.restart() // the notes know it, too
		s.look()
		zeroed(t, s.one(record.Document, quote.CardPos), note)
		if got := s.one(record.Document, next).Fields["total_before_tax"]; got.Decimal().IsZero() {
			t.Error("the order shows no total")
		}

		must(t, s.erp.CancelDocument(next))
		if told := s.look(); !slices.Contains(told, key) {
			t.Errorf("told %v, want the quote that is no longer superseded", told)
		}
		zeroed(t, s.one(record.Document, next), "Annulée / Cancelled")
		if got := s.one(record.Document, quote.CardPos); !got.Fields["total_before_tax"].Equal(before.Fields["total_before_tax"]) {
			t.Errorf("got total %v again, want %v", got.Fields["total_before_tax"], before.Fields["total_before_tax"])
		}
	})
}

// A successor of a kind that is not read leaves the amounts where they are.
func TestSupersededByUnreadKind(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.cfg.Documents = acomba.Documents{Quotes: true}
	s.restart()
	quote := s.document(acombatest.Quote)
	_, err := s.erp.TurnNewCard(quote.CardPos, acombatest.Order)
	must(t, err)
	s.look()
	if got := s.one(record.Document, quote.CardPos); got.Fields["total_before_tax"].Decimal().IsZero() {
		t.Error("the quote lost its total to an order that nobody sees")
	}
}

// Requirement: ACO-37, ACO-38
func TestTurnedOnTheSameCard(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	quote := s.document(acombatest.Quote)
	must(t, s.erp.TurnSameCard(quote.CardPos, acombatest.Order))
	must(t, s.erp.TurnSameCard(quote.CardPos, acombatest.Invoice))
	s.wantTold("document " + string(keyOf(quote.CardPos)))
	if got := s.one(record.Document, quote.CardPos).Fields["kind"].Text; got != "invoice" {
		t.Errorf("got kind %q, want invoice", got)
	}
}

// An amount of discount wins over a percentage, which counts where there is no amount.
func TestDiscountOfDocument(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	d := s.document(acombatest.Order)
	must(t, s.erp.SetRaw(acombatest.DocumentTable, d.CardPos, "sub_total", 10_010))
	must(t, s.erp.SetRaw(acombatest.DocumentTable, d.CardPos, "discount_bp", 250))
	for amount, want := range map[int64]int64{0: 250, 1234: 1234} {
		must(t, s.erp.SetRaw(acombatest.DocumentTable, d.CardPos, "discount", amount))
		s.look()
		if got := s.one(record.Document, d.CardPos).Fields["discount"]; !got.Equal(cents(want)) {
			t.Errorf("amount %d: got discount %v, want %v", amount, got, cents(want))
		}
	}
}

func TestOwnerOfDocument(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	d := s.document(acombatest.Order)
	must(t, s.erp.ModifyDocument(d.CardPos, func(d *acombatest.Document) { d.InvoicedTo = d.Customer%20 + 3 }))
	for owner, want := range map[acomba.Owner]int32{acomba.OwnerCustomer: d.Customer, acomba.OwnerInvoicedTo: d.Customer%20 + 3} {
		s.cfg.Owner = owner
		s.restart()
		s.look()
		f := s.one(record.Document, d.CardPos).Fields
		if f["account"].Key() != keyOf(want) || f["contact"].Key() != keyOf(want) {
			t.Errorf("%s: got account %v and contact %v, want %d", owner, f["account"], f["contact"], want)
		}
	}
}

func TestUnknownCode(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	d := s.document(acombatest.Order)
	must(t, s.erp.SetRaw(acombatest.DocumentTable, d.CardPos, "doc_type", 99))
	s.look()
	r := s.one(record.Document, d.CardPos)
	if r.Held != acomba.CodeUnknownCode || r.HeldArgs["field"] != "doc_type" || r.HeldArgs["code"] != "99" {
		t.Errorf("got held %q %v, want %s of doc_type 99", r.Held, r.HeldArgs, acomba.CodeUnknownCode)
	}
	must(t, s.erp.SetRaw(acombatest.CustomerTable, 5, "language", 7))
	s.look()
	if r := s.one(record.Account, 5); r.Held != acomba.CodeUnknownCode {
		t.Errorf("language 7: got held %q", r.Held)
	}
}

// Requirement: ACO-44, ACO-45, ACO-48
func TestUsersAndCategories(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		must(t, s.erp.SetSalesRepActive(2, false))
		must(t, s.erp.SetGroupActive(1, false))
		s.look()
		reps, err := s.erp.SalesReps()
		must(t, err)
		for _, r := range reps {
			want := record.Fields{"number": record.TextOf(fmt.Sprint(r.Number)), "name": record.TextOf(r.Name), "active": record.BoolOf(r.Active)}
			if diff := cmp.Diff(want, s.one(record.User, r.CardPos).Fields); diff != "" {
				t.Errorf("user %d (-want +got):\n%s", r.CardPos, diff)
			}
		}
		groups, err := s.erp.Groups()
		must(t, err)
		for _, g := range groups {
			got := s.one(record.Category, g.CardPos)
			if g.Parent != 0 {
				if !got.Gone {
					t.Errorf("sub-group %d is shown as a category", g.CardPos)
				}
				continue
			}
			want := record.Fields{"number": record.TextOf(fmt.Sprint(g.Number)), "description": record.TextOf(g.Description), "active": record.BoolOf(g.Active)}
			if diff := cmp.Diff(want, got.Fields); diff != "" {
				t.Errorf("category %d (-want +got):\n%s", g.CardPos, diff)
			}
		}
	})
}

// Requirement: ACO-64
func TestDeletedCustomerIsGone(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	must(t, s.erp.DeleteCustomer(5))
	s.wantTold("account 5", "contact 5")
	if r := s.one(record.Account, 5); !r.Gone {
		t.Error("a deleted card is not gone")
	}
	if found, later := s.read(record.Account, 100_000); len(found)+len(later) != 0 {
		t.Errorf("behind the end: got %v and later %v, want nothing", found, later)
	}
}

func TestFieldsOfTheSource(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	for _, e := range []record.Entity{record.User, record.Category, record.Account, record.Contact, record.Document} {
		fields := s.source.Fields(e)
		position := int32(5)
		if e == record.User || e == record.Category {
			position = 1
		}
		for name, v := range s.one(e, position).Fields {
			f, ok := fields[name]
			if !ok || !v.Empty() && f.Kind != v.Kind {
				t.Errorf("%s %s: described as %v, read as %v", e, name, f.Kind, v.Kind)
			}
			if f.Write != connectors.WriteNone {
				t.Errorf("%s %s: can be written without a writing half", e, name)
			}
		}
	}
	if s.source.Fields("invoice") != nil {
		t.Error("fields of an unknown entity")
	}
	name := s.source.Fields(record.Account)["name"]
	if name.MaxLen != 60 {
		t.Errorf("name: got at most %d characters, want 60", name.MaxLen)
	}
	if got, ok := name.Hold("Cafe\u0301 "); got != "Café" || !ok {
		t.Errorf("hold: got %q %v, want Café", got, ok)
	}
	if _, ok := name.Hold("東京"); ok {
		t.Error("the code page holds Japanese")
	}
	if _, ok := name.Hold(strings.Repeat("a", 100)); !ok {
		t.Error("hold judges the length, which MaxLen tells")
	}
}

// Requirement: ACO-58, ACO-59
func TestFindByNumber(t *testing.T) {
	bothProfiles(t, func(t *testing.T, s *stage) {
		s.look()
		find := func(number string) []record.Key {
			t.Helper()
			keys, err := s.source.Find(context.Background(), record.Account, "number", record.TextOf(number))
			must(t, err)
			return keys
		}
		c := s.customers()[4]
		if got := find(c.Number); !cmp.Equal(got, []record.Key{keyOf(c.CardPos)}) {
			t.Errorf("got %v, want %d", got, c.CardPos)
		}
		if got := find("20261121140000000"); got != nil {
			t.Errorf("an unused number: got %v", got)
		}
		must(t, s.erp.ChangeNumber(c.CardPos, "20261121140000000"))
		if got := find(c.Number); got != nil {
			t.Errorf("the number was changed since: got %v", got)
		}
		s.look()
		if got := find("20261121140000000"); !cmp.Equal(got, []record.Key{keyOf(c.CardPos)}) {
			t.Errorf("the new number: got %v, want %d", got, c.CardPos)
		}
		if _, err := s.source.Find(context.Background(), record.Document, "number", record.TextOf("1")); err == nil {
			t.Error("documents can be found by number")
		}
	})
}

func TestBrokenLines(t *testing.T) {
	for how, why := range map[acombatest.Break]string{acombatest.ChainCycle: "cycle", acombatest.ChainParent: "other parent",
		acombatest.ChainMissing: "no such card", acombatest.ChainDeleted: "card not in use", acombatest.ChainShort: "too few"} {
		t.Run(why, func(t *testing.T) {
			s := newStage(t, small(acombatest.SIM2))
			s.look()
			d := s.document(acombatest.Order)
			must(t, s.erp.BreakChain(d.CardPos, how))
			s.look()
			if found, later := s.read(record.Document, d.CardPos); len(found) != 0 || len(later) != 1 {
				t.Errorf("first time: read %v and later %v, want later", found, later)
			}
			r := s.one(record.Document, d.CardPos)
			if r.Held != acomba.CodeLinesBroken || r.HeldArgs["why"] != why {
				t.Errorf("second time: got held %q %v, want %s: %s", r.Held, r.HeldArgs, acomba.CodeLinesBroken, why)
			}
		})
	}
}

func TestConfigValidate(t *testing.T) {
	tests := []struct {
		key string
		set func(*acomba.Config)
	}{
		{"folder", func(c *acomba.Config) { c.Folder = "/Nord" }},
		{"superseded", func(c *acomba.Config) { c.Superseded = "drop" }},
		{"owner", func(c *acomba.Config) { c.Owner = "" }},
		{"names", func(c *acomba.Config) { c.Names = "x" }},
		{"mobile", func(c *acomba.Config) { c.Mobile = "(" }},
		{"currency", func(c *acomba.Config) { c.Currency = "" }},
		{"rounds", func(c *acomba.Config) { c.Rounds = 1 }},
		{"growing_looks", func(c *acomba.Config) { c.GrowingLooks = 0 }},
		{"signs_for", func(c *acomba.Config) { c.SignsFor = -time.Second }},
		{"layout", func(c *acomba.Config) { c.Layout = "nobody/1" }},
	}
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			c := acomba.Defaults()
			if err := c.Validate(); err != nil {
				t.Fatalf("defaults: %v", err)
			}
			tt.set(&c)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.key) {
				t.Errorf("got %v, want an error that names %s", err, tt.key)
			}
		})
	}
}
