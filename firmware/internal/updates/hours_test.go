package updates_test

import (
	"testing"
	"time"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/updates"
	"syncbox/sync/schedule"
)

// TestHours: outside of the customer's hours a version waits, until a person says now. Where a whole group is ordered to go
// now, the hours do not count, but what the customer chose does.
//
// Requirement: S50-31
func TestHours(t *testing.T) {
	minute := func(at time.Time) int { return at.Hour()*60 + at.Minute() }
	later, evenLater := time.Now().UTC().Add(4*time.Hour), time.Now().UTC().Add(5*time.Hour)
	closed := schedule.Schedule{Zone: time.UTC, Allowed: []schedule.Window{{From: minute(later), To: minute(evenLater)}}}
	for name, tt := range map[string]struct {
		set    config.Updates
		jobs   []updates.Job
		atOnce bool // with all others of its group
	}{
		"closed":                {set: config.Updates{Automatic: true, Schedule: closed}, atOnce: true},
		"put off":               {set: config.Updates{Automatic: true, NotBefore: time.Now().Add(24 * time.Hour)}},
		"only if a person says": {},
		"a server is copied":    {set: config.Updates{Automatic: true}, jobs: []updates.Job{{Open: true}, {Open: true, Backup: true}}, atOnce: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.mu.Lock()
			r.settings, r.jobs = tt.set, tt.jobs
			r.mu.Unlock()
			if r.part.Allowed(false) {
				t.Error("a new version may be taken up")
			}
			if got := r.part.Allowed(true); got != tt.atOnce {
				t.Errorf("with all others of its group: %t", got)
			}
			r.part.Approve()
			if r.part.Allowed(false) {
				t.Error("a person said now of no order, and it may")
			}
			r.accepted(r.wish("box:box"))
			if r.part.Allowed(false) {
				t.Error("a person said now of another order, and it may")
			}
			r.part.Approve()
			if !r.part.Allowed(false) || !r.part.Allowed(true) {
				t.Error("a person said now, and it may not")
			}
			r.accepted(r.wish("box:box"))
			if r.part.Allowed(false) {
				t.Error("a person said now of the order before, and it may")
			}
		})
	}
	r := newRig(t)
	r.mu.Lock()
	r.jobs = []updates.Job{{Open: true}, {}}
	r.mu.Unlock()
	if !r.part.Allowed(false) {
		t.Error("at any hour: a new version may not be taken up")
	}
}
