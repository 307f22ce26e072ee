package plan

import (
	"slices"

	"syncbox/connectors"
)

// single settles a field with a base of its own.
func (m *merger) single(i int, p connectors.Policy) {
	f := m.r.Fields[i]
	e, c := m.it.ERP.Cells[i], m.it.CRM.Cells[i]
	switch {
	case e.Digest == c.Digest:
		m.equal(f.Code, e.Digest)
	case p == connectors.OwnCRM:
		if !m.keeps(i, c) {
			m.erp[i] = c.Value
		}
	default:
		m.shared(i)
		m.overwrites(i, e.Digest, c.Digest)
	}
}

// equal takes for agreed what both sides show.
func (m *merger) equal(code uint16, digest uint64) {
	m.note(Doubt{Field: code, Side: connectors.ERP, Digest: digest})
	m.note(Doubt{Field: code, Side: connectors.CRM, Digest: digest})
	m.each[code] = digest
}

// overwrites lets a value that is about to be overwritten count as agreed: it is known, and should the write
// not arrive, it is no new edit.
func (m *merger) overwrites(i int, e, c uint64) {
	code := m.r.Fields[i].Code
	if _, toCRM := m.crm[i]; toCRM {
		m.each[code] = c
	}
	if _, toERP := m.erp[i]; toERP {
		m.each[code] = e
	}
}

// shared is the three-way merge of a field with a set of values in doubt. A side that shows the base or a
// value in doubt shows nothing that a person typed there since. Where neither does, the value that became
// known last stays. What is empty never erases what is not where nothing was agreed on before.
func (m *merger) shared(i int) {
	e, c := m.it.ERP.Cells[i], m.it.CRM.Cells[i]
	h := m.it.history(m.r.Fields[i].Code)
	eNew, cNew := m.typed(i, connectors.ERP, e, h), m.typed(i, connectors.CRM, c, h)
	if _, known := m.it.Link.Base.At(m.r.Fields[i].Code); eNew && cNew && !known {
		eNew, cNew = !e.empty(), !c.empty()
	}
	if m.r.Fields[i].KeepFilled {
		eNew, cNew = m.typedKept(i, eNew, cNew, h)
	}
	switch {
	case eNew && cNew:
		m.conflict(i)
	case eNew, !cNew && h.place(e.Digest) > h.place(c.Digest):
		m.give(i, connectors.CRM, h)
	default:
		m.give(i, connectors.ERP, h)
	}
	m.remember(i, eNew, cNew)
}

// give gives a side what the other one shows.
func (m *merger) give(i int, to connectors.Side, h history) {
	values, from := m.crm, m.it.ERP.Cells[i]
	if to == connectors.ERP {
		values, from = m.erp, m.it.CRM.Cells[i]
	}
	if m.keeps(i, from) {
		m.received(i)
		return
	}
	values[i] = from.Value
	m.overtakes(i, to, h)
}

// typedKept says what people typed in a field that one side shows empty, which empties nothing: that has been typed as long as the
// other side shows what was agreed on, or was sent there. Any other value is the newer one.
func (m *merger) typedKept(i int, eNew, cNew bool, h history) (bool, bool) {
	e, c := m.it.ERP.Cells[i], m.it.CRM.Cells[i]
	base, known := m.it.Link.Base.At(m.r.Fields[i].Code)
	old := func(side connectors.Side, shown uint64) bool { return known && shown == base || h.to(side).sent(shown) }
	switch {
	case e.empty():
		cNew = cNew || !old(connectors.CRM, c.Digest)
		return eNew && !cNew, cNew
	case c.empty():
		eNew = eNew || !old(connectors.ERP, e.Digest)
		return eNew, cNew && !eNew
	}
	return eNew, cNew
}

// typed says whether a person typed on a side what it shows.
func (m *merger) typed(i int, side connectors.Side, shown Cell, h history) bool {
	base, known := m.it.Link.Base.At(m.r.Fields[i].Code)
	switch {
	case h.sent(shown.Digest):
		return false
	case known && shown.Digest != base, !known && !shown.empty():
		return true
	}
	_, left := h.left(side, shown.Digest)
	return left
}

// overtakes journals an edit of the losing side that whoever made the other one may never have seen: it, or
// an older value, was sent there without a certain outcome.
func (m *merger) overtakes(i int, loser connectors.Side, h history) {
	e, c := m.it.ERP.Cells[i], m.it.CRM.Cells[i]
	stays, goes := c.Digest, e.Digest
	if loser == connectors.CRM {
		stays, goes = goes, stays
	}
	base, known := m.it.Link.Base.At(m.r.Fields[i].Code)
	for _, d := range h {
		agreed := known && base == goes && d.Digest == goes
		if d.open() && d.Side == loser.Other() && d.Digest != stays && !agreed {
			m.conflicts = append(m.conflicts, Conflict{Field: i, ERP: e.Value, CRM: c.Value, Won: loser.Other()})
			return
		}
	}
}

// remember notes what people typed, the value that stays last, and what the other side is about to be given.
func (m *merger) remember(i int, eNew, cNew bool) {
	code := m.r.Fields[i].Code
	goes, stays := Doubt{Field: code, Side: connectors.ERP, Digest: m.it.ERP.Cells[i].Digest}, Doubt{Field: code, Side: connectors.CRM, Digest: m.it.CRM.Cells[i].Digest}
	_, toERP := m.erp[i]
	_, toCRM := m.crm[i]
	if toCRM {
		goes, stays, eNew, cNew = stays, goes, cNew, eNew
	}
	if eNew || cNew && (toERP || toCRM) {
		m.note(goes)
	}
	if cNew {
		m.note(stays)
	}
	if toERP || toCRM {
		m.note(Doubt{Field: code, Side: goes.Side, Digest: stays.Digest})
	}
}

// conflict settles a field that both sides changed, by its rule. The value that loses counts as agreed from
// now on (overwrites), so that the same two values are no conflict twice. Where a person is to decide, both
// stand, and the base stays what it was: the answer moves it to the value that loses.
func (m *merger) conflict(i int) {
	e, c := m.it.ERP.Cells[i], m.it.CRM.Cells[i]
	con := Conflict{Field: i, ERP: e.Value, CRM: c.Value}
	switch rule := m.r.Fields[i].Conflict; {
	case rule == connectors.AskPerson:
		con.Ask = true
		m.disagree(m.r.Fields[i].Code, e.Digest, c.Digest)
		if slices.Contains(m.r.Identity, i) {
			m.each[m.r.Fields[i].Code|undecided] = e.Digest
		}
	case rule == connectors.CRMWins, rule == connectors.NewestWins && m.it.newer() == connectors.CRM:
		con.Won = connectors.CRM
		m.erp[i] = c.Value
	default:
		m.crm[i] = e.Value
	}
	m.conflicts = append(m.conflicts, con)
}

// disagree keeps an edit one that is to be decided by a person although it brought back what was agreed: what
// was there before counts as agreed instead.
func (m *merger) disagree(code uint16, e, c uint64) {
	h := m.it.history(code)
	base, known := m.it.Link.Base.At(code)
	for side, shown := range [2]uint64{e, c} {
		if before, left := h.left(connectors.Side(side), shown); known && left && shown == base {
			m.each[code] = before
		}
	}
}

// newer gives the side whose record a person changed last; the ERP where a side does not tell, or both say
// the same. The times are those of whole records: no product built so far keeps them by field.
func (it *Item) newer() connectors.Side {
	e, c := it.ERP.Changed, it.CRM.Changed
	if !e.IsZero() && c.After(e) {
		return connectors.CRM
	}
	return connectors.ERP
}
