package plan

import (
	"slices"

	"syncbox/connectors"
)

// Keep says whether a record of the ERP stays when its counterpart was deleted.
type Keep uint8

// The answers.
const (
	KeepNot Keep = iota // it is not too old to be deleted
	KeepOld
	KeepUnknown // nobody knows what day it is
)

// Loss is what is known of a record that is gone from one side, besides its Item.
type Loss struct {
	Keep Keep
	// Listed: deletions don't travel just now, as in a resync: a person is asked.
	Listed bool
	// Sure is the Print of the record of which a person has said that it is to be deleted; 0 = of none.
	Sure uint64
	// Else are the views of both sides as they would be if all that the record refers to were still there; nil = as in Item.
	Else [2]*View
}

// The codes of why a deletion waits for a person.
const (
	DeletedAndEdited = "deleted-and-edited" // the record that is left was changed since, as far as can be told
	DeletionListed   = "deletion-listed"    // a resync, or older data, shows it as gone
)

// Part decides what becomes of a record that is gone from one side, or from both. Both views must have been read just now;
// nil is what a side does not have.
func Part(r *Rules, it Item, loss Loss) Decision {
	d := Decision{Link: it.Link}
	erp, crm := it.ERP != nil && !it.ERP.Gone, it.CRM != nil
	if erp {
		d.Link.Gone = 0
	}
	switch {
	case erp && it.ERP.Held != "", crm && it.CRM.Held != "":
		return d
	case erp && crm, erp && !r.DeletesERP, crm && !r.DeletesCRM:
		d.Verdict = Again
		return d
	case !erp && !crm:
		if d.Link.Gone = min(2, d.Link.Gone+1); d.Link.Gone == 2 { // or it may be back
			d.Verdict = End
		}
		return d
	case crm:
		return d.part(r, &it, connectors.CRM, it.CRM, loss)
	}
	return d.part(r, &it, connectors.ERP, it.ERP, loss)
}

// part decides about the record that is left on a side.
func (d Decision) part(r *Rules, it *Item, side connectors.Side, left *View, loss Loss) Decision {
	sure := loss.Sure != 0 && loss.Sure == r.Print(side, left)
	ours := slices.ContainsFunc(it.Link.Doubts, func(d Doubt) bool { return d.Field == WholeRecord && d.Side != side })
	edited := ours || !r.untouched(&it.Link, side, left) && (loss.Else[side] == nil || !r.untouched(&it.Link, side, loss.Else[side]))
	old := side == connectors.ERP && loss.Keep != KeepNot
	switch {
	case old && loss.Keep == KeepUnknown:
		return d
	case edited && !sure:
		return d.wait(Why{Code: DeletedAndEdited, Person: true})
	case old && !sure:
		d.Verdict = Archive
	case loss.Listed && !sure:
		return d.wait(Why{Code: DeletionListed, Person: true})
	case side == connectors.ERP:
		d.Verdict = DeleteERP
	default:
		d.Verdict = DeleteCRM
	}
	return d
}

// Print gives a digest of all that a view of a side shows, never 0: what a person says of one side's record says nothing of the other's.
func (r *Rules) Print(side connectors.Side, v *View) uint64 {
	h := foldBegin + uint64(side)
	for i, c := range v.Cells {
		h = foldIn(h, c.Digest, r.Fields[i].Code)
	}
	return max(h, 1)
}

// untouched says whether a side is known to show what was last agreed, or what was sent there since. Of fields that are
// written once, or calculated, nothing was ever agreed. By what state a field belonged to the ERP is not known any more.
func (r *Rules) untouched(l *Link, side connectors.Side, v *View) bool {
	if !l.Base.Known {
		return false
	}
	for _, then := range []bool{false, true} {
		if as := r.decided(then); as.shows(l, side, v) {
			return true
		}
	}
	return false
}

// decided gives the rules with every field that belongs to a side by the ERP's state as in one of the two.
func (r *Rules) decided(then bool) *Rules {
	as := *r
	as.Fields = slices.Clone(r.Fields)
	for i, f := range r.Fields {
		switch {
		case f.Policy != connectors.OwnByState:
		case then:
			as.Fields[i].Policy = f.When.Then
		default:
			as.Fields[i].Policy = f.When.Else
		}
	}
	return &as
}

func (r *Rules) shows(l *Link, side connectors.Side, v *View) bool {
	it := &Item{Link: *l}
	for i, f := range r.Fields {
		d, digest := l.Base.Each[f.Code], v.Cells[i].Digest
		_, known := l.Base.At(f.Code)
		if never := f.Sometimes && !known; never || !r.Single(i, it) {
			continue
		}
		if !(known && d == digest) && !it.history(f.Code).to(side).sent(digest) {
			return false
		}
	}
	return r.folds(0, foldBegin, it, side, v.Cells)
}

// folds says whether the fields from i on that only the ERP may change show what was agreed, of which h is what the ones before gave.
// Only the ERP's record could tell which took part: a field may have been out of it, or empty there and left filled in the CRM.
func (r *Rules) folds(i int, h uint64, it *Item, side connectors.Side, cells []Cell) bool {
	if i == len(r.Fields) {
		return h == it.Link.Base.Owned
	}
	f := r.Fields[i]
	next := func(h uint64) bool { return r.folds(i+1, h, it, side, cells) }
	switch {
	case !ownedByERP(r.policy(i, it)):
		return next(h)
	case f.Sometimes && next(h):
		return true
	case f.KeepFilled && side == connectors.CRM && next(foldIn(h, f.Blank, f.Code)):
		return true
	}
	return next(foldIn(h, cells[i].Digest, f.Code))
}
