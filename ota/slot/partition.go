package slot

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Slot is the partition of a slot on a disk, or on an image of one. It reaches nothing outside of the partition.
type Slot struct {
	path string
	disk *os.File
	stretch
}

var (
	_ Device   = (*Slot)(nil)
	_ Rereader = (*Slot)(nil)
)

// Open opens the slot in a partition, PartitionA or PartitionB, of the disk's own table. disk is the whole disk: a device
// ("/dev/mmcblk0") or an image of one.
func Open(disk string, partition int) (*Slot, error) {
	f, err := os.OpenFile(disk, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	s, err := find(f, partition)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", disk, err), f.Close())
	}
	return &Slot{path: disk, disk: f, stretch: s}, nil
}

// Close closes it.
func (s *Slot) Close() error { return s.disk.Close() }

// Size is that of the partition, in bytes.
func (s *Slot) Size() int64 { return s.size }

// Sync returns once what was written is on the medium.
func (s *Slot) Sync() error { return s.disk.Sync() }

// ReadAt is that of io.ReaderAt; it may be answered out of the kernel's memory.
func (s *Slot) ReadAt(b []byte, at int64) (int, error) { return s.readAt(s.disk, b, at) }

// WriteAt is that of io.WriterAt.
func (s *Slot) WriteAt(b []byte, at int64) (int, error) {
	if at < 0 || at+int64(len(b)) > s.size {
		return 0, fmt.Errorf("write %d bytes at %#x: %w", len(b), at, ErrTooLarge)
	}
	return s.disk.WriteAt(b, s.at+at)
}

func (s stretch) readAt(disk io.ReaderAt, b []byte, at int64) (int, error) {
	if at < 0 {
		return 0, fmt.Errorf("read at %d", at)
	}
	if at >= s.size {
		return 0, io.EOF
	}
	short := int64(len(b)) > s.size-at
	n, err := disk.ReadAt(b[:min(int64(len(b)), s.size-at)], s.at+at)
	if err == nil && short {
		err = io.EOF
	}
	return n, err
}

// direct is a Slot past the kernel's memory.
type direct struct {
	*os.File
	stretch
}

// ReadAt is that of io.ReaderAt.
func (d direct) ReadAt(b []byte, at int64) (int, error) { return d.readAt(d.File, b, at) }
