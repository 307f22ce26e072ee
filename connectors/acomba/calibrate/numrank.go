package calibrate

import (
	"cmp"
	"slices"
)

func close(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 }

// widest leaves of integers that have their low bytes in the same place the widest one that is sensible throughout: its
// high bytes are zero, or a sign, in all cards.
func widest(all []fits) []fits {
	type low struct {
		at    int
		big   bool
		scale int32
		kind  byte
	}
	best := map[low]fits{}
	for _, x := range all {
		k := low{x.form.At, x.form.Big, x.form.Scale, x.form.Type[0]}
		if k.kind == 'u' {
			k.kind = 'i'
		}
		if x.form.Big || k.kind == 'b' {
			k.at += width(x.form)
		}
		if width(x.form) == 1 { // one byte has no order
			k.big = false
		}
		if old, there := best[k]; !there || x.over(old) {
			best[k] = x
		}
	}
	out := make([]fits, 0, len(best))
	for _, x := range best {
		out = append(out, x)
	}
	return out
}

// over says whether a form is to be preferred to one of another width: the wider one if it is sensible throughout, else
// the one that is sensible more often.
func (x fits) over(old fits) bool {
	const throughout = 0.995
	wider := width(x.form) > width(old.form)
	switch {
	case x.sensible >= throughout && old.sensible >= throughout:
		return wider
	case x.sensible == old.sensible:
		return !wider
	}
	return x.sensible > old.sensible
}

// rankFits puts the best forms first and drops those that the sample speaks against.
func (w *work) rankFits(all []fits) []fits {
	slices.SortFunc(all, func(a, b fits) int {
		return cmp.Or(cmp.Compare(band(b.sensible), band(a.sensible)), cmp.Compare(b.bonus, a.bonus), cmp.Compare(min(b.distinct, 3), min(a.distinct, 3)), w.byOrder(a.form, b.form),
			cmp.Compare(w.aside(a.form), w.aside(b.form)), cmp.Compare(a.form.At, b.form.At), cmp.Compare(width(b.form), width(a.form)), cmp.Compare(a.form.String(), b.form.String()))
	})
	var kept []fits
	for _, x := range all {
		if x.sensible < 0.8 || len(kept) > 0 && (x.sensible < kept[0].sensible-0.05) || len(kept) == 9 {
			continue
		}
		if len(kept) == 0 || !w.same(kept[0].form, x.form) {
			kept = append(kept, x)
		}
	}
	return kept
}

// byOrder puts the usual byte order first.
func (w *work) byOrder(a, b Form) int {
	return cmp.Compare(first(a.Big != w.big), first(b.Big != w.big))
}

// aside gives how far a number is from the next text: a record's own fields are side by side, the program's are before
// them.
func (w *work) aside(f Form) int {
	for d := range w.size {
		for _, at := range []int{f.At - 1 - d, f.At + width(f) + d} {
			if at >= 0 && at < w.size && w.isText(w.owner[at]) {
				return d
			}
		}
	}
	return w.size
}

func (w *work) isText(name string) bool {
	return slices.ContainsFunc(catalogue[w.table], func(f Field) bool { return f.Name == name && f.Kind == Text })
}

// band makes shares that are about equal count as equal.
func band(r float64) int { return int(r*50 + 0.5) }

// same says whether two forms that overlap show the same number in every card of the sample: then it doesn't matter.
func (w *work) same(a, b Form) bool {
	if a.Enc != "" || b.Enc != "" || a.At+width(a) <= b.At || b.At+width(b) <= a.At {
		return false
	}
	for _, c := range w.sample {
		x, okX := amount(c.raw, a)
		y, okY := amount(c.raw, b)
		if okX != okY || !x.Equal(y) {
			return false
		}
	}
	return true
}
