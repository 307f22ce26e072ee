package compare

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// patience is how long anything may take before it counts as failed.
const patience = 4 * time.Minute

var errPatience = errors.New("nothing more happens")

// sleep waits, or gives ctx's error.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// until asks again and again.
func until(ctx context.Context, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errPatience)
	defer cancel()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		if sleep(ctx, 50*time.Millisecond) != nil {
			return context.Cause(ctx)
		}
	}
}

// arrive waits until the sink has n records of this round, and gives the moment.
func (m *meet) arrive(ctx context.Context, n int) (time.Time, error) {
	for {
		got, more := m.sink.Count()
		if got >= n {
			return time.Now(), nil
		}
		select {
		case <-more:
		case <-m.running().done:
			return time.Time{}, m.running().ended()
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		case <-time.After(patience):
			return time.Time{}, fmt.Errorf("%d of %d records came: %w", got, n, errPatience)
		}
	}
}

// idle waits until the program has done next to nothing for Options.Still, and the sink has got no more for rest.
func (m *meet) idle(ctx context.Context, rest time.Duration) error {
	p := m.running()
	var used time.Duration
	var count int
	worked, came := time.Now(), time.Now()
	return until(ctx, func() (bool, error) {
		cpu, err := p.cpu()
		if err != nil {
			return false, errors.Join(err, p.ended())
		}
		if cpu > used+tick {
			used, worked = cpu, time.Now()
		}
		if got, _ := m.sink.Count(); got != count {
			count, came = got, time.Now()
		}
		return time.Since(worked) >= m.Still && time.Since(came) >= rest, nil
	})
}
