package enrol

import (
	"slices"
	"time"
)

// Status is how it stands with the identity.
type Status struct {
	Box         string
	Fingerprint string    // of the key
	Serial      string    // of the certificate that is shown, hex; empty = none
	Until       time.Time // its end
	Renewal     time.Time // when another one is asked for
	Trial       bool      // it has not connected yet
	Claim       bool      // a claim waits for an answer
	Problem     Code      // of the last question to the server; empty = none
}

// Status tells how it stands.
func (i *Identity) Status() Status {
	i.mu.Lock()
	defer i.mu.Unlock()
	s := Status{Box: i.c.Box, Fingerprint: i.Fingerprint(), Claim: i.claim != nil, Problem: CodeOf(i.last)}
	if c := i.current(); c != nil {
		s.Serial, s.Until, s.Renewal = c.leaf.SerialNumber.Text(16), c.leaf.NotAfter, c.due(i.c.Box)
		s.Trial = c == i.wallet.trial
	}
	return s
}

// Conditions gives the health codes that hold. Without support, nothing does.
func (i *Identity) Conditions() (all []string) {
	set := i.c.Settings()
	if !set.On {
		return nil
	}
	now, trusted := i.c.Clock()
	i.mu.Lock()
	defer i.mu.Unlock()
	add := func(holds bool, c Code) {
		if holds && !slices.Contains(all, string(c)) {
			all = append(all, string(c))
		}
	}
	c := i.best()
	add(c == nil, CodeOf(i.none()))
	ending := c != nil && trusted && !now.Before(c.ending())
	add(ending, Ending)
	add(c != nil && !ending && set.Server == nil && trusted && i.due(), Due)
	add(i.lost, Rejected)
	add(i.claim != nil && set.Server == nil, NoServer)
	add(i.claim != nil && set.Server != nil && len(i.known()) == 0, NoAuthority)
	if i.last != nil {
		add(true, CodeOf(i.last))
	}
	return all
}
