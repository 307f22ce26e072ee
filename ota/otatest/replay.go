package otatest

import (
	"math/rand/v2"
	"slices"
)

// State is what all volumes hold.
type State [volumes]Content

// Clone gives a copy.
func (s *State) Clone() State {
	var c State
	for v := range s {
		c[v] = s[v].Clone()
	}
	return c
}

// Sum is that of all volumes together.
func (s *State) Sum() uint64 {
	var sum uint64
	for v := range s {
		sum = sum*0x9e3779b97f4a7c15 + s[v].sum + uint64(s[v].size)
	}
	return sum
}

// Selector is the file of what the boot loader writes: it stands in the cache of the device, which every sync empties.
const Selector = "selector"

// Replay goes through a log and gives what a cut may leave.
type Replay struct {
	now     State // as if nothing could be lost
	durable State // what no cut takes away
	pending []Op  // the writes that may be lost, oldest first
}

// NewReplay begins with volumes on which everything is durable.
func NewReplay(start State) *Replay { return &Replay{now: start.Clone(), durable: start.Clone()} }

// Now gives what the volumes hold if the power stays.
func (r *Replay) Now() State { return r.now.Clone() }

// Durable gives what they hold at least.
func (r *Replay) Durable() State { return r.durable.Clone() }

// Pending is how many writes may be lost.
func (r *Replay) Pending() int { return len(r.pending) }

// Step goes on by one.
func (r *Replay) Step(o Op) {
	switch o.Kind {
	case Write:
		r.now[o.Volume].Write(o.Data, o.At)
		if !o.Durable {
			r.pending = append(r.pending, o)
			return
		}
		r.pending = without(r.pending, o)
		r.durable[o.Volume].Write(o.Data, o.At)
	case Sync:
		var left []Op
		for _, p := range r.pending {
			if p.File != Selector && (p.File != o.File || p.Volume != o.Volume) {
				left = append(left, p)
				continue
			}
			left = without(left, p)
			r.durable[p.Volume].Write(p.Data, p.At)
		}
		r.pending = left
	}
}

// without takes those sectors out of the writes that o writes again: the older ones can't come after it.
func without(pending []Op, o Op) []Op {
	var left []Op
	end := o.At + int64(len(o.Data))
	for _, p := range pending {
		pEnd := p.At + int64(len(p.Data))
		if p.Volume != o.Volume || pEnd <= o.At || p.At >= end {
			left = append(left, p)
			continue
		}
		if p.At < o.At {
			before := p
			before.Data = p.Data[:o.At-p.At]
			left = append(left, before)
		}
		if pEnd > end {
			after := p
			after.At, after.Data = end, p.Data[end-p.At:]
			left = append(left, after)
		}
	}
	return left
}

// Mode is what a cut does to what is not durable.
type Mode string

// Modes.
const (
	Clean     Mode = "clean"     // everything until now is there
	Lost      Mode = "lost"      // nothing of what is not durable is there
	Dropped   Mode = "dropped"   // a part is there, sectors of a write each for themselves
	Reordered Mode = "reordered" // the first of the writes in another order, the last of them torn
	Torn      Mode = "torn"      // everything, but of the write under way the first sectors only
	Inside    Mode = "inside"    // as Torn, and the next sector is half written: more than a disk may do
)

// Cut gives what a cut leaves now, while next is under way: the Op that was not acknowledged, or nil. at is the number
// of sectors of next that a Torn or Inside cut leaves; rng decides where the mode has a choice.
func (r *Replay) Cut(mode Mode, next *Op, at int, rng *rand.Rand) State {
	writing := next != nil && next.Kind == Write
	switch mode {
	case Clean:
		return r.now.Clone()
	case Lost:
		return r.durable.Clone()
	case Torn, Inside:
		s := r.now.Clone()
		if writing {
			s[next.Volume].Write(next.Data[:at*SectorSize], next.At)
			if mode == Inside {
				half(&s[next.Volume], *next, at, rng)
			}
		}
		return s
	}
	pending := r.pending
	if writing {
		pending = append(slices.Clone(pending), *next)
	}
	s := r.durable.Clone()
	if mode == Reordered {
		reorder(&s, pending, rng)
		return s
	}
	for _, p := range pending {
		switch rng.IntN(4) {
		case 0: // lost
		case 1:
			scatter(&s[p.Volume], p, rng)
		default:
			s[p.Volume].Write(p.Data, p.At)
		}
	}
	return s
}

// half writes a part of sector at of a write: its first bytes, or garbage up to there.
func half(c *Content, o Op, at int, rng *rand.Rand) {
	if at*SectorSize >= len(o.Data) {
		return
	}
	b := c.Bytes(o.At+int64(at)*SectorSize, SectorSize)
	n := 1 + rng.IntN(SectorSize-1)
	copy(b[:n], o.Data[at*SectorSize:])
	if rng.IntN(3) == 0 {
		for i := range b[n:] {
			b[n+i] = byte(rng.Uint32())
		}
	}
	c.Write(b, o.At+int64(at)*SectorSize)
}

// scatter writes runs of sectors of a write, and leaves others out.
func scatter(c *Content, o Op, rng *rand.Rand) {
	sectors := len(o.Data) / SectorSize
	longest := 1 + rng.IntN(sectors)
	for i, keep := 0, rng.IntN(2) == 0; i < sectors; keep = !keep {
		n := min(1+rng.IntN(longest), sectors-i)
		if keep {
			c.Write(o.Data[i*SectorSize:(i+n)*SectorSize], o.At+int64(i)*SectorSize)
		}
		i += n
	}
}

func reorder(s *State, pending []Op, rng *rand.Rand) {
	if len(pending) == 0 {
		return
	}
	order := rng.Perm(len(pending))
	order = order[:1+rng.IntN(len(order))]
	for i, n := range order {
		p := pending[n]
		data := p.Data
		if i == len(order)-1 {
			data = data[:rng.IntN(len(data)/SectorSize+1)*SectorSize]
		}
		s[p.Volume].Write(data, p.At)
	}
}
