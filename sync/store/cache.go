package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

const (
	bucketNote  = "note"  // side, key → a source's note
	bucketDirty = "dirty" // entity, side, key → the number of the look of the CRM that told of it last, if one did
)

// Cache keeps the notes of the sources and, committed in one step with them, the records they found
// changed. Without it everything is looked at once more.
type Cache struct{ kv KV }

// OpenCache opens a cache that belongs to the given state. One that belongs to another state, or to one that
// was lost since, is emptied by the caller: ErrForeign.
func OpenCache(kv KV, s *State) (*Cache, error) {
	generation := uint64(0) // see Rescue
	if err := s.kv.View(func(tx Tx) error { generation = getUint(tx, "generation"); return nil }); err != nil {
		return nil, err
	}
	empty := false
	err := kv.View(func(tx Tx) error {
		empty = tx.Get(bucketMeta, []byte("state")) == nil
		if !empty && (getUint(tx, "state") != s.Seed || getUint(tx, "generation") != generation) {
			return fmt.Errorf("open cache: %w", ErrForeign)
		}
		return nil
	})
	if empty && err == nil {
		err = kv.Update(func(tx Tx) error {
			return errors.Join(putUint(tx, "state", s.Seed), putUint(tx, "generation", generation))
		})
	}
	if err != nil {
		return nil, err
	}
	return &Cache{kv: kv}, nil
}

// Close closes the file.
func (c *Cache) Close() error { return c.kv.Close() }

// Dirty names a record of one side that may differ from what was agreed.
type Dirty struct {
	Entity record.Entity
	Side   connectors.Side
	Key    record.Key
}

func (d Dirty) key() []byte {
	b := append(make([]byte, 0, len(d.Entity)+3+len(d.Key)), d.Entity...)
	return append(append(b, 0, byte(d.Side), 0), d.Key...)
}

func dirtyPrefix(e record.Entity, side connectors.Side) []byte {
	return Dirty{Entity: e, Side: side}.key()
}

// Note gives a source's note, nil if there is none. The bytes are a copy.
func (c *Cache) Note(side connectors.Side, key string) []byte {
	var v []byte
	_ = c.kv.View(func(tx Tx) error {
		v = bytes.Clone(tx.Get(bucketNote, []byte(side.String()+"/"+key)))
		return nil
	})
	return v
}

// looksNote is the note that counts the looks of the CRM that told of anything.
const looksNote = "looks"

// Commit keeps notes (nil drops one) and dirty records that a look at a side tells of in one step.
func (c *Cache) Commit(side connectors.Side, notes map[string][]byte, dirty []Dirty) error {
	return c.kv.Update(func(tx Tx) error {
		for _, k := range slices.Sorted(maps.Keys(notes)) {
			key := []byte(side.String() + "/" + k)
			if notes[k] == nil {
				if err := tx.Delete(bucketNote, key); err != nil {
					return err
				}
				continue
			}
			if err := tx.Put(bucketNote, key, notes[k]); err != nil {
				return err
			}
		}
		if side != connectors.CRM || len(dirty) == 0 {
			return putDirty(tx, dirty, nil)
		}
		look := binary.BigEndian.AppendUint64(nil, 1+toldIn(tx.Get(bucketNote, []byte(looksNote))))
		return errors.Join(tx.Put(bucketNote, []byte(looksNote), look), putDirty(tx, dirty, look))
	})
}

// putDirty writes in the order of the keys, which costs the file least. Where no look tells of the records, marks that are
// there stay as they are.
func putDirty(tx Tx, dirty []Dirty, look []byte) error {
	keys := make([][]byte, len(dirty))
	for i, d := range dirty {
		keys[i] = d.key()
	}
	slices.SortFunc(keys, bytes.Compare)
	told := look
	if look == nil {
		told = []byte{1}
	}
	for _, k := range keys {
		if look == nil && tx.Get(bucketDirty, k) != nil {
			continue
		}
		if err := tx.Put(bucketDirty, k, told); err != nil {
			return err
		}
	}
	return nil
}

// toldIn gives the number of a look, 0 if there is none.
func toldIn(v []byte) uint64 {
	if len(v) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

// Told tells the order in which looks of the CRM told of records that still wait to be looked at: a number that is the higher
// the later, the same for all of one piece of a look, and 0 for a record that waits for another reason.
func (c *Cache) Told(d Dirty) uint64 {
	told := uint64(0)
	_ = c.kv.View(func(tx Tx) error {
		told = toldIn(tx.Get(bucketDirty, d.key()))
		return nil
	})
	return told
}

// DirtyByLook gives the dirty keys of an entity and side where several looks of the CRM told of them: first what waits for
// another reason, then the last look's, each in the order of the keys. With fewer looks, or more than n keys, it gives none.
func (c *Cache) DirtyByLook(e record.Entity, side connectors.Side, n int) (keys []record.Key) {
	type mark struct {
		key  record.Key
		look uint64
	}
	var marks []mark
	looks := map[uint64]bool{}
	prefix := dirtyPrefix(e, side)
	_ = c.kv.View(func(tx Tx) error {
		scanPrefix(tx, bucketDirty, prefix, func(k, v []byte) bool {
			m := mark{record.Key(k[len(prefix):]), toldIn(v)}
			marks, looks[m.look] = append(marks, m), true
			return len(marks) <= n
		})
		return nil
	})
	if delete(looks, 0); len(looks) < 2 || len(marks) > n {
		return nil
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(b.look-1, a.look-1) }) // without a look it is the greatest
	for _, m := range marks {
		keys = append(keys, m.key)
	}
	return keys
}

// IsDirty says whether a record waits to be looked at.
func (c *Cache) IsDirty(d Dirty) bool {
	dirty := false
	_ = c.kv.View(func(tx Tx) error {
		dirty = tx.Get(bucketDirty, d.key()) != nil
		return nil
	})
	return dirty
}

// AnyDirty says whether any record waits to be looked at.
func (c *Cache) AnyDirty() bool {
	dirty := false
	_ = c.kv.View(func(tx Tx) error {
		tx.Scan(bucketDirty, nil, func(_, _ []byte) bool { dirty = true; return false })
		return nil
	})
	return dirty
}

// MarkDirty marks records to be looked at.
func (c *Cache) MarkDirty(dirty []Dirty) error {
	return c.Settle(nil, dirty)
}

// Settle takes records off that are settled, and marks others, in one step: what a settled record still
// owes is never forgotten in between.
func (c *Cache) Settle(clean, dirty []Dirty) error {
	if len(clean)+len(dirty) == 0 {
		return nil
	}
	return c.kv.Update(func(tx Tx) error {
		for _, d := range clean {
			if err := tx.Delete(bucketDirty, d.key()); err != nil {
				return err
			}
		}
		return putDirty(tx, dirty, nil)
	})
}

// Forget drops up to n notes of both sides, and once there are none up to n dirty marks where these are to go as
// well. It says whether there may be more.
func (c *Cache) Forget(dirtyToo bool, n int) (more bool, err error) {
	err = c.kv.Update(func(tx Tx) error {
		left := n
		for _, bucket := range []string{bucketNote, bucketDirty} {
			if bucket == bucketDirty && !dirtyToo {
				continue
			}
			var keys [][]byte
			tx.Scan(bucket, nil, func(k, _ []byte) bool {
				if string(k) != looksNote { // marks that stay have numbers
					keys = append(keys, bytes.Clone(k))
				}
				return len(keys) < left
			})
			for _, k := range keys {
				if err := tx.Delete(bucket, k); err != nil {
					return err
				}
			}
			if left -= len(keys); left == 0 {
				more = true
				return nil
			}
		}
		return nil
	})
	return more, err
}

// DirtyAfter gives up to n dirty keys of an entity and side that come after a key, in order.
func (c *Cache) DirtyAfter(e record.Entity, side connectors.Side, after record.Key, n int) []record.Key {
	var keys []record.Key
	from := Dirty{e, side, after}.key()
	prefix := from[:len(from)-len(after)]
	if after != "" {
		from = append(from, 0)
	}
	_ = c.kv.View(func(tx Tx) error {
		tx.Scan(bucketDirty, from, func(k, _ []byte) bool {
			if !bytes.HasPrefix(k, prefix) || len(keys) == n {
				return false
			}
			keys = append(keys, record.Key(k[len(prefix):]))
			return true
		})
		return nil
	})
	return keys
}

// CountDirty counts the dirty records of an entity and side.
func (c *Cache) CountDirty(e record.Entity, side connectors.Side) int {
	n := 0
	prefix := dirtyPrefix(e, side)
	_ = c.kv.View(func(tx Tx) error {
		scanPrefix(tx, bucketDirty, prefix, func(_, _ []byte) bool { n++; return true })
		return nil
	})
	return n
}
