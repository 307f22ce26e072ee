package connectors

import (
	"errors"
	"time"
)

// ErrWritesOnly is in the chain of an error of Observe where a side's reads are used up, but for those that a write to it can't do
// without. Until the next look Read and Find make such reads; the engine asks for the records alone that people changed on the other side.
var ErrWritesOnly = errors.New("only what a write needs is read")

// Never is a pause that no box lives to see the end of: no cycle begins but the first, and those that somebody asks for.
const Never = 50 * 365 * 24 * time.Hour

// Pacer is a side whose looks use up something that is scarce, such as an allowance that all boxes share: it has the
// job look less often while nothing happens.
type Pacer interface {
	// Pause gives how long the next cycle may be away after the latest one, where usual is what the schedule says. What
	// is less than usual counts as usual; Never or more is no pause, but a job that runs on demand. It is called often, by the goroutine of the other methods, and asks nobody.
	Pause(usual time.Duration) time.Duration
}
