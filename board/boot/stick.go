package boot

import (
	"bytes"
	"errors"
)

// Stick is a USB stick that is plugged in.
type Stick struct {
	// ID is of this plugging-in: the same stick has another one when it is plugged in again.
	ID string
	// Volumes are the device files of its partitions, or of the whole stick where it has none.
	Volumes []string
}

// errNoFAT: a volume holds no file system that a stick for a box may have. Those are FAT and exFAT.
var errNoFAT = errors.New("neither FAT nor exFAT")

// bootSector is how many bytes of a volume tell its file system.
const bootSector = 512

// kindOf tells the kernel's name of a volume's file system by its first sector: the file system's own name at byte 3
// (exFAT file system specification 3.1.2), or the end mark that every FAT has (Microsoft FAT specification, 3.1).
func kindOf(sector []byte) (string, error) {
	switch {
	case len(sector) < bootSector:
		return "", errNoFAT
	case bytes.HasPrefix(sector[3:], []byte("EXFAT   ")):
		return "exfat", nil
	case bytes.HasPrefix(sector[3:], []byte("NTFS    ")) || !bytes.Equal(sector[510:512], []byte{0x55, 0xaa}):
		return "", errNoFAT
	}
	return "vfat", nil
}
