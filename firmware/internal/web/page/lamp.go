package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"syncbox/board"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/look"
	"syncbox/firmware/internal/panel"
)

// Lamp is a picture of the box's light that blinks as the light does, with what that means.
type Lamp struct {
	Meaning string
	Do      string // what to do about it
	Colour  string // in words: for who sees no colour, or no picture
	Rhythm  string
	Fill    string
	Beat    *Beat // nil where it is steady, or dark
}

// Beat is the rhythm as an animation of SVG has it (https://www.w3.org/TR/SVG11/animate.html#KeyTimesAttribute), and as it
// is drawn on paper.
type Beat struct {
	Values string // of the opacity
	Times  string // when each of them begins, as a share of the whole
	Round  string // how long the whole lasts
	Marks  []Mark
}

// Mark is one time for which the light is lit, in hundredths of the whole.
type Mark struct{ From, Long string }

var fills = map[board.Colour]string{board.White: "#ffffff", board.Amber: "#ffb000", board.Blue: "#3d8bff", board.Red: "#ff3b30", board.Dark: "#39424a"}

// LampOf gives the picture of a light, with the words of a language.
func LampOf(p *locale.Printer, l health.Light) Lamp {
	colour, beats := panel.Rhythm(l)
	return Lamp{Meaning: p.Text("light."+l.String(), nil), Do: p.Text("light-do."+l.String(), nil), Colour: look.Colour(p, colour),
		Rhythm: look.Rhythm(p, l), Fill: fills[colour], Beat: beatOf(beats)}
}

// Looks says in words how the light looks.
func (l Lamp) Looks() string {
	if l.Beat == nil && l.Fill == fills[board.Dark] {
		return l.Rhythm
	}
	return l.Colour + ", " + l.Rhythm
}

func beatOf(beats []time.Duration) *Beat {
	if len(beats) < 2 {
		return nil
	}
	var sum time.Duration
	for _, b := range beats {
		sum += b
	}
	share := func(d time.Duration, of float64) string {
		return strconv.FormatFloat(of*float64(d)/float64(sum), 'f', 4, 64)
	}
	var values, times []string
	var marks []Mark
	var at time.Duration
	for i, b := range beats {
		values = append(values, strconv.Itoa(1-i%2))
		times = append(times, share(at, 1))
		if i%2 == 0 {
			marks = append(marks, Mark{share(at, 100), share(b, 100)})
		}
		at += b
	}
	return &Beat{strings.Join(values, ";"), strings.Join(times, ";"), fmt.Sprintf("%dms", sum.Milliseconds()), marks}
}
