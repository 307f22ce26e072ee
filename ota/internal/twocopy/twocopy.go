// Package twocopy keeps a block of one sector on a disk such that a cut of the power never loses it: in two copies,
// numbered, each with a checksum. The valid copy with the higher number counts, and a writer writes the next number over
// the other one, so that a torn write leaves the copy before it.
package twocopy

import (
	"errors"
	"fmt"
	"io"
)

// BlockSize is the length of a copy in bytes: one sector.
const BlockSize = 512

// Disk is the whole disk.
type Disk interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
}

// Pair is where both copies of a block stand.
type Pair struct {
	What string   // "boot state", for errors
	At   [2]int64 // in bytes
	// Seq gives the number of a copy, 1 and up; an error for one that is not valid.
	Seq func(block []byte) (uint32, error)
}

// Newest gives the copy that counts, its number, and where the next one is to be written. Where neither is valid, the
// number is 0 and the error tells what was wrong with each.
func (p Pair) Newest(disk io.ReaderAt) (block []byte, seq uint32, next int64, err error) {
	var blocks [2][]byte
	var seqs [2]uint32
	var errs [2]error
	for i, at := range p.At {
		if blocks[i], seqs[i], errs[i] = p.read(disk, at); errs[i] != nil {
			errs[i] = fmt.Errorf("read %s at %#x: %w", p.What, at, errs[i])
		}
	}
	switch {
	case seqs[0] > seqs[1]:
		return blocks[0], seqs[0], p.At[1], nil
	case seqs[1] > 0:
		return blocks[1], seqs[1], p.At[0], nil
	}
	return nil, 0, p.At[0], errors.Join(errs[:]...)
}

func (p Pair) read(disk io.ReaderAt, at int64) ([]byte, uint32, error) {
	b := make([]byte, BlockSize)
	if _, err := disk.ReadAt(b, at); err != nil {
		return nil, 0, err
	}
	seq, err := p.Seq(b)
	if err != nil {
		return nil, 0, err
	}
	return b, seq, nil
}

// Put writes a copy; it is on the disk when Put returns.
func (p Pair) Put(disk Disk, block []byte, at int64) error {
	_, err := disk.WriteAt(block, at)
	if err == nil {
		err = disk.Sync()
	}
	if err != nil {
		return fmt.Errorf("write %s at %#x: %w", p.What, at, err)
	}
	return nil
}
