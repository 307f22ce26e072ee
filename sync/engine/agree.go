package engine

import (
	"context"
	"errors"
	"fmt"

	"syncbox/connectors"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// A run may wait until a person has seen what it would change and has ticked it:
//
//	looked ──nothing would change──────────────────────────▶ works off
//	   │                                                        ▲
//	   └──▶ shown ──confirm with its digest──▶ agreed ──────────┘ only what was shown
//	          ▲  │                               │
//	          │  └──a mark changes──▶ void ◀─────┘
//	          └────────next cycle──────┘
//
// All this is in memory and in a scratch database: after a restart what would change is shown anew.

// Confirm says which runs wait for a person's tick.
type Confirm string

// The choices.
const (
	ConfirmNever  Confirm = "never"  // none
	ConfirmFirst  Confirm = "first"  // the first one that would change something in a job without links
	ConfirmAlways Confirm = "always" // each one that would change something
)

// unconfirmed is the code of a run that waits for a person's tick.
const unconfirmed = "run-unconfirmed"

// firstRun is the setting that tells how a job stands whose first run waits.
const firstRun = "first"

// What firstRun says.
const (
	firstOpen = "open"
	firstDone = "done"
)

// asksFirst says whether runs wait for a tick.
func (e *Engine) asksFirst(t *store.Txn) bool {
	return e.set.Confirm == ConfirmAlways || e.set.Confirm == ConfirmFirst && t.Setting(firstRun) != firstDone
}

// knowFirst finds out, once, whether a job has had its first run before anybody wanted to confirm it.
func (c *cycle) knowFirst() {
	if c.set.Confirm != ConfirmFirst || c.setting(firstRun) != "" {
		return
	}
	c.update(func(t *store.Txn) error {
		t.Set(firstRun, firstOpen)
		t.Links(func(l plan.Link) bool {
			if l.Since != 0 {
				t.Set(firstRun, firstDone)
			}
			return l.Since == 0
		})
		return nil
	})
}

// confirm has a person see what the run would change, where that is wanted, before it goes on.
func (c *cycle) confirm(ctx context.Context) error {
	c.knowFirst()
	asks := false
	c.view(func(t *store.Txn) { asks = c.asksFirst(t) })
	p := c.Engine.preview
	switch {
	case c.err != nil || !asks:
	case p != nil && p.waits && !p.void && p.agreed:
		c.allowed = p
	case p != nil && p.waits && !p.void:
		c.unconfirmed = true
	case !c.Cache.AnyDirty() && !c.anyParted():
		c.dropPreview()
		c.allowed = &preview{} // what is found on the way is shown before the next run
	default:
		c.askFirst(ctx)
	}
	return c.err
}

// askFirst makes the preview of this run. Where it shows that nothing would change, nobody is asked.
func (c *cycle) askFirst(ctx context.Context) {
	p, err := c.foresee(ctx, true)
	switch {
	case c.err != nil:
	case errors.Is(err, errCut):
		c.unconfirmed = true
	case err != nil:
		c.unconfirmed = true
		c.stopBoth(err)
	case p.changes() == 0:
		c.allowed = p
	default:
		p.waits, c.unconfirmed = true, true
		c.showPreview()
	}
}

// agreed gives those writes that a person has seen as they are now, and those that are none: what nobody can write, or was
// asked to key before. The others stay for the next preview; people may change their records before that.
func (c *cycle) agreed(to connectors.Side, works []*work) (going []*work) {
	if c.allowed == nil || len(works) == 0 {
		return works
	}
	modes := c.ERP.Fields(works[0].rule.Entity)
	c.view(func(t *store.Txn) {
		for _, w := range works {
			_, writes := describer{cycle: c, t: t, w: w, modes: modes}.to(to)
			if !writes || c.seenBefore(t, to, w) {
				going = append(going, w)
			}
		}
	})
	return going
}

func (c *cycle) seenBefore(t *store.Txn, to connectors.Side, w *work) bool {
	l := &w.d.Link
	return c.allowed.seals(to, &Change{Entity: l.Entity, ERP: l.ERP, CRM: l.CRM}, c.seal(t, to, w))
}

// agreedChild leaves out what would be born with a record without having been seen: it follows by itself.
func (c *cycle) agreedChild(w *work) {
	if c.allowed == nil || w.child == nil {
		return
	}
	kid := &work{rule: w.child.rule, d: plan.Decision{Verdict: plan.CreateERP, ERP: w.child.values,
		Link: plan.Link{Entity: w.child.rule.Entity, CRM: w.child.record.Key}}}
	seen := false
	c.view(func(t *store.Txn) { seen = c.seenBefore(t, connectors.ERP, kid) })
	if !seen {
		w.child = nil
	}
}

// tick takes a person's word that what a preview shows may be done.
func (e *Engine) tick(t *store.Txn, digest string) error {
	switch p := e.preview; {
	case p == nil || !p.waits:
		return fmt.Errorf("%w: no run waits for a tick", ErrNoSuch)
	case p.void || p.digest != digest:
		return ErrChanged
	}
	t.Set("forced", "yes")
	return nil
}

// ticked notes that it was kept.
func (e *Engine) ticked() {
	if e.preview != nil {
		e.preview.agreed = true
	}
	e.showPreview()
}

// usedPreview throws a preview away once the run that it showed has come to its end.
func (c *cycle) usedPreview() {
	p := c.Engine.preview
	switch {
	case c.err != nil || c.cut || c.down != [2]error{}:
		return
	case c.allowed == nil && !c.unconfirmed && c.tried != [2]int{} && p != nil && !p.waits:
		c.dropPreview() // what it shows is done
	}
	if c.allowed == nil {
		return
	}
	if c.allowed.agreed && c.set.Confirm == ConfirmFirst {
		c.update(func(t *store.Txn) error { t.Set(firstRun, firstDone); return nil })
	}
	if c.allowed == p {
		c.dropPreview()
	}
}

// waitsFor gives the status of a direction in which a run waits for a tick.
func (c *cycle) waitsFor(was Way) Way {
	n := 0
	if p := c.Engine.preview; p != nil {
		n = p.changes()
	}
	if n == 0 {
		return was // the preview was interrupted
	}
	return Way{Outcome: Halted, Code: unconfirmed, Args: map[string]string{"count": itoa(n)}, LastOK: was.LastOK}
}
