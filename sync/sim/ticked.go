package sim

import (
	"math/rand/v2"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// ticked says whether a seed's world is one in which nothing is written before a person has ticked what was shown: those from 2^29 on,
// as far as half the way to the next power of two, so that all other seeds mean the worlds that they meant before.
func ticked(seed uint64) bool { return seed>>28 == 2 }

// FirstTicked is the first seed of such a world.
const FirstTicked = 1 << 29

// drawTicked draws a world of the usual kinds in which every run, or in a few the first one, waits for a tick.
func drawTicked(seed uint64, crashes bool) Spec {
	r := rand.New(rand.NewPCG(seed, 0x71c7))
	k := kindOf(seed)
	s := Spec{Seed: seed, Shape: drawShape(r, k), Script: drawScript(r, k, crashes)}
	s.Shape.Set.Confirm = engine.ConfirmAlways
	if r.IntN(8) == 0 {
		s.Shape.Set.Confirm = engine.ConfirmFirst
	}
	return s
}

// notThisTime is what is marked so before a pass, and what the box shows of its runs then.
type notThisTime struct {
	marks   map[uint64]string
	ok      [2]time.Time
	crashes int
}

// remarks notes, before a pass, which records are left out of the next run alone.
func (w *world) remarks() {
	w.outOnce = nil
	if w.shape.Set.Confirm == engine.ConfirmNever || w.box == nil || w.box.engine == nil {
		return
	}
	w.outOnce = &notThisTime{map[uint64]string{}, w.lastOK(), w.crashes}
	for _, x := range w.marked() {
		if x.Mark == store.NotThisTime {
			w.outOnce.marks[x.Seq] = engine.RecordName(x.Entity, x.ERP, x.CRM)
		}
	}
}

func (w *world) lastOK() [2]time.Time {
	s := w.box.engine.Status()
	return [2]time.Time{s.Ways[0].LastOK, s.Ways[1].LastOK}
}

// remarked judges that a record was left out of one run: the mark is gone once a run has ended in success, and not before.
func (w *world) remarked() {
	was := w.outOnce
	if was == nil || w.box == nil || w.box.engine == nil || w.crashes != was.crashes {
		return
	}
	is, s := map[uint64]bool{}, w.box.engine.Status()
	for _, x := range w.marked() {
		is[x.Seq] = true
	}
	now := w.lastOK()
	may := now[0] != was.ok[0] && now[1] != was.ok[1]
	must := may && now[0].Equal(now[1]) && s.Ways[0].Outcome == engine.Success && s.Ways[1].Outcome == engine.Success
	for seq, name := range was.marks {
		switch {
		case must && is[seq]:
			w.fail("once", "%s is left out although the run that it was left out of has ended in success", name)
		case !may && !is[seq]:
			w.fail("once", "%s is left out no more although no run has ended in success", name)
		}
	}
}

// sendsLeftOut judges that nothing is written of a record that a person left out.
func (w *world) sendsLeftOut(side connectors.Side, op *connectors.Op) {
	erp, crm := op.Key, record.Key("")
	if side == connectors.CRM {
		erp, crm = "", op.Key
		mine, _, _ := strings.Cut(op.ExternalID, ".")
		if key, ours := strings.CutPrefix(mine, w.book.profile.Prefix+w.book.profile.Entity(op.Entity).ExternalID); ours && op.Kind == connectors.Create {
			erp = record.Key(key)
		}
	}
	w.view(func(t *store.Txn) {
		if x, is := t.Exempt(op.Entity, erp, crm); is {
			w.fail("left", "%s: %s %s %s is written, which is marked %s", side, op.Entity, op.Key, op.ExternalID, x.Mark)
		}
	})
}
