package enrol

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/durable"
)

// claim is what the server is shown by a box that it does not know: what stands on its label. It waits on the disk, since a
// server may take days to answer.
type claim struct {
	Serial string `json:"serial"`
	Code   string `json:"code"`
}

// longestClaim is how many bytes serial number and code may have.
const longestClaim = 64

func readClaim(f folder) (*claim, error) {
	var c claim
	there, err := f.getJSON(claimFile, &c)
	if !there || err != nil {
		return nil, err
	}
	return &c, nil
}

// Claim has the box ask the server for its first certificate, or for one after the last one ran out, with the serial number and
// the code of its label. It is kept until the server has given a certificate. The code may be typed as people type.
func (i *Identity) Claim(serial, code string) error {
	c := &claim{Serial: strings.TrimSpace(serial), Code: setupcode.Label(code)}
	if c.Serial == "" || len(c.Serial) > longestClaim || strings.ContainsFunc(c.Serial, notInName) || c.Code == "" || len(c.Code) > longestClaim {
		return errorf(Refused, "claim: serial number and code of the label are needed")
	}
	i.writing.Lock()
	defer i.writing.Unlock()
	if err := i.folder.putJSON(claimFile, c); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.claim, i.last, i.rest, i.failures, i.putOff = c, nil, time.Time{}, 0, 0
	i.nudge()
	return nil
}

// Unclaim takes a claim that no server has answered out of the folder of a box, whose identity must not be open: a full reset does.
// A person claimed the box for what it was, and the code is a secret that was typed. There need be neither a claim nor a folder.
func Unclaim(path string) error {
	if err := os.Remove(filepath.Join(path, claimFile)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return errorf(Storage, "take back claim: %w", err)
	}
	return durable.SyncDir(path)
}

// notInName: a colon ends the name in HTTP basic authentication (RFC 7617).
func notInName(r rune) bool { return r == ':' || r < ' ' || r == 0x7f }

// claimed ends the claim. The caller holds writing.
func (i *Identity) claimed() error {
	i.mu.Lock()
	waits := i.claim != nil
	i.claim = nil
	i.mu.Unlock()
	if !waits {
		return nil
	}
	return i.folder.drop(claimFile)
}
