package board

import (
	"fmt"
	"sync"

	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/host/v3/gpioioctl"
)

// OpenLight gives the board's light, dark; nil where the board has none. It may be called once the kernel shows its
// devices, and once per process: the lines stay ours.
func (m Model) OpenLight() (*Light, error) {
	if m.Pins.Chip == "" || len(m.Pins.Light) == 0 {
		return nil, nil
	}
	var parts []Part
	for _, lamp := range m.Pins.Light {
		line, err := m.Pins.line(lamp.Line.Number)
		if err != nil {
			return nil, errorf(LightBroken, "light of %s: %w", m.Name, err)
		}
		parts = append(parts, Part{lamp.Colour, output(line, lamp.Line.ActiveLow)})
	}
	l := NewLight(parts...)
	if err := l.Set(Dark); err != nil {
		return nil, err
	}
	return l, nil
}

// OpenButton gives the board's button, ready to be waited for: High is pressed. It is nil where the board has none.
// As OpenLight, it may be called once.
func (m Model) OpenButton() (gpio.PinIn, error) {
	if m.Pins.Chip == "" || m.Pins.Button == nil {
		return nil, nil
	}
	line, err := m.Pins.line(m.Pins.Button.Number)
	if err == nil {
		err = line.In(m.Pins.Button.Pull, gpio.BothEdges)
	}
	if err != nil {
		return nil, errorf(ButtonBroken, "button of %s: %w", m.Name, err)
	}
	return input(line, m.Pins.Button.ActiveLow), nil
}

// lookForChips has the library look through /dev once: a second look would find nothing new.
var lookForChips = sync.OnceValue(func() error {
	_, err := driverreg.Init()
	return err
})

// line finds one line of the chip.
func (p Pins) line(number int) (gpio.PinIO, error) {
	if err := lookForChips(); err != nil {
		return nil, fmt.Errorf("look for GPIO chips: %w", err)
	}
	var seen []string
	for _, chip := range gpioioctl.Chips {
		seen = append(seen, chip.Label())
		if chip.Label() != p.Chip {
			continue
		}
		if number < 0 || number >= chip.LineCount() {
			return nil, fmt.Errorf("chip %s has no line %d", p.Chip, number)
		}
		return chip.ByNumber(number), nil
	}
	return nil, fmt.Errorf("no GPIO chip %s, there are %q", p.Chip, seen)
}

// output gives a pin whose High is lit.
func output(p gpio.PinOut, activeLow bool) gpio.PinOut {
	if activeLow {
		return lowOut{p}
	}
	return p
}

// input gives a pin whose High is pressed.
func input(p gpio.PinIn, activeLow bool) gpio.PinIn {
	if activeLow {
		return lowIn{p}
	}
	return p
}

// lowOut and lowIn are pins that mean the opposite of what they carry: the library knows no such lines.
type (
	lowOut struct{ gpio.PinOut }
	lowIn  struct{ gpio.PinIn }
)

// Out sets the opposite level.
func (p lowOut) Out(l gpio.Level) error { return p.PinOut.Out(!l) }

// Read gives the opposite level.
func (p lowIn) Read() gpio.Level { return !p.PinIn.Read() }
