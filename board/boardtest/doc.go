// Package boardtest is a board whose parts are in a test's hands: a light that records what it shows, a button that
// the test presses, a watchdog that tells whether it would have bitten, a serial line with two ends.
//
// Times come from the clock that a test hands over; in a bubble of testing/synctest that is time.Now.
package boardtest

import "time"

// Clock tells the time.
type Clock func() time.Time
