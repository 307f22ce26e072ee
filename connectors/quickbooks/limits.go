package quickbooks

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// minute holds requests to a number in any 60 seconds. The second's limit and one request at a time are
// the rest client's business.
type minute struct {
	mu   sync.Mutex
	sent []time.Time // of the latest requests, a ring; guarded by mu
	next int         // the oldest one; guarded by mu
}

func newMinute(most int) *minute { return &minute{sent: make([]time.Time, most)} }

// reserve takes the next place and says how long to wait for it.
func (m *minute) reserve(now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := now
	if old := m.sent[m.next]; !old.IsZero() && old.Add(time.Minute).After(now) {
		at = old.Add(time.Minute)
	}
	m.sent[m.next] = at
	m.next = (m.next + 1) % len(m.sent)
	return at.Sub(now)
}

// wait takes the next place and waits for it. It goes by the machine's own clock: the server counts real minutes.
func (m *minute) wait(ctx context.Context) error {
	pause := m.reserve(time.Now())
	if pause <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// The pauses that an answer asks for without naming a time.
const (
	throttled = time.Minute      // after a 429: what the vendor asks for
	ill       = 30 * time.Second // after a 503
	longest   = 15 * time.Minute
)

// pauseAfter doubles the pause for each earlier one in a row and adds up to a quarter, so that boxes that
// were stopped together do not come back together.
func pauseAfter(status, tries int) time.Duration {
	pause := ill
	if status != 503 {
		pause = throttled
	}
	pause <<= min(tries, 5)
	return min(pause+rand.N(pause/4), longest)
}
