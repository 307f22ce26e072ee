package calibrate

import (
	"cmp"
	"encoding/binary"
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
