package release

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/google/renameio/v2"
	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// change is the next state of a repository. Nothing is written before all of it is signed.
type change struct {
	Repo  // copies of what the repository holds
	of    *Repo
	keys  Keys
	now   time.Time
	files []file
}

// file is a file of metadata that is to be written.
type file struct {
	name    string
	content []byte
}

func (r *Repo) change(keys Keys, now time.Time) (*change, error) {
	c := &change{Repo: Repo{dir: r.dir}, of: r, keys: keys, now: now}
	var err error
	if c.root, err = copyOf(r.root); err != nil {
		return nil, err
	}
	if c.targets, err = copyOf(r.targets); err != nil {
		return nil, err
	}
	if c.snapshot, err = copyOf(r.snapshot); err != nil {
		return nil, err
	}
	c.timestamp, err = copyOf(r.timestamp)
	return c, err
}

func copyOf[T metadata.Roles](m *metadata.Metadata[T]) (*metadata.Metadata[T], error) {
	b, err := m.ToBytes(false)
	if err != nil {
		return nil, err
	}
	return new(metadata.Metadata[T]).FromBytes(b)
}

// setRoot signs a new root, in the eyes of itself and the one before.
func (c *change) setRoot(root, before *metadata.Metadata[metadata.RootType]) error {
	if err := sign(root, Root, c.keys, before, root); err != nil {
		return err
	}
	c.root = root
	_, err := add(c, root, root.Signed.Version, versioned(root.Signed.Version, Root))
	return err
}

// commit signs anew what the roles say, and what stands above it, and writes everything.
func (c *change) commit(roles ...Role) error {
	has := func(r Role) bool { return slices.Contains(roles, r) }
	if has(Targets) {
		if err := c.signTargets(); err != nil {
			return err
		}
	}
	if has(Targets) || has(Snapshot) {
		if err := c.signSnapshot(); err != nil {
			return err
		}
	}
	if has(Targets) || has(Snapshot) || has(Timestamp) {
		if err := c.signTimestamp(); err != nil {
			return err
		}
	}
	for _, f := range c.files {
		if err := renameio.WriteFile(c.path(f.name), f.content, 0o644, renameio.WithStaticPermissions(0o644)); err != nil {
			return err
		}
	}
	*c.of = c.Repo
	return nil
}

func (c *change) signTargets() error {
	s := &c.targets.Signed
	s.Version, s.Expires = s.Version+1, until(c.now, TargetsValid)
	if err := sign(c.targets, Targets, c.keys, c.root); err != nil {
		return err
	}
	info, err := add(c, c.targets, s.Version, versioned(s.Version, Targets))
	c.snapshot.Signed.Meta = map[string]*metadata.MetaFiles{targetsMeta: info}
	return err
}

func (c *change) signSnapshot() error {
	s := &c.snapshot.Signed
	s.Version, s.Expires = s.Version+1, until(c.now, SnapshotValid)
	if err := sign(c.snapshot, Snapshot, c.keys, c.root); err != nil {
		return err
	}
	info, err := add(c, c.snapshot, s.Version, versioned(s.Version, Snapshot))
	c.timestamp.Signed.Meta = map[string]*metadata.MetaFiles{snapshotMeta: info}
	return err
}

func (c *change) signTimestamp() error {
	s := &c.timestamp.Signed
	s.Version, s.Expires = s.Version+1, until(c.now, TimestampValid)
	if err := sign(c.timestamp, Timestamp, c.keys, c.root); err != nil {
		return err
	}
	_, err := add(c, c.timestamp, s.Version, timestampFile)
	return err
}

// add notes metadata to be written and gives what the metadata above say of them.
func add[T metadata.Roles](c *change, m *metadata.Metadata[T], version int64, name string) (*metadata.MetaFiles, error) {
	b, err := m.ToBytes(false)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	c.files = append(c.files, file{name, b})
	sum := sha256.Sum256(b)
	return &metadata.MetaFiles{Version: version, Length: int64(len(b)), Hashes: metadata.Hashes{"sha256": sum[:]}}, nil
}

// until gives the end of a validity that begins now, in whole seconds of UTC as TUF wants it.
func until(now time.Time, valid time.Duration) time.Time {
	return now.UTC().Truncate(time.Second).Add(valid)
}
