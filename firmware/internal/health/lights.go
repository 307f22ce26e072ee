package health

import (
	"fmt"
	"slices"
	"time"
)

// Light is what the box's light shows. Several can hold at once; the lights are in order, and the last of those that
// hold is shown. How each looks is a matter of package panel, its words are under light.<name>.
type Light int

// The lights.
const (
	Off              Light = iota // no power, or the program has ended
	Ready                         // the last sync went well
	Syncing                       // a sync is at work
	RolledBack                    // a new version did not prove itself, the old one runs
	Untrusted                     // a certificate or the time of day is in the way
	CRMRefuses                    // the CRM answers, but not as it should
	ShareUnreachable              // the ERP's folder can't be had
	NoCloud                       // there is a network, and nothing beyond it answers
	NoLink                        // there is no network
	WaitsForPerson                // somebody must answer or act
	Stopped                       // a person stopped the sync
	SetUp                         // the box waits to be set up
	Booting                       // the box starts
	Trying                        // a new version runs and has not proved itself yet
	Updating                      // a new version is being written: do not unplug
	Identify                      // support wants this very box to be found
	HardwareFault                 // something of the box itself is broken
)

var lightNames = [...]string{"off", "ready", "syncing", "rolled-back", "untrusted", "crm-refuses", "share-unreachable", "no-cloud",
	"no-link", "waits-for-person", "stopped", "set-up", "booting", "trying", "updating", "identify", "hardware-fault"}

// Lights gives all lights, in their order.
func Lights() []Light {
	all := make([]Light, len(lightNames))
	for i := range all {
		all[i] = Light(i)
	}
	return all
}

// String gives the light's stable name.
func (l Light) String() string { return lightNames[l] }

// MarshalText gives the light's stable name.
func (l Light) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a stable name.
func (l *Light) UnmarshalText(b []byte) error {
	i := slices.Index(lightNames[:], string(b))
	if i < 0 {
		return fmt.Errorf("light %q is none of %v", b, lightNames)
	}
	*l = Light(i)
	return nil
}

// patience is how long a condition may hold before its light is shown.
var patience = map[string]time.Duration{
	"handoff-pending": 24 * time.Hour, // keying takes its time, and that is no news
}

// LightOf gives the light of a condition that has held for some time, Ready where nobody needs to look at the box for
// it. An unknown code counts as Internal, an empty one as none.
func LightOf(code string, held time.Duration) Light {
	if code == "" || held < patience[code] {
		return Ready
	}
	c, known := Lookup(code)
	if !known {
		c, _ = Lookup(Internal)
	}
	return c.Light
}
