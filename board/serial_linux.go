package board

import (
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/tarm/serial"
)

// SerialLine is an open serial line. One goroutine may read while another writes.
type SerialLine struct {
	port   *serial.Port
	closed atomic.Bool
}

var _ io.ReadWriteCloser = (*SerialLine)(nil)

// readFor is how long the kernel waits for a byte before a read looks whether the line was closed: the time-out of
// termios, in tenths of a second.
const readFor = 500 * time.Millisecond

// OpenSerial opens a serial line with a device file's name. That it opens does not mean that there is a line: the
// kernel shows some ports that nothing is behind.
func OpenSerial(name string, baud int) (*SerialLine, error) {
	port, err := serial.OpenPort(&serial.Config{Name: name, Baud: baud, ReadTimeout: readFor})
	if err != nil {
		return nil, errorf(SerialBroken, "open serial line %s at %d bit/s: %w", name, baud, err)
	}
	return &SerialLine{port: port}, nil
}

// mostHasty is how many reads in a row may come back at once with nothing: a line that was unplugged does so for ever.
const mostHasty = 10

// Read waits for bytes. It gives io.EOF once the line is closed, within half a second, and io.ErrUnexpectedEOF when
// the line is gone.
func (s *SerialLine) Read(b []byte) (int, error) {
	for hasty := 0; hasty < mostHasty; hasty++ {
		begin := time.Now()
		n, err := s.port.Read(b)
		if n > 0 || len(b) == 0 {
			return n, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, s.gone("read", err)
		}
		if time.Since(begin) >= readFor/2 {
			hasty = 0 // nobody typed
		}
	}
	return 0, s.gone("read", io.ErrUnexpectedEOF)
}

// Write sends bytes. It waits where the other side does not take them.
func (s *SerialLine) Write(b []byte) (int, error) {
	n, err := s.port.Write(b)
	if err != nil {
		err = s.gone("write", err)
	}
	return n, err
}

func (s *SerialLine) gone(action string, err error) error {
	if s.closed.Load() {
		return io.EOF
	}
	return errorf(SerialBroken, "%s serial line: %w", action, err)
}

// Close ends the line. It may be called twice.
func (s *SerialLine) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	return s.port.Close()
}
