package vm

import (
	"fmt"
	"os/exec"
	"strings"
)

// CopyDisk copies the image of a disk, holes and all, for one machine to write to.
func CopyDisk(from, to string) error {
	if out, err := exec.Command("cp", "--sparse=always", from, to).CombinedOutput(); err != nil {
		return fmt.Errorf("copy disk: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
