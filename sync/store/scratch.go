package store

import (
	"errors"
	"fmt"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"
)

// OpenScratch makes an empty database for work that is thrown away: nothing of it has to survive a power cut,
// so that nothing waits for the disk. What an earlier run left at path is removed, and Close removes the file.
func OpenScratch(path string) (KV, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("make scratch database: %w", err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, NoSync: true, NoFreelistSync: true, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return nil, fmt.Errorf("make scratch database: %w", err)
	}
	return scratch{db, path}, nil
}

type scratch struct {
	db   *bolt.DB
	path string
}

func (s scratch) View(fn func(Tx) error) error {
	return s.db.View(func(tx *bolt.Tx) error { return fn(&boltTx{tx: tx}) })
}

func (s scratch) Update(fn func(Tx) error) error {
	return s.db.Update(func(tx *bolt.Tx) error { return fn(&boltTx{tx: tx}) })
}

func (s scratch) Close() error { return errors.Join(s.db.Close(), os.Remove(s.path)) }
