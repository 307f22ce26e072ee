package app

import (
	"context"
	"time"
)

// Made is the day of the last release before this program: a box's clock that shows an earlier one is not set.
var Made = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// systemClock is the time of this machine.
type systemClock struct{ start time.Time }

func newSystemClock() systemClock { return systemClock{start: time.Now()} }

func (systemClock) Now() time.Time { return time.Now() }

// Steady goes by the monotonic clock, which settings of the time of day leave alone.
func (c systemClock) Steady() time.Duration { return time.Since(c.start) }

func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Wait ends after d, or when ctx does; it gives ctx's error.
func (c systemClock) Wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-c.After(d):
		return nil
	}
}
