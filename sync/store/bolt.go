package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// boltKV is a bbolt file that is sealed with every transaction.
type boltKV struct {
	db     *bolt.DB
	file   *os.File // the one that db uses
	opened shape    // what was found at opening

	mu     sync.Mutex // protects what follows
	wrote  bool       // since it was opened
	broken error
}

func (b *boltKV) View(fn func(Tx) error) error {
	return b.guard(func() error {
		return b.db.View(func(tx *bolt.Tx) error { return fn(&boltTx{tx: tx}) })
	})
}

func (b *boltKV) Update(fn func(Tx) error) error { return b.update(fn, false) }

func (b *boltKV) update(fn func(Tx) error, clean bool) error {
	return b.guard(func() error {
		err := b.db.Update(func(tx *bolt.Tx) error {
			was, known := b.sumBefore(tx)
			t := &boltTx{tx: tx, sum: was}
			switch err := fn(t); {
			case err != nil:
				return err
			case !t.changed && !clean:
				return errUnchanged
			case !known:
				return nil // the next opening reads the sum
			}
			b.mu.Lock()
			b.wrote = true
			b.mu.Unlock()
			return putSeal(tx, t.sum, clean)
		})
		if err == errUnchanged {
			return nil
		}
		return err
	})
}

// errUnchanged ends a transaction that leaves all as it was: to commit it would wear the flash, three pages at
// least, for nothing.
var errUnchanged = errors.New("nothing has changed")

// sumBefore gives the sum of the content before a transaction: from the last seal, or as it was found at
// opening.
func (b *boltKV) sumBefore(tx *bolt.Tx) (sum uint64, known bool) {
	before := uint64(tx.ID()) - 1
	if s := sealOf(tx); s.txid == before {
		return s.sum, true
	}
	return b.opened.sum, b.opened.txid == before
}

func sealOf(tx *bolt.Tx) seal {
	b := tx.Bucket([]byte(bucketSeal))
	if b == nil {
		return seal{}
	}
	return readSeal(b.Get(keySeal))
}

func putSeal(tx *bolt.Tx, sum uint64, clean bool) error {
	b, err := tx.CreateBucketIfNotExists([]byte(bucketSeal))
	if err != nil {
		return err
	}
	return b.Put(keySeal, seal{txid: uint64(tx.ID()), sum: sum, clean: clean}.bytes())
}

// Close closes the file. One that was written to is marked as closed in good order where that is possible;
// where not, the next opening looks closer. It may be called twice.
func (b *boltKV) Close() error {
	b.mu.Lock()
	wrote, broken := b.wrote, b.broken
	b.wrote = false
	b.mu.Unlock()
	if broken != nil {
		return b.abandon()
	}
	if wrote {
		_ = b.update(func(Tx) error { return nil }, true)
	}
	return b.db.Close()
}

// unclean has the next opening read all of the file.
func (b *boltKV) unclean() error {
	return b.guard(func() error {
		return b.db.Update(func(tx *bolt.Tx) error {
			if sum, known := b.sumBefore(tx); known {
				return putSeal(tx, sum, false)
			}
			return nil
		})
	})
}

// guard turns what happens when a file is not what it was at opening (cut by somebody, or on a medium that no
// longer gives a page) into an error: bbolt panics, and a read of its mapping faults. No lock of bbolt's can be
// relied on after that, so that nothing more is done with the file. Panics of our own go on.
func (b *boltKV) guard(do func() error) (err error) {
	b.mu.Lock()
	err = b.broken
	b.mu.Unlock()
	if err != nil {
		return err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if _, fault := p.(interface{ Addr() uintptr }); !fault && !asserted(p) {
			panic(p)
		}
		err = b.breakOff(fmt.Errorf("%w: %v", ErrDamaged, p))
	}()
	return do()
}

// breakOff has every further call fail.
func (b *boltKV) breakOff(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = err
	return err
}

// asserted says whether a panic is one of bbolt's, over pages that do not fit together.
func asserted(p any) bool {
	text, _ := p.(string)
	for _, begin := range []string{"assertion failed: ", "page ", "invalid page type: ", "invalid freelist page: ", "bolt.DB.meta(): "} {
		if strings.HasPrefix(text, begin) {
			return true
		}
	}
	return false
}

// abandon lets go of a broken file. If bbolt still holds one of its locks, its mapping stays until the process
// ends; the file itself is free at once.
func (b *boltKV) abandon() error {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		defer func() { _ = recover() }()
		_ = b.db.Close()
	}()
	await(time.Second, func() bool {
		select {
		case <-closed:
			return true
		default:
			return false
		}
	})
	if err := b.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// full is how far pages are filled where keys only come at the end, or go soon after they came. bbolt leaves
// half of each page empty for keys that come in between: twice as many pages are written for nothing.
const full = 0.95

type boltTx struct {
	tx      *bolt.Tx
	sum     uint64 // of the content as this transaction has it
	changed bool
}

func (t *boltTx) Get(bucket string, key []byte) []byte {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.Get(key)
}

// find gives an element as it is stored. Get can't tell an empty value from none.
func find(b *bolt.Bucket, key []byte) (value []byte, there bool) {
	k, v := b.Cursor().Seek(key)
	return v, k != nil && bytes.Equal(k, key)
}

func (t *boltTx) Put(bucket string, key, value []byte) error {
	b, err := t.tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return err
	}
	old, there := find(b, key)
	if there && bytes.Equal(old, value) {
		return nil
	}
	if bucket == bucketJournal || bucket == bucketIntent {
		b.FillPercent = full
	}
	was := uint64(0) // what the element has added to the sum so far
	if there {
		was = digestOf(bucket, key, old)
	}
	if err := b.Put(key, value); err != nil {
		return err
	}
	t.sum += digestOf(bucket, key, value) - was
	t.changed = true
	return nil
}

func (t *boltTx) Delete(bucket string, key []byte) error {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	old, there := find(b, key)
	if !there {
		return nil
	}
	was := digestOf(bucket, key, old)
	if err := b.Delete(key); err != nil {
		return err
	}
	t.sum -= was
	t.changed = true
	return nil
}

func (t *boltTx) Scan(bucket string, from []byte, fn func(key, value []byte) bool) {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return
	}
	c := b.Cursor()
	for k, v := c.Seek(from); k != nil && fn(k, v); k, v = c.Next() {
	}
}
