package plan

import (
	"slices"

	"syncbox/connectors"
)

// Alike gives the base of two records that were found to belong together while nothing is known of what was
// ever agreed: the fields that both show alike. Of the others nothing is agreed, so that the empty value gives
// way to the other one, and where both are filled the rule of a conflict decides.
//
// Where nothing by which people recognise the record is alike, the base holds what neither side shows of these fields:
// then it shows that all of them are new under the old key, and a person is asked. If it is the same record after all, both
// have changed them, as far as anybody knows.
func (r *Rules) Alike(it *Item) Base {
	b := Base{Known: true, Each: map[uint16]uint64{}}
	owned := true
	strangers := r.strangers(it)
	for i, f := range r.Fields {
		e, c := it.ERP.Cells[i], it.CRM.Cells[i]
		alike := e.Digest == c.Digest && e.Missing == nil
		switch {
		case r.Each(i, it) && alike:
			b.Each[f.Code] = e.Digest
		case r.Each(i, it) && strangers && slices.Contains(r.Identity, i):
			b.Each[f.Code] = ^(e.Digest ^ c.Digest)
		}
		owned = owned && (alike || !ownedByERP(r.policy(i, it)))
	}
	if owned {
		b.Owned = r.owned(it)
	}
	return b
}

// strangers says whether two records have nothing in common by which people recognise them, and the ERP has no
// identity of its own that would tell whether they are the same.
func (r *Rules) strangers(it *Item) bool {
	if len(r.Identity) == 0 || it.Link.Incarnation != "" && it.ERP.Incarnation != "" {
		return false
	}
	for _, i := range r.Identity {
		e, c := it.ERP.Cells[i], it.CRM.Cells[i]
		if e.Value.Empty() || c.Value.Empty() || e.Digest == c.Digest {
			return false
		}
	}
	return true
}

// ownedByERP says whether a field of this policy counts for Base.Owned.
func ownedByERP(p connectors.Policy) bool {
	return p == connectors.OwnERP || p == connectors.OwnERPOnChange || p == connectors.BusinessKey
}
