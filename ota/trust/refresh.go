package trust

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"

	"syncbox/ota/order"
)

// Most bytes of each file, and most new roots at a time: the next refresh goes on.
const (
	MaxRoot      = 64 << 10
	MaxTimestamp = 16 << 10
	MaxMetadata  = 1 << 20 // snapshot, targets
	MaxRoots     = 16
)

// TimestampValid is how long a timestamp is valid from its issue.
const TimestampValid = 7 * 24 * time.Hour

// Source gives whole files of at most max bytes. A file that is not there is an error that matches fetch.ErrNotFound.
type Source interface {
	Get(ctx context.Context, name string, max int64) ([]byte, error)
}

// Anchor is what a box believes without being told.
type Anchor struct {
	Root  []byte    // root metadata in the read-only system
	Built time.Time // of the program; zero if unknown
}

// Refresh follows the metadata of a source, and gives what is published. The State that comes back is good also with an
// error (new roots count even if the rest is bad) and replaces the old one; whoever calls makes it durable, together with
// what it decides on it, before it uses Targets. Floors are the integers that were kept elsewhere.
//
// Nothing new is no error. Nothing that a source or a State can hold makes it panic.
func (a Anchor) Refresh(ctx context.Context, src Source, s State, floors Versions, c Clock) (State, *Targets, error) {
	r, err := a.begin(s, floors, c)
	if err != nil {
		return s, nil, err
	}
	for _, step := range []func(context.Context, Source) error{r.roots, r.timestamp, r.snapshot, r.targets} {
		if err := step(ctx, src); err != nil {
			return r.rooted(), nil, err
		}
	}
	return r.done(), r.result(), nil
}

// Keys gives who may sign orders, by the newest root that is stored.
func (a Anchor) Keys(s State) (order.Keyring, error) {
	r, err := a.begin(s, Versions{}, Clock{})
	if err != nil {
		return nil, err
	}
	return keyring(&r.tm.Root.Signed), nil
}

// refresh is one walk from the root to the targets. The library's value is good for one walk only.
type refresh struct {
	tm    *trustedmetadata.TrustedMetadata
	was   State    // as it was stored, without the files that a new root has made void
	other Versions // the integers from elsewhere
	since Versions
	clock Clock
	built time.Time

	// What was verified.
	root, ts, snap, targ []byte
	issued               time.Time
}

// begin starts from the newer one of the stored root and the factory's.
func (a Anchor) begin(s State, floors Versions, c Clock) (*refresh, error) {
	r := &refresh{was: s, other: floors, since: s.Since, clock: c, built: a.Built}
	factory, factoryErr := open(a.Root)
	stored, err := open(s.Root)
	switch {
	case err != nil && factoryErr != nil:
		return nil, fail(NoRoot, "metadata/root.json", "stored: %w; factory's: %w", err, factoryErr)
	case err != nil:
		r.tm, r.root = factory, a.Root
	case factoryErr == nil && factory.Root.Signed.Version > stored.Root.Signed.Version:
		r.tm, r.root = factory, a.Root
		r.follow(&stored.Root.Signed, &factory.Root.Signed)
	default:
		r.tm, r.root = stored, s.Root
	}
	return r, nil
}

// open reads a root that is trusted because of where it lies.
func open(root []byte) (tm *trustedmetadata.TrustedMetadata, err error) {
	switch {
	case len(root) == 0:
		return nil, errors.New("none")
	case len(root) > MaxRoot:
		return nil, fmt.Errorf("%d bytes, at most %d", len(root), MaxRoot)
	}
	err = guarded(func() error {
		tm, err = trustedmetadata.New(root)
		return err
	})
	return tm, err
}

// follow forgets what was signed by keys that a new root takes away. The files of both timestamp and snapshot go, as
// in 5.3.11 of the specification; the integers go role by role.
func (r *refresh) follow(old, new *metadata.RootType) {
	if replaced(old, new, metadata.TIMESTAMP) {
		r.since.Timestamp = new.Version
		r.was.Timestamp, r.was.Snapshot, r.was.Issued = nil, nil, time.Time{}
	}
	if replaced(old, new, metadata.SNAPSHOT) {
		r.since.Snapshot = new.Version
		r.was.Timestamp, r.was.Snapshot = nil, nil
	}
	if replaced(old, new, metadata.TARGETS) {
		r.since.Targets = new.Version
		r.was.Snapshot, r.was.Targets = nil, nil
	}
}

// floors gives the least versions that are accepted.
func (r *refresh) floors() Versions { return least(r.since, r.was.Versions, r.other) }

// rooted gives the State after a walk that did not get to its end.
func (r *refresh) rooted() State {
	s := r.was
	s.Root, s.Versions, s.Since = r.root, r.floors(), r.since
	s.Versions.Root = max(s.Versions.Root, r.tm.Root.Signed.Version)
	return s
}

// done gives the State after a whole walk.
func (r *refresh) done() State {
	s := r.rooted()
	s.Timestamp, s.Snapshot, s.Targets = r.ts, r.snap, r.targ
	s.Versions = r.versions()
	s.Issued = later(s.Issued, r.issued)
	if r.clock.Trusted {
		s.Clock = later(s.Clock, r.clock.Now.UTC())
	}
	return s
}

func (r *refresh) versions() Versions {
	return Versions{
		Root: r.tm.Root.Signed.Version, Timestamp: r.tm.Timestamp.Signed.Version,
		Snapshot: r.tm.Snapshot.Signed.Version, Targets: r.published().Version,
	}
}

func (r *refresh) published() *metadata.TargetsType { return &r.tm.Targets[metadata.TARGETS].Signed }

func (r *refresh) result() *Targets {
	v, root := r.versions(), &r.tm.Root.Signed
	t := &Targets{
		Versions: v, New: v != r.was.Versions, Keys: keyring(root),
		TimestampExpires: r.tm.Timestamp.Signed.Expires, RootExpires: root.Expires,
	}
	t.read(r.published().Targets, root.ConsistentSnapshot)
	return t
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
