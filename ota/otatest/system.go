package otatest

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/bits"
	"math/rand/v2"
)

// A slot of the tests begins with one sector that says where its kernel and its initrd stand, which is all that the
// boot loader wants to know of a file system.
const systemMagic = "SLOTTEST"

// System makes the image of a slot: size bytes, a multiple of SectorSize, no sector of which stands in a System of
// another seed.
func System(seed uint64, size int) []byte {
	b := make([]byte, size)
	rng := rand.New(rand.NewPCG(seed, 0x5107))
	for s := 0; s < size; s += SectorSize {
		// Cheap to compress, and different everywhere.
		binary.LittleEndian.PutUint64(b[s:], rng.Uint64())
		binary.LittleEndian.PutUint64(b[s+SectorSize/2:], rng.Uint64())
	}
	kernel := size / 3 / SectorSize * SectorSize
	SetParts(b, SectorSize, kernel, SectorSize+kernel, size-SectorSize-kernel)
	return b
}

// SetParts writes the first sector of an image: place and length of kernel and initrd.
func SetParts(b []byte, kernel, kernelSize, initrd, initrdSize int) {
	copy(b, systemMagic)
	for i, n := range []int{kernel, kernelSize, initrd, initrdSize} {
		binary.LittleEndian.PutUint32(b[len(systemMagic)+4*i:], uint32(n))
	}
}

// SlotSum is how the boot loader spells the CRC-32 of a file: its bytes swapped, hexadecimal, no leading zeros.
func SlotSum(b []byte) string { return fmt.Sprintf("%x", bits.ReverseBytes32(crc32.ChecksumIEEE(b))) }

// Parts gives kernel and initrd of a slot that begins at a place; false if there is no system.
func Parts(c *Content, at, size int64) (kernel, initrd []byte, ok bool) {
	head := c.Bytes(at, SectorSize)
	if string(head[:len(systemMagic)]) != systemMagic {
		return nil, nil, false
	}
	var n [4]int64
	for i := range n {
		n[i] = int64(binary.LittleEndian.Uint32(head[len(systemMagic)+4*i:]))
	}
	if n[0]+n[1] > size || n[2]+n[3] > size {
		return nil, nil, false
	}
	return c.Bytes(at+n[0], n[1]), c.Bytes(at+n[2], n[3]), true
}

// Sums gives what the boot loader knows the parts of an image by.
func Sums(image []byte) (kernel, initrd string) {
	c := NewContent(int64(len(image)))
	c.Write(image, 0)
	k, i, ok := Parts(&c, 0, c.size)
	if !ok {
		panic("otatest: not the image of a slot")
	}
	return SlotSum(k), SlotSum(i)
}
