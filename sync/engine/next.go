package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// Preview is what people are shown of a preview of the next run. Its records are read page by page: Engine.PreviewPage.
type Preview struct {
	Made   time.Time `json:",omitzero"` // zero = none could be made
	Digest string    `json:",omitempty"`
	// Counts are those of its changes, by entity.
	Counts map[record.Entity]PreviewCounts `json:",omitempty"`
	// Waits: a run waits until a person confirms this digest. Agreed: one has.
	Waits  bool `json:",omitempty"`
	Agreed bool `json:",omitempty"`
	// Void: a person has changed since what a run would do. It is made anew before a run that waits for it, or when it is
	// asked for.
	Void bool `json:",omitempty"`
	// Code is the health code of why a run waits, or why no preview could be made.
	Code string            `json:",omitempty"`
	Args map[string]string `json:",omitempty"`
}

const (
	// previewPhase is the phase of Status while a preview is made.
	previewPhase = "preview"
	// previewAsked is the setting that keeps the wish for one.
	previewAsked = "preview"
)

// askPreview takes the wish for a preview.
func (e *Engine) askPreview(t *store.Txn) error {
	switch r, _ := t.Repair(); {
	case begun(r):
		return ErrResync
	case e.Scratch == nil:
		return fmt.Errorf("%w: no room for a preview", ErrNoSuch)
	}
	if e.asksFirst(t) && t.Setting("stopped") == "" {
		t.Set("forced", "yes") // the run itself shows it first
		return nil
	}
	t.Set(previewAsked, "yes")
	return nil
}

// rethink notes what a person's word means for the preview that there is.
func (e *Engine) rethink(v Verb) {
	switch _, mark := recordMarks[v]; {
	case v == Tick:
		e.ticked()
	case mark, v == ShowPreview:
		e.voidPreview()
	}
}

// begun says whether a resync is about to have everything looked at: what the next run would do is not known before.
func begun(r store.Repair) bool {
	return exclusive(r) || r.Phase == store.RepairForget || r.Phase == store.RepairMark
}

// showDue says whether a person wants to see what the next run would do, and both sides may be asked now.
func (e *Engine) showDue() bool {
	open, _ := e.set.Schedule.Open(e.Clock.Now())
	return open && e.setting(previewAsked) != "" && !begun(e.underway()) && !(e.checkClock() && e.set.Schedule.HasHours())
}

// ShowNext plays the next run on a shadow of all that the job knows, and keeps what it would change for PreviewPage. It
// changes nothing, neither on the sides nor of what is known of them, and takes the place of the preview before. One that
// is interrupted is made as soon as that may be. Its error is one of the store.
func (e *Engine) ShowNext(ctx context.Context) error {
	c := e.round()
	ctx, c.cancel = context.WithCancel(ctx)
	defer c.cancel()
	p, err := c.foresee(ctx, false)
	e.report(func(s *Status) { s.at("", 0, 0) })
	if c.err != nil || errors.Is(err, errCut) && p == nil {
		return c.err
	}
	if err != nil {
		c.Log.Warn("no preview can be made now", "code", connectors.CodeOf(err), "err", err)
		e.report(func(s *Status) { s.Preview = &Preview{Code: connectors.CodeOf(err), Args: argsOf(err)} })
	}
	return e.State.Update(func(t *store.Txn) error { t.Set(previewAsked, ""); return nil })
}

// foresee makes a preview. looked says that this cycle has looked at both sides already.
func (c *cycle) foresee(ctx context.Context, looked bool) (*preview, error) {
	c.dropPreview()
	p, err := c.newPreview()
	if err != nil {
		return nil, err
	}
	d := &dryRun{real: c, repair: c.underway(), counts: map[record.Entity]*store.RepairCounts{}, into: p, looked: looked}
	c.making = p
	err = d.play(ctx)
	if c.making = nil; err == nil {
		err = p.done(c.Clock.Now(), c.State.Seed)
	}
	if err != nil {
		return nil, errors.Join(err, p.kv.Close())
	}
	c.mu.Lock()
	c.Engine.preview = p
	c.mu.Unlock()
	c.showPreview()
	return p, nil
}

// dropPreview throws the preview away.
func (e *Engine) dropPreview() {
	e.mu.Lock()
	p := e.preview
	e.preview = nil
	e.mu.Unlock()
	if p == nil {
		return
	}
	if err := p.kv.Close(); err != nil {
		e.Log.Warn("a scratch file stays", "err", err)
	}
	e.showPreview()
}

// voidPreview lets the preview, and one that is being made, count no more as what the next run would do.
func (e *Engine) voidPreview() {
	for _, p := range []*preview{e.preview, e.making} {
		if p != nil {
			p.void, p.agreed = true, false
		}
	}
	e.showPreview()
}

// showPreview has the status tell of the preview as it is.
func (e *Engine) showPreview() {
	var shown *Preview
	if e.preview != nil {
		shown = e.preview.status()
	}
	e.report(func(s *Status) { s.Preview = shown })
}

// play does the next run on a shadow, up to the point where something would be sent.
func (d *dryRun) play(ctx context.Context) error {
	c, done, err := d.shadow(ctx)
	if err != nil {
		return err
	}
	defer done()
	steps := []func(context.Context) error{c.check, c.takeUp, c.recoverCRM, c.observe, c.recoverERP, c.resync, c.options, c.brakes, c.retries, c.entities, c.sweeps, c.deletions}
	if d.looked {
		steps = []func(context.Context) error{c.entities, c.sweeps, c.deletions}
		c.skip, c.paused, c.comparing = maps.Clone(d.real.skip), d.real.paused, d.real.comparing
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
		if c.drain(ctx); c.over(ctx) {
			break
		}
	}
	d.passLimits(c)
	switch {
	case c.cut || ctx.Err() != nil:
		return errCut
	case c.suspended:
		return ErrResync
	}
	return errors.Join(c.err, errOr(c.down[0], c.down[1]))
}

func errOr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// passLimits keeps that a side asked to be left alone.
func (d *dryRun) passLimits(c *cycle) {
	for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
		if kept := c.setting(limitName(side)); kept != d.real.setting(limitName(side)) {
			d.real.update(func(t *store.Txn) error { t.Set(limitName(side), kept); return nil })
		}
	}
}

// knowAs takes over what another engine knows by heart.
func (e *Engine) knowAs(real *Engine) {
	e.busy, e.newest, e.missed, e.unfound = maps.Clone(real.busy), maps.Clone(real.newest), maps.Clone(real.missed), maps.Clone(real.unfound)
	e.accepting = real.accepting
}

// braked says whether the changes of a record are held by a brake.
func (c *cycle) braked(w *work) bool {
	return len(w.d.CRM) > 0 && c.paused[dirIndex(connectors.CRM)][w.rule.Entity] || len(w.d.ERP) > 0 && c.paused[dirIndex(connectors.ERP)][w.rule.Entity]
}

// lookBehind reads, only to be shown, what records of the CRM hold that a run writes without reading them.
func (c *cycle) lookBehind(ctx context.Context, rule *connectors.EntityRule, works []*work) map[record.Key]*record.Record {
	var keys []record.Key
	for _, w := range works {
		if k := w.d.Link.CRM; c.dry.into != nil && w.crm == nil && len(w.d.CRM) > 0 && k != "" && !c.madeUp(k) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	found, _, err := c.read(ctx, connectors.CRM, rule.Entity, keys)
	if err != nil {
		c.trouble(ctx, connectors.CRM, err)
	}
	return found
}

// show adds what was decided for a record to the preview.
func (c *cycle) show(t *store.Txn, w *work, modes map[string]connectors.Field, seen map[record.Key]*record.Record) {
	if c.dry.into == nil {
		return
	}
	d := describer{cycle: c, t: t, w: w, modes: modes, crm: seen[w.d.Link.CRM]}
	c.dry.into.add(d.changes())
}

// showChild adds what is born in the ERP together with the record that it belongs to.
func (c *cycle) showChild(t *store.Txn, w *work) {
	if c.dry.into == nil {
		return
	}
	kid := *w
	x, _ := t.Exempt(w.rule.Entity, "", w.crm.Key)
	kid.exempt = x.Mark
	kid.link = plan.Link{Entity: w.rule.Entity, CRM: w.crm.Key}
	kid.item = plan.Item{Link: kid.link, CRM: c.Mapper.View(connectors.CRM, w.crm, t)}
	kid.d = plan.Make(c.Mapper.Rules(w.rule.Entity), kid.item, c.asOf)
	d := describer{cycle: c, t: t, w: &kid, modes: c.ERP.Fields(w.rule.Entity)}
	c.dry.into.add(d.changes())
}

// shownSoFar keeps what was added to the preview.
func (c *cycle) shownSoFar() {
	if c.dry.into == nil {
		return
	}
	if err := c.dry.into.flush(); err != nil && c.err == nil {
		c.err = err
	}
}
