package trust_test

import (
	"testing"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/trust"
)

// Rollback: an older state, as it was published once.
func TestRollback(t *testing.T) {
	r := first(t)
	b := r.fresh()
	factory := b.anchor
	r.release("1.4.0")
	old := r.server()
	r.next(func() {})
	r.release("1.5.0")
	b.good(r.server())
	for name, lose := range map[string]func(b *box){
		"nothing lost":         func(*box) {},
		"files lost":           func(b *box) { b.state = trust.State{} },
		"integers lost":        func(b *box) { b.floors = trust.Versions{} },
		"files unreadable":     func(b *box) { spoil(&b.state); b.floors = trust.Versions{} },
		"all but one unlinked": func(b *box) { b.state = trust.State{Root: b.state.Root} },
	} {
		t.Run(name, func(t *testing.T) {
			c := *b
			c.t = t
			lose(&c)
			c.refused(old, trust.Rollback)
			c.refused(old, trust.Rollback) // and what is left after the attempt keeps it out as well
			older := first(t).server()
			c.refused(older, trust.Rollback)
			c.good(r.server())
		})
	}
	// A box that has lost both has no memory: this is what the two places are for.
	lost := &box{t: t, anchor: factory, clock: b.clock}
	lost.good(old)
}

// spoil leaves integers only.
func spoil(s *trust.State) {
	s.Root, s.Timestamp, s.Snapshot, s.Targets = []byte("{"), []byte("{"), []byte("{"), []byte("{")
}

// Each integer holds by itself, without the others and without files.
func TestEachFloor(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	old := r.server() // timestamp 2, snapshot 2, targets 2
	r.online()
	current := r.server() // 3, 3, 2
	b := r.fresh()
	b.good(current)
	r.timestamp.Signed.Version++
	r.putTimestamp()
	b.good(r.server()) // 4, 3, 2
	lost := func() *box {
		c := *b
		c.state = trust.State{}
		return &c
	}
	lost().refused(current, trust.Rollback) // the timestamp alone
	r.timestamp.Signed.Version++
	r.timestamp.Signed.Meta["snapshot.json"] = meta(2, old["metadata/2.snapshot.json"])
	r.putTimestamp()
	lost().refused(r.server(), trust.Rollback) // the snapshot alone
	fine := lost()
	fine.floors.Snapshot = 2
	fine.good(r.server())
	fine = lost()
	fine.floors.Targets = 3
	fine.floors.Snapshot = 2
	fine.refused(r.server(), trust.Rollback) // the targets alone
}

// With stolen online keys an old list of targets is still older than what was seen.
func TestRollbackWithOnlineKeys(t *testing.T) {
	r, old := second(t)
	for _, lost := range []bool{false, true} {
		b := r.fresh()
		b.good(r.server())
		if lost {
			b.state = trust.State{}
		}
		theirs := *r
		theirs.files = r.server()
		theirs.files["metadata/2.targets.json"] = old["metadata/2.targets.json"]
		snapshot := *r.snapshot
		snapshot.Signed.Meta = map[string]*metadata.MetaFiles{"targets.json": meta(2, old["metadata/2.targets.json"])}
		theirs.snapshot = &snapshot
		theirs.online()
		b.refused(theirs.server(), trust.Rollback)
		// A snapshot of a lower version, named by a newer timestamp.
		snapshot.Signed.Version = 2
		theirs.putSnapshot()
		theirs.timestamp.Signed.Version++
		theirs.putTimestamp()
		b.refused(theirs.server(), trust.Rollback)
		// A snapshot that has forgotten the targets.
		snapshot.Signed.Meta = map[string]*metadata.MetaFiles{}
		snapshot.Signed.Version = 9
		theirs.putSnapshot()
		theirs.timestamp.Signed.Version++
		theirs.putTimestamp()
		b.refused(theirs.server(), trust.BadMetadata)
		r.online()
		b.good(r.server())
	}
}
