package centrixonetest

import (
	"maps"
	"slices"
)

// Merge makes one of two accounts or of two contacts. The survivor keeps its own values, external id
// included, and joins the loser's lists; what referred to the loser refers to the survivor; the loser is gone.
// Merging away a record of a protected list is a deletion, which only Support may do.
func (p *Person) Merge(res Resource, survivor, loser int64) error {
	return p.act(func(t *tx) *problem {
		keep, lose := t.st.row(res, survivor), t.st.row(res, loser)
		switch {
		case res != Accounts && res != Contacts:
			return refuse(400, "%s are not merged", res)
		case keep == nil || lose == nil || survivor == loser:
			return refuse(404, "%s %d and %d: want two records", res, survivor, loser)
		}
		if prob := t.st.mayDelete(p.power, lose); prob != nil {
			return prob
		}
		if prob := t.st.mayEdit(p.power, keep); prob != nil {
			return prob
		}
		t.remove(res, lose)
		t.inherit(res, keep, lose)
		t.redirect(res, loser, survivor)
		return nil
	})
}

func (t *tx) inherit(res Resource, keep, lose record) {
	// Removing the loser may have made another contact the primary one.
	next := t.st.row(res, keep.meta().ID).clone()
	lists := append(slices.Clone(listsOf(next)), listsOf(lose)...)
	slices.Sort(lists)
	setLists(next, slices.Compact(lists))
	t.put(res, next)
}

// redirect turns references to one record towards another.
func (t *tx) redirect(res Resource, from, to int64) {
	if res == Accounts {
		for _, id := range slices.Clone(t.st.byAccount[from]) {
			c := t.st.row(Contacts, id).clone().(*Contact)
			c.AccountID = to
			t.put(Contacts, c)
		}
	}
	deals := t.st.tables[Opportunities].rows
	for _, id := range slices.Sorted(maps.Keys(deals)) {
		o := deals[id].(*Opportunity)
		if (res == Accounts && o.AccountID != from) || (res == Contacts && o.ContactID != from) {
			continue
		}
		o = o.clone().(*Opportunity)
		if res == Accounts {
			o.AccountID = to
		} else {
			o.ContactID = to
		}
		t.put(Opportunities, o)
	}
}
