package sim

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
)

// keyAll has people key everything that is on the list now; false if nothing is.
func (w *world) keyAll() bool {
	if len(w.erp.Published) == 0 {
		return false
	}
	w.key(w.erp.Published)
	w.round(w.usual())
	return true
}

// key has a person key a list, which may be an old one: the person types what it says over what the ERP shows.
func (w *world) key(list []connectors.Handoff) {
	for i := range list {
		if h := &list[i]; h.Key != "" {
			w.keyField(h)
		}
	}
	for i := range list {
		if h := &list[i]; h.Key == "" && h.Entity == record.Account && h.Field == "number" {
			w.keyCard(list, h)
		}
	}
}

// keyField types one wanted value into a record that is there.
func (w *world) keyField(h *connectors.Handoff) {
	t := w.atKey(connectors.ERP, h.Entity, h.Key)
	if t == nil || w.row(t, connectors.ERP) == nil || w.stranger(h) {
		return
	}
	for i := range w.book.fields[h.Entity] {
		f := &w.book.fields[h.Entity][i]
		if row := w.row(t, connectors.ERP); f.ERP == h.Field && !row.Fields[f.ERP].Equal(h.Wanted) {
			v := w.common(f, connectors.ERP, h.Wanted)
			seen := t.typedAs(i, connectors.CRM, v)
			w.trace("a person keys %s of %s %s", h.Field, h.Entity, h.Key)
			if w.typos && h.Wanted.Kind == record.Text {
				v = w.fresh(f.typed, 0)
			}
			w.change(t, i, connectors.ERP, v, seen)
		}
	}
}

// stranger says whether the customer in a place has neither the number nor the name that a list tells.
func (w *world) stranger(h *connectors.Handoff) bool {
	row := w.erp.Live(record.Account, h.Key)
	if row == nil || len(h.Context) == 0 || h.Entity != record.Account && h.Entity != record.Contact {
		return false
	}
	for name, v := range h.Context {
		if row.Fields[name].Equal(v) {
			return false
		}
	}
	return true
}

// keyCard makes the card that a list asks for, unless it is there.
func (w *world) keyCard(list []connectors.Handoff, of *connectors.Handoff) {
	account := w.atKey(connectors.CRM, record.Account, of.By)
	contact := w.contactAt(account)
	switch {
	case account == nil:
		return
	case w.calm && account.gone: // and nobody has looked since it was keyed
		if account.at[connectors.ERP] != "" {
			w.left(account, connectors.ERP)
		}
		if contact != nil && contact.at[connectors.ERP] != "" {
			w.left(contact, connectors.ERP)
			contact.gone = false
		}
		account.gone = false
	case account.at[connectors.ERP] != "" || account.births[connectors.ERP] > 0:
		return
	}
	if contact == nil {
		contact = w.newThing(record.Contact, account)
	}
	fields := [2]record.Fields{{}, {}}
	for i := range list {
		h := &list[i]
		if h.Key != "" || !h.Context["number"].Equal(of.Context["number"]) {
			continue
		}
		t, n := account, 0
		if h.Entity == record.Contact {
			t, n = contact, 1
		}
		fields[n][h.Field] = h.Wanted
		w.keyed(t, h)
	}
	for i := range w.book.fields[record.Account] {
		switch f := &w.book.fields[record.Account][i]; f.ERP {
		case "active", "status":
			v := w.fresh(f.typed, 1)
			w.typed(account, i, connectors.ERP, v)
			fields[0][f.ERP] = onSide(f, connectors.ERP, v)
		}
	}
	account.births[connectors.ERP]++
	row := w.erp.Card(fields[0], fields[1])
	account.at[connectors.ERP], contact.at[connectors.ERP] = row.Key, row.Key
	w.trace("a person keys a card: %s %s with %s", row.Key, w.show(fields[0]), w.show(fields[1]))
}

// keyed notes a value that a person copied from the list into a new record.
func (w *world) keyed(t *thing, h *connectors.Handoff) {
	for i := range w.book.fields[h.Entity] {
		if f := &w.book.fields[h.Entity][i]; f.ERP == h.Field && f.typed != nothing && f.typed != user {
			v := w.common(f, connectors.ERP, h.Wanted)
			w.typed(t, i, connectors.ERP, v, t.typedAs(i, connectors.CRM, v))
		}
	}
}
