package trust_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/bundle"
	"syncbox/ota/trust"
)

// evil adds a release that nobody of the makers wants.
func (r *repo) evil() {
	r.t.Helper()
	r.release("6.6.6")
}

// unharmed fails the test if a box was brought to show the evil release.
func unharmed(t testing.TB, got *trust.Targets) {
	t.Helper()
	if got == nil {
		return
	}
	if _, ok := got.Full(bundle.Version{Major: 6, Minor: 6, Patch: 6}, "arm64"); ok {
		t.Error("the evil release is published")
	}
}

// Arbitrary installation: whatever is not signed by two holders of targets keys is not published, also by those who have
// the online keys, or one of the others.
func TestForgedTargets(t *testing.T) {
	for name, keys := range map[string][]byte{
		"nobody": nil, "stranger": {99}, "two strangers": {98, 99}, "one key": {11}, "one key and a stranger": {11, 99},
		"online keys": {21, 31}, "one key and the online keys": {13, 21, 31}, "fleet and support": {41, 51}, "root": {1, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			r := first(t)
			r.release("1.4.0")
			b := r.fresh()
			b.good(r.server())
			r.signers["targets"] = keys
			r.evil()
			b.refused(r.server(), trust.Signature)
			r.fresh().refused(r.server(), trust.Signature)
		})
	}
}

func TestForgedOnlineMetadata(t *testing.T) {
	for _, role := range []string{"timestamp", "snapshot"} {
		for name, keys := range map[string][]byte{"nobody": nil, "stranger": {99}, "holders of targets keys": {11, 12, 13}, "holders of root keys": {1, 2, 3}} {
			t.Run(role+" by "+name, func(t *testing.T) {
				r := first(t)
				b := r.fresh()
				b.good(r.server())
				r.signers[role] = keys
				r.release("1.4.0")
				b.refused(r.server(), trust.Signature)
				r.fresh().refused(r.server(), trust.Signature)
			})
		}
	}
}

func TestChangedAfterSigning(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	r.next(func() {})
	for name, old := range map[string]string{
		"metadata/2.root.json": `"threshold":2`, "metadata/timestamp.json": `"version":2`,
		"metadata/2.snapshot.json": `"version":2`, "metadata/2.targets.json": `"length":10`,
	} {
		f := r.server()
		if !bytes.Contains(f[name], []byte(old)) {
			t.Fatalf("%s has no %s", name, old)
		}
		f[name] = bytes.Replace(f[name], []byte(old), []byte(old[:len(old)-1]+"9"), 1)
		b := first(t).fresh()
		b.good(first(t).server())
		_, err := b.refresh(f)
		if code := trust.CodeOf(err); code != trust.Signature && code != trust.Mixed {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestForgedRoots(t *testing.T) {
	tests := []struct {
		name    string
		version int64
		keys    []byte // that the new root has
		signers []byte
		code    trust.Code
	}{
		{"by the old keys", 2, []byte{1, 2, 3}, []byte{1, 3}, ""},
		{"by old and new keys", 2, []byte{4, 5, 6}, []byte{1, 2, 4, 5}, ""},
		{"by nobody", 2, []byte{1, 2, 3}, nil, trust.Signature},
		{"by one old key", 2, []byte{1, 2, 3}, []byte{1}, trust.Signature},
		{"by new keys only", 2, []byte{4, 5, 6}, []byte{4, 5, 6}, trust.Signature},
		{"by one old key and new ones", 2, []byte{4, 5, 6}, []byte{1, 4, 5}, trust.Signature},
		{"by old keys only", 2, []byte{4, 5, 6}, []byte{1, 2}, trust.Signature},
		{"by other roles", 2, []byte{11, 12}, []byte{11, 12, 13, 21, 31}, trust.Signature},
		{"the same again", 1, []byte{1, 2, 3}, []byte{1, 2}, trust.Rollback},
		{"one too far", 3, []byte{1, 2, 3}, []byte{1, 2}, trust.Rollback},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := first(t)
			b := r.fresh()
			b.good(r.server())
			before := b.state.Root
			r.assign("root", 2, tt.keys...)
			r.root.Signed.Version = tt.version
			f := r.server()
			f["metadata/2.root.json"] = signed(t, r.root, tt.signers...)
			if tt.code == "" {
				b.good(f)
				return
			}
			b.refused(f, tt.code)
			if !bytes.Equal(before, b.state.Root) {
				t.Error("the root was taken")
			}
			b.good(r.server())
		})
	}
}

// Endless data: no file is taken that is longer than it may be, whatever is signed.
func TestTooLong(t *testing.T) {
	long := func(b []byte, n int) []byte { return append(bytes.Repeat([]byte{' '}, n-len(b)), b...) }
	tests := []struct {
		name, file string
		length     int
	}{
		{"root", "metadata/2.root.json", trust.MaxRoot},
		{"timestamp", "metadata/timestamp.json", trust.MaxTimestamp},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := first(t)
			b := r.fresh()
			r.next(func() {})
			f := r.server()
			f[tt.file] = long(r.files[tt.file], tt.length+1)
			b.refused(f, trust.TooBig)
			f[tt.file] = long(r.files[tt.file], tt.length)
			b.good(f)
		})
	}
	for _, file := range []string{"metadata/2.snapshot.json", "metadata/2.targets.json"} {
		t.Run("longer than signed: "+file, func(t *testing.T) {
			r := first(t)
			r.release("1.4.0")
			f := r.server()
			f[file] = append(f[file], ' ')
			r.fresh().refused(f, trust.TooBig)
		})
		t.Run("signed as too long: "+file, func(t *testing.T) {
			r := first(t)
			r.release("1.4.0")
			if strings.Contains(file, "targets") {
				r.snapshot.Signed.Meta["targets.json"].Length = trust.MaxMetadata + 1
				r.putSnapshot()
			} else {
				r.timestamp.Signed.Meta["snapshot.json"].Length = trust.MaxMetadata + 1
			}
			r.putTimestamp()
			r.fresh().refused(r.server(), trust.TooBig)
		})
		t.Run("of no signed length: "+file, func(t *testing.T) {
			r := first(t)
			r.release("1.4.0")
			r.snapshot.Signed.Meta["targets.json"] = metadata.MetaFile(2)
			r.putSnapshot()
			r.timestamp.Signed.Meta["snapshot.json"] = metadata.MetaFile(2)
			r.putTimestamp()
			f := r.server()
			f[file] = long(r.files[file], trust.MaxMetadata+1)
			r.fresh().refused(f, trust.TooBig)
		})
	}
}

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
	r := first(t)
	r.release("1.4.0")
	old := r.server()
	r.release("1.5.0")
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
	r := first(t)
	r.release("1.4.0")
	old := r.server()
	r.release("1.5.0")
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

// Indefinite freeze: the same valid timestamp for ever.
func TestFreeze(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	b.good(r.server())
	b.clock.Now = now.Add(7 * day)
	b.good(r.server())
	b.clock.Now = now.Add(7*day + time.Second)
	b.refused(r.server(), trust.Frozen)
	r.fresh().good(r.server())
	// A box that has lost everything, but whose clock is right.
	lost := r.fresh()
	lost.clock = b.clock
	lost.refused(r.server(), trust.Frozen)
	// The server comes back.
	r.timestamp.Signed.Version++
	r.timestamp.Signed.Expires = now.Add(14 * day)
	r.putTimestamp()
	b.good(r.server())
}

// A timestamp that had ended when it was stored still keeps older ones out.
func TestFrozenThenOlder(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	old := r.server()
	r.timestamp.Signed.Version += 5
	r.putTimestamp()
	b.good(r.server())
	b.clock.Now = now.Add(8 * day)
	b.floors = trust.Versions{}
	b.refused(r.server(), trust.Frozen)
	r.timestamp.Signed.Version = 3
	r.timestamp.Signed.Expires = now.Add(14 * day)
	r.putTimestamp()
	b.refused(r.server(), trust.Rollback)
	b.refused(old, trust.Rollback)
}

// Mix and match: parts of different states.
func TestMixAndMatch(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	old := r.server()
	r.release("1.5.0")
	now := r.server()
	for name, change := range map[string]func(f files){
		"targets of the last state":             func(f files) { f["metadata/3.targets.json"] = old["metadata/2.targets.json"] },
		"snapshot of the last state":            func(f files) { f["metadata/3.snapshot.json"] = old["metadata/2.snapshot.json"] },
		"both":                                  func(f files) { copyOver(f, old, "targets", "snapshot") },
		"targets of the same version by others": func(f files) { f["metadata/3.targets.json"] = r.other("targets") },
		"snapshot of the same version":          func(f files) { f["metadata/3.snapshot.json"] = r.other("snapshot") },
	} {
		t.Run(name, func(t *testing.T) {
			f := files{}
			for k, v := range now {
				f[k] = v
			}
			change(f)
			b := r.fresh()
			b.good(old)
			_, err := b.refresh(f)
			if code := trust.CodeOf(err); code != trust.Mixed && code != trust.TooBig {
				t.Errorf("got %v", err)
			}
			b.good(now)
		})
	}
}

func copyOver(f, old files, roles ...string) {
	for _, role := range roles {
		f["metadata/3."+role+".json"] = old["metadata/2."+role+".json"]
	}
}

// other gives good metadata of the version that there is now, with another end: same keys, another state.
func (r *repo) other(role string) []byte {
	if role == "targets" {
		m := *r.targets
		m.Signed.Expires = m.Signed.Expires.Add(time.Hour)
		return signed(r.t, &m, r.signers[role]...)
	}
	m := *r.snapshot
	m.Signed.Expires = m.Signed.Expires.Add(time.Hour)
	return signed(r.t, &m, r.signers[role]...)
}

// Without hashes, versions must agree.
func TestMixAndMatchByVersions(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	old := r.server()
	r.release("1.5.0")
	bare := func() {
		r.snapshot.Signed.Meta["targets.json"] = metadata.MetaFile(3)
		r.putSnapshot()
		r.timestamp.Signed.Meta["snapshot.json"] = metadata.MetaFile(3)
		r.putTimestamp()
	}
	bare()
	for _, role := range []string{"targets", "snapshot"} {
		f := r.server()
		copyOver(f, old, role)
		r.fresh().refused(f, trust.Mixed)
	}
	// A snapshot of a higher version than the timestamp's.
	r.snapshot.Signed.Version = 4
	f := r.server()
	f["metadata/3.snapshot.json"] = signed(t, r.snapshot, 21)
	r.fresh().refused(f, trust.Mixed)
}

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
	r := first(t)
	r.release("1.4.0")
	old := r.server()
	r.release("1.5.0")
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

// Torn state: each stored item cut at many places. An honest server is never refused, an old one always is.
func TestTornItems(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	old := r.server()
	r.release("1.5.0")
	b := r.fresh()
	b.good(r.server())
	whole := b.state
	for name, item := range map[string]func(s *trust.State) *[]byte{
		"root":      func(s *trust.State) *[]byte { return &s.Root },
		"timestamp": func(s *trust.State) *[]byte { return &s.Timestamp },
		"snapshot":  func(s *trust.State) *[]byte { return &s.Snapshot },
		"targets":   func(s *trust.State) *[]byte { return &s.Targets },
	} {
		t.Run(name, func(t *testing.T) {
			full := *item(&whole)
			for n := 0; n < len(full); n += step(len(full)) {
				c := *b
				c.state = whole
				*item(&c.state) = full[:n]
				if n%2 == 0 { // cut, or zeroes from there
					*item(&c.state) = append(bytes.Clone(full[:n]), make([]byte, len(full)-n)...)
				}
				d := c
				d.refused(old, trust.Rollback)
				if got := c.good(r.server()); got.Versions != b.floors {
					t.Fatalf("at %d: got %+v", n, got.Versions)
				}
			}
		})
	}
}

// step makes some eight places of a length.
func step(n int) int { return max(1, n/8) }

// The clock: 1970 and 2099, trusted and not.
func TestClocks(t *testing.T) {
	for _, tt := range []struct {
		name    string
		at      time.Time
		trusted bool
		code    trust.Code
	}{
		{"1970", time.Unix(0, 0), false, ""},
		{"1970, trusted", time.Unix(0, 0), true, ""},
		{"2099", time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), false, ""},
		{"2099, trusted", time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), true, trust.RootExpired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := first(t)
			r.release("1.4.0")
			b := r.fresh()
			b.clock = trust.Clock{Now: tt.at, Trusted: tt.trusted}
			if tt.code == "" {
				b.good(r.server())
			} else {
				b.refused(r.server(), tt.code)
			}
			// Whatever it showed, the box goes on once it is right.
			b.clock = trust.Clock{Now: now, Trusted: true}
			r.release("1.5.0")
			b.good(r.server())
		})
	}
}

// Without a clock, a box takes the time from the timestamp: it refuses what had ended when that was issued.
func TestTimeFromTimestamp(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	b.clock = trust.Clock{}
	b.good(r.server())
	if !b.state.Issued.Equal(now) || !b.state.Clock.IsZero() {
		t.Errorf("issued %v, clock %v", b.state.Issued, b.state.Clock)
	}
	r.timestamp.Signed.Version++
	r.timestamp.Signed.Expires = now.Add(40 * day) // issued after the snapshot had ended
	r.putTimestamp()
	b.refused(r.server(), trust.Expired)
	if !b.state.Issued.Equal(now) {
		t.Errorf("after a refusal: issued %v", b.state.Issued)
	}
	r.snapshot.Signed.Expires = now.Add(60 * day)
	r.online()
	b.good(r.server())
	if got := b.state.Issued; !got.Equal(now.Add(33 * day)) {
		t.Errorf("issued %v", got)
	}
	// With a trusted clock, a timestamp says nothing of the future.
	b = r.fresh()
	b.good(r.server())
	if !b.state.Issued.Equal(now) || !b.state.Clock.Equal(now) {
		t.Errorf("with a clock: issued %v, clock %v", b.state.Issued, b.state.Clock)
	}
}

// Who has stolen the timestamp's keys moves the time of a box without a clock: not past the end of the root, and a root that
// takes the keys away takes that back.
func TestStolenTime(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	r.snapshot.Signed.Expires = now.Add(5000 * day) // generous makers
	r.targets.Signed.Expires = now.Add(5000 * day)
	r.putTargets()
	r.online()
	b := r.fresh()
	b.clock = trust.Clock{}
	b.good(r.server())

	theirs := *r
	theirs.files = r.server()
	timestamp := *r.timestamp
	theirs.timestamp = &timestamp
	timestamp.Signed.Version = 100
	timestamp.Signed.Expires = now.Add(4000 * day)
	theirs.putTimestamp()
	b.refused(theirs.server(), trust.RootExpired)
	if !b.state.Issued.Equal(now) {
		t.Errorf("issued %v", b.state.Issued)
	}
	timestamp.Signed.Expires = now.Add(370 * day)
	theirs.putTimestamp()
	b.good(theirs.server())
	r.online()
	b.refused(r.server(), trust.Rollback)
	r.next(func() {
		r.assign("timestamp", 1, 32)
		r.signers["timestamp"] = []byte{32}
	})
	r.timestamp.Signed.Version = 1
	r.putTimestamp()
	b.good(r.server())
	if !b.state.Issued.Equal(now) {
		t.Errorf("after the new root: issued %v", b.state.Issued)
	}
}

func TestExpired(t *testing.T) {
	for name, tt := range map[string]struct {
		change  func(r *repo)
		code    trust.Code
		noClock trust.Code // for a box without a clock: the time is that of the timestamp
	}{
		"root": {func(r *repo) {
			r.next(func() { r.root.Signed.Expires = now.Add(-time.Second) })
		}, trust.RootExpired, trust.RootExpired},
		"timestamp": {func(r *repo) {
			r.timestamp.Signed.Version++
			r.timestamp.Signed.Expires = now.Add(-time.Second)
			r.putTimestamp()
		}, trust.Frozen, ""},
		"snapshot": {func(r *repo) {
			r.snapshot.Signed.Expires = now.Add(-time.Second)
			r.online()
		}, trust.Expired, trust.Expired},
		"targets": {func(r *repo) {
			r.targets.Signed.Expires = now.Add(-time.Second)
			r.targets.Signed.Version++
			r.putTargets()
			r.online()
		}, trust.Expired, trust.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			r := first(t)
			r.release("1.4.0")
			b := r.fresh()
			b.good(r.server())
			tt.change(r)
			b.refused(r.server(), tt.code)
			r.fresh().refused(r.server(), tt.code)
			noClock := r.fresh()
			noClock.clock.Trusted = false
			if tt.noClock == "" {
				noClock.good(r.server())
			} else {
				noClock.refused(r.server(), tt.noClock)
			}
		})
	}
	t.Run("root on the way", func(t *testing.T) {
		r := first(t)
		b := r.fresh()
		r.next(func() { r.root.Signed.Expires = now.Add(-day) })
		r.next(func() { r.root.Signed.Expires = now.Add(day) })
		b.good(r.server())
	})
	t.Run("factory root", func(t *testing.T) {
		r := first(t)
		r.root.Signed.Expires = now.Add(-day)
		r.putRoot()
		b := r.fresh()
		b.refused(r.server(), trust.RootExpired)
		r.next(func() { r.root.Signed.Expires = now.Add(day) })
		b.good(r.server())
	})
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

// Metadata that make the library panic or stumble, signed or not.
func TestMalformed(t *testing.T) {
	nulls := []string{
		`null`, `[]`, `{}`, `{"signed":null}`, `{"signed":{}}`, `{"signed":{"_type":null}}`, `{"signed":{"_type":"%s"}}`,
		`{"signed":{"_type":"%s","roles":null,"keys":null,"meta":null,"targets":null},"signatures":null}`,
		`{"signed":{"_type":"%s","roles":{"root":null,"timestamp":null},"keys":{"x":null},"meta":{"snapshot.json":null,"targets.json":null},"targets":{"x":null}}}`,
		`{"signed":{"_type":"%s","version":99999999999999999999}}`, `{"signed":{"_type":"%s","version":1.5}}`, `{"signed":{"_type":"%s","expires":"soon"}}`,
		`{"signed":{"_type":"%s","x":1e400}}`, `{"signed":{"_type":"%s","version":2,"x":1.5},"signatures":[{"keyid":"a","sig":"00"},{"keyid":"a","sig":"00"}]}`,
		`{"signed":{"_type":"%s","version":2,"x":1.5},"signatures":[{"keyid":null,"sig":"0"}]}`,
		strings.Repeat("[", 20000), `{"signed":` + strings.Repeat(`{"a":`, 3000),
	}
	names := []string{"metadata/2.root.json", "metadata/timestamp.json", "metadata/2.snapshot.json", "metadata/2.targets.json"}
	r := first(t)
	known := r.fresh()
	known.good(r.server())
	r.next(func() {})
	r.release("1.4.0")
	r.snapshot.Signed.Meta["targets.json"] = metadata.MetaFile(2) // without hashes, it comes to be read
	r.putSnapshot()
	r.timestamp.Signed.Meta["snapshot.json"] = metadata.MetaFile(2)
	r.putTimestamp()
	for place, role := range []string{"root", "timestamp", "snapshot", "targets"} {
		for i, text := range nulls {
			t.Run(fmt.Sprintf("%s %d", role, i), func(t *testing.T) {
				if strings.Contains(text, "%s") {
					text = fmt.Sprintf(text, role)
				}
				b := *known
				b.t = t
				f := r.server()
				f[names[place]] = []byte(text)
				_, err := b.refresh(f)
				switch trust.CodeOf(err) {
				case trust.BadMetadata, trust.Signature, trust.TooBig:
				default:
					t.Errorf("got %v", err)
				}
				// Stored, it counts as not there.
				*[]*[]byte{&b.state.Root, &b.state.Timestamp, &b.state.Snapshot, &b.state.Targets}[place] = []byte(text)
				b.good(r.server())
			})
		}
	}
}

// A stored timestamp that can't be used, though its signature is good, counts as not there.
func TestStoredTimestampWithoutSnapshot(t *testing.T) {
	r := first(t)
	b := r.fresh()
	b.good(r.server())
	m := *r.timestamp
	m.Signed.Meta = nil
	b.state.Timestamp = signed(t, &m, 31)
	r.release("1.4.0")
	b.good(r.server())
}

func TestStoredSnapshotWithNull(t *testing.T) {
	r := first(t)
	b := r.fresh()
	b.good(r.server())
	m := *r.snapshot
	m.Signed.Meta = map[string]*metadata.MetaFiles{"targets.json": nil}
	b.state.Snapshot = signed(t, &m, 21)
	r.release("1.4.0")
	b.good(r.server())
}

// A snapshot of the version that is known, but not the one that the timestamp names now, is fetched.
func TestSnapshotOfTheSameVersion(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	b.good(r.server())
	r.snapshot.Signed.Expires = now.Add(40 * day)
	r.putSnapshot()
	r.timestamp.Signed.Version++
	r.putTimestamp()
	b.good(r.server())
	if !bytes.Equal(b.state.Snapshot, r.files["metadata/2.snapshot.json"]) {
		t.Error("the stored snapshot is the old one")
	}
}

// What ends while it is stored is told by its name.
func TestStoredSnapshotEnds(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	b.good(r.server())
	r.timestamp.Signed.Version++
	r.timestamp.Signed.Expires = now.Add(36 * day)
	r.putTimestamp()
	b.clock.Now = now.Add(31 * day)
	_, err := b.refresh(r.server())
	var e *trust.Error
	if !errors.As(err, &e) || e.Code != trust.Expired || e.File != "metadata/2.snapshot.json" {
		t.Errorf("got %v", err)
	}
}

// The same, signed by those who may: a slip of the makers must not stop a box for ever.
func TestMalformedAndSigned(t *testing.T) {
	for name, spoil := range map[string]func(r *repo){
		"timestamp without snapshot": func(r *repo) { r.timestamp.Signed.Meta = nil },
		"timestamp with null":        func(r *repo) { r.timestamp.Signed.Meta["snapshot.json"] = nil },
		"timestamp, negative length": func(r *repo) { r.timestamp.Signed.Meta["snapshot.json"].Length = -1 },
		"timestamp, version 0":       func(r *repo) { r.timestamp.Signed.Meta["snapshot.json"].Version = 0 },
		"timestamp of version 0":     func(r *repo) { r.timestamp.Signed.Version = 0 },
		"timestamp, below zero":      func(r *repo) { r.timestamp.Signed.Version = math.MinInt64 },
		"snapshot without targets":   func(r *repo) { r.snapshot.Signed.Meta = nil; r.putSnapshot() },
		"snapshot with null":         func(r *repo) { r.snapshot.Signed.Meta["targets.json"] = nil; r.putSnapshot() },
		"snapshot with another null": func(r *repo) { r.snapshot.Signed.Meta["x.json"] = nil; r.putSnapshot() },
		"snapshot, negative length":  func(r *repo) { r.snapshot.Signed.Meta["targets.json"].Length = -1; r.putSnapshot() },
		"snapshot, unknown hash": func(r *repo) {
			r.snapshot.Signed.Meta["targets.json"].Hashes = metadata.Hashes{"md5": []byte{1}}
			r.putSnapshot()
		},
		"targets with a null":         func(r *repo) { r.targets.Signed.Targets["x"] = nil; r.putTargets(); r.putSnapshot() },
		"targets without hashes":      func(r *repo) { r.targets.Signed.Targets["x"] = metadata.TargetFile(); r.putTargets(); r.putSnapshot() },
		"targets that are delegated":  func(r *repo) { r.targets.Signed.Delegations = &metadata.Delegations{}; r.putTargets(); r.putSnapshot() },
		"targets with odd hash names": func(r *repo) { oddHashes(r); r.putTargets(); r.putSnapshot() },
	} {
		t.Run(name, func(t *testing.T) {
			r := first(t)
			r.release("1.4.0")
			good := r.server()
			spoil(r)
			r.putTimestamp()
			for _, known := range []bool{false, true} {
				b := r.fresh()
				if known {
					b.good(first(t).server())
				}
				got, err := b.refresh(r.server())
				unharmed(t, got)
				if code := trust.CodeOf(err); err != nil && code != trust.BadMetadata && code != trust.Mixed && code != trust.Rollback {
					t.Errorf("got %v", err)
				}
				if err != nil {
					b.good(good)
				}
			}
		})
	}
}

func oddHashes(r *repo) {
	f := r.targets.Signed.Targets["1.4.0/arm64/full"]
	f.Hashes = metadata.Hashes{"md5": []byte{1}}
}
