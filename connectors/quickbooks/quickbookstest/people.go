package quickbookstest

import (
	"slices"
	"time"
)

// Person is somebody who works in the books with a browser. What he does is stamped, and told in Changes under the author person. All
// his errors are *Refusal. Fields are as on the wire; ints and typed values are taken too, floats are not.
type Person struct{ s *Server }

// Person gives somebody who may do everything.
func (s *Server) Person() *Person { return &Person{s} }

// act runs one deed. A deed that is refused has changed nothing.
func (p *Person) act(deed func(at time.Time, who author) *problem) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if prob := deed(p.s.state.stamp(p.s.clock.Now()), author{name: authorPerson}); prob != nil {
		return &Refusal{prob.status, prob.code(), prob.errors[0].Detail}
	}
	return nil
}

// Create enters an object of a name list, an item, or a payment, and gives its Id.
func (p *Person) Create(e Entity, fields Object) (id string, err error) {
	err = p.act(func(at time.Time, who author) *problem {
		o := p.s.merge(e, Object{}, exact(fields), false)
		if prob := p.s.complete(e, o, 0); prob != nil {
			return prob
		}
		id = text(p.s.state.create(e, o, at, who).obj, "Id")
		return nil
	})
	return id, err
}

// CreateCustomer enters a customer.
func (p *Person) CreateCustomer(fields Object) (id string, err error) {
	return p.Create(Customer, fields)
}

// CreateVendor enters a vendor, who shares the names of customers.
func (p *Person) CreateVendor(fields Object) (id string, err error) { return p.Create(Vendor, fields) }

// CreateEmployee enters an employee, who shares the names of customers.
func (p *Person) CreateEmployee(fields Object) (id string, err error) {
	return p.Create(Employee, fields)
}

// CreateItem enters an item below a category, or below none.
func (p *Person) CreateItem(category string, fields Object) (id string, err error) {
	fields = exact(fields)
	if category != "" {
		fields["ParentRef"] = reference(category, "")
	}
	return p.Create(Item, fields)
}

// CreateCategory enters a category below another, or below none.
func (p *Person) CreateCategory(name, parent string) (id string, err error) {
	return p.CreateItem(parent, Object{"Name": name, "Type": "Category"})
}

// CreateEstimate enters an estimate.
func (p *Person) CreateEstimate(d NewDocument) (id string, err error) { return p.enter(Estimate, &d) }

// CreateInvoice enters an invoice.
func (p *Person) CreateInvoice(d NewDocument) (id string, err error) { return p.enter(Invoice, &d) }

// CreateCreditMemo enters a credit memo. Its amounts are above 0.
func (p *Person) CreateCreditMemo(d NewDocument) (id string, err error) {
	return p.enter(CreditMemo, &d)
}

func (p *Person) enter(e Entity, d *NewDocument) (id string, err error) {
	err = p.act(func(at time.Time, who author) *problem {
		o, prob := p.s.document(e, d)
		if prob != nil {
			return prob
		}
		id = text(p.s.state.create(e, o, at, who).obj, "Id")
		p.s.settle(d.Customer, owed(e, o), at, who)
		return nil
	})
	return id, err
}

// edit puts what change makes of a copy in the place of an object.
func (p *Person) edit(e Entity, id string, change func(o Object) *problem) error {
	return p.act(func(at time.Time, who author) *problem {
		old := p.s.state.find(e, id)
		if old == nil {
			return notFound()
		}
		o := deepObject(old.obj)
		if prob := change(o); prob != nil {
			return prob
		}
		r := p.s.state.change(e, old, o, at, who)
		if e.isList() {
			p.s.state.requalify(&p.s.switches, e, old.obj, r)
		}
		if e.isTransaction() {
			p.s.settle(text(o, "CustomerRef.value"), owed(e, o).Sub(owed(e, old.obj)), at, who)
		}
		return nil
	})
}

// Edit changes members of an object; "" clears one. For a document it changes what is above and below its lines only.
func (p *Person) Edit(e Entity, id string, fields Object) error {
	in := exact(fields)
	return p.edit(e, id, func(o Object) *problem {
		was := o["Active"] != false
		for name, v := range p.s.merge(e, o, in, true) {
			o[name] = v
		}
		for name := range in {
			if in[name] == "" {
				delete(o, name)
			}
		}
		if e.isTransaction() {
			return nil
		}
		activate(&p.s.switches, e, was, o)
		self := p.s.state.find(e, id)
		return p.s.complete(e, o, self.id)
	})
}

// EditCustomer changes members of a customer.
func (p *Person) EditCustomer(id string, fields Object) error { return p.Edit(Customer, id, fields) }

// EditItem changes members of an item or a category: its Name, its ParentRef.
func (p *Person) EditItem(id string, fields Object) error { return p.Edit(Item, id, fields) }

// Deactivate does what the button does: Active false, and the name gets its suffix. Documents have no such button.
func (p *Person) Deactivate(e Entity, id string) error {
	if !e.isList() {
		return &Refusal{400, "500", "Operation deactivate " + wordOf(e) + " is not supported."}
	}
	return p.Edit(e, id, Object{"Active": false})
}

// Activate undoes it. The name may be taken by now.
func (p *Person) Activate(e Entity, id string) error { return p.Edit(e, id, Object{"Active": true}) }

// SetStatus gives an estimate a status: Pending, Accepted, Closed, Rejected, or one that no document knows.
func (p *Person) SetStatus(estimate, status string) error {
	return p.edit(Estimate, estimate, func(o Object) *problem { o["TxnStatus"] = status; return nil })
}

// SetShipping gives a document a shipping line, or changes or removes ("") the one it has. Totals follow; the tax stays.
func (p *Person) SetShipping(e Entity, id, freight string) error {
	return p.edit(e, id, func(o Object) *problem {
		lines := slices.DeleteFunc(objects(o["Line"]), func(line Object) bool {
			return text(line, "SalesItemLineDetail.ItemRef.value") == shippingItem
		})
		if freight != "" {
			lines = append(lines, shippingLine(parsed(freight)))
		}
		o["Line"] = anys(lines)
		total(e, o)
		return nil
	})
}

// SetLines puts other lines in the place of a document's. Discount and tax follow with their percentages; shipping stays.
func (p *Person) SetLines(e Entity, id string, lines ...NewLine) error {
	return p.edit(e, id, func(o Object) *problem {
		d := NewDocument{Lines: lines, Inclusive: o["GlobalTaxCalculation"] == "TaxInclusive"}
		for _, line := range objects(o["Line"]) {
			if line["DetailType"] == discountDetail {
				d.Discount = text(line, discountDetail+".DiscountPercent")
			}
			if text(line, "SalesItemLineDetail.ItemRef.value") == shippingItem {
				d.Shipping = text(line, "Amount")
			}
		}
		for _, line := range objects(at(o, "TxnTaxDetail.TaxLine")) {
			d.Tax = text(line, "TaxLineDetail.TaxPercent")
		}
		made, prob := p.s.lines(&d)
		if prob != nil {
			return prob
		}
		o["Line"] = made
		delete(o, "TxnTaxDetail")
		tax(o, &d)
		total(e, o)
		return nil
	})
}

// Void keeps a document with amounts 0 and the note Voided.
func (p *Person) Void(e Entity, id string) error {
	return p.edit(e, id, func(o Object) *problem { void(e, o); return nil })
}

func void(e Entity, o Object) {
	o["PrivateNote"] = "Voided"
	nothing(objects(o["Line"]))
	delete(o, "TxnTaxDetail")
	total(e, o)
}

func nothing(lines []Object) {
	for _, line := range lines {
		if line["Amount"] != nil {
			line["Amount"] = zero
		}
		if detail, ok := line[salesDetail].(Object); ok && detail["Qty"] != nil {
			detail["Qty"] = zero
		}
		nothing(objects(at(line, groupDetail+".Line")))
	}
}

// Delete removes a document; change data has a tombstone of it, and the documents that were linked to it are no longer.
func (p *Person) Delete(e Entity, id string) error {
	return p.act(func(at time.Time, who author) *problem {
		r := p.s.state.find(e, id)
		switch {
		case !e.isTransaction():
			return unsupported("delete " + wordOf(e))
		case r == nil:
			return notFound()
		}
		p.s.state.remove(e, r, at, who)
		p.s.settle(text(r.obj, "CustomerRef.value"), owed(e, r.obj).Neg(), at, who)
		p.unlink(e, id, objects(r.obj["LinkedTxn"]), at, who)
		return nil
	})
}

func (p *Person) unlink(e Entity, id string, links []Object, at time.Time, who author) {
	for _, link := range links {
		other := Entity(text(link, "TxnType"))
		r := p.s.state.find(other, text(link, "TxnId"))
		if r == nil {
			continue
		}
		o := deepObject(r.obj)
		o["LinkedTxn"] = anys(slices.DeleteFunc(objects(o["LinkedTxn"]), func(l Object) bool {
			return text(l, "TxnId") == id && text(l, "TxnType") == string(e)
		}))
		p.s.state.change(other, r, o, at, who)
	}
}

// Convert makes an invoice of an estimate. The two are linked, and the estimate gets the status of Switches.ConvertedStatus.
func (p *Person) Convert(estimate string) (invoice string, err error) {
	err = p.act(func(at time.Time, who author) *problem {
		old := p.s.state.find(Estimate, estimate)
		if old == nil {
			return notFound()
		}
		invoice = p.s.convert(old, at, who)
		return nil
	})
	return invoice, err
}

func (s *Server) convert(old *row, at time.Time, who author) string {
	o, estimate := s.converted(old)
	id := text(s.state.create(Invoice, o, at, who).obj, "Id")
	linkTo(estimate, id)
	s.state.change(Estimate, old, estimate, at, who)
	s.settle(text(o, "CustomerRef.value"), owed(Invoice, o), at, who)
	return id
}

// converted makes the invoice of an estimate, and the estimate as it is then.
func (s *Server) converted(old *row) (invoice, estimate Object) {
	invoice, estimate = deepObject(old.obj), deepObject(old.obj)
	for _, name := range []string{"Id", "SyncToken", "MetaData", "TxnStatus", "ExpirationDate", "AcceptedBy", "AcceptedDate"} {
		delete(invoice, name)
	}
	s.headings(Invoice, invoice, &NewDocument{})
	invoice["LinkedTxn"] = []any{Object{"TxnId": old.obj["Id"], "TxnType": string(Estimate)}}
	total(Invoice, invoice)
	estimate["TxnStatus"] = s.switches.ConvertedStatus
	return invoice, estimate
}

func linkTo(estimate Object, invoice string) {
	estimate["LinkedTxn"] = append(anys(objects(estimate["LinkedTxn"])), Object{"TxnId": invoice, "TxnType": string(Invoice)})
}

func anys(all []Object) []any {
	out := make([]any, len(all))
	for i, o := range all {
		out[i] = o
	}
	return out
}
