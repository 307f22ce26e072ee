//go:build !linux

package slot

import "os"

// Reread opens the disk once more. Only the appliance, which is a Linux, has a slot to write.
func (s *Slot) Reread() (Medium, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	return direct{f, s.stretch}, nil
}
