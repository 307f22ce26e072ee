//go:build !linux

package board

import (
	"errors"
	"io"
)

// SerialLine can't be had here.
type SerialLine struct{ io.ReadWriteCloser }

// OpenSerial gives an error: only Linux boards have serial lines for us.
func OpenSerial(name string, baud int) (*SerialLine, error) {
	return nil, errorf(SerialBroken, "open serial line %s at %d bit/s: %w", name, baud, errors.ErrUnsupported)
}
