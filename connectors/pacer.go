package connectors

import "time"

// Pacer is an ERP whose looks use up something that is scarce, such as an allowance that all boxes share: it is looked at
// less often while nothing happens. The cycles go on meanwhile and look at the CRM alone; a record that was edited there is
// read in the ERP by its key.
type Pacer interface {
	// Pause gives how long the next look may be away after the latest one, where usual is the time between two cycles. What
	// is less than usual counts as usual. It is called often, by the goroutine of the other methods, and asks nobody.
	Pause(usual time.Duration) time.Duration
}
