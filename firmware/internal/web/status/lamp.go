package status

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

// lamp is a picture of the light that blinks as the light does, with what that means.
type lamp struct {
	Meaning string
	Looks   string // in words: for who sees no colour, or no picture
	Fill    string
	Beat    *beat // nil where it is steady, or dark
}

// beat is the rhythm as an animation of SVG has it (https://www.w3.org/TR/SVG11/animate.html#KeyTimesAttribute).
type beat struct {
	Values string // of the opacity
	Times  string // when each of them begins, as a share of the whole
	Round  string // how long the whole lasts
}

var fills = map[board.Colour]string{board.White: "#ffffff", board.Amber: "#ffb000", board.Blue: "#3d8bff", board.Red: "#ff3b30", board.Dark: "#39424a"}

func lampOf(p *locale.Printer, l health.Light) lamp {
	colour, beats := panel.Rhythm(l)
	looks := look.Rhythm(p, l)
	if colour != board.Dark {
		looks = look.Colour(p, colour) + ", " + looks
	}
	return lamp{Meaning: p.Text("light."+l.String(), nil), Looks: looks, Fill: fills[colour], Beat: beatOf(beats)}
}

func beatOf(beats []time.Duration) *beat {
	if len(beats) < 2 {
		return nil
	}
	var sum time.Duration
	for _, b := range beats {
		sum += b
	}
	var values, times []string
	var at time.Duration
	for i, b := range beats {
		values = append(values, strconv.Itoa(1-i%2))
		times = append(times, strconv.FormatFloat(float64(at)/float64(sum), 'f', 4, 64))
		at += b
	}
	return &beat{strings.Join(values, ";"), strings.Join(times, ";"), fmt.Sprintf("%dms", sum.Milliseconds())}
}
