package signin

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// What is what a call asks for.
type What string

// Calls of the service, then those of the relay.
const (
	Authorize What = "authorize" // the page is shown
	Consent   What = "consent"   // the person answers it
	Exchange  What = "exchange"  // a code for tokens; at the relay a code that a person pasted
	Refresh   What = "refresh"
	Revoke    What = "revoke"
	Begin     What = "begin"
	Callback  What = "callback" // the person comes back to the relay's page
	Collect   What = "collect"
	Other     What = "other" // understood by nobody
)

// The outcomes of a call.
const (
	Answered = "answered"
	Refused  = "refused" // 4xx, 5xx
	Faulted  = "faulted" // a Fault took part; Done tells whether the work was done
)

// Call is one call as the journal keeps it. It holds no token, code, state, secret, realm or body:
// connections and refresh tokens are told by their numbers, from 1 up, 0 for none or unknown.
type Call struct {
	Seq        int64
	At         time.Time
	Took       time.Duration
	Method     string
	Path       string // without query
	What       What
	Connection int
	Shown      int // the refresh token that the caller showed
	Given      int // the refresh token of the answer
	Status     int // of the answer that was made, 0 if none
	Outcome    string
	Fault      FaultKind
	Reason     string
	Done       bool // the work was done: tokens were made, given or ended
	Lost       bool // the caller got no answer, or a part of one
}

// finish notes the answer.
func (c *Call) finish(a *answer, now time.Time) {
	c.Took, c.Status, c.Reason = now.Sub(c.At), a.status, a.reason
	c.Lost = c.Lost || a.closed || a.keep >= 0
	switch {
	case c.Fault != "":
		c.Outcome = Faulted
	case a.status >= 400:
		c.Outcome = Refused
	default:
		c.Outcome = Answered
	}
}

// Counters are what a handler saw since it was made.
type Counters struct {
	Calls, Refused, Faulted int
	Of                      map[What]int // all calls, whatever became of them
	Done                    map[What]int // those whose work was done
	Lost                    map[What]int // those that were done without the caller hearing of it
	Rotations               int          // refreshes that gave a new refresh token
}

func newCounters() Counters {
	return Counters{Of: map[What]int{}, Done: map[What]int{}, Lost: map[What]int{}}
}

func (n *Counters) count(c *Call) {
	n.Calls++
	n.Of[c.What]++
	if c.Outcome == Refused {
		n.Refused++
	}
	if c.Fault != "" {
		n.Faulted++
	}
	if !c.Done {
		return
	}
	n.Done[c.What]++
	if c.Lost {
		n.Lost[c.What]++
	}
	if c.What == Refresh && c.Given != c.Shown {
		n.Rotations++
	}
}

// journal keeps the last calls and counts all.
type journal struct {
	mu       sync.Mutex // guards all of it
	limit    int
	seq      int64
	calls    []Call
	counters Counters
}

func newJournal(limit int) *journal { return &journal{limit: limit, counters: newCounters()} }

// begin notes an arrival.
func (j *journal) begin(now time.Time, method, path string) *Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	return &Call{Seq: j.seq, At: now, Method: method, Path: path, What: Other}
}

// add keeps a finished call.
func (j *journal) add(c *Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.calls) >= j.limit {
		j.calls = slices.Clone(j.calls[len(j.calls)/2:])
	}
	j.calls = append(j.calls, *c)
	j.counters.count(c)
}

// Journal gives the calls that were kept, in the order in which they ended; with words, only those.
func (j *journal) Journal(only ...What) []Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	calls := []Call{}
	for _, c := range j.calls {
		if len(only) == 0 || slices.Contains(only, c.What) {
			calls = append(calls, c)
		}
	}
	return calls
}

// Counters gives the counts.
func (j *journal) Counters() Counters {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := j.counters
	n.Of, n.Done, n.Lost = maps.Clone(n.Of), maps.Clone(n.Done), maps.Clone(n.Lost)
	return n
}
