package acombatest

import (
	"bytes"
	"fmt"
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
