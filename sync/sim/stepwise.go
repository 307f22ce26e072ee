package sim

import (
	"math"
	"os"
	"path/filepath"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// World is a world without a script: whoever holds it lets time pass and things happen, for as long as it likes.
type World struct {
	w   *world
	due time.Duration // when the box works next
	cut int           // the point at which the power goes in the first pass that has so many; 0 = none
}

// NewWorld makes a world in which the box is still off. Its databases are real where s.Dir names a folder for
// them; s.Script is not played.
func NewWorld(s Spec) *World {
	s.Script = nil
	return &World{w: newWorld(&s)}
}

// Close switches the box off.
func (x *World) Close() { x.w.switchOff() }

// Now gives the right time of day.
func (x *World) Now() time.Time { return x.w.right() }

// Do lets a step happen now. One that happens at a call does so in the next pass; a power cut comes with the
// first pass that has so many points.
func (x *World) Do(s Step) {
	switch {
	case s.Do == Crash:
		x.cut = s.A
	case s.At > 0:
		x.w.during = append(x.w.during, &s)
	default:
		x.w.calls = 0
		x.w.do(&s)
	}
}

// Until lets time pass, and the box work whenever it is due. It ends early when an oracle fails.
func (x *World) Until(t time.Time) {
	end := t.Sub(x.w.start)
	for x.w.steady < end && len(x.w.failures) == 0 {
		if x.due > end {
			x.w.advance(end - x.w.steady)
			return
		}
		x.w.advance(max(0, x.due-x.w.steady))
		x.Pass()
	}
}

// Pass lets the box work now, or switches it on.
func (x *World) Pass() {
	w := x.w
	w.calls, w.points, w.apart, w.cutAt = 0, 0, w.apart[:0], x.cut
	crashes := w.crashes
	w.work()
	if w.crashes > crashes {
		x.cut = 0
	}
	w.due(math.MaxInt)
	w.pass++
	x.due = w.steady + w.usual()
}

// Passes counts the passes of the box, and how often its power was cut.
func (x *World) Passes() (passes, cuts int) { return x.w.pass, x.w.crashes }

// Writes counts what the box has written to both products.
func (x *World) Writes() int { return x.w.writes }

// Failures gives what the oracles have found wrong so far.
func (x *World) Failures() []Failure { return x.w.failures }

// Down lets a product not be reachable for some time.
func (x *World) Down(side connectors.Side, d time.Duration) {
	x.w.down[side] = x.w.steady + d
	x.w.trace("%s down for %s", side, d)
}

// TypeBoth has two people type into the same shared field of the same record, one on each side, without
// knowing of each other; alike: both type the same. It is false where they can't just now. n and field are
// taken modulo what there is.
func (x *World) TypeBoth(n, field int, alike bool) bool {
	w := x.w
	t := w.things[n%len(w.things)]
	erp, crm := w.row(t, connectors.ERP), w.row(t, connectors.CRM)
	shared := w.sharedFields(t.entity)
	if len(shared) == 0 || erp == nil || crm == nil || !w.mayEdit(connectors.ERP, erp) || !w.mayEdit(connectors.CRM, crm) {
		return false
	}
	i := shared[field%len(shared)]
	f := &w.book.fields[t.entity][i]
	v := w.fresh(f.typed, 0)
	w.change(t, i, connectors.ERP, v)
	if !alike {
		w.change(t, i, connectors.CRM, w.fresh(f.typed, 0))
		return true
	}
	c := &t.cells[i] // the same value is the same write, whoever typed it
	if was := c.shows[connectors.CRM]; was != nil {
		c.shows[connectors.ERP].parents = append(c.shows[connectors.ERP].parents, was)
	}
	c.shows[connectors.CRM] = c.shows[connectors.ERP]
	w.crm.Edit(crm, record.Fields{f.CRM: v})
	return true
}

// sharedFields gives the fields that people of both sides may change.
func (w *world) sharedFields(e record.Entity) (shared []int) {
	for i := range w.book.fields[e] {
		if w.book.fields[e][i].Policy == connectors.Shared {
			shared = append(shared, i)
		}
	}
	return shared
}

// Waiting lists what waits.
func (x *World) Waiting() []store.Waiting {
	if x.w.box == nil {
		return nil
	}
	return x.w.waiting()
}

// Answer has a person answer something that waits; false if no person is needed for it.
func (x *World) Answer(item store.Waiting, n int) bool {
	if !x.w.stillAsked(item) || !x.w.answer(item, n) {
		return false
	}
	x.due = x.w.steady + x.w.usual()
	return true
}

// Concurrent says whether both values of a conflict were typed by people who had not seen the other's.
func (x *World) Concurrent(item store.Waiting) bool {
	t := x.w.atKey(connectors.ERP, item.Entity, item.ERP)
	if t == nil {
		return false
	}
	for _, i := range x.w.sharedFields(item.Entity) {
		if x.w.book.fields[item.Entity][i].CRM == item.Field {
			a, b := t.typedAs(i, connectors.ERP, item.ERPValue), t.typedAs(i, connectors.CRM, item.CRMValue)
			return a != nil && b != nil && !a.follows(b) && !b.follows(a)
		}
	}
	return false
}

// Judge holds a world in which nothing breaks and nobody works any more against all that must be true then.
// One more pass shows that nothing is left to write.
func (x *World) Judge() {
	for x.w.box == nil {
		x.Pass()
	}
	x.w.alone()
	x.w.judge()
	before := x.w.writes
	x.Pass()
	if n := x.w.writes - before; n > 0 {
		x.w.fail("W5", "%d writes after everything had come to rest", n)
	}
}

// Forget lets what was typed and judged become history: of each field, only what both sides show is still
// known, and who had seen it is not asked any more.
func (x *World) Forget() {
	x.w.history.Reset()
	for _, t := range x.w.things {
		for i := range t.cells {
			t.cells[i].forget()
		}
	}
}

func (c *cell) forget() {
	c.writes = nil
	for side, y := range c.shows {
		if y != nil && (side == 0 || y != c.shows[0]) {
			y.parents = nil
			c.writes = append(c.writes, y)
		}
	}
}

// History tells what happened since the last Forget, where Spec.Trace asks for it.
func (x *World) History() string { return x.w.history.String() }

// Count gives how many live records of an entity a side has.
func (x *World) Count(side connectors.Side, e record.Entity) (n int) {
	for _, r := range x.w.product(side).Rows {
		if r.Entity == e && !r.Gone {
			n++
		}
	}
	return n
}

// Bytes gives the size of the box's real databases.
func (x *World) Bytes() (n int64) {
	for _, name := range []string{"state.db", "cache.db"} {
		if info, err := os.Stat(filepath.Join(x.w.spec.Dir, name)); err == nil {
			n += info.Size()
		}
	}
	return n
}
