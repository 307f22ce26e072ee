package acombatest

import (
	"errors"
	"fmt"
	"io"
	"iter"
)

// typed is a pointer to a record type.
type typed[T any] interface {
	*T
	record
}

// cards reads a file card by card, from the first data card, a block at a time.
func cards[T any, P typed[T]](c *Company, t Table) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		f, err := c.folder.Open(c.disk(t.Path()), false)
		if err != nil {
			yield(zero, fmt.Errorf("read cards: %w", err))
			return
		}
		defer f.Close()
		n, err := c.count(t, f)
		if err != nil {
			yield(zero, err)
			return
		}
		size := c.profile.CardSize(t)
		block := int32(max(1, (1<<18)/size))
		buf := make([]byte, int(block)*size)
		for cp := c.profile.FirstData(t); cp <= n; cp += block {
			k := min(block, n-cp+1)
			b := buf[:int(k)*size]
			if _, err := f.ReadAt(b, c.profile.CardOffset(t, cp)); err != nil && !errors.Is(err, io.EOF) {
				yield(zero, fmt.Errorf("read %s: cards %d to %d: %w", t, cp, cp+k-1, err))
				return
			}
			for i := range k {
				var r T
				c.decodeInto(P(&r), cp+i, b[int(i)*size:int(i+1)*size])
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// inUse gathers the cards in use of a file.
func inUse[T any, P typed[T]](c *Company, t Table) ([]T, error) {
	var out []T
	for r, err := range cards[T, P](c, t) {
		if err != nil {
			return nil, err
		}
		if P(&r).head().Status == InUse {
			out = append(out, r)
		}
	}
	return out, nil
}

// one reads one card, whatever its status.
func one[T any, P typed[T]](c *Company, t Table, cp int32) (T, error) {
	var r T
	b, err := c.Raw(t, cp)
	if err != nil {
		return r, err
	}
	c.decodeInto(P(&r), cp, b)
	return r, nil
}

// CustomerCards reads every customer card, deleted ones too, without holding them all.
func (c *Company) CustomerCards() iter.Seq2[Customer, error] {
	return cards[Customer](c, CustomerTable)
}

// Customers gives the customers in use, active or not.
func (c *Company) Customers() ([]Customer, error) { return inUse[Customer](c, CustomerTable) }

// Customer reads one customer card, whatever its status.
func (c *Company) Customer(cp int32) (Customer, error) { return one[Customer](c, CustomerTable, cp) }

// SalesReps gives the sales representatives in use, active or not.
func (c *Company) SalesReps() ([]SalesRep, error) { return inUse[SalesRep](c, SalesRepTable) }

// Groups gives the product groups and sub-groups in use, active or not.
func (c *Company) Groups() ([]Group, error) { return inUse[Group](c, GroupTable) }

// Products gives the products in use, active or not.
func (c *Company) Products() ([]Product, error) { return inUse[Product](c, ProductTable) }

// Terms gives the payment terms in use.
func (c *Company) Terms() ([]Term, error) { return inUse[Term](c, TermTable) }

// Territories gives the territories in use.
func (c *Company) Territories() ([]Named, error) { return inUse[Named](c, TerritoryTable) }

// PriceLists gives the price lists in use.
func (c *Company) PriceLists() ([]Named, error) { return inUse[Named](c, PriceListTable) }
