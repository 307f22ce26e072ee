package boot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrNoCard: no disk has the partitions of a box.
var ErrNoCard = errors.New("no disk with the partitions of a box")

// Card gives the device file of the whole disk whose fourth partition is the data partition, also where that one can't
// be mounted; root is "/". USB sticks are none.
func Card(root string) (string, error) {
	devices, err := partitions(root)
	if err != nil {
		return "", err
	}
	for _, device := range devices {
		where, err := filepath.EvalSymlinks(filepath.Join(root, "sys/class/block", filepath.Base(device)))
		if err != nil {
			return "", fmt.Errorf("find the disk of %s: %w", device, err)
		}
		disk := filepath.Join(root, "dev", filepath.Base(filepath.Dir(where)))
		if _, err := os.Stat(disk); err == nil {
			return disk, nil
		}
	}
	return "", ErrNoCard
}
