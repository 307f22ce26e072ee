package trust_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/trust"
)

// Mix and match: parts of different states.
func TestMixAndMatch(t *testing.T) {
	r, old := second(t)
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
	r, old := second(t)
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
