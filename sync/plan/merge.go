package plan

import (
	"maps"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// merger settles the fields of one record that both sides have.
type merger struct {
	r         *Rules
	it        *Item
	each      map[uint16]uint64 // what is agreed field by field, whatever becomes of the writes
	owes      bool              // a field that only the ERP may change is to be written
	crm, erp  map[int]record.Value
	conflicts []Conflict
	differ    []int
}

func newMerger(r *Rules, it *Item) *merger {
	m := &merger{r: r, it: it, each: maps.Clone(it.Link.Base.Each), crm: map[int]record.Value{}, erp: map[int]record.Value{}}
	if m.each == nil {
		m.each = map[uint16]uint64{}
	}
	return m
}

func (m *merger) all() {
	was := m.it.Link.Base
	changed := !was.Known || was.Owned != m.r.owned(m.it) || m.doubtOf(OwnedFields)
	for i, f := range m.r.Fields {
		p := m.r.policy(i, m.it)
		switch {
		case p == connectors.Derived:
		case !single(p):
			m.owned(i, p, changed)
			if m.r.Each(i, m.it) {
				m.each[f.Code] = m.it.ERP.Cells[i].Digest
			}
		case m.it.CRM != nil:
			m.single(i, p)
		}
	}
}

// now is the base with what both sides already show. The digest over the ERP's own fields moves only when
// nothing of them is left to write.
func (m *merger) now() Base {
	b := Base{Known: true, Each: m.each, Owned: m.it.Link.Base.Owned}
	if !m.owes {
		b.Owned = m.r.owned(m.it)
	}
	return b
}

// after is the base once the write to the CRM has arrived.
func (m *merger) after() Base {
	b := Base{Known: true, Each: maps.Clone(m.each), Owned: m.r.owned(m.it)}
	for i := range m.crm {
		if m.r.Each(i, m.it) {
			b.Each[m.r.Fields[i].Code] = m.it.ERP.Cells[i].Digest
		}
	}
	return b
}

func (m *merger) doubtOf(code uint16) bool {
	for _, doubt := range m.it.Link.Doubts {
		if doubt.Field == code {
			return true
		}
	}
	return false
}

// owned settles a field that only the ERP may change; changed says that one of them did, or that the
// last write of them has no certain outcome.
func (m *merger) owned(i int, p connectors.Policy, changed bool) {
	e := m.it.ERP.Cells[i]
	if m.it.CRM == nil {
		if changed && p != connectors.WriteOnce {
			m.crm[i], m.owes = e.Value, true
		}
		return
	}
	c := m.it.CRM.Cells[i]
	switch {
	case e.Digest == c.Digest:
	case p == connectors.WriteOnce:
		if c.Value.Empty() {
			m.crm[i] = e.Value
		}
	case p == connectors.OwnERPOnChange && !changed:
		m.differ = append(m.differ, i)
	default:
		m.crm[i], m.owes = e.Value, true
	}
}

// derived adds what is calculated from the ERP's record to a write that happens anyway.
func (m *merger) derived() {
	for i := range m.r.Fields {
		if m.r.policy(i, m.it) != connectors.Derived {
			continue
		}
		if e := m.it.ERP.Cells[i]; m.it.CRM == nil || m.it.CRM.Cells[i].Digest != e.Digest {
			m.crm[i] = e.Value
		}
	}
}

// single settles a field with a base of its own.
func (m *merger) single(i int, p connectors.Policy) {
	f := m.r.Fields[i]
	e, c := m.it.ERP.Cells[i], m.it.CRM.Cells[i]
	switch {
	case e.Digest == c.Digest:
		m.each[f.Code] = e.Digest
	case p == connectors.OwnCRM:
		m.erp[i] = c.Value
	default:
		base, known := m.it.Link.Base.At(f.Code)
		m.shared(i, base, known)
		m.overwrites(i, e.Digest, c.Digest)
	}
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
// value in doubt shows nothing that a person typed there since.
func (m *merger) shared(i int, base uint64, known bool) {
	code := m.r.Fields[i].Code
	e, c := m.it.ERP.Cells[i], m.it.CRM.Cells[i]
	if !known && !m.doubtOf(code) {
		m.unknownBase(i)
		return
	}
	eNew := !(known && e.Digest == base) && !m.it.echo(code, e.Digest)
	cNew := !(known && c.Digest == base) && !m.it.echo(code, c.Digest)
	switch {
	case eNew && cNew:
		m.conflict(i)
	case eNew:
		m.crm[i] = e.Value
		m.unseen(i, connectors.CRM)
	case cNew:
		m.erp[i] = c.Value
		m.unseen(i, connectors.ERP)
	case m.origin(code, e.Digest, c.Digest) == connectors.ERP:
		m.crm[i] = e.Value
	default:
		m.erp[i] = c.Value
	}
}

// unseen notes that an edit of the losing side may never have been seen by whoever made the other one: it
// was sent across without a certain outcome, or an older value that was may have come back over it. The
// newer one stays, and both are journalled.
func (m *merger) unseen(i int, loser connectors.Side) {
	e, c := m.it.ERP.Cells[i], m.it.CRM.Cells[i]
	shown := e.Digest
	if loser == connectors.CRM {
		shown = c.Digest
	}
	code := m.r.Fields[i].Code
	base, known := m.it.Link.Base.At(code)
	agreed := known && base == shown
	for _, doubt := range m.it.Link.Doubts {
		open := doubt.Field == code && doubt.Side == loser.Other() && !doubt.Until.IsZero()
		if open && agreed != (doubt.Digest == shown) {
			m.conflicts = append(m.conflicts, Conflict{Field: i, ERP: e.Value, CRM: c.Value, Won: loser.Other()})
			return
		}
	}
}

// origin says which side holds what a person wrote last, when neither shows anything new. Values in doubt
// were all sent to one side as a rule: then the other side is their origin, and what it shows now was
// typed there, a return to an older value included. With values in doubt on both sides the one sent last
// stays; the base is older than all of them.
func (m *merger) origin(code uint16, e, c uint64) connectors.Side {
	var to [2]bool
	for _, doubt := range m.it.Link.Doubts {
		if doubt.Field == code {
			to[doubt.Side] = true
		}
	}
	switch {
	case !to[connectors.ERP]:
		return connectors.ERP
	case !to[connectors.CRM]:
		return connectors.CRM
	}
	eSeq, _ := m.it.sent(code, e)
	cSeq, _ := m.it.sent(code, c)
	if cSeq > eSeq {
		return connectors.CRM
	}
	return connectors.ERP
}

// unknownBase settles a field nobody agreed on before: what is empty never erases what is not, else the
// conflict rule decides.
func (m *merger) unknownBase(i int) {
	e, c := m.it.ERP.Cells[i], m.it.CRM.Cells[i]
	switch {
	case e.Value.Empty():
		m.erp[i] = c.Value
	case c.Value.Empty():
		m.crm[i] = e.Value
	default:
		m.conflict(i)
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
	case rule == connectors.CRMWins, rule == connectors.NewestWins && m.it.newer() == connectors.CRM:
		con.Won = connectors.CRM
		m.erp[i] = c.Value
	default:
		m.crm[i] = e.Value
	}
	m.conflicts = append(m.conflicts, con)
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
