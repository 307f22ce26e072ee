package acombatest

import (
	"cmp"
	"fmt"
)

// addRecord adds a card at the end of a file and gives its position.
func addRecord[T any, P typed[T]](c *Company, t Table, r T, complete ...func(*T) error) (int32, error) {
	var cp int32
	err := c.edit("add to "+string(t), func(p *plan) error {
		h := P(&r).head()
		h.Status, h.Active = InUse, true
		for _, do := range complete {
			if err := do(&r); err != nil {
				return err
			}
		}
		var err error
		if cp, err = p.reserve(t); err != nil {
			return err
		}
		return p.add(t, cp, P(&r))
	})
	return cp, err
}

// modifyRecord changes a card in use. Position and stamps are the program's and cannot be set.
func modifyRecord[T any, P typed[T]](c *Company, t Table, cp int32, change func(*T)) error {
	return c.edit("modify "+string(t), func(p *plan) error {
		return modifyIn[T, P](p, t, cp, change)
	})
}

func modifyIn[T any, P typed[T]](p *plan, t Table, cp int32, change func(*T)) error {
	old, err := p.c.Raw(t, cp)
	if err != nil {
		return err
	}
	var r T
	p.c.decodeInto(P(&r), cp, old)
	if P(&r).head().Status != InUse {
		return fmt.Errorf("%s card %d: %w", t, cp, ErrNoCard)
	}
	before := *P(&r).head()
	change(&r)
	h := P(&r).head()
	h.CardPos, h.UniqueID = cp, before.UniqueID
	return p.update(t, old, P(&r))
}

func setActive[T any, P typed[T]](c *Company, t Table, cp int32, on bool) error {
	return modifyRecord[T, P](c, t, cp, func(r *T) { P(r).head().Active = on })
}

// AddCustomer adds an active customer and gives its card position. An empty Number takes the next
// free one; a number in use is ErrDuplicate.
func (c *Company) AddCustomer(r Customer) (int32, error) {
	return addRecord(c, CustomerTable, r, func(r *Customer) error {
		number, err := c.freeNumber(r.Number)
		r.Number, r.SortKey = number, cmp.Or(r.SortKey, sortKey(r.Name))
		return err
	})
}

func (c *Company) freeNumber(want string) (string, error) {
	n, err := c.Count(CustomerTable)
	if err != nil {
		return "", err
	}
	number := want
	for i := n; ; i++ {
		if want == "" {
			number = customerNumber(int(i) + 1)
		}
		cp, err := c.Find(CustomerTable, "number", number)
		if err != nil {
			return "", err
		}
		if cp == 0 {
			return number, nil
		}
		if want != "" {
			return "", ErrDuplicate
		}
	}
}

// ModifyCustomer changes any field of a customer in use. A change that changes nothing still saves
// the card, as a person who presses "Save" does.
func (c *Company) ModifyCustomer(cp int32, change func(*Customer)) error {
	return modifyRecord(c, CustomerTable, cp, change)
}

// ChangeNumber gives a customer another number, which must be free.
func (c *Company) ChangeNumber(cp int32, number string) error {
	return c.edit("change number", func(p *plan) error {
		if _, err := c.freeNumber(number); err != nil {
			return err
		}
		return modifyIn(p, CustomerTable, cp, func(r *Customer) { r.Number = number })
	})
}

// SetCustomerActive deactivates a customer, or activates it again.
func (c *Company) SetCustomerActive(cp int32, on bool) error {
	return setActive[Customer](c, CustomerTable, cp, on)
}

// DeleteCustomer deletes a customer's card: status 2, the content stays.
func (c *Company) DeleteCustomer(cp int32) error {
	return c.ModifyCustomer(cp, func(r *Customer) { r.Status = Deleted })
}

// AddSalesRep adds a vendor.
func (c *Company) AddSalesRep(r SalesRep) (int32, error) { return addRecord(c, SalesRepTable, r) }

// ModifySalesRep changes a vendor.
func (c *Company) ModifySalesRep(cp int32, change func(*SalesRep)) error {
	return modifyRecord(c, SalesRepTable, cp, change)
}

// RenameSalesRep gives a vendor another name; the number stays.
func (c *Company) RenameSalesRep(cp int32, name string) error {
	return c.ModifySalesRep(cp, func(r *SalesRep) { r.Name = name })
}

// SetSalesRepActive deactivates a vendor, or activates it again.
func (c *Company) SetSalesRepActive(cp int32, on bool) error {
	return setActive[SalesRep](c, SalesRepTable, cp, on)
}

// AddGroup adds a product group, or a sub-group when it has a Parent.
func (c *Company) AddGroup(r Group) (int32, error) { return addRecord(c, GroupTable, r) }

// ModifyGroup changes a product group.
func (c *Company) ModifyGroup(cp int32, change func(*Group)) error {
	return modifyRecord(c, GroupTable, cp, change)
}

// SetGroupActive deactivates a product group, or activates it again.
func (c *Company) SetGroupActive(cp int32, on bool) error {
	return setActive[Group](c, GroupTable, cp, on)
}

// AddProduct adds a product.
func (c *Company) AddProduct(r Product) (int32, error) { return addRecord(c, ProductTable, r) }

// ModifyProduct changes a product.
func (c *Company) ModifyProduct(cp int32, change func(*Product)) error {
	return modifyRecord(c, ProductTable, cp, change)
}

// ModifyTerm changes a payment term, which every customer that refers to it shows.
func (c *Company) ModifyTerm(cp int32, change func(*Term)) error {
	return modifyRecord(c, TermTable, cp, change)
}

// ModifyTerritory changes a territory.
func (c *Company) ModifyTerritory(cp int32, change func(*Named)) error {
	return modifyRecord(c, TerritoryTable, cp, change)
}

// ModifyPriceList changes a price list.
func (c *Company) ModifyPriceList(cp int32, change func(*Named)) error {
	return modifyRecord(c, PriceListTable, cp, change)
}
