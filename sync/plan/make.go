package plan

import (
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Verdict says what a Decision asks for.
type Verdict uint8

// The verdicts.
const (
	Nothing    Verdict = iota // settle Decision.Link and be done
	CreateCRM                 // Decision.CRM are the fields of the new record
	CreateERP                 // Decision.ERP are the fields of the new record
	Write                     // Decision.CRM and Decision.ERP are changes; either may be empty
	Deactivate                // Decision.CRM shows the record as inactive
	Replace                   // the ERP key belongs to another record now: Decision.CRM are the fields of the new one
	Wait                      // Decision.Why: this record waits, the others go on
	Again                     // look again next cycle
	DeleteCRM                 // the record is gone from the ERP, and is to be deleted in the CRM
	DeleteERP                 // the record was deleted in the CRM, and is to be deleted in the ERP
	Archive                   // the record was put away in the CRM, and stays in the ERP
	End                       // the record is gone from both sides
)

// Why tells the reason of a Wait, as a health code.
type Why struct {
	Code string
	Args map[string]string
	// Ref is the record that is waited for, nil if the reason lies in the record itself.
	Ref *Ref
	// Person: only a person ends it.
	Person bool
}

// Conflict is a field that both sides changed. Won tells whose value stays; Ask leaves both standing.
type Conflict struct {
	Field    int
	ERP, CRM record.Value
	Won      connectors.Side
	Ask      bool
}

// Decision is what Make decides for one record.
type Decision struct {
	Verdict Verdict
	Why     Why
	// Link is the link with everything settled that needs no write.
	Link Link
	// CRM and ERP are the values to write, by index of the field.
	CRM, ERP map[int]record.Value
	// After is the base once the write to the CRM is known to have arrived.
	After Base
	// Conflicts are to be journalled with both values.
	Conflicts []Conflict
	// Differ are fields whose difference the profile leaves standing.
	Differ []int
	// Passed: what is written is another record's than the one that the ERP key stood for.
	Passed bool
}

// Make decides for one record. now, in the job's own time, prunes doubts that no late request can confirm
// any more; both views must have been read after now.
func Make(r *Rules, it Item, now time.Time) Decision {
	d := Decision{Link: it.Link}
	switch {
	case it.Link.State == Archived, it.Link.State == Ended, it.Link.State == CRMGone && r.DeletesERP && !Passed(r, it):
		return d // Part says what becomes of it
	case it.ERP != nil && it.ERP.Held != "":
		d.Link, _ = r.Arrived(&it, connectors.CRM, now)
		return d.wait(Why{Code: it.ERP.Held, Args: it.ERP.HeldArgs})
	case it.CRM != nil && it.CRM.Held != "":
		d.Link, _ = r.Arrived(&it, connectors.ERP, now)
		return d.wait(Why{Code: it.CRM.Held, Args: it.CRM.HeldArgs})
	case it.Link.State == Closed:
		return d
	case it.Link.State == CRMGone && !Passed(r, it):
		return d.lost(r, &it)
	case it.Link.CRM == "":
		return d.birth(r, &it, now)
	case it.Link.ERP == "":
		return d.bornInCRM(r, &it)
	case it.ERP == nil:
		d.Verdict = Again
		return d
	}
	if why, other := otherRecord(r, &it); other {
		if d.Link.Passing = true; why != nil {
			return d.wait(*why)
		}
		return d.replace(r, &it)
	}
	if it.ERP.Gone {
		return d.gone(r, &it, now)
	}
	return d.merge(r, &it, now)
}

func (d Decision) wait(why Why) Decision {
	d.Verdict, d.Why = Wait, why
	return d
}

// lost has a person say what is to become of a record that was deleted in the CRM: first whose place it is in the
// ERP, where that may be another one's by now.
func (d Decision) lost(r *Rules, it *Item) Decision {
	if it.ERP != nil {
		if why, other := otherRecord(r, it); other && why != nil {
			d.Link.Passing = true
			return d.wait(*why)
		}
	}
	return d.wait(Why{Code: "crm-record-deleted", Person: true})
}

// birth creates in the CRM what the ERP has and the CRM has not. Where there was a counterpart once, the key may have
// been given to another record since.
func (d Decision) birth(r *Rules, it *Item, now time.Time) Decision {
	switch {
	case it.ERP == nil || it.ERP.SkipNew && !it.ERP.Gone:
		return d
	case it.ERP.Gone:
		if d.Link.Gone = min(2, d.Link.Gone+1); d.Link.Gone < 2 {
			d.Verdict = Again // it may be back, and no look tells of it
		}
		return d
	}
	it.Link.Doubts = it.doubts(now, nil)
	switch why, other := otherRecord(r, it); {
	case other && len(it.Link.Doubts) > 0: // the former one may still be made
		d.Verdict = Again
		return d
	case why != nil:
		d.Link.Passing = true
		return d.wait(*why)
	default:
		d.Passed = other
	}
	if ref := missing(it.ERP.Cells); ref != nil {
		return d.wait(Why{Code: "reference-missing", Ref: ref})
	}
	d.Verdict = CreateCRM
	if d.Passed { // from now on the link is that of the record that stands there
		d.Link.Other, d.Link.Base = false, r.Recognised(r.Agreed(it))
	}
	d.CRM = filled(it.ERP.Cells, nil)
	d.Link.Incarnation, d.Link.Passing, d.Link.Gone = it.ERP.Incarnation, false, 0
	d.After = r.Agreed(it)
	d.Link.Doubts = it.doubts(now, it.shown(r))
	return d
}

// bornInCRM creates in the ERP what a person made in the CRM, where edits of the CRM reach the ERP at all. What
// was deleted there before is not waited for any longer.
func (d Decision) bornInCRM(r *Rules, it *Item) Decision {
	switch {
	case it.CRM == nil, it.CRM.SkipNew:
		d.Link.State = Fresh
		return d
	case !r.TwoWay:
		return d
	}
	d.Verdict = CreateERP
	d.ERP = filled(it.CRM.Cells, func(i int) bool { return r.toERP(r.policy(i, it)) && !r.Fields[i].Sometimes })
	return d
}

// toERP says whether a value of this policy may be written to the ERP of a record that is born there.
func (r *Rules) toERP(p connectors.Policy) bool {
	return p == connectors.Shared || p == connectors.OwnCRM || p == connectors.BusinessKey || p == connectors.WriteOnce
}

// replace gives the ERP key of a closed link to a new record. Values in doubt go along: an earlier try of
// the same may still arrive.
func (d Decision) replace(r *Rules, it *Item) Decision {
	if ref := missing(it.ERP.Cells); ref != nil {
		return d.wait(Why{Code: "reference-missing", Ref: ref})
	}
	d.Verdict = Replace
	d.CRM = filled(it.ERP.Cells, nil)
	d.Passed = true
	d.Link = Link{Entity: it.Link.Entity, ERP: it.Link.ERP, Born: connectors.ERP,
		Incarnation: it.ERP.Incarnation, Revision: it.Link.Revision + 1, Doubts: it.Link.Doubts}
	d.After = r.Agreed(it)
	return d
}

// otherRecord says whether the ERP key now stands for another record, and why a person must decide it.
func otherRecord(r *Rules, it *Item) (*Why, bool) {
	switch {
	case it.ERP.Gone:
		return nil, false
	case it.Link.Other:
		return nil, true
	case it.Link.Incarnation != "" && it.ERP.Incarnation != "":
		return nil, newIncarnation(it)
	case len(r.Identity) == 0 || !allNew(r, it):
		return nil, false
	case it.Link.Gone > 0 || it.Link.State == Inactive:
		return nil, true // it was seen empty in between
	}
	return &Why{Code: "position-reused", Person: true}, true
}

// Passed says whether the ERP key is known to stand for another record than the link's.
func Passed(r *Rules, it Item) bool {
	if it.ERP == nil || it.ERP.Held != "" {
		return false
	}
	why, other := otherRecord(r, &it)
	return other && why == nil
}

// MayHavePassed says whether the ERP key may stand for another record than the link's, as far as is known: also by what
// shows of one that can't be taken as it is.
func MayHavePassed(r *Rules, it Item) bool {
	if it.ERP == nil {
		return false
	}
	_, other := otherRecord(r, &it)
	return other
}

// newIncarnation says whether the ERP itself tells that another record stands at the key.
func newIncarnation(it *Item) bool {
	was, is := it.Link.Incarnation, it.ERP.Incarnation
	return !it.ERP.Gone && was != "" && is != "" && was != is
}

// allNew says whether every field by which people recognise the record has changed: since the last agreement, or since
// it was sent to be made.
func allNew(r *Rules, it *Item) bool {
	for _, i := range r.Identity {
		base, ok := it.Link.Base.recognised(r.Fields[i].Code)
		if !ok {
			base, ok = it.history(r.Fields[i].Code).to(connectors.CRM).last()
		}
		if !ok || base == it.ERP.Cells[i].Digest || it.history(r.Fields[i].Code).to(connectors.ERP).sent(it.ERP.Cells[i].Digest) {
			return false
		}
	}
	return true
}

// gone shows a record as inactive that two complete looks did not find in the ERP. Where deletions travel, Part says what
// becomes of it instead.
func (d Decision) gone(r *Rules, it *Item, now time.Time) Decision {
	d.Link.Passing = false // it is nobody's key
	if it.inDoubt(OwnedFields) {
		d.Link.Base.Owned = 0 // all is written again when it is back
	}
	if it.Link.State == Inactive && r.DeletesCRM {
		d.Link.Base.Owned = it.Link.Base.Owned
		return d
	}
	if it.Link.State == Inactive {
		d.Link.Doubts = it.doubts(now, nil)
		return d.stillGone(r, it)
	}
	if d.Link.Gone++; d.Link.Gone < 2 {
		d.Verdict = Again // it may be back: what is in doubt tells then what people typed
		arrived, _ := r.Arrived(it, connectors.CRM, now)
		arrived.Base.Owned = d.Link.Base.Owned
		d.Link.Base, d.Link.Doubts = arrived.Base, arrived.Doubts
		return d
	}
	d.Link.Doubts = it.doubts(now, nil)
	if r.Active < 0 || r.DeletesCRM {
		d.Link.State = Inactive
		return d
	}
	return d.deactivate(r)
}

// stillGone shows a record as inactive again where a write that was sent before may have shown it as active.
func (d Decision) stillGone(r *Rules, it *Item) Decision {
	inactive := r.Active < 0 || it.CRM != nil && it.CRM.Cells[r.Active].Value.Equal(record.BoolOf(false))
	switch {
	case it.inDoubt(OwnedFields) && !inactive:
		d.Link.State = Linked
		return d.deactivate(r)
	case len(d.Link.Doubts) > 0:
		d.Verdict = Again
	}
	return d
}

func (d Decision) deactivate(r *Rules) Decision {
	d.Verdict = Deactivate
	d.CRM = map[int]record.Value{r.Active: record.BoolOf(false)}
	return d
}

// merge settles the fields of a record that is live on both sides.
func (d Decision) merge(r *Rules, it *Item, now time.Time) Decision {
	m := newMerger(r, it)
	m.all()
	if len(m.crm) > 0 {
		m.derived()
	}
	if ref := m.missing(); ref != nil {
		d.Link, _ = r.Received(it, now)
		d.Link.Base = m.soFar(d.Link.Base)
		return d.wait(Why{Code: "reference-missing", Ref: ref})
	}
	d.CRM, d.ERP, d.Conflicts, d.Differ = m.crm, m.erp, m.conflicts, m.differ
	d.Link.Base, d.After = m.now(), m.after()
	d.Link.Gone, d.Link.Passing, d.Link.State = 0, false, Linked
	if it.ERP.Incarnation != "" {
		d.Link.Incarnation = it.ERP.Incarnation
	}
	d.Link.Doubts = it.doubts(now, m.notes)
	switch {
	case len(d.CRM)+len(d.ERP) > 0:
		d.Verdict = Write
	case len(d.Link.Doubts) > 0:
		d.Verdict = Again
	}
	return d
}

// missing gives a reference that keeps the record from being written: to the CRM any that can't be told
// there yet, to the ERP one that says where the record belongs.
func (m *merger) missing() *Ref {
	for i, cell := range m.it.ERP.Cells {
		if cell.Missing != nil && !cell.Out && (len(m.crm) > 0 || len(m.erp) > 0 && m.r.Fields[i].Required) {
			return cell.Missing
		}
	}
	return nil
}

// missing gives the first reference that the record can't be written without.
func missing(cells []Cell) *Ref {
	for i := range cells {
		if cells[i].Missing != nil && !cells[i].Out {
			return cells[i].Missing
		}
	}
	return nil
}

// filled gives the values that are there.
func filled(cells []Cell, want func(int) bool) map[int]record.Value {
	m := map[int]record.Value{}
	for i, c := range cells {
		if !c.Value.Empty() && !c.Out && (want == nil || want(i)) {
			m[i] = c.Value
		}
	}
	return m
}
