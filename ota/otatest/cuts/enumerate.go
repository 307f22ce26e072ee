package cuts

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"syncbox/ota/floors"
	"syncbox/ota/otatest"
	"syncbox/ota/trust"
)

// Errors of what a cut has led to, besides otatest.ErrBrick, otatest.ErrTorn and ErrEnd.
var (
	ErrBack    = errors.New("what was told to be settled is undone")
	ErrLower   = errors.New("a number that protects from old metadata went down")
	ErrRetried = errors.New("a system that was refused is tried again, and nobody has ordered it")
)

// Count is what was cut, and what came of it.
type Count struct {
	Cuts     int // disks that were judged
	Distinct int // of them with a content of their own
	Lives    int // of these, boxes that went on to the end
	Bricks   int // that did not start
	Torn     int // with a mix in a slot that may start
	Failures int // of any other kind
	Missed   int // transactions that were cut only together with the next one
}

// Add adds up.
func (c *Count) Add(o Count) {
	c.Cuts, c.Distinct, c.Lives = c.Cuts+o.Cuts, c.Distinct+o.Distinct, c.Lives+o.Lives
	c.Bricks, c.Torn, c.Failures, c.Missed = c.Bricks+o.Bricks, c.Torn+o.Torn, c.Failures+o.Failures, c.Missed+o.Missed
}

// Plan says how much is cut.
type Plan struct {
	Cuts int // about so many
	// From one in so many distinct disks, a box goes on to the end; from one in three of those that a cut leaves clean,
	// or without anything that was not synced.
	Every int
	// Twice is how many times the lives after a cut are cut again.
	Twice int
}

// enumerator cuts the lives of one world.
type enumerator struct {
	w    *World
	t    *testing.T
	rng  *rand.Rand
	plan Plan
	seen map[uint64]bool
	fail func(error)
	Count
}

// Cut cuts the world's tale wherever something is written: at each place in each way once, as far as there are cuts
// (but within each block of boot state and floors in any case), then in ways drawn by rng. What is wrong goes to fail.
func (w *World) Cut(t *testing.T, plan Plan, rng *rand.Rand, fail func(error)) Count {
	e := &enumerator{w: w, t: t, rng: rng, plan: plan, seen: map[uint64]bool{}, fail: fail}
	l, err := w.Live(t, w.Start)
	e.Missed = l.Missed
	if err == nil {
		err = w.raised(&l)
	}
	if err != nil {
		e.note(fmt.Errorf("without a cut: %w", err))
		return e.Count
	}
	p := promise{floors: floorsOf(&w.Start[otatest.TheDisk])}
	share := min(1, float64(plan.Cuts)/2/float64(e.ways(l.Ops)))
	e.sweep(w.Start, l.Ops, p, func(r *otatest.Replay, next *otatest.Op) []choice {
		return slices.DeleteFunc(each(r, next), func(c choice) bool {
			return !(c.mode == otatest.Inside && next.Durable) && e.rng.Float64() >= share
		})
	})
	for e.Cuts < plan.Cuts {
		e.sweep(w.Start, l.Ops, p, e.some)
	}
	return e.Count
}

// ways counts those of each.
func (e *enumerator) ways(ops []otatest.Op) (n int) {
	r := otatest.NewReplay(e.w.Start)
	for i := range ops {
		n += len(each(r, &ops[i]))
		r.Step(ops[i])
	}
	return n
}

func (e *enumerator) note(err error) {
	switch {
	case errors.Is(err, otatest.ErrBrick):
		e.Bricks++
	case errors.Is(err, otatest.ErrTorn):
		e.Torn++
	default:
		e.Failures++
	}
	e.fail(fmt.Errorf("%s: %w", e.w.Tale, err))
}

// promise is what no later cut may take back.
type promise struct {
	good, refused bool // that was told of the new system
	verified      bool // the metadata of the new one are trusted
	floors        floors.Values
}

func (p *promise) step(o otatest.Op, r *otatest.Replay) {
	switch o.Note {
	case markGood:
		p.good = true
	case markRefused:
		p.refused = true
	case markPayload:
		p.verified = true
	}
	if o.Kind == otatest.Write && o.Durable {
		d := r.Durable()
		p.floors = floorsOf(&d[otatest.TheDisk])
	}
}

func floorsOf(c *otatest.Content) floors.Values {
	v, err := floors.Read(c)
	if err != nil {
		return floors.Values{} // none yet, or none that can be read: others look after that
	}
	return v
}

// sweep goes through a life once, and cuts it at each place in the ways that it is given.
func (e *enumerator) sweep(start otatest.State, ops []otatest.Op, p promise, ways func(*otatest.Replay, *otatest.Op) []choice) {
	r := otatest.NewReplay(start)
	for i := range ops {
		for _, c := range ways(r, &ops[i]) {
			if e.Cuts >= e.plan.Cuts {
				return
			}
			s := r.Cut(c.mode, &ops[i], c.at, e.rng)
			if c.spoil != nil {
				c.spoil(&s, e.rng)
			}
			e.judge(s, p, c, fmt.Sprintf("before operation %d of %d (%v), %s at %d", i, len(ops), ops[i], c, c.at))
		}
		r.Step(ops[i])
		p.step(ops[i], r)
	}
}

// choice is a way to cut.
type choice struct {
	mode  otatest.Mode
	at    int
	spoil func(*otatest.State, *rand.Rand) // does more harm
	name  string
}

func (c choice) String() string {
	if c.name != "" {
		return c.name
	}
	return string(c.mode)
}

// plain says whether a box goes on from it more often.
func (c choice) plain() bool {
	return c.spoil == nil && (c.mode == otatest.Clean || c.mode == otatest.Lost)
}

const tornPlaces = 256 // of one write

// each gives every way to cut here once; those that draw something a few times.
func each(r *otatest.Replay, next *otatest.Op) []choice {
	all := []choice{{mode: otatest.Clean}, {spoil: lose, name: "record lost", mode: otatest.Clean}, {spoil: scribble, name: "record damaged", mode: otatest.Clean}}
	if r.Pending() > 0 {
		all = append(all, choice{mode: otatest.Lost})
	}
	sectors := sectorsOf(next)
	for k := 1; k < sectors; k += 1 + sectors/tornPlaces {
		all = append(all, choice{mode: otatest.Torn, at: k})
	}
	if sectors > 0 {
		all = append(all, choice{mode: otatest.Inside}, choice{mode: otatest.Inside, at: sectors / 2})
	}
	if sectors > 1 || r.Pending() > 0 {
		all = append(all, choice{mode: otatest.Dropped}, choice{mode: otatest.Reordered})
	}
	return all
}

func sectorsOf(o *otatest.Op) int {
	if o.Kind != otatest.Write {
		return 0
	}
	return len(o.Data) / otatest.SectorSize
}

// some draws ways to cut here: more where more can become of it.
func (e *enumerator) some(r *otatest.Replay, next *otatest.Op) (all []choice) {
	sectors := sectorsOf(next)
	n := min(4, sectors+r.Pending())
	if next.Volume == otatest.TheDisk {
		n = min(60, sectors+4*r.Pending())
	}
	for range n {
		c := choice{mode: []otatest.Mode{otatest.Dropped, otatest.Reordered, otatest.Dropped, otatest.Torn, otatest.Inside}[e.rng.IntN(5)]}
		if sectors > 0 {
			c.at = e.rng.IntN(sectors)
		} else if c.mode == otatest.Torn || c.mode == otatest.Inside {
			c.mode = otatest.Reordered
		}
		all = append(all, c)
	}
	return all
}

// lose takes the file of the database away, scribble damages it.
func lose(s *otatest.State, _ *rand.Rand) { s[otatest.TheData] = otatest.NewContent(databaseSize) }

func scribble(s *otatest.State, rng *rand.Rand) {
	c := &s[otatest.TheData]
	end := int64(len(bytes.TrimRight(c.Bytes(0, c.Size()), "\x00")))
	if end == 0 {
		return
	}
	junk := make([]byte, otatest.SectorSize)
	for i := range junk {
		junk[i] = byte(rng.Uint32())
	}
	for range 1 + rng.IntN(8) {
		c.Write(junk, rng.Int64N(end)/otatest.SectorSize*otatest.SectorSize)
	}
}

// judge says what is wrong with a disk, and may let a box go on from it.
func (e *enumerator) judge(s otatest.State, p promise, c choice, where string) {
	e.Cuts++
	err := e.look(s, p)
	if err != nil {
		e.note(fmt.Errorf("%s: %w", where, err))
		return
	}
	sum := s.Sum()
	if e.seen[sum] {
		return
	}
	e.seen[sum] = true
	e.Distinct++
	if e.rng.IntN(e.plan.Every) != 0 && !(c.plain() && e.rng.IntN(3) == 0) {
		return
	}
	e.Lives++
	l, err := e.w.Live(e.t, s)
	e.Missed += l.Missed
	if err == nil {
		err = e.went(s, l, p, c)
	}
	if err != nil {
		e.note(fmt.Errorf("%s: then: %w", where, err))
		return
	}
	if c.spoil == nil {
		e.again(s, l.Ops, p, where)
	}
}

// look judges what starts.
func (e *enumerator) look(s otatest.State, p promise) error {
	start, err := e.w.Judge.Boot(&s[otatest.TheDisk])
	now := floorsOf(&s[otatest.TheDisk])
	switch {
	case err != nil:
		return err
	case start.Image == "older":
		return fmt.Errorf("%w: %v", ErrBack, start)
	case p.good && start.Image != "new":
		return fmt.Errorf("%w: it was good, and %s starts: %v", ErrBack, start.Image, start)
	case p.refused && start.Image == "new":
		return fmt.Errorf("%w: %v", ErrRetried, start)
	case below(now, p.floors):
		return fmt.Errorf("%w: %+v after %+v", ErrLower, now, p.floors)
	}
	return nil
}

func below(v, floor floors.Values) bool {
	return v.Root < floor.Root || v.Timestamp < floor.Timestamp || v.Snapshot < floor.Snapshot || v.Targets < floor.Targets ||
		v.Release < floor.Release
}

// went judges how a box went on from a disk.
func (e *enumerator) went(s otatest.State, l Life, p promise, c choice) error {
	// What the record has lost, the floors still know.
	known, f := l.First.Versions, floorsOf(&s[otatest.TheDisk])
	known.Root, known.Timestamp = max(known.Root, f.Root), max(known.Timestamp, f.Timestamp)
	known.Snapshot, known.Targets = max(known.Snapshot, f.Snapshot), max(known.Targets, f.Targets)
	if p.verified && lower(known, e.w.Published.Versions) {
		return fmt.Errorf("%w: %+v after %+v", ErrLower, known, e.w.Published.Versions)
	}
	if p.refused && c.spoil == nil && (slices.Contains(l.Starts, "new") || slices.ContainsFunc(l.Ops, isPayload)) {
		return fmt.Errorf("%w: %v", ErrRetried, l.Starts)
	}
	return e.w.raised(&l)
}

func isPayload(o otatest.Op) bool { return strings.HasPrefix(o.Note, markPayload) }

func lower(v, than trust.Versions) bool {
	return v.Root < than.Root || v.Timestamp < than.Timestamp || v.Snapshot < than.Snapshot || v.Targets < than.Targets
}

// again cuts the life after a cut.
func (e *enumerator) again(start otatest.State, ops []otatest.Op, p promise, where string) {
	if len(ops) == 0 || e.plan.Twice == 0 {
		return
	}
	at := map[int]int{}
	for range e.plan.Twice {
		at[e.rng.IntN(len(ops))]++
	}
	r := otatest.NewReplay(start)
	for i := range ops {
		for range at[i] {
			c := choice{mode: otatest.Clean}
			if all := e.some(r, &ops[i]); len(all) > 0 {
				c = all[0]
			}
			s := r.Cut(c.mode, &ops[i], c.at, e.rng)
			e.second(s, p, fmt.Sprintf("%s; then before operation %d of %d (%v), %s at %d", where, i, len(ops), ops[i], c, c.at))
		}
		r.Step(ops[i])
		p.step(ops[i], r)
	}
}

// second judges a disk after two cuts. One in twenty boxes goes on.
func (e *enumerator) second(s otatest.State, p promise, where string) {
	e.Cuts++
	err := e.look(s, p)
	sum := s.Sum()
	if err == nil && !e.seen[sum] {
		e.seen[sum] = true
		e.Distinct++
		if e.rng.IntN(20) == 0 {
			e.Lives++
			var l Life
			if l, err = e.w.Live(e.t, s); err == nil {
				err = e.went(s, l, p, choice{})
			}
			e.Missed += l.Missed
		}
	}
	if err != nil {
		e.note(fmt.Errorf("%s: %w", where, err))
	}
}
