package release

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// How long signed metadata are valid. Boxes take the week of the timestamp as known: its expiry less a week is when it
// was issued.
const (
	RootValid      = 365 * 24 * time.Hour
	TargetsValid   = 365 * 24 * time.Hour
	SnapshotValid  = 365 * 24 * time.Hour
	TimestampValid = 7 * 24 * time.Hour
)

// Repo is the repository in a folder.
type Repo struct {
	dir       string
	root      *metadata.Metadata[metadata.RootType]
	targets   *metadata.Metadata[metadata.TargetsType]
	snapshot  *metadata.Metadata[metadata.SnapshotType]
	timestamp *metadata.Metadata[metadata.TimestampType]
}

// Folders of the repository.
const (
	MetadataDir = "metadata"
	TargetsDir  = "targets"
)

const (
	timestampFile = "timestamp.json"
	snapshotMeta  = "snapshot.json"
	targetsMeta   = "targets.json"
)

// versioned gives "3.root.json".
func versioned(version int64, role Role) string { return fmt.Sprintf("%d.%s.json", version, role) }

// Open reads a repository. Its signatures must be right; what has expired is read all the same.
func Open(dir string) (*Repo, error) {
	r := &Repo{dir: dir, root: metadata.Root(), targets: metadata.Targets(), snapshot: metadata.Snapshot(), timestamp: metadata.Timestamp()}
	if err := r.readRoots(); err != nil {
		return nil, fmt.Errorf("open repository %s: %w", dir, err)
	}
	if err := r.readRest(); err != nil {
		return nil, fmt.Errorf("open repository %s: %w", dir, err)
	}
	return r, nil
}

// readRoots follows the roots from the oldest that is there.
func (r *Repo) readRoots() error {
	first, err := r.firstRoot()
	if err != nil {
		return err
	}
	if err := read(r, r.root, Root, versioned(first, Root), r.root); err != nil {
		return err
	}
	for n := first + 1; ; n++ {
		next := metadata.Root()
		switch err := read(r, next, Root, versioned(n, Root), r.root, next); {
		case errors.Is(err, os.ErrNotExist):
			return nil
		case err != nil:
			return err
		}
		r.root = next
	}
}

func (r *Repo) firstRoot() (first int64, err error) {
	names, err := filepath.Glob(filepath.Join(r.dir, MetadataDir, "*.root.json"))
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		n, err := strconv.ParseInt(strings.TrimSuffix(filepath.Base(name), ".root.json"), 10, 64)
		if err == nil && (first == 0 || n < first) {
			first = n
		}
	}
	if first == 0 {
		return 0, fmt.Errorf("%s has no root: %w", filepath.Join(r.dir, MetadataDir), os.ErrNotExist)
	}
	return first, nil
}

func (r *Repo) readRest() error {
	if err := read(r, r.timestamp, Timestamp, timestampFile, r.root); err != nil {
		return err
	}
	snapshot := r.timestamp.Signed.Meta[snapshotMeta]
	if snapshot == nil {
		return errors.New("the timestamp names no snapshot")
	}
	if err := read(r, r.snapshot, Snapshot, versioned(snapshot.Version, Snapshot), r.root); err != nil {
		return err
	}
	targets := r.snapshot.Signed.Meta[targetsMeta]
	if targets == nil {
		return errors.New("the snapshot names no targets")
	}
	return read(r, r.targets, Targets, versioned(targets.Version, Targets), r.root)
}

// read reads a file of metadata that all of roots must have signed.
func read[T metadata.Roles](r *Repo, m *metadata.Metadata[T], role Role, name string, roots ...*metadata.Metadata[metadata.RootType]) error {
	b, err := os.ReadFile(r.path(name))
	if err != nil {
		return err
	}
	if _, err := m.FromBytes(b); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for _, root := range roots {
		if err := root.VerifyDelegate(string(role), m); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	return nil
}

func (r *Repo) path(name string) string { return filepath.Join(r.dir, MetadataDir, name) }

// RootFile gives the place of the newest root, which a system is built with.
func (r *Repo) RootFile() string { return r.path(versioned(r.root.Signed.Version, Root)) }
