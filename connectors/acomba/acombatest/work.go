package acombatest

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// Work makes one random everyday edit and tells what it was, without customer data: what a demo's
// or a long simulation's ERP user does all day. A choice that does not apply (a deleted card, a
// held one) is not an error: the person does nothing and what is "nothing".
func (c *Company) Work(r *rand.Rand) (what string, err error) {
	tasks := []struct {
		name string
		do   func(*rand.Rand) error
	}{
		{"phone changed", c.workPhone}, {"phone changed", c.workPhone}, {"address changed", c.workAddress},
		{"customer renamed", c.workName}, {"customer added", c.workAdd}, {"active flag changed", c.workActive},
		{"document added", c.workDocument}, {"document turned", c.workTurn}, {"document turned", c.workTurn},
		{"document cancelled", c.workCancel},
	}
	task := pick(r, tasks)
	err = task.do(r)
	if errors.Is(err, ErrNoCard) || errors.Is(err, ErrLocked) || errors.Is(err, ErrExclusive) {
		return "nothing", nil
	}
	if err != nil {
		return "", err
	}
	return task.name, nil
}

// randomCard is a position of a file that may hold a card in use; an empty file is ErrNoCard.
func (c *Company) randomCard(r *rand.Rand, t Table) (int32, error) {
	n, err := c.Count(t)
	if err != nil {
		return 0, err
	}
	first := c.profile.FirstData(t)
	if n < first {
		return 0, ErrNoCard
	}
	return first + r.Int32N(n-first+1), nil
}

func (c *Company) workCustomer(r *rand.Rand, change func(*Customer)) error {
	cp, err := c.randomCard(r, CustomerTable)
	if err != nil {
		return err
	}
	return c.ModifyCustomer(cp, change)
}

func (c *Company) workPhone(r *rand.Rand) error {
	slot, number := r.IntN(PhoneSpare), phoneNumber(r)
	return c.workCustomer(r, func(x *Customer) { x.Phones[slot].Number = number })
}

func (c *Company) workAddress(r *rand.Rand) error {
	where, number := pick(r, places), 1+r.IntN(9999)
	code := postalCode(r, where.prefix)
	return c.workCustomer(r, func(x *Customer) {
		x.Address = fmt.Sprintf("%d, %s", number, streets[number%len(streets)])
		x.City, x.Province, x.Postal = where.city, where.province, code
	})
}

func (c *Company) workName(r *rand.Rand) error {
	name := companyName(r.Uint64(), r.IntN(1<<20))
	return c.workCustomer(r, func(x *Customer) { x.Name, x.SortKey = name, sortKey(name) })
}

func (c *Company) workActive(r *rand.Rand) error {
	return c.workCustomer(r, func(x *Customer) { x.Active = !x.Active })
}

func (c *Company) workAdd(r *rand.Rand) error {
	where := pick(r, places)
	_, err := c.AddCustomer(Customer{Name: companyName(r.Uint64(), r.IntN(1<<20)), City: where.city, Province: where.province,
		Country: "CA", CareOf: pick(r, frenchers) + " " + pick(r, families), Phones: [5]Phone{{Number: phoneNumber(r)}}, Language: 12})
	return err
}

func (c *Company) workDocument(r *rand.Rand) error {
	cust, err := c.randomCard(r, CustomerTable)
	if err != nil {
		return err
	}
	if x, err := c.Customer(cust); err != nil || x.Status != InUse {
		return errors.Join(err, ErrNoCard)
	}
	product, err := c.randomCard(r, ProductTable)
	if err != nil {
		return err
	}
	qty := int64(1+r.IntN(20)) * unitScale
	_, err = c.AddDocument(Document{Kind: pick(r, []Kind{Quote, Quote, Order, OpenOrder, Invoice}), Customer: cust,
		Lines: []Line{{Type: ProductLine, Product: product, OrderedQty: qty, InvoicedQty: qty}}})
	return err
}

// openDocument is a random document that is open and of one of the kinds.
func (c *Company) openDocument(r *rand.Rand, kinds ...Kind) (Document, error) {
	cp, err := c.randomCard(r, DocumentTable)
	if err != nil {
		return Document{}, err
	}
	d, err := c.Document(cp)
	if err != nil {
		return d, err
	}
	for _, k := range kinds {
		if d.Kind == k && d.Status == InUse && d.State == StateOpen {
			return d, nil
		}
	}
	return d, ErrNoCard
}

func (c *Company) workTurn(r *rand.Rand) error {
	d, err := c.openDocument(r, Quote, Order)
	if err != nil {
		return err
	}
	to := Invoice
	if d.Kind == Quote {
		to = Order
	}
	if r.IntN(2) == 0 {
		return c.TurnSameCard(d.CardPos, to)
	}
	_, err = c.TurnNewCard(d.CardPos, to)
	return err
}

func (c *Company) workCancel(r *rand.Rand) error {
	d, err := c.openDocument(r, Quote, Order, Invoice)
	if err != nil {
		return err
	}
	return c.cancelOpen(d.CardPos)
}
