package paneltest_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/board"
	"syncbox/board/boardtest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/panel/paneltest"
)

// recording makes one of milliseconds: lit, dark, lit, dark …
func recording(millis ...int) (all []boardtest.Segment) {
	for i, m := range millis {
		s := boardtest.Segment{For: time.Duration(m) * time.Millisecond}
		if i%2 == 0 {
			s.Colour = board.Amber
		}
		all = append(all, s)
	}
	return all
}

func TestDecode(t *testing.T) {
	colours := recording(300, 1000, 300, 10000)
	colours[1].Colour = board.Blue
	tests := []struct {
		name      string
		recording []boardtest.Segment
		want      health.Light
		wrong     bool
	}{
		{"dark", recording(0, 10000)[1:], health.Off, false},
		{"lit", recording(10000), health.Ready, false},
		{"three blinks", recording(300, 300, 300, 300, 300, 2000, 300, 300, 300, 300, 300, 2000, 300, 300, 300, 300, 300, 2100), health.ShareUnreachable, false},
		{"a colour changes, the light does not", colours, 0, true},
		{"half a minute of nothing, and a blink", recording(300, 29000), 0, true},
		{"too short", recording(9000), 0, true},
		{"nothing at all", nil, 0, true},
		{"a dip", recording(5000, 200, 5000), 0, true},
		{"three blinks and four", recording(300, 300, 300, 300, 300, 2000, 300, 300, 300, 300, 300, 300, 300, 2000, 300, 300, 300, 2000), 0, true},
		{"five blinks or six", recording(0, 100, 450, 450, 450, 450, 450, 450, 450, 450, 450, 2000,
			450, 450, 450, 450, 450, 450, 450, 450, 450, 400)[1:], 0, true},
		{"flicker", recording(90, 90, 90, 90, 90, 9550), 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := paneltest.Decode(test.recording)
			if got != test.want || (err != nil) != test.wrong {
				t.Errorf("got %s and %v, want %s, wrong %v", got, err, test.want, test.wrong)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	colours := recording(200, 2500, 200, 250, 200, 4000)
	colours[3].Colour = board.Red
	tests := []struct {
		name string
		seen []boardtest.Segment
		want []int
	}{
		{"one to three", recording(0, 3000, 200, 4500, 200, 250, 200, 4000, 200, 250, 200, 250, 200, 3000), []int{1, 2, 3}},
		{"what was lit before", recording(2000, 5000, 200, 4500, 1000), []int{1, 1}},
		{"blinks before the first long dark", recording(300, 300, 300, 1900, 300, 2100, 200, 250, 200), []int{2}},
		{"two that ran together", recording(0, 3000, 200, 250, 650, 4000), []int{2}},
		{"a lamp that changes its colour", colours, []int{1}},
		{"nothing", recording(2000), nil},
		{"dark", recording(0, 30000), nil},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, paneltest.Counts(tt.seen)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}
