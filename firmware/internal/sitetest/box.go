package sitetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"syncbox/board"
	"syncbox/board/boardtest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/panel/paneltest"
	"syncbox/image/selector"
	"syncbox/image/vm"
)

// Machine is a box in the virtual machine, started from its card by its boot loader, with somebody at its console, its
// light and its button. Pulling its plug is Unplug.
type Machine struct {
	*vm.Machine

	pins *vm.GPIO
	dir  string        // of the boot loader's environment
	read int           // bytes of the console that Read gave
	tick *time.Ticker  // of Read
	over chan struct{} // closed by Unplug

	mu    sync.Mutex // protects what follows
	light *boardtest.Light
	fed   int       // changes of the pins that light knows
	at    time.Time // of the last one
}

// wiring is that of the virtual machine.
var wiring = board.Models()[0].Pins

var _ io.ReadWriter = (*Machine)(nil) // the serial line's other end

// Boot starts a box from its card. What c says of memory, resets, USB and more arguments counts; the rest is that of a box.
func Boot(ctx context.Context, card string, c vm.Config) (*Machine, error) {
	dir, err := os.MkdirTemp("", "box")
	if err != nil {
		return nil, err
	}
	m := &Machine{dir: dir, tick: time.NewTicker(20 * time.Millisecond), over: make(chan struct{})}
	c.BIOS, c.Disk, c.Watchdog, c.Control = vm.UBoot, card, true, true
	if err := m.boot(ctx, c); err != nil {
		m.Unplug()
		return nil, fmt.Errorf("boot %s: %w", card, err)
	}
	return m, nil
}

func (m *Machine) boot(ctx context.Context, c vm.Config) (err error) {
	m.light = boardtest.NewLight(func() time.Time { return m.at })
	c.Flash = filepath.Join(m.dir, "flash")
	if err := selector.WriteFlash(c.Flash); err != nil {
		return err
	}
	if m.Machine, err = vm.Start(ctx, c); err != nil {
		return err
	}
	m.pins, err = m.GPIO(ctx)
	return err
}

// Unplug ends the box. It is called once.
func (m *Machine) Unplug() {
	close(m.over)
	m.tick.Stop()
	if m.Machine != nil {
		m.Kill()
	}
	if m.pins != nil {
		m.pins.Close()
	}
	os.RemoveAll(m.dir)
}

// Read reads what the box writes on its serial line, from its start; io.EOF after Unplug. One goroutine may read.
func (m *Machine) Read(p []byte) (int, error) {
	for {
		if text := m.Console(); len(text) > m.read {
			n := copy(p, text[m.read:])
			m.read += n
			return n, nil
		}
		select {
		case <-m.tick.C:
		case <-m.over:
			return 0, io.EOF
		}
	}
}

// Write types on the serial line.
func (m *Machine) Write(p []byte) (int, error) {
	if err := m.Type(string(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// seen gives the light as it was so far.
func (m *Machine) seen() *boardtest.Light {
	changes, _ := m.pins.Changes()
	lamps := map[board.Colour]*boardtest.Pin{board.Red: m.light.Red, board.Green: m.light.Green, board.Blue: m.light.Blue}
	for _, c := range changes[m.fed:] {
		for _, lamp := range wiring.Light {
			if lamp.Line.Number == c.Line {
				m.at = c.At
				_ = lamps[lamp.Colour].Out(c.High != lamp.Line.ActiveLow) // fails only where a test breaks it
			}
		}
	}
	m.fed = len(changes)
	return m.light
}

// Recording gives what the light showed between two times.
func (m *Machine) Recording(from, to time.Time) []boardtest.Segment {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen().Recording(from, to)
}

// Colour gives what the light shows now.
func (m *Machine) Colour() board.Colour {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen().Colour(time.Now())
}

// Light reads what the light has shown in the last seconds. It is an error where that can't be told.
func (m *Machine) Light() (health.Light, error) {
	now := time.Now()
	return paneltest.Decode(m.Recording(now.Add(-paneltest.Long), now))
}

// Watch waits until seen says so, which is asked whenever the light changes.
func (m *Machine) Watch(ctx context.Context, seen func() bool) error {
	return m.pins.WaitFor(ctx, func([]vm.Change) bool { return seen() })
}

// Button presses the button, or lets it go. One goroutine may do so at a time.
func (m *Machine) Button(pressed bool) error {
	return m.pins.Set(wiring.Button.Number, pressed != wiring.Button.ActiveLow)
}

// Hold presses the button for some time, or until ctx ends.
func (m *Machine) Hold(ctx context.Context, long time.Duration) error {
	if err := m.Button(true); err != nil {
		return err
	}
	select {
	case <-time.After(long):
	case <-ctx.Done():
	}
	return errors.Join(m.Button(false), ctx.Err())
}
