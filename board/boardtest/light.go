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
	for _, s := range l.switches() {
		if !s.At.After(at) {
			c = s.apply(c)
		}
	}
	return c
}

// turn is a change of one part.
type turn struct {
	Change
	part board.Colour
}

func (s turn) apply(c board.Colour) board.Colour {
	if s.Level {
		return c | s.part
	}
	return c &^ s.part
}

// switches gives the changes of all parts, by time.
func (l *Light) switches() []turn {
	var all []turn
	for part, pin := range map[board.Colour]*Pin{board.Red: l.Red, board.Green: l.Green, board.Blue: l.Blue} {
		for _, c := range pin.Changes() {
			all = append(all, turn{c, part})
		}
	}
	slices.SortStableFunc(all, func(a, b turn) int { return a.At.Compare(b.At) })
	return all
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
	var all []Segment
	c, since := board.Dark, from
	for _, s := range l.switches() {
		if !s.At.Before(to) {
			break
		}
		if s.At.After(from) {
			all = join(all, Segment{c, s.At.Sub(since)})
			since = s.At
		}
		c = s.apply(c)
	}
	return join(all, Segment{c, to.Sub(since)})
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
