package acomba

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
)

// token is the intent of one write: what makes a half-done one recognisable after a power cut. It
// holds customer data, as the journal that keeps it does.
type token struct {
	Layout   string `json:"l"` // fingerprint
	File     string `json:"f"`
	Position int32  `json:"p"`
	At       int64  `json:"t"` // Unix seconds, of the stamps
	Size     int64  `json:"s,omitempty"`
	Unique   int64  `json:"u,omitempty"`
	// Number is the customer's number; only for a new customer, which is found by it.
	Number string `json:"n,omitempty"`
	// Begun: the new customer's card is there and still being created, since a power cut.
	Begun bool `json:"g,omitempty"`
	// Before and After are the SHA-256 of the card but for its volatile fields. Before is empty for a
	// new card: there is nothing yet.
	Before []byte `json:"b,omitempty"`
	After  []byte `json:"a"`
	Runs   []run  `json:"r"`
}

// run is a run of bytes that the write changes.
type run struct {
	At    int    `json:"o"` // from the start of the card
	Bytes []byte `json:"d"`
}

func (t *token) encode() []byte {
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // nothing in it can't be encoded
	}
	return text
}

func parseToken(text []byte) (*token, error) {
	t := &token{}
	if err := json.Unmarshal(text, t); err != nil || t.File != customerFile || len(t.After) == 0 {
		return nil, connectors.Errorf(connectors.Rejected, CodeNotPrepared, "write card: token of %d bytes: no intent of ours", len(text))
	}
	return t, nil
}

// newToken notes what a planned write does to the card. before is nil for a new card.
func newToken(f *layout.File, position int32, before []byte, plan layout.Write, now time.Time) *token {
	t := &token{Layout: f.Layout().Fingerprint, File: f.Name, Position: position, At: now.Unix()}
	t.After = stableSum(f, plan.After)
	if before != nil {
		t.Before = stableSum(f, before)
	}
	t.Runs = runsOf(before, plan.After)
	return t
}

// stableSum sums up a card but for the fields that the layout calls volatile.
func stableSum(f *layout.File, card []byte) []byte {
	stable := bytes.Clone(card)
	for _, name := range f.Layout().Write.Volatile {
		spec, err := f.FieldSpec(name)
		if err != nil {
			continue // the block write speaks of all files
		}
		for i := range spec.Count {
			at := spec.At + i*spec.Stride
			clear(stable[at : at+spec.Size])
		}
	}
	sum := sha256.Sum256(stable)
	return sum[:]
}

// runsOf lists where after differs from before; all of it when there is no before.
func runsOf(before, after []byte) []run {
	if before == nil {
		return []run{{0, after}}
	}
	var runs []run
	for i := range after {
		n := len(runs)
		switch {
		case before[i] == after[i]:
		case n > 0 && runs[n-1].At+len(runs[n-1].Bytes) == i:
			runs[n-1].Bytes = append(runs[n-1].Bytes, after[i])
		default:
			runs = append(runs, run{i, []byte{after[i]}})
		}
	}
	return runs
}

func (t *token) time() time.Time { return time.Unix(t.At, 0).UTC() }

func (t *token) wasBefore(f *layout.File, card []byte) bool {
	return t.Before != nil && bytes.Equal(t.Before, stableSum(f, card))
}

func (t *token) isAfter(f *layout.File, card []byte) bool {
	return bytes.Equal(t.After, stableSum(f, card))
}

// changed is the error of a card that is not what the plan was made on: plan again.
func changed(position int32, why string) error {
	return connectors.Errorf(connectors.Busy, CodeCardChanged, "write card %d: %s", position, why)
}

// halfWritten is the error of a card that is neither as before nor as intended. A person must look.
func halfWritten(f *layout.File, position int32, why string) error {
	return &connectors.Error{Kind: connectors.Rejected, Code: CodeHalfWritten,
		Args: map[string]string{"card": fmt.Sprint(position)},
		Err:  fmt.Errorf("read %s: card %d: %s", f.Path, position, why)}
}
