package console_test

import (
	"context"
	"errors"

	"syncbox/ota/bundle"
	ota "syncbox/ota/update"
)

// fakeUpdates has a new version, which is ordered, and takes it once somebody says so.
type fakeUpdates struct {
	approved bool
	checks   int
}

func (u *fakeUpdates) Status() ota.Status {
	next := bundle.Version{Major: 1, Minor: 4}
	s := ota.Status{Version: bundle.Version{Major: 1, Minor: 2}, Doing: ota.Held, Wish: "01", Target: next, Checked: noon,
		Available: &ota.Available{Version: next, Notes: map[string]string{"fr": "Plus rapide.", "en": "Faster."}},
		Last:      &ota.Outcome{Wish: "00", Version: bundle.Version{Major: 1, Minor: 3}, Phase: ota.PhaseRolledBack, Code: "trial-job:north"}}
	if u.approved {
		s.Doing, s.Done, s.Of = ota.Downloading, 12, 96
	}
	if u.checks > 0 {
		s.Problem = &ota.Error{Code: "update-unreachable", Err: errors.New("no route")}
	}
	return s
}

func (u *fakeUpdates) Approve() { u.approved = true }

func (u *fakeUpdates) Check(context.Context) error {
	u.checks++
	return u.Status().Problem
}
