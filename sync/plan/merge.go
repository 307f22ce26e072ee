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
	changed   bool              // a field that only the ERP may change did, or the last write of them is in doubt
	owes      bool              // one of them is to be written
	crm, erp  map[int]record.Value
	conflicts []Conflict
	differ    []int
	notes     []Doubt // what became known while values are in doubt
}

func newMerger(r *Rules, it *Item) *merger {
	m := &merger{r: r, it: it, crm: map[int]record.Value{}, erp: map[int]record.Value{}}
	if m.each = map[uint16]uint64{}; it.Link.Base.Known {
		maps.Copy(m.each, it.Link.Base.Each)
		return m
	}
	for _, i := range r.Identity { // the CRM may not show it now, and another one stand at its place before it does
		code := r.Fields[i].Code
		if _, ok := it.Link.Base.recognised(code); ok && m.r.Single(i, it) {
			m.each[code|undecided] = it.ERP.Cells[i].Digest
		}
	}
	return m
}

func (m *merger) all() {
	was := m.it.Link.Base
	m.changed = !was.Known || was.Owned != m.r.owned(m.it) || m.it.inDoubt(OwnedFields)
	for i, f := range m.r.Fields {
		p := m.r.policy(i, m.it)
		switch {
		case p == connectors.Derived:
		case p == out:
			m.received(i)
		case !single(p):
			m.owned(i, p)
			if m.r.Each(i, m.it) {
				m.each[f.Code] = m.it.ERP.Cells[i].Digest
			}
		case m.it.CRM != nil:
			m.single(i, p)
		}
	}
}

// received takes for agreed, of a field that is left as it is, what was sent last of all that has arrived.
func (m *merger) received(i int) {
	code := m.r.Fields[i].Code
	shown := [2]*View{m.it.ERP, m.it.CRM}
	for _, d := range m.it.history(code) {
		if v := shown[d.Side]; v != nil && !d.note() && v.Cells[i].Digest == d.Digest {
			m.each[code] = d.Digest
		}
	}
}

// now is the base with what both sides already show. The ERP's own fields count as changed until they are
// written, even if they change back before: a write in doubt may have brought what they showed meanwhile.
func (m *merger) now() Base {
	b := Base{Known: true, Each: m.each, Owned: m.it.Link.Base.Owned}
	switch {
	case !m.owes:
		b.Owned = m.r.owned(m.it)
	case m.changed:
		b.Owned = 0
	}
	return b
}

// soFar is the base of a record that has to wait for another one, with what both sides show alike: who types over that from now
// on has seen it, and may empty it. Of a field with a value in doubt the order is still to be told.
func (m *merger) soFar(was Base) Base {
	alike := newMerger(m.r, m.it).each
	if was.Known {
		alike = maps.Clone(was.Each)
	}
	for _, i := range m.r.Identity {
		if d, ok := was.Each[m.r.Fields[i].Code]; ok && !m.r.Single(i, m.it) {
			alike[m.r.Fields[i].Code] = d
		}
	}
	any := false
	for i, f := range m.r.Fields {
		e := m.it.ERP.Cells[i]
		if m.it.CRM != nil && m.r.Single(i, m.it) && !m.it.inDoubt(f.Code) && e.Digest == m.it.CRM.Cells[i].Digest {
			alike[f.Code], any = e.Digest, true
		}
	}
	if !any {
		return was
	}
	return Base{Known: true, Owned: was.Owned, Each: alike}
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

// owned settles a field that only the ERP may change.
func (m *merger) owned(i int, p connectors.Policy) {
	e := m.it.ERP.Cells[i]
	if m.it.CRM == nil {
		if m.changed && p != connectors.WriteOnce && !m.keeps(i, e) {
			m.crm[i], m.owes = e.Value, true
		}
		return
	}
	c := m.it.CRM.Cells[i]
	switch {
	case e.Digest == c.Digest, m.keeps(i, e):
	case p == connectors.WriteOnce:
		if c.Value.Empty() {
			m.crm[i] = e.Value
		}
	case p == connectors.OwnERPOnChange && !m.changed:
		m.differ = append(m.differ, i)
	default:
		m.crm[i], m.owes = e.Value, true
	}
}

// keeps says whether a value is one that nothing is emptied by.
func (m *merger) keeps(i int, from Cell) bool { return m.r.Fields[i].KeepFilled && from.empty() }

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
