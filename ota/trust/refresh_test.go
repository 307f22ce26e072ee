package trust_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
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

func TestNewest(t *testing.T) {
	r := first(t)
	for _, v := range []string{"1.9.0", "1.10.0", "1.2.0"} {
		r.release(v)
	}
	got := r.fresh().good(r.server())
	if p, ok := got.Newest("arm64"); !ok || p.File.Name != "1.10.0/arm64/full" {
		t.Errorf("got %q, %v", p.File.Name, ok)
	}
	if p, ok := got.Newest("armv7"); ok {
		t.Errorf("of another board: got %q", p.File.Name)
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

func TestKeys(t *testing.T) {
	r := first(t)
	b := r.fresh()
	public := func(numbers ...byte) (all []ed25519.PublicKey) {
		for _, n := range numbers {
			all = append(all, key(n).Public().(ed25519.PublicKey))
		}
		return all
	}
	want := order.Keyring{
		order.Ops: {Threshold: 1, Public: public(41)}, order.Fleet: {Threshold: 1, Public: public(51)},
		order.Danger: {Threshold: 2, Public: public(61, 62, 63)},
	}
	if d := cmp.Diff(want, b.good(r.server()).Keys); d != "" {
		t.Errorf("keys (-want +got):\n%s", d)
	}
	r.next(func() { r.assign("fleet", 1, 52) })
	want[order.Fleet] = order.RoleKeys{Threshold: 1, Public: public(52)}
	if d := cmp.Diff(want, b.good(r.server()).Keys); d != "" {
		t.Errorf("keys of the next root (-want +got):\n%s", d)
	}
	stored, err := b.anchor.Keys(b.state)
	if d := cmp.Diff(want, stored); d != "" || err != nil {
		t.Errorf("keys of the stored root (-want +got):\n%s%v", d, err)
	}
	// They serve package order as they are.
	s, err := order.KeySigner(key(52))
	if err != nil {
		t.Fatal(err)
	}
	o := order.Order{
		ID: "01JD9F2M4Q0000000000000000", To: "box:1", Op: order.Desired, Seq: 1,
		Target: &order.Target{Name: "1.0.0/arm64/full", Version: bundle.Version{Major: 1}, SHA256: bundle.Digest{1}, Bytes: 1},
		Issued: now.Unix(), NotBefore: now.Unix(), Expires: now.Unix() + 60,
	}
	e, err := order.Sign(t.Context(), o, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := order.Verify(e, stored, order.Box{Name: "1", Now: now, ClockTrusted: true}); err != nil {
		t.Errorf("order: %v", err)
	}
}

// A root without the roles of orders, or with keys that can't be used there, is a root; nobody can sign orders then.
func TestKeysThatCannotBeUsed(t *testing.T) {
	r := first(t)
	r.next(func() {
		delete(r.root.Signed.Roles, "fleet")
		r.root.Signed.Roles["ops"] = nil
		r.root.Signed.Roles["danger"].KeyIDs = append(r.root.Signed.Roles["danger"].KeyIDs, "unknown")
		for _, k := range r.root.Signed.Keys {
			if k.Value.PublicKey == fmt.Sprintf("%x", key(63).Public()) {
				k.Value.PublicKey = k.Value.PublicKey[2:]
			}
		}
	})
	got := r.fresh().good(r.server()).Keys
	if len(got) != 1 || len(got[order.Danger].Public) != 2 {
		t.Errorf("got %v", got)
	}
}

func TestUnusableTargets(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	good, err := r.targets.Signed.Targets["1.4.0/arm64/full"].Custom.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	custom := func(old, new string) any {
		if !strings.Contains(string(good), old) {
			t.Fatalf("%s is not in %s", old, good)
		}
		return rawJSON(strings.Replace(string(good), old, new, 1))
	}
	for name, c := range map[string]any{
		"text":                    "text",
		"number":                  7,
		"nothing":                 rawJSON("{}"),
		"1.4.1/arm64/full":        custom("", ""), // a manifest of another version
		"1.4.0/armv7/full":        custom("", ""), // of another board
		"1.4.0/arm64/1.3.0":       custom("", ""), // of another format
		"1.4.0/arm64/x/full":      custom("", ""),
		"1.4.2/arm64/full":        custom(`"version":"1.4.0"`, `"version":"1.4.2x"`),
		"1.4.3/arm64/full":        rawJSON(strings.NewReplacer("1.4.0/arm64/full.windows", "gone", `"version":"1.4.0"`, `"version":"1.4.3"`).Replace(string(good))),
		"1.4.4/arm64/full":        rawJSON(strings.Replace(string(good), `"version":"1.4.0"`, `"version":"1.4.4"`, 1)), // without SHA-256
		"1.4.5/arm64/full":        rawJSON(strings.NewReplacer("1.4.0/arm64/full.windows", "huge", `"version":"1.4.0"`, `"version":"1.4.5"`).Replace(string(good))),
		"1.4.6/arm64/full":        rawJSON(strings.Replace(string(good), `"version":"1.4.0"`, `"version":"1.4.6"`, 1)), // empty
		"../../1.4.0/arm64/full":  custom("", ""),
		"/1.4.0/arm64/full":       custom("", ""),
		"1.4.0/arm64/full/":       custom("", ""),
		"1.4.0/arm64/./full":      custom("", ""),
		"1.4.0/arm64/full\x00bad": custom("", ""),
	} {
		r.target(name, "some bytes", c)
	}
	r.target("huge", "some bytes", nil)
	r.targets.Signed.Targets["huge"].Length = trust.MaxList + 1
	r.targets.Signed.Targets["1.4.6/arm64/full"].Length = 0
	h := r.targets.Signed.Targets["1.4.4/arm64/full"].Hashes
	h["sha512"] = h["sha256"]
	delete(h, "sha256")
	r.targets.Signed.Version++
	r.putTargets()
	r.online()
	got := r.fresh().good(r.server())
	if got.Ignored != 17 {
		t.Errorf("ignored %d, want 17", got.Ignored)
	}
	if _, ok := got.Full(bundle.Version{Major: 1, Minor: 4}, "arm64"); !ok {
		t.Error("the good one is gone")
	}
	for patch := 1; patch < 7; patch++ {
		if p, ok := got.Full(bundle.Version{Major: 1, Minor: 4, Patch: patch}, "arm64"); ok {
			t.Errorf("got %+v", p)
		}
	}
}

// rawJSON goes into metadata as it is.
type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

func TestFailingSource(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	for name := range r.files {
		if name == "metadata/1.root.json" || strings.HasPrefix(name, "metadata/1.") {
			continue
		}
		f := r.server()
		delete(f, name)
		b := r.fresh()
		b.refused(f, trust.Unreachable)
		b.good(r.server())
		// A server that is away for one file stops the walk too: for new roots it must not look like the end.
		b.refused(failing{r.server(), "metadata/2.root.json"}, trust.Code(fetch.Slow))
		b.good(r.server())
	}
}

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

func TestCancelled(t *testing.T) {
	r := first(t)
	b := r.fresh()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := b.anchor.Refresh(ctx, r.server(), b.state, b.floors, b.clock)
	if !errors.Is(err, context.Canceled) || trust.CodeOf(err) != "" {
		t.Errorf("got %v of code %q", err, trust.CodeOf(err))
	}
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

func TestRefreshAny(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	old := r.server()
	r.release("1.5.0")
	garbage := files{"metadata/timestamp.json": []byte("hello")}
	sources := func(f ...files) (all []fetch.Source) {
		for _, f := range f {
			all = append(all, f)
		}
		return all
	}
	tests := []struct {
		name    string
		first   files // what was seen before
		sources []fetch.Source
		version int64
		code    trust.Code
	}{
		{"one after garbage", nil, sources(garbage, r.server()), 3, ""},
		{"the first that has something", nil, sources(old, r.server()), 2, ""},
		{"the first that has something new", old, sources(old, files{}, r.server()), 3, ""},
		{"nothing new anywhere", old, sources(old, garbage, old), 2, ""},
		{"one that is behind", r.server(), sources(old, r.server()), 3, ""},
		{"none", nil, nil, 0, trust.Unreachable},
		{"none that is good", nil, sources(garbage, files{}), 0, trust.BadMetadata},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := first(t).fresh()
			if tt.first != nil {
				b.good(tt.first)
			}
			s, got, err := b.anchor.RefreshAny(t.Context(), tt.sources, b.state, b.floors, b.clock)
			if trust.CodeOf(err) != tt.code {
				t.Fatalf("got error %v, want code %q", err, tt.code)
			}
			if s.Versions.Targets != tt.version {
				t.Errorf("got version %d, want %d", s.Versions.Targets, tt.version)
			}
			if err == nil && got.Versions.Targets != tt.version {
				t.Errorf("got version %d, want %d", got.Versions.Targets, tt.version)
			}
		})
	}
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
