package acombatest

import (
	"errors"
	"fmt"
	"sync"
)

// CardLock is one card held by a station (Acomba's reservation).
type CardLock struct{ f File }

// LockCard holds the byte range of one card until Release; another holder is ErrLocked, a folder
// without locks is ErrNoLock.
func (c *Company) LockCard(t Table, cp int32) (*CardLock, error) {
	f, err := c.folder.Open(c.disk(t.Path()), true)
	if err != nil {
		return nil, fmt.Errorf("lock card: %w", err)
	}
	l, ok := f.(Locker)
	if !ok {
		return nil, errors.Join(fmt.Errorf("lock %s card %d: %w", t, cp, ErrNoLock), f.Close())
	}
	if err := l.Lock(c.profile.CardOffset(t, cp), int64(c.profile.CardSize(t))); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s card %d: %w", t, cp, err), f.Close())
	}
	return &CardLock{f}, nil
}

// Release gives the card free.
func (l *CardLock) Release() error { return l.f.Close() }

// Remonte is the exclusive mode: reindexing, restoring or the program's own backup.
type Remonte struct{ c *Company }

// StartRemonte puts the exclusive marker COMPANY.LCK there; all edits are refused until Release.
func (c *Company) StartRemonte() (*Remonte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if busy, err := c.exists(markerFile); err != nil || busy {
		return nil, fmt.Errorf("start remonte: %w", cmpErr(err, ErrExclusive))
	}
	if err := writeFile(c.folder, markerFile, []byte("SERVEUR\r\n")); err != nil {
		return nil, fmt.Errorf("start remonte: %w", err)
	}
	return &Remonte{c}, nil
}

func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// Release writes all index files anew and takes the marker away.
func (r *Remonte) Release() error {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	for _, t := range Tables() {
		if err := r.c.rebuildIndex(t); err != nil {
			return fmt.Errorf("remonte of %s: %w", t, err)
		}
	}
	return r.c.folder.Remove(markerFile)
}

// SetRaw writes a whole number into an integer field, stamps and index left alone: for values that
// the program would never write, such as a document type 99.
func (c *Company) SetRaw(t Table, cp int32, field string, value int64) error {
	f := c.profile.Field(t, field, 0)
	b := le.AppendUint64(nil, uint64(value))
	if f.Width > len(b) {
		return fmt.Errorf("set %s of %s: not a number", f, t)
	}
	return c.Poke(t, cp, f.At, b[:f.Width])
}

// Poke writes bytes into a card, at an offset within the card.
func (c *Company) Poke(t Table, cp int32, at int, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.Raw(t, cp); err != nil {
		return fmt.Errorf("poke: %w", err)
	}
	f, err := c.folder.Open(c.disk(t.Path()), true)
	if err != nil {
		return fmt.Errorf("poke: %w", err)
	}
	if _, err := f.WriteAt(b, c.profile.CardOffset(t, cp)+int64(at)); err != nil {
		return errors.Join(fmt.Errorf("poke %s card %d: %w", t, cp, err), f.Close())
	}
	return f.Close()
}

// DuplicateNumber gives the customer at cp the number of another one, as no user could.
func (c *Company) DuplicateNumber(cp, of int32) error {
	other, err := c.Customer(of)
	if err != nil {
		return fmt.Errorf("duplicate number: %w", err)
	}
	return c.ModifyCustomer(cp, func(r *Customer) { r.Number = other.Number })
}

// ReusePosition puts another customer on a card, deleted before or not. In SIM-1 the card gets a
// unique_id that was never used; SIM-2 has none, and nothing but number and name tells.
func (c *Company) ReusePosition(cp int32, r Customer) error {
	return c.edit("reuse position", func(p *plan) error {
		number, err := c.freeNumber(r.Number)
		if err != nil {
			return err
		}
		old, err := c.Raw(CustomerTable, cp)
		if err != nil {
			return err
		}
		id, err := c.newID(CustomerTable)
		if err != nil {
			return err
		}
		r.Prologue = Prologue{CardPos: cp, Status: InUse, Active: true, UniqueID: id}
		r.Number = number
		if r.SortKey == "" {
			r.SortKey = sortKey(r.Name)
		}
		return p.update(CustomerTable, old, &r)
	})
}

// Interlope gives a hook for a test to call between a writer's read and its lock: the first call
// changes a customer from another station, further calls do nothing.
func (c *Company) Interlope(cp int32, change func(*Customer)) func() error {
	return sync.OnceValue(func() error { return c.ModifyCustomer(cp, change) })
}

// Move moves or renames the company folder, which must be a plain directory.
func (c *Company) Move(to string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, ok := c.folder.(*Dir)
	if !ok {
		return errors.New("move company folder: not a plain directory")
	}
	return d.Move(to)
}
