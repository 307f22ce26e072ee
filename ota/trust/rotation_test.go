package trust_test

import (
	"math"
	"testing"

	"syncbox/ota/trust"
)

// Fast-forward: who has stolen the online keys drives the versions up. A new root that takes them away ends it; any other
// does not.
func TestFastForward(t *testing.T) {
	const far = math.MaxInt64 - 1
	tests := []struct {
		name  string
		steal func(r *repo) // what thieves publish
		cure  func(r *repo) // what the makers change in the next root, and sign with from then on
		code  trust.Code    // before the cure, from the makers' server
	}{
		{"timestamp", func(r *repo) {
			r.timestamp.Signed.Version = far
			r.putTimestamp()
		}, func(r *repo) {
			r.assign("timestamp", 1, 32)
			r.signers["timestamp"] = []byte{32}
		}, trust.Rollback},
		{"snapshot and timestamp", func(r *repo) {
			r.snapshot.Signed.Version = far
			r.putSnapshot()
			r.timestamp.Signed.Version = far
			r.putTimestamp()
		}, func(r *repo) {
			r.assign("timestamp", 1, 32)
			r.assign("snapshot", 1, 22)
			r.signers["timestamp"], r.signers["snapshot"] = []byte{32}, []byte{22}
		}, trust.Rollback},
		{"two targets keys, and an online signer that signs what it is given", func(r *repo) {
			r.targets.Signed.Version = far
			r.putTargets()
			r.online()
		}, func(r *repo) {
			r.assign("targets", 2, 13, 14, 15)
			r.signers["targets"] = []byte{13, 14}
		}, trust.Rollback},
		{"everything online and two targets keys", func(r *repo) {
			r.targets.Signed.Version = far
			r.putTargets()
			r.online()
		}, func(r *repo) {
			r.assign("targets", 2, 13, 14, 15)
			r.assign("snapshot", 1, 22)
			r.assign("timestamp", 1, 32)
			r.signers["targets"], r.signers["snapshot"], r.signers["timestamp"] = []byte{14, 15}, []byte{22}, []byte{32}
		}, trust.Rollback},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := first(t)
			r.release("1.4.0")
			b := r.fresh()
			b.good(r.server())

			theirs := first(t)
			theirs.release("1.4.0")
			tt.steal(theirs)
			b.good(theirs.server())
			r.release("1.5.0")
			r.release("1.5.1")
			b.refused(r.server(), tt.code)

			r.next(func() { r.assign("fleet", 1, 52) }) // another root is no cure
			b.refused(r.server(), tt.code)
			r.next(func() { tt.cure(r) })
			r.release("1.6.0")
			broken, before := *b, b.floors
			if got := b.good(r.server()); got.Versions.Targets != 5 {
				t.Errorf("got %+v", got.Versions)
			}
			old := b.floors
			b.good(r.server())
			broken.good(r.server())
			broken.floors = before // the power failed between the two places of the integers
			broken.good(r.server())
			broken.floors = before
			broken.state = trust.State{} // and then the file is lost: the walk begins at the factory root
			broken.good(r.server())
			b.state = trust.State{}
			b.good(r.server())
			if b.floors != old {
				t.Errorf("floors: got %+v, want %+v", b.floors, old)
			}
		})
	}
}

// A key more, or one of two that are needed replaced, is no theft: the numbers stay.
func TestOrdinaryRotationKeepsFloors(t *testing.T) {
	r, old := second(t)
	b := r.fresh()
	b.good(r.server())
	r.next(func() {
		r.assign("timestamp", 1, 31, 32)
		r.assign("snapshot", 1, 21, 22)
		r.assign("targets", 2, 11, 12, 14)
	})
	old["metadata/2.root.json"] = r.files["metadata/2.root.json"]
	b.refused(old, trust.Rollback)
	// Not even who has the online keys can name the old targets.
	r.snapshot.Signed.Meta["targets.json"] = meta(2, old["metadata/2.targets.json"])
	r.online()
	b.refused(r.server(), trust.Rollback)
	b.state = trust.State{}
	b.refused(old, trust.Rollback)
	b.refused(r.server(), trust.Rollback)
}

// Whoever has stolen the keys of a role can't make the box forget its numbers without a root.
func TestRotationOfOtherRolesKeepsFloors(t *testing.T) {
	r, old := second(t)
	b := r.fresh()
	b.good(r.server())
	r.next(func() {
		r.assign("snapshot", 1, 22)
		r.assign("timestamp", 1, 32)
	})
	// With the new online keys, even an old state of targets is no older than what was seen of them.
	r.signers["snapshot"], r.signers["timestamp"] = []byte{22}, []byte{32}
	r.snapshot.Signed.Version, r.timestamp.Signed.Version = 1, 1
	r.snapshot.Signed.Meta["targets.json"] = meta(2, old["metadata/2.targets.json"])
	r.putSnapshot()
	r.putTimestamp()
	f := r.server()
	f["metadata/2.targets.json"] = old["metadata/2.targets.json"]
	b.refused(f, trust.Rollback)
}

// New roots count even if what follows is bad: else a bad timestamp would keep stolen keys alive.
func TestRootsAreKept(t *testing.T) {
	r := first(t)
	b := r.fresh()
	b.good(r.server())
	r.next(func() { r.assign("fleet", 1, 52) })
	f := r.server()
	f["metadata/timestamp.json"] = []byte("garbage")
	b.refused(f, trust.BadMetadata)
	if b.state.Versions != (trust.Versions{Root: 2, Timestamp: 1, Snapshot: 1, Targets: 1}) {
		t.Errorf("got %+v", b.state.Versions)
	}
	delete(f, "metadata/2.root.json") // gone again: it was seen
	f["metadata/timestamp.json"] = r.files["metadata/timestamp.json"]
	if got := b.good(f); got.Versions.Root != 2 {
		t.Errorf("got %+v", got.Versions)
	}
	b.state = trust.State{}
	b.refused(f, trust.Rollback)
}
