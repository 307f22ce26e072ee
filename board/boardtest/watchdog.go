package boardtest

import (
	"os"
	"sync"
	"time"
)

// Watchdog is armed from the start and bites nobody; it tells whether it would have.
type Watchdog struct {
	clock   Clock
	timeout time.Duration

	mu     sync.Mutex // protects what follows
	last   time.Time
	kept   int
	bitten bool
	closed bool
	broken error
}

// NewWatchdog arms a watchdog.
func NewWatchdog(clock Clock, timeout time.Duration) *Watchdog {
	return &Watchdog{clock: clock, timeout: timeout, last: clock()}
}

// KeepAlive puts the bite off.
func (w *Watchdog) KeepAlive() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken != nil {
		return w.broken
	}
	if w.closed {
		return os.ErrClosed
	}
	w.look()
	w.last = w.clock()
	w.kept++
	return nil
}

// look notices a bite that is due.
func (w *Watchdog) look() {
	if !w.closed && w.clock().Sub(w.last) >= w.timeout {
		w.bitten = true
	}
}

// Kept counts the calls of KeepAlive.
func (w *Watchdog) Kept() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.kept
}

// Bitten says whether the board would have been started again by now.
func (w *Watchdog) Bitten() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.look()
	return w.bitten
}

// Break has KeepAlive fail from now on; nil mends it.
func (w *Watchdog) Break(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = err
}

// Close disarms it.
func (w *Watchdog) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.look()
	w.closed = true
	return nil
}
