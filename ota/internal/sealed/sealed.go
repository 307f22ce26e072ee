// Package sealed is the form of what a box keeps of its updates: a magic line, the SHA-256 of what follows, and JSON. Fields
// that a system does not know are passed over, so that the one before can read what the one after has written.
package sealed

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// Form is one kind of values.
type Form struct {
	What  string // "trust state", for errors
	Magic string // what it begins with: "syncbox-trust-1\n", in which the digit is the version of the form
	Bad   error  // wrapped by the error for bytes that hold none
}

// Marshal gives a value with its checksum.
func (f Form) Marshal(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", f.What, err)
	}
	sum := sha256.Sum256(body)
	return bytes.Join([][]byte{[]byte(f.Magic), sum[:], body}, nil), nil
}

// Unmarshal reads a value, which is of no use with an error.
func (f Form) Unmarshal(b []byte, v any) error {
	rest, ok := bytes.CutPrefix(b, []byte(f.Magic))
	if !ok || len(rest) < sha256.Size {
		return fmt.Errorf("%w: %d bytes without its beginning", f.Bad, len(b))
	}
	body := rest[sha256.Size:]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], rest[:sha256.Size]) {
		return fmt.Errorf("%w: checksum differs", f.Bad)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%w: %w", f.Bad, err)
	}
	return nil
}
