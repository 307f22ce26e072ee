package release

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Init makes an empty repository in a folder that has none. Of root, targets, snapshot and timestamp it needs as many
// private halves as signatures are needed, of all other keys the public ones.
func Init(dir string, keys Keys, now time.Time) (*Repo, error) {
	if _, err := os.Stat(filepath.Join(dir, MetadataDir)); err == nil {
		return nil, fmt.Errorf("make repository: %s: %w", filepath.Join(dir, MetadataDir), os.ErrExist)
	}
	root, err := firstRoot(keys, now)
	if err != nil {
		return nil, fmt.Errorf("make repository: %w", err)
	}
	for _, d := range []string{MetadataDir, TargetsDir} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, err
		}
	}
	r := &Repo{dir: dir, root: root, targets: metadata.Targets(), snapshot: metadata.Snapshot(), timestamp: metadata.Timestamp()}
	r.targets.Signed.Version, r.snapshot.Signed.Version, r.timestamp.Signed.Version = 0, 0, 0
	c, err := r.change(keys, now)
	if err != nil {
		return nil, err
	}
	if err := c.setRoot(root, root); err != nil {
		return nil, err
	}
	return r, c.commit(Targets)
}

// firstRoot names the keys of all roles.
func firstRoot(keys Keys, now time.Time) (*metadata.Metadata[metadata.RootType], error) {
	root := metadata.Root(until(now, RootValid))
	root.Signed.ConsistentSnapshot = true
	for _, rule := range rules {
		of := keys.Of(rule.role)
		if len(of) < rule.keys {
			return nil, fmt.Errorf("%w: %d of role %s, want %d", ErrKeys, len(of), rule.role, rule.keys)
		}
		root.Signed.Roles[string(rule.role)] = &metadata.Role{KeyIDs: []string{}, Threshold: rule.threshold}
		for _, k := range of {
			if err := root.Signed.AddKey(k.tuf(), string(rule.role)); err != nil {
				return nil, err
			}
		}
	}
	return root, nil
}
