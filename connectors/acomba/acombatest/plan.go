package acombatest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
)

// change is one card as an edit wants it to be in the end.
type change struct {
	table Table
	cp    int32
	old   []byte // nil: the card is added at the end of the file
	card  []byte
}

// plan gathers the cards of one edit before the first byte is written.
type plan struct {
	c       *Company
	changes []change
	next    map[Table]int32 // next position to add at
}

// edit plans one edit and writes it, or notes it for Tear.
func (c *Company) edit(what string, do func(*plan) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if busy, err := c.exists(markerFile); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	} else if busy {
		return fmt.Errorf("%s: %w", what, ErrExclusive)
	}
	p := &plan{c: c, next: map[Table]int32{}}
	if err := do(p); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if c.planned != nil {
		*c.planned = append(*c.planned, p.changes...)
		return nil
	}
	if err := c.apply(p.changes); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// reserve takes the next position at the end of a file.
func (p *plan) reserve(t Table) (int32, error) {
	if p.c.adding[t] {
		return 0, fmt.Errorf("add to %s: %w", t, ErrLocked)
	}
	if _, ok := p.next[t]; !ok {
		n, err := p.c.Count(t)
		if err != nil {
			return 0, err
		}
		p.next[t] = max(n+1, p.c.profile.FirstData(t))
	}
	cp := p.next[t]
	p.next[t]++
	return cp, nil
}

// add puts a record at the end of its file, at a position taken before.
func (p *plan) add(t Table, cp int32, r record) error {
	h := r.head()
	id, err := p.c.newID(t)
	if err != nil {
		return err
	}
	h.CardPos, h.UniqueID, h.Rev, h.ModSeq = cp, id, 1, 2
	h.ModTime = uint32(p.c.now().Unix())
	card := p.c.fresh(t)
	if err := p.c.encodeOnto(card, r); err != nil {
		return fmt.Errorf("%s card %d: %w", t, cp, err)
	}
	p.changes = append(p.changes, change{table: t, cp: cp, card: card})
	return nil
}

// update replaces a card's content by a record; the prologue's stamps go on from the old card.
func (p *plan) update(t Table, old []byte, r record) error {
	var before Prologue
	(&codec{mode: decode, profile: p.c.profile, b: old}).prologue(&before)
	h := r.head()
	h.Rev, h.ModTime = before.Rev+1, uint32(p.c.now().Unix())
	h.ModSeq = (before.ModSeq | 1) + 1 // a card left odd by a dead station becomes even again
	card := bytes.Clone(old)
	if err := p.c.encodeOnto(card, r); err != nil {
		return fmt.Errorf("%s card %d: %w", t, h.CardPos, err)
	}
	p.changes = append(p.changes, change{table: t, cp: h.CardPos, old: old, card: card})
	return nil
}

// newID gives out a unique_id that no card of the file has had.
func (c *Company) newID(t Table) (uint32, error) {
	if c.profile == SIM2 {
		return 0, nil
	}
	if _, ok := c.lastID[t]; !ok {
		high, err := c.highestID(t)
		if err != nil {
			return 0, err
		}
		c.lastID[t] = high
	}
	c.lastID[t]++
	return c.lastID[t], nil
}

func (c *Company) highestID(t Table) (uint32, error) {
	var high uint32
	n, err := c.Count(t)
	if err != nil {
		return 0, err
	}
	f, err := c.folder.Open(c.disk(t.Path()), false)
	if err != nil {
		return 0, fmt.Errorf("look for the last id: %w", err)
	}
	defer f.Close()
	for cp := c.profile.FirstData(t); cp <= n; cp++ {
		b := make([]byte, longPrologue)
		if _, err := f.ReadAt(b, c.profile.CardOffset(t, cp)); err != nil {
			return 0, fmt.Errorf("look for the last id: %s card %d: %w", t, cp, err)
		}
		high = max(high, le.Uint32(b[4:]))
	}
	return high, nil
}

// write is one call to the file system: bytes at a place, or the closing of an edit's tables
// (index files, card counts).
type write struct {
	name    string
	off     int64
	b       []byte
	cut     int      // where a torn write of b is cut, 0 = never
	closing []change // not nil: bring index and header up to date for these
}

// writes spells out how the program puts the changes on the disk.
func (c *Company) writes(changes []change) []write {
	var out []write
	for _, ch := range changes {
		out = append(out, c.cardWrites(ch)...)
	}
	return append(out, write{closing: changes})
}

// cardWrites of a card: the whole card with an odd sequence, then, for a new card, its status from
// "being created" to "in use", then the even sequence.
func (c *Company) cardWrites(ch change) []write {
	name, off := c.disk(ch.table.Path()), c.profile.CardOffset(ch.table, ch.cp)
	body := bytes.Clone(ch.card)
	out := []write{{name: name, off: off, b: body, cut: c.profile.Used(ch.table) / 2}}
	if ch.old == nil {
		body[0] = byte(Creating)
		out = append(out, write{name: name, off: off, b: ch.card[:1]})
	}
	if c.profile == SIM1 {
		seq := c.profile.Field(ch.table, "mod_seq", 0)
		le.PutUint32(body[seq.At:], le.Uint32(ch.card[seq.At:])-1)
		out = append(out, write{name: name, off: off + int64(seq.At), b: ch.card[seq.At : seq.At+seq.Width]})
	}
	return out
}

// apply writes an edit at once, holding a lock on each card that it changes.
func (c *Company) apply(changes []change) error {
	h := &hand{c: c, files: map[string]File{}}
	defer h.close()
	if err := h.lock(changes); err != nil {
		return err
	}
	for _, w := range c.writes(changes) {
		if err := h.do(w); err != nil {
			return err
		}
	}
	return h.close()
}

// hand is one station's open files during one edit.
type hand struct {
	c     *Company
	files map[string]File
}

func (h *hand) open(name string) (File, error) {
	if f, ok := h.files[name]; ok {
		return f, nil
	}
	f, err := h.c.folder.Open(name, true)
	if err != nil {
		return nil, err
	}
	h.files[name] = f
	return f, nil
}

// close closes all files, which ends their locks too.
func (h *hand) close() error {
	var first error
	for _, name := range slices.Sorted(maps.Keys(h.files)) {
		if err := h.files[name].Close(); err != nil && first == nil {
			first = err
		}
	}
	clear(h.files)
	return first
}

// lock holds the existing cards among changes; where the folder has no locks it does nothing.
func (h *hand) lock(changes []change) error {
	for _, ch := range changes {
		if ch.old == nil {
			continue
		}
		f, err := h.open(h.c.disk(ch.table.Path()))
		if err != nil {
			return err
		}
		l, ok := f.(Locker)
		if !ok {
			return nil
		}
		size := int64(h.c.profile.CardSize(ch.table))
		if err := l.Lock(h.c.profile.CardOffset(ch.table, ch.cp), size); err != nil {
			return fmt.Errorf("reserve %s card %d: %w", ch.table, ch.cp, err)
		}
	}
	return nil
}

func (h *hand) do(w write) error {
	if w.closing != nil {
		return h.finish(w.closing)
	}
	f, err := h.open(w.name)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(w.b, w.off); err != nil {
		return fmt.Errorf("write %s: %w", w.name, err)
	}
	return nil
}

// finish brings the card counts and the index files of the changed tables up to date.
func (h *hand) finish(changes []change) error {
	grown := map[Table]bool{}
	for _, ch := range changes {
		grown[ch.table] = grown[ch.table] || ch.old == nil
	}
	for _, t := range slices.Sorted(maps.Keys(grown)) {
		if grown[t] && h.c.profile.HeaderSize(t) > 0 {
			if err := h.updateHeader(t); err != nil {
				return err
			}
		}
		if err := h.updateIndex(t, changes); err != nil {
			return err
		}
	}
	return nil
}

func (h *hand) updateHeader(t Table) error {
	f, err := h.open(h.c.disk(t.Path()))
	if err != nil {
		return err
	}
	n, err := h.c.count(t, f)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(le.AppendUint32(nil, uint32(n)), 6)
	return err
}

// fileHeader is the 64-byte header of a file with n cards.
func fileHeader(n uint32) []byte {
	b := make([]byte, headerSize)
	copy(b, "RACO")
	le.PutUint16(b[4:], 1)
	le.PutUint32(b[6:], n)
	return b
}
