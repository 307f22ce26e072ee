package bootstate

import (
	"errors"
	"fmt"
	"io"
	"os"

	"syncbox/ota/internal/twocopy"
)

// Where the copies stand on the disk, in bytes: sectors 0x800 and 0x1000.
const (
	Offset1 = 0x800 * BlockSize
	Offset2 = 0x1000 * BlockSize
)

var pair = twocopy.Pair{What: "boot state", At: [2]int64{Offset1, Offset2}, Seq: func(block []byte) (uint32, error) {
	s, err := Decode(block)
	return s.Seq, err
}}

// Errors that callers tell apart.
var (
	// ErrLost: neither copy is valid.
	ErrLost = errors.New("both copies of the boot state are lost")
	// ErrStale: somebody has written since the state was read.
	ErrStale = errors.New("boot state was written by somebody else")
)

// Disk is the whole disk; an *os.File of it is one.
type Disk interface{ twocopy.Disk }

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
	block, seq, next, err := pair.Newest(disk)
	if seq == 0 {
		return First(), next, fmt.Errorf("%w: %w", ErrLost, err)
	}
	s, err := Decode(block)
	return s, next, err
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
	return s, pair.Put(disk, b, at)
}
