package calibrate

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
)

// choices finds all fields of codes: a byte that is the same wherever the examples have the same token, and another where
// they have another.
func (w *work) choices() {
	for _, f := range catalogue[w.table] {
		if f.Kind != Choice {
			continue
		}
		values, given := w.given(f, f.Name)
		if given == 0 {
			continue
		}
		var all []fits
		for at := range w.size {
			if w.free(at, 1) {
				if x, ok := w.coded(f, at, values); ok {
					all = append(all, x)
				}
			}
		}
		w.takeChoice(f, all, given)
	}
}

func (w *work) takeChoice(f Field, all []fits, given int) {
	slices.SortFunc(all, func(a, b fits) int {
		return cmp.Or(cmp.Compare(b.bonus, a.bonus), cmp.Compare(band(b.sensible), band(a.sensible)), cmp.Compare(a.form.At, b.form.At))
	})
	if len(all) == 0 {
		w.ask(f.Name, false, 0, note(AskElsewhere, "field", f.Name))
		return
	}
	all = slices.DeleteFunc(all, func(x fits) bool { return x.bonus < all[0].bonus || band(x.sensible) < band(all[0].sensible)-2 })
	all = all[:min(len(all), 9)]
	best := all[0]
	if best.bonus == 0 && len(best.form.Map) < 2 { // any byte that is the same everywhere would do
		w.ask(f.Name, false, 0, note(AskDiffers, "field", f.Name, "count", strconv.Itoa(len(all))))
		return
	}
	conf, others := w.certainty(f.Name, all, false)
	why := []Note{note(WhyMatches, "count", strconv.Itoa(given)), w.sampled(best)}
	if best.bonus > 0 {
		why = append(why, note(WhyCode, "field", f.Name))
	}
	best.form.Map = f.filled(best.form.Map)
	w.claim(f.Name, best.form.At, 1)
	w.found.Fields = append(w.found.Fields, FoundField{Name: f.Name, Form: best.form, Confidence: conf, Others: others, Why: why})
}

// askCodes asks about codes of the sample that no example has.
func (w *work) askCodes() {
	for _, f := range w.found.Fields {
		if len(f.Form.Map) == 0 {
			continue
		}
		asked := map[byte]bool{}
		for _, c := range w.sample {
			b := c.raw[f.Form.At]
			if f.Form.Map[int64(b)] == "" && !asked[b] && len(asked) < 8 && w.used(c.raw) && w.position(c.ordinal) >= w.found.DataFrom {
				asked[b] = true
				w.ask(f.Name, false, w.position(c.ordinal), note(AskCode, "field", f.Name, "code", strconv.Itoa(int(b))))
			}
		}
	}
}

// coded says whether a byte can be the code of the examples' tokens.
func (w *work) coded(f Field, at int, values []*value) (fits, bool) {
	tokens, codes := map[int64]string{}, map[string]int64{}
	for i, v := range values {
		if v == nil || v.blank {
			continue
		}
		raw := int64(w.cards[i].raw[at])
		token, seen := tokens[raw]
		code, known := codes[v.text]
		if seen && token != v.text || known && code != raw {
			return fits{}, false
		}
		tokens[raw], codes[v.text] = v.text, raw
	}
	x := fits{form: Form{At: at, Type: "u8", Map: tokens}}
	for token, code := range codes {
		if public, ok := f.codes[token]; ok && public == code && code != 0 {
			x.bonus++
		}
	}
	good, distinct := 0, map[byte]bool{}
	sensible := f.filled(tokens)
	for _, c := range w.sample {
		distinct[c.raw[at]] = true
		if sensible[int64(c.raw[at])] != "" {
			good++
		}
	}
	x.sensible, x.distinct = float64(good)/float64(max(len(w.sample), 1)), len(distinct)
	return x, len(tokens) > 0 && len(distinct) <= 3*len(f.Choices)+2 && x.sensible >= 0.3
}

// filled adds the codes that public sources tell, where the examples agree with those of theirs.
func (f Field) filled(tokens map[int64]string) map[int64]string {
	all := maps.Clone(tokens)
	for raw, token := range tokens {
		if public, ok := f.codes[token]; ok && public != raw {
			return all
		}
	}
	known := slices.Collect(maps.Values(tokens))
	for token, code := range f.codes {
		if all[code] == "" && !slices.Contains(known, token) {
			all[code] = token
		}
	}
	return all
}

// statusField and activeField are the two that no one reads off a screen.
const (
	statusField = "status"
	activeField = "active"
)

// statusAt is a place and codes of the status.
type statusAt struct {
	at             int
	inUse, deleted []int64
	conf           Confidence
	why            Note
}

// status finds the byte that tells cards in use from deleted ones: by deleted examples, by a comparison, or where another
// table has it. It gives nil where nothing tells.
func (w *work) status(changes []Comparison, others []statusAt) *statusAt {
	var best *statusAt
	switch {
	case len(w.fromChanges(changes)) > 0:
		best = &w.fromChanges(changes)[0]
	case len(w.fromDeleted()) > 0:
		all := w.fromDeleted()
		if best = &all[0]; len(all) > 1 {
			best.conf = Likely
		}
	default:
		for _, o := range others {
			if w.constant(o.at, o.inUse) {
				best = &statusAt{at: o.at, inUse: o.inUse, deleted: o.deleted, conf: Likely, why: note(WhyAssumed, "field", statusField)}
				break
			}
		}
	}
	if best == nil {
		return nil
	}
	w.claim(statusField, best.at, 1)
	w.found.InUse, w.found.Deleted = best.inUse, best.deleted
	w.found.Fields = append(w.found.Fields, FoundField{Name: statusField, Form: Form{At: best.at, Type: "u8"}, Confidence: best.conf, Why: []Note{best.why}})
	return best
}

// constant says whether the examples that are in use have one of the codes at an offset, and most cards do.
func (w *work) constant(at int, codes []int64) bool {
	if at >= w.size || !w.free(at, 1) {
		return false
	}
	for i, c := range w.cards {
		if c.raw != nil && !w.deleted[i] && !slices.Contains(codes, int64(c.raw[at])) {
			return false
		}
	}
	good := 0
	for _, c := range w.sample {
		if slices.Contains(codes, int64(c.raw[at])) {
			good++
		}
	}
	return 2*good >= len(w.sample)
}

// fromChanges takes the byte that a deletion changed, and no other edit did: a counter moves with each.
func (w *work) fromChanges(changes []Comparison) (all []statusAt) {
	for _, c := range changes {
		for _, m := range c.Moves {
			if m.Table == w.table && m.Meaning == MeansStatus && m.From != nil && m.To != nil && !w.movesElse(changes, m.At) && w.constant(m.At, []int64{*m.From}) {
				all = append(all, statusAt{m.At, []int64{*m.From}, []int64{*m.To}, Sure, note(WhyChanged, "field", statusField)})
			}
		}
	}
	return all
}

// movesElse says whether an edit that is no deletion changed a byte of a card.
func (w *work) movesElse(changes []Comparison, at int) bool {
	for _, c := range changes {
		for _, m := range c.Moves {
			if c.Edit.Kind != EditDelete && m.Table == w.table && m.At >= 0 && m.At <= at && at < m.At+int(min(m.Len, maxCard)) {
				return true
			}
		}
	}
	return false
}

// fromDeleted takes the bytes in which all deleted examples differ from all others, which agree, as do most cards. A
// status of 0 comes first: the public samples keep the cards that have it.
func (w *work) fromDeleted() (all []statusAt) {
	for at := range w.size {
		if !w.free(at, 1) {
			continue
		}
		in, out := map[byte]bool{}, map[byte]bool{}
		for i, c := range w.cards {
			switch {
			case c.raw == nil:
			case w.deleted[i]:
				out[c.raw[at]] = true
			default:
				in[c.raw[at]] = true
			}
		}
		if len(in) != 1 || len(out) == 0 {
			continue
		}
		code := int64(slices.Collect(maps.Keys(in))[0])
		if out[byte(code)] || !w.constant(at, []int64{code}) || w.spread8(at) > 8 {
			continue
		}
		s := statusAt{at: at, inUse: []int64{code}, conf: Sure, why: note(WhyExamples, "count", strconv.Itoa(len(out)), "size", strconv.Itoa(w.size))}
		for _, b := range slices.Sorted(maps.Keys(out)) {
			s.deleted = append(s.deleted, int64(b))
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b statusAt) int {
		return cmp.Or(cmp.Compare(min(a.inUse[0], 1), min(b.inUse[0], 1)), cmp.Compare(w.spread8(a.at), w.spread8(b.at)), cmp.Compare(a.at, b.at))
	})
	return all
}

// spread8 counts the values of a byte in the sample.
func (w *work) spread8(at int) int {
	seen := map[byte]bool{}
	for _, c := range w.sample {
		seen[c.raw[at]] = true
	}
	return len(seen)
}

// active finds the byte that is 1 on active cards and 0 on the others.
func (w *work) active(changes []Comparison, others []int) (at int, ok bool) {
	conf, why := Sure, note(WhyMatches, "count", strconv.Itoa(len(w.cards)))
	fitting := w.activeBytes()
	inactive := slices.ContainsFunc(w.examples, func(e Example) bool { return e.Inactive })
	at = -1
	for _, c := range changes {
		for _, m := range c.Moves {
			if m.Table == w.table && m.Meaning == MeansActive && slices.Contains(fitting, m.At) {
				at, why = m.At, note(WhyChanged, "field", activeField)
			}
		}
	}
	for _, o := range others {
		if at < 0 && slices.Contains(fitting, o) {
			at = o
			if !inactive {
				conf, why = Likely, note(WhyAssumed, "field", activeField)
			}
		}
	}
	if at < 0 && inactive && len(fitting) > 0 {
		if at = fitting[0]; len(fitting) > 1 {
			conf = Likely
			w.ask(activeField, false, 0, note(AskDiffers, "field", activeField, "count", strconv.Itoa(len(fitting))))
		}
	}
	if at < 0 {
		return 0, false
	}
	w.claim(activeField, at, 1)
	w.found.Fields = append(w.found.Fields, FoundField{Name: activeField, Form: Form{At: at, Type: "u8", As: "bool"}, Confidence: conf, Why: []Note{why}})
	return at, true
}

// activeBytes lists the bytes that are 0 or 1 throughout and agree with the examples.
func (w *work) activeBytes() (all []int) {
	if !slices.ContainsFunc(w.cards, func(c cardBytes) bool { return c.raw != nil }) {
		return nil
	}
	for at := range w.size {
		ok := w.free(at, 1)
		for i, c := range w.cards {
			if ok && c.raw != nil && !w.deleted[i] {
				want := byte(1)
				if w.examples[i].Inactive {
					want = 0
				}
				ok = c.raw[at] == want
			}
		}
		good := 0
		for _, c := range w.sample {
			if ok && c.raw[at] <= 1 {
				good++
			}
		}
		if ok && 50*good >= 49*len(w.sample) {
			all = append(all, at)
		}
	}
	return all
}
