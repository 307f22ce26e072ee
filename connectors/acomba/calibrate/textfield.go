package calibrate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// solvedText is a text, or an element of an array of texts, by where it begins.
type solvedText struct {
	field   Field
	element int
	at      int
	matches int // examples that show it there
	given   int // examples that have one
	others  []int
}

// texts finds where each text of the examples begins on their cards.
func (w *work) texts() {
	for _, f := range catalogue[w.table] {
		if f.Kind != Text {
			continue
		}
		for i := range f.Count {
			w.textAt(f, i)
		}
	}
	for _, t := range w.solved {
		for i, c := range w.cards {
			if typed := w.examples[i].Values[t.field.Label(t.element)]; c.raw != nil && typed != "" {
				if n := w.spelled(c.raw, t.at, typed); n > 0 {
					w.claim(t.field.Name, t.at, n)
				}
			}
		}
	}
}

// textAt finds one text: the offset where the most examples have it, followed by padding before others.
func (w *work) textAt(f Field, element int) {
	label := f.Label(element)
	values, given := w.given(f, label)
	if given == 0 {
		return
	}
	matches, bounded := map[int]int{}, map[int]int{}
	for i, v := range values {
		if v == nil || v.blank {
			continue
		}
		forms := spellings(v.text)
		for at := range w.size {
			if n := spelledAs(w.cards[i].raw, at, forms); n > 0 {
				matches[at]++
				if end := at + n; end == w.size || w.cards[i].raw[end] < '0' {
					bounded[at]++
				}
			}
		}
	}
	best := make([]int, 0, len(matches))
	for at := range matches {
		best = append(best, at)
	}
	better := func(a, b int) int {
		return cmp.Or(cmp.Compare(matches[b], matches[a]), cmp.Compare(bounded[b], bounded[a]))
	}
	slices.SortFunc(best, func(a, b int) int { return cmp.Or(better(a, b), cmp.Compare(a, b)) })
	if len(best) == 0 || 3*matches[best[0]] < 2*given {
		w.ask(label, false, 0, note(AskElsewhere, "field", label))
		return
	}
	s := solvedText{field: f, element: element, at: best[0], matches: matches[best[0]], given: given}
	for _, at := range best[1:] {
		if better(at, best[0]) == 0 && len(s.others) < 8 {
			s.others = append(s.others, at)
		}
	}
	w.solved = append(w.solved, s)
}

// spelled gives how many bytes a text takes at an offset of a card, 0 if it isn't there in any code page.
func (w *work) spelled(raw []byte, at int, text string) int {
	return spelledAs(raw, at, spellings(text))
}

func spelledAs(raw []byte, at int, forms []spelling) int {
	for _, s := range forms {
		if s.pages != inUTF16 && len(s.bytes) > 0 && at+len(s.bytes) <= len(raw) && string(raw[at:at+len(s.bytes)]) == string(s.bytes) {
			return len(s.bytes)
		}
	}
	return 0
}

// settle gives a text whose place is open the one that no other text has, and asks about the others.
func (w *work) settle() {
	taken := map[int]bool{}
	for _, t := range w.solved {
		if len(t.others) == 0 {
			taken[t.at] = true
		}
	}
	for i := range w.solved {
		t := &w.solved[i]
		if len(t.others) == 0 {
			continue
		}
		all := slices.DeleteFunc(append([]int{t.at}, t.others...), func(at int) bool { return taken[at] })
		if len(all) > 0 {
			t.at, t.others = all[0], all[1:]
		}
		taken[t.at] = true
		if len(t.others) > 0 {
			label := t.field.Label(t.element)
			w.ask(label, t.field.Key && w.vital(), w.differing(t.at, t.others[0], 12), note(AskDiffers, "field", label, "count", strconv.Itoa(1+len(t.others))))
		}
	}
}

// differing gives a card of the sample that has other bytes at two offsets, 0 if there is none.
func (w *work) differing(a, b, n int) int32 {
	for _, c := range w.sample {
		if a+n <= w.size && b+n <= w.size && string(c.raw[a:a+n]) != string(c.raw[b:b+n]) {
			return w.position(c.ordinal)
		}
	}
	return 0
}

// textFields makes fields of the texts: arrays are put together, length, padding and prefix are told by the sample.
func (w *work) textFields() {
	w.settle()
	for _, f := range catalogue[w.table] {
		var elements []solvedText
		for _, t := range w.solved {
			if t.field.Name == f.Name && t.field.Kind == Text {
				elements = append(elements, t)
			}
		}
		if len(elements) > 0 {
			w.textField(f, elements)
		}
	}
}

func (w *work) textField(f Field, elements []solvedText) {
	first, count, gap := w.array(f, elements)
	prefix, big := w.prefix(first)
	limit := w.nextStart(first, count, gap) - prefix
	if count > 1 {
		limit = min(limit, first+gap-prefix)
	}
	end, known := w.extent(first, limit, w.typed(elements), prefix, big)
	form := Form{At: first - prefix, Type: "str" + strconv.Itoa(end-first), Count: count, LenPrefix: prefix, Big: big && prefix == 2, Pad: w.padding(first, end, prefix, big)}
	if size := end - first + prefix; count > 1 && gap != size {
		form.Stride = gap
	}
	for i := range count {
		w.claimText(f.Name, first+i*gap, end+i*gap, prefix, big)
	}
	found := FoundField{Name: f.Name, Form: form, Key: f.Key, Confidence: Sure}
	matches, given := 0, 0
	for _, t := range elements {
		matches, given = matches+t.matches, given+t.given
		for _, at := range t.others {
			if count == 1 {
				found.Others = append(found.Others, Form{At: at - prefix, Type: form.Type, Count: 1, Pad: form.Pad, LenPrefix: prefix, Big: form.Big})
			}
			found.Confidence = Guess
		}
	}
	if matches < given || given < 2 || !known {
		found.Confidence = lower(found.Confidence, Likely)
	}
	found.Why = []Note{note(WhyMatches, "count", strconv.Itoa(matches))}
	if !known {
		found.Why = append(found.Why, note(WhyAssumed, "field", f.Name))
	}
	w.found.Fields = append(w.found.Fields, found)
}

// typed gives the bytes of the longest text that an example has of a field.
func (w *work) typed(elements []solvedText) (n int) {
	for _, t := range elements {
		for i, c := range w.cards {
			if typed := strings.TrimSpace(w.examples[i].Values[t.field.Label(t.element)]); c.raw != nil && typed != "" {
				n = max(n, w.spelled(c.raw, t.at, typed))
			}
		}
	}
	return n
}

func lower(a, b Confidence) Confidence {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// textLength gives the bytes of text of a field; ok is false where it is none.
func textLength(f Form) (n int, ok bool) {
	digits, ok := strings.CutPrefix(f.Type, "str")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}

// resize makes a text another length; the elements of an array stay where they are.
func (f *Form) resize(n int) {
	if old, _ := textLength(*f); f.Count > 1 && f.Stride == 0 && old != n {
		f.Stride = old + f.LenPrefix
	}
	f.Type = "str" + strconv.Itoa(n)
}
