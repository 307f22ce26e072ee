package boot

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// DataDir is where the data partition is mounted.
const DataDir = "/data"

// Data says what MountData looks for. The zero value is good for the box.
type Data struct {
	// Label of the ext4 file system, default "data".
	Label string
	// Wait is how long the disk may take to appear, default 10 s. A disk that is there and whose fourth partition is
	// something else is not waited for.
	Wait time.Duration
	// Own names a file whose presence in the root file system says that this one brings its own data folder, so that
	// there is no partition to look for; empty is none.
	Own string
}

func (d Data) withDefaults() Data {
	if d.Label == "" {
		d.Label = "data"
	}
	if d.Wait == 0 {
		d.Wait = 10 * time.Second
	}
	return d
}

// The superblock of ext4 (Linux, Documentation/filesystems/ext4/super.rst) begins here, and has these fields.
const (
	superOffset = 1024
	superSize   = 1024
	magicAt     = 0x38 // two bytes
	labelAt     = 0x78 // 16 bytes, filled with zeros
	ext4Magic   = 0xef53
)

// errNotExt4 means that a partition holds no ext4 file system, or none that can still be told for one.
var errNotExt4 = errors.New("no ext4 file system")

// labelOf reads the label of an ext4 file system.
func labelOf(r io.ReaderAt) (string, error) {
	b := make([]byte, superSize)
	if _, err := r.ReadAt(b, superOffset); err != nil {
		return "", fmt.Errorf("read superblock: %w", err)
	}
	if binary.LittleEndian.Uint16(b[magicAt:]) != ext4Magic {
		return "", errNotExt4
	}
	label, _, _ := bytes.Cut(b[labelAt:labelAt+16], []byte{0})
	return string(label), nil
}
