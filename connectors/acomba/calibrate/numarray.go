package calibrate

import "strconv"

// assemble makes a field of its elements, which for an array must have the same form and lie evenly.
func (w *work) assemble(f Field, elements []located) {
	if len(elements) == 0 {
		return
	}
	a := elements[0]
	best, count, stride := a.fits[0], 1, 0
	conf, others := w.certainty(f.Label(a.element), a.fits, f.Key && w.vital())
	for _, b := range elements[1:] {
		if x, y, gap, ok := evenly(a, b); ok {
			best, stride = x, gap
			best.form.At -= a.element * gap
			conf, others = Sure, nil
			count = w.elements(f, best.form, gap, elements)
			_ = y
			break
		}
	}
	if stride == 0 && a.element != 0 {
		return // element 0 is not known, nor where it would be
	}
	form := best.form
	form.Count = count
	if count > 1 && stride != width(form) {
		form.Stride = stride
	}
	for i := range count {
		w.claim(f.Name, form.At+i*max(stride, width(form)), width(form))
	}
	w.found.Fields = append(w.found.Fields, FoundField{Name: f.Name, Form: form, Key: f.Key, Confidence: conf, Others: others,
		Why: []Note{note(WhyMatches, "count", strconv.Itoa(w.matching(f))), w.sampled(best)}})
}

// evenly finds forms of two elements that are of one type and a sensible distance apart.
func evenly(a, b located) (x, y fits, gap int, ok bool) {
	for _, x := range a.fits {
		for _, y := range b.fits {
			d, p, q := b.element-a.element, x.form, y.form
			gap := (q.At - p.At) / d
			p.At = q.At
			if p.String() == q.String() && (q.At-x.form.At)%d == 0 && gap >= width(p) && x.form.At >= a.element*gap {
				return x, y, gap, true
			}
		}
	}
	return x, y, 0, false
}

// elements counts the elements of an array: as many as a card has room for before another field.
func (w *work) elements(f Field, form Form, gap int, known []located) int {
	n := known[len(known)-1].element + 1
	for n < f.Count && w.free(form.At+n*gap, width(form)) {
		n++
	}
	return n
}

// matching counts the examples that have a value of the field.
func (w *work) matching(f Field) int {
	_, n := w.given(f, f.Label(0))
	return n
}
