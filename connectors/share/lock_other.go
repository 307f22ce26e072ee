//go:build !linux

package share

import (
	"errors"
	"fmt"
	"os"
)

// setLock refuses: locks bound to an open file are Linux's.
func setLock(*os.File, bool, int64, int64) error {
	return fmt.Errorf("share: byte-range lock: %w on this operating system", errors.ErrUnsupported)
}
