package page

import (
	"context"
	"errors"

	"syncbox/connectors"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

// Reason says why something was not done: in the words of its health code where the outside is the cause.
func (r *Request) Reason(err error) string {
	outside, coded := errors.AsType[*connectors.Error](err)
	switch {
	case coded && r.P.Has("code."+outside.Code):
		return r.P.Text("code."+outside.Code, outside.Args) + " " + r.P.Cause(outside.Code, outside.Args)
	case errors.Is(err, context.Canceled):
		return r.P.Text("console.cancelled", nil)
	case errors.Is(err, local.ErrNoBox):
		return r.P.Text("console.no-box", nil)
	case errors.Is(err, engine.ErrResync):
		return r.P.Text("console.resync-runs", nil)
	case errors.Is(err, context.DeadlineExceeded):
		return r.P.Text("console.timed-out", nil)
	}
	return r.P.Text("console.failed", nil)
}
