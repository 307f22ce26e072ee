package calibrate

import (
	"context"
	"slices"

	"syncbox/connectors/acomba/layout"
)

// states finds status and active flag, first in the tables that have examples of them, then where the others have them.
func (q *search) states() {
	var known []statusAt
	var flags []int
	for _, w := range q.inOrder() {
		if w.found.Field(statusField) != nil {
			x := w.found.Field(statusField)
			known = append(known, statusAt{at: x.Form.At, inUse: w.found.InUse, deleted: w.found.Deleted})
		}
	}
	for _, w := range q.inOrder() {
		if w.found.Field(statusField) == nil && w.status(nil, known) == nil {
			w.ask(statusField, w.table == Customers || len(known) == 0, 0, note(AskDeleted))
		}
	}
	for _, told := range []bool{true, false} {
		for _, w := range q.inOrder() {
			knows := slices.ContainsFunc(w.examples, func(e Example) bool { return e.Inactive }) || slices.ContainsFunc(q.view.Changes, func(c Comparison) bool {
				return c.Edit.Kind == EditInactive && c.Edit.Table == w.table
			})
			if w.found.Field(activeField) != nil || knows != told {
				continue
			}
			if at, ok := w.active(q.view.Changes, flags); ok {
				flags = append(flags, at)
			}
		}
	}
	for _, w := range q.inOrder() {
		w.trim()
		w.control()
		w.askCodes()
		if !w.numbered && (w.table == Customers || w.table == SalesReps || w.table == Groups) {
			w.found.Why = append(w.found.Why, note(WhyAssumed, "field", "first_card"))
			w.ask("", false, 0, note(AskFirstCard))
		}
	}
	if len(q.examples[Lines]) == 0 {
		q.asks = append(q.asks, Ask{Table: Documents, Note: note(AskDocuments)})
	}
}

func (q *search) inOrder() (all []*work) {
	for _, t := range Tables() {
		if w := q.tables[t]; w != nil {
			all = append(all, w)
		}
	}
	return all
}

// control tells where records begin: with the first card that looks like one. What is before it is control cards, or
// pieces of a header that is longer than a card. Where an example is, is a record; the first card of customers and products
// is none, as the public samples say.
func (w *work) control() {
	_, form := w.key()
	skip := int64(0)
	for last := min(w.earliest(), maxFront); skip < last; skip++ {
		raw, err := w.read(context.Background(), skip)
		if err == nil && raw != nil && w.record(raw, form) && (skip > 0 || w.table != Customers && w.table != Products) {
			break
		}
	}
	w.found.DataFrom = w.position(skip)
}

// maxFront bounds the cards before the first record.
const maxFront = 256

// record says whether a card looks like one that holds a record, or did before it was deleted: its key is there, a text if
// it is one, and its codes are those of others.
func (w *work) record(raw []byte, key Form) bool {
	if key.Type == "" {
		return true
	}
	if x := w.found.Field(statusField); x != nil && !w.used(raw) {
		if v, _ := whole(raw, x.Form); !slices.Contains(w.found.Deleted, v) {
			return false
		}
	}
	for _, f := range w.found.Fields {
		if len(f.Form.Map) > 0 && f.Form.Map[int64(raw[f.Form.At])] == "" && w.used(raw) {
			return false
		}
	}
	if n, ok := textLength(key); ok {
		at := key.At + key.LenPrefix
		end := textEnd(raw, at, at+n, key.LenPrefix, key.Big)
		return end > at && printable(raw[at:end])
	}
	v, ok := amount(raw, key)
	return ok && !v.IsZero()
}

// pages lets the accented letters of the sample and of the examples vote.
func (w *work) pages() {
	for _, f := range w.found.Fields {
		n, ok := textLength(f.Form)
		if !ok {
			continue
		}
		for i := range max(f.Form.Count, 1) {
			at := f.Form.At + f.Form.LenPrefix + i*max(f.Form.Stride, width(f.Form))
			for _, c := range w.sample {
				if at+n <= len(c.raw) {
					w.vote.Add(c.raw[at:textEnd(c.raw, at, at+n, f.Form.LenPrefix, f.Form.Big)])
				}
			}
		}
	}
	var seen pageSet
	for _, t := range w.solved {
		for i, c := range w.cards {
			typed := w.examples[i].Values[t.field.Label(t.element)]
			if c.raw == nil || typed == "" {
				continue
			}
			for _, s := range spellings(typed) {
				if s.pages != inCP850|in1252 && s.pages != inUTF16 && t.at+len(s.bytes) <= w.size && string(c.raw[t.at:t.at+len(s.bytes)]) == string(s.bytes) {
					seen |= s.pages
				}
			}
		}
	}
	page, sure := w.vote.Encoding()
	for _, p := range oneByte {
		switch {
		case seen == p.set:
			w.found.Page = p.name
		case seen == 0 && sure && page == p.name:
			w.found.Page = page
		}
	}
	if w.found.Page != layout.Auto {
		w.found.Why = append(w.found.Why, note(WhyVote, "page", string(w.found.Page)))
	}
}
