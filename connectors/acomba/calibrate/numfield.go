package calibrate

import (
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
