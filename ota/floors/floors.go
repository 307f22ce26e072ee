// Package floors keeps, outside of every file system, the numbers below which an update never goes again: they protect a
// box whose update database is lost, and outlive a reset.
//
// They stand on the disk in two copies, each one sector of 512 bytes: the magic "SBFL1\0\0\0", the copy's number as
// uint32, five numbers as int64 (root, timestamp, snapshot, targets, release), zeros, and in the last four bytes the
// CRC-32 (IEEE) of what stands before; all little-endian. The valid copy with the higher number counts.
package floors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"syncbox/ota/internal/twocopy"
)

// Where the copies stand on the disk, in bytes: sectors 0x1800 and 0x1C00.
const (
	Offset1 = 0x1800 * twocopy.BlockSize
	Offset2 = 0x1C00 * twocopy.BlockSize
)

// Values are the numbers, each 0 and up; 0 is no floor.
type Values struct {
	// Versions of the update metadata that was last trusted.
	Root, Timestamp, Snapshot, Targets int64
	// Release is the least version of a system that may be installed, as bundle.Version's Number.
	Release int64
}

// Errors that callers tell apart.
var (
	// ErrLost: neither copy is valid. So it is on a new disk.
	ErrLost = errors.New("both copies of the floors are lost")
	// ErrBlock is wrapped by the error for a block that is not a valid copy.
	ErrBlock = errors.New("not a block of floors")
	// ErrValue: a number below 0.
	ErrValue = errors.New("floor below 0")
)

var pair = twocopy.Pair{What: "floors", At: [2]int64{Offset1, Offset2}, Seq: func(block []byte) (uint32, error) {
	_, seq, err := decode(block)
	return seq, err
}}

// Read gives the newest valid copy. Where none is valid, it gives no floors, with ErrLost.
func Read(disk io.ReaderAt) (Values, error) {
	block, seq, _, err := pair.Newest(disk)
	if seq == 0 {
		return Values{}, fmt.Errorf("%w: %w", ErrLost, err)
	}
	v, _, err := decode(block)
	return v, err
}

// Write writes v over the older copy; it is on the disk when Write returns. What is there already is not written again.
func Write(disk twocopy.Disk, v Values) error {
	if min(v.Root, v.Timestamp, v.Snapshot, v.Targets, v.Release) < 0 {
		return fmt.Errorf("write floors %+v: %w", v, ErrValue)
	}
	block, seq, next, _ := pair.Newest(disk) // both lost: written as on a new disk
	if now, _, err := decode(block); err == nil && now == v {
		return nil
	}
	if seq == maxSeq {
		return fmt.Errorf("write floors: %d writes are the last", seq)
	}
	return pair.Put(disk, encode(v, seq+1), next)
}

const (
	magic   = "SBFL1\x00\x00\x00"
	numbers = len(magic) + 4 // where they begin
	sum     = twocopy.BlockSize - 4
	maxSeq  = 1<<32 - 1
)

func (v *Values) all() []*int64 {
	return []*int64{&v.Root, &v.Timestamp, &v.Snapshot, &v.Targets, &v.Release}
}

func encode(v Values, seq uint32) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(magic), seq)
	for _, n := range v.all() {
		b = binary.LittleEndian.AppendUint64(b, uint64(*n))
	}
	b = append(b, make([]byte, sum-len(b))...)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

func decode(b []byte) (v Values, seq uint32, err error) {
	switch {
	case len(b) != twocopy.BlockSize || string(b[:len(magic)]) != magic:
		return v, 0, fmt.Errorf("%w: no magic", ErrBlock)
	case crc32.ChecksumIEEE(b[:sum]) != binary.LittleEndian.Uint32(b[sum:]):
		return v, 0, fmt.Errorf("%w: checksum differs", ErrBlock)
	}
	seq = binary.LittleEndian.Uint32(b[len(magic):])
	for i, n := range v.all() {
		if *n = int64(binary.LittleEndian.Uint64(b[numbers+8*i:])); *n < 0 {
			return Values{}, 0, fmt.Errorf("%w: %w", ErrBlock, ErrValue)
		}
	}
	if seq == 0 {
		return Values{}, 0, fmt.Errorf("%w: number 0", ErrBlock)
	}
	return v, seq, nil
}
