package acomba

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
)

// document makes a quote, order, open order, invoice or contract with its lines.
func (r *reading) document(c *layout.Card) made {
	kind, documentState := c.Enum("doc_type"), codeOf(c, "doc_state")
	if !r.c.cfg.Documents.read(kind) {
		return made{state: absent}
	}
	if h := faults(c); h != nil {
		return made{held: h}
	}
	if strings.HasPrefix(documentState, "unknown(") {
		return made{held: holding(CodeUnknownCode, "file", c.File().Path, "field", "doc_state", "code", documentState)}
	}
	fields := r.heading(c, kind)
	note, st := r.superseded(c, documentState)
	if st == later {
		return made{state: later}
	}
	if note != "" {
		void(fields, note)
		return made{record: record.Record{Fields: fields}}
	}
	r.amounts(c, fields)
	at := c.Position()
	rows, st, h := r.lines(c, kind)
	if st == later {
		return made{state: later}
	}
	if h == nil || h.code != CodeLinesBroken {
		delete(r.c.broken, at)
	} else if r.expect != nil || len(r.doubts) == 0 { // else the cards are to be read again first
		if r.c.broken[at]++; r.c.broken[at] == 1 { // half a save, most often
			return made{state: later}
		}
	}
	fields["lines"] = record.RowsOf(rows...)
	return made{record: record.Record{Fields: fields}, held: h}
}

// heading reads what does not depend on the lines.
func (r *reading) heading(c *layout.Card, kind string) record.Fields {
	owner := pointer(c, "customer_cp")
	if r.c.cfg.Owner == OwnerInvoicedTo {
		if payer := pointer(c, "invoiced_to_cp"); !payer.Empty() {
			owner = payer
		}
	}
	fields := record.Fields{
		"number":   record.TextOf(format(c, "number")),
		"kind":     record.TextOf(kind),
		"account":  owner,
		"contact":  owner,
		"salesrep": pointer(c, "salesrep_cp"),
		"currency": record.TextOf(r.c.cfg.Currency),
	}
	if c.Has("date") {
		fields["date"] = record.DateOf(c.Date("date"))
	}
	return fields
}

// amounts reads freight, discount and the total before taxes. An amount of discount wins over a percentage.
func (r *reading) amounts(c *layout.Card, fields record.Fields) {
	discount := number(c, "discount")
	if discount.IsZero() {
		discount = percentOf(number(c, "sub_total"), number(c, "discount_bp"))
	}
	total := number(c, "total")
	if spec, err := c.File().FieldSpec("taxes"); err == nil {
		for i := range spec.Count {
			total = total.Sub(c.Decimal("taxes", i))
		}
	}
	fields["freight"] = record.NumberOf(number(c, "freight"))
	fields["discount"] = record.NumberOf(discount)
	fields["total_before_tax"] = record.NumberOf(total)
}

// number reads a number, 0 where the layout has none.
func number(c *layout.Card, name string) decimal.Decimal {
	if !c.Has(name) {
		return decimal.Decimal{}
	}
	return c.Decimal(name)
}

// percentOf gives so many percent of an amount, in cents, half to even.
func percentOf(amount, percent decimal.Decimal) decimal.Decimal {
	return amount.Mul(percent).Shift(-2).RoundBank(2)
}

// superseded gives the note of a document whose amounts must not count (again): it was cancelled, or
// another one was made from it. The note is empty for any other.
func (r *reading) superseded(c *layout.Card, documentState string) (note string, st state) {
	if documentState == "cancelled" {
		return "Annulée / Cancelled", there
	}
	if r.c.cfg.Superseded == SupersededKeep || !c.Has("source_cp") {
		return "", there
	}
	if r.c.successor == nil { // no look yet
		return "", later
	}
	at := int(c.Position())
	if at >= len(r.c.successor) || r.c.successor[at] == 0 {
		return "", there
	}
	next, st := r.get(fileTrans, r.c.successor[at])
	if st != there {
		return "", later
	}
	code := format(&next, "number")
	return "Remplacée par " + french(codeOf(&next, "doc_type")) + " " + code + " / Replaced by " + code, there
}

func french(kind string) string {
	if i := slices.IndexFunc(kinds, func(k struct{ token, french string }) bool { return k.token == kind }); i >= 0 {
		return kinds[i].french
	}
	return kind
}

// void makes a document count nothing and say why.
func void(fields record.Fields, note string) {
	zero := record.NumberOf(decimal.Decimal{})
	fields["freight"], fields["discount"], fields["total_before_tax"] = zero, zero, zero
	fields["lines"] = record.RowsOf(record.Fields{
		"no":          record.NumberOf(decimal.NewFromInt(1)),
		"description": record.TextOf(note),
		"quantity":    zero, "unit_price": zero, "discount": zero, "total": zero,
	})
}

// lines follows the chain of a document's lines. It is whole when each card is in use, says the right
// parent, comes once, and there are as many as the heading says.
func (r *reading) lines(c *layout.Card, kind string) (rows []record.Fields, st state, h *held) {
	parent, count := c.Position(), -1
	if c.Has("num_lines") {
		count = int(c.Int("num_lines"))
	}
	broken := func(why string) *held { return holding(CodeLinesBroken, "card", itoa(int64(parent)), "why", why) }
	visited := map[int32]bool{}
	for at := int32(ref(c, "first_line_cp")); at != 0; {
		switch {
		case visited[at]:
			return nil, there, broken("cycle")
		case count >= 0 && len(visited) >= count:
			return nil, there, broken("too many")
		case len(visited) >= 10_000:
			return nil, there, broken("no end")
		}
		visited[at] = true
		line, got := r.get(fileLines, at)
		switch {
		case got == later:
			return nil, later, nil
		case got == absent:
			return nil, there, broken("no such card")
		case line.Status() != layout.StatusInUse:
			return nil, there, broken("card not in use")
		case int32(ref(&line, "parent_cp")) != parent:
			return nil, there, broken("other parent")
		}
		at = int32(ref(&line, "next_cp"))
		row, got, fault := r.line(&line, kind)
		if got == later {
			return nil, later, nil
		}
		if row != nil {
			rows = append(rows, row)
		}
		if h == nil {
			h = fault
		}
	}
	if count >= 0 && len(visited) != count {
		return nil, there, broken("too few")
	}
	return rows, there, h
}

// line makes a row of a product line; freight, tax and comment lines make none.
func (r *reading) line(c *layout.Card, kind string) (record.Fields, state, *held) {
	switch c.Enum("type") {
	case "comment", "freight", "tax":
		return nil, there, nil
	case "product":
	default:
		return nil, there, faults(c)
	}
	category, st := r.categoryOf(c)
	if st == later {
		return nil, later, nil
	}
	quantity := number(c, "ordered_qty")
	if kind == "invoice" {
		quantity = number(c, "invoiced_qty")
	}
	price := number(c, "unit_price")
	return record.Fields{
		"no":          record.NumberOf(number(c, "line_no")),
		"category":    category,
		"product":     record.TextOf(text(c, "sku")),
		"description": record.TextOf(text(c, "description")),
		"quantity":    record.NumberOf(quantity),
		"unit_price":  record.NumberOf(price),
		"discount":    record.NumberOf(percentOf(quantity.Mul(price), number(c, "discount_bp"))),
		"total":       record.NumberOf(number(c, "total")),
	}, there, faults(c)
}

// categoryOf gives the group of a line; a sub-group stands for the group above it.
func (r *reading) categoryOf(c *layout.Card) (record.Value, state) {
	at := int32(ref(c, "group_cp"))
	for range 8 { // groups have two levels; a ring would have none
		if at == 0 {
			break
		}
		group, st := r.get(fileGroup, at)
		if st == later {
			return record.Value{}, later
		}
		parent := int32(ref(&group, "parent_cp"))
		if st == absent || parent == 0 {
			return record.RefOf(keyOf(at)), there
		}
		at = parent
	}
	return record.Value{}, there
}
