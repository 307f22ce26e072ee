package release

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Standing is how one role of the repository stands.
type Standing struct {
	Role    Role
	Version int64
	Expires time.Time
	Due     bool // it is to be renewed now
}

// warnBefore says how long before its end a role is due. Boxes warn of the timestamp in its last three days.
var warnBefore = map[Role]time.Duration{
	Root: RenewBefore, Targets: RenewBefore, Snapshot: RenewBefore, Timestamp: 3 * 24 * time.Hour,
}

// Standings tells when what is signed expires.
func (r *Repo) Standings(now time.Time) []Standing {
	all := []Standing{
		{Role: Root, Version: r.root.Signed.Version, Expires: r.root.Signed.Expires},
		{Role: Targets, Version: r.targets.Signed.Version, Expires: r.targets.Signed.Expires},
		{Role: Snapshot, Version: r.snapshot.Signed.Version, Expires: r.snapshot.Signed.Expires},
		{Role: Timestamp, Version: r.timestamp.Signed.Version, Expires: r.timestamp.Signed.Expires},
	}
	for i, s := range all {
		all[i].Due = s.Expires.Sub(now) < warnBefore[s.Role]
	}
	return all
}

// CheckFiles reads every file of the repository and says what is wrong with them: missing, too short, of another content.
func (r *Repo) CheckFiles() error {
	var wrong []error
	for _, m := range []struct {
		name string
		want *metadata.MetaFiles
	}{
		{versioned(r.snapshot.Signed.Version, Snapshot), r.timestamp.Signed.Meta[snapshotMeta]},
		{versioned(r.targets.Signed.Version, Targets), r.snapshot.Signed.Meta[targetsMeta]},
	} {
		b, err := os.ReadFile(r.path(m.name))
		if err == nil {
			err = m.want.VerifyLengthHashes(b)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("check %s: %w", m.name, err))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.targets.Signed.Targets)) {
		if err := r.checkTarget(name); err != nil {
			wrong = append(wrong, fmt.Errorf("check %s: %w", name, err))
		}
	}
	return errors.Join(wrong...)
}

func (r *Repo) checkTarget(name string) error {
	t := r.targets.Signed.Targets[name]
	f, err := os.Open(r.file(name, t))
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); n != t.Length || got != t.Hashes["sha256"].String() {
		return fmt.Errorf("%d bytes with SHA-256 %s, signed are %d with %s", n, got, t.Length, t.Hashes["sha256"])
	}
	return nil
}
