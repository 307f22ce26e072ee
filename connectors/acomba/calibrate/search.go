package calibrate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors/acomba/layout"
)

// most are how many files are kept in mind for a table.
const most = 3

// search is one Search at work.
type search struct {
	ctx      context.Context
	view     View
	examples map[Table][]Example // lines apart from their documents
	owners   []int               // by line: its document
	spreads  map[Table][]*spread // by table: where it may lie, the best first
	tables   map[Table]*work
	step     map[string]int64 // by file: what it grew by
	big      bool             // numbers that could be either are read with the most significant byte first
	narrow   bool             // amounts that could be either are four bytes
	headers  map[Table]int64  // longer than a card, where that is known; the first card is then 1
	asks     []Ask
}

// Search finds the examples in the files of the latest snapshot, and from there card sizes and fields. What it finds is
// kept. It takes as long as reading all files once, and looked-up tables once more.
func (s *Session) Search(ctx context.Context, progress Progress) (Findings, error) {
	if !s.work.TryLock() {
		return Findings{}, ErrBusy
	}
	defer s.work.Unlock()
	view := s.View()
	shot, err := view.latest()
	if err != nil {
		return Findings{}, err
	}
	q := &search{ctx: ctx, view: view, spreads: map[Table][]*spread{}, tables: map[Table]*work{}, step: map[string]int64{}, headers: map[Table]int64{}}
	q.spreadLines()
	if err := q.hunt(s.files(shot), progress); err != nil {
		return Findings{}, fmt.Errorf("search examples: %w", err)
	}
	asks := slices.Clone(q.asks)
	if err := q.solve(); err != nil {
		return Findings{}, fmt.Errorf("search examples: %w", err)
	}
	if q.learn() { // once more, with what is known now
		q.asks, q.tables = asks, map[Table]*work{}
		if err := q.solve(); err != nil {
			return Findings{}, fmt.Errorf("search examples: %w", err)
		}
	}
	found := q.findings()
	return found, s.update(func(v *View) error {
		v.Findings, v.Draft = &found, nil
		return nil
	})
}

// spreadLines makes a table of the lines of all documents.
func (q *search) spreadLines() {
	q.examples = map[Table][]Example{}
	for t, all := range q.view.Examples {
		q.examples[t] = all
	}
	for i, d := range q.view.Examples[Documents] {
		for _, line := range d.Lines {
			q.examples[Lines] = append(q.examples[Lines], line)
			q.owners = append(q.owners, i)
		}
	}
	q.examples[Lines] = q.examples[Lines][:min(len(q.owners), 10*maxExamples)]
}

// hunt streams all files and keeps for each table where it may lie.
func (q *search) hunt(files []*file, progress Progress) error {
	h := newHunt(q.examples)
	var total, done int64
	for _, f := range files {
		total += f.Size
	}
	for _, f := range files {
		seen := FileSeen{Path: f.Path}
		seen.grew(q.view.Snapshots)
		q.step[f.Path] = seen.Step
		found, err := h.search(q.ctx, f, func(at int64) { tell(progress, f.Path, done+at, total) })
		if ends(q.ctx, err) {
			return err
		}
		if err != nil {
			q.asks = append(q.asks, Ask{Note: note(AskUnreadable, "file", f.Path)})
		}
		done += f.Size
		for _, t := range Tables() {
			if chosen := q.view.Chosen[t]; len(q.examples[t]) == 0 || len(found) == 0 || chosen.File != "" && chosen.File != f.Path {
				continue
			}
			for _, pages := range []pageSet{inCP850 | in1252, inUTF16} {
				if s := spreadOf(f, t, q.examples[t], h, found, pages); s != nil {
					q.keep(s)
				}
			}
		}
	}
	return nil
}

func (q *search) keep(s *spread) {
	all := append(q.spreads[s.table], s)
	slices.SortStableFunc(all, func(a, b *spread) int { return cmp.Compare(b.score, a.score) })
	q.spreads[s.table] = all[:min(len(all), most)]
}

// solve goes through the tables, what others refer to first, and ends with what takes several of them.
func (q *search) solve() error {
	for _, t := range Tables() {
		if len(q.examples[t]) == 0 || t == Lines {
			continue
		}
		w, err := q.begin(t)
		if ends(q.ctx, err) {
			return err
		}
		if w == nil || err != nil {
			continue
		}
		q.tables[t] = w
		q.fields(w)
	}
	if err := q.lines(); ends(q.ctx, err) {
		return err
	}
	q.states()
	return q.ctx.Err()
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

// begin places a table and reads its cards; nil where it isn't found.
func (q *search) begin(t Table) (*work, error) {
	all := slices.DeleteFunc(slices.Clone(q.spreads[t]), func(s *spread) bool { return q.taken(s.file) })
	n := len(q.examples[t])
	if n < 3 && t != Lines {
		q.asks = append(q.asks, Ask{Table: t, Note: note(AskExamples, "count", strconv.Itoa(3-n))})
	}
	if len(all) == 0 {
		q.asks = append(q.asks, Ask{Table: t, Note: note(AskNoFile), Blocking: t == Customers})
		return nil, nil
	}
	best := all[0]
	if best.utf16 {
		q.asks = append(q.asks, Ask{Table: t, Note: note(AskUTF16, "file", best.file.Path), Blocking: true})
		return nil, nil
	}
	p, err := best.place(q.ctx, q.step[best.file.Path], q.view.Chosen[t].CardSize)
	if err != nil {
		q.asks = append(q.asks, Ask{Table: t, Note: note(AskUnreadable, "file", best.file.Path), Blocking: t == Customers})
		return nil, err
	}
	if p == nil {
		q.asks = append(q.asks, Ask{Table: t, Note: note(AskNoFile), Blocking: t == Customers})
		return nil, nil
	}
	if header, known := q.headers[t]; known {
		p.header = header
	}
	w, err := begin(q.ctx, p, q.examples[t])
	if w != nil {
		_, w.numbered = q.headers[t]
		w.big, w.narrow = q.big, q.narrow
	}
	if err != nil {
		q.asks = append(q.asks, Ask{Table: t, Note: note(AskUnreadable, "file", best.file.Path), Blocking: t == Customers})
		return nil, err
	}
	q.doubts(w, all)
	return w, nil
}

// taken says whether another table lies in a file.
func (q *search) taken(f *file) bool {
	return slices.ContainsFunc(q.inOrder(), func(w *work) bool { return w.file == f })
}

// doubts asks about what is open in a table's place.
func (q *search) doubts(w *work, all []*spread) {
	for _, other := range all[1:] {
		if other.score >= 0.95*all[0].score && !other.utf16 {
			w.found.Others = append(w.found.Others, Place{File: other.file.Path, Examples: other.examples()})
		}
	}
	if len(w.found.Others) > 0 {
		w.found.Confidence = Guess
		w.ask("", true, 0, note(AskWhichFile, "count", strconv.Itoa(1+len(w.found.Others))))
	}
	if missing := len(q.examples[w.table]) - w.spread.examples(); missing > 0 && w.table != Lines {
		w.ask("", false, 0, note(AskNotFound, "count", strconv.Itoa(missing)))
	}
	if w.far {
		w.ask("", w.conf == Guess, 0, note(AskFar, "size", strconv.Itoa(w.size)))
	}
}

// fields finds the fields of a table.
func (q *search) fields(w *work) {
	w.texts()
	w.textFields()
	w.pages()
	w.status(q.view.Changes, nil)
	w.dates()
	w.numbers()
	w.pointers(q.known)
	w.choices()
}

// known gives where cards of another table are.
func (q *search) known(t Table, keys []string) (map[string]int64, *work) {
	target := q.tables[t]
	if target == nil {
		return nil, nil
	}
	at, err := target.ordinals(q.ctx, keys)
	if err != nil {
		return nil, nil
	}
	return at, target
}

// states finds status and active flag, first in the tables that have examples of them, then where the others have them.
func (q *search) states() {
	var known []statusAt
	var flags []int
	for _, w := range q.inOrder() {
		if w.found.Field(statusField) != nil {
			x := w.found.Field(statusField)
			known = append(known, statusAt{at: x.Form.At, inUse: w.found.InUse, deleted: w.found.Deleted})
		}
	}
	for _, w := range q.inOrder() {
		if w.found.Field(statusField) == nil && w.status(nil, known) == nil {
			w.ask(statusField, w.table == Customers || len(known) == 0, 0, note(AskDeleted))
		}
	}
	for _, told := range []bool{true, false} {
		for _, w := range q.inOrder() {
			knows := slices.ContainsFunc(w.examples, func(e Example) bool { return e.Inactive }) || slices.ContainsFunc(q.view.Changes, func(c Comparison) bool {
				return c.Edit.Kind == EditInactive && c.Edit.Table == w.table
			})
			if w.found.Field(activeField) != nil || knows != told {
				continue
			}
			if at, ok := w.active(q.view.Changes, flags); ok {
				flags = append(flags, at)
			}
		}
	}
	for _, w := range q.inOrder() {
		w.trim()
		w.control()
		w.askCodes()
	}
}

func (q *search) inOrder() (all []*work) {
	for _, t := range Tables() {
		if w := q.tables[t]; w != nil {
			all = append(all, w)
		}
	}
	return all
}

// control tells whether the first card is a control card: an example on it says no; for customers and products the public
// samples say yes; else it is one if its key is no text like the others'.
func (w *work) control() {
	w.found.DataFrom = w.found.FirstCard
	for _, c := range w.cards {
		if c.raw != nil && c.ordinal == 0 {
			return
		}
	}
	raw, err := w.read(context.Background(), 0)
	_, form := w.key()
	record := err == nil && raw != nil && w.record(raw, form)
	if w.table == Customers || w.table == Products || !record {
		w.found.DataFrom++
	}
	w.found.DataFrom = max(w.found.DataFrom, 1)
}

// record says whether a card looks like one that holds a record: its key is there, and a text if it is one, and its codes are those of others.
func (w *work) record(raw []byte, key Form) bool {
	if key.Type == "" {
		return true
	}
	if !w.used(raw) {
		return false
	}
	for _, f := range w.found.Fields {
		if len(f.Form.Map) > 0 && f.Form.Map[int64(raw[f.Form.At])] == "" {
			return false
		}
	}
	if n, ok := textLength(key); ok {
		at := key.At + key.LenPrefix
		end := textEnd(raw, at, at+n, key.LenPrefix, key.Big)
		return end > at && printable(raw[at:end])
	}
	v, ok := amount(raw, key)
	return ok && !v.IsZero()
}

// pages lets the accented letters of the sample and of the examples vote.
func (w *work) pages() {
	for _, f := range w.found.Fields {
		n, ok := textLength(f.Form)
		if !ok {
			continue
		}
		for i := range max(f.Form.Count, 1) {
			at := f.Form.At + f.Form.LenPrefix + i*max(f.Form.Stride, width(f.Form))
			for _, c := range w.sample {
				if at+n <= len(c.raw) {
					w.vote.Add(c.raw[at:textEnd(c.raw, at, at+n, f.Form.LenPrefix, f.Form.Big)])
				}
			}
		}
	}
	var seen pageSet
	for _, t := range w.solved {
		for i, c := range w.cards {
			typed := w.examples[i].Values[t.field.Label(t.element)]
			if c.raw == nil || typed == "" {
				continue
			}
			for _, s := range spellings(typed) {
				if s.pages != inCP850|in1252 && s.pages != inUTF16 && t.at+len(s.bytes) <= w.size && string(c.raw[t.at:t.at+len(s.bytes)]) == string(s.bytes) {
					seen |= s.pages
				}
			}
		}
	}
	page, sure := w.vote.Encoding()
	for _, p := range oneByte {
		switch {
		case seen == p.set:
			w.found.Page = p.name
		case seen == 0 && sure && page == p.name:
			w.found.Page = page
		}
	}
	if w.found.Page != layout.Auto {
		w.found.Why = append(w.found.Why, note(WhyVote, "page", string(w.found.Page)))
	}
}

// findings gathers what the tables tell.
func (q *search) findings() Findings {
	f := Findings{Asks: q.asks}
	accents := false
	for _, t := range Tables() {
		w := q.tables[t]
		if w == nil {
			if len(q.examples[t]) > 0 {
				f.Tables = append(f.Tables, Found{Table: t, Page: layout.Auto, Confidence: Guess})
			}
			continue
		}
		w.found.Cards = int32(w.cardCount())
		f.Tables = append(f.Tables, *w.found)
		f.Asks = append(f.Asks, w.asks...)
		accents = accents || w.found.Page != layout.Auto
	}
	if !accents {
		f.Asks = append(f.Asks, Ask{Note: note(AskPage)})
	}
	return f
}
