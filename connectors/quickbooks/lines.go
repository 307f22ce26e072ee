package quickbooks

import (
	"strings"

	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
)

// sums is what the lines of a document come to.
type sums struct {
	m                 *memory
	all               []row
	freight, discount decimal.Decimal
	subTotal          amount
	sum               decimal.Decimal // of the lines themselves, where there is no subtotal
}

// row is one line as records show it; its numbers are there or not.
type row struct {
	category                         record.Value
	product, description             string
	quantity, price, discount, total amount
}

func (c *Company) lines(lines []line) *sums {
	s := &sums{m: c.memory}
	s.add(lines)
	return s
}

// add takes lines apart. Of a bundle the parts count, not the bundle itself, whose own amount can be 0.
func (s *sums) add(lines []line) {
	for i := range lines {
		l := &lines[i]
		switch string(l.DetailType) {
		case salesLine:
			s.sale(l)
		case groupLine:
			s.describe(firstOf(s.nameOf(l.Group.GroupItemRef), string(l.Description)))
			s.add(l.Group.Line)
		case discountLine:
			s.discount = s.discount.Add(l.Amount.value)
		case subTotalLine: // the last one is the document's own
			s.subTotal = l.Amount
		default:
			s.describe(string(l.Description))
			s.sum = s.sum.Add(l.Amount.value)
		}
	}
}

// describe adds a line that is a text alone.
func (s *sums) describe(what string) {
	if strings.TrimSpace(what) != "" {
		s.all = append(s.all, row{description: what})
	}
}

// sale adds a line with an item; the one for shipping is none, but freight.
func (s *sums) sale(l *line) {
	if string(l.Sales.ItemRef.Value) == shippingItem {
		s.freight = s.freight.Add(l.Amount.value)
		return
	}
	r := row{description: string(l.Description), quantity: l.Sales.Qty, price: l.Sales.UnitPrice, discount: l.Sales.DiscountAmt, total: l.Amount}
	if !r.discount.set && l.Sales.DiscountRate.set {
		r.discount = amount{true, percentOf(r.quantity.value.Mul(r.price.value), l.Sales.DiscountRate.value)}
	}
	number, _ := l.Sales.ItemRef.Value.number()
	if p, known := s.m.items.get(number); known {
		r.product = p.code()
		r.description = firstOf(r.description, p.Description)
		if above := categoryAbove(number, s.m.items.get); above != 0 {
			r.category = record.RefOf(record.Key(idOf(above)))
		}
	} else {
		r.product = s.nameOf(l.Sales.ItemRef)
	}
	s.all = append(s.all, r)
	s.sum = s.sum.Add(l.Amount.value)
}

// nameOf gives the name of an item; one in a reference has those of its ancestors before it.
func (s *sums) nameOf(r ref) string {
	number, _ := r.Value.number()
	if p, known := s.m.items.get(number); known && p.Name != "" {
		return p.Name
	}
	name := string(r.Name)
	return name[strings.LastIndex(name, ":")+1:]
}

func firstOf(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b
}

// percentOf gives so many percent of an amount, in cents, half to even.
func percentOf(amount, percent decimal.Decimal) decimal.Decimal {
	return amount.Mul(percent).Shift(-2).RoundBank(2)
}

// total is the subtotal less the discount, with the freight.
func (s *sums) total() decimal.Decimal {
	of := s.sum
	if s.subTotal.set {
		of = s.subTotal.value
	}
	return of.Sub(s.discount).Add(s.freight)
}

// negate makes the amounts those of a credit: the product tells them without a sign. Prices stay.
func (s *sums) negate() {
	s.freight, s.discount = s.freight.Neg(), s.discount.Neg()
	for i := range s.all {
		r := &s.all[i]
		r.quantity.value, r.discount.value, r.total.value = r.quantity.value.Neg(), r.discount.value.Neg(), r.total.value.Neg()
	}
}

// rows gives the lines as records show them, numbered in their order.
func (s *sums) rows() []record.Fields {
	var rows []record.Fields
	for i, r := range s.all {
		fields := record.Fields{
			"no":          record.NumberOf(decimal.NewFromInt(int64(i + 1))),
			"category":    r.category,
			"product":     record.TextOf(r.product),
			"description": record.TextOf(r.description),
			"quantity":    r.quantity.record(),
			"unit_price":  r.price.record(),
			"discount":    r.discount.record(),
			"total":       r.total.record(),
		}
		rows = append(rows, fields)
	}
	return rows
}

// record gives the number, none where there was none.
func (a amount) record() record.Value {
	if !a.set {
		return record.Value{}
	}
	return record.NumberOf(a.value)
}
