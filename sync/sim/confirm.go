package sim

import (
	"errors"
	"math/rand/v2"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// confirmed is what a person has seen of a run that waits, and has ticked.
type confirmed struct {
	digest  string
	changes []engine.Change
}

// drawConfirm lets the runs of some worlds wait until a person has ticked what they would change. It has numbers of its own, so that
// all other worlds stay what they are without it.
func drawConfirm(seed uint64) engine.Confirm {
	switch rand.New(rand.NewPCG(seed, 0xc0f1)).IntN(24) {
	case 0:
		return engine.ConfirmAlways
	case 1:
		return engine.ConfirmFirst
	}
	return engine.ConfirmNever
}

// confirms says whether a run of the box is to wait for a tick. The first one is over when the box has kept that, which it must not
// without a tick.
func (w *world) confirms() bool {
	first := w.shape.Set.Confirm == engine.ConfirmFirst
	if !first || !w.wasTicked {
		return first || w.shape.Set.Confirm == engine.ConfirmAlways
	}
	w.view(func(t *store.Txn) { first = t.Setting("first") != "done" })
	return first
}

// preview gives what the box shows of its next run; nil if nothing.
func (w *world) preview() *engine.Preview {
	if w.box == nil || w.box.engine == nil {
		return nil
	}
	return w.box.engine.Status().Preview
}

// consider has a person look at what a run that waits would change, before the box makes its next pass: and tick it, leave a record
// out of it or take such a word back, let it wait, or tick another one than the box shows by now. In the end everything is ticked.
func (w *world) consider() {
	if w.shape.Set.Confirm == engine.ConfirmNever || w.box == nil {
		return
	}
	if w.calm {
		w.unmark()
	}
	p := w.preview()
	if p == nil || !p.Waits || p.Void {
		return
	}
	r := rand.New(rand.NewPCG(w.spec.Seed, uint64(w.pass)))
	n, pick := r.IntN(8), r.IntN(1<<16)
	switch {
	case w.calm || n < 4:
		w.tick(p.Digest)
	case n == 4:
		w.tick("of another one")
	case n == 5:
		w.unmark()
	case n == 6:
		w.leaveOut(pick)
	default:
		w.trace("a person lets the run wait")
	}
}

// tick has a person say that a run may do what a preview shows.
func (w *world) tick(digest string) {
	changes, shown := w.shown()
	w.ticked = &confirmed{digest, changes}
	w.wasTicked = w.wasTicked || digest == shown
	for _, c := range changes {
		w.trace("  shown: %s %s to the %s", c.Kind, c.Name(), c.To)
	}
	err := w.ask(engine.Tick, digest)
	switch {
	case w.box == nil: // it forgets
	case digest != shown && !errors.Is(err, engine.ErrChanged):
		w.fail("shown", "a run was confirmed that is another one than %s: %v", shown, err)
	case digest == shown && err != nil:
		w.fail("shown", "what is shown can't be confirmed: %v", err)
	}
	w.forgetTick()
}

// forgetTick notes that a run which a person ticked is over, as far as the box shows.
func (w *world) forgetTick() {
	if p := w.preview(); p == nil || !p.Agreed || w.ticked != nil && p.Digest != w.ticked.digest {
		w.ticked = nil
	}
}

// shown reads all pages of a preview.
func (w *world) shown() (all []engine.Change, digest string) {
	for q := (engine.PreviewQuery{Limit: 3}); ; {
		page, err := w.box.engine.PreviewPage(q)
		if err != nil {
			w.fail("shown", "a page of the preview: %v", err)
			return nil, ""
		}
		all, digest = append(all, page.Changes...), page.Digest
		if q.After = page.Next; q.After == "" {
			return all, digest
		}
	}
}

// leaveOut has a person leave one of the shown records out, for this run or for good.
func (w *world) leaveOut(n int) {
	all, _ := w.shown()
	if len(all) == 0 {
		return
	}
	verb := []engine.Verb{engine.NotThisTime, engine.LeaveOut}[n%2]
	c := all[n/2%len(all)]
	if err := w.ask(verb, c.Name()); err != nil && w.box != nil {
		w.fail("shown", "%s %s: %v", verb, c.Name(), err)
	}
}

// unmark has a person take back all words by which records are left out.
func (w *world) unmark() {
	for _, x := range w.marked() {
		if w.box == nil {
			return
		}
		if err := w.ask(engine.Unmark, engine.RecordName(x.Entity, x.ERP, x.CRM)); err != nil && w.box != nil && !errors.Is(err, engine.ErrNoSuch) {
			w.fail("shown", "%s %s: %v", engine.Unmark, x.ERP, err)
		}
	}
}

func (w *world) marked() (all []store.Exemption) {
	w.view(func(t *store.Txn) {
		t.Exemptions(func(x store.Exemption) bool { all = append(all, x); return true })
	})
	return all
}

// awaited notes a pass in which the box waited for a person's tick, or left records out: that something is late then is no fault.
func (w *world) awaited() {
	if w.shape.Set.Confirm == engine.ConfirmNever || w.box == nil {
		return
	}
	w.forgetTick()
	if p := w.preview(); p != nil && p.Waits || len(w.marked()) > 0 {
		w.troubled = w.steady
	}
}

// sendsShown judges that what is sent is what a person has seen and ticked.
func (w *world) sendsShown(side connectors.Side, ops []connectors.Op) {
	for i := range ops {
		w.sendsLeftOut(side, &ops[i])
	}
	if !w.confirms() {
		return
	}
	for i := range ops {
		w.sentShown(side, &ops[i])
		for n := range ops[i].With {
			w.sentShown(side, &ops[i].With[n])
		}
	}
}

func (w *world) sentShown(side connectors.Side, op *connectors.Op) {
	if w.ticked == nil {
		w.fail("shown", "%s: %s %s %s is written and nobody has confirmed it", side, op.Entity, op.Key, op.ExternalID)
		return
	}
	for i := range w.ticked.changes {
		if c := &w.ticked.changes[i]; w.about(c, side, op) && w.covers(c, side, op) {
			return
		}
	}
	w.fail("shown", "%s: %s %s %s %s is written, which nobody was shown", side, op.Entity, op.Key, op.ExternalID, w.show(op.Fields))
}

// about says whether a change of a preview is that of an op's record.
func (w *world) about(c *engine.Change, side connectors.Side, op *connectors.Op) bool {
	to := store.ToCRM
	if side == connectors.ERP {
		to = store.ToERP
	}
	if c.Entity != op.Entity || c.To != to || c.Mark != "" {
		return false
	}
	if op.Key != "" && op.Key == [2]record.Key{c.ERP, c.CRM}[side] {
		return true
	}
	if side == connectors.ERP {
		return op.Key == ""
	}
	mine, _, _ := strings.Cut(op.ExternalID, ".")
	return c.ERP != "" && mine == w.book.profile.Prefix+w.book.profile.Entity(op.Entity).ExternalID+string(c.ERP)
}

// covers says whether a change shows all values of an op, but for those that the record shows anyway. What a record refers to
// is known by other keys before it is made; the number of a new one is made as it is sent.
func (w *world) covers(c *engine.Change, side connectors.Side, op *connectors.Op) bool {
	row := w.product(side).Live(op.Entity, op.Key)
	for i := range w.book.fields[op.Entity] {
		f := &w.book.fields[op.Entity][i]
		v, there := op.Fields[f.name(side)]
		if !there || !judged(f) || f.Policy == connectors.BusinessKey && op.Kind == connectors.Create && side == connectors.ERP {
			continue
		}
		if !showsNew(c, f, v) && (row == nil || !row.Fields[f.name(side)].Equal(v)) && !w.wholly(side, op, f) {
			return false
		}
	}
	return true
}

// wholly says whether a field goes to the CRM along with others that only the ERP may change, as all of those do of a record that is not
// read there before.
func (w *world) wholly(side connectors.Side, op *connectors.Op, f *field) bool {
	return side == connectors.CRM && op.Kind == connectors.Update && op.Seen == nil && (f.Policy == connectors.OwnERP || f.Policy == connectors.OwnERPOnChange)
}

func showsNew(c *engine.Change, f *field, v record.Value) bool {
	for _, shown := range c.Fields {
		if shown.CRM == f.CRM && shown.New.Equal(v) {
			return true
		}
	}
	return v.Empty() && c.Kind == engine.ChangeCreate
}
