package acombatest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
)

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

// lock holds the cards that an edit changes or adds, and makes sure that they are still as they were read:
// the box may have been at them in between. Where the folder has no locks it does nothing.
func (h *hand) lock(changes []change) error {
	for _, ch := range changes {
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
		if err := h.unchanged(f, ch); err != nil {
			return fmt.Errorf("reserve %s card %d: %w", ch.table, ch.cp, err)
		}
	}
	return nil
}

// unchanged is ErrLocked where somebody wrote a card, or added one in its place, since the edit was planned.
func (h *hand) unchanged(f File, ch change) error {
	if ch.old == nil {
		n, err := h.c.count(ch.table, f)
		if err == nil && n >= ch.cp {
			err = ErrLocked
		}
		return err
	}
	now, err := h.c.raw(ch.table, f, ch.cp)
	if err == nil && !bytes.Equal(now, ch.old) {
		err = ErrLocked
	}
	return err
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
