package trust_test

import (
	"bytes"
	"strings"
	"testing"

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
