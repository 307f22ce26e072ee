package bootstate

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Where the copies stand on the disk, in bytes: sectors 0x800 and 0x1000.
const (
	Offset1 = 0x800 * BlockSize
	Offset2 = 0x1000 * BlockSize
)

var offsets = [2]int64{Offset1, Offset2}

// Errors that callers tell apart.
var (
	// ErrLost: neither copy is valid.
	ErrLost = errors.New("both copies of the boot state are lost")
	// ErrStale: somebody has written since the state was read.
	ErrStale = errors.New("boot state was written by somebody else")
)

// Disk is the whole disk; an *os.File of it is one.
type Disk interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
}

// Open opens a disk, a device or an image of one, such that each write is on it when it returns.
func Open(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDWR|os.O_SYNC, 0) }

// Read gives the newest valid copy. Where none is valid, it gives First with ErrLost, which tells
// what was wrong with each.
func Read(disk io.ReaderAt) (State, error) {
	s, _, err := newest(disk)
	return s, err
}

// newest also says where to write next. It chooses between the copies as the selector does.
func newest(disk io.ReaderAt) (State, int64, error) {
	var copies [2]State // Seq 0 where not valid
	var errs [2]error
	for i, at := range offsets {
		copies[i], errs[i] = readCopy(disk, at)
	}
	switch {
	case copies[0].Seq > copies[1].Seq:
		return copies[0], Offset2, nil
	case copies[1].Seq > 0:
		return copies[1], Offset1, nil
	}
	return First(), Offset1, fmt.Errorf("%w: %w; %w", ErrLost, errs[0], errs[1])
}

func readCopy(disk io.ReaderAt, at int64) (State, error) {
	b := make([]byte, BlockSize)
	if _, err := disk.ReadAt(b, at); err != nil {
		return State{}, fmt.Errorf("read boot state at %#x: %w", at, err)
	}
	s, err := Decode(b)
	if err != nil {
		return State{}, fmt.Errorf("read boot state at %#x: %w", at, err)
	}
	return s, nil
}

// Write writes s, made from what Read gave, over the older copy and returns it with its new Seq once
// it is on the disk. Between Read and Write nobody else may have written (ErrStale). Over a lost
// state it writes as over First.
func Write(disk Disk, s State) (State, error) {
	now, at, err := newest(disk)
	if err != nil && !errors.Is(err, ErrLost) {
		return s, err
	}
	if s.Seq != now.Seq {
		return s, fmt.Errorf("write boot state made from seq %d over %d: %w", s.Seq, now.Seq, ErrStale)
	}
	s.Seq++
	b, err := s.Encode()
	if err != nil {
		return s, err
	}
	if _, err := disk.WriteAt(b, at); err != nil {
		return s, fmt.Errorf("write boot state at %#x: %w", at, err)
	}
	if err := disk.Sync(); err != nil {
		return s, fmt.Errorf("write boot state at %#x: %w", at, err)
	}
	return s, nil
}
