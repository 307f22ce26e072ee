package acombatest

import (
	"errors"
	"fmt"
)

// Torn is an edit that stopped half-way: what was written stays on the disk, the rest waits. Locks
// on the cards that it changes are held until it ends.
type Torn struct {
	c       *Company
	h       *hand
	changes []change
	todo    []write
}

// Tear starts one edit and stops after the first half of its first card, which on SIM-1 has an odd
// sequence by then. The edit must be made on the Company that edit is given, once:
//
//	torn, err := c.Tear(func(c *Company) error { return c.ModifyCustomer(7, rename) })
//
// A card that is added is torn too, which leaves a file that is no whole number of cards.
func (c *Company) Tear(edit func(*Company) error) (*Torn, error) {
	t, err := c.Pause(edit)
	if err != nil {
		return nil, err
	}
	if err := t.Next(); err != nil {
		return nil, errors.Join(err, t.Abandon())
	}
	return t, nil
}

// Pause prepares an edit as Tear does, without a first write: each Next makes the next one.
func (c *Company) Pause(edit func(*Company) error) (*Torn, error) {
	var changes []change
	station := &Company{folder: c.folder, profile: c.profile, shared: c.shared, planned: &changes}
	if err := edit(station); err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		return nil, errors.New("tear: the edit wrote nothing")
	}
	t := &Torn{c: c, h: &hand{c: c, files: map[string]File{}}, changes: changes}
	for _, w := range c.writes(changes) {
		t.todo = append(t.todo, w.halves()...)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := t.h.lock(changes); err != nil {
		return nil, errors.Join(fmt.Errorf("tear: %w", err), t.h.close())
	}
	t.mark(true)
	return t, nil
}

// halves cuts a write in two where a torn write is cut.
func (w write) halves() []write {
	if w.cut == 0 {
		return []write{w}
	}
	first, second := w, w
	first.b, first.cut = w.b[:w.cut], 0
	second.b, second.off, second.cut = w.b[w.cut:], w.off+int64(w.cut), 0
	return []write{first, second}
}

// mark tells the other stations whether this edit is adding cards.
func (t *Torn) mark(on bool) {
	for _, ch := range t.changes {
		if ch.old == nil {
			t.c.adding[ch.table] = on
		}
	}
}

// Left is the number of writes still to come.
func (t *Torn) Left() int { return len(t.todo) }

// Next makes the next write. After the last one the edit is complete and its locks are gone.
func (t *Torn) Next() error {
	if len(t.todo) == 0 {
		return nil
	}
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	if err := t.h.do(t.todo[0]); err != nil {
		return fmt.Errorf("torn edit: %w", err)
	}
	t.todo = t.todo[1:]
	if len(t.todo) > 0 {
		return nil
	}
	t.mark(false)
	return t.h.close()
}

// Rest makes all writes that are left.
func (t *Torn) Rest() error {
	for len(t.todo) > 0 {
		if err := t.Next(); err != nil {
			return err
		}
	}
	return nil
}

// Abandon leaves the edit as it is for ever: the station lost its power. Its locks are gone.
func (t *Torn) Abandon() error {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	t.todo = nil
	t.mark(false)
	return t.h.close()
}
