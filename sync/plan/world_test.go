package plan_test

import (
	"fmt"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// How large a world can be: fields, how often people type, what a link remembers, writes under way.
const (
	mostFields = 2
	mostTyped  = 4
	mostDoubts = 20
	mostFlying = 4
)

// content is what a side shows of a field. Each time somebody types is a bit of typed: those who typed this
// text, and those whose text they had before them when they did.
type content struct {
	text, typed uint8
}

// remembered is a doubt of the link.
type remembered struct {
	field, side, text, seq uint8
	until                  uint8 // arrived, pending or past
}

// flight is a write that is under way.
type flight struct {
	side, seq uint8
	has       [mostFields]bool
	what      [mostFields]content
}

// world is one record with shared fields: what both sides show, what the link remembers, what is under way, and
// what only the test knows of who typed what.
type world struct {
	side   [2][mostFields]content
	latest [2]uint8             // typing on each side
	people uint8                // how often somebody typed
	line   [mostTyped + 1]uint8 // content.typed after each typing
	field  [mostTyped + 1]uint8 // in which field it was
	base   [mostFields]int8     // -1: nothing was agreed on
	doubts [mostDoubts]remembered
	nDoubt uint8
	flying [mostFlying]flight
	nFly   uint8
	told   uint8 // typings that a conflict named
	lost   uint8 // typings that the product lost itself, or that nobody can tell from an old value
	again  uint8 // typings of a text that was there before
	asked  [mostFields]bool
	answer [mostFields][2]uint8
}

// String tells a state for the story that leads to a failure.
func (w world) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ERP %v CRM %v base %v", w.side[0], w.side[1], w.base)
	for _, d := range w.doubts[:w.nDoubt] {
		fmt.Fprintf(&b, " [%d:%d>%s #%d %s]", d.field, d.text, connectors.Side(d.side), d.seq, [...]string{"arrived", "pending", "past"}[d.until])
	}
	for _, f := range w.flying[:w.nFly] {
		fmt.Fprintf(&b, " ~%v>%s #%d", f.what, connectors.Side(f.side), f.seq)
	}
	fmt.Fprintf(&b, " told %b lost %b", w.told, w.lost)
	return b.String()
}

// typeIn has somebody type a text in a field, who sees what is there.
func (w *world) typeIn(side, f int, text uint8) {
	w.people++
	c := &w.side[side][f]
	c.typed |= 1 << w.people
	if c.text = text; text != w.people {
		w.again |= 1 << w.people
		w.lost |= c.typed
	}
	w.line[w.people], w.field[w.people], w.latest[side] = c.typed, uint8(f), w.people
}

// view gives what a side shows. A text's digest is its number.
func (x *lossless) view(w *world, side int) *plan.View {
	v := &plan.View{Cells: make([]plan.Cell, x.fields)}
	for f := range v.Cells {
		text := w.side[side][f].text
		v.Cells[f] = plan.Cell{Value: x.texts[text], Digest: uint64(text)}
	}
	if x.stamps && w.latest[side] > 0 {
		v.Changed = noon.Add(time.Duration(w.latest[side]) * time.Second)
	}
	return v
}

func (x *lossless) item(w *world) plan.Item {
	l := plan.Link{ID: 1, ERP: "1", CRM: "2", State: plan.Linked, Base: plan.Base{Known: true, Owned: x.none, Each: map[uint16]uint64{}}}
	for f := range x.fields {
		if w.base[f] >= 0 {
			l.Base.Each[uint16(f+1)] = uint64(w.base[f])
		}
	}
	for _, d := range w.doubts[:w.nDoubt] {
		p := plan.Doubt{Field: uint16(d.field + 1), Side: connectors.Side(d.side), Digest: uint64(d.text), Seq: uint64(d.seq)}
		if d.until != arrived {
			p.Until = noon.Add(time.Duration(past-d.until) * time.Minute)
		}
		l.Doubts = append(l.Doubts, p)
	}
	return plan.Item{Link: l, ERP: x.view(w, 0), CRM: x.view(w, 1)}
}

// settle keeps what was decided of the link.
func (w *world) settle(fields int, l *plan.Link) {
	w.agree(fields, l.Base)
	w.doubts, w.nDoubt = [mostDoubts]remembered{}, uint8(len(l.Doubts))
	for n, d := range l.Doubts {
		until := past
		if d.Until.IsZero() {
			until = arrived
		} else if noon.Before(d.Until) {
			until = pending
		}
		w.doubts[n] = remembered{uint8(d.Field - 1), uint8(d.Side), uint8(d.Digest), uint8(d.Seq), until}
	}
	for f := range fields {
		if e, c := &w.side[0][f], &w.side[1][f]; e.text == c.text {
			e.typed |= c.typed // who types next had both before them
			c.typed = e.typed
		}
	}
}

func (w *world) agree(fields int, b plan.Base) {
	for f := range fields {
		w.base[f] = -1
		if d, ok := b.At(uint16(f + 1)); ok {
			w.base[f] = int8(d)
		}
	}
}

// send sends what was decided, to the CRM first, and gives the world after one outcome; false where that would
// be larger than it can be.
func (x *lossless) send(w world, d plan.Decision, outcome int) (world, bool) {
	side, values := 1, d.CRM
	if len(values) == 0 {
		side, values = 0, d.ERP
	}
	fl := flight{side: uint8(side), seq: w.nextSeq()}
	for f := range values {
		fl.has[f], fl.what[f] = true, w.side[1-side][f]
	}
	switch outcome {
	case isNot:
		return w, true
	case isApplied, inDoubtApplied:
		w.arrive(fl)
	case isLate:
		if w.nFly == mostFlying {
			return w, false
		}
		w.flying[w.nFly] = fl
		w.nFly++
	}
	switch {
	case outcome != isApplied:
		return w, w.doubt(x.sent, fl, pending)
	case side == 1:
		w.agree(x.fields, d.After)
		return w, true
	}
	return w, w.doubt(mostDoubts, fl, arrived)
}

// doubt remembers what was sent, unless that is more than bound values at a time.
func (w *world) doubt(bound int, fl flight, until uint8) bool {
	open := 0
	for _, d := range w.doubts[:w.nDoubt] {
		if d.seq > 0 {
			open++
		}
	}
	for f, has := range fl.has {
		if !has {
			continue
		}
		if open++; open > bound || w.nDoubt == mostDoubts {
			return false
		}
		w.doubts[w.nDoubt] = remembered{uint8(f), fl.side, fl.what[f].text, fl.seq, until}
		w.nDoubt++
	}
	return true
}

func (w *world) nextSeq() (seq uint8) {
	for _, d := range w.doubts[:w.nDoubt] {
		seq = max(seq, d.seq)
	}
	for _, f := range w.flying[:w.nFly] {
		seq = max(seq, f.seq)
	}
	return seq + 1
}

// arrive lets a write take effect.
func (w *world) arrive(fl flight) {
	for f, has := range fl.has {
		c := &w.side[fl.side][f]
		switch {
		case has && c.text == fl.what[f].text:
			c.typed |= fl.what[f].typed
		case has:
			*c = fl.what[f]
		}
	}
}

// late lets write i arrive late. What it overwrites and nothing else has or carries is lost in the product:
// none that is built so far takes a precondition.
func (w world) late(i int) world {
	fl := w.flying[i]
	copy(w.flying[i:], w.flying[i+1:])
	w.nFly--
	w.flying[w.nFly] = flight{}
	for f, has := range fl.has {
		if !has || w.side[fl.side][f].text == fl.what[f].text {
			continue
		}
		alive := fl.what[f].typed | w.side[1-fl.side][f].typed
		for _, o := range w.flying[:w.nFly] {
			alive |= o.what[f].typed
		}
		w.lost |= w.side[fl.side][f].typed &^ alive
	}
	w.arrive(fl)
	return w
}

// ended ends the doubts of a write; false while it is under way.
func (w world) ended(seq uint8) (world, bool) {
	for _, f := range w.flying[:w.nFly] {
		if f.seq == seq {
			return w, false
		}
	}
	for i := range w.doubts[:w.nDoubt] {
		if d := &w.doubts[i]; d.seq == seq && d.until == pending {
			d.until = past
		}
	}
	return w, true
}

// numbered gives the same world with the smallest numbers for writes, in their order.
func (w world) numbered() world {
	var number [64]uint8
	for _, d := range w.doubts[:w.nDoubt] {
		number[d.seq] = 1
	}
	for _, f := range w.flying[:w.nFly] {
		number[f.seq] = 1
	}
	number[0] = 0 // notes
	n := uint8(0)
	for i := range number {
		n += number[i]
		number[i] *= n
	}
	for i := range w.doubts[:w.nDoubt] {
		w.doubts[i].seq = number[w.doubts[i].seq]
	}
	for i := range w.flying[:w.nFly] {
		w.flying[i].seq = number[w.flying[i].seq]
	}
	return w
}

// texts gives the values that people type, by the number of the typing; 0 is what was there before.
func typedTexts(first record.Value) []record.Value {
	all := []record.Value{first}
	for n := range mostTyped {
		all = append(all, record.TextOf(fmt.Sprint("text ", n+1)))
	}
	return all
}
