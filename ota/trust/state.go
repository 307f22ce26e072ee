package trust

import (
	"errors"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/internal/sealed"
)

// State is what a box remembers of the update metadata, and of the last wish. The zero value is that of a new box. It
// is kept by a full reset: it is what keeps old releases out.
type State struct {
	// Raw metadata as they were verified.
	Root      []byte `json:"root,omitempty"`
	Timestamp []byte `json:"timestamp,omitempty"`
	Snapshot  []byte `json:"snapshot,omitempty"`
	Targets   []byte `json:"targets,omitempty"`
	// Versions of the above, also if they can't be read.
	Versions Versions `json:"versions"`
	// Since is the version of the root that last took the keys of each role away.
	Since Versions `json:"since"`
	// Clock is the latest time that a trusted clock has shown.
	Clock time.Time `json:"clock,omitzero"`
	// Issued is when the newest timestamp was issued.
	Issued time.Time `json:"issued,omitzero"`
	// Wish is the last one taken. Refresh leaves it as it is.
	Wish Wish `json:"wish,omitzero"`
}

// Wish is the last order of what to run that was good, also where it was for others of a group.
type Wish struct {
	ID     string        `json:"id"`
	Seq    int64         `json:"seq"`
	SHA256 bundle.Digest `json:"sha256"` // of its envelope
}

// Time gives the latest time that is certain to be over.
func (s State) Time(built time.Time, c Clock) time.Time {
	t := built
	for _, other := range []time.Time{s.Clock, s.Issued} {
		if other.After(t) {
			t = other
		}
	}
	if c.Trusted && c.Now.After(t) {
		t = c.Now
	}
	return t.UTC()
}

// Clock is what the box's clock shows, and whether that can be believed.
type Clock struct {
	Now     time.Time
	Trusted bool
}

// ErrState is wrapped by the error for bytes that hold no State.
var ErrState = errors.New("bad trust state")

// stateForm is how a State is kept.
var stateForm = sealed.Form{What: "trust state", Magic: "syncbox-trust-1\n", Bad: ErrState}

// Marshal gives the State with a checksum.
func (s State) Marshal() ([]byte, error) { return stateForm.Marshal(s) }

// Unmarshal reads a State. The error means that there is none: the caller tells it and goes on with the zero value; the
// factory's root and the floors hold then.
func Unmarshal(b []byte) (State, error) {
	var s State
	if err := stateForm.Unmarshal(b, &s); err != nil {
		return State{}, err
	}
	return s, nil
}
