package board

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Watchdog is the hardware that starts the board again when nobody has told it for its time-out that all is well. It
// may be used by several goroutines. A nil one is none, and takes every call.
type Watchdog struct {
	// Identity is what the driver calls itself.
	Identity string
	// Timeout is what the driver granted, in whole seconds; it may be less than what was asked for.
	Timeout time.Duration
	// Bit says that the board's last start was the watchdog's doing, where the driver knows.
	Bit bool

	mu   sync.Mutex // protects what follows
	file dogFile    // nil after Close
}

// dogFile is an open device file of the kernel's watchdog interface (Documentation/watchdog/watchdog-api.rst).
type dogFile interface {
	info() (identity string, bit bool, err error)
	setTimeout(seconds int) error
	timeout() (seconds int, err error)
	keepAlive() error
	Write([]byte) (int, error)
	Close() error
}

// OpenWatchdog arms the board's watchdog with a time-out, or with the longest it takes when that is shorter. From then
// on KeepAlive must be called. It gives nil where the board has no watchdog, and an error where it should have one and
// does not give it, with which the box runs on without.
func (m Model) OpenWatchdog(timeout time.Duration) (*Watchdog, error) {
	if m.Watchdog == "" {
		return nil, nil
	}
	file, err := openDog(m.Watchdog)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errorf(WatchdogBroken, "open watchdog: %s is not there: no driver for it", m.Watchdog)
	}
	if err != nil {
		return nil, errorf(WatchdogBroken, "open watchdog: %w", err)
	}
	w, err := arm(file, m.longest(timeout))
	if err != nil {
		_, _ = file.Write(magic)
		_ = file.Close()
		return nil, errorf(WatchdogBroken, "arm watchdog %s: %w", m.Watchdog, err)
	}
	return w, nil
}

// longest gives a time-out, or the longest one that the board's watchdog keeps.
func (m Model) longest(timeout time.Duration) time.Duration {
	if m.LongestDog > 0 {
		return min(timeout, m.LongestDog)
	}
	return timeout
}

// arm sets the time-out, or the next shorter one that the driver takes.
func arm(file dogFile, timeout time.Duration) (*Watchdog, error) {
	w := &Watchdog{file: file}
	var err error
	if w.Identity, w.Bit, err = file.info(); err != nil {
		return nil, fmt.Errorf("ask what it is: %w", err)
	}
	refused := errors.New("time-out is below one second")
	for seconds := int(timeout / time.Second); seconds > 0; seconds /= 2 {
		if refused = file.setTimeout(seconds); refused == nil {
			break
		}
	}
	seconds, err := file.timeout()
	if err != nil || seconds <= 0 {
		return nil, fmt.Errorf("set time-out %s: %w", timeout, errors.Join(refused, err))
	}
	w.Timeout = time.Duration(seconds) * time.Second // a driver that takes none has one of its own
	return w, file.keepAlive()
}

// KeepAlive puts the bite off by Timeout.
func (w *Watchdog) KeepAlive() error {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return errorf(WatchdogBroken, "keep watchdog quiet: %w", os.ErrClosed)
	}
	if err := w.file.keepAlive(); err != nil {
		return errorf(WatchdogBroken, "keep watchdog quiet: %w", err)
	}
	return nil
}

// magic is what a driver wants to read before it believes that a close is meant.
var magic = []byte("V")

// Close disarms the watchdog, unless the kernel was told that it must never be. It may be called twice.
func (w *Watchdog) Close() error {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return nil
	}
	_, err := w.file.Write(magic)
	err = errors.Join(err, w.file.Close())
	w.file = nil
	if err != nil {
		return errorf(WatchdogBroken, "disarm watchdog: %w", err)
	}
	return nil
}

// LogValue shows what was granted.
func (w *Watchdog) LogValue() slog.Value {
	if w == nil {
		return slog.StringValue("none")
	}
	return slog.GroupValue(slog.String("identity", w.Identity), slog.Duration("timeout", w.Timeout), slog.Bool("bit", w.Bit))
}
