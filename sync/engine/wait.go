package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

func sortedCodes(m map[uint16]uint64) []uint16 { return slices.Sorted(maps.Keys(m)) }

func sortedFields[V any](m map[int]V) []int { return slices.Sorted(maps.Keys(m)) }

// wait lists a record that can't go on, and says whether it needs no look before its cause changes.
func (c *cycle) wait(t *store.Txn, w *work) bool {
	why := w.d.Why
	l := *w.durable()
	c.keepFor(t, w, &l)
	w.d.Link = l
	item := c.waiting(&l, store.Quarantine, why.Code, why.Args)
	switch {
	case why.Code == "crm-record-deleted":
		item.Kind = store.Deleted
		if known, ok := t.Waiting(l.ID, store.Deleted, ""); ok {
			item = known // with what became of it
		}
	case why.Person:
		item.Kind = store.Identity
	case why.Ref != nil:
		item.Kind, item.On = store.Reference, why.Ref
		item.Args = map[string]string{"entity": string(why.Ref.Entity), "key": string(why.Ref.ERP)}
		item.Next = c.Clock.Now().Add(c.set.RetryMost)
	default:
		c.nextTry(t, &item)
	}
	c.onlyOne(t, item)
	c.list(t, item, connectors.CRM, &l)
	return item.Kind != store.Quarantine || item.Tries >= c.set.Tries
}

// onlyOne takes a record off the list for another reason why it could not go on as a whole.
func (c *cycle) onlyOne(t *store.Txn, now store.Waiting) {
	for _, item := range t.WaitingOf(now.Link) {
		if item.Kind.Whole() && item.Kind != now.Kind {
			t.DeleteWaiting(item)
		}
	}
}

func (c *cycle) waiting(l *plan.Link, kind store.WaitKind, code string, args map[string]string) store.Waiting {
	return store.Waiting{Link: l.ID, Kind: kind, Entity: l.Entity, ERP: l.ERP, CRM: l.CRM, Code: code, Args: args, Since: c.Clock.Now()}
}

// nextTry counts a failed try, one in a cycle: the next few come with the next cycles, later ones in
// growing intervals.
func (c *cycle) nextTry(t *store.Txn, w *store.Waiting) {
	if old, ok := t.Waiting(w.Link, w.Kind, w.Field); ok {
		w.Tries, w.Next = old.Tries, old.Next
	}
	if c.tries[w.Link] {
		return
	}
	c.tries[w.Link] = true
	w.Tries, w.Next = w.Tries+1, time.Time{}
	if w.Tries < c.set.Tries {
		return
	}
	pause := c.set.RetryFirst
	for range w.Tries - c.set.Tries {
		pause = min(2*pause, c.set.RetryMost)
	}
	w.Next = c.Clock.Now().Add(pause)
}

// dueLater says whether a record is left alone until its next try is due, or what it refers to is there.
func (c *cycle) dueLater(t *store.Txn, id plan.LinkID) bool {
	return slices.ContainsFunc(t.WaitingOf(id), func(item store.Waiting) bool {
		return item.Kind == store.Reference || item.Kind == store.Quarantine && item.Tries >= c.set.Tries
	})
}

// list puts something on the waiting list and journals it when it is new there.
func (c *cycle) list(t *store.Txn, w store.Waiting, to connectors.Side, l *plan.Link) {
	old, listed := t.Waiting(w.Link, w.Kind, w.Field)
	t.PutWaiting(w)
	if !listed || old.Code != w.Code || old.Wanted != w.Wanted {
		sev := store.Warning
		if w.Kind == store.Difference {
			sev = store.Info
		}
		c.did(t, w.Entity, func(n *store.RepairCounts) {
			if w.Kind.NeedsPerson() {
				n.Ask++
			} else if w.Kind.Whole() {
				n.Held++
			}
		})
		t.Journal(c.event(sev, "waits-"+string(w.Kind), to, l, withCode(w)))
	}
}

func withCode(w store.Waiting) map[string]string {
	args := map[string]string{"cause": w.Code}
	maps.Copy(args, w.Args)
	if w.Field != "" {
		args["field"] = w.Field
	}
	return args
}

// refusal lists a record whose write did not happen; it says whether it needs no look before it is due.
func (c *cycle) refusal(t *store.Txn, to connectors.Side, w *work, err error) bool {
	switch connectors.KindOf(err) {
	case connectors.Rejected:
		return c.refusalBy(t, to, w, err, nil)
	case connectors.Busy:
		c.inUse(t, to, w, err)
	}
	return false // a trouble of the side, or somebody else at work: next cycle
}

// inUse lists a record that somebody else has been using for more cycles than a refused one is tried in. It
// is tried again in every cycle all the same.
func (c *cycle) inUse(t *store.Txn, to connectors.Side, w *work, err error) {
	id := w.d.Link.ID
	if c.busy[id].at != c.start {
		c.busy[id] = busy{c.start, c.busy[id].cycles + 1}
	}
	if c.busy[id].cycles <= c.set.Tries || id == 0 {
		return
	}
	item := c.waiting(&w.d.Link, store.Quarantine, connectors.CodeOf(err), argsOf(err))
	c.onlyOne(t, item)
	c.list(t, item, to, &w.d.Link)
}

// refusalBy lists a refused record: behind the missing record that is to blame, or by itself.
func (c *cycle) refusalBy(t *store.Txn, to connectors.Side, w *work, err error, ref *plan.Ref) bool {
	l, ok := t.Get(w.d.Link.ID)
	if !ok {
		if l, ok = t.Get(w.item.Link.ID); !ok {
			l = w.d.Link
			c.keep(t, &l)
			w.d.Link = l
		}
	}
	switch {
	case l.State == plan.CRMGone && w.displace == nil && w.d.Verdict != plan.Replace:
		return true // the sweep has listed it
	case to == connectors.CRM && w.outdated(&l):
		return false // planned again, with what the sweep has found
	}
	if ref != nil {
		item := c.waiting(&l, store.Reference, connectors.CodeOf(err), map[string]string{"entity": string(ref.Entity), "key": string(ref.ERP)})
		item.On, item.Next = ref, c.Clock.Now().Add(c.set.RetryMost)
		c.onlyOne(t, item)
		c.list(t, item, to, &l)
		return true
	}
	item := c.waiting(&l, store.Quarantine, connectors.CodeOf(err), argsOf(err))
	c.onlyOne(t, item)
	c.nextTry(t, &item)
	c.list(t, item, to, &l)
	return item.Tries >= c.set.Tries
}

// outdated says whether a write was for a counterpart that its link has no more, as has been found out since it was planned:
// deleted, merged into another one, or to be created again.
func (w *work) outdated(now *plan.Link) bool {
	was := w.durable()
	return now.CRM != was.CRM || now.State == plan.CRMGone && was.State != plan.CRMGone
}

// clearWaits takes a record off the waiting list for everything that its settling has answered. One that the ERP does not
// show just now may be back, and what it was refused for with it.
func (c *cycle) clearWaits(t *store.Txn, w *work) {
	delete(c.busy, w.d.Link.ID)
	hidden := w.d.Verdict == plan.Again && w.item.ERP != nil && w.item.ERP.Gone
	for _, item := range t.WaitingOf(w.d.Link.ID) {
		if hidden && item.Kind == store.Quarantine {
			continue
		}
		switch item.Kind {
		case store.Quarantine, store.Reference, store.Deleted, store.Identity:
			t.DeleteWaiting(item)
		case store.HandedOff, store.Refused, store.Conflicted, store.Difference:
			c.clearField(t, w, item)
		}
	}
}

// wakeFor lets everything go on that waited for a record. Dirty marks live in the rebuildable file: they
// are set before the wait is known to be over, never after.
func (c *cycle) wakeFor(t *store.Txn, l *plan.Link) {
	var woken []store.Dirty
	for _, item := range t.BlockedOn(plan.Ref{Entity: l.Entity, ERP: l.ERP}) {
		t.DeleteWaiting(item)
		woken = append(woken, dirtyOfWaiting(item)...)
	}
	c.mark(woken...)
	c.welcome(t, l)
}

// retries marks what is due for another try, and what a person was asked to key that we may write now.
func (c *cycle) retries(context.Context) error {
	now := c.Clock.Now()
	modes := map[record.Entity]map[string]connectors.Field{}
	var due []store.Dirty
	for _, w := range c.dueNow() {
		if modes[w.Entity] == nil && w.Kind == store.HandedOff {
			modes[w.Entity] = c.ERP.Fields(w.Entity)
		}
		ours := w.Kind == store.HandedOff && w.ERP != "" && modes[w.Entity][w.Field].Write == connectors.WriteDirect
		jumped := w.Next.Sub(now) > c.set.RetryMost           // the time of day was wrong then
		next := w.Kind == store.Quarantine && w.Next.IsZero() // whatever became of the mark that it was refused with
		if ours || next || c.placed(w) || !w.Next.IsZero() && (jumped || !now.Before(w.Next)) {
			due = append(due, dirtyOfWaiting(w)...)
		}
	}
	c.mark(due...)
	return c.err
}

// referenceMissing is why a value is refused that refers to a record without a counterpart.
const referenceMissing = "reference-missing"

// placed says whether what a refused value of the CRM refers to has its place in the ERP by now: one that was born in the CRM has no
// key there by which it could be waited for.
func (c *cycle) placed(w store.Waiting) (has bool) {
	if w.Kind != store.Refused || w.Code != referenceMissing || w.CRMValue.Empty() {
		return false
	}
	c.view(func(t *store.Txn) {
		for i := range c.Mapper.Rules(w.Entity).Fields {
			if c.Mapper.FieldName(connectors.ERP, w.Entity, i) == w.Field {
				_, refused := c.Mapper.Side(connectors.ERP, w.Entity, map[int]record.Value{i: w.CRMValue}, t)
				has = len(refused) == 0
				return
			}
		}
	})
	return has
}

// dirtyOfWaiting has a record looked at from both sides: from one alone, the other may not be read.
func dirtyOfWaiting(w store.Waiting) (both []store.Dirty) {
	if w.ERP != "" {
		both = append(both, store.Dirty{Entity: w.Entity, Side: connectors.ERP, Key: w.ERP})
	}
	if w.CRM != "" {
		both = append(both, store.Dirty{Entity: w.Entity, Side: connectors.CRM, Key: w.CRM})
	}
	return both
}
