package store

import (
	"errors"
	"fmt"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// leftOver is what the name of a file ends with that is not yet finished. Such a file is removed at opening.
const leftOver = ".tmp"

// Copy makes a compact, durable copy of the state as it is now; an older copy stays until the new one is
// finished. It reads all of the state and gives ErrDamaged where that is not what was written: then the older
// copy is the better one. Others may go on with the state meanwhile, but the file can't shrink or be reused as
// long. After ErrDamaged nothing more is done with the state: it is to be opened again. A state that is no file
// can't be copied.
func (s *State) Copy(path string) error {
	kv, ok := s.kv.(*boltKV)
	if !ok {
		return errors.New("copy state: it is no file")
	}
	if err := kv.copyTo(path); err != nil {
		return fmt.Errorf("copy state to %s: %w", filepath.Base(path), err)
	}
	return nil
}

// copyTo writes the content of a file to another one, without gaps.
func (b *boltKV) copyTo(path string) error {
	return replace(path, func(tmp string) error {
		// NoSync: it is synced once, as a whole, before it gets its name.
		dst, err := bolt.Open(tmp, 0o600, &bolt.Options{Timeout: lockPatience, NoSync: true, FreelistType: bolt.FreelistMapType})
		if err != nil {
			return err
		}
		err = b.guard(func() error { return b.db.View(func(tx *bolt.Tx) error { return fill(dst, tx) }) })
		if errors.Is(err, ErrDamaged) {
			_ = b.unclean()
			err = b.breakOff(err)
		}
		if err == nil {
			err = dst.Sync()
		}
		return errors.Join(err, dst.Close())
	})
}

// fill writes all that a transaction sees and seals it.
func fill(dst *bolt.DB, src *bolt.Tx) error {
	sum := uint64(0)
	err := src.ForEach(func(name []byte, b *bolt.Bucket) error {
		if string(name) == bucketSeal {
			return nil
		}
		return fillBucket(dst, name, b.Cursor(), &sum)
	})
	if err != nil {
		return err
	}
	if s := sealOf(src); int(s.txid) == src.ID() && s.sum != sum {
		return fmt.Errorf("%w: the content is not what was written", ErrDamaged)
	}
	return dst.Update(func(tx *bolt.Tx) error { return putSeal(tx, sum, true) })
}

// fillBytes bounds what one transaction of a copy holds in memory.
const fillBytes = 1 << 20

func fillBucket(dst *bolt.DB, name []byte, c *bolt.Cursor, sum *uint64) error {
	for k, v := c.First(); k != nil; {
		err := dst.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists(name)
			if err != nil {
				return err
			}
			b.FillPercent = 1 // keys come in order
			for n := 0; k != nil && n < fillBytes; k, v = c.Next() {
				if err := b.Put(k, v); err != nil {
					return err
				}
				n += len(k) + len(v)
				*sum += digestOf(string(name), k, v)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// compactFrom is the size from which a file is worth being compacted.
const compactFrom = 8 << 20

// wasteful says whether more than half of a large file is free: bbolt never gives any of it back.
func (s shape) wasteful() bool {
	return int64(s.pages)*s.page > compactFrom && s.free > s.pages/2
}

// compacted gives the file in a compact form; as it was where there is no room for one beside it.
func compacted(path string, kv *boltKV) (*boltKV, error) {
	if !kv.opened.wasteful() || kv.copyTo(path) != nil {
		return kv, nil
	}
	if err := kv.db.Close(); err != nil { // no kv.Close: the file has no name any more
		return nil, err
	}
	return openBolt(path)
}
