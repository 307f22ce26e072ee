package paneltest

import (
	"context"
	"fmt"
	"time"

	"syncbox/board/boardtest"
	"syncbox/firmware/internal/health"
)

// Recorder is a light that is being recorded, such as a boardtest.Light.
type Recorder interface {
	Recording(from, to time.Time) []boardtest.Segment
}

// Await waits until the light of a box in another process was seen for as long as it takes to read it. On a busy
// machine a beat may come so late that one recording can't be read; the next one can. The error, when ctx ends before
// that, tells what was seen last.
func Await(ctx context.Context, r Recorder, want health.Light) error {
	again := time.NewTicker(250 * time.Millisecond)
	defer again.Stop()
	for {
		to := time.Now()
		got, err := Decode(r.Recording(to.Add(-Long), to))
		if err == nil && got == want {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the light %s: %w; seen last: %s, %v", want, ctx.Err(), got, err)
		}
	}
}
