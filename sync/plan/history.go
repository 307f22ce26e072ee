package plan

import (
	"maps"
	"slices"
	"time"

	"syncbox/connectors"
)

// history is what is known of one field while a value of it is in doubt, in the order in which it became
// known: the values that were sent, and notes.
type history []Doubt

func (it *Item) history(code uint16) history { return of(it.Link.Doubts, code) }

func of(doubts []Doubt, code uint16) history {
	var h history
	for n, d := range doubts {
		if d.Field != code {
			continue
		}
		if h == nil {
			h = make(history, 0, len(doubts)-n)
		}
		h = append(h, d)
	}
	return h
}

// to gives what is known of one side alone.
func (h history) to(side connectors.Side) history {
	return slices.DeleteFunc(h, func(d Doubt) bool { return d.Side != side })
}

// last gives the newest value that was sent.
func (h history) last() (uint64, bool) {
	for _, d := range slices.Backward(h) {
		if !d.note() {
			return d.Digest, true
		}
	}
	return 0, false
}

// LastSent gives by what people recognise the record that the CRM was last sent with an uncertain outcome.
func (r *Rules) LastSent(l Link) Base {
	sent := Base{Each: map[uint16]uint64{}}
	for _, i := range r.Identity {
		code := r.Fields[i].Code
		if d, ok := of(l.Doubts, code).to(connectors.CRM).last(); ok {
			sent.Each[code] = d
		}
	}
	return sent
}

// Arrived gives the link of a record of which only one side can be judged just now, with what that side tells of the values
// that were sent to it: one that it shows has arrived, and one that can't arrive any more never will where it shows what
// was agreed. It says whether that is news. Where nothing was agreed yet, what the CRM shows as it was made there is: who types over that
// from now on has seen it, and may empty it.
func (r *Rules) Arrived(it *Item, side connectors.Side, now time.Time) (l Link, news bool) {
	l = it.Link
	shown := [2]*View{it.ERP, it.CRM}[side]
	if shown == nil || shown.Gone || shown.Held != "" || len(l.Doubts) == 0 || !l.Base.Known && (side == connectors.ERP || l.State != Linked || l.Born != connectors.ERP) {
		return l, false
	}
	was := l.Base
	l.Base = r.begun(l.Base)
	for i, f := range r.Fields {
		if !r.Single(i, it) {
			continue
		}
		d := shown.Cells[i].Digest
		if l.Base.Each[f.Code] != d && it.history(f.Code).to(side).sent(d) {
			l.Base.Each[f.Code], news = d, true
		}
		if base, ok := l.Base.At(f.Code); ok && base == d && it.history(f.Code).over(side, now) {
			l.Doubts, news = slices.DeleteFunc(slices.Clone(l.Doubts), func(d Doubt) bool { return d.Field == f.Code }), true
		}
	}
	if !news {
		l.Base = was
	}
	return l, news
}

// begun gives a base to which fields are added one by one. Of one that is not known yet, that by which the record is recognised stays
// what it is: no agreement.
func (r *Rules) begun(b Base) Base {
	if b.Known {
		b.Each = maps.Clone(b.Each)
		return b
	}
	all := Base{Known: true, Owned: b.Owned, Each: map[uint16]uint64{}}
	for _, i := range r.Identity {
		code := r.Fields[i].Code
		d, ok := b.recognised(code)
		if ok && single(r.Fields[i].Policy) {
			code |= undecided
		}
		if ok {
			all.Each[code] = d
		}
	}
	return all
}

// Received gives the link of a record with what each side that was read tells of the values that were sent to it, as Arrived does.
func (r *Rules) Received(it *Item, now time.Time) (l Link, news bool) {
	l, crm := r.Arrived(it, connectors.CRM, now)
	l, erp := r.Arrived(&Item{Link: l, ERP: it.ERP}, connectors.ERP, now)
	return l, crm || erp
}

// over says whether nothing that was sent can arrive any more, and all of it was sent to one side.
func (h history) over(side connectors.Side, now time.Time) bool {
	return len(h) > 0 && !slices.ContainsFunc(h, func(d Doubt) bool {
		return !d.note() && (d.Side != side || !d.open() || now.Before(d.Until))
	})
}

// inDoubt says whether a value of a field was sent without a certain outcome.
func (it *Item) inDoubt(code uint16) bool { return len(it.history(code)) > 0 }

// open says whether the sending of a value has no certain outcome.
func (d Doubt) open() bool { return !d.note() && !d.Until.IsZero() }

func (d Doubt) note() bool { return d.Seq == 0 }

// sent says whether a value is one that we sent and that may still arrive, or has.
func (h history) sent(digest uint64) bool {
	for _, d := range h {
		if !d.note() && d.Digest == digest {
			return true
		}
	}
	return false
}

// place tells values in the order in which they became known; -1 for one that is older than all doubts.
func (h history) place(digest uint64) int {
	for n, d := range h {
		if d.Digest == digest {
			return n
		}
	}
	return -1
}

// left says whether a person brought a value to a side that showed another one before: that was sent from
// there, and this one was neither given to the side nor seen there since.
func (h history) left(side connectors.Side, digest uint64) (before uint64, left bool) {
	for _, d := range slices.Backward(h) {
		switch {
		case d.Side == side && d.Digest == digest:
			return 0, false
		case d.Side != side && !d.note():
			return d.Digest, d.Digest != digest
		}
	}
	return 0, false
}

// shows says whether nothing else than this value is known of a side since one was sent from there.
func (h history) shows(d Doubt) bool {
	for _, known := range slices.Backward(h) {
		switch {
		case known.Side == d.Side && known.Digest == d.Digest:
			return true
		case known.Side != d.Side && !known.note():
			return false
		}
	}
	return false
}

// note remembers that a side shows a value, or is about to be given it.
func (m *merger) note(d Doubt) {
	if len(m.it.Link.Doubts) > 0 {
		m.notes = append(m.notes, d)
	}
}

// shown notes what the ERP shows of a record that the CRM is about to be given whole: where an earlier try had other
// values, a person has typed these since.
func (it *Item) shown(r *Rules) (notes []Doubt) {
	if len(it.Link.Doubts) == 0 {
		return nil
	}
	for i, f := range r.Fields {
		if r.Single(i, it) {
			d := it.ERP.Cells[i].Digest
			notes = append(notes, Doubt{Field: f.Code, Side: connectors.ERP, Digest: d}, Doubt{Field: f.Code, Side: connectors.CRM, Digest: d})
		}
	}
	return notes
}

// mayArrive says whether what was sent can still arrive. A deletion may have, as long as the side does not show the record.
func (it *Item) mayArrive(d Doubt, now time.Time) bool {
	if now.Before(d.Until) || d.Field != WholeRecord {
		return now.Before(d.Until)
	}
	shown := [2]*View{it.ERP, it.CRM}[d.Side]
	return shown == nil || shown.Gone || shown.Held != ""
}

// doubts gives the values that a late request could still bring and, as long as there is one of a field, all
// that became known of it since: without that nobody could tell which value is the newer one.
func (it *Item) doubts(now time.Time, notes []Doubt) []Doubt {
	live := map[uint16]bool{}
	for _, d := range it.Link.Doubts {
		if it.mayArrive(d, now) {
			live[d.Field] = true
		}
	}
	if len(live) == 0 {
		return nil
	}
	var kept []Doubt
	for _, d := range it.Link.Doubts {
		if it.mayArrive(d, now) || live[d.Field] && (d.note() || !of(kept, d.Field).sent(d.Digest)) {
			kept = append(kept, d)
		}
	}
	for _, d := range notes {
		if live[d.Field] && !of(kept, d.Field).shows(d) {
			kept = append(kept, d)
		}
	}
	return kept
}
