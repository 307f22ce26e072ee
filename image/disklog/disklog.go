// Package disklog reads what a machine of package vm wrote to its disk (Config.DiskLog), as package otatest wants it.
//
// The form is that of Linux's dm-log-writes, which QEMU's blklogwrites driver writes
// (https://docs.kernel.org/admin-guide/device-mapper/log-writes.html): a sector with magic, version, number of entries
// (64 bits each) and sector size (32 bits), little-endian; then for each entry a sector with first sector, number of
// sectors, flags and length of data (64 bits each), and the sectors.
package disklog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"syncbox/ota/otatest"
)

const (
	magic   = 0x6a736677736872
	version = 1
)

// Flags of an entry.
const (
	flush   = 1
	fua     = 2
	discard = 4
	mark    = 8
)

// maxWrite bounds one entry, in bytes.
const maxWrite = 64 << 20

// ErrLog is wrapped by the error for what is not such a log.
var ErrLog = errors.New("not the log of a disk")

// Read reads a log. A flush makes everything before it durable, a write with FUA itself only.
func Read(r io.Reader, each func(otatest.Op) error) error {
	head := make([]byte, otatest.SectorSize)
	if _, err := io.ReadFull(r, head); err != nil {
		return fmt.Errorf("%w: %w", ErrLog, err)
	}
	le := binary.LittleEndian
	if le.Uint64(head) != magic || le.Uint64(head[8:]) != version || le.Uint32(head[24:]) != otatest.SectorSize {
		return fmt.Errorf("%w: it begins with % x", ErrLog, head[:28])
	}
	for n := range le.Uint64(head[16:]) {
		if err := readEntry(r, each); err != nil {
			return fmt.Errorf("read log of a disk: entry %d: %w", n, err)
		}
	}
	return nil
}

const file = "disk" // one cache for all that is written

func readEntry(r io.Reader, each func(otatest.Op) error) error {
	head := make([]byte, otatest.SectorSize)
	if _, err := io.ReadFull(r, head); err != nil {
		return err
	}
	le := binary.LittleEndian
	at, sectors, flags := le.Uint64(head), le.Uint64(head[8:]), le.Uint64(head[16:])
	if flags&flush != 0 {
		if err := each(otatest.Op{Kind: otatest.Sync, File: file}); err != nil {
			return err
		}
	}
	if sectors == 0 || flags&(discard|mark) != 0 {
		return nil // what is discarded may be read again, or not; nobody here reads it
	}
	if sectors > maxWrite/otatest.SectorSize {
		return fmt.Errorf("%w: a write of %d sectors", ErrLog, sectors)
	}
	data := make([]byte, sectors*otatest.SectorSize)
	if _, err := io.ReadFull(r, data); err != nil {
		return err
	}
	return each(otatest.Op{Kind: otatest.Write, File: file, At: int64(at) * otatest.SectorSize, Data: data, Durable: flags&fua != 0})
}
