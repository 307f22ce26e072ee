package boardtest

import (
	"slices"
	"time"

	"syncbox/board"
)

// Light is a board's light with three parts.
type Light struct {
	*board.Light
	Red, Green, Blue *Pin
}

// NewLight gives a light that was never set.
func NewLight(clock Clock) *Light {
	l := &Light{Red: &Pin{N: "red", Clock: clock}, Green: &Pin{N: "green", Clock: clock}, Blue: &Pin{N: "blue", Clock: clock}}
	l.Light = board.NewLight(board.Part{Colour: board.Red, Pin: l.Red}, board.Part{Colour: board.Green, Pin: l.Green},
		board.Part{Colour: board.Blue, Pin: l.Blue})
	return l
}

// Colour gives what the light shows at a time.
func (l *Light) Colour(at time.Time) board.Colour {
	c := board.Dark
	for part, pin := range map[board.Colour]*Pin{board.Red: l.Red, board.Green: l.Green, board.Blue: l.Blue} {
		if pin.at(at) {
			c |= part
		}
	}
	return c
}

// Segment is a time for which the light showed the same.
type Segment struct {
	Colour board.Colour
	For    time.Duration
}

// Lit says whether it showed anything at all: what somebody sees who can't tell colours.
func (s Segment) Lit() bool { return s.Colour != board.Dark }

// Recording gives what the light showed between two times, without gaps: neighbours differ in colour. The first and
// the last segment are cut where the recording is.
func (l *Light) Recording(from, to time.Time) []Segment {
	times := []time.Time{from}
	for _, pin := range []*Pin{l.Red, l.Green, l.Blue} {
		for _, c := range pin.Changes() {
			if c.At.After(from) && c.At.Before(to) {
				times = append(times, c.At)
			}
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	var all []Segment
	for i, t := range times {
		end := to
		if i+1 < len(times) {
			end = times[i+1]
		}
		all = join(all, Segment{l.Colour(t), end.Sub(t)})
	}
	return all
}

// join adds a segment, to the last one where both show the same.
func join(all []Segment, s Segment) []Segment {
	switch n := len(all); {
	case s.For <= 0:
	case n > 0 && all[n-1].Colour == s.Colour:
		all[n-1].For += s.For
	default:
		all = append(all, s)
	}
	return all
}
