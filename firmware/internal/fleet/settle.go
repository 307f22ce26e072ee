package fleet

import (
	"context"
	"errors"
	"time"
)

// Settle has everything looked at that comes, until nothing came for a while: a broker does not say when it has told all that
// it keeps.
func (l *Line) Settle(ctx context.Context, quiet time.Duration, look func(Heard)) error {
	for {
		next, cancel := context.WithTimeout(ctx, quiet)
		h, err := l.Next(next)
		cancel()
		switch {
		case err == nil:
			look(h)
		case errors.Is(err, errLost) || ctx.Err() != nil:
			return err
		default:
			return nil
		}
	}
}

// Some waits a while for something to come, and has it looked at with all that is there by then.
func (l *Line) Some(ctx context.Context, within time.Duration, look func(Heard)) error {
	next, cancel := context.WithTimeout(ctx, within)
	h, err := l.Next(next)
	cancel()
	for ok := err == nil; ok; h, ok = l.heard.take() {
		look(h)
	}
	if errors.Is(err, errLost) || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	return nil
}
