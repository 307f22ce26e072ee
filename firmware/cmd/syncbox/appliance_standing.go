package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"slices"
	"time"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/support/wire"
	"syncbox/firmware/internal/updates"
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
	jobs, begun := m.jobsNow()
	for _, j := range jobs {
		for _, w := range j.Status.Ways {
			s.Codes = append(s.Codes, w.Code)
		}
		for _, n := range j.Notices {
			s.Codes = append(s.Codes, n.Code)
		}
	}
	slices.Sort(s.Codes)
	s.Codes = slices.DeleteFunc(slices.Compact(s.Codes), func(code string) bool { return code == "" })
	if begun {
		s.State = stateOf(s.Codes)
	}
	return s
}

// stateOf says in a word what codes mean.
func stateOf(codes []string) wire.State {
	if slices.Contains(codes, updates.CodeRunning) || slices.Contains(codes, updates.CodeTrial) {
		return wire.Updating
	}
	if worst, any := health.Worst(codes...); any && worst.Severity > health.Info {
		return wire.Degraded
	}
	return wire.Ready
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
