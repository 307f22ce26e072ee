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
