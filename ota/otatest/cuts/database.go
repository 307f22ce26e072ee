package cuts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"syncbox/ota/otatest"
)

const (
	databaseSize = 256 << 10 // the most that the file may become
	dbPage       = 4096
	heads        = 2 // pages of the head: which of them counts, its transaction tells
	dbFile       = "database"
)

// database watches the file of the updater's record.
type database struct {
	mu   sync.Mutex // protects the rest
	path string
	log  *otatest.Log
	now  otatest.Content
	at   uint64 // its last transaction
	// Missed counts transactions of which only the result was seen.
	Missed  int
	err     error
	stopped bool
}

// stop ends the watch: the power is off.
func (d *database) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
}

// newDatabase lays the file as a content has it; an empty one is no file.
func newDatabase(path string, log *otatest.Log, c otatest.Content) (*database, error) {
	d := &database{path: path, log: log, now: c.Clone()}
	b := bytes.TrimRight(c.Bytes(0, c.Size()), "\x00")
	if len(b) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return d, nil
	}
	// A file is as long as its pages, some of whose ends are empty.
	size := (len(b) + 8*dbPage - 1) / (8 * dbPage) * (8 * dbPage)
	b = append(b, make([]byte, size-len(b))...)
	d.at = transaction(b)
	return d, os.WriteFile(path, b, 0o600)
}

// transaction gives the number of the last one, as the newer of both heads has it.
func transaction(b []byte) uint64 {
	var newest uint64
	for i := range heads {
		if head := i*dbPage + 64; len(b) >= head+8 {
			newest = max(newest, binary.LittleEndian.Uint64(b[head:]))
		}
	}
	return newest
}

// look writes down what was committed since the last look.
func (d *database) look() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped {
		return
	}
	f, err := os.Open(d.path)
	if err != nil {
		return // not there yet
	}
	defer f.Close()
	b := make([]byte, heads*dbPage)
	if _, err := f.ReadAt(b, 0); err != nil || transaction(b) == d.at {
		return
	}
	if b, err = os.ReadFile(d.path); err != nil {
		d.err = err
		return
	}
	if len(b) > databaseSize {
		d.err = fmt.Errorf("the database has %d bytes, more than this model of it", len(b))
		return
	}
	at := transaction(b)
	if d.at != 0 && at > d.at+1 {
		d.Missed += int(at - d.at - 1)
	}
	d.at = at
	d.commit(b)
}

// commit writes down how the file came to be b.
func (d *database) commit(b []byte) {
	write := func(first, last int) {
		for p := first; p < last && p*dbPage < len(b); p++ {
			page := b[p*dbPage : min((p+1)*dbPage, len(b))]
			if !d.now.Is(page, int64(p*dbPage)) {
				d.log.Add(otatest.Op{Kind: otatest.Write, Volume: otatest.TheData, File: dbFile, At: int64(p * dbPage), Data: page})
				d.now.Write(page, int64(p*dbPage))
			}
		}
		d.log.Add(otatest.Op{Kind: otatest.Sync, Volume: otatest.TheData, File: dbFile})
	}
	write(heads, databaseSize/dbPage)
	write(0, heads)
}
