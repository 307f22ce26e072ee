package store

import "bytes"

// KV is an ordered key-value file with atomic, durable transactions. bbolt is the one that boxes use.
type KV interface {
	View(func(Tx) error) error
	// Update commits all or nothing, and what it committed survives a power cut. After an error of the
	// system the transaction may be there or not, as after a power cut. One that leaves all as it was writes
	// nothing.
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

// scanPrefix scans the keys that begin with prefix.
func scanPrefix(tx Tx, bucket string, prefix []byte, fn func(key, value []byte) bool) {
	tx.Scan(bucket, prefix, func(k, v []byte) bool { return bytes.HasPrefix(k, prefix) && fn(k, v) })
}
