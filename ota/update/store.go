package update

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"

	"syncbox/ota/internal/sealed"
	"syncbox/ota/trust"
)

// Buckets and keys of the database.
var (
	bucketTrust  = []byte("trust")
	bucketUpdate = []byte("update")
	keyState     = []byte("state")
	keyRecord    = []byte("record")
)

// aside is put behind the name of a database that can't be used; an older one makes room.
const aside = ".bad"

// store is the database. All of it is held in memory as well, so that a file that fails while the box runs can be made
// anew.
type store struct {
	path string
	log  *slog.Logger
	db   *bolt.DB // nil where none can be had

	record Record
	state  trust.State
}

// openStore opens the database, or a new one where it can't be used. lost says why something of what was known is not
// known any more; a new box has lost nothing.
func openStore(path string, log *slog.Logger) (s *store, lost error) {
	s = &store{path: path, log: log}
	if lost = s.open(); lost == nil {
		return s, nil
	}
	log.Error("update database can't be used", "path", path, "err", lost)
	if err := s.renew(); err != nil {
		log.Error("no new update database: what is decided now is forgotten by the next start", "path", path, "err", err)
		lost = errors.Join(lost, err)
	}
	return s, lost
}

// open opens the file and reads it. What can be read of a damaged one is kept in memory.
func (s *store) open() error {
	_, statErr := os.Lstat(s.path)
	err := guard(func() (err error) {
		s.db, err = bolt.Open(s.path, 0o600, &bolt.Options{Timeout: time.Second})
		return err
	})
	if err != nil {
		s.db = nil
		return err
	}
	if errors.Is(statErr, fs.ErrNotExist) {
		return syncFolder(s.path)
	}
	var record, state []byte
	err = guard(func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			if b := tx.Bucket(bucketUpdate); b != nil {
				record = bytes.Clone(b.Get(keyRecord))
			}
			if b := tx.Bucket(bucketTrust); b != nil {
				state = bytes.Clone(b.Get(keyState))
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	return errors.Join(s.readRecord(record), s.readState(state))
}

func (s *store) readRecord(b []byte) error {
	if b == nil {
		return nil
	}
	var r Record
	if err := recordForm.Unmarshal(b, &r); err != nil {
		return err
	}
	s.record = r
	return nil
}

func (s *store) readState(b []byte) error {
	if b == nil {
		return nil
	}
	st, err := trust.Unmarshal(b)
	if err != nil {
		return err
	}
	s.state = st
	return nil
}

// put keeps record and state in one transaction; with an error the file has the ones before.
func (s *store) put(r Record, st trust.State) error {
	record, err := recordForm.Marshal(r)
	if err != nil {
		return err
	}
	state, err := st.Marshal()
	if err != nil {
		return err
	}
	err = s.write(record, state)
	if err != nil {
		s.log.Error("update database takes nothing: it is begun anew", "path", s.path, "err", err)
		if err = s.renew(); err == nil {
			err = s.write(record, state)
		}
	}
	if err != nil {
		return &Error{Code: RecordLost, Err: fmt.Errorf("write %s: %w", s.path, err)}
	}
	s.record, s.state = r, st
	return nil
}

func (s *store) write(record, state []byte) error {
	if s.db == nil {
		return errors.New("no database")
	}
	err := guard(func() error {
		return s.db.Update(func(tx *bolt.Tx) error {
			changed := false
			for _, kv := range []struct{ bucket, key, value []byte }{
				{bucketUpdate, keyRecord, record}, {bucketTrust, keyState, state},
			} {
				b, err := tx.CreateBucketIfNotExists(kv.bucket)
				if err != nil {
					return err
				}
				if bytes.Equal(b.Get(kv.key), kv.value) {
					continue
				}
				changed = true
				if err := b.Put(kv.key, kv.value); err != nil {
					return err
				}
			}
			if !changed {
				return errUnchanged
			}
			return nil
		})
	})
	if err == errUnchanged {
		return nil
	}
	return err
}

// errUnchanged ends a transaction that leaves all as it was: to commit it would wear the flash for nothing.
var errUnchanged = errors.New("nothing has changed")

// renew sets the file aside and begins a new one, with what is known in memory. The old handle may hang after a panic
// within the library: it is left alone.
func (s *store) renew() error {
	s.db = nil
	if err := os.Rename(s.path, s.path+aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		if removed := os.Remove(s.path); removed != nil {
			return errors.Join(err, removed)
		}
	}
	if err := s.open(); err != nil {
		return err
	}
	record, err := recordForm.Marshal(s.record)
	if err != nil {
		return err
	}
	state, err := s.state.Marshal()
	if err != nil {
		return err
	}
	return s.write(record, state)
}

func (s *store) close() error {
	if s.db == nil {
		return nil
	}
	return guard(s.db.Close)
}

// guard turns what the library does about a file that is not what it expects, a panic or a fault of a read from its
// mapping, into an error.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("database: %v", p)
		}
	}()
	return fn()
}

func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// recordMagic begins a Record; the digit is the version of the form.
const recordMagic = "syncbox-update-1\n"

// ErrRecord is wrapped by the error for bytes that hold no Record.
var ErrRecord = errors.New("bad update record")

// recordForm is how a Record is kept.
var recordForm = sealed.Form{What: "update record", Magic: recordMagic, Bad: ErrRecord}
