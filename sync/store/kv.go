package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// KV is an ordered key-value file with atomic, durable transactions. bbolt is the one that boxes use.
type KV interface {
	View(func(Tx) error) error
	// Update commits all or nothing, and what it committed survives a power cut.
	Update(func(Tx) error) error
	Close() error
}

// Tx is one transaction. Bytes it gives are valid until it ends and must not be changed.
type Tx interface {
	Get(bucket string, key []byte) []byte
	Put(bucket string, key, value []byte) error
	Delete(bucket string, key []byte) error
	// Scan calls fn in key order, from the first key at or after from, until it returns false. fn must
	// not write to the bucket.
	Scan(bucket string, from []byte, fn func(key, value []byte) bool)
}

// OpenBolt opens or makes a bbolt file. A new file is made aside and renamed, so that a power cut never
// leaves half of one. A file that is damaged gives an error and stays as it is.
func OpenBolt(path string) (KV, error) {
	if _, err := os.Stat(path); os.IsNotExist(err) {
		if err := createBolt(path); err != nil {
			return nil, err
		}
	}
	db, err := openChecked(path)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", filepath.Base(path), err)
	}
	return boltKV{db}, nil
}

// openChecked turns the panic that bbolt answers some damage with into an error.
func openChecked(path string) (db *bolt.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("damaged: %v", p)
		}
	}()
	return bolt.Open(path, 0o600, &bolt.Options{Timeout: 2 * time.Second, FreelistType: bolt.FreelistMapType, NoFreelistSync: false})
}

func createBolt(path string) error {
	tmp := path + ".tmp"
	_ = os.Remove(tmp)
	db, err := bolt.Open(tmp, 0o600, &bolt.Options{Timeout: time.Second})
	if err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	if err := db.Sync(); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

type boltKV struct{ db *bolt.DB }

func (b boltKV) View(fn func(Tx) error) error {
	return b.db.View(func(tx *bolt.Tx) error { return fn(boltTx{tx}) })
}

func (b boltKV) Update(fn func(Tx) error) error {
	return b.db.Update(func(tx *bolt.Tx) error { return fn(boltTx{tx}) })
}

func (b boltKV) Close() error { return b.db.Close() }

type boltTx struct{ tx *bolt.Tx }

func (t boltTx) Get(bucket string, key []byte) []byte {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.Get(key)
}

func (t boltTx) Put(bucket string, key, value []byte) error {
	b, err := t.tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return err
	}
	return b.Put(key, value)
}

func (t boltTx) Delete(bucket string, key []byte) error {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.Delete(key)
}

func (t boltTx) Scan(bucket string, from []byte, fn func(key, value []byte) bool) {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return
	}
	c := b.Cursor()
	for k, v := c.Seek(from); k != nil && fn(k, v); k, v = c.Next() {
	}
}

// scanPrefix scans the keys that begin with prefix.
func scanPrefix(tx Tx, bucket string, prefix []byte, fn func(key, value []byte) bool) {
	tx.Scan(bucket, prefix, func(k, v []byte) bool { return bytes.HasPrefix(k, prefix) && fn(k, v) })
}
