package calibrate

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

// fits is a form that shows the right values on all cards of the examples.
type fits struct {
	form     Form
	sensible float64 // share of the sample with a sensible value
	distinct int     // different values in the sample, up to 100
	bonus    int     // what else speaks for it
}

// scales of numbers that are no whole ones, the usual ones first.
var scales = []int32{-2, -4, -3, 0, -1, -5, -6}

// numbers finds all fields of the kind Number.
func (w *work) numbers() {
	for _, f := range catalogue[w.table] {
		if f.Kind != Number {
			continue
		}
		var elements []located
		for i := range f.Count {
			if fits, ok := w.numberAt(f, i); ok {
				elements = append(elements, located{i, fits})
			}
		}
		w.assemble(f, elements)
	}
}

// located is an element of a field and the forms that fit it, the best first.
type located struct {
	element int
	fits    []fits
}

// numberAt gives the forms that fit a label; ok is false where there is nothing to search or nothing fits.
func (w *work) numberAt(f Field, element int) ([]fits, bool) {
	label := f.Label(element)
	values, given := w.given(f, label)
	if given == 0 {
		return nil, false
	}
	if !slices.ContainsFunc(values, func(v *value) bool { return v != nil && !v.blank && !v.num.IsZero() }) {
		w.ask(label, f.Key && w.vital(), 0, note(AskDiffers, "field", label, "count", "0"))
		return nil, false
	}
	var all []fits
	for _, form := range w.numberForms(f, values) {
		all = append(all, w.judgeNumber(form, f, largest(f, values)))
	}
	all = w.rankFits(widest(all))
	if len(all) == 0 {
		w.ask(label, f.Key && w.vital(), 0, note(AskElsewhere, "field", label))
	}
	return all, len(all) > 0
}

// numberForms tries every type, byte order and scale at every offset.
func (w *work) numberForms(f Field, values []*value) []Form {
	usual := scales
	if f.Places < 0 {
		usual = []int32{0}
	}
	var forms []Form
	for at := range w.size {
		if !w.free(at, 1) {
			continue
		}
		for _, big := range []bool{false, true} {
			for _, t := range integers {
				if t.width == 1 && big || t.width == 8 && (w.narrow || f.Places < 0) || !w.free(at, t.width) {
					continue
				}
				forms = w.scaled(forms, Form{At: at, Type: t.name, Big: big}, usual, values)
			}
			for _, t := range []numeric{{"f64", 8}, {"f32", 4}} {
				if w.free(at, t.width) {
					forms = w.scaled(forms, Form{At: at, Type: t.name, Big: big}, []int32{-max(f.Places, 0)}, values)
				}
			}
		}
		for n := 1; n <= 9 && w.free(at, n); n++ {
			forms = w.scaled(forms, Form{At: at, Type: "bcd" + strconv.Itoa(n)}, usual, values)
		}
	}
	return forms
}

// scaled adds the form at the first scale at which all examples agree.
func (w *work) scaled(forms []Form, form Form, usual []int32, values []*value) []Form {
	for _, scale := range usual {
		form.Scale = scale
		if w.agrees(form, values) {
			return append(forms, form)
		}
	}
	return forms
}

func (w *work) agrees(form Form, values []*value) bool {
	for i, v := range values {
		if v == nil {
			continue
		}
		got, ok := amount(w.cards[i].raw, form)
		if !ok || !got.Equal(v.num) { // what was left blank on the screen is 0
			return false
		}
	}
	return true
}

const hundred = 100

// largest bounds what a sensible value is: an amount below a thousand millions, a count not much above the examples'.
func largest(f Field, values []*value) decimal.Decimal {
	if f.Places >= 0 {
		return decimal.New(1, 9)
	}
	most := decimal.New(1, 5)
	for _, v := range values {
		if v != nil && v.num.Abs().Shift(2).GreaterThan(most) {
			most = v.num.Abs().Shift(2)
		}
	}
	return most
}

func (w *work) judgeNumber(form Form, f Field, largest decimal.Decimal) fits {
	good, seen := 0, map[string]bool{}
	for _, c := range w.sample {
		v, ok := amount(c.raw, form)
		if !ok || v.Abs().GreaterThan(largest) {
			continue
		}
		if isReal(form) {
			if exact, _ := real(c.raw, form); !close(exact, v.InexactFloat64()) {
				continue
			}
		}
		good++
		if len(seen) < hundred {
			seen[v.String()] = true
		}
	}
	x := fits{form: form, sensible: float64(good) / float64(max(len(w.sample), 1)), distinct: len(seen)}
	if f.Places >= 0 && form.Scale == -f.Places {
		x.bonus++
	}
	return x
}

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

func (w *work) sampled(x fits) Note {
	total := len(w.sample)
	return note(WhySample, "good", strconv.Itoa(int(x.sensible*float64(total)+0.5)), "total", strconv.Itoa(total))
}

// certainty says how far the first of several forms may be believed, and asks what would tell them apart.
func (w *work) certainty(label string, all []fits, blocking bool) (Confidence, []Form) {
	var others []Form
	for _, x := range all[1:] {
		others = append(others, x.form)
	}
	switch {
	case len(others) == 0 && all[0].sensible >= 0.98:
		return Sure, nil
	case len(others) == 0:
		return Likely, nil
	}
	card := w.apart(all[0].form, all[1].form)
	w.ask(label, blocking && card != 0, card, note(AskDiffers, "field", label, "count", strconv.Itoa(len(all))))
	if card == 0 { // so far it doesn't matter which of them it is
		return Likely, others
	}
	if all[0].bonus > all[1].bonus || all[0].sensible > all[1].sensible+0.01 {
		return Likely, others
	}
	return Guess, others
}

// apart gives a card of the sample that has other values at two places, 0 if there is none.
func (w *work) apart(a, b Form) int32 {
	for _, c := range w.sample {
		if a.Type == "date" {
			x, _ := day(c.raw, a)
			y, _ := day(c.raw, b)
			if !x.Equal(y) {
				return w.position(c.ordinal)
			}
			continue
		}
		x, _ := amount(c.raw, a)
		y, _ := amount(c.raw, b)
		if !x.Equal(y) {
			return w.position(c.ordinal)
		}
	}
	return 0
}
