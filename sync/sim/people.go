package sim

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/sim/product"
)

// do lets a step happen.
func (w *world) do(s *Step) {
	if w.shape.Mailbox && w.mailDeed(s) {
		return
	}
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
	case stage:
		return record.TextOf([...]string{asked, draft, asked}[n%3])
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
	w.booked(account)
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
