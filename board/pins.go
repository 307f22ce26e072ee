package board

import (
	"slices"
)

// Own is what a site says about its pins in the configuration. What is nil is as the model has it.
type Own struct {
	Chip   *string // label of the GPIO chip; empty = there are no pins at all
	Light  []Lamp  // not nil and empty = there is no light
	Button *Line   // a number below 0 = there is no button
}

// With gives the model with a site's own pins. Pins that contradict each other are an error, and the model stays as it
// was.
func (m Model) With(own Own) (Model, error) {
	p := m.Pins.clone()
	if own.Chip != nil {
		p.Chip = *own.Chip
	}
	if own.Light != nil {
		p.Light = slices.Clone(own.Light)
	}
	if own.Button != nil {
		line := *own.Button
		p.Button = &line
		if line.Number < 0 {
			p.Button = nil
		}
	}
	if p.Chip == "" {
		p.Light, p.Button = nil, nil
		if len(own.Light) > 0 || own.Button != nil && own.Button.Number >= 0 {
			return m, errorf(PinsUnfit, "pins of %s: it has no GPIO chip; name one", m.Name)
		}
	}
	if err := p.check(); err != nil {
		return m, err
	}
	m.Pins = p
	return m, nil
}

func (p Pins) clone() Pins {
	p.Light = slices.Clone(p.Light)
	if p.Button != nil {
		line := *p.Button
		p.Button = &line
	}
	return p
}

// mostLines is more than any chip has.
const mostLines = 512

// check finds lines that are used twice, colours that are, and numbers that no chip has.
func (p Pins) check() error {
	used := map[int]bool{}
	colours := map[Colour]bool{}
	lines := []Line{}
	for _, lamp := range p.Light {
		if lamp.Colour == Dark || lamp.Colour > White || colours[lamp.Colour] {
			return errorf(PinsUnfit, "pins of the light: colour %s twice, or none", lamp.Colour)
		}
		colours[lamp.Colour] = true
		lines = append(lines, lamp.Line)
	}
	if p.Button != nil {
		lines = append(lines, *p.Button)
	}
	for _, line := range lines {
		if line.Number < 0 || line.Number >= mostLines {
			return errorf(PinsUnfit, "pins: there is no line %d", line.Number)
		}
		if used[line.Number] {
			return errorf(PinsUnfit, "pins: line %d is used twice", line.Number)
		}
		used[line.Number] = true
	}
	return nil
}
