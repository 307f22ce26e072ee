package engine

import (
	"fmt"
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// unclear is the code of a record of the ERP for which the CRM has one or more that it may be.
const unclear = "match-unclear"

// candidate is a record of the CRM that may be one of the ERP; a person is asked.
type candidate struct {
	entity record.Entity
	key    record.Key
}

// candidates gives the records of the CRM that a person is asked about, as they were when this cycle first
// came to ask. One that is free since then goes on in the next.
func (c *cycle) candidates(t *store.Txn) map[candidate]bool {
	if c.asked == nil {
		c.asked = c.waitsNow(t).asked
	}
	return c.asked
}

// isAsked says whether a person is asked which record of the CRM one of the ERP is.
func (c *cycle) isAsked(t *store.Txn, l *plan.Link) bool {
	w, asked := t.Waiting(l.ID, store.Identity, "")
	return asked && w.Code == unclear
}

// asking is the question which of some records of the CRM one of the ERP is.
func (c *cycle) asking(l *plan.Link, candidates []record.Key) store.Waiting {
	w := c.waiting(l, store.Identity, unclear, map[string]string{"candidates": listed(candidates)})
	w.Candidates = candidates
	return w
}

// listed gives the first of some keys for people to read.
func listed(keys []record.Key) string {
	var b strings.Builder
	for i, k := range keys {
		switch {
		case i == 10:
			return b.String() + ", …"
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(k))
	}
	return b.String()
}

// recognise takes a person's word on which record of the CRM one of the ERP is: this one, or not this one, or
// none of them.
func (e *Engine) recognise(t *store.Txn, v Verb, w store.Waiting, l plan.Link) ([]store.Dirty, error) {
	chosen := w.CRM
	if chosen == "" && len(w.Candidates) == 1 {
		chosen = w.Candidates[0]
	}
	if v == NotSame {
		return e.notThese(t, w, chosen), nil
	}
	if chosen == "" {
		return nil, fmt.Errorf("%w: which one? add one of %s", ErrNoSuch, listed(w.Candidates))
	}
	if other, taken := t.Find(connectors.CRM, l.Entity, chosen); taken {
		return nil, fmt.Errorf("%w: %s belongs to link %d", ErrNoSuch, chosen, other.ID)
	}
	w.CRM = ""
	t.DeleteWaiting(w)
	l.CRM, l.State, l.Base, l.Since = chosen, plan.Linked, plan.Base{}, e.age().Unix()
	t.PutLink(&l)
	dirty := append(e.freed(t, w.Entity, w.Candidates), e.noLonger(t, w.Entity, chosen)...)
	for _, item := range t.BlockedOn(plan.Ref{Entity: l.Entity, ERP: l.ERP}) {
		t.DeleteWaiting(item)
		dirty = append(dirty, dirtyOfWaiting(item)...)
	}
	return append(dirty, dirtyOfWaiting(w)...), nil
}

// notThese takes one candidate off a question, or all. Without any the record is a new one.
func (e *Engine) notThese(t *store.Txn, w store.Waiting, chosen record.Key) []store.Dirty {
	out := w.Candidates
	w.Candidates = nil
	if chosen != "" {
		w.Candidates = slices.DeleteFunc(slices.Clone(out), func(k record.Key) bool { return k == chosen })
		out = []record.Key{chosen}
	}
	return append(e.askAgain(t, w), e.freed(t, w.Entity, out)...)
}

// askAgain renews a question, or ends it where nothing is left to ask.
func (e *Engine) askAgain(t *store.Txn, w store.Waiting) []store.Dirty {
	w.CRM = ""
	if len(w.Candidates) == 0 {
		t.DeleteWaiting(w)
		return dirtyOfWaiting(w)
	}
	w.Args = map[string]string{"candidates": listed(w.Candidates)}
	t.PutWaiting(w)
	return nil
}

// noLonger takes a record that was recognised off all other questions.
func (e *Engine) noLonger(t *store.Txn, entity record.Entity, key record.Key) []store.Dirty {
	var others []store.Waiting
	t.AllWaiting(func(w store.Waiting) bool {
		if w.Entity == entity && slices.Contains(w.Candidates, key) {
			others = append(others, w)
		}
		return true
	})
	var dirty []store.Dirty
	for _, w := range others {
		w.Candidates = slices.DeleteFunc(w.Candidates, func(k record.Key) bool { return k == key })
		dirty = append(dirty, e.askAgain(t, w)...)
	}
	return dirty
}

// freed gives those of some records of the CRM that no question is about any more, to be looked at.
func (e *Engine) freed(t *store.Txn, entity record.Entity, keys []record.Key) []store.Dirty {
	asked := map[record.Key]bool{}
	t.AllWaiting(func(w store.Waiting) bool {
		for _, k := range w.Candidates {
			asked[k] = asked[k] || w.Entity == entity
		}
		return true
	})
	var dirty []store.Dirty
	for _, k := range keys {
		if !asked[k] {
			dirty = append(dirty, store.Dirty{Entity: entity, Side: connectors.CRM, Key: k})
		}
	}
	return dirty
}
