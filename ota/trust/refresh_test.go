package trust_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/bundle"
	"syncbox/ota/fetch"
	"syncbox/ota/order"
	"syncbox/ota/trust"
)

func TestRefresh(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	got := b.good(r.server())
	want := trust.Versions{Root: 1, Timestamp: 2, Snapshot: 2, Targets: 2}
	if got.Versions != want || b.state.Versions != want || !got.New || got.Ignored != 0 {
		t.Errorf("got versions %+v and %+v, new %v, ignored %d; want %+v", got.Versions, b.state.Versions, got.New, got.Ignored, want)
	}
	if !got.TimestampExpires.Equal(now.Add(7*day)) || !got.RootExpires.Equal(now.Add(365*day)) {
		t.Errorf("ends at %v, %v", got.TimestampExpires, got.RootExpires)
	}
	full, ok := got.Full(bundle.Version{Major: 1, Minor: 4}, "arm64")
	if !ok {
		t.Fatal("the release is not there")
	}
	if d := cmp.Diff("targets/1.4.0/arm64/"+full.File.SHA256.String()+".full", full.File.Path); d != "" {
		t.Errorf("path (-want +got):\n%s", d)
	}
	if full.File.Bytes != int64(len("full 1.4.0")) || full.List.Bytes != int64(len("list of full 1.4.0")) || full.To.Bytes != 96<<20 {
		t.Errorf("got %+v", full)
	}
	if full.List.Path != "targets/1.4.0/arm64/"+full.List.SHA256.String()+".full.windows" {
		t.Errorf("list at %s", full.List.Path)
	}
	deltas := got.Deltas(bundle.Version{Major: 1, Minor: 4}, "arm64")
	if len(deltas) != 1 || deltas[0].From == nil || deltas[0].File.Name != "1.4.0/arm64/1.0.0" {
		t.Errorf("deltas: got %+v", deltas)
	}
	if _, ok := got.Full(bundle.Version{Major: 1, Minor: 4, Patch: 1}, "arm64"); ok {
		t.Error("a release that is not there")
	}
	if _, ok := got.Payload("1.4.0/arm64/full.windows"); ok {
		t.Error("a window list as payload")
	}
}

func TestNothingNew(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	b.good(r.server())
	before := b.state
	got := b.good(only(r.server(), "metadata/timestamp.json")) // nothing else is asked for
	if got.New {
		t.Error("new")
	}
	if _, ok := got.Full(bundle.Version{Major: 1, Minor: 4}, "arm64"); !ok {
		t.Error("the release is gone")
	}
	if d := cmp.Diff(before, b.state); d != "" {
		t.Errorf("state (-want +got):\n%s", d)
	}
}

func only(f files, names ...string) files {
	for name := range f {
		if !slices.Contains(names, name) {
			delete(f, name)
		}
	}
	return f
}

// A timestamp that is only renewed names the same snapshot, which is not fetched again.
func TestRenewedTimestamp(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	b.good(r.server())
	r.timestamp.Signed.Version++
	r.timestamp.Signed.Expires = now.Add(8 * day)
	r.putTimestamp()
	b.clock.Now = now.Add(day)
	if got := b.good(only(r.server(), "metadata/timestamp.json")); !got.New || got.Versions.Timestamp != 3 {
		t.Errorf("got %+v", got.Versions)
	}
	// And a snapshot that is only renewed names the same targets.
	r.online()
	b.good(only(r.server(), "metadata/timestamp.json", "metadata/3.snapshot.json"))
}

func TestManyReleases(t *testing.T) {
	r := first(t)
	b := r.fresh()
	for i := range 5 {
		r.release(fmt.Sprintf("1.%d.0", i))
		if i%2 == 0 {
			r.next(func() {})
		}
		got := b.good(r.server())
		if got.Versions != (trust.Versions{Root: int64(i/2 + 2), Timestamp: int64(i + 2), Snapshot: int64(i + 2), Targets: int64(i + 2)}) {
			t.Errorf("release %d: got %+v", i, got.Versions)
		}
	}
}

func TestWithoutConsistentSnapshots(t *testing.T) {
	r := first(t)
	r.root.Signed.ConsistentSnapshot = false
	r.putRoot()
	r.release("1.4.0")
	f := r.server()
	f["metadata/snapshot.json"], f["metadata/targets.json"] = f["metadata/2.snapshot.json"], f["metadata/2.targets.json"]
	got := r.fresh().good(only(f, "metadata/timestamp.json", "metadata/snapshot.json", "metadata/targets.json"))
	if full, _ := got.Full(bundle.Version{Major: 1, Minor: 4}, "arm64"); full.File.Path != "targets/1.4.0/arm64/full" {
		t.Errorf("got path %q", full.File.Path)
	}
}

// Lengths and hashes may be missing in timestamp and snapshot; versions hold then.
func TestWithoutHashes(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	r.snapshot.Signed.Meta["targets.json"] = metadata.MetaFile(2)
	r.putSnapshot()
	r.timestamp.Signed.Meta["snapshot.json"] = metadata.MetaFile(2)
	r.putTimestamp()
	b := r.fresh()
	b.good(r.server())
	b.good(r.server())
}

// rawJSON goes into metadata as it is.
type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// failing fails for one file, as package fetch does.
type failing struct {
	files
	name string
}

func (f failing) Get(ctx context.Context, name string, max int64) ([]byte, error) {
	if name == f.name {
		return nil, &fetch.Error{Code: fetch.Slow, Name: name, Server: "x", Err: fetch.ErrSlow}
	}
	return f.files.Get(ctx, name, max)
}

func TestNoRoot(t *testing.T) {
	r := first(t)
	for _, root := range [][]byte{nil, []byte("{"), r.files["metadata/timestamp.json"], make([]byte, trust.MaxRoot+1)} {
		b := r.fresh()
		b.anchor.Root = root
		b.refused(r.server(), trust.NoRoot)
		if _, err := b.anchor.Keys(b.state); trust.CodeOf(err) != trust.NoRoot {
			t.Errorf("keys: got %v", err)
		}
	}
}

// A newer root in the read-only system counts, and so does what it takes away.
func TestNewerFactoryRoot(t *testing.T) {
	r := first(t)
	b := r.fresh()
	r.release("1.4.0")
	b.good(r.server())
	r.next(func() { r.assign("fleet", 1, 53) })
	b.anchor = r.fresh().anchor
	old := only(r.server(), "metadata/timestamp.json") // the server does not tell the new root
	if got := b.good(old); got.Versions.Root != 2 || len(got.Keys[order.Fleet].Public) != 1 {
		t.Errorf("got %+v", got.Versions)
	}
	r.next(func() { r.assign("timestamp", 1, 32) })
	r.signers["timestamp"] = []byte{32}
	r.timestamp.Signed.Version = 1 // begins anew
	r.putTimestamp()
	b.anchor = r.fresh().anchor
	b.refused(old, trust.Signature)
	b.good(r.server())
}

func TestMoreRootsThanAtATime(t *testing.T) {
	r := first(t)
	b := r.fresh()
	for range 2*trust.MaxRoots + 3 {
		r.next(func() {})
	}
	r.signers["timestamp"] = []byte{32}
	r.next(func() { r.assign("timestamp", 1, 32) })
	r.putTimestamp()
	b.refused(r.server(), trust.Signature)
	if got := b.state.Versions.Root; got != 1+trust.MaxRoots {
		t.Errorf("after the first: root %d", got)
	}
	b.refused(r.server(), trust.Signature)
	b.good(r.server())
}

func TestWishIsLeft(t *testing.T) {
	r := first(t)
	b := r.fresh()
	wish := trust.Wish{ID: "01JD9F2M4Q0000000000000000", Seq: 7, SHA256: bundle.Digest{7}}
	b.state.Wish = wish
	b.good(r.server())
	b.refused(files{}, trust.Unreachable)
	if b.state.Wish != wish {
		t.Errorf("got %+v", b.state.Wish)
	}
}

func TestTime(t *testing.T) {
	built, clock := now.Add(-30*day), now.Add(-20*day)
	for name, tt := range map[string]struct {
		s    trust.State
		c    trust.Clock
		want time.Time
	}{
		"nothing known":      {trust.State{}, trust.Clock{}, built},
		"clock in 1970":      {trust.State{}, trust.Clock{Now: time.Unix(0, 0), Trusted: true}, built},
		"clock":              {trust.State{}, trust.Clock{Now: now, Trusted: true}, now},
		"clock not trusted":  {trust.State{}, trust.Clock{Now: now}, built},
		"last known":         {trust.State{Clock: clock}, trust.Clock{Now: built, Trusted: true}, clock},
		"timestamp":          {trust.State{Clock: clock, Issued: clock.Add(day)}, trust.Clock{}, clock.Add(day)},
		"older than program": {trust.State{Clock: built.Add(-day), Issued: built.Add(-day)}, trust.Clock{}, built},
	} {
		if got := tt.s.Time(built, tt.c); !got.Equal(tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}
