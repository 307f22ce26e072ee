package boardtest

import (
	"errors"
	"slices"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// Change is one change of a pin's level.
type Change struct {
	At    time.Time
	Level gpio.Level
}

// Pin is an output that records its levels.
type Pin struct {
	N     string // its name
	Clock Clock

	mu      sync.Mutex // protects what follows
	changes []Change
	broken  error
}

var _ gpio.PinOut = (*Pin)(nil)

// Out sets the level. It is recorded when it is another one than before.
func (p *Pin) Out(l gpio.Level) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return p.broken
	}
	if n := len(p.changes); n == 0 || p.changes[n-1].Level != l {
		p.changes = append(p.changes, Change{p.Clock(), l})
	}
	return nil
}

// Break has Out fail from now on; nil mends it.
func (p *Pin) Break(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = err
}

// Changes gives the changes so far, the first level among them.
func (p *Pin) Changes() []Change {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.changes)
}

// PWM is something this pin can't do.
func (p *Pin) PWM(gpio.Duty, physic.Frequency) error { return errors.ErrUnsupported }

// String gives the name.
func (p *Pin) String() string { return p.N }

// Name gives the name.
func (p *Pin) Name() string { return p.N }

// Number is none.
func (p *Pin) Number() int { return -1 }

// Function is that of an output.
func (p *Pin) Function() string { return "Out" }

// Halt does nothing.
func (p *Pin) Halt() error { return nil }
