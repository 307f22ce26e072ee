package trust

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"syncbox/ota/bundle"
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
	// Wish is the last accepted one. Refresh leaves it as it is.
	Wish Wish `json:"wish,omitzero"`
}

// Wish is the last accepted order of what to run.
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

// stateMagic begins a State; the digit is the version of the form.
const stateMagic = "syncbox-trust-1\n"

// Marshal gives the State with a checksum.
func (s State) Marshal() ([]byte, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode trust state: %w", err)
	}
	sum := sha256.Sum256(body)
	return slicesOf([]byte(stateMagic), sum[:], body), nil
}

func slicesOf(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// Unmarshal reads a State. The error means that there is none: the caller tells it and goes on with the zero value; the
// factory's root and the floors hold then.
func Unmarshal(b []byte) (State, error) {
	rest, ok := bytes.CutPrefix(b, []byte(stateMagic))
	if !ok || len(rest) < sha256.Size {
		return State{}, fmt.Errorf("%w: %d bytes without its beginning", ErrState, len(b))
	}
	body := rest[sha256.Size:]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], rest[:sha256.Size]) {
		return State{}, fmt.Errorf("%w: checksum differs", ErrState)
	}
	var s State
	if err := json.Unmarshal(body, &s); err != nil {
		return State{}, fmt.Errorf("%w: %w", ErrState, err)
	}
	return s, nil
}
