package slot

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Reread opens the disk once more, past the kernel's memory (O_DIRECT). An image of a disk may lie on a file system that
// knows no such thing, and is then read as any file; a device never is.
func (s *Slot) Reread() (Medium, error) {
	f, err := os.OpenFile(s.path, os.O_RDONLY|unix.O_DIRECT, 0)
	if errors.Is(err, unix.EINVAL) && s.regular() {
		f, err = os.Open(s.path)
	}
	if err != nil {
		return nil, fmt.Errorf("open past the cache: %w", err)
	}
	return direct{f, s.stretch}, nil
}

func (s *Slot) regular() bool {
	info, err := s.disk.Stat()
	return err == nil && info.Mode().IsRegular()
}
