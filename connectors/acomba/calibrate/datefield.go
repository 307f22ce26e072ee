package calibrate

import (
	"slices"
	"strconv"
	"time"
)

// usualBases are the days that programs count from.
var usualBases = []time.Time{delphiZero, delphiZero.AddDate(0, 0, 1), delphiZero.AddDate(0, 0, 2), date(1970, 1, 1), date(1980, 1, 1),
	date(1904, 1, 1), date(1800, 12, 28), date(1, 1, 1), date(1582, 10, 15)}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// dates finds all fields of the kind Date.
func (w *work) dates() {
	for _, f := range catalogue[w.table] {
		if f.Kind != Date {
			continue
		}
		values, given := w.given(f, f.Name)
		if given == 0 {
			continue
		}
		var all []fits
		for _, form := range w.dateForms(values) {
			all = append(all, w.judgeDate(form))
		}
		if all = w.rankFits(all); len(all) == 0 {
			w.ask(f.Name, false, 0, note(AskElsewhere, "field", f.Name))
			continue
		}
		conf, others := w.certainty(f.Name, all, false)
		w.claim(f.Name, all[0].form.At, width(all[0].form))
		w.found.Fields = append(w.found.Fields, FoundField{Name: f.Name, Form: all[0].form, Confidence: conf, Others: others,
			Why: []Note{note(WhyMatches, "count", strconv.Itoa(given)), w.sampled(all[0])}})
	}
}

// dateForms tries every encoding and byte order at every offset.
func (w *work) dateForms(values []*value) []Form {
	var forms []Form
	for at := range w.size {
		for _, big := range []bool{false, true} {
			for _, enc := range []string{"ymd32", "delphi_f64", "dos16", "str_yyyymmdd"} {
				form := Form{At: at, Type: "date", Enc: enc, Big: big}
				if big && enc == "str_yyyymmdd" || !w.free(at, width(form)) {
					continue
				}
				if w.dated(form, values) {
					forms = append(forms, form)
				}
			}
			if base, ok := w.base(at, big, values); ok {
				form := Form{At: at, Type: "date", Enc: "days_since:" + base.Format(time.DateOnly), Big: big}
				if w.dated(form, values) {
					forms = append(forms, form)
				}
			}
		}
	}
	return forms
}

func (w *work) dated(form Form, values []*value) bool {
	for i, v := range values {
		if v == nil {
			continue
		}
		if got, ok := day(w.cards[i].raw, form); !ok || !got.Equal(v.day) {
			return false
		}
	}
	return true
}

// base gives the day from which the integers at an offset count the dates of the examples. With one date only, it must be
// a usual one.
func (w *work) base(at int, big bool, values []*value) (time.Time, bool) {
	if !w.free(at, 4) {
		return time.Time{}, false
	}
	var base time.Time
	days := map[time.Time]bool{}
	for i, v := range values {
		if v == nil || v.blank {
			continue
		}
		n, _ := whole(w.cards[i].raw, Form{At: at, Type: "i32", Big: big})
		if n == 0 || n > 2_000_000 || n < -2_000_000 {
			return time.Time{}, false
		}
		b := v.day.AddDate(0, 0, -int(n))
		if !base.IsZero() && !b.Equal(base) {
			return time.Time{}, false
		}
		base, days[v.day] = b, true
	}
	known := slices.ContainsFunc(usualBases, base.Equal)
	return base, !base.IsZero() && base.Year() >= 1 && (known || len(days) >= 2)
}

func (w *work) judgeDate(form Form) fits {
	good, seen := 0, map[time.Time]bool{}
	for _, c := range w.sample {
		if v, ok := day(c.raw, form); ok {
			good++
			if len(seen) < hundred {
				seen[v] = true
			}
		}
	}
	x := fits{form: form, sensible: float64(good) / float64(max(len(w.sample), 1)), distinct: len(seen)}
	base, err := time.Parse("days_since:"+time.DateOnly, form.Enc)
	if err != nil || slices.ContainsFunc(usualBases, base.Equal) {
		x.bonus = 1
	}
	return x
}
