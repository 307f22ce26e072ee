package disk

import (
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"syncbox/ota/bootstate"
)

// SlotSums gives the sums by which the selector knows the kernel and the initrd of a slot. The device
// tree's depends on the board, and is not known before the box runs on it.
func SlotSums(kernel, initrd string) (bootstate.Sums, error) {
	var s bootstate.Sums
	var err error
	if s.Kernel, err = Sum(kernel); err != nil {
		return s, err
	}
	s.Initrd, err = Sum(initrd)
	return s, err
}

// Sum gives the sum by which the selector knows a file.
func Sum(path string) (bootstate.Sum, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := crc32.NewIEEE()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return bootstate.SumOf(h.Sum32()), nil
}
