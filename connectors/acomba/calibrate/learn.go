package calibrate

import (
	"slices"
	"strings"
)

// learn takes from a first round what only several tables together tell: byte order, width of amounts, and headers that
// are longer than a card. It says whether a second round would go otherwise.
func (q *search) learn() bool {
	q.big, q.narrow = q.mostlyBig(), q.mostlyNarrow()
	for _, w := range q.inOrder() {
		if w.shifted {
			q.headers[w.table] = w.header
		}
	}
	return q.big || q.narrow || len(q.headers) > 0
}

// mostlyBig says whether the numbers that can be read in one byte order only have the most significant byte first.
func (q *search) mostlyBig() bool {
	big, little := 0, 0
	for _, w := range q.inOrder() {
		for _, f := range w.found.Fields {
			_, text := textLength(f.Form)
			switch {
			case text || width(f.Form) < 2 || strings.HasPrefix(f.Form.Type, "bcd"):
			case f.Form.Big:
				big++
			case w.exceeds(f.Form):
				little++
			}
		}
	}
	return big > little
}

// mostlyNarrow says whether amounts take four bytes: more of them can't be eight than must be.
func (q *search) mostlyNarrow() bool {
	four, eight := 0, 0
	for _, w := range q.inOrder() {
		for _, f := range w.found.Fields {
			switch {
			case f.Form.Type == "i32" && f.Form.Scale != 0:
				four++
			case f.Form.Type == "i64" && w.exceeds4(f.Form):
				eight++
			}
		}
	}
	return four > eight
}

// exceeds4 says whether some card has a number there that four bytes don't hold, or that is negative.
func (w *work) exceeds4(f Form) bool {
	return slices.ContainsFunc(w.sample, func(c cardBytes) bool {
		v, ok := whole(c.raw, f)
		return ok && (v < 0 || v > 1<<31-1)
	})
}

// exceeds says whether some card has a number there that takes more than a byte.
func (w *work) exceeds(f Form) bool {
	return isReal(f) || slices.ContainsFunc(w.sample, func(c cardBytes) bool {
		f := f
		if f.Type == "date" {
			f.Type = "i32"
		}
		v, ok := whole(c.raw, f)
		return ok && (v > 255 || v < 0)
	})
}
