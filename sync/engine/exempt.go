package engine

import (
	"fmt"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// A person may leave a record out: for good, or for the next run. Nothing is written of it then, in neither direction, and
// nothing of what it shows counts as agreed, so that it goes on where it stood once the mark is gone.

// referenceMarked is the code of a record that waits for one which a person left out.
const referenceMarked = "reference-marked"

// recordMarks are what the verbs say of a record; empty = nothing any more.
var recordMarks = map[Verb]store.Mark{LeaveOut: store.Never, NotThisTime: store.NotThisTime, Unmark: ""}

// markRecord keeps what a person says of a record, instead of what was said before. What waits for the record is looked at again,
// so that it tells why.
func (e *Engine) markRecord(t *store.Txn, mark store.Mark, name string) ([]store.Dirty, error) {
	entity, side, key, err := e.recordOf(name)
	if err != nil {
		return nil, err
	}
	x := store.Exemption{Entity: entity, ERP: key}
	if side == connectors.CRM {
		x.ERP, x.CRM = "", key
	}
	if l, ok := t.Find(side, entity, key); ok && l.State != plan.Closed {
		x.ERP, x.CRM = l.ERP, l.CRM
	}
	was, marked := t.Exempt(entity, x.ERP, x.CRM)
	var dirty []store.Dirty
	for _, ref := range []record.Key{x.ERP, was.ERP} {
		for _, w := range t.BlockedOn(plan.Ref{Entity: entity, ERP: ref}) {
			dirty = append(dirty, dirtyOfWaiting(w)...)
		}
	}
	switch {
	case mark != "":
		x.Mark, x.At, x.Seq = mark, e.Clock.Now(), t.Next(exemptions)
		t.PutExempt(x)
	case !marked:
		return nil, fmt.Errorf("%w: %s is not marked", ErrNoSuch, name)
	default:
		t.DeleteExempt(was)
		dirty = append(dirty, dirtyOfExempt(was)...)
		dirty = append(dirty, dirtyOfExempt(x)...)
	}
	return dirty, nil
}

// exemptions is the counter that orders marks.
const exemptions = "exempt"

// dirtyOfExempt has a record looked at from both sides, as far as it is known there.
func dirtyOfExempt(x store.Exemption) []store.Dirty {
	return dirtyOfWaiting(store.Waiting{Entity: x.Entity, ERP: x.ERP, CRM: x.CRM})
}

// exemption says whether a person left out a record on its way through a cycle, under whatever key it is known.
func exemption(t *store.Txn, w *work) (store.Exemption, bool) {
	if x, ok := t.Exempt(w.rule.Entity, w.link.ERP, w.link.CRM); ok {
		return x, true
	}
	erp, crm := record.Key(""), w.before.CRM
	if w.dirty.Side == connectors.ERP {
		erp = w.dirty.Key
	} else if crm == "" {
		crm = w.dirty.Key
	}
	return t.Exempt(w.rule.Entity, erp, crm)
}

// leave takes records that a person left out from those that something is done of.
func (c *cycle) leave(works []*work) []*work {
	var going, left []*work
	c.view(func(t *store.Txn) {
		for _, w := range works {
			if ref := w.d.Why.Ref; ref != nil {
				if _, marked := t.Exempt(ref.Entity, ref.ERP, ""); marked {
					w.d.Why.Code = referenceMarked
				}
			}
			if x, is := exemption(t, w); is {
				w.exempt = x.Mark
				left = append(left, w)
			} else {
				going = append(going, w)
			}
		}
	})
	if len(left) == 0 {
		return works
	}
	var clean []store.Dirty
	ok := c.update(func(t *store.Txn) error {
		clean = nil
		for _, w := range left {
			if c.dry != nil {
				c.show(t, w, c.ERP.Fields(w.rule.Entity), nil)
			}
			if c.letBe(t, w) {
				clean = append(clean, dirtyOf(w)...)
			}
		}
		return nil
	})
	if ok {
		c.clean(clean)
	}
	return going
}

// letBe keeps of a record that a person left out no more than that it is there, and what is known to have arrived. It says
// whether nobody needs to look at it before the mark is gone. Which two records belong together is not settled meanwhile.
func (c *cycle) letBe(t *store.Txn, w *work) bool {
	l := w.link
	was, had := t.Get(l.ID)
	if w.displace != nil || w.instead != 0 || had && (was.ERP != l.ERP || was.CRM != l.CRM) || !had && l.ERP != "" && l.CRM != "" {
		return false
	}
	rules := c.Mapper.Rules(w.rule.Entity)
	if it := (plan.Item{Link: l, ERP: w.item.ERP, CRM: w.item.CRM}); len(l.Doubts) > 0 && !plan.MayHavePassed(rules, it) {
		if it.CRM != nil {
			l, _ = rules.Arrived(&plan.Item{Link: l, CRM: it.CRM}, connectors.CRM, c.asOf)
		}
		if it.ERP != nil {
			l, _ = rules.Arrived(&plan.Item{Link: l, ERP: it.ERP}, connectors.ERP, c.asOf)
		}
	}
	c.keep(t, &l)
	w.link = l
	if x, ok := t.Exempt(l.Entity, l.ERP, l.CRM); ok && (x.ERP != l.ERP || x.CRM != l.CRM) {
		x.ERP, x.CRM = l.ERP, l.CRM
		t.PutExempt(x)
	}
	return len(l.Doubts) == 0
}

// endMarks ends the marks for this run, now that it has ended in success. Those that a person has made since it began are
// for the next one.
func (c *cycle) endMarks() {
	if !c.wholly() {
		return
	}
	var over []store.Exemption
	c.view(func(t *store.Txn) {
		t.Exemptions(func(x store.Exemption) bool {
			if x.Mark == store.NotThisTime && x.Seq <= c.lastMark {
				over = append(over, x)
			}
			return true
		})
	})
	if len(over) == 0 {
		return
	}
	c.update(func(t *store.Txn) error {
		for _, x := range over {
			c.mark(dirtyOfExempt(x)...)
			for _, w := range t.BlockedOn(plan.Ref{Entity: x.Entity, ERP: x.ERP}) {
				c.mark(dirtyOfWaiting(w)...)
			}
			t.DeleteExempt(x)
		}
		return nil
	})
}

// exempt says whether a person left out a record that was not looked for by its link.
func (c *cycle) exempt(e record.Entity, crm record.Key) (mark store.Mark) {
	c.view(func(t *store.Txn) {
		x, _ := t.Exempt(e, "", crm)
		mark = x.Mark
	})
	return mark
}
