package calibrate

import (
	"encoding/binary"
	"slices"
)

// array tells where an array begins, how many elements it has and how far apart they are. Elements that don't lie evenly
// are left out.
func (w *work) array(f Field, elements []solvedText) (first, count, gap int) {
	a := elements[0]
	for _, b := range elements[1:] {
		if d := b.element - a.element; (b.at-a.at)%d == 0 && (b.at-a.at)/d > 0 {
			gap = (b.at - a.at) / d
			break
		}
	}
	if gap == 0 {
		if a.element != 0 {
			w.ask(f.Label(0), false, 0, note(AskElsewhere, "field", f.Label(0)))
		}
		return a.at, 1, 0
	}
	first = a.at - a.element*gap
	if first < 0 {
		return a.at, 1, 0
	}
	count = 1
	for i := 1; i < f.Count; i++ {
		at := first + i*gap
		known := slices.ContainsFunc(elements, func(t solvedText) bool { return t.element == i && t.at == at })
		if !known && (at+gap > w.size || w.begun(at, at+gap, f.Name)) {
			break
		}
		count = i + 1
	}
	return first, count, gap
}

// begun says whether a text of another field begins in a range.
func (w *work) begun(from, to int, name string) bool {
	return slices.ContainsFunc(w.solved, func(t solvedText) bool { return t.at >= from && t.at < to && t.field.Name != name })
}

// nextStart gives where the next known field begins behind a text, or behind the last element of an array.
func (w *work) nextStart(first, count, gap int) int {
	last, next := first, w.size
	if count > 1 {
		last = first + (count-1)*gap
	}
	woven := func(at int) bool { return count > 1 && at > first && at <= last }
	for _, t := range w.solved {
		if t.at > last && t.at < next {
			next = t.at
		}
	}
	for _, t := range w.solved { // another array woven into this one bounds each element
		if woven(t.at) && (t.at-first)%gap != 0 {
			next = min(next, first+(t.at-first)%gap)
		}
	}
	return next
}

// prefix tells whether a length stands before a text: in all examples, and in the sample wherever there is a text.
func (w *work) prefix(at int) (n int, big bool) {
	for _, p := range []struct {
		n   int
		big bool
	}{{1, false}, {2, false}, {2, true}} {
		if at < p.n {
			continue
		}
		good, total := 0, 0
		lengths := map[int]bool{}
		for _, c := range w.sample {
			length := lengthOf(c.raw[at-p.n:at], p.big)
			if length == 0 && pad(c.raw[at]) {
				continue
			}
			total++
			if length > 0 && at+length <= w.size && !pad(c.raw[at+length-1]) && printable(c.raw[at:at+length]) && (at+length == w.size || c.raw[at+length] <= ' ' || lengths[length]) {
				good++
				lengths[length] = true
			}
		}
		if total >= 2 && len(lengths) >= 2 && (10*good >= 9*total || total >= 5 && good >= total-1) {
			return p.n, p.big
		}
	}
	return 0, false
}

func lengthOf(b []byte, big bool) int {
	switch {
	case len(b) == 1:
		return int(b[0])
	case big:
		return int(binary.BigEndian.Uint16(b))
	}
	return int(binary.LittleEndian.Uint16(b))
}

func printable(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c < ' ' || c == 0x7F })
}
