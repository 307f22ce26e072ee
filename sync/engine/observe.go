package engine

import (
	"context"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// observe has both sides look for what changed. What they find is durable as dirty records, together with
// their notes of how far they looked; no work is queued anywhere else.
func (c *cycle) observe(ctx context.Context) error {
	if holder, ok := c.ERP.(connectors.Holder); ok && c.accepting {
		holder.Accept()
	}
	told := c.relink()
	if err := c.look(ctx, connectors.ERP); err != nil && !c.spares(err) {
		return c.unseen(ctx, connectors.ERP, err)
	}
	if c.spare != nil {
		return c.observeCRM(ctx)
	}
	c.looksAgain()
	c.relinkedUntil(told)
	if c.accepting && !c.markLinks(ctx) { // a look does not tell that what we wrote since the one before is undone
		return c.err
	}
	if c.accepting {
		c.onlyList()
	}
	if c.accepting || c.held() {
		if err := c.accepted(); err != nil {
			return err
		}
	}
	return c.observeCRM(ctx)
}

func (c *cycle) observeCRM(ctx context.Context) error {
	if err := c.look(ctx, connectors.CRM); err != nil {
		return c.unseen(ctx, connectors.CRM, err)
	}
	if c.err == nil {
		c.err = c.Mapper.Describe(c.ERP, c.CRM)
	}
	return c.err
}

// unseen notes that a look failed: without it nothing can be compared. One that was interrupted is no
// failure.
func (c *cycle) unseen(ctx context.Context, side connectors.Side, err error) error {
	if c.err != nil || c.interrupted(ctx) || c.leaveAlone(side, err) {
		return c.err
	}
	c.stopBoth(err)
	return c.hold(err)
}

func (c *cycle) look(ctx context.Context, side connectors.Side) error {
	if side == connectors.ERP && !c.closeAt.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.closeAt.Sub(c.Clock.Now()))
		defer cancel()
	}
	o := &observation{c: c, side: side, all: c.underway().Phase == store.RepairMatch}
	o.reset()
	c.report(func(s *Status) { s.at("observe-"+side.String(), 0, 0) })
	if err := c.source(side).Observe(ctx, o); err != nil {
		return err
	}
	return o.Commit()
}

// hold lists that everything waits for a person.
func (c *cycle) hold(err error) error {
	if connectors.KindOf(err) != connectors.Hold {
		return nil
	}
	c.update(func(t *store.Txn) error {
		w := store.Waiting{Kind: store.Held, Code: connectors.CodeOf(err), Args: argsOf(err), Since: c.Clock.Now()}
		if _, listed := t.Waiting(0, store.Held, ""); !listed {
			t.Journal(store.Event{At: c.Clock.Now(), Severity: store.Problem, Code: w.Code, Args: w.Args})
		}
		t.PutWaiting(w)
		return nil
	})
	return c.err
}

// held says whether the waiting list still asks about a trouble that is over.
func (c *cycle) held() bool {
	listed := false
	c.view(func(t *store.Txn) { _, listed = t.Waiting(0, store.Held, "") })
	return listed
}

// observation takes what one source sees. Notes and dirty records wait here until Commit.
type observation struct {
	c     *cycle
	side  connectors.Side
	all   bool // what was agreed is told as well
	notes map[string][]byte
	marks map[string][]byte
	dirty []store.Dirty
}

var _ connectors.Observation = (*observation)(nil)

func (o *observation) reset() {
	o.notes, o.marks, o.dirty = map[string][]byte{}, map[string][]byte{}, nil
}

// Get gives a note, the one not yet committed if there is one.
func (o *observation) Get(key string) []byte {
	if v, ok := o.notes[key]; ok {
		return v
	}
	return o.c.Cache.Note(o.side, key)
}

// Put keeps a note for Commit.
func (o *observation) Put(key string, value []byte) { o.notes[key] = value }

// Mark gives a durable note. Where a dry run looks at a folder that a person has still to accept, there is none.
func (o *observation) Mark(key string) []byte {
	if o.c.dry != nil && o.c.dry.unmarked {
		return nil
	}
	if v, ok := o.marks[key]; ok {
		return v
	}
	var v []byte
	o.c.view(func(t *store.Txn) { v = append(v, t.Mark(o.side, key)...) })
	return v
}

// SetMark keeps a durable note for Commit.
func (o *observation) SetMark(key string, value []byte) { o.marks[key] = value }

// Changed notes a record that may have changed, unless it shows exactly what was agreed.
func (o *observation) Changed(e record.Entity, key record.Key, seen *record.Record) {
	if o.c.Profile.Entity(e) == nil {
		return
	}
	if key == "" || !fitKey(string(key)) {
		o.c.odd(o.side, "key-unfit")
		return
	}
	if seen != nil && !o.all && o.believed(e, key, seen) && o.agreed(seen) {
		return
	}
	o.dirty = append(o.dirty, store.Dirty{Entity: e, Side: o.side, Key: key})
}

// believed says whether what a look showed of a record can be that record. If not, it is read again.
func (o *observation) believed(e record.Entity, key record.Key, seen *record.Record) bool {
	if seen.Entity != e || seen.Key != key {
		o.c.odd(o.side, "answer-unasked")
		return false
	}
	_, code := unfit(seen)
	return code == "" && seen.Held == ""
}

// agreed says whether a seen record shows what both sides agreed on: our own echo, or nothing of interest.
// It judges by content alone, never by who is said to have written it.
func (o *observation) agreed(seen *record.Record) bool {
	same := false
	o.c.view(func(t *store.Txn) {
		l, ok := t.Find(o.side, seen.Entity, seen.Key)
		if !ok {
			return
		}
		if l.State == plan.Closed {
			same = true
			return
		}
		if l.State != plan.Linked || len(l.Doubts) > 0 || o.side != connectors.CRM || seen.ExternalID == "" || len(t.WaitingOf(l.ID)) > 0 {
			return
		}
		same = o.c.Mapper.Rules(seen.Entity).Shows(l.Base, o.c.Mapper.View(o.side, seen, t))
	})
	return same
}

// Skip notes that an entity can't be looked at this time.
func (o *observation) Skip(e record.Entity, err error) { o.c.skip[e] = err }

// Progress shows how far the look has come.
func (o *observation) Progress(done, total int64) {
	o.c.report(func(s *Status) { s.at("observe-"+o.side.String(), int(done), int(total)) })
	o.c.drain(context.Background())
}

// Commit makes the dirty records and notes durable in one step, the marks after them: a mark that is too
// old only makes the next look more careful.
func (o *observation) Commit() error {
	if len(o.notes)+len(o.dirty) > 0 {
		if err := o.c.Cache.Commit(o.side, o.notes, o.dirty); err != nil {
			o.c.err = err
			return err
		}
	}
	if len(o.marks) > 0 {
		o.c.update(func(t *store.Txn) error {
			for k, v := range o.marks {
				t.SetMark(o.side, k, v)
			}
			return nil
		})
	}
	o.reset()
	return o.c.err
}
