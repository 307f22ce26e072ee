package engine

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// dryRun is a resync, or the next run, on a shadow of the state, in which the last step counts instead of sending. What it
// keeps there lets the records that follow find what would be there by then. A nil one is no dry run.
type dryRun struct {
	real     *cycle
	repair   store.Repair // as it was asked for; level 0 = the next run
	unmarked bool         // the folder is taken as it is, though a person has still to accept it
	counts   map[record.Entity]*store.RepairCounts
	into     *preview // takes what the next run would change; nil = it is only counted
	looked   bool     // it is that of a run which may have to wait for a tick
}

// errCut means that a dry run did not come to its end.
var errCut = errors.New("the dry run was interrupted")

// preview counts what a resync would do, if a person wants to know that first. It comes after everything else,
// changes nothing, and is begun anew where it was interrupted. While the ERP's folder waits for a person it
// shows what accepting it as it is would do.
func (c *cycle) preview(ctx context.Context) {
	r := c.underway()
	held := c.held()
	if r.Phase != store.RepairPreview || c.err != nil || c.interrupted(ctx) || c.down != [2]error{} && !held {
		return
	}
	d := &dryRun{real: c, repair: r, unmarked: held, counts: map[record.Entity]*store.RepairCounts{}}
	if err := d.run(ctx); err != nil {
		if c.err == nil && !errors.Is(err, errCut) {
			c.Log.Warn("resync can't be counted now", "code", connectors.CodeOf(err), "err", err)
		}
		return
	}
	c.moveOn(func(t *store.Txn, r *store.Repair) {
		r.Phase, r.Preview = store.RepairReady, map[record.Entity]store.RepairCounts{}
		for e, n := range d.counts {
			r.Preview[e] = *n
		}
		t.Journal(store.Event{At: c.Clock.Now(), Severity: store.Info, Code: "resync-counted", Args: countArgs(r.Level, store.TotalOf(r.Preview))})
	})
}

// run does the resync on a shadow, up to the point where something would be sent.
func (d *dryRun) run(ctx context.Context) error {
	c, done, err := d.shadow(ctx)
	if err != nil {
		return err
	}
	defer done()
	for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
		if err := c.look(ctx, side); err != nil {
			return err
		}
	}
	if err := errors.Join(c.leftOut(), c.Mapper.Describe(c.ERP, c.CRM)); err != nil {
		return err
	}
	if err := errors.Join(c.resync(ctx), c.entities(ctx), c.sweeps(ctx), c.deletions(ctx)); err != nil {
		return err
	}
	for e, n := range c.underway().Done {
		*d.of(e) = d.of(e).Add(n)
	}
	c.view(d.waits)
	if c.over(ctx) || !c.comparing {
		return errors.Join(errCut, c.down[0])
	}
	return nil
}

// shadow makes a cycle of an engine that has its own state, as the real one stands now, and its own notes: of which there are
// none, or for the next run as they stand now.
func (d *dryRun) shadow(ctx context.Context) (c *cycle, done func(), err error) {
	real := d.real
	top, err := real.Scratch("state")
	if err != nil {
		return nil, nil, err
	}
	notes, err := real.Scratch("cache")
	if err != nil {
		return nil, nil, errors.Join(err, top.Close())
	}
	done = func() {
		if err := errors.Join(top.Close(), notes.Close()); err != nil {
			real.Log.Warn("scratch files stay", "err", err)
		}
	}
	e := blank(real.Ports, real.set)
	e.zone, e.lastKey, e.steady, e.looked, e.shows = real.zone, real.lastKey, real.steady, real.looked, d.shows
	e.State = real.State.Shadow(top)
	if d.into != nil {
		e.Cache = real.Cache.Shadow(notes)
		e.knowAs(real.Engine)
	} else if e.Cache, err = store.OpenCache(notes, e.State); err != nil {
		done()
		return nil, nil, err
	}
	c = e.begin(ctx)
	if c.dry = d; d.into != nil {
		return c, done, c.err
	}
	c.update(func(t *store.Txn) error {
		r := d.repair
		if r.Phase = store.RepairMark; r.Level == 2 {
			r.Phase = store.RepairMatch
		}
		t.PutRepair(r)
		return nil
	})
	c.knowResync()
	return c, done, c.err
}

// shows shows how far the dry run has come.
func (d *dryRun) shows(s Status) {
	phase := "resync-" + string(store.RepairPreview)
	if d.into != nil {
		phase = previewPhase
	}
	d.real.report(func(real *Status) { real.at(phase, s.Done, s.Total) })
}

// drain has the real cycle do what people ask for, and ends the dry run when it was stopped or is no longer
// wanted.
func (d *dryRun) drain(ctx context.Context, c *cycle) {
	d.real.drain(ctx)
	now := d.real.underway()
	c.halted = c.halted || d.real.halted || now.Phase != d.repair.Phase || !now.Asked.Equal(d.repair.Asked) || d.into != nil && d.into.void
}

// of gives the counts of an entity.
func (d *dryRun) of(e record.Entity) *store.RepairCounts {
	if d.counts[e] == nil {
		d.counts[e] = &store.RepairCounts{}
	}
	return d.counts[e]
}

// unreadable counts records that can't be read just now.
func (d *dryRun) unreadable(e record.Entity, n int) {
	if d != nil {
		d.of(e).Held += n
	}
}

// waits counts what would wait at the end.
func (d *dryRun) waits(t *store.Txn) {
	t.AllWaiting(func(w store.Waiting) bool {
		switch w.Kind {
		case store.Quarantine, store.Reference:
			d.of(w.Entity).Held++
		case store.Conflicted, store.Deleted, store.Identity:
			d.of(w.Entity).Ask++
		}
		return true
	})
}

// early counts a record whose parent is about to be born in the ERP: it is born with it.
func (d *dryRun) early(t *store.Txn, c *cycle, w *work) {
	if d == nil || w.rule.Parent == "" || w.crm == nil {
		return
	}
	parent, ok := t.Find(connectors.CRM, w.rule.ParentEntity, w.crm.Fields[w.rule.Parent].Key())
	if ok && parent.ERP == "" && parent.State == plan.Creating {
		d.of(w.rule.Entity).Create[dirIndex(connectors.ERP)]++
		c.showChild(t, w)
	}
}

// madeUp says whether a key of the CRM is that of a record which a dry run has counted as created: nobody can be asked for it.
func (c *cycle) madeUp(key record.Key) bool {
	return c.dry != nil && strings.HasPrefix(string(key), "+")
}

// tally counts what was decided, and keeps in the shadow what others may refer to.
func (c *cycle) tally(ctx context.Context, rule *connectors.EntityRule, works []*work) {
	var clean []store.Dirty
	modes := c.ERP.Fields(rule.Entity)
	if c.dry.looked { // a person may type over it before the tick
		c.dry.real.arrived(works)
	}
	seen := c.lookBehind(ctx, rule, works)
	ok := c.update(func(t *store.Txn) error {
		for _, w := range works {
			c.show(t, w, modes, seen)
			if c.dry.into != nil && c.braked(w) {
				clean = append(clean, dirtyOf(w)...)
				continue
			}
			c.tallyOne(t, w, modes)
			clean = append(clean, dirtyOf(w)...)
		}
		return nil
	})
	if ok {
		c.clean(clean)
		c.shownSoFar()
	}
}

func (c *cycle) tallyOne(t *store.Txn, w *work, modes map[string]connectors.Field) {
	n := c.dry.of(w.rule.Entity)
	l := &w.d.Link
	switch v := w.d.Verdict; {
	case v == plan.Wait:
		c.wait(t, w)
		return
	case v == plan.Nothing && c.Mapper.Rules(w.rule.Entity).Parted(l):
		c.keepFor(t, w, l)
		c.stirred[l.ID] = true
		return
	case v == plan.CreateERP:
		creator, ok := c.ERP.(connectors.Creator)
		if w.item.Link.State == plan.Creating || ok && creator.Creating(w.rule.Entity) == connectors.WriteNone {
			return // a person was asked already, or nobody can
		}
		countWrite(n, connectors.ERP, v)
		l.State = plan.Creating
	case v == plan.CreateCRM || v == plan.Replace:
		countWrite(n, connectors.CRM, v)
		if v == plan.Replace {
			c.close(t, w.item.Link.ID)
		}
		l.CRM, l.State = "+"+l.ERP, plan.Linked
	case v == plan.Again && c.dry.into != nil:
		return // that it may be gone is for another run to find out
	case v == plan.Deactivate || v == plan.Again && l.Gone > 0 && c.Mapper.Rules(w.rule.Entity).Active >= 0:
		n.Deactivate++
		return
	case l.ERP == "" || l.CRM == "":
		return
	default:
		c.tallyChange(w, modes, n)
	}
	c.keepFor(t, w, l)
	c.clearWaits(t, w)
	c.conflicts(t, w)
}

func (c *cycle) tallyChange(w *work, modes map[string]connectors.Field, n *store.RepairCounts) {
	toERP, asks := false, false
	for i := range w.d.ERP {
		toERP = toERP || modes[c.Mapper.FieldName(connectors.ERP, w.rule.Entity, i)].Write != connectors.WriteNone
	}
	for _, con := range w.d.Conflicts {
		asks = asks || con.Ask
	}
	n.Conflicts += len(w.d.Conflicts)
	toCRM := len(w.d.CRM) > 0 || c.unnamed(w)
	if toCRM {
		n.Update[dirIndex(connectors.CRM)]++
	}
	if toERP {
		n.Update[dirIndex(connectors.ERP)]++
	}
	if !toCRM && !toERP && !asks {
		n.Equal++
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
