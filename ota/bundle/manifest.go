package bundle

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Digest is a SHA-256.
type Digest [32]byte

// String gives 64 hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText gives 64 hexadecimal digits.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (d *Digest) UnmarshalText(b []byte) error {
	if len(b) != hex.EncodedLen(len(d)) {
		return fmt.Errorf("read SHA-256: %d digits, want %d", len(b), hex.EncodedLen(len(d)))
	}
	if _, err := hex.Decode(d[:], b); err != nil {
		return fmt.Errorf("read SHA-256: %w", err)
	}
	return nil
}

// Format of a payload.
type Format string

// Formats.
const (
	Full  Format = "full"  // the image, compressed
	Delta Format = "delta" // the image, out of another one
)

// MaxImage is the most that a slot image may have, in bytes.
const MaxImage = 1 << 30

// Image is the image of a slot.
type Image struct {
	SHA256 Digest `json:"sha256"`
	Bytes  int64  `json:"bytes"` // 1 to MaxImage
}

// Manifest says what a payload makes, and of what.
type Manifest struct {
	Format  Format  `json:"format"`
	Board   string  `json:"board"` // the boards that the image boots: "arm64"
	Version Version `json:"version"`
	From    *Image  `json:"from,omitempty"` // of a Delta: the image that the running slot must hold
	To      Image   `json:"to"`
	Windows string  `json:"windows"` // name of the target that is the window list
	// Floor is the least version that a box accepts once this one has been good for a day.
	Floor Version `json:"floor"`
	// Sums are what the boot selector knows the files of the slot by ("vmlinuz", "initrd", one for each device tree).
	Sums map[string]string `json:"sums"`
	// Trial is how long the new system is looked at.
	Trial Trial `json:"trial"`
	// Notes say what is new, in plain words, by language ("fr", "en").
	Notes map[string]string `json:"notes,omitempty"`
}

// Trial is how long a new system is looked at before it is good, in seconds.
type Trial struct {
	Settle  int `json:"settle_s"`  // it has run so long without a fault: 60 in the field, 1 to 3600
	Network int `json:"network_s"` // so long it may do without what it reached before: 1800 in the field, 1 to 86400
}

// SettleTime gives Settle as a duration.
func (t Trial) SettleTime() time.Duration { return time.Duration(t.Settle) * time.Second }

// NetworkTime gives Network as a duration.
func (t Trial) NetworkTime() time.Duration { return time.Duration(t.Network) * time.Second }

// ErrManifest is wrapped by the error for a manifest that can't be used.
var ErrManifest = errors.New("bad manifest")

// ParseManifest reads the custom field of a target. Fields that it does not know are ignored, so that an older box
// understands a newer release.
func ParseManifest(custom []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(custom, &m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	return m, m.Check()
}

// Check says what is wrong with a manifest.
func (m Manifest) Check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrManifest}, args...)...)
	}
	switch {
	case m.Format != Full && m.Format != Delta:
		return bad("format %q", m.Format)
	case (m.Format == Delta) != (m.From != nil):
		return bad("format %q with from %v", m.Format, m.From)
	case m.From != nil && !m.From.sized():
		return bad("from an image of %d bytes", m.From.Bytes)
	case !m.To.sized():
		return bad("image of %d bytes", m.To.Bytes)
	case m.Board == "" || strings.Contains(m.Board, "/"):
		return bad("board %q", m.Board)
	case m.Windows == "":
		return bad("no window list")
	case m.Floor.Compare(m.Version) > 0:
		return bad("floor %s above version %s", m.Floor, m.Version)
	case m.Sums["vmlinuz"] == "" || m.Sums["initrd"] == "":
		return bad("sums of kernel or initrd missing")
	case m.Trial.Settle < 1 || m.Trial.Settle > 3600 || m.Trial.Network < 1 || m.Trial.Network > 86400:
		return bad("trial of %d and %d s", m.Trial.Settle, m.Trial.Network)
	}
	return nil
}

func (i Image) sized() bool { return i.Bytes >= 1 && i.Bytes <= MaxImage }

// FullName gives the name of the target that is a release's whole image.
func FullName(v Version, board string) string { return fmt.Sprintf("%s/%s/full", v, board) }

// DeltaName gives the name of the target that makes a release's image out of another's.
func DeltaName(v Version, board string, from Version) string {
	return fmt.Sprintf("%s/%s/%s", v, board, from)
}

// WindowsName gives the name of a payload's window list.
func WindowsName(payload string) string { return payload + ".windows" }
