package sage50fr

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
)

// detect finds the column that says nothing but the two records; without one, lines are told by their article.
func (s *sheet) detect() error {
	if s.kind != Pieces {
		return nil
	}
	may := make([]bool, s.width)
	any := false
	for i := range may {
		may[i] = true
	}
	err := s.each(func(_ int, cells []string) error {
		if len(cells) != s.width {
			return nil
		}
		any = true
		for i, c := range cells {
			if c = strings.TrimSpace(c); may[i] && c != s.format.Pieces.Head && c != s.format.Pieces.Line {
				may[i] = false
			}
		}
		return nil
	})
	for i := range may {
		if any && may[i] {
			s.record = i
			return err
		}
	}
	return err
}

// isHead says whether a line of the documents begins one.
func (s *sheet) isHead(cells []string) bool {
	if s.record >= 0 {
		return s.record < len(cells) && strings.TrimSpace(cells[s.record]) == s.format.Pieces.Head
	}
	return strings.TrimSpace(s.cell(cells, "line_product")) == "" && strings.TrimSpace(s.cell(cells, "number")) != ""
}

// piece is a document that is being read: its E, and the L that belong to it.
type piece struct {
	row
	cells  []string // of E
	credit bool
	lines  []record.Fields
	net    decimal.Decimal
	tax    decimal.Decimal
}

// head begins a document. One of another type has no entity: its lines are read over.
func (s *sheet) head(cells []string) *piece {
	p := &piece{cells: cells}
	bad := ""
	switch f := s.format.Pieces; {
	case among(f.Invoice, s.cell(cells, "type")):
		p.Entity = record.Document
	case among(f.Credit, s.cell(cells, "type")):
		p.Entity, p.credit = record.Document, true
	case among(f.Quote, s.cell(cells, "type")):
		p.Entity = record.Quote
	default:
		return p
	}
	p.Key, p.Fields = keyOf(s.cell(cells, "number")), record.Fields{}
	for field, kind := range fieldKinds[p.Entity] {
		if s.has(field) {
			put(p.Fields, field, s.value(cells, field, kind, &bad))
		}
	}
	if p.Entity == record.Document && s.has("validated") && p.Fields["validated"].Empty() {
		p.Fields["validated"] = record.BoolOf(false)
	}
	p.Reference = referenceOf(s.value(cells, FieldReference, record.Text, &bad))
	p.hold(bad, CodeRowValue)
	return p
}

func (p *piece) hold(column, code string) {
	if column != "" && p.Held == "" {
		p.Held, p.Args = code, argsOf("column", column)
	}
}

// lineFields are the fields of a line, by the columns that they stand in.
var lineFields = map[string]record.Kind{"line_product": record.Text, "line_description": record.Text, "line_quantity": record.Number,
	"line_price": record.Number, "line_price_with_tax": record.Number, "line_vat_rate": record.Number,
	"line_discount_rate": record.Number, "line_discount": record.Number}

// line adds a line to a document.
func (s *sheet) line(p *piece, cells []string) {
	if p.Entity == "" {
		return
	}
	bad := ""
	fields := record.Fields{}
	for column, kind := range lineFields {
		put(fields, strings.TrimPrefix(column, "line_"), s.value(cells, column, kind, &bad))
	}
	p.hold(bad, CodeRowValue)
	if len(fields) == 0 {
		return
	}
	net := fields["quantity"].Decimal().Mul(fields["price"].Decimal())
	net = net.Sub(percent(net, fields["discount_rate"])).Sub(fields["discount"].Decimal()).Round(2)
	tax := percent(net, fields["vat_rate"]).Round(2)
	if !fields["price"].Empty() && !fields["quantity"].Empty() {
		fields["total"], fields["tax"] = record.NumberOf(net), record.NumberOf(tax)
	}
	p.net, p.tax = p.net.Add(net), p.tax.Add(tax)
	fields["no"] = record.NumberOf(decimal.NewFromInt(int64(len(p.lines) + 1)))
	p.lines = append(p.lines, fields)
}

var hundred = decimal.NewFromInt(100)

func percent(of decimal.Decimal, rate record.Value) decimal.Decimal {
	return of.Mul(rate.Decimal()).Div(hundred)
}

// finish sums a document up. What the export says of its totals counts; what it does not say is reckoned from the lines.
func (s *sheet) finish(p *piece) row {
	bad := ""
	number := func(field string) record.Value { return s.value(p.cells, field, record.Number, &bad) }
	rate, freight, taxed := number("discount_rate"), number("freight"), number("freight_taxed")
	net := p.net.Sub(percent(p.net, rate)).Sub(number("discount").Decimal()).Add(freight.Decimal()).Add(taxed.Decimal()).Round(2)
	tax := p.tax.Sub(percent(p.tax, rate)).Add(percent(taxed.Decimal(), number("freight_vat_rate"))).Round(2)
	total, withTax := number("total"), number("total_with_tax")
	if total.Empty() && len(p.lines) > 0 {
		total = record.NumberOf(net)
	}
	if !withTax.Empty() && !total.Empty() {
		tax = withTax.Decimal().Sub(total.Decimal())
	}
	p.hold(bad, CodeRowValue)
	if p.credit && total.Decimal().IsPositive() {
		total = record.NumberOf(total.Decimal().Neg())
	}
	put(p.Fields, "total", total)
	if p.Entity == record.Quote {
		put(p.Fields, "lines", record.RowsOf(p.lines...))
		if !total.Empty() && (s.has("total_with_tax") || s.has("line_vat_rate")) {
			p.Fields["total_tax"] = record.NumberOf(tax)
		}
	}
	return p.row
}

// place is where a row stands, for people.
func place(file string, line int) []string { return []string{"file", file, "line", strconv.Itoa(line)} }
