package calibrate

import (
	"slices"
	"strconv"
	"strings"
)

// Table is a kind of record, by the name that its file has in a layout.
type Table string

// The tables, in the order in which they are searched: what others refer to comes first.
const (
	SalesReps   Table = "SALESREP"
	Terms       Table = "TERM"
	Territories Table = "TERRITRY"
	PriceLists  Table = "PRICELST"
	Groups      Table = "PRODGRP"
	Products    Table = "PRODUCT"
	Customers   Table = "CUSTOMER"
	Documents   Table = "TRANS"
	Lines       Table = "LINES" // given with their documents, see Example.Lines
)

// Tables lists all tables in that order.
func Tables() []Table {
	return []Table{SalesReps, Terms, Territories, PriceLists, Groups, Products, Customers, Documents, Lines}
}

// FieldKind says how a value is typed and what it is searched as.
type FieldKind string

// The kinds of fields.
const (
	Text   FieldKind = "text"   // as the screen shows it
	Number FieldKind = "number" // "1234.5" or "1234,50"; an amount, a quantity, a count
	Date   FieldKind = "date"   // "2026-01-31"
	Flag   FieldKind = "flag"   // "yes" or "no"
	Choice FieldKind = "choice" // one of Field.Choices
	Card   FieldKind = "card"   // the key of a record of table Field.Of; empty for none
)

// Field is a field that a technician may give of a record.
type Field struct {
	Name    string // as in a layout: "phone.number"
	Kind    FieldKind
	Count   int      // elements; labels of an array are "phone.number[0]" to "phone.number[4]"
	Places  int32    // of a Number: digits behind the point that are kept; -1: an integer
	Choices []string // of a Choice, tokens of the layout
	Of      Table    // of a Card
	Key     bool     // tells one record of the table from another; an example has it
	Ask     bool     // to be asked for first: with these a table is found and useful
	codes   map[string]int64
}

// Fields lists what may be given of a record of the table, in the order of a form. Lines are given inside documents.
func Fields(t Table) []Field { return slices.Clone(catalogue[t]) }

// FieldOf gives the field that a label names ("phone.number[2]") and its element.
func FieldOf(t Table, label string) (f Field, element int, ok bool) {
	name, rest, array := strings.Cut(label, "[")
	for _, f := range catalogue[t] {
		if f.Name != name {
			continue
		}
		if !array {
			return f, 0, f.Count == 1
		}
		digits, closed := strings.CutSuffix(rest, "]")
		i, err := strconv.Atoi(digits)
		return f, i, closed && err == nil && i >= 0 && i < f.Count && f.Count > 1
	}
	return Field{}, 0, false
}

// Label names an element of a field as examples do.
func (f Field) Label(element int) string {
	if f.Count == 1 {
		return f.Name
	}
	return f.Name + "[" + strconv.Itoa(element) + "]"
}

func field(name string, kind FieldKind) Field { return Field{Name: name, Kind: kind, Count: 1} }

func key(name string) Field { return Field{Name: name, Kind: Text, Count: 1, Key: true, Ask: true} }

func numberKey() Field {
	return Field{Name: "number", Kind: Number, Places: -1, Count: 1, Key: true, Ask: true}
}

func (f Field) times(n int) Field       { f.Count = n; return f }
func (f Field) first() Field            { f.Ask = true; return f }
func (f Field) places(n int32) Field    { f.Places = n; return f }
func (f Field) of(t Table) Field        { f.Of = t; return f }
func text(name string) Field            { return field(name, Text) }
func number(name string, n int32) Field { return field(name, Number).places(n) }
func card(name string, t Table) Field   { return field(name, Card).of(t) }

// choice is a field of codes; known are those that public sources confirm, -1 for none.
func choice(name string, tokens []string, known ...int64) Field {
	f := field(name, Choice)
	f.Choices, f.codes = tokens, map[string]int64{}
	for i, code := range known {
		if code >= 0 {
			f.codes[tokens[i]] = code
		}
	}
	return f
}

var catalogue = map[Table][]Field{
	SalesReps:   {numberKey(), text("name").first(), text("email")},
	Terms:       {numberKey(), text("description").first(), number("days", -1)},
	Territories: {numberKey(), text("description").first()},
	PriceLists:  {numberKey(), text("description").first()},
	Groups:      {numberKey(), text("description").first(), card("parent_cp", Groups)},
	Products:    {key("number"), text("description").times(3).first(), card("group_cp", Groups), number("price", 4).times(6), text("upc"), text("unit")},
	Customers: {key("number"), text("name").first(), text("phone.number").times(5).first(), text("phone.desc").times(5), text("phone.ext").times(5),
		text("sort_key"), text("care_of").first(), text("address").first(), text("city").first(), text("province"), text("postal_code").first(),
		text("iso_country"), text("email").times(3).first(), text("web"),
		choice("language", []string{"neutral", "english", "french"}, 0, 9, 12).first(), number("price_level", -1), number("discount_bp", 2),
		card("term_cp", Terms), card("salesrep_cp", SalesReps), card("territory_cp", Territories), card("invoiced_to_cp", Customers),
		field("opened", Date), text("comment")},
	Documents: {key("number"), choice("doc_type", []string{"invoice", "quote", "order", "open_order", "contract"}, 1, -1, -1, -1, -1).first(),
		choice("doc_state", []string{"open", "closed", "cancelled"}).first(), card("customer_cp", Customers).first(), field("date", Date).first(),
		field("due", Date), text("reference"), text("description"), number("sub_total", 2).first(), number("freight", 2), number("discount", 2),
		number("discount_bp", 2), number("taxes", 2).times(4), number("total", 2).first(), card("invoiced_to_cp", Customers),
		card("salesrep_cp", SalesReps), card("term_cp", Terms), card("source_cp", Documents)},
	Lines: {text("sku").first(), text("description").first(), number("ordered_qty", 4).first(), number("invoiced_qty", 4).first(),
		number("unit_price", 4).first(), number("total", 2).first(), number("line_no", -1),
		choice("type", []string{"product", "freight", "tax", "comment"}, 1, 7, 8, -1).first(), card("group_cp", Groups),
		card("product_cp", Products), number("discount_bp", 2)},
}
