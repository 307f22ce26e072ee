package acombatest

import (
	"cmp"
	"fmt"
	"slices"
)

// AddDocument adds a document and gives its card position. The caller sets the heading, Freight,
// Discount or DiscountBP, and product and comment lines; the program fills in what is empty from
// the customer (payer, representative, term), from the product (group, text, price), the date, the
// next number of the kind, and computes all amounts.
func (c *Company) AddDocument(r Document) (int32, error) {
	var cp int32
	err := c.edit("add document", func(p *plan) error {
		var err error
		if cp, err = p.reserve(DocumentTable); err != nil {
			return err
		}
		return p.addDocument(cp, &r)
	})
	return cp, err
}

func (p *plan) addDocument(cp int32, r *Document) error {
	rates, err := p.complete(r)
	if err != nil {
		return err
	}
	r.Prologue = Prologue{CardPos: cp, Active: true}
	r.Lines = slices.Clone(r.Lines)
	for i := range r.Lines {
		r.Lines[i].Prologue = Prologue{}
	}
	r.settle(rates)
	if err := p.putLines(r, nil); err != nil {
		return err
	}
	return p.add(DocumentTable, cp, r)
}

// complete fills in what a new document takes from elsewhere, and gives the customer's tax rates.
func (p *plan) complete(r *Document) ([4]int64, error) {
	cust, err := p.c.Customer(r.Customer)
	if err != nil {
		return [4]int64{}, fmt.Errorf("customer: %w", err)
	}
	r.InvoicedTo = cmp.Or(r.InvoicedTo, cust.InvoicedTo, cust.CardPos)
	r.SalesRep = cmp.Or(r.SalesRep, cust.SalesRep)
	r.Term = cmp.Or(r.Term, cust.Term)
	r.Date = cmp.Or(r.Date, DateOf(p.c.now()))
	if r.Number == "" {
		if r.Number, err = p.c.nextNumber(r.Kind); err != nil {
			return [4]int64{}, err
		}
	}
	for i := range r.Lines {
		if err := p.completeLine(&r.Lines[i]); err != nil {
			return [4]int64{}, err
		}
	}
	return taxRates(cust.Province), nil
}

func (p *plan) completeLine(l *Line) error {
	if l.Product == 0 || l.SKU != "" {
		return nil
	}
	prod, err := one[Product](p.c, ProductTable, l.Product)
	if err != nil {
		return fmt.Errorf("product: %w", err)
	}
	l.SKU, l.Group = prod.Number, prod.Group
	l.Description = cmp.Or(l.Description, prod.Description[0])
	l.UnitPrice = cmp.Or(l.UnitPrice, prod.Price[0])
	return nil
}

// putLines writes r's lines as a chain: lines with a card position keep it, others are added, and
// those of before that are gone are deleted.
func (p *plan) putLines(r *Document, before []Line) error {
	gone := map[int32]bool{}
	for _, l := range before {
		gone[l.CardPos] = true
	}
	added := map[int32]bool{}
	for i := range r.Lines {
		l := &r.Lines[i]
		delete(gone, l.CardPos)
		if l.CardPos == 0 {
			cp, err := p.reserve(LineTable)
			if err != nil {
				return err
			}
			l.CardPos, added[cp] = cp, true
		}
		l.Parent, l.Active = r.CardPos, true
	}
	r.FirstLine, r.NumLines = 0, uint16(len(r.Lines))
	for i := len(r.Lines) - 1; i >= 0; i-- {
		r.Lines[i].Next, r.FirstLine = r.FirstLine, r.Lines[i].CardPos
	}
	for i := range r.Lines {
		if err := p.putLine(&r.Lines[i], added); err != nil {
			return err
		}
	}
	for _, l := range before {
		if !gone[l.CardPos] {
			continue
		}
		if err := modifyIn(p, LineTable, l.CardPos, func(l *Line) { l.Status = Deleted }); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) putLine(l *Line, added map[int32]bool) error {
	if added[l.CardPos] {
		return p.add(LineTable, l.CardPos, l)
	}
	old, err := p.c.Raw(LineTable, l.CardPos)
	if err != nil {
		return err
	}
	return p.update(LineTable, old, l)
}

// ModifyDocument changes a document in use, lines included, and computes its amounts again. Lines
// added by change have no card position; freight and tax lines follow the amounts by themselves.
func (c *Company) ModifyDocument(cp int32, change func(*Document)) error {
	return c.edit("modify document", func(p *plan) error { return p.changeDocument(cp, change) })
}

func (p *plan) changeDocument(cp int32, change func(*Document)) error {
	r, err := p.c.Document(cp)
	if err != nil {
		return err
	}
	if r.Status != InUse {
		return fmt.Errorf("document card %d: %w", cp, ErrNoCard)
	}
	old, err := p.c.Raw(DocumentTable, cp)
	if err != nil {
		return err
	}
	head, before := r.Prologue, slices.Clone(r.Lines)
	change(&r)
	r.CardPos, r.UniqueID = cp, head.UniqueID
	rates, err := p.complete(&r)
	if err != nil {
		return err
	}
	r.settle(rates)
	if err := p.putLines(&r, before); err != nil {
		return err
	}
	return p.update(DocumentTable, old, &r)
}

// setState changes only a document's state; lines and amounts stay as they are.
func (p *plan) setState(cp int32, s State) error {
	return modifyIn(p, DocumentTable, cp, func(r *Document) { r.State = s })
}

// open makes sure that a document is in use and open at the moment of the edit, whatever another station did
// since somebody looked at it.
func (p *plan) open(cp int32) error {
	r, err := p.c.Document(cp)
	if err != nil {
		return err
	}
	if r.Status != InUse || r.State != StateOpen {
		return fmt.Errorf("document card %d is not open: %w", cp, ErrNoCard)
	}
	return nil
}

// CancelDocument cancels a document; its card stays in use.
func (c *Company) CancelDocument(cp int32) error {
	return c.edit("cancel document", func(p *plan) error { return p.setState(cp, StateCancelled) })
}

// cancelOpen cancels a document that is still open; ErrNoCard otherwise.
func (c *Company) cancelOpen(cp int32) error {
	return c.edit("cancel document", func(p *plan) error {
		if err := p.open(cp); err != nil {
			return err
		}
		return p.setState(cp, StateCancelled)
	})
}

// CloseDocument closes a document that nothing follows.
func (c *Company) CloseDocument(cp int32) error {
	return c.edit("close document", func(p *plan) error { return p.setState(cp, StateClosed) })
}

// TurnSameCard turns an open document into the next kind on its own card (quote to order, order to
// invoice), with the next number of that kind. What was ordered is invoiced. One that is not open is ErrNoCard.
func (c *Company) TurnSameCard(cp int32, to Kind) error {
	return c.edit("turn document", func(p *plan) error {
		if err := p.open(cp); err != nil {
			return err
		}
		return p.changeDocument(cp, func(r *Document) { r.become(to) })
	})
}

// TurnNewCard makes the next document on a new card and closes the one it was made from, which the
// new one names as its source. It gives the new position.
func (c *Company) TurnNewCard(cp int32, to Kind) (int32, error) {
	var next int32
	err := c.edit("turn document", func(p *plan) error {
		r, err := p.c.Document(cp)
		if err != nil {
			return err
		}
		if r.Status != InUse {
			return fmt.Errorf("document card %d: %w", cp, ErrNoCard)
		}
		if next, err = p.reserve(DocumentTable); err != nil {
			return err
		}
		r.become(to)
		r.Source = cp
		if err := p.addDocument(next, &r); err != nil {
			return err
		}
		return p.setState(cp, StateClosed)
	})
	return next, err
}

func (r *Document) become(k Kind) {
	r.Kind, r.State, r.Number, r.Date = k, StateOpen, "", 0
	if k != Invoice {
		return
	}
	for i := range r.Lines {
		r.Lines[i].InvoicedQty = r.Lines[i].OrderedQty
	}
}
