package store

import "bytes"

// Overlay gives a database that shows base as top changes it. base is never written, so that whatever is done
// to the overlay leaves no trace once top is thrown away.
func Overlay(base, top KV) KV { return overlay{base, top} }

// Shadow gives a state that begins as this one and keeps its changes in top.
func (s *State) Shadow(top KV) *State {
	return &State{kv: Overlay(s.kv, top), Seed: s.Seed, aside: s.aside, waits: new(uint64)}
}

// Shadow gives a cache that begins as this one and keeps its changes in top.
func (c *Cache) Shadow(top KV) *Cache { return &Cache{kv: Overlay(c.kv, top)} }

type overlay struct{ base, top KV }

func (o overlay) View(fn func(Tx) error) error {
	return o.base.View(func(base Tx) error {
		return o.top.View(func(top Tx) error { return fn(overlayTx{base, top}) })
	})
}

func (o overlay) Update(fn func(Tx) error) error {
	return o.base.View(func(base Tx) error {
		return o.top.Update(func(top Tx) error { return fn(overlayTx{base, top}) })
	})
}

// Close closes the upper database; the base is its owner's.
func (o overlay) Close() error { return o.top.Close() }

type overlayTx struct{ base, top Tx }

// What stands before a value in the upper database.
const (
	overlayGone = 0
	overlayHere = 1
)

func (t overlayTx) Get(bucket string, key []byte) []byte {
	switch v := t.top.Get(bucket, key); {
	case len(v) == 0:
		return t.base.Get(bucket, key)
	case v[0] == overlayGone:
		return nil
	default:
		return v[1:]
	}
}

func (t overlayTx) Put(bucket string, key, value []byte) error {
	return t.top.Put(bucket, key, append([]byte{overlayHere}, value...))
}

func (t overlayTx) Delete(bucket string, key []byte) error {
	if t.base.Get(bucket, key) == nil {
		return t.top.Delete(bucket, key)
	}
	return t.top.Put(bucket, key, []byte{overlayGone})
}

// overlayRun is how many keys of the upper database are looked at ahead of those of the base.
const overlayRun = 256

// Scan merges both databases in key order, some keys of the upper one at a time.
func (t overlayTx) Scan(bucket string, from []byte, fn func(key, value []byte) bool) {
	for more := true; more; {
		keys, values, end := t.run(bucket, from)
		more = t.merge(bucket, from, keys, values, end, fn)
		from = end
		more = more && end != nil
	}
}

// run gives some keys of the upper database and where the next run begins; nil if there is none.
func (t overlayTx) run(bucket string, from []byte) (keys, values [][]byte, end []byte) {
	t.top.Scan(bucket, from, func(k, v []byte) bool {
		if len(keys) == overlayRun {
			end = bytes.Clone(k)
			return false
		}
		keys, values = append(keys, bytes.Clone(k)), append(values, bytes.Clone(v))
		return true
	})
	return keys, values, end
}

// merge calls fn for one run and the keys of the base up to its end; false if fn wants no more.
func (t overlayTx) merge(bucket string, from []byte, keys, values [][]byte, end []byte, fn func(key, value []byte) bool) bool {
	i := 0
	upper := func(before []byte) bool {
		for ; i < len(keys) && (before == nil || bytes.Compare(keys[i], before) < 0); i++ {
			if values[i][0] == overlayHere && !fn(keys[i], values[i][1:]) {
				return false
			}
		}
		return true
	}
	more := true
	t.base.Scan(bucket, from, func(k, v []byte) bool {
		if end != nil && bytes.Compare(k, end) >= 0 {
			return false
		}
		if more = upper(k); !more {
			return false
		}
		if i < len(keys) && bytes.Equal(keys[i], k) {
			return true // the upper one's comes next
		}
		more = fn(k, v)
		return more
	})
	return more && upper(nil)
}
