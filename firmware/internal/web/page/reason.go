package page

import (
	"context"
	"errors"

	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

// Reason says why a job did not do what it was asked for.
func (r *Request) Reason(err error) string {
	switch {
	case errors.Is(err, local.ErrNoBox):
		return r.P.Text("console.no-box", nil)
	case errors.Is(err, engine.ErrResync):
		return r.P.Text("console.resync-runs", nil)
	case errors.Is(err, context.DeadlineExceeded):
		return r.P.Text("console.timed-out", nil)
	}
	return r.P.Text("console.failed", nil)
}
