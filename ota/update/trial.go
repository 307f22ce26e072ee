package update

import (
	"slices"
	"strings"
	"time"

	"syncbox/ota/bundle"
)

// Verdict of a look at a system.
type Verdict string

// Verdicts.
const (
	Wait     Verdict = "wait"
	Good     Verdict = "good"
	GiveBack Verdict = "give-back" // the system before is to start again
)

// Decision is a Verdict and why.
type Decision struct {
	Verdict Verdict
	Failure Failure
	// Missing are the network checks for which a system is given back; none where it is at fault itself.
	Missing []string
}

// Bounds of a trial, in times of bundle.Trial's Network, which is half an hour in the field.
const (
	patience         = 8   // for a check of its own, or a link, that never comes: four hours
	provisional      = 48  // the first wait of an acquitted system: a day
	mostProvisional  = 336 // the longest: a week
	compareFraction  = 3   // the old system has a third of it: ten minutes
	longestLookApart = time.Minute
)

// usual is the Trial of a system of which nothing is recorded.
var usual = bundle.Trial{Settle: 60, Network: 1800}

// Trial judges a new system by what is seen of it. It knows no clock and writes nothing.
type Trial struct {
	Times bundle.Trial
	// Before is what the old system had; nil where nobody knows: then all must be there.
	Before *Before
	// Acquitted counts how often the old system did no better: above 0 there is more time.
	Acquitted int

	clocks clocks
	passed map[string]bool
	failed map[string]string // the words of what failed when it was last tried; it may be tried again just now
}

// Look judges after the system has been on for so long since the trial began. Network checks that passed once have passed, and one that
// failed has failed until it passes.
func (t *Trial) Look(on time.Duration, h Health) Decision {
	t.clocks.add(on, h.Link)
	var unknown []string
	for _, c := range h.Checks {
		switch {
		case t.Before != nil && slices.Contains(t.Before.Failing, c.Name):
		case c.Kind == Local && c.Result == Failed:
			return Decision{Verdict: GiveBack, Failure: Failure{trialCode(c.Name), c.Words}}
		case c.Kind == Local && c.Result == Unknown:
			unknown = append(unknown, c.Name)
		}
	}
	missing, words := t.missing(h)
	network := t.Times.NetworkTime()
	switch {
	case len(unknown) > 0 && on >= patience*network:
		return Decision{Verdict: GiveBack, Failure: Failure{Unfinished, strings.Join(unknown, ", ")}}
	case len(unknown) == 0 && len(missing) == 0 && on >= t.Times.SettleTime():
		return Decision{Verdict: Good}
	case len(missing) > 0 && t.clocks.linked >= t.limit(1):
		return Decision{Verdict: GiveBack, Failure: Failure{trialCode(missing[0]), words}, Missing: missing}
	case len(missing) > 0 && t.clocks.unlinked >= t.limit(patience) && (t.Before == nil || t.Before.Link):
		return Decision{Verdict: GiveBack, Failure: Failure{Code: NoLink}, Missing: missing}
	}
	return Decision{Verdict: Wait}
}

// limit is how long a system may do without the network, the first time so many times Network.
func (t *Trial) limit(first int) time.Duration {
	times := first
	if t.Acquitted > 0 {
		times = max(first, min(provisional<<min(t.Acquitted-1, 8), mostProvisional))
	}
	return time.Duration(times) * t.Times.NetworkTime()
}

// missing gives the network checks that must pass and have not, those that failed first, and what is wrong with the first
// one: of the others nobody knows yet.
func (t *Trial) missing(h Health) (names []string, words string) {
	if t.passed == nil {
		t.passed, t.failed = map[string]bool{}, map[string]string{}
	}
	failed := 0
	for _, c := range h.Checks {
		if c.Kind != Network {
			continue
		}
		switch c.Result {
		case Passed:
			t.passed[c.Name] = true
		case Failed:
			t.failed[c.Name] = c.Words
		}
		if t.passed[c.Name] || t.Before != nil && !slices.Contains(t.Before.Reached, c.Name) {
			continue
		}
		why, has := t.failed[c.Name]
		if !has {
			names = append(names, c.Name)
			continue
		}
		if failed == 0 {
			words = why
		}
		names = slices.Insert(names, failed, c.Name)
		failed++
	}
	return names, words
}

func trialCode(check string) Code { return Code("trial-" + check) }

// Comparison judges by the old system, after the new one was given back for the network.
type Comparison struct {
	Times   bundle.Trial
	Missing []string // what the new one did not reach

	clocks clocks
}

// Look judges after the old system has been on for so long: Good means that the new one is at fault, GiveBack that it is
// acquitted and starts again.
//
// The old system has only some minutes to do better: an outage that ends later than that has nothing to do with the new one.
func (c *Comparison) Look(on time.Duration, h Health) Verdict {
	c.clocks.add(on, h.Link)
	network := c.Times.NetworkTime()
	for _, check := range h.Checks {
		if check.Kind == Network && check.Result == Passed && slices.Contains(c.Missing, check.Name) {
			return Good
		}
	}
	if c.clocks.linked >= network/compareFraction || c.clocks.unlinked >= network {
		return GiveBack
	}
	return Wait
}

// clocks count how long there was a link, and how long there was none.
type clocks struct{ on, linked, unlinked time.Duration }

// add counts the time since the last look, as it is now. A long time without a look says nothing of what was meanwhile.
func (c *clocks) add(on time.Duration, link bool) {
	passed := min(max(on-c.on, 0), longestLookApart)
	c.on = on
	if link {
		c.linked += passed
	} else {
		c.unlinked += passed
	}
}
