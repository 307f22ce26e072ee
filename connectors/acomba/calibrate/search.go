package calibrate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

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

// several counts the examples that are on more than one card: these say nothing of fields.
func (w *work) several() (n int) {
	for _, at := range w.at {
		if len(at) > 1 {
			n++
		}
	}
	return n
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
	if n := w.several(); n > 0 && w.table != Lines {
		w.ask("", false, 0, note(AskSeveral, "count", strconv.Itoa(n)))
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
