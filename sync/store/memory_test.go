package store

import (
	"maps"
	"slices"
)

// memKV is a database in memory, to tell what a file should hold.
type memKV struct{ all memTx }

func newMemKV() *memKV { return &memKV{all: memTx{}} }

func (m *memKV) View(fn func(Tx) error) error { return fn(m.all) }

func (m *memKV) Update(fn func(Tx) error) error {
	was := m.all.clone()
	err := fn(m.all)
	if err != nil {
		m.all = was
	}
	return err
}

func (m *memKV) Close() error { return nil }

type memTx map[string]map[string][]byte

func (t memTx) clone() memTx {
	c := memTx{}
	for name, b := range t {
		c[name] = maps.Clone(b)
	}
	return c
}

func (t memTx) Get(bucket string, key []byte) []byte { return t[bucket][string(key)] }

func (t memTx) Put(bucket string, key, value []byte) error {
	if t[bucket] == nil {
		t[bucket] = map[string][]byte{}
	}
	t[bucket][string(key)] = slices.Clone(value)
	return nil
}

func (t memTx) Delete(bucket string, key []byte) error {
	delete(t[bucket], string(key))
	return nil
}

func (t memTx) Scan(bucket string, from []byte, fn func(key, value []byte) bool) {
	for _, k := range slices.Sorted(maps.Keys(t[bucket])) {
		if k >= string(from) && !fn([]byte(k), t[bucket][k]) {
			return
		}
	}
}
