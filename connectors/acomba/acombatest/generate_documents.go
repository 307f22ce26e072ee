package acombatest

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// docWriter writes documents and their lines side by side.
type docWriter struct {
	g           *generator
	docs, lines *tableWriter
	highest     map[Kind]int
	waiting     []Document // closed quotes and orders whose successor is still to come
}

func (g *generator) documents() error {
	docs, err := g.c.createTable(DocumentTable)
	if err != nil {
		return err
	}
	if err := g.control(docs); err != nil {
		return err
	}
	lines, err := g.c.createTable(LineTable)
	if err != nil {
		return err
	}
	d := &docWriter{g: g, docs: docs, lines: lines, highest: map[Kind]int{}}
	for i := range g.o.Documents {
		if err := d.add(i); err != nil {
			return err
		}
	}
	if err := lines.close(); err != nil {
		return err
	}
	return docs.close()
}

// add writes the i-th document: the successor of an earlier one, or a new one.
func (d *docWriter) add(i int) error {
	r := d.g.rand(DocumentTable, i)
	left := d.g.o.Documents - i
	var doc Document
	if len(d.waiting) > 0 && (len(d.waiting) >= left || r.IntN(3) == 0) {
		doc = d.successor()
	} else {
		doc = d.fresh(r, i)
	}
	doc.Date = d.g.day(i)
	d.highest[doc.Kind]++
	doc.Number = documentNumber(doc.Kind, d.highest[doc.Kind])
	turned := (doc.Kind == Quote || doc.Kind == Order) && len(d.waiting) < left-2 && r.IntN(3) == 0
	switch {
	case turned:
		doc.State = StateClosed
	case r.IntN(15) == 0:
		doc.State = StateCancelled
	case doc.Kind == Invoice && r.IntN(2) == 0:
		doc.State = StateClosed
	}
	if err := d.write(r, &doc); err != nil {
		return err
	}
	if turned {
		d.waiting = append(d.waiting, doc)
	}
	return nil
}

// day lets the documents of five years follow each other.
func (g *generator) day(i int) Date {
	days := 5 * 365
	return DateOf(startOfDay.AddDate(0, 0, -days+days*i/max(1, g.o.Documents)))
}

// successor makes the next document of the one that waits longest.
func (d *docWriter) successor() Document {
	doc := d.waiting[0]
	d.waiting = d.waiting[1:]
	source := doc.CardPos
	kind := Invoice
	if doc.Kind == Quote {
		kind = Order
	}
	doc.Prologue = Prologue{}
	doc.become(kind)
	doc.Source = source
	var lines []Line
	for _, l := range doc.Lines {
		if l.Type == ProductLine || l.Type == CommentLine {
			l.Prologue = Prologue{}
			lines = append(lines, l)
		}
	}
	doc.Lines = lines
	return doc
}

// kindAt makes sure that the first five documents show all kinds.
func kindAt(r *rand.Rand, i int) Kind {
	if i < 5 {
		return Kind(i%5 + 1)
	}
	return pick(r, []Kind{Quote, Quote, Quote, Order, Order, OpenOrder, Invoice, Invoice, Invoice, Invoice,
		Invoice, Invoice, Quote, Order, Contract})
}

func (d *docWriter) fresh(r *rand.Rand, i int) Document {
	n := r.IntN(d.g.o.Customers)
	cust := d.g.customer(n)
	cust.CardPos = customerPos(n)
	doc := Document{Kind: kindAt(r, i), Customer: cust.CardPos, InvoicedTo: cust.CardPos,
		SalesRep: cust.SalesRep, Term: cust.Term}
	if cust.InvoicedTo != 0 {
		doc.InvoicedTo = cust.InvoicedTo
	}
	if r.IntN(3) == 0 {
		doc.Reference = fmt.Sprintf("PO-%d", r.IntN(100000))
	}
	if r.IntN(4) == 0 {
		doc.Description = "Chantier " + pick(r, families) + ", " + pick(r, streets)
	}
	if r.IntN(4) == 0 {
		doc.Freight = int64(500 + r.IntN(20000))
	}
	switch r.IntN(6) {
	case 0:
		doc.Discount = int64(r.IntN(500)) // an amount typed by hand
	case 1:
		doc.DiscountBP = cust.DiscountBP
	}
	credit := d.g.o.Credits && doc.Kind == Invoice && r.IntN(8) == 0
	d.items(r, &doc, credit)
	return doc
}

// items adds one to six product lines, comments in between and, rarely, a line without a product.
func (d *docWriter) items(r *rand.Rand, doc *Document, credit bool) {
	for range 1 + r.IntN(6) {
		p := pick(r, d.g.products)
		l := Line{Type: ProductLine, Product: p.CardPos, SKU: p.Number, Description: p.Description[0], Group: p.Group,
			OrderedQty: int64(1+r.IntN(20)) * unitScale, UnitPrice: p.Price[0]}
		switch r.IntN(10) {
		case 0:
			l.OrderedQty = int64(r.IntN(100000)) + 1 // a part of a unit
		case 1:
			l.DiscountBP = int32(100 * (1 + r.IntN(20)))
		case 2:
			l = Line{Type: ProductLine, Description: "Travaux spéciaux à l'heure", OrderedQty: unitScale, UnitPrice: 85_0000}
		}
		l.InvoicedQty = l.OrderedQty
		if doc.Kind != Invoice {
			l.InvoicedQty = 0
		}
		if credit {
			l.OrderedQty, l.InvoicedQty = -l.OrderedQty, -l.InvoicedQty
		}
		doc.Lines = append(doc.Lines, l)
		if r.IntN(5) == 0 {
			doc.Lines = append(doc.Lines, Line{Type: CommentLine, Description: "À livrer à l'arrière, demander " + pick(r, frenchers)})
		}
	}
	if credit {
		doc.Freight, doc.Discount = 0, 0
	}
}

// write computes the amounts and writes the lines, then the document.
func (d *docWriter) write(r *rand.Rand, doc *Document) error {
	doc.Active = true
	doc.settle(taxRates(d.g.provinceOf(doc.Customer)))
	if doc.Due == 0 && doc.Kind == Invoice {
		doc.Due = DateOf(doc.Date.Time().Add(30 * 24 * time.Hour))
	}
	first, n := d.lines.n+1, int32(len(doc.Lines))
	at := func(i int32) int32 { return first + i }
	if r.IntN(6) == 0 {
		at = func(i int32) int32 { return first + n - 1 - i } // a chain against the order of the file
	}
	placed := make([]Line, n)
	for i := range n {
		l := &doc.Lines[i]
		l.Prologue, l.Parent, l.Next = Prologue{Active: true}, d.docs.n+1, 0
		if i+1 < n {
			l.Next = at(i + 1)
		}
		placed[at(i)-first] = *l
	}
	for i := range placed {
		if _, err := d.lines.add(&placed[i]); err != nil {
			return err
		}
	}
	doc.NumLines, doc.FirstLine = uint16(n), at(0)
	if _, err := d.docs.add(doc); err != nil {
		return err
	}
	return d.leftover(r, doc)
}

// leftover puts a deleted line card behind some documents: a line that somebody took out.
func (d *docWriter) leftover(r *rand.Rand, doc *Document) error {
	if r.IntN(20) != 0 {
		return nil
	}
	l := Line{Prologue: Prologue{Status: Deleted}, Parent: doc.CardPos, No: 1, Type: ProductLine, Description: "ligne supprimée"}
	_, err := d.lines.add(&l)
	return err
}

// provinceOf tells a customer's province by its card position.
func (g *generator) provinceOf(cp int32) string {
	i := int(cp) - 2
	i -= i / (deletedEvery + 1)
	return g.customer(i).Province
}
