// Package disk lays out what is written on a card: partition table, boot state, the frozen first
// partition, two slots, the data partition. It needs neither root nor mounts, and two builds of the
// same content are the same bytes.
//
//	sector         what
//	0              master boot record
//	0x800, 0x1000  both copies of the boot state (package ota/bootstate)
//	0x1800, 0x1c00 zeros: the updater keeps there what it must not forget (package ota/floors)
//	8192           p1, FAT: boot loader, boot.scr, firmware of the boards. No update writes it
//	40960          p2, slot a, FAT: kernel, initrd, device trees
//	237568         p3, slot b
//	434176         p4, data, ext4
//
// The size of a slot can't change in the field.
package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"syncbox/ota/bootstate"
)

// Sector is the unit of the partition table, in bytes.
const Sector = 512

// Sizes of the partitions in bytes; that of the data partition is the builder's choice.
const (
	BootSize = 32768 * Sector  // 16 MiB
	SlotSize = 196608 * Sector // 96 MiB
)

// Where the partitions begin, in bytes.
const (
	BootOffset  = 8192 * Sector
	SlotAOffset = BootOffset + BootSize
	SlotBOffset = SlotAOffset + SlotSize
	DataOffset  = SlotBOffset + SlotSize
)

// diskID stands in the partition table; it is the same on every card.
const diskID = 0x5342_0001

// Types of partitions.
const (
	typeFAT   = 0x0c // FAT with LBA: what the boot ROM of a Raspberry Pi looks for, whatever its FAT's width
	typeLinux = 0x83
)

// Parts are the file system images of a disk, by their paths; each fills its partition. A part without a path
// leaves its partition empty.
type Parts struct {
	Boot, SlotA, SlotB, Data string
	DataSize                 int64 // bytes, a multiple of Sector
	State                    bootstate.State
}

// Write writes the disk to path, sparse where it is empty. The state becomes the first one of its copy 1.
func Write(path string, p Parts) error {
	if p.DataSize <= 0 || p.DataSize%Sector != 0 || (DataOffset+p.DataSize)/Sector > 1<<32-1 {
		return fmt.Errorf("write disk %s: data partition of %d bytes", path, p.DataSize)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = errors.Join(p.write(f), f.Close())
	if err != nil {
		return fmt.Errorf("write disk %s: %w", path, err)
	}
	return nil
}

func (p Parts) write(f *os.File) error {
	if err := f.Truncate(DataOffset + p.DataSize); err != nil {
		return err
	}
	if _, err := f.WriteAt(masterBootRecord(p.DataSize), 0); err != nil {
		return err
	}
	p.State.Seq = 0
	if _, err := bootstate.Write(f, p.State); err != nil {
		return err
	}
	for _, part := range []struct {
		from     string
		at, size int64
	}{{p.Boot, BootOffset, BootSize}, {p.SlotA, SlotAOffset, SlotSize}, {p.SlotB, SlotBOffset, SlotSize}, {p.Data, DataOffset, p.DataSize}} {
		if part.from == "" {
			continue
		}
		if err := copyPart(f, part.at, part.from, part.size); err != nil {
			return err
		}
	}
	return nil
}

// masterBootRecord gives sector 0: the disk's id at 440, four entries of 16 bytes at 446, 0x55 0xaa.
// Cylinders, heads and sectors say "see the sector numbers".
func masterBootRecord(dataSize int64) []byte {
	b := make([]byte, Sector)
	binary.LittleEndian.PutUint32(b[440:], diskID)
	for i, e := range []struct {
		active, kind byte
		at, size     int64
	}{{0x80, typeFAT, BootOffset, BootSize}, {0, typeFAT, SlotAOffset, SlotSize}, {0, typeFAT, SlotBOffset, SlotSize}, {0, typeLinux, DataOffset, dataSize}} {
		entry := b[446+16*i:]
		copy(entry, []byte{e.active, 0xfe, 0xff, 0xff, e.kind, 0xfe, 0xff, 0xff})
		binary.LittleEndian.PutUint32(entry[8:], uint32(e.at/Sector))
		binary.LittleEndian.PutUint32(entry[12:], uint32(e.size/Sector))
	}
	b[510], b[511] = 0x55, 0xaa
	return b
}

// copyPart copies a file of exactly size bytes to an offset; blocks of zeros are left as holes.
func copyPart(to io.WriterAt, at int64, from string, size int64) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != size {
		return fmt.Errorf("%s has %d bytes, its partition %d", from, info.Size(), size)
	}
	block := make([]byte, 64<<10)
	for done := int64(0); done < size; {
		n, err := io.ReadFull(f, block[:min(int64(len(block)), size-done)])
		if err != nil {
			return fmt.Errorf("read %s: %w", from, err)
		}
		if !empty(block[:n]) {
			if _, err := to.WriteAt(block[:n], at+done); err != nil {
				return err
			}
		}
		done += int64(n)
	}
	return nil
}

func empty(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
