package release_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/bundle"
	"syncbox/ota/release"
)

// imageSize is that of a small image; large is two windows and a short one.
const (
	imageSize = bundle.WindowSize / 16
	large     = 2*bundle.WindowSize + 1<<18
)

// imageFile writes the slot image of a version: much of it is that of every version.
func imageFile(t *testing.T, v bundle.Version, size int) (path string, sum bundle.Digest) {
	t.Helper()
	b := make([]byte, size)
	chance(1).Read(b[:size/2])
	copy(b[1000:], v.String())
	path = filepath.Join(t.TempDir(), "slot.img")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, sha256.Sum256(b)
}

func parse(t *testing.T, s string) bundle.Version {
	t.Helper()
	v, err := bundle.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// newRelease is what `boxctl release publish` makes of its arguments.
func newRelease(t *testing.T, v string) release.Release {
	t.Helper()
	path, sum := imageFile(t, parse(t, v), imageSize)
	return release.Release{
		Version: parse(t, v), Board: "arm64", Image: path, SHA256: sum, Floor: parse(t, "1.0.0"),
		Sums:  map[string]string{"vmlinuz": "62dfae0", "initrd": "1", "broadcom/bcm2711-rpi-4-b.dtb": "2"},
		Trial: bundle.Trial{Settle: 60, Network: 1800}, Notes: map[string]string{"fr": "Tri par « nom ».", "en": `Sorts by "name" <1 s.`},
	}
}

func publish(t *testing.T, r *release.Repo, keys release.Keys, rel release.Release) []string {
	t.Helper()
	names, err := r.Publish(t.Context(), rel, keys, start)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// targets gives the entries of the newest targets, as a client that began with the first root sees them.
func targets(t *testing.T, dir string) map[string]bundle.Manifest {
	t.Helper()
	c, err := client(t, dir, "1.root.json", start)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bundle.Manifest{}
	for name, entry := range c.Targets["targets"].Signed.Targets {
		if _, err := os.Stat(filepath.Join(dir, "targets", filepath.Dir(name), entry.Hashes["sha256"].String()+"."+filepath.Base(name))); err != nil {
			t.Error(err)
		}
		if entry.Custom == nil {
			if !strings.HasSuffix(name, ".windows") {
				t.Errorf("%s has no manifest", name)
			}
			continue
		}
		m, err := bundle.ParseManifest(*entry.Custom)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.Targets["targets"].Signed.Targets[m.Windows] == nil {
			t.Errorf("%s: no window list %s", name, m.Windows)
		}
		all[name] = m
	}
	return all
}

func TestPublish(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	first := newRelease(t, "1.0.0")
	first.Image, first.SHA256 = imageFile(t, first.Version, large)
	if d := cmp.Diff([]string{"1.0.0/arm64/full"}, publish(t, r, keys, first)); d != "" {
		t.Errorf("payloads (-want +got):\n%s", d)
	}
	rel := newRelease(t, "1.1.0")
	rel.Image, rel.SHA256 = imageFile(t, rel.Version, large)
	if d := cmp.Diff([]string{"1.1.0/arm64/full", "1.1.0/arm64/1.0.0"}, publish(t, r, keys, rel)); d != "" {
		t.Errorf("payloads (-want +got):\n%s", d)
	}
	if got := versions(t, dir, start); got != [4]int64{1, 3, 3, 3} {
		t.Errorf("versions %v", got)
	}
	all := targets(t, dir)
	full := all["1.1.0/arm64/full"]
	want := bundle.Manifest{
		Format: bundle.Full, Board: "arm64", Version: rel.Version, To: full.To, Windows: "1.1.0/arm64/full.windows", Floor: rel.Floor,
		Sums: rel.Sums, Trial: rel.Trial, Notes: rel.Notes,
	}
	if d := cmp.Diff(want, full); d != "" {
		t.Errorf("full (-want +got):\n%s", d)
	}
	from := all["1.0.0/arm64/full"].To
	want.Format, want.From, want.Windows = bundle.Delta, &from, "1.1.0/arm64/1.0.0.windows"
	if d := cmp.Diff(want, all["1.1.0/arm64/1.0.0"]); d != "" {
		t.Errorf("delta (-want +got):\n%s", d)
	}
	if full.To.Bytes != large || full.To == from {
		t.Errorf("images: %+v, %+v", full.To, from)
	}
	if err := r.CheckFiles(); err != nil {
		t.Error(err)
	}
}

// TestPublishMany has what a delta begins with, and what is no longer offered.
func TestPublishMany(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	for i := range 13 {
		rel := newRelease(t, fmt.Sprintf("1.%d.0", i))
		rel.Factory = i == 2
		publish(t, r, keys, rel)
	}
	got := map[string][]string{}
	for name := range targets(t, dir) {
		v, rest, _ := strings.Cut(name, "/arm64/")
		got[v] = append(got[v], rest)
	}
	for _, rest := range got {
		slices.Sort(rest)
	}
	full := []string{"full"}
	want := map[string][]string{
		"1.0.0": full, // the first one is one of the factory's
		"1.2.0": full, "1.3.0": full, "1.4.0": full, "1.5.0": full, "1.6.0": full, "1.7.0": full, "1.8.0": full, "1.9.0": full,
		"1.10.0": {"1.0.0", "1.2.0", "1.5.0", "1.6.0", "1.7.0", "1.8.0", "1.9.0", "full"},
		"1.11.0": {"1.0.0", "1.10.0", "1.2.0", "1.6.0", "1.7.0", "1.8.0", "1.9.0", "full"},
		"1.12.0": {"1.0.0", "1.10.0", "1.11.0", "1.2.0", "1.7.0", "1.8.0", "1.9.0", "full"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("targets (-want +got):\n%s", d)
	}
	b, err := os.ReadFile(filepath.Join(dir, "metadata", "14.targets.json"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("13 releases: %d targets in %d bytes", len(targets(t, dir)), len(b))
}

// TestLongDelta has a release with nothing in common with the one before.
func TestLongDelta(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	publish(t, r, keys, newRelease(t, "1.0.0"))
	rel := newRelease(t, "1.1.0")
	b := make([]byte, imageSize)
	chance(7).Read(b)
	rel.SHA256 = sha256.Sum256(b)
	if err := os.WriteFile(rel.Image, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"1.1.0/arm64/full"}, publish(t, r, keys, rel)); d != "" {
		t.Errorf("payloads (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"1.0.0/arm64/full", "1.1.0/arm64/full"}, slices.Sorted(maps.Keys(targets(t, dir)))); d != "" {
		t.Errorf("targets (-want +got):\n%s", d)
	}
}

func TestPublishRefuses(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	publish(t, r, keys, newRelease(t, "1.1.0"))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		change func(*release.Release)
		keys   release.Keys
		ctx    context.Context
		want   error
		text   string
	}{
		"the same again":       {func(r *release.Release) { r.Version = parse(t, "1.1.0") }, keys, t.Context(), release.ErrPublished, "1.1.0"},
		"an older one":         {func(r *release.Release) { r.Version = parse(t, "1.0.9") }, keys, t.Context(), release.ErrOlder, "1.1.0"},
		"one key of two":       {func(r *release.Release) {}, without(without(keys, keys.Of("targets")[0]), keys.Of("targets")[1]), t.Context(), release.ErrKeys, "targets"},
		"no online keys":       {func(r *release.Release) {}, keys.Of("targets"), t.Context(), release.ErrKeys, "snapshot"},
		"a floor above it":     {func(r *release.Release) { r.Floor = parse(t, "1.2.1") }, keys, t.Context(), bundle.ErrManifest, "floor"},
		"no sum of the kernel": {func(r *release.Release) { delete(r.Sums, "vmlinuz") }, keys, t.Context(), bundle.ErrManifest, "sums"},
		"another image":        {func(r *release.Release) { r.SHA256[0]++ }, keys, t.Context(), release.ErrImage, "slot.img"},
		"no image":             {func(r *release.Release) { r.Image += "x" }, keys, t.Context(), os.ErrNotExist, "slot.img"},
		"an empty image":       {func(r *release.Release) { r.Image, r.SHA256 = os.DevNull, sha256.Sum256(nil) }, keys, t.Context(), bundle.ErrManifest, "0 bytes"},
		"given up":             {func(r *release.Release) {}, keys, cancelled, context.Canceled, "1.2.0"},
	} {
		rel := newRelease(t, "1.2.0")
		tt.change(&rel)
		if _, err := r.Publish(tt.ctx, rel, tt.keys, start); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: got %v, want %v with %q", name, err, tt.want, tt.text)
		}
		if got := slices.Sorted(maps.Keys(targets(t, dir))); len(got) != 1 {
			t.Errorf("%s: published %v", name, got)
		}
	}
	if got := publish(t, r, keys, newRelease(t, "1.2.0")); len(got) != 2 {
		t.Errorf("afterwards: %v", got)
	}
}

// TestSpoiltFiles must be told by CheckFiles, and a release is not built on an image that is not what was signed.
func TestSpoiltFiles(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"gone":    os.Remove,
		"cut":     func(path string) error { return os.Truncate(path, 1000) },
		"changed": func(path string) error { return change(path, 100) },
	} {
		keys := allKeys(t)
		r, dir := newRepo(t, keys)
		publish(t, r, keys, newRelease(t, "1.0.0"))
		found, err := filepath.Glob(filepath.Join(dir, "targets", "1.0.0", "arm64", "*.full"))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		if err := spoil(found[0]); err != nil {
			t.Fatal(err)
		}
		if err := r.CheckFiles(); err == nil || !strings.Contains(err.Error(), "check 1.0.0/arm64/full:") {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := r.Publish(t.Context(), newRelease(t, "1.1.0"), keys, start); err == nil || !strings.Contains(err.Error(), "publish 1.1.0: from 1.0.0") {
			t.Errorf("%s: published: %v", name, err)
		}
	}
}

// change turns a byte of a file.
func change(path string, at int) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[at] ^= 1
	return os.WriteFile(path, b, 0o600)
}

// TestManifestIsFlat has the maker's own field beside those of the manifest.
func TestManifestIsFlat(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	publish(t, r, keys, newRelease(t, "1.0.0"))
	c, err := client(t, dir, "1.root.json", start)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(*c.Targets["targets"].Signed.Targets["1.0.0/arm64/full"].Custom, &fields); err != nil {
		t.Fatal(err)
	}
	want := strings.Fields("board factory floor format notes sums to trial version windows")
	if d := cmp.Diff(want, slices.Sorted(maps.Keys(fields))); d != "" {
		t.Errorf("fields (-want +got):\n%s", d)
	}
}
