package slot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"syncbox/ota/bootstate"
)

// Partitions of the slots in the disk's own table.
const (
	PartitionA = 2
	PartitionB = 3
)

// Partition gives the number of a slot's partition; 0 for none.
func Partition(s bootstate.Slot) int {
	switch s {
	case bootstate.A:
		return PartitionA
	case bootstate.B:
		return PartitionB
	}
	return 0
}

// ErrTable is wrapped by the error for a disk whose partition table can't be used.
var ErrTable = errors.New("bad partition table")

// The master boot record: four entries of 16 bytes, then the signature. An entry has the type at 4, the first sector at 8,
// the number of sectors at 12, little-endian.
const (
	sector     = 512
	tableAt    = 446
	entryBytes = 16
	typeFAT    = 0x0c
)

// stretch is where a partition lies, in bytes.
type stretch struct{ at, size int64 }

// find gives the place of a slot's partition.
func find(disk io.ReaderAt, partition int) (stretch, error) {
	b := make([]byte, sector)
	if _, err := disk.ReadAt(b, 0); err != nil {
		return stretch{}, fmt.Errorf("read partition table: %w", err)
	}
	if b[510] != 0x55 || b[511] != 0xaa {
		return stretch{}, fmt.Errorf("%w: no signature", ErrTable)
	}
	if partition != PartitionA && partition != PartitionB {
		return stretch{}, fmt.Errorf("%w: partition %d is no slot", ErrTable, partition)
	}
	e := b[tableAt+(partition-1)*entryBytes:][:entryBytes]
	s := stretch{
		at:   int64(binary.LittleEndian.Uint32(e[8:])) * sector,
		size: int64(binary.LittleEndian.Uint32(e[12:])) * sector,
	}
	if e[4] != typeFAT || s.at <= bootstate.Offset2 || s.size == 0 || s.at%alignment != 0 || s.size%alignment != 0 {
		return stretch{}, fmt.Errorf("%w: partition %d has type %#x and %d bytes at %#x", ErrTable, partition, e[4], s.size, s.at)
	}
	return s, nil
}
