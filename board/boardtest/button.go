package boardtest

import (
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// Button is a button that a test presses: an input whose High is pressed.
type Button struct {
	mu      sync.Mutex // protects what follows
	pressed bool
	edges   chan struct{} // has one when there was an edge that nobody waited for
	halts   chan struct{}
}

var _ gpio.PinIn = (*Button)(nil)

// NewButton gives a button that is not pressed.
func NewButton() *Button {
	return &Button{edges: make(chan struct{}, 1), halts: make(chan struct{}, 1)}
}

// Press presses the button, until Release.
func (b *Button) Press() { b.set(true) }

// Release lets the button go.
func (b *Button) Release() { b.set(false) }

func (b *Button) set(pressed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pressed == pressed {
		return
	}
	b.pressed = pressed
	select {
	case b.edges <- struct{}{}:
	default:
	}
}

// In makes it an input, which it is already.
func (b *Button) In(gpio.Pull, gpio.Edge) error { return nil }

// Read says whether the button is pressed.
func (b *Button) Read() gpio.Level {
	b.mu.Lock()
	defer b.mu.Unlock()
	return gpio.Level(b.pressed)
}

// WaitForEdge waits until the button was pressed or let go since the last call. It returns false after the time-out,
// or when Halt was called.
func (b *Button) WaitForEdge(timeout time.Duration) bool {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-b.edges:
		return true
	case <-b.halts:
	case <-timer.C:
	}
	return false
}

// Halt ends a wait.
func (b *Button) Halt() error {
	select {
	case b.halts <- struct{}{}:
	default:
	}
	return nil
}

// Pull is unknown.
func (b *Button) Pull() gpio.Pull { return gpio.PullNoChange }

// DefaultPull is unknown.
func (b *Button) DefaultPull() gpio.Pull { return gpio.PullNoChange }

// String gives the name.
func (b *Button) String() string { return "button" }

// Name gives the name.
func (b *Button) Name() string { return "button" }

// Number is none.
func (b *Button) Number() int { return -1 }

// Function is that of an input.
func (b *Button) Function() string { return "In" }
