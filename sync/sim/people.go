package sim

import (
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// do lets a step happen.
func (w *world) do(s *Step) {
	switch s.Do {
	case EditERP:
		w.edit(connectors.ERP, s)
	case EditCRM:
		w.edit(connectors.CRM, s)
	case NewCard:
		w.newCard(s)
	case NewAccount:
		w.newAccount(s)
	case NewDocument:
		w.newDocument(s)
	case NewUser:
		w.newUser()
	case Down:
		side := connectors.Side(s.A % 2)
		w.down[side] = w.steady + w.shape.Set.Schedule.Interval*time.Duration(1+s.B%6)/2
		w.trace("%s down until %s", side, w.down[side])
	case LoseRequest, DelayRequest, LimitRequest, BreakRequest:
		w.spoils = append(w.spoils, s)
	default:
		w.upheave(s)
	}
}

// token gives a text that nobody typed before.
func (w *world) token() string {
	w.values++
	return "v" + strconv.Itoa(w.values)
}

// fresh gives a value that people could type into a field, in the form that both sides have in common.
func (w *world) fresh(k kind, n int) record.Value {
	switch k {
	case words:
		return record.TextOf(w.token())
	case mail:
		return record.TextOf(w.token() + "@example.org")
	case phone:
		w.values++
		return record.TextOf("418 555-" + strconv.Itoa(1000+w.values))
	case amount:
		w.values++
		return record.NumberOf(decimal.New(int64(100*w.values+25), -2))
	case code:
		return record.TextOf(statuses[[...]string{client, prospect}[n%2]])
	case yesNo:
		return record.BoolOf(true)
	}
	return record.Value{}
}

// onSide gives a value of the common form as a side has it.
func onSide(f *field, side connectors.Side, v record.Value) record.Value {
	if side == connectors.ERP && f.Lens.Kind == connectors.LensCodes {
		for e, c := range statuses {
			if c == v.Text {
				return record.TextOf(e)
			}
		}
	}
	return v
}

// common gives a side's value in the common form.
func (w *world) common(f *field, side connectors.Side, v record.Value) record.Value {
	if side == connectors.ERP && f.Lens.Kind == connectors.LensCodes {
		return record.TextOf(statuses[v.Text])
	}
	return v
}

// fill types values into the fields of a new record, and gives them as the side has them.
func (w *world) fill(t *thing, side connectors.Side, want func(*field) bool) record.Fields {
	values := record.Fields{}
	for i := range w.book.fields[t.entity] {
		f := &w.book.fields[t.entity][i]
		if f.typed == nothing || f.typed == user || f.typed == rows || !want(f) {
			continue
		}
		v := w.fresh(f.typed, t.id)
		w.typed(t, i, side, v)
		values[f.name(side)] = onSide(f, side, v)
	}
	return values
}

func everything(*field) bool { return true }

// newKey gives a key that no record of an entity had before: of those that people do not recognise by anything, nothing
// would tell the two apart. A restored ERP gives keys again.
func (w *world) newKey(e record.Entity) record.Key {
	key := w.erp.NewKey()
	for w.atKey(connectors.ERP, e, key) != nil || w.wasAtKey(connectors.ERP, e, key) != nil {
		key = w.erp.NewKey()
	}
	return key
}

// newUser makes a salesperson in the ERP.
func (w *world) newUser() {
	key := w.newKey(record.User)
	t := w.newThing(record.User, nil)
	t.at[connectors.ERP] = key
	fields := w.fill(t, connectors.ERP, everything)
	w.erp.Add(record.Record{Entity: record.User, Key: t.at[connectors.ERP], Fields: fields, Incarnation: w.erp.Incarnation()}, 0)
	w.trace("a new user in the ERP: %s %s", t.at[connectors.ERP], w.show(fields))
}

// newCard makes a customer in the ERP: an account and a contact.
func (w *world) newCard(s *Step) {
	key := w.erp.NewKey()
	w.vacate(key) // a restored ERP gives places again
	w.newCardAt(key, s)
}

func (w *world) newCardAt(key record.Key, s *Step) {
	account := w.newThing(record.Account, nil)
	contact := w.newThing(record.Contact, account)
	fields := w.fill(account, connectors.ERP, func(f *field) bool { return required(f) || pick(s.B, f.CRM) })
	if u := w.some(record.User, connectors.ERP, s.A); u != nil && s.B%2 == 0 {
		fields["rep"] = record.RefOf(u.at[connectors.ERP])
	}
	person := w.fill(contact, connectors.ERP, func(f *field) bool { return pick(s.A, f.CRM) })
	row := w.erp.CardAt(key, fields, person)
	account.at[connectors.ERP], contact.at[connectors.ERP] = row.Key, row.Key
	w.trace("a new card in the ERP: %s %s with %s", row.Key, w.show(fields), w.show(person))
}

// required says whether people always fill a field of a new record.
func required(f *field) bool {
	switch f.CRM {
	case "Name", "Number", "Status", "Active", "Title", "FullName":
		return true
	}
	return false
}

// pick decides by a number and a name.
func pick(n int, name string) bool { return (n+len(name)*7+int(name[0]))%3 > 0 }

// newAccount makes a customer in the CRM, mostly with a contact.
func (w *world) newAccount(s *Step) {
	account := w.newThing(record.Account, nil)
	account.mayBe = 0
	fields := w.fill(account, connectors.CRM, func(f *field) bool {
		return f.CRM == "Name" || f.CRM != "Number" && f.CRM != "Active" && f.CRM != "Status" && pick(s.B, f.CRM)
	})
	if s.B%32 == 19 {
		w.foreignBirth(account, fields, s.B/32)
	}
	row := w.crm.Add(record.Record{Entity: record.Account, Key: w.crm.NewKey(), Fields: fields}, w.lag())
	account.at[connectors.CRM] = row.Key
	w.trace("a new account in the CRM: %s %s", row.Key, w.show(fields))
	if s.A%4 > 0 {
		w.newContact(account)
	}
}

// newContact makes the first contact of an account of the CRM.
func (w *world) newContact(account *thing) {
	contact := w.newThing(record.Contact, account)
	contact.mayBe = 0
	fields := w.fill(contact, connectors.CRM, func(f *field) bool { return f.CRM == "FullName" || f.CRM == "Mail" })
	fields["AccountId"] = record.RefOf(account.at[connectors.CRM])
	row := w.crm.Add(record.Record{Entity: record.Contact, Key: w.crm.NewKey(), Fields: fields}, w.lag())
	contact.at[connectors.CRM] = row.Key
	w.trace("a new contact in the CRM: %s %s", row.Key, w.show(fields))
}

// newDocument makes a document of a customer in the ERP.
func (w *world) newDocument(s *Step) {
	account := w.some(record.Account, connectors.ERP, s.A)
	if account == nil {
		return
	}
	t := w.newThing(record.Document, account)
	key := account.at[connectors.ERP]
	t.at[connectors.ERP] = w.newKey(record.Document)
	fields := w.fill(t, connectors.ERP, everything)
	fields["account"], fields["contact"] = record.RefOf(key), record.RefOf(key)
	fields["lines"] = w.lines(s.B)
	w.erp.Add(record.Record{Entity: record.Document, Key: t.at[connectors.ERP], Fields: fields, Incarnation: w.erp.Incarnation()}, 0)
	w.trace("a new document in the ERP: %s %s", t.at[connectors.ERP], w.show(fields))
}

// lines makes the lines of a document.
func (w *world) lines(n int) record.Value {
	var all []record.Fields
	for i := range 1 + n%2 {
		row := record.Fields{"product": record.TextOf(w.token())}
		if u := w.some(record.User, connectors.ERP, n+i); u != nil && n%3 > 0 {
			row["rep"] = record.RefOf(u.at[connectors.ERP])
		}
		all = append(all, row)
	}
	return record.RowsOf(all...)
}

// some gives one of the live things of an entity that a side keeps, nil if there is none.
func (w *world) some(e record.Entity, side connectors.Side, n int) *thing {
	var all []*thing
	for _, t := range w.things {
		if t.entity == e && w.row(t, side) != nil {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[n%len(all)]
}

// row gives the live record of a thing on a side, nil if there is none.
func (w *world) row(t *thing, side connectors.Side) *product.Row {
	if t.at[side] == "" {
		return nil
	}
	return w.product(side).Live(t.entity, t.at[side])
}

// edit has a person change a field of a record.
func (w *world) edit(side connectors.Side, s *Step) {
	var all []*thing
	for _, t := range w.things {
		if row := w.row(t, side); row != nil && w.mayEdit(side, row) {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return
	}
	t := all[s.A%len(all)]
	if w.shape.Kind == Edits && s.A%8 > 0 {
		w.again(all, side, s)
		return
	}
	fields := w.book.fields[t.entity]
	for n := range fields {
		i := (s.B + n) % len(fields)
		if f := &fields[i]; w.edits(side, f) && !w.onlyMark(t, side, f) && !w.unseen(t, f) {
			w.change(t, i, side, w.newValue(t, i, side, s.B/len(fields)))
			return
		}
	}
}

// onlyMark says whether a field is all by which the box can find a record again that it has just created in the ERP, not
// knowing yet whether it did: people do not change that number so soon, since no product without a place for our identity
// could tell the record from another one then.
func (w *world) onlyMark(t *thing, side connectors.Side, f *field) bool {
	return side == connectors.ERP && f.Policy == connectors.BusinessKey && t.births[side] > 0 && !w.knows(t)
}

// unseen says whether a field is the number of a customer that the ERP does not show for a moment: if it changed together with
// the name, a place that was seen empty and holds another name and number would be another customer's for any sync.
func (w *world) unseen(t *thing, f *field) bool {
	if f.Policy != connectors.BusinessKey {
		return false
	}
	row := w.row(t, connectors.ERP)
	return w.missed(t) || row != nil && row.Hidden > w.steady
}

// missed says whether the box did not find a thing in the ERP when it looked last.
func (w *world) missed(t *thing) bool {
	missed := false
	w.view(func(tx *store.Txn) {
		l, ok := tx.Find(connectors.ERP, t.entity, t.at[connectors.ERP])
		missed = ok && l.Gone > 0
	})
	return missed
}

// again changes one of two fields of the first customer.
func (w *world) again(all []*thing, side connectors.Side, s *Step) {
	for _, t := range all {
		if t.entity == record.Account {
			i := s.B % 2 * (1 + w.values%3)
			w.change(t, i, side, w.newValue(t, i, side, s.B/2))
			return
		}
	}
}

// edits says whether people of a side change a field there.
func (w *world) edits(side connectors.Side, f *field) bool {
	switch f.typed {
	case nothing, yesNo:
		return false
	case user, code, rows:
		return side == connectors.ERP
	}
	return f.Policy != connectors.BusinessKey || side == connectors.ERP
}

// newValue gives what a person types over what a record shows: mostly something new, now and then nothing.
func (w *world) newValue(t *thing, i int, side connectors.Side, n int) record.Value {
	f := &w.book.fields[t.entity][i]
	switch {
	case f.typed == user:
		if u := w.some(record.User, side, n); u != nil {
			return record.RefOf(u.at[side])
		}
		return record.Value{}
	case f.typed == rows:
		return w.lines(n)
	}
	if v, ok := w.older(t, i, n); ok {
		return v
	}
	v := w.fresh(f.typed, n)
	if side == connectors.CRM && f.typed == words && n%16 == 5 {
		v.Text += foreign
	}
	return v
}

// older gives a value that the field had before, or an empty one, where both sides show the same and nothing is under way:
// else nobody could tell such an edit from an older one of somebody else.
func (w *world) older(t *thing, i, n int) (record.Value, bool) {
	f, c := &w.book.fields[t.entity][i], &t.cells[i]
	e, o := c.shows[connectors.ERP], c.shows[connectors.CRM]
	if n%4 > 0 || f.typed == code || e == nil || e != o || w.unsure > 0 || w.unread(t) {
		return record.Value{}, false
	}
	if n%12 == 0 && !required(f) {
		return record.Value{}, !e.value.Empty()
	}
	for _, x := range c.writes {
		if !x.value.Equal(e.value) && !x.value.Empty() {
			return x.value, true
		}
	}
	return record.Value{}, false
}

// unread says whether the box has written to a record of the ERP and not yet read it since: whoever types the older value
// again before that can't be told from a server that lost the write.
func (w *world) unread(t *thing) bool {
	unread := false
	w.view(func(tx *store.Txn) {
		l, _ := w.linkOf(tx, t)
		unread = slices.ContainsFunc(l.Doubts, func(d plan.Doubt) bool { return d.Side == connectors.ERP && d.Seq > 0 && d.Until.IsZero() })
	})
	return unread
}

// change types a value of the common form into a record.
func (w *world) change(t *thing, i int, side connectors.Side, v record.Value, seen ...*write) {
	f := &w.book.fields[t.entity][i]
	row := w.row(t, side)
	w.trace("a person changes %s %d (%s %s) in the %s: %s from %q to %q", t.entity, t.id, row.Key, row.ExternalID, side, f.name(side), row.Fields[f.name(side)].Text, v.Text)
	if f.typed != user && f.typed != rows {
		w.typed(t, i, side, v, seen...)
	}
	t.edited[side] = w.steady
	w.product(side).Edit(row, record.Fields{f.name(side): onSide(f, side, v)})
}

// mayEdit says whether people change a record just now. They do not while a write to it is under way in a product that
// does not compare: such an edit is lost in the product itself, and no sync can protect it.
func (w *world) mayEdit(side connectors.Side, row *product.Row) bool {
	if row.Shown > w.steady || row.Locked > w.steady {
		return false
	}
	compares := w.product(side).Form.Compares
	if !compares && w.calls > 0 {
		return false
	}
	for _, r := range w.underway {
		op := r.op
		mine := r.side == side && op.Entity == row.Entity && (op.Key == row.Key || op.Kind == connectors.Create && op.ExternalID == row.ExternalID)
		if mine && !(compares && op.Kind == connectors.Update && op.Seen != nil) {
			return false
		}
	}
	return true
}
