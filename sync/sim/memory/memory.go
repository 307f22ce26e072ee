// Package memory is a store.KV in memory whose commits are atomic. Worlds are tiny and opened by the million, so that it
// copies only what is written.
package memory

import (
	"bytes"
	"errors"
	"slices"

	"syncbox/sync/store"
)

// ErrNested means that a transaction was begun inside another one of the same file. bbolt may wait for ever then.
var ErrNested = errors.New("a transaction inside another one")

// KV is one file. What was committed stays, whoever opens it next.
type KV struct {
	buckets []*bucket
	undo    []change
	writing bool
}

var _ store.KV = (*KV)(nil)

// bucket is a list of entries in key order.
type bucket struct {
	name    string
	entries []entry
}

type entry struct {
	key, value []byte // never changed once they are there
}

// change is what an entry was before a write; a nil value means that it was not there.
type change struct {
	bucket     *bucket
	key, value []byte
}

// View reads what was committed.
func (m *KV) View(fn func(store.Tx) error) error {
	if m.writing {
		return ErrNested
	}
	return fn(tx{m})
}

// Update commits all or nothing: an error of fn, or a panic that passes, leaves what was there before.
func (m *KV) Update(fn func(store.Tx) error) error {
	if m.writing {
		return ErrNested
	}
	m.writing, m.undo = true, m.undo[:0]
	done := false
	defer func() {
		if !done {
			m.rollBack()
		}
		m.writing = false
	}()
	if err := fn(tx{m}); err != nil {
		return err
	}
	done = true
	return nil
}

// Close does nothing: the content outlives whoever opened it.
func (m *KV) Close() error { return nil }

func (m *KV) rollBack() {
	for i := len(m.undo) - 1; i >= 0; i-- {
		c := m.undo[i]
		if c.value == nil {
			c.bucket.remove(c.key)
		} else {
			c.bucket.set(c.key, c.value)
		}
	}
}

func (m *KV) bucket(name string) *bucket {
	for _, b := range m.buckets {
		if b.name == name {
			return b
		}
	}
	return nil
}

// find gives the place of the first entry at or after key, and whether it is that of key.
func (b *bucket) find(key []byte) (int, bool) {
	low, high := 0, len(b.entries)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if bytes.Compare(b.entries[mid].key, key) < 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(b.entries) && bytes.Equal(b.entries[low].key, key)
}

func (b *bucket) set(key, value []byte) {
	i, there := b.find(key)
	if there {
		b.entries[i].value = value
		return
	}
	b.entries = slices.Insert(b.entries, i, entry{key, value})
}

func (b *bucket) remove(key []byte) {
	if i, there := b.find(key); there {
		b.entries = slices.Delete(b.entries, i, i+1)
	}
}

// tx is a transaction on a KV.
type tx struct{ kv *KV }

// Get gives a value, nil if there is none.
func (t tx) Get(bucket string, key []byte) []byte {
	b := t.kv.bucket(bucket)
	if b == nil {
		return nil
	}
	if i, there := b.find(key); there {
		return b.entries[i].value
	}
	return nil
}

// Put sets a value.
func (t tx) Put(name string, key, value []byte) error {
	if !t.kv.writing {
		return errors.New("write in a transaction that only reads")
	}
	b := t.kv.bucket(name)
	if b == nil {
		b = &bucket{name: name}
		t.kv.buckets = append(t.kv.buckets, b)
	}
	value = append(make([]byte, 0, len(value)), value...)
	i, there := b.find(key)
	if there {
		t.kv.undo = append(t.kv.undo, change{b, b.entries[i].key, b.entries[i].value})
		b.entries[i].value = value
		return nil
	}
	key = bytes.Clone(key)
	t.kv.undo = append(t.kv.undo, change{b, key, nil})
	b.entries = slices.Insert(b.entries, i, entry{key, value})
	return nil
}

// Delete removes a value; it is no error if there is none.
func (t tx) Delete(name string, key []byte) error {
	if !t.kv.writing {
		return errors.New("write in a transaction that only reads")
	}
	b := t.kv.bucket(name)
	if b == nil {
		return nil
	}
	if i, there := b.find(key); there {
		t.kv.undo = append(t.kv.undo, change{b, b.entries[i].key, b.entries[i].value})
		b.entries = slices.Delete(b.entries, i, i+1)
	}
	return nil
}

// Scan calls fn in key order, from the first key at or after from, until it returns false.
func (t tx) Scan(name string, from []byte, fn func(key, value []byte) bool) {
	b := t.kv.bucket(name)
	if b == nil {
		return
	}
	i, _ := b.find(from)
	for ; i < len(b.entries); i++ {
		if !fn(b.entries[i].key, b.entries[i].value) {
			return
		}
	}
}
