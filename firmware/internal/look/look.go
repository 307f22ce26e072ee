// Package look says in words how a light of the box looks, for screens and documents: it is made from the very beats that
// the box plays.
package look

import (
	"strconv"
	"strings"
	"time"

	"syncbox/board"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/panel"
)

// Colour gives the word for the colour of a light.
func Colour(p *locale.Printer, c board.Colour) string { return p.Text("look."+c.String(), nil) }

// The lengths of what is lit, as an eye tells them apart.
var lengths = []struct {
	upTo time.Duration
	key  string
}{{150 * time.Millisecond, "look.flash"}, {450 * time.Millisecond, "look.short"}, {750 * time.Millisecond, "look.medium"}, {time.Hour, "look.long"}}

// Rhythm gives the words for how a light beats: "steady", "3 short, 2 s dark", "1 s lit, 1 s dark".
func Rhythm(p *locale.Printer, l health.Light) string {
	_, beats := panel.Rhythm(l)
	switch {
	case len(beats) == 0:
		return p.Text("look.off", nil)
	case len(beats) == 1:
		return p.Text("look.steady", nil)
	case len(beats) == 2 && beats[1] <= time.Second:
		return p.Text("look.even", map[string]string{"lit": seconds(p, beats[0]), "dark": seconds(p, beats[1])})
	}
	return strings.Join(append(groups(p, beats), pause(p, beats[len(beats)-1])...), ", ")
}

// groups counts what is lit, as far as it is of one length.
func groups(p *locale.Printer, beats []time.Duration) (words []string) {
	key, n := "", 0
	end := func() {
		if n > 0 {
			words = append(words, p.Count(key, n))
		}
	}
	for i := 0; i < len(beats); i += 2 {
		if of := lengthOf(beats[i]); of != key {
			end()
			key, n = of, 0
		}
		n++
	}
	end()
	return words
}

func lengthOf(beat time.Duration) string {
	for _, l := range lengths {
		if beat <= l.upTo {
			return l.key
		}
	}
	panic("look: a beat of more than an hour")
}

// pause gives the words for the dark between two rounds, none where it is no longer than between two blinks.
func pause(p *locale.Printer, dark time.Duration) []string {
	if dark < 500*time.Millisecond {
		return nil
	}
	return []string{p.Text("look.pause", map[string]string{"dark": seconds(p, dark)})}
}

// seconds writes a time with as many places as it has.
func seconds(p *locale.Printer, d time.Duration) string {
	return strings.Replace(strconv.FormatFloat(d.Seconds(), 'f', -1, 64), ".", p.Text("look.point", nil), 1)
}
