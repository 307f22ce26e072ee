// Package schedule says when a job may run: an interval, allowed hours and backup windows, all in the local
// time of the site, days of 23 and 25 hours included.
package schedule

import (
	"fmt"
	"slices"
	"time"
)

// Window is a span of every day in minutes after midnight, local time. One that ends before it begins
// reaches over midnight.
type Window struct{ From, To int }

// ParseWindow reads "22:00-05:30".
func ParseWindow(s string) (Window, error) {
	var h1, m1, h2, m2 int
	if n, err := fmt.Sscanf(s, "%d:%d-%d:%d", &h1, &m1, &h2, &m2); n != 4 || err != nil ||
		fmt.Sprintf("%02d:%02d-%02d:%02d", h1, m1, h2, m2) != s {
		return Window{}, fmt.Errorf("time window %q is not of the form 22:00-05:30", s)
	}
	if h1 < 0 || h2 < 0 || m1 < 0 || m2 < 0 || h1 > 24 || h2 > 24 || m1 > 59 || m2 > 59 || h1*60+m1 > 1440 || h2*60+m2 > 1440 {
		return Window{}, fmt.Errorf("time window %q has no such hour", s)
	}
	w := Window{h1*60 + m1, h2*60 + m2}
	if w.From == w.To {
		return Window{}, fmt.Errorf("time window %q is empty", s)
	}
	return w, nil
}

// holds says whether a minute of the day lies in the window.
func (w Window) holds(minute int) bool {
	if w.From < w.To {
		return minute >= w.From && minute < w.To
	}
	return minute >= w.From || minute < w.To
}

// Schedule is when a job may run.
type Schedule struct {
	Interval time.Duration // between the ends and beginnings of runs
	Zone     *time.Location
	Allowed  []Window // none = always
	Backup   []Window // never in these
}

// HasHours says whether there are hours to keep.
func (s Schedule) HasHours() bool { return len(s.Allowed)+len(s.Backup) > 0 }

// Open says whether the job may run at t, and when that changes: the first minute of the other kind within
// two days, or zero if it never does.
func (s Schedule) Open(t time.Time) (open bool, until time.Time) {
	open = s.open(t)
	for _, edge := range s.edges(t) {
		if edge.After(t) && edge.Sub(t) <= 48*time.Hour && s.open(edge) != open && (until.IsZero() || edge.Before(until)) {
			until = edge
		}
	}
	return open, until
}

// edges gives every moment of two days from t on at which a window can begin or end: at its own minutes of the
// day, once more where the clock is put back over them, and where the clock is put forward or back.
func (s Schedule) edges(t time.Time) []time.Time {
	zone := s.zone()
	local := t.In(zone)
	_, change := local.ZoneBounds()
	_, before := local.Zone()
	_, after := change.Zone()
	var all []time.Time
	if !change.IsZero() {
		all = append(all, change)
	}
	for _, w := range slices.Concat(s.Allowed, s.Backup) {
		for day := range 4 {
			for _, minute := range []int{w.From, w.To} {
				edge := time.Date(local.Year(), local.Month(), local.Day()+day, 0, minute, 0, 0, zone)
				all = append(all, edge)
				if !change.IsZero() && before != after {
					shift := time.Duration(before-after) * time.Second
					all = append(all, edge.Add(shift), edge.Add(-shift))
				}
			}
		}
	}
	return all
}

func (s Schedule) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

func (s Schedule) open(t time.Time) bool {
	local := t.In(s.zone())
	minute := local.Hour()*60 + local.Minute()
	for _, w := range s.Backup {
		if w.holds(minute) {
			return false
		}
	}
	for _, w := range s.Allowed {
		if w.holds(minute) {
			return true
		}
	}
	return len(s.Allowed) == 0
}
