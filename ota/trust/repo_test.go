package trust_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/bundle"
	"syncbox/ota/fetch"
	"syncbox/ota/trust"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// privateKeys are made once.
var privateKeys = sync.OnceValue(func() (all [100]ed25519.PrivateKey) {
	for n := range all {
		all[n] = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(n)}, ed25519.SeedSize))
	}
	return all
})

// key gives a private key out of a number.
func key(n byte) ed25519.PrivateKey { return privateKeys()[n] }

// repo makes what an update server has, with the library's own writing side.
type repo struct {
	t         testing.TB
	signers   map[string][]byte // numbers of the keys that sign, by role
	root      *metadata.Metadata[metadata.RootType]
	timestamp *metadata.Metadata[metadata.TimestampType]
	snapshot  *metadata.Metadata[metadata.SnapshotType]
	targets   *metadata.Metadata[metadata.TargetsType]
	files     files
}

// files is a Source. It gives what it has, however long.
type files map[string][]byte

func (f files) Get(ctx context.Context, name string, _ int64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, ok := f[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, fetch.ErrNotFound)
	}
	return b, nil
}

func (f files) Open(context.Context, string, int64, int64) (io.ReadCloser, error) {
	return nil, errors.New("no stretches")
}

// first gives a new repository, at version 1 of everything.
func first(t testing.TB) *repo {
	t.Helper()
	r := &repo{t: t, files: files{}, signers: map[string][]byte{
		"root": {1, 2}, "targets": {11, 12}, "snapshot": {21}, "timestamp": {31},
	}}
	r.root = metadata.Root(now.Add(365 * day))
	for role, who := range map[string]struct {
		threshold int
		keys      []byte
	}{
		"root": {2, []byte{1, 2, 3}}, "targets": {2, []byte{11, 12, 13}}, "snapshot": {1, []byte{21}}, "timestamp": {1, []byte{31}},
		"ops": {1, []byte{41}}, "fleet": {1, []byte{51}}, "danger": {2, []byte{61, 62, 63}},
	} {
		r.assign(role, who.threshold, who.keys...)
	}
	r.targets = metadata.Targets(now.Add(365 * day))
	r.snapshot = metadata.Snapshot(now.Add(30 * day))
	r.timestamp = metadata.Timestamp(now.Add(7 * day))
	r.putRoot()
	r.putTargets()
	r.putSnapshot()
	r.putTimestamp()
	return r
}

// second gives a repository with two releases, and what its server gave after the first one.
func second(t testing.TB) (r *repo, old files) {
	t.Helper()
	r = first(t)
	r.release("1.4.0")
	old = r.server()
	r.release("1.5.0")
	return r, old
}

// assign gives a role other keys.
func (r *repo) assign(role string, threshold int, keys ...byte) {
	r.root.Signed.Roles[role] = &metadata.Role{KeyIDs: []string{}, Threshold: threshold}
	for _, n := range keys {
		k, err := metadata.KeyFromPublicKey(key(n).Public())
		if err != nil {
			r.t.Fatal(err)
		}
		if err := r.root.Signed.AddKey(k, role); err != nil {
			r.t.Fatal(err)
		}
	}
}

func signer(t testing.TB, n byte) signature.Signer {
	t.Helper()
	s, err := signature.LoadSigner(key(n), crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signed gives the bytes of metadata, signed with these keys.
func signed[T metadata.Roles](t testing.TB, m *metadata.Metadata[T], keys ...byte) []byte {
	t.Helper()
	m.ClearSignatures()
	for _, n := range keys {
		if _, err := m.Sign(signer(t, n)); err != nil {
			t.Fatal(err)
		}
	}
	b, err := m.ToBytes(false)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (r *repo) rootName() string { return fmt.Sprintf("metadata/%d.root.json", r.root.Signed.Version) }

func (r *repo) putRoot() { r.files[r.rootName()] = signed(r.t, r.root, r.signers["root"]...) }

func (r *repo) putTargets() {
	b := signed(r.t, r.targets, r.signers["targets"]...)
	v := r.targets.Signed.Version
	r.files[fmt.Sprintf("metadata/%d.targets.json", v)] = b
	r.snapshot.Signed.Meta["targets.json"] = meta(v, b)
}

func (r *repo) putSnapshot() {
	b := signed(r.t, r.snapshot, r.signers["snapshot"]...)
	v := r.snapshot.Signed.Version
	r.files[fmt.Sprintf("metadata/%d.snapshot.json", v)] = b
	r.timestamp.Signed.Meta["snapshot.json"] = meta(v, b)
}

func (r *repo) putTimestamp() {
	r.files["metadata/timestamp.json"] = signed(r.t, r.timestamp, r.signers["timestamp"]...)
}

func meta(version int64, b []byte) *metadata.MetaFiles {
	m := metadata.MetaFile(version)
	sum := sha256.Sum256(b)
	m.Length, m.Hashes = int64(len(b)), metadata.Hashes{"sha256": sum[:]}
	return m
}

// next publishes a new root.
func (r *repo) next(change func()) {
	r.root.Signed.Version++
	change()
	r.putRoot()
}

// online signs snapshot and timestamp anew.
func (r *repo) online() {
	r.snapshot.Signed.Version++
	r.putSnapshot()
	r.timestamp.Signed.Version++
	r.putTimestamp()
}

// release publishes a version: a whole image, and one delta.
func (r *repo) release(v string) {
	r.t.Helper()
	version, err := bundle.ParseVersion(v)
	if err != nil {
		r.t.Fatal(err)
	}
	m := bundle.Manifest{
		Format: bundle.Full, Board: "arm64", Version: version, To: bundle.Image{SHA256: bundle.Digest{1}, Bytes: 96 << 20},
		Windows: v + "/arm64/full.windows", Sums: map[string]string{"vmlinuz": "1", "initrd": "2"}, Trial: bundle.Trial{Settle: 60, Network: 1800},
	}
	r.target(v+"/arm64/full", "full "+v, &m)
	r.target(v+"/arm64/full.windows", "list of full "+v, nil)
	m.Format, m.From, m.Windows = bundle.Delta, &bundle.Image{SHA256: bundle.Digest{2}, Bytes: 96 << 20}, v+"/arm64/1.0.0.windows"
	r.target(v+"/arm64/1.0.0", "delta "+v, &m)
	r.target(v+"/arm64/1.0.0.windows", "list of delta "+v, nil)
	r.targets.Signed.Version++
	r.putTargets()
	r.online()
}

// target adds an entry, without publishing it; custom may be nil.
func (r *repo) target(name, content string, custom any) {
	r.t.Helper()
	f, err := metadata.TargetFile().FromBytes(name, []byte(content))
	if err != nil {
		r.t.Fatal(err)
	}
	if custom != nil {
		b, err := json.Marshal(custom)
		if err != nil {
			r.t.Fatal(err)
		}
		f.Custom = (*json.RawMessage)(&b)
	}
	r.targets.Signed.Targets[name] = f
}

// server gives what the server has now; it stays as it is.
func (r *repo) server() files { return maps.Clone(r.files) }

// box is who refreshes. Its floors lie apart from its State, as on a disk.
type box struct {
	t      testing.TB
	anchor trust.Anchor
	state  trust.State
	floors trust.Versions
	clock  trust.Clock
}

// fresh gives a box as it leaves the factory, with the root that the repository has now.
func (r *repo) fresh() *box {
	return &box{
		t: r.t, anchor: trust.Anchor{Root: r.files[r.rootName()], Built: now.Add(-30 * day)},
		clock: trust.Clock{Now: now, Trusted: true},
	}
}

// refresh does what the updater does: what comes back is stored, through the codec, and the integers twice.
func (b *box) refresh(src trust.Source) (*trust.Targets, error) {
	b.t.Helper()
	s, t, err := b.anchor.Refresh(b.t.Context(), src, b.state, b.floors, b.clock)
	raw, codecErr := s.Marshal()
	if codecErr != nil {
		b.t.Fatal(codecErr)
	}
	if b.state, codecErr = trust.Unmarshal(raw); codecErr != nil {
		b.t.Fatal(codecErr)
	}
	b.floors = s.Versions
	if (t == nil) != (err != nil) {
		b.t.Errorf("got targets %v with error %v", t, err)
	}
	return t, err
}

// good refreshes, and has no error.
func (b *box) good(src trust.Source) *trust.Targets {
	b.t.Helper()
	t, err := b.refresh(src)
	if err != nil {
		b.t.Fatalf("refresh: %v", err)
	}
	return t
}

// refused refreshes, and has an error of that code.
func (b *box) refused(src trust.Source, code trust.Code) {
	b.t.Helper()
	if _, err := b.refresh(src); trust.CodeOf(err) != code {
		b.t.Fatalf("refresh: got error %v, want one of code %s", err, code)
	}
}
