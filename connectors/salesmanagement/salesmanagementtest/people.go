package salesmanagementtest

// Person acts as a user of the application does.
type Person struct {
	s  *Server
	id int64
}

// App gives a user of the application, by id. Fill makes representatives; user 1 is the administrator.
func (s *Server) App(user int64) *Person { return &Person{s, user} }

// body brings what a person types into the form of a request.
func (p *Person) body(e Entity, v Values) (map[string]any, *Refusal) {
	t := p.s.tables[e]
	if t == nil || !t.written {
		return nil, invalid("no entity that people write")
	}
	out := map[string]any{}
	for name, text := range v {
		f := t.byName[name]
		if f == nil {
			return nil, invalid("no field " + name)
		}
		out[name] = typed(f, text)
	}
	return out, nil
}

// Create enters a record and gives its id. What it needs and v lacks, the application fills in: branch, representative, a reference. The
// error is a *Refusal.
func (p *Person) Create(e Entity, v Values) (int64, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	ch, wrong := p.understood(e, v)
	if wrong != nil {
		return 0, wrong
	}
	for name, text := range map[string]string{"branchId": "1", "salesRepId1": number(p.id), "salesRepId": number(p.id), "reference": "Devis", "salesProbability": "50"} {
		if f := p.s.tables[e].byName[name]; f != nil && f.required && ch.set[name] == "" {
			ch.set[name] = text
		}
	}
	if wrong := p.s.complete(ch); wrong != nil {
		return 0, wrong
	}
	return p.s.apply(ch, nil, author{user: p.id}).ID, nil
}

// understood checks what a person types as a request is checked.
func (p *Person) understood(e Entity, v Values) (*change, *Refusal) {
	body, wrong := p.body(e, v)
	if wrong != nil {
		return nil, wrong
	}
	ch, wrong := p.s.understood(e, body)
	if wrong != nil {
		return nil, wrong
	}
	return ch, p.s.unique(ch, nil)
}

// Edit changes fields of a record. A read-only record, and a blocked quote where the application knows of that, are refused, with their
// lines.
func (p *Person) Edit(e Entity, id int64, v Values) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	r, wrong := p.open(e, id)
	if wrong != nil {
		return wrong
	}
	body, wrong := p.body(e, v)
	if wrong != nil {
		return wrong
	}
	ch, wrong := p.s.understood(e, body)
	if wrong == nil {
		wrong = p.s.unique(ch, r)
	}
	if wrong != nil {
		return wrong
	}
	p.s.apply(ch, r, author{user: p.id})
	return nil
}

// open finds a record that a person may change.
func (p *Person) open(e Entity, id int64) (*row, *Refusal) {
	r := p.s.state.live(e, id)
	if r == nil {
		return nil, gone()
	}
	over := r
	if e == Lines {
		over = p.s.state.find(SalesOrders, money(r.Values["salesOrderId"]).IntPart())
	}
	if over != nil && over.Values["readOnly"] != "" {
		return nil, invalid("the record is read-only")
	}
	if over != nil && over.Values["blocked"] != "" && p.s.on(Blocked, "enforced") {
		return nil, invalid("the quote is blocked")
	}
	return r, nil
}

// Delete deletes a record.
func (p *Person) Delete(e Entity, id int64) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	r, wrong := p.open(e, id)
	if wrong != nil {
		return wrong
	}
	p.s.mark(e, r, true, author{user: p.id})
	return nil
}

// Restore takes a deletion back, as an administrator does in the application.
func (p *Person) Restore(e Entity, id int64) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	r := p.s.state.find(e, id)
	if r == nil || !r.Deleted {
		return gone()
	}
	p.s.mark(e, r, false, author{user: p.id})
	return nil
}

// Item is a line of a quote that a representative enters: no price, as Sage makes those.
type Item struct {
	Product  int64
	Quantity string
}

// Quote enters a quote with its lines, in a state of the list of statuses, and gives its id.
func (p *Person) Quote(account int64, state, reference string, items ...Item) (int64, error) {
	id, err := p.Create(SalesOrders, Values{"accountId": number(account), "reference": reference, "statusId": number(p.s.Status(state))})
	if err != nil {
		return 0, err
	}
	for i, one := range items {
		line := Values{"salesOrderId": number(id), "productId": number(one.Product), "quantity": one.Quantity, "price": "0", "order": number(int64(i + 1))}
		if _, err := p.Create(Lines, line); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// Ask has a quote priced: it goes into "À chiffrer".
func (p *Person) Ask(quote int64) error {
	return p.Edit(SalesOrders, quote, Values{"statusId": number(p.s.Status(Pricing))})
}

// Status gives the id of a status of quotes by its French name, 0 if there is none.
func (s *Server) Status(name string) int64 { return s.ListID(OrderStatuses, name) }

// ListID gives the id of an entry of a value list by its French name, 0 if there is none.
func (s *Server) ListID(e Entity, name string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.state.Rows[e] {
		if r.Values["descriptionFR"] == name {
			return r.ID
		}
	}
	return 0
}

// Offline is a person without a network: what is done is kept in the device and reaches the tenant with Send, in its order.
type Offline struct {
	p     *Person
	deeds []func() error
}

// Offline begins to work without a network.
func (p *Person) Offline() *Offline { return &Offline{p: p} }

// Quote keeps a quote to be sent.
func (o *Offline) Quote(account int64, state, reference string, items ...Item) {
	o.deeds = append(o.deeds, func() error { _, err := o.p.Quote(account, state, reference, items...); return err })
}

// Edit keeps a change to be sent.
func (o *Offline) Edit(e Entity, id int64, v Values) {
	o.deeds = append(o.deeds, func() error { return o.p.Edit(e, id, v) })
}

// Send has all that was kept reach the tenant, and gives what was refused.
func (o *Offline) Send() (refused []error) {
	for _, deed := range o.deeds {
		if err := deed(); err != nil {
			refused = append(refused, err)
		}
	}
	o.deeds = nil
	return refused
}
