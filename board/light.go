package board

import (
	"errors"
	"slices"

	"periph.io/x/conn/v3/gpio"
)

// Colour is a mixture of the three parts of a light.
type Colour uint8

// The colours. A light that lacks one shows the nearest it has: what counts is the rhythm.
const (
	Dark  Colour = 0
	Red   Colour = 1
	Green Colour = 2
	Blue  Colour = 4
	Amber        = Red | Green
	White        = Red | Green | Blue
)

var colourNames = map[Colour]string{Dark: "dark", Red: "red", Green: "green", Blue: "blue", Amber: "amber", White: "white",
	Red | Blue: "magenta", Green | Blue: "cyan"}

// String gives the colour's name.
func (c Colour) String() string {
	if name, ok := colourNames[c]; ok {
		return name
	}
	return "no colour"
}

// Part is a lamp that can be switched: High is lit.
type Part struct {
	Colour Colour
	Pin    gpio.PinOut
}

// Light is the box's one light. It is used by one goroutine at a time.
type Light struct {
	parts []Part
}

// NewLight makes a light of its parts, the one that stands in for missing colours first.
func NewLight(parts ...Part) *Light { return &Light{parts: slices.Clone(parts)} }

// Set shows a colour, or nothing. Every part is told each time, so that one that missed something is put right.
func (l *Light) Set(c Colour) error {
	lit := l.choose(c)
	var all []error
	for i, p := range l.parts {
		if err := p.Pin.Out(gpio.Level(slices.Contains(lit, i))); err != nil {
			all = append(all, errorf(LightBroken, "set %s part: %w", p.Colour, err))
		}
	}
	return errors.Join(all...)
}

// choose gives the parts to light for a colour: the one that has just this colour, or those that mix it, or the first
// that has something of it, or the first; none for Dark.
func (l *Light) choose(c Colour) []int {
	if len(l.parts) == 0 {
		return nil
	}
	var mix []int
	var mixed Colour
	first := 0
	for i := len(l.parts) - 1; i >= 0; i-- {
		part := l.parts[i].Colour
		switch {
		case part == c:
			return []int{i}
		case part&^c == 0:
			mix, mixed = append(mix, i), mixed|part
		}
		if part&c != 0 {
			first = i
		}
	}
	if mixed == c {
		return mix
	}
	return []int{first}
}
