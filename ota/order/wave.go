package order

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Wave is which boxes of a group a Rollout is for. The next wave of the same rollout has the same Salt and a higher Percent:
// then all boxes of this one are in it. A Percent of 0 halts the rollout: who has not begun yet, does not begin.
type Wave struct {
	Percent int    `json:"percent"` // of the group: 0 to 100
	Salt    string `json:"salt"`    // 1 to MaxSalt bytes: another one begins with other boxes
}

// MaxSalt is the most bytes of a Wave's Salt.
const MaxSalt = 64

func (w Wave) check() error {
	switch {
	case w.Percent < 0 || w.Percent > 100:
		return fmt.Errorf("%d percent", w.Percent)
	case w.Salt == "" || len(w.Salt) > MaxSalt:
		return fmt.Errorf("salt of %d bytes", len(w.Salt))
	}
	return nil
}

// Takes says whether a box is among them: the first eight bytes of SHA-256 of salt, NUL, name, as a big-endian number, modulo
// 100, must be less than Percent.
func (w Wave) Takes(box string) bool {
	sum := sha256.Sum256([]byte(w.Salt + "\x00" + box))
	return binary.BigEndian.Uint64(sum[:])%100 < uint64(max(w.Percent, 0))
}
