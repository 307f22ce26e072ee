package schedule_test

import (
	"testing"
	"time"

	"syncbox/sync/schedule"
)

func toronto(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func windows(t *testing.T, all ...string) (ws []schedule.Window) {
	t.Helper()
	for _, s := range all {
		w, err := schedule.ParseWindow(s)
		if err != nil {
			t.Fatal(err)
		}
		ws = append(ws, w)
	}
	return ws
}

// Requirement: ACO-6
func TestOpen(t *testing.T) {
	for _, tt := range []struct {
		name            string
		allowed, backup []string
		at              string // UTC
		open            bool
		until           string // UTC; empty = never changes
	}{
		{name: "always", at: "2026-11-21 03:00", open: true},
		{name: "within hours", allowed: []string{"08:00-18:00"}, at: "2026-11-20 15:30", open: true, until: "2026-11-20 23:00"},
		{name: "after hours", allowed: []string{"08:00-18:00"}, at: "2026-11-20 23:00", open: false, until: "2026-11-21 13:00"},
		{name: "backup over midnight, before", backup: []string{"22:00-05:30"}, at: "2026-11-21 02:59", open: true, until: "2026-11-21 03:00"},
		{name: "backup over midnight, in it", backup: []string{"22:00-05:30"}, at: "2026-11-21 05:00", open: false, until: "2026-11-21 10:30"},
		{name: "backup wins over hours", allowed: []string{"00:00-24:00"}, backup: []string{"12:00-13:00"}, at: "2026-11-20 17:30", open: false, until: "2026-11-20 18:00"},
		{name: "up to midnight", backup: []string{"23:00-24:00"}, at: "2026-11-21 04:59", open: false, until: "2026-11-21 05:00"},
		{name: "never", backup: []string{"00:00-24:00"}, at: "2026-11-20 17:30", open: false},
		// 8 March 2026 has 23 hours: 02:00 becomes 03:00.
		{name: "the night loses an hour", backup: []string{"01:00-05:00"}, at: "2026-03-08 06:30", open: false, until: "2026-03-08 09:00"},
		{name: "the window is the lost hour", backup: []string{"02:00-03:00"}, at: "2026-03-08 06:59", open: true, until: "2026-03-09 06:00"},
		// 1 November 2026 has 25 hours: 01:00 to 02:00 comes twice.
		{name: "the night gains an hour", backup: []string{"00:30-05:00"}, at: "2026-11-01 05:30", open: false, until: "2026-11-01 10:00"},
		{name: "the window comes twice", backup: []string{"01:00-01:30"}, at: "2026-11-01 05:10", open: false, until: "2026-11-01 05:30"},
		{name: "between the two", backup: []string{"01:00-01:30"}, at: "2026-11-01 05:45", open: true, until: "2026-11-01 06:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := schedule.Schedule{Zone: toronto(t), Allowed: windows(t, tt.allowed...), Backup: windows(t, tt.backup...)}
			at, err := time.Parse("2006-01-02 15:04", tt.at)
			if err != nil {
				t.Fatal(err)
			}
			open, until := s.Open(at)
			got := ""
			if !until.IsZero() {
				got = until.UTC().Format("2006-01-02 15:04")
			}
			if open != tt.open || got != tt.until {
				t.Errorf("got %v until %q, want %v until %q", open, got, tt.open, tt.until)
			}
		})
	}
}

// TestUntilIsTheFirstChange walks minute by minute through both odd days.
//
// Requirement: ACO-6
func TestUntilIsTheFirstChange(t *testing.T) {
	s := schedule.Schedule{Zone: toronto(t), Allowed: windows(t, "06:00-01:30"), Backup: windows(t, "12:00-12:45", "23:50-00:10")}
	for _, day := range []time.Time{time.Date(2026, 3, 8, 4, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)} {
		open, until := s.Open(day)
		for at := day; at.Before(day.Add(26 * time.Hour)); at = at.Add(time.Minute) {
			now, next := s.Open(at)
			if at.Before(until) && now != open || at.Equal(until) && now == open {
				t.Fatalf("at %v: open %v, though %v was foretold until %v", at, now, open, until)
			}
			open, until = now, next
		}
	}
}

// Requirement: ACO-6
func TestParseWindow(t *testing.T) {
	for s, good := range map[string]bool{
		"22:00-05:30": true, "00:00-24:00": true, "8:00-18:00": false, "08:00-08:00": false, "08:60-09:00": false,
		"25:00-26:00": false, "24:30-01:00": false, "08:00": false, "": false, "08:00-09:00 ": false, "-8:00-09:00": false,
	} {
		if _, err := schedule.ParseWindow(s); (err == nil) != good {
			t.Errorf("%q: got %v", s, err)
		}
	}
}
