package legs

import (
	"slices"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// The names of the timings.
const (
	Out  = "quote-out"  // t0 to t2: the box
	Away = "quote-away" // t2 to t4: Sage, and who imports and exports
	Back = "quote-back" // t4 to t5: the box
)

// Names are all of them.
func Names() []string { return []string{Out, Away, Back} }

// CodeTrip is the event that tells how long each leg of a quote took.
const CodeTrip = "quote-trip"

// RemarkCodes lists the codes of events.
func RemarkCodes() []string { return []string{CodeTrip} }

// Timings are the times of what ended today. What waited for its client, or for a file before it, does not count for the way out: that
// is not the box's time.
func (b *Book) Timings() []connectors.Timing {
	if b == nil {
		return nil
	}
	took := map[string][]time.Duration{}
	add := func(name string, from, to time.Time) {
		if b.today(to) && !from.IsZero() && !to.Before(from) { // else a clock was set meanwhile
			took[name] = append(took[name], to.Sub(from))
		}
	}
	for _, t := range b.trips {
		if !t.Held {
			add(Out, t.Asked, t.Written)
		}
		add(Away, t.Written, t.Shown)
		add(Back, t.Shown, t.Complete)
	}
	var all []connectors.Timing
	for _, name := range Names() {
		if times := took[name]; len(times) > 0 {
			slices.Sort(times)
			all = append(all, connectors.Timing{Name: name, Count: len(times), Median: median(times), Worst: times[len(times)-1]})
		}
	}
	return all
}

// median gives that of sorted times.
func median(sorted []time.Duration) time.Duration {
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// Tally tells the legs of each quote that is complete, once.
func (b *Book) Tally() (all []record.Remark) {
	if b == nil {
		return nil
	}
	for _, t := range b.trips {
		if t.Complete.IsZero() || t.Told {
			continue
		}
		t.Told = true
		all = append(all, record.Remark{Code: CodeTrip, Args: map[string]string{"reference": t.Reference, "tookseen": took(t.Asked, t.Seen),
			"tookwritten": took(t.Seen, t.Written), "tooktaken": took(t.Written, t.Taken), "tookshown": took(or(t.Taken, t.Written), t.Shown), "tookback": took(t.Shown, t.Complete)}})
	}
	if len(all) > 0 {
		b.save()
	}
	return all
}

func or(at, other time.Time) time.Time {
	if at.IsZero() {
		return other
	}
	return at
}

// took gives seconds; empty where they are not known.
func took(from, to time.Time) string {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return ""
	}
	return strconv.Itoa(int(to.Sub(from).Round(time.Second) / time.Second))
}
