package connectors

import "time"

// Pacer is a side whose looks use up something that is scarce, such as an allowance that all boxes share: it has the
// job look less often while nothing happens.
type Pacer interface {
	// Pause gives how long the next cycle may be away after the latest one, where usual is what the schedule says. What
	// is less than usual counts as usual. It is called often, by the goroutine of the other methods, and asks nobody.
	Pause(usual time.Duration) time.Duration
}
