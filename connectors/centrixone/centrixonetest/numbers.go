package centrixonetest

import (
	"strings"
	"time"
)

// numbers makes customer numbers yyyyMMddHHmmssSSS, each greater than the last.
type numbers struct {
	on   bool
	zone *time.Location
	last time.Time
}

func newNumbers(o *Options) *numbers {
	return &numbers{on: o.GenerateNumbers, zone: o.Zone}
}

// next gives 17 digits of local time; a number that was given is followed by the next millisecond.
func (n *numbers) next(now time.Time) string {
	now = now.Truncate(time.Millisecond)
	if !now.After(n.last) {
		now = n.last.Add(time.Millisecond)
	}
	n.last = now
	return strings.Replace(now.In(n.zone).Format("20060102150405.000"), ".", "", 1)
}
