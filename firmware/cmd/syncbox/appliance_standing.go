package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"time"

	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/standing"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/trust"
)

// began is when process 1 did.
var began = time.Now()

// standing gives how the box is, for support: codes and versions, nothing of the customer's.
func (m *machine) standing() wire.Status {
	s := wire.Status{State: wire.Init, Up: int64(time.Since(began) / time.Second), Codes: m.state.Codes()}
	if m.news != nil {
		is := m.news.Status()
		s.FW, s.Slot = is.Version.String(), string(is.Slot)
	}
	if text, err := os.ReadFile(applianceConfig); err == nil {
		sum := sha256.Sum256(text)
		s.Cfg = hex.EncodeToString(sum[:8])
	}
	jobs, begun := m.jobStatuses()
	s.Codes = standing.AllCodes(s.Codes, jobs)
	if begun {
		s.State = standing.StateOf(s.Codes)
	}
	return s
}

// atWork gives the jobs that run, nil for none, and whether they were begun.
func (m *machine) atWork() (a *app.App, begun bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case <-m.begun:
		begun = true
	default:
	}
	return m.jobs, begun
}

// jobStatuses gives how the jobs are, and whether they were begun. It waits for none of them.
func (m *machine) jobStatuses() (all []local.JobStatus, begun bool) {
	a, begun := m.atWork()
	if a == nil {
		return nil, begun
	}
	return local.Statuses(a), begun
}

// online tells whether the box has an address.
func (m *machine) online() bool {
	l, err := networkCard()
	return err == nil && l.Reached()
}

// time gives the machine's, and whether it was confirmed.
func (m *machine) time() trust.Clock {
	return trust.Clock{Now: time.Now(), Trusted: m.keeper.Confirmed()}
}

// boxName is the one in orders and in the certificate.
func (m *machine) boxName() string { return settings().Box.Name }
