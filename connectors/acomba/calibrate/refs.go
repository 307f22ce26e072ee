package calibrate

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
)

// pointers finds the fields of the kind Card: integers that are the positions of the cards that the examples name. known
// gives the ordinals of keys of a table, from 0. Where the number of a table's first card was open, they tell it.
func (w *work) pointers(known func(Table, []string) (map[string]int64, *work)) {
	for _, f := range catalogue[w.table] {
		if f.Kind != Card {
			continue
		}
		values, given := w.given(f, f.Name)
		if given == 0 {
			continue
		}
		var keys []string
		for _, v := range values {
			if v != nil && !v.blank {
				keys = append(keys, v.text)
			}
		}
		ordinals, target := known(f.Of, keys)
		if target == nil {
			w.ask(f.Name, false, 0, note(AskTable, "table", string(f.Of)))
			continue
		}
		w.pointer(f, values, ordinals, target)
	}
}

// want is the ordinal that a card should point to; none is a reference to nothing.
const none = -1

func (w *work) pointer(f Field, values []*value, ordinals map[string]int64, target *work) {
	wanted := make([]*int64, len(values))
	distinct := map[int64]bool{}
	for i, v := range values {
		if v == nil {
			continue
		}
		to := int64(none)
		if !v.blank {
			ordinal, there := ordinals[v.text]
			if !there {
				continue
			}
			to = ordinal
			distinct[to] = true
		}
		wanted[i] = &to
	}
	all := w.pointing(wanted, target)
	if len(all) == 0 || len(distinct) == 0 {
		w.ask(f.Name, false, 0, note(AskElsewhere, "field", f.Name))
		return
	}
	best := all[0]
	conf, others := Sure, []Form(nil)
	if len(all) > 1 {
		conf, others = w.certainty(f.Name, fitsOf(all), false)
	}
	if len(distinct) < 2 {
		conf = lower(conf, Likely)
	}
	if len(distinct) >= 2 && len(all) == 1 {
		target.number(best.first, len(distinct))
	}
	best.form.Ref = target.table
	for i := range others {
		others[i].Ref = target.table
	}
	w.claim(f.Name, best.form.At, 4)
	w.found.Fields = append(w.found.Fields, FoundField{Name: f.Name, Form: best.form, Confidence: conf, Others: others,
		Why: []Note{note(WhyMatches, "count", strconv.Itoa(len(wanted))), w.sampled(best.fits)}})
}

// pointed is a place of a reference, and the position that it gives the target's first card.
type pointed struct {
	fits
	first int32
}

func fitsOf(all []pointed) (out []fits) {
	for _, x := range all {
		out = append(out, x.fits)
	}
	return out
}

// pointing tries both byte orders at every offset: all examples must agree on the position of the target's first card.
func (w *work) pointing(wanted []*int64, target *work) []pointed {
	var all []pointed
	for at := range w.size - 3 {
		if !w.free(at, 4) {
			continue
		}
		for _, big := range []bool{false, true} {
			form := Form{At: at, Type: "cp", Big: big}
			first, ok := w.firstCard(form, wanted, target)
			if !ok {
				continue
			}
			x := w.judgePointer(form, first, target)
			if x.sensible >= 0.9 {
				all = append(all, pointed{x, first})
			}
		}
	}
	slices.SortFunc(all, func(a, b pointed) int {
		return cmp.Or(cmp.Compare(b.bonus, a.bonus), cmp.Compare(band(b.sensible), band(a.sensible)), cmp.Compare(min(b.distinct, 3), min(a.distinct, 3)), w.byOrder(a.form, b.form), cmp.Compare(a.form.At, b.form.At))
	})
	if len(all) > 1 {
		best := all[0].form
		all = append(all[:1], slices.DeleteFunc(all[1:], func(x pointed) bool { return w.same(best, x.form) })...)
	}
	if len(all) > 0 { // those that number the cards otherwise than the best are chance
		all = slices.DeleteFunc(all, func(x pointed) bool { return x.bonus < all[0].bonus || band(x.sensible) < band(all[0].sensible)-1 })
	}
	return all[:min(len(all), 9)]
}

// firstCard gives the position of the target's first card, if all examples agree on it.
func (w *work) firstCard(form Form, wanted []*int64, target *work) (int32, bool) {
	first, seen := int64(0), false
	for i, to := range wanted {
		if to == nil {
			continue
		}
		v, _ := whole(w.cards[i].raw, form)
		if *to == none {
			if v != 0 {
				return 0, false
			}
			continue
		}
		if d := v - *to; v <= 0 || d < -16 || d > 16 || seen && d != first {
			return 0, false
		}
		first, seen = v-*to, true
	}
	if target.numbered && int32(first) != target.found.FirstCard {
		return 0, false
	}
	return int32(first), seen
}

func (w *work) judgePointer(form Form, first int32, target *work) fits {
	good, seen := 0, map[int64]bool{}
	last := int64(first) + target.cardCount()
	for _, c := range w.sample {
		v, _ := whole(c.raw, form)
		if v == 0 || v >= int64(first) && v < last {
			good++
			if len(seen) < hundred {
				seen[v] = true
			}
		}
	}
	x := fits{form: form, sensible: float64(good) / float64(max(len(w.sample), 1)), distinct: len(seen)}
	if first == 1 {
		x.bonus = 1
	}
	return x
}

// number takes the position of the table's first card. One below 1 means that the header is longer than the length of the
// file tells.
func (w *work) number(first int32, count int) {
	if w.numbered {
		return
	}
	w.numbered = true
	if first < 1 {
		w.shifted = true
		over := int64(1 - first)
		w.header += over * int64(w.size)
		for i := range w.cards {
			w.cards[i].ordinal -= over
		}
		w.sample = slices.DeleteFunc(w.sample, func(c cardBytes) bool { return c.ordinal < over })
		for i := range w.sample {
			w.sample[i].ordinal -= over
		}
		w.found.HeaderSize, w.found.Cards = int(w.header), int32(w.cardCount())
		first = 1
	}
	w.found.FirstCard = first
	w.found.Why = append(w.found.Why, note(WhyRefers, "count", strconv.Itoa(count), "file", w.file.Path))
}

// ordinals gives where cards of the table with these keys are, by the examples and, for the others, by a look through the
// whole file. A key that several cards in use have is left out.
func (w *work) ordinals(ctx context.Context, keys []string) (map[string]int64, error) {
	found, again := map[string]int64{}, map[string]bool{}
	name, form := w.key()
	if name == "" {
		return found, nil
	}
	wanted := map[string]bool{}
	for _, k := range keys {
		wanted[k] = true
	}
	for i, e := range w.examples {
		if k := strings.TrimSpace(e.Values[name]); wanted[k] && w.cards[i].raw != nil && !w.deleted[i] {
			found[k] = w.cards[i].ordinal
			delete(wanted, k)
		}
	}
	if len(wanted) == 0 {
		return found, nil
	}
	err := w.each(ctx, func(ordinal int64, raw []byte) {
		if !w.used(raw) {
			return
		}
		for k := range wanted {
			if !w.shows(raw, form, k) {
				continue
			}
			if _, twice := found[k]; twice {
				again[k] = true
			}
			found[k] = ordinal
		}
	})
	for k := range again {
		delete(found, k)
	}
	return found, err
}

// key gives the table's key field, empty while it is not found.
func (w *work) key() (string, Form) {
	for _, f := range catalogue[w.table] {
		if x := w.found.Field(f.Name); f.Key && x != nil {
			return f.Name, x.Form
		}
	}
	return "", Form{}
}

// used says whether a card is in use, as far as that is known.
func (w *work) used(raw []byte) bool {
	x := w.found.Field(statusField)
	if x == nil {
		return true
	}
	v, _ := whole(raw, x.Form)
	return slices.Contains(w.found.InUse, v)
}

// shows says whether a key field holds a key.
func (w *work) shows(raw []byte, form Form, key string) bool {
	if !strings.HasPrefix(form.Type, "str") {
		want, err := parseNumber(key)
		got, ok := amount(raw, form)
		return err == nil && ok && got.Equal(want)
	}
	at := form.At + form.LenPrefix
	end := at + width(form) - form.LenPrefix
	n := w.spelled(raw, at, key)
	if n == 0 || at+n > end {
		return false
	}
	return textEnd(raw, at, end, form.LenPrefix, form.Big) == at+n
}

// each streams all cards of the table.
func (w *work) each(ctx context.Context, visit func(ordinal int64, raw []byte)) error {
	next := int64(0)
	return w.file.walk(ctx, w.size, func(off int64, b []byte) error {
		for next < w.cardCount() {
			at := w.header + next*int64(w.size) - off
			if at < 0 || at+int64(w.size) > int64(len(b)) {
				return nil
			}
			visit(next, b[at:at+int64(w.size)])
			next++
		}
		return nil
	})
}
