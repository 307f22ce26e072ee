package trust

import (
	"context"
	"errors"
	"fmt"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/fetch"
)

const timestampFile = "metadata/timestamp.json"

// get gives a file of at most max bytes, whatever the source thinks of limits.
func get(ctx context.Context, src Source, name string, max int64) ([]byte, error) {
	b, err := src.Get(ctx, name, max)
	if err == nil && int64(len(b)) > max {
		err = fail(TooBig, name, "%d bytes, at most %d", len(b), max)
	}
	if err != nil && CodeOf(err) == "" && ctx.Err() == nil {
		err = &Error{Code: Unreachable, File: name, Err: err}
	}
	return b, err
}

// roots follows new roots one by one; the first that is not there is the end.
func (r *refresh) roots(ctx context.Context, src Source) error {
	for range MaxRoots {
		old := r.tm.Root
		name := fmt.Sprintf("metadata/%d.root.json", old.Signed.Version+1)
		b, err := get(ctx, src, name, MaxRoot)
		if errors.Is(err, fetch.ErrNotFound) {
			break
		}
		if err != nil {
			return err
		}
		err = guarded(func() error { _, err := r.tm.UpdateRoot(b); return err })
		if err != nil {
			return judge(name, err, Rollback)
		}
		r.root = b
		r.follow(&old.Signed, &r.tm.Root.Signed)
	}
	return r.finalRoot()
}

// finalRoot judges the newest root.
func (r *refresh) finalRoot() error {
	root := &r.tm.Root.Signed
	name := fmt.Sprintf("metadata/%d.root.json", root.Version)
	if floor := r.floors().Root; root.Version < floor {
		return fail(Rollback, name, "version %d was seen before", floor)
	}
	// Of the clock only what is certain: the library would take the machine's.
	r.tm.RefTime = r.was.Time(r.built, r.clock)
	if root.IsExpired(r.tm.RefTime) {
		return fail(RootExpired, name, "ended at %s", root.Expires)
	}
	return nil
}

func (r *refresh) timestamp(ctx context.Context, src Source) error {
	r.storedTimestamp()
	b, err := get(ctx, src, timestampFile, MaxTimestamp)
	if err != nil {
		return err
	}
	err = guarded(func() error { _, err := r.tm.UpdateTimestamp(b); return err })
	switch {
	case errors.Is(err, &metadata.ErrEqualVersionNumber{}):
		r.ts = r.was.Timestamp
	case errors.Is(err, &metadata.ErrExpiredMetadata{}):
		return &Error{Code: Frozen, File: timestampFile, Err: err}
	case err != nil:
		return judge(timestampFile, err, Rollback)
	default:
		r.ts = b
	}
	return r.finalTimestamp()
}

// storedTimestamp loads the stored one, so that no older one is accepted. One that has ended serves for that too, one
// that can't be used counts as not there.
func (r *refresh) storedTimestamp() {
	if len(r.was.Timestamp) == 0 || len(r.was.Timestamp) > MaxTimestamp {
		return
	}
	_ = guarded(func() error { _, err := r.tm.UpdateTimestamp(r.was.Timestamp); return err })
	if r.tm.Timestamp != nil && checkTimestamp(&r.tm.Timestamp.Signed) != nil {
		r.tm.Timestamp = nil
	}
}

func checkTimestamp(t *metadata.TimestampType) error {
	if t.Version < 1 {
		return fmt.Errorf("version %d", t.Version)
	}
	return checkMeta(t.Meta["snapshot.json"])
}

func checkMeta(m *metadata.MetaFiles) error {
	switch {
	case m == nil:
		return errors.New("names no next file")
	case m.Version < 1 || m.Length < 0:
		return fmt.Errorf("names a next file of version %d, length %d", m.Version, m.Length)
	}
	return nil
}

// finalTimestamp judges the newest timestamp, and takes the time from it.
func (r *refresh) finalTimestamp() error {
	t := &r.tm.Timestamp.Signed
	if err := checkTimestamp(t); err != nil {
		return &Error{Code: BadMetadata, File: timestampFile, Err: err}
	}
	if floor := r.floors().Timestamp; t.Version < floor {
		return fail(Rollback, timestampFile, "version %d, but %d was seen before", t.Version, floor)
	}
	r.issued = t.Expires.Add(-TimestampValid).UTC()
	if r.clock.Trusted && r.issued.After(r.clock.Now) {
		r.issued = r.clock.Now.UTC()
	}
	r.tm.RefTime = later(r.tm.RefTime, r.issued)
	// Whoever has stolen the timestamp's keys could move the time of boxes without a clock; no farther than this.
	if root := &r.tm.Root.Signed; root.IsExpired(r.tm.RefTime) {
		return fail(RootExpired, timestampFile, "issued at %s, after the root had ended at %s", r.issued, root.Expires)
	}
	if t.IsExpired(r.tm.RefTime) {
		return fail(Frozen, timestampFile, "ended at %s", t.Expires)
	}
	return nil
}

func (r *refresh) snapshot(ctx context.Context, src Source) error {
	meta := r.tm.Timestamp.Signed.Meta["snapshot.json"]
	name := r.name(metadata.SNAPSHOT, meta.Version)
	if r.storedSnapshot(meta) {
		r.snap = r.was.Snapshot
	} else {
		b, err := r.next(ctx, src, name, meta)
		if err != nil {
			return err
		}
		old := r.tm.Snapshot
		err = guarded(func() error { _, err := r.tm.UpdateSnapshot(b, false); return err })
		if r.tm.Snapshot != old { // it was taken, but is not the one that the timestamp names
			err = judge(name, err, Mixed)
		} else {
			err = judge(name, err, Rollback)
		}
		if err != nil {
			return err
		}
		r.snap = b
	}
	return r.finalSnapshot(name)
}

// storedSnapshot loads the stored one, so that none is accepted that makes versions go down, and says whether it is
// the one that the timestamp names.
func (r *refresh) storedSnapshot(meta *metadata.MetaFiles) bool {
	if len(r.was.Snapshot) == 0 || len(r.was.Snapshot) > MaxMetadata {
		return false
	}
	_ = guarded(func() error { _, err := r.tm.UpdateSnapshot(r.was.Snapshot, true); return err })
	if r.tm.Snapshot == nil {
		return false
	}
	for _, m := range r.tm.Snapshot.Signed.Meta {
		if checkMeta(m) != nil {
			r.tm.Snapshot = nil
			return false
		}
	}
	return r.tm.Snapshot.Signed.Version == meta.Version && meta.VerifyLengthHashes(r.was.Snapshot) == nil
}

func (r *refresh) finalSnapshot(name string) error {
	s := &r.tm.Snapshot.Signed
	if s.IsExpired(r.tm.RefTime) {
		return fail(Expired, name, "ended at %s", s.Expires)
	}
	for file, m := range s.Meta {
		if err := checkMeta(m); err != nil {
			return fail(BadMetadata, name, "%s: %w", file, err)
		}
	}
	if s.Meta["targets.json"] == nil {
		return fail(BadMetadata, name, "names no targets.json")
	}
	if floor := r.floors().Snapshot; s.Version < floor {
		return fail(Rollback, name, "version %d, but %d was seen before", s.Version, floor)
	}
	return nil
}

func (r *refresh) targets(ctx context.Context, src Source) error {
	meta := r.tm.Snapshot.Signed.Meta["targets.json"]
	name := r.name(metadata.TARGETS, meta.Version)
	b := r.was.Targets
	if len(b) == 0 || len(b) > MaxMetadata || r.update(b) != nil {
		var err error
		if b, err = r.next(ctx, src, name, meta); err != nil {
			return err
		}
		if err := r.update(b); err != nil {
			return judge(name, err, Mixed)
		}
	}
	r.targ = b
	if v, floor := r.published().Version, r.floors().Targets; v < floor {
		return fail(Rollback, name, "version %d, but %d was seen before", v, floor)
	}
	return nil
}

func (r *refresh) update(targets []byte) error {
	return guarded(func() error { _, err := r.tm.UpdateTargets(targets); return err })
}

// next gets the file that a signed entry names: no longer than signed.
func (r *refresh) next(ctx context.Context, src Source, name string, meta *metadata.MetaFiles) ([]byte, error) {
	limit := int64(MaxMetadata)
	if meta.Length > limit {
		return nil, fail(TooBig, name, "%d bytes, at most %d", meta.Length, limit)
	}
	if meta.Length > 0 {
		limit = meta.Length
	}
	return get(ctx, src, name, limit)
}

func (r *refresh) name(role string, version int64) string {
	if r.tm.Root.Signed.ConsistentSnapshot {
		return fmt.Sprintf("metadata/%d.%s.json", version, role)
	}
	return fmt.Sprintf("metadata/%s.json", role)
}
