package board_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/board"
	"syncbox/board/boardtest"
)

// A light that lacks a colour shows the nearest, so that the rhythm is always seen.
func TestLightShowsTheNearestColour(t *testing.T) {
	wanted := []board.Colour{board.Dark, board.White, board.Amber, board.Blue, board.Red, board.Green}
	tests := []struct {
		name  string
		parts []board.Colour
		want  string // what is lit for each of wanted
	}{
		{"three parts", []board.Colour{board.Red, board.Green, board.Blue}, "- red+green+blue red+green blue red green"},
		{"green and amber", []board.Colour{board.Green, board.Amber}, "- green amber green amber green"},
		{"one", []board.Colour{board.Green}, "- green green green green green"},
		{"white and amber", []board.Colour{board.White, board.Amber}, "- white amber white white white"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var parts []board.Part
			var pins []*boardtest.Pin
			for _, c := range test.parts {
				pins = append(pins, &boardtest.Pin{N: c.String(), Clock: time.Now})
				parts = append(parts, board.Part{Colour: c, Pin: pins[len(pins)-1]})
			}
			light := board.NewLight(parts...)
			var got []string
			for _, c := range wanted {
				if err := light.Set(c); err != nil {
					t.Fatal(err)
				}
				got = append(got, lit(pins))
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("lit for %v (-want +got):\n%s", wanted, diff)
			}
		})
	}
}

func lit(pins []*boardtest.Pin) string {
	var all []string
	for _, p := range pins {
		if c := p.Changes(); c[len(c)-1].Level {
			all = append(all, p.N)
		}
	}
	if len(all) == 0 {
		return "-"
	}
	return strings.Join(all, "+")
}

func TestAPartThatFailsLeavesTheOthers(t *testing.T) {
	light := boardtest.NewLight(time.Now)
	broken := errors.New("wire is off")
	light.Red.Break(broken)
	err := light.Set(board.White)
	if board.Code(err) != board.LightBroken || !errors.Is(err, broken) {
		t.Errorf("got %v, want the cause with code %s", err, board.LightBroken)
	}
	if got := light.Colour(time.Now()); got != board.Green|board.Blue {
		t.Errorf("got %s, want the parts that work", got)
	}
}
