package store

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Schema is the version of the state's form that this version of the box writes. An older one is migrated at
// opening, in one transaction. A newer one is used as it is where it says that this version can read it, so
// that a box that goes back to its other slot goes on: see Oldest.
const Schema = 2

// Errors of a state that can't be used here. It stays as it is.
var (
	ErrForeign  = errors.New("state that can't be used here") // all of those below
	ErrOtherBox = fmt.Errorf("%w: of another box", ErrForeign)
	ErrOtherJob = fmt.Errorf("%w: of another job", ErrForeign)
	ErrNewer    = fmt.Errorf("%w: of a newer version", ErrForeign)
)

// step leads from one schema to the next.
type step struct {
	to       uint64
	readable uint64 // the oldest version that can still read the result
	do       func(Tx) error
}

// steps are in order. What a version can't read must not be written as long as boxes have that version in
// their other slot: first a version that reads both forms, with the next one that writes the new form.
var steps = []step{
	{to: 2, readable: 1, do: ownTime}, // and bucket repairs, which version 1 leaves alone
}

// ownTime begins the job's own time where version 1 left off. Its deadlines were told in the time of day; the
// last thing that it noted is the latest time that is known to have been, whatever the clock says now.
func ownTime(tx Tx) error {
	var last time.Time
	later := func(at time.Time) {
		if at.After(last) {
			last = at
		}
	}
	t := &Txn{tx: tx}
	t.Events(t.LastEvent(), func(e Event) bool { later(e.At); return true })
	newest := Intent{}
	for _, in := range t.Intents() {
		if in.Seq >= newest.Seq {
			newest = in
		}
	}
	later(newest.At)
	if !last.IsZero() && last.UnixMilli() > 0 {
		t.SetSteady(last)
	}
	return t.err
}

// owner is what a state says of itself.
type owner struct {
	Device, Job      string
	schema, readable uint64
	seed             uint64
}

// ownerOf reads whose state it is; false if it is new. Neither name holds a slash.
func ownerOf(tx Tx) (owner, bool) {
	v := tx.Get(bucketMeta, []byte("owner"))
	if v == nil {
		return owner{}, false
	}
	o := owner{schema: getUint(tx, "schema"), readable: getUint(tx, "readable"), seed: getUint(tx, "seed")}
	o.Device, o.Job, _ = strings.Cut(string(v), "/")
	if o.readable == 0 {
		o.readable = o.schema // version 1 did not say
	}
	return o, true
}

// usable says whether a version of the box can use the state for a job of a box.
func (o owner) usable(device, job string, version uint64) error {
	switch {
	case o.Device != device:
		return fmt.Errorf("%w, %q", ErrOtherBox, o.Device)
	case o.Job != job:
		return fmt.Errorf("%w, %q", ErrOtherJob, o.Job)
	case o.schema > version && o.readable > version:
		return fmt.Errorf("%w: schema %d, readable from version %d on; this is %d", ErrNewer, o.schema, o.readable, version)
	}
	return nil
}

// found writes the head of a new state.
func found(tx Tx, device, job string, seed, version uint64) error {
	return errors.Join(tx.Put(bucketMeta, []byte("owner"), []byte(device+"/"+job)), putUint(tx, "schema", version),
		putUint(tx, "readable", readableOf(version)), putUint(tx, "seed", seed))
}

func readableOf(version uint64) uint64 {
	readable := version
	for _, s := range steps {
		if s.to == version {
			readable = s.readable
		}
	}
	return readable
}

// migrate takes an older state up to a version.
func migrate(tx Tx, from, version uint64) error {
	for _, s := range steps {
		if s.to <= from || s.to > version {
			continue
		}
		if err := s.do(tx); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", s.to, err)
		}
	}
	return errors.Join(putUint(tx, "schema", version), putUint(tx, "readable", readableOf(version)))
}
