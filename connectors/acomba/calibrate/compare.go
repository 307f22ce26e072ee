package calibrate

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	maxRanges = 4096 // changed ranges that are looked at
	maxMoves  = 1000 // that are told
	maxSteps  = 4    // by which a counter goes up at one edit
)

// Compare tells what changed between two snapshots whose copies are there, with one edit in Acomba between them. Before
// the first Search it gives offsets in files; after it, cards. What it shows of status and active flag counts in the next
// Search.
func (s *Session) Compare(ctx context.Context, before, after int, edit Edit, progress Progress) (Comparison, error) {
	if !s.work.TryLock() {
		return Comparison{}, ErrBusy
	}
	defer s.work.Unlock()
	view := s.View()
	if edit.Field != "" {
		if _, _, ok := FieldOf(edit.Table, edit.Field); !ok || len(edit.From) > maxValue || len(edit.To) > maxValue {
			return Comparison{}, fmt.Errorf("compare snapshots: %s %s: %w", edit.Table, edit.Field, ErrBadExample)
		}
	}
	a, b := view.snapshot(before), view.snapshot(after)
	if a == nil || b == nil || before == after {
		return Comparison{}, fmt.Errorf("compare snapshots: %w", ErrNoSnapshot)
	}
	c := &comparing{ctx: ctx, edit: edit, at: b.At, found: view.Findings, Comparison: Comparison{Before: before, After: after,
		Edit: Edit{Kind: edit.Kind, Table: edit.Table, Field: edit.Field}}}
	if err := c.files(s.files(*a), s.files(*b), progress); err != nil {
		return Comparison{}, fmt.Errorf("compare snapshots: %w", err)
	}
	c.listing(*a, *b)
	return c.Comparison, s.update(func(v *View) error {
		v.Changes = append(v.Changes, c.Comparison)
		v.Changes = v.Changes[max(0, len(v.Changes)-maxChanges):]
		v.Draft = nil
		return nil
	})
}

func (v *View) snapshot(id int) *Snapshot {
	i := slices.IndexFunc(v.Snapshots, func(s Snapshot) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &v.Snapshots[i]
}

// comparing is a Compare at work.
type comparing struct {
	Comparison
	ctx    context.Context
	edit   Edit
	at     time.Time
	found  *Findings
	ranges int
}

// listing tells which files came and went, and which could not be compared.
func (c *comparing) listing(a, b Snapshot) {
	in := func(s Snapshot, path string) *File {
		i := slices.IndexFunc(s.Files, func(f File) bool { return f.Path == path })
		if i < 0 {
			return nil
		}
		return &s.Files[i]
	}
	for _, f := range b.Files {
		old := in(a, f.Path)
		switch {
		case old == nil && len(c.Appeared) < 50:
			c.Appeared = append(c.Appeared, f.Path)
		case old != nil && (old.Copy == "" || f.Copy == "") && f.Size > 0 && len(c.Unread) < 50:
			c.Unread = append(c.Unread, f.Path)
		}
	}
	for _, f := range a.Files {
		if in(b, f.Path) == nil && len(c.Vanished) < 50 {
			c.Vanished = append(c.Vanished, f.Path)
		}
	}
}

func (c *comparing) files(a, b []*file, progress Progress) error {
	for i, after := range b {
		tell(progress, after.Path, int64(i), int64(len(b)))
		before := fileOf(a, after.Path)
		if before == nil || before.Copy == "" || after.Copy == "" {
			continue
		}
		changed, err := c.changed(before, after)
		if err != nil {
			return fmt.Errorf("%s: %w", after.Path, err)
		}
		if err := c.explain(before, after, changed); err != nil {
			return fmt.Errorf("%s: %w", after.Path, err)
		}
	}
	return nil
}

// span is a range of bytes of a file or a card.
type span struct {
	off int64
	n   int64
}

// changed streams both files and gives the ranges in which they differ, up to the end of the shorter one.
func (c *comparing) changed(a, b *file) (all []span, err error) {
	const step = 256 << 10
	for off := int64(0); off < min(a.Size, b.Size); off += step {
		if err := c.ctx.Err(); err != nil {
			return nil, err
		}
		x, _, err := a.at(c.ctx, off, step)
		if err != nil {
			return nil, err
		}
		y, _, err := b.at(c.ctx, off, step)
		if err != nil {
			return nil, err
		}
		n := min(len(x), len(y))
		if string(x[:n]) == string(y[:n]) {
			continue
		}
		for i := range n {
			at := off + int64(i)
			switch {
			case x[i] == y[i]:
			case len(all) > 0 && all[len(all)-1].off+all[len(all)-1].n == at:
				all[len(all)-1].n++
			case c.ranges == maxRanges:
				c.More = true
				return all, nil
			default:
				c.ranges++
				all = append(all, span{at, 1})
			}
		}
	}
	return all, nil
}

// explain turns the changed ranges of a file into moves, card by card where its cards are known.
func (c *comparing) explain(a, b *file, changed []span) error {
	table := c.tableOf(b.Path)
	for len(changed) > 0 {
		first := changed[0]
		off, n, header := c.around(table, first, min(a.Size, b.Size))
		var here []span
		for len(changed) > 0 && changed[0].off < off+n {
			x := changed[0]
			if over := x.off + x.n - (off + n); over > 0 { // goes on in the next card
				x.n -= over
				changed[0] = span{off + n, over}
			} else {
				changed = changed[1:]
			}
			here = append(here, span{x.off - off, x.n})
		}
		x, _, err := a.at(c.ctx, off, int(n))
		if err != nil {
			return err
		}
		y, _, err := b.at(c.ctx, off, int(n))
		if err != nil {
			return err
		}
		e := explaining{comparing: c, before: x, after: y, left: here, base: Move{File: b.Path, At: -1}, off: off}
		if table != nil && !header {
			e.base.Table, e.card = table.Table, true
			e.base.Position = int32((off-int64(table.HeaderSize))/int64(table.CardSize)) + table.FirstCard
			e.cards = 0
		} else if table != nil {
			e.cards = (b.Size - int64(table.HeaderSize)) / int64(table.CardSize)
		}
		e.run()
	}
	if a.Size != b.Size {
		m := Move{File: b.Path, Offset: min(a.Size, b.Size), Len: max(a.Size, b.Size) - min(a.Size, b.Size), At: -1, Meaning: MeansNew}
		if table != nil {
			m.Table = table.Table
		}
		c.tell(m)
	}
	return nil
}

func (c *comparing) tableOf(path string) *Found {
	if c.found == nil {
		return nil
	}
	for i, f := range c.found.Tables {
		if f.File == path && f.CardSize > 0 {
			return &c.found.Tables[i]
		}
	}
	return nil
}

// around gives the card that a range begins in, the header, or without a table the bytes around it.
func (c *comparing) around(t *Found, s span, size int64) (off, n int64, header bool) {
	if t == nil {
		off = max(0, s.off-64)
		return off, min(size-off, max(s.n+192, 256)), false
	}
	if s.off < int64(t.HeaderSize) {
		return 0, min(int64(t.HeaderSize), size), true
	}
	off = s.off - (s.off-int64(t.HeaderSize))%int64(t.CardSize)
	return off, min(int64(t.CardSize), size-off), false
}

func (c *comparing) tell(m Move) {
	if len(c.Moves) == maxMoves {
		c.More = true
		return
	}
	c.Moves = append(c.Moves, m)
}

// explaining is one card, or piece of a file, before and after.
type explaining struct {
	*comparing
	before, after []byte
	left          []span // changed and not explained yet
	base          Move
	off           int64
	card          bool
	cards         int64 // of the file, where this is its header
	from, to      []spelling
}

func (e *explaining) run() {
	if e.edit.Kind == EditField {
		e.field()
	}
	for len(e.left) > 0 {
		s := e.left[0]
		m := e.move(int(s.off), int(s.n), MeansUnknown)
		n := e.number(&m, int(s.off), int(s.n))
		m.Len = int64(n)
		e.tell(m)
		e.take(int(s.off), n)
	}
}

func (e *explaining) move(at, n int, means Meaning) Move {
	m := e.base
	m.Offset, m.Len, m.Meaning = e.off+int64(at), int64(n), means
	if e.card {
		m.At = at
	}
	return m
}

// take removes a range from what is left.
func (e *explaining) take(at, n int) {
	var left []span
	from, to := int64(at), int64(at+n)
	for _, s := range e.left {
		if s.off < from {
			left = append(left, span{s.off, min(s.n, from-s.off)})
		}
		if end := s.off + s.n; end > to {
			left = append(left, span{max(s.off, to), end - max(s.off, to)})
		}
	}
	e.left = left
}

// field looks for the value before and after in the same place, and takes the changed bytes of it.
func (e *explaining) field() {
	f, _, ok := FieldOf(e.edit.Table, e.edit.Field)
	if !ok {
		return
	}
	from, errFrom := parseValue(f, e.edit.From)
	to, errTo := parseValue(f, e.edit.To)
	if errFrom != nil || errTo != nil || from.blank && to.blank {
		return
	}
	e.from, e.to = spellings(from.text), spellings(to.text)
	for at := range e.before {
		if n, kind := e.holds(f, at, from, to); n > 0 && e.touches(at, n) {
			m := e.move(at, n, MeansField)
			m.Type = kind
			e.tell(m)
			e.take(at, n)
		}
	}
}

// holds gives how many bytes at an offset hold the value before and after, and the type; 0 if they don't.
func (e *explaining) holds(f Field, at int, from, to value) (int, string) {
	switch f.Kind {
	case Text:
		n, m := spelledAs(e.before, at, e.from), spelledAs(e.after, at, e.to)
		if (n > 0 || from.blank && pad(e.before[at])) && (m > 0 || to.blank && pad(e.after[at])) {
			return max(n, m), "str"
		}
	case Number:
		for _, big := range []bool{false, true} {
			for _, t := range append(slices.Clone(integers), numeric{"f64", 8}, numeric{"f32", 4}) {
				for _, scale := range scales {
					form := Form{At: at, Type: t.name, Big: big, Scale: scale}
					x, okX := amount(e.before, form)
					y, okY := amount(e.after, form)
					if okX && okY && x.Equal(from.num) && y.Equal(to.num) && !x.Equal(y) {
						return t.width, t.name
					}
				}
			}
		}
	case Date:
		for _, enc := range []string{"ymd32", "dos16", "delphi_f64", "str_yyyymmdd", "days_since:1899-12-30"} {
			form := Form{At: at, Type: "date", Enc: enc}
			x, okX := day(e.before, form)
			y, okY := day(e.after, form)
			if okX && okY && x.Equal(from.day) && y.Equal(to.day) && !x.Equal(y) {
				return width(form), enc
			}
		}
	}
	return 0, ""
}

func (e *explaining) touches(at, n int) bool {
	return slices.ContainsFunc(e.left, func(s span) bool { return s.off < int64(at+n) && s.off+s.n > int64(at) })
}

// number tells what number changed where a range begins, and how many of its bytes that explains.
func (e *explaining) number(m *Move, at, n int) int {
	forms := []Form{{At: at, Type: "u32"}, {At: at + n - 4, Type: "u32", Big: true}}
	for back := range 4 { // a stamp's low bytes may be as before
		forms = append(forms, Form{At: at - back, Type: "u32"}, Form{At: at - back, Type: "u32", Big: true})
	}
	for _, f := range forms {
		x, okX := whole(e.before, f)
		y, okY := whole(e.after, f)
		if !okX || !okY || f.At+4 < at+1 {
			continue
		}
		now := e.at.Unix()
		switch {
		case y != x && y > now-2*86400 && y < now+2*86400:
			m.Meaning, m.Type = MeansStamp, "u32"
			return f.At + 4 - at
		case e.cards > 0 && y != x && y == e.cards:
			m.Meaning, m.Type = MeansCount, "u32"
			return f.At + 4 - at
		}
	}
	if e.code(m, at, n) {
		return 1
	}
	for _, f := range []Form{{At: at, Type: "u32"}, {At: at, Type: "u16"}, {At: at + n - 2, Type: "u16", Big: true}, {At: at + n - 4, Type: "u32", Big: true}, {At: at, Type: "u8"}} {
		x, okX := whole(e.before, f)
		y, okY := whole(e.after, f)
		if okX && okY && y > x && y-x <= maxSteps && f.At <= at {
			m.Meaning, m.Type = MeansCounter, f.Type
			return max(1, min(n, f.At+width(f)-at))
		}
	}
	return n
}

// code takes a small number that changed with a deletion, or from 1 to 0 when a record was made inactive.
func (e *explaining) code(m *Move, at, n int) bool {
	x, y := int64(e.before[at]), int64(e.after[at])
	switch {
	case e.edit.Kind == EditDelete && e.card && x < 64 && y < 64, e.edit.Kind == EditDelete && e.card && n == 1:
		m.Meaning = MeansStatus
	case e.edit.Kind == EditInactive && x == 1 && y == 0:
		m.Meaning = MeansActive
	default:
		return false
	}
	m.Type, m.From, m.To = "u8", &x, &y
	return true
}
