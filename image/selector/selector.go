// Package selector makes what runs before any Linux: the script by which U-Boot chooses between the two
// slots (boot.cmd, wrapped as boot.scr), and the environment that makes U-Boot start it at once under
// QEMU. Neither is ever written by the box: "saveenv" has no place in it.
package selector

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"time"
)

// FileName is the script's name on the first partition, where U-Boot looks for it.
const FileName = "boot.scr"

// Script is the text that Image wraps.
//
//go:embed boot.cmd
var Script []byte

// Numbers of U-Boot's include/image.h: the legacy image header is 64 bytes, all numbers big-endian.
const (
	headerSize  = 64
	headerMagic = 0x27051956
	osLinux     = 5
	archARM64   = 22
	typeScript  = 6
)

// Image gives a script as "mkimage -A arm64 -T script -C none" does at that time.
func Image(script []byte, at time.Time) []byte {
	data := binary.BigEndian.AppendUint32(nil, uint32(len(script)))
	data = append(binary.BigEndian.AppendUint32(data, 0), script...) // 0 ends the list of parts
	h := make([]byte, headerSize)
	put := func(at int, v uint32) { binary.BigEndian.PutUint32(h[at:], v) }
	put(0, headerMagic)
	put(8, uint32(at.Unix()))
	put(12, uint32(len(data)))
	put(24, crc32.ChecksumIEEE(data))
	h[28], h[29], h[30] = osLinux, archARM64, typeScript
	put(4, crc32.ChecksumIEEE(h)) // of the header with this field 0
	return append(h, data...)
}

// Sizes of U-Boot's environment on QEMU's virt machine, and of the flash that holds it, in bytes.
const (
	envSize   = 0x40000
	flashSize = 64 << 20
)

// environment is what U-Boot 2023.01 needs on QEMU's virt machine to come to the script without its
// delay and without its search for disks.
var environment = [][2]string{
	{"bootdelay", "-2"},
	{"kernel_addr_r", "0x40400000"},
	{"scriptaddr", "0x40200000"},
	{"ramdisk_addr_r", "0x48000000"},
	{"stdin", "pl011@9000000"}, {"stdout", "pl011@9000000"}, {"stderr", "pl011@9000000"},
	{"bootcmd", "virtio scan; if load virtio 0:1 ${scriptaddr} boot.scr; then source ${scriptaddr}; fi; " +
		"pci enum; virtio scan; load virtio 0:1 ${scriptaddr} boot.scr; source ${scriptaddr}; reset"},
}

// Environment gives the environment's bytes: CRC-32 (IEEE), little-endian, then "name=value" strings
// ended by NUL.
func Environment() []byte {
	b := make([]byte, envSize)
	n := 4
	for _, v := range environment {
		n += copy(b[n:], v[0]+"="+v[1]) + 1
	}
	binary.LittleEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:]))
	return b
}

// WriteFlash writes the machine's second flash, a sparse file of 64 MiB that begins with Environment.
func WriteFlash(path string) error {
	if err := os.WriteFile(path, Environment(), 0o644); err != nil {
		return err
	}
	if err := os.Truncate(path, flashSize); err != nil {
		return fmt.Errorf("grow %s: %w", path, err)
	}
	return nil
}
