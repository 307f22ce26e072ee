package plan

import (
	"maps"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Field is a field rule as the planner needs it.
type Field struct {
	Name     string // the CRM's name, unique in its entity
	Code     uint16 // stable short code of Name, never OwnedFields
	Policy   connectors.Policy
	When     *connectors.When
	Conflict connectors.Wins
	Required bool // a reference without which the record can't be written
	// Sometimes: it takes part only in some records, told by Cell.Out of the ERP's view.
	Sometimes bool
	// KeepFilled: an empty value is never written over a filled one.
	KeepFilled bool
}

// Rules are the rules of one entity.
type Rules struct {
	Entity record.Entity
	Fields []Field
	// TwoWay lets edits of the CRM reach the ERP.
	TwoWay bool
	// Active is the index of the field that is false for a record gone from the ERP; -1 if there is none.
	Active int
	// Identity are the indices of the fields by which people recognise a record.
	Identity []int
	// DeletesCRM and DeletesERP let what is gone from the other side be deleted on this one.
	DeletesCRM, DeletesERP bool
}

// Cell is one field of a view.
type Cell struct {
	Value  record.Value // in the common form: the CRM's, references by link
	Digest uint64       // equal for values that count as equal
	// Missing is set for a reference to a record that is known but not on the other side (yet).
	Missing *Ref
	// Out, of the ERP alone: the field takes no part in this record.
	Out bool
}

// out is the policy of a field that takes no part in a record: neither side is written, and what was agreed stays.
const out connectors.Policy = 0

func (c Cell) empty() bool { return c.Value.Empty() && c.Missing == nil }

// Ref names a record that another one needs.
type Ref struct {
	Entity record.Entity
	ERP    record.Key
}

// View is one side of a record in the common form. Cells are in the order of Rules.Fields.
type View struct {
	Cells       []Cell
	Incarnation string
	Changed     time.Time // by a person, on this side; zero if not known
	Gone        bool
	Held        string // health code: the record can't be taken as it is
	HeldArgs    map[string]string
	// State is the text of the fields that OwnByState predicates look at, by the ERP's names.
	State map[string]string
	// SkipNew: the profile leaves such a record alone as long as it was never linked, or, of the CRM, is not in the ERP.
	SkipNew bool
}

// Item is all that is known of one record.
type Item struct {
	Link Link
	// ERP and CRM are what the sides show now; nil where a side was not read or has nothing.
	ERP, CRM *View
}

// policy gives the policy of field i for this item.
func (r *Rules) policy(i int, it *Item) connectors.Policy {
	f := r.Fields[i]
	p := f.Policy
	if f.Sometimes && it.ERP != nil && i < len(it.ERP.Cells) && it.ERP.Cells[i].Out {
		return out
	}
	if p == connectors.OwnByState {
		p = f.When.Else
		if it.ERP != nil {
			for _, v := range f.When.Values {
				if it.ERP.State[f.When.Field] == v {
					p = f.When.Then
				}
			}
		}
	}
	if !r.TwoWay && (p == connectors.Shared || p == connectors.OwnCRM) {
		return connectors.OwnERPOnChange
	}
	return p
}

// single says whether a field of this policy is merged by itself.
func single(p connectors.Policy) bool { return p == connectors.Shared || p == connectors.OwnCRM }

// Single says whether field i is merged by itself, so that a write of it is remembered by its value.
func (r *Rules) Single(i int, it *Item) bool { return single(r.policy(i, it)) }

// Each says whether field i has a base of its own: it is merged by itself, or people recognise records by it.
func (r *Rules) Each(i int, it *Item) bool {
	return single(r.policy(i, it)) || slices.Contains(r.Identity, i)
}

// owned folds the digests of all fields that only the ERP may change.
func (r *Rules) owned(it *Item) uint64 { return r.fold(it, it.ERP.Cells) }

func (r *Rules) fold(it *Item, cells []Cell) uint64 {
	const prime = 0x9e3779b97f4a7c15
	h := uint64(1469598103934665603)
	for i := range r.Fields {
		if ownedByERP(r.policy(i, it)) {
			h = (h ^ cells[i].Digest ^ uint64(r.Fields[i].Code)) * prime
			h ^= h >> 29
		}
	}
	return h
}

// Recognised gives what is left of a base when the CRM's record became another one: by what people recognise
// the ERP's.
func (r *Rules) Recognised(b Base) Base {
	left := Base{Each: map[uint16]uint64{}}
	for _, i := range r.Identity {
		if d, ok := b.recognised(r.Fields[i].Code); ok {
			left.Each[r.Fields[i].Code] = d
		}
	}
	return left
}

// Same takes a person's word that the ERP's record is the same although all by which people recognise it is new. What else
// was agreed on stays, and so does what the CRM's people may have edited as well; the rest is forgotten, or it would be
// asked again.
func (r *Rules) Same(l *Link) {
	forget := r.identityCodes(false)
	if len(forget) == 0 {
		forget, l.Base = r.identityCodes(true), Base{}
	}
	l.Base.Each = maps.Clone(l.Base.Each)
	for _, code := range forget {
		delete(l.Base.Each, code)
	}
	l.Doubts = slices.DeleteFunc(slices.Clone(l.Doubts), func(d Doubt) bool { return slices.Contains(forget, d.Field) })
}

// identityCodes gives those fields by which people recognise a record that are merged by themselves, or the others.
func (r *Rules) identityCodes(merged bool) (codes []uint16) {
	for _, i := range r.Identity {
		if f := r.Fields[i]; single(f.Policy) == merged {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// Recognises says whether a view shows anything of that by which people recognise a record.
func (r *Rules) Recognises(b Base, v *View) bool {
	return slices.ContainsFunc(r.Identity, func(i int) bool {
		d, ok := b.recognised(r.Fields[i].Code)
		return ok && d == v.Cells[i].Digest
	})
}

// Agreed gives the base of a record of which the CRM is known to hold exactly what the ERP shows.
func (r *Rules) Agreed(it *Item) Base {
	b := Base{Known: true, Owned: r.owned(it), Each: map[uint16]uint64{}}
	for i, f := range r.Fields {
		if r.Each(i, it) {
			b.Each[f.Code] = it.ERP.Cells[i].Digest
		}
	}
	return b
}

// Shows says whether a view of the CRM shows exactly what was agreed, and nothing that is to be filled.
func (r *Rules) Shows(b Base, v *View) bool {
	it := &Item{}
	for i, f := range r.Fields {
		switch p := r.policy(i, it); {
		case p == connectors.WriteOnce && v.Cells[i].Value.Empty():
			return false
		case !single(p):
			continue
		}
		if d, ok := b.At(f.Code); !ok || d != v.Cells[i].Digest {
			return false
		}
	}
	return b.Known && b.Owned == r.fold(it, v.Cells)
}

// ChangedInERP says whether a view of the ERP shows something else than what was agreed.
func (r *Rules) ChangedInERP(l Link, v *View) bool {
	it := &Item{Link: l, ERP: v}
	for i, f := range r.Fields {
		d, ok := l.Base.At(f.Code)
		if single(r.policy(i, it)) && ok && d != v.Cells[i].Digest && !it.history(f.Code).sent(v.Cells[i].Digest) {
			return true
		}
	}
	return l.Base.Owned != r.owned(it)
}

// EditedInCRM says whether a view of the CRM shows edits that are to reach the ERP.
func (r *Rules) EditedInCRM(l Link, v *View) bool {
	it := &Item{Link: l}
	for i, f := range r.Fields {
		d, ok := l.Base.At(f.Code)
		if single(r.policy(i, it)) && ok && d != v.Cells[i].Digest && !it.history(f.Code).sent(v.Cells[i].Digest) {
			return true
		}
	}
	return false
}
