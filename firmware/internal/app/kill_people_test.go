package app_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
)

// sharedField is a field that both sides may edit, and how a person fills it so that no value comes twice.
type sharedField struct {
	field    string // by its name in the CRM
	resource centrixonetest.Resource
	card     func(*acombatest.Customer) *string
	value    func(n int) string
}

var shared = []sharedField{
	{"Name", centrixonetest.Accounts, func(c *acombatest.Customer) *string { return &c.Name }, func(n int) string { return fmt.Sprintf("Ateliers Numéro %d inc.", n) }},
	{"City", centrixonetest.Accounts, func(c *acombatest.Customer) *string { return &c.City }, func(n int) string { return fmt.Sprintf("Canton %d", n) }},
	{"Address1", centrixonetest.Accounts, func(c *acombatest.Customer) *string { return &c.Address }, func(n int) string { return fmt.Sprintf("%d, rang de l'Église", n) }},
	{"Web", centrixonetest.Accounts, func(c *acombatest.Customer) *string { return &c.Web }, func(n int) string { return fmt.Sprintf("https://www.n%d.example", n) }},
	{"Email", centrixonetest.Contacts, func(c *acombatest.Customer) *string { return &c.Emails[0] }, func(n int) string { return fmt.Sprintf("n%d@ici.example", n) }},
	{"FullName", centrixonetest.Contacts, func(c *acombatest.Customer) *string { return &c.CareOf }, func(n int) string { return fmt.Sprintf("Ève Tremblay-%d", n) }},
}

// place is one field that both sides may edit.
type place struct {
	card  int32
	field string
}

// typing is a value that somebody typed over another one.
type typing struct {
	place
	seen, value string
	at          time.Time
	mayBeLost   bool
}

// people work on both sides.
type people struct {
	*killLoop
	onlyERP   bool
	n         int              // numbers what they type
	edits     int              // deeds that changed something
	typed     []typing         // at the ERP; the CRM keeps its own account of it
	cardsMade int              // cards in the ERP: at the beginning, and added by people of either side
	dead      map[int32]bool   // deleted cards
	born      []int64          // accounts made in the CRM
	deleted   map[int64]string // records deleted in the CRM, by Id, with their external id
	work      []func() error
}

func newPeople(k *killLoop) *people {
	p := &people{killLoop: k, dead: map[int32]bool{}, deleted: map[int64]string{}, cardsMade: k.set.customers}
	add := func(weight int, do func() error) {
		for range weight {
			p.work = append(p.work, do)
		}
	}
	add(10, p.editCard)
	add(10, p.editRecord)
	add(2, p.editOthers)
	add(2, p.document)
	add(1, p.addCard)
	add(2, p.makeAccount)
	add(1, p.deleteSomething)
	return p
}

// deed is one thing that somebody does. What can't be done now is left.
func (p *people) deed() {
	p.t.Helper()
	p.cards.people.Lock()
	defer p.cards.people.Unlock()
	err := p.work[p.rand.IntN(len(p.work))]()
	var refused *centrixonetest.Refusal
	switch {
	case err == nil:
		p.edits++
	case errors.As(err, &refused), errors.Is(err, errNothing), errors.Is(err, acombatest.ErrLocked), errors.Is(err, acombatest.ErrNoCard):
	default:
		p.fatal("a person at work: %v", err)
	}
}

var errNothing = errors.New("nothing to do")

func (p *people) number() int { p.n++; return p.n }

func pickOf[T any](p *people, all []T) (T, error) {
	if len(all) == 0 {
		var none T
		return none, errNothing
	}
	return all[p.rand.IntN(len(all))], nil
}

// editCard types into a customer's card.
func (p *people) editCard() error {
	all, err := p.erp.Customers()
	if err != nil {
		return err
	}
	c, err := pickOf(p, all)
	if err != nil {
		return err
	}
	f := shared[p.rand.IntN(len(shared))]
	typed := typing{place: place{c.CardPos, f.field}, value: f.value(p.number())}
	err = p.erp.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) {
		typed.seen = *f.card(c)
		*f.card(c) = typed.value
	})
	if typed.at = p.clock.now(); err == nil {
		p.typed = append(p.typed, typed)
	}
	return err
}

// editRecord types into an account or a contact that comes from the ERP or is on its way there.
func (p *people) editRecord() error {
	if p.onlyERP {
		return errNothing
	}
	f := shared[p.rand.IntN(len(shared))]
	var ids []int64
	for _, a := range p.crm.Accounts() {
		if p.dead[cardOf(a.ExternalID)] {
			continue
		}
		if id := a.ID; f.resource == centrixonetest.Accounts || a.PrimaryContactID != 0 {
			if f.resource == centrixonetest.Contacts {
				id = a.PrimaryContactID
			}
			ids = append(ids, id)
		}
	}
	id, err := pickOf(p, ids)
	if err != nil {
		return err
	}
	return p.crm.Person(centrixonetest.Clerk).Edit(f.resource, id, centrixonetest.Fields{f.field: f.value(p.number())})
}

// cardOf gives the card that an external id names, 0 if it names none.
func cardOf(external string) int32 {
	var n int32
	if len(external) > 2 {
		_, _ = fmt.Sscanf(external[2:], "%d", &n)
	}
	return n
}

// editOthers changes what flows one way only.
func (p *people) editOthers() error {
	all, err := p.erp.Customers()
	if err != nil {
		return err
	}
	c, err := pickOf(p, all)
	if err != nil {
		return err
	}
	n := p.number()
	switch p.rand.IntN(5) {
	case 0:
		return p.erp.ChangeNumber(c.CardPos, fmt.Sprintf("N-%d", n))
	case 1:
		return p.erp.SetCustomerActive(c.CardPos, !c.Active)
	case 2:
		return p.erp.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.DiscountBP = int32(n % 5000) })
	case 3:
		terms, err := p.erp.Terms()
		if err != nil {
			return err
		}
		return p.erp.ModifyTerm(terms[n%len(terms)].CardPos, func(t *acombatest.Term) { t.Description = fmt.Sprintf("Net %d jours", n) })
	}
	reps, err := p.erp.SalesReps()
	if err != nil {
		return err
	}
	return p.erp.RenameSalesRep(reps[n%len(reps)].CardPos, fmt.Sprintf("Rita Rep %d", n))
}

// document adds a document, changes one, or turns one into the next.
func (p *people) document() error {
	all, err := p.erp.Documents()
	if err != nil {
		return err
	}
	if p.rand.IntN(2) == 0 {
		customers, err := p.erp.Customers()
		if err != nil {
			return err
		}
		products, err := p.erp.Products()
		if err != nil {
			return err
		}
		_, err = p.erp.AddDocument(acombatest.Document{Kind: []acombatest.Kind{acombatest.Quote, acombatest.Order, acombatest.Invoice}[p.rand.IntN(3)],
			Customer: customers[p.rand.IntN(len(customers))].CardPos, Lines: []acombatest.Line{{Type: acombatest.ProductLine,
				Product: products[p.rand.IntN(len(products))].CardPos, OrderedQty: 20000, InvoicedQty: 20000}}})
		return err
	}
	all = slices.DeleteFunc(all, func(d acombatest.Document) bool { return d.State != acombatest.StateOpen })
	d, err := pickOf(p, all)
	switch {
	case err != nil:
		return err
	case d.Kind == acombatest.Quote && p.rand.IntN(2) == 0:
		_, err = p.erp.TurnNewCard(d.CardPos, acombatest.Order)
		return err
	case d.Kind == acombatest.Quote && p.rand.IntN(2) == 0:
		return p.erp.CancelDocument(d.CardPos)
	}
	return p.erp.ModifyDocument(d.CardPos, func(d *acombatest.Document) { d.Freight += 100; d.Total += 100 })
}

// addCard adds a customer in the ERP.
func (p *people) addCard() error {
	c := acombatest.Customer{Province: "QC", Country: "CA", Language: 12}
	for _, f := range shared {
		*f.card(&c) = f.value(p.number())
	}
	_, err := p.erp.AddCustomer(c)
	if err == nil {
		p.cardsMade++
	}
	return err
}

// makeAccount makes a customer with its contact in the CRM.
func (p *people) makeAccount() error {
	if p.onlyERP {
		return errNothing
	}
	p.front.deeds.Lock()
	defer p.front.deeds.Unlock()
	list, _ := p.crm.ProtectedList("")
	fields := map[centrixonetest.Resource]centrixonetest.Fields{centrixonetest.Accounts: {"Lists": []int64{list.ID}, "Country": "CA"},
		centrixonetest.Contacts: {"Lists": []int64{list.ID}}}
	for _, f := range shared {
		fields[f.resource][f.field] = f.value(p.number())
	}
	person := p.crm.Person(centrixonetest.Clerk)
	id, err := person.Create(centrixonetest.Accounts, fields[centrixonetest.Accounts])
	if err != nil {
		return err
	}
	p.born = append(p.born, id)
	p.cardsMade++
	fields[centrixonetest.Contacts]["AccountId"] = id
	_, err = person.Create(centrixonetest.Contacts, fields[centrixonetest.Contacts])
	return err
}

// deleteSomething deletes a customer's card, or has the vendor's staff delete an account or a contact for good.
// Nobody deletes a customer on both sides, or one that is not in the CRM yet: what refers to it would wait for ever.
func (p *people) deleteSomething() error {
	all, err := p.erp.Customers()
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(c acombatest.Customer) bool {
		for _, name := range p.deleted {
			if cardOf(name) == c.CardPos {
				return true
			}
		}
		return p.account(c.CardPos).ID == 0 || p.contact(c.CardPos).ID == 0
	})
	c, err := pickOf(p, all)
	if err != nil {
		return err
	}
	if p.rand.IntN(2) == 0 || p.onlyERP {
		if len(p.dead) >= 6 {
			return errNothing
		}
		err := p.erp.DeleteCustomer(c.CardPos)
		if err == nil {
			p.dead[c.CardPos] = true
		}
		return err
	}
	resource, id, name := centrixonetest.Accounts, p.account(c.CardPos).ID, ext("CU", c.CardPos)
	if p.rand.IntN(2) == 0 {
		resource, id, name = centrixonetest.Contacts, p.contact(c.CardPos).ID, ext("CC", c.CardPos)
	}
	if id == 0 || len(p.deleted) >= 8 {
		return errNothing
	}
	if err := p.crm.Support().Delete(resource, id); err != nil {
		return err
	}
	p.deleted[id] = name
	return nil
}
