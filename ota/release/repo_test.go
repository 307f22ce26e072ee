package release_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"

	"syncbox/ota/release"
)

var (
	day   = 24 * time.Hour
	start = time.Date(2027, 3, 1, 12, 0, 0, 500, time.FixedZone("EST", -5*3600))
)

// newRepo makes an empty repository.
func newRepo(t *testing.T, keys release.Keys) (r *release.Repo, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "repo")
	r, err := release.Init(dir, keys, start)
	if err != nil {
		t.Fatal(err)
	}
	return r, dir
}

// client follows a repository from the first root on, with the library's own rules.
func client(t *testing.T, dir string, from string, now time.Time) (*trustedmetadata.TrustedMetadata, error) {
	t.Helper()
	file := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, "metadata", name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return b
	}
	trusted, err := trustedmetadata.New(file(from))
	if err != nil {
		return nil, err
	}
	trusted.RefTime = now
	for {
		next := file(version(trusted.Root.Signed.Version+1) + ".root.json")
		if next == nil {
			break
		}
		if _, err := trusted.UpdateRoot(next); err != nil {
			return nil, err
		}
	}
	if _, err := trusted.UpdateTimestamp(file("timestamp.json")); err != nil {
		return nil, err
	}
	snapshot := file(version(trusted.Timestamp.Signed.Meta["snapshot.json"].Version) + ".snapshot.json")
	if _, err := trusted.UpdateSnapshot(snapshot, false); err != nil {
		return nil, err
	}
	targets := file(version(trusted.Snapshot.Signed.Meta["targets.json"].Version) + ".targets.json")
	_, err = trusted.UpdateTargets(targets)
	return trusted, err
}

func version(n int64) string { b, _ := json.Marshal(n); return string(b) }

// versions gives those of root, targets, snapshot and timestamp as a client sees them; 0 0 0 0 where it refuses.
func versions(t *testing.T, dir string, now time.Time) [4]int64 {
	t.Helper()
	c, err := client(t, dir, "1.root.json", now)
	if err != nil {
		t.Error(err)
		return [4]int64{}
	}
	return [4]int64{c.Root.Signed.Version, c.Targets["targets"].Signed.Version, c.Snapshot.Signed.Version, c.Timestamp.Signed.Version}
}

func TestInit(t *testing.T) {
	keys := allKeys(t)
	_, dir := newRepo(t, keys)
	if got := versions(t, dir, start); got != [4]int64{1, 1, 1, 1} {
		t.Errorf("versions %v", got)
	}
	c, err := client(t, dir, "1.root.json", start)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]int{}
	for name, role := range c.Root.Signed.Roles {
		got[name] = [2]int{role.Threshold, len(role.KeyIDs)}
	}
	want := map[string][2]int{"root": {2, 3}, "targets": {2, 3}, "snapshot": {1, 1}, "timestamp": {1, 1}, "ops": {1, 1}, "fleet": {1, 1}, "danger": {2, 2}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("roles (-want +got):\n%s", d)
	}
	if !c.Root.Signed.ConsistentSnapshot {
		t.Error("no consistent snapshots")
	}
	if issued := c.Timestamp.Signed.Expires.Add(-7 * day); !issued.Equal(start.Truncate(time.Second)) {
		t.Errorf("the timestamp was issued at %s, not at %s", issued, start)
	}
	for name, expires := range map[string]time.Time{"root": c.Root.Signed.Expires, "targets": c.Targets["targets"].Signed.Expires} {
		if valid := expires.Sub(start); valid < 364*day {
			t.Errorf("%s is valid for %s", name, valid)
		}
	}
	if again, err := release.Open(dir); err != nil || again.RootFile() != filepath.Join(dir, "metadata", "1.root.json") {
		t.Errorf("open: %v", err)
	}
	if _, err := release.Init(dir, keys, start); !errors.Is(err, os.ErrExist) {
		t.Errorf("made twice: %v", err)
	}
}

func TestInitNeedsKeys(t *testing.T) {
	roles, count := release.Roles()
	for _, role := range roles {
		var keys release.Keys
		for _, k := range allKeys(t) {
			if k.Role != role || len(keys.Of(role)) < count[role]-1 {
				keys = append(keys, k)
			}
		}
		dir := filepath.Join(t.TempDir(), "repo")
		if _, err := release.Init(dir, keys, start); !errors.Is(err, release.ErrKeys) || !strings.Contains(err.Error(), string(role)) {
			t.Errorf("one key of %s less: %v", role, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "metadata")); err == nil {
			t.Errorf("one key of %s less: something was written", role)
		}
	}
}

// TestInitWithPublicHalves needs private halves only of what is signed at once, and of these only enough.
func TestInitWithPublicHalves(t *testing.T) {
	all := allKeys(t)
	var keys release.Keys
	for role, private := range map[release.Role]int{"root": 2, "targets": 2, "snapshot": 1, "timestamp": 1, "ops": 0, "fleet": 0, "danger": 0} {
		of := all.Of(role)
		keys = append(append(keys, of[:private]...), public(of[private:])...)
	}
	newRepo(t, keys)
	if _, err := release.Init(filepath.Join(t.TempDir(), "repo"), append(keys.Of("root")[1:2], public(all)...), start); !errors.Is(err, release.ErrKeys) {
		t.Errorf("one signature: %v", err)
	}
}

func TestRefresh(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	online := append(keys.Of("snapshot"), keys.Of("timestamp")...)
	if err := r.Refresh(online, start.Add(5*day)); err != nil {
		t.Fatal(err)
	}
	if got := versions(t, dir, start.Add(11*day)); got != [4]int64{1, 1, 1, 2} {
		t.Errorf("versions %v", got)
	}
	if err := r.Refresh(keys.Of("timestamp"), start.Add(200*day)); err != nil {
		t.Errorf("without the snapshot's key: %v", err)
	}
	if err := r.Refresh(online, start.Add(280*day)); err != nil {
		t.Fatal(err)
	}
	if got := versions(t, dir, start.Add(281*day)); got != [4]int64{1, 1, 2, 4} {
		t.Errorf("versions %v", got)
	}
	if err := r.Refresh(keys.Of("snapshot"), start.Add(6*day)); !errors.Is(err, release.ErrKeys) {
		t.Errorf("without the timestamp's key: %v", err)
	}
}

func TestStandings(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	due := func(after time.Duration) (roles []release.Role) {
		again, err := release.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range again.Standings(start.Add(after)) {
			if s.Due {
				roles = append(roles, s.Role)
			}
		}
		return roles
	}
	for _, tt := range []struct {
		after time.Duration
		want  []release.Role
	}{
		{0, nil}, {4*day - time.Second, nil}, {4*day + time.Second, []release.Role{"timestamp"}},
		{275*day - time.Second, []release.Role{"timestamp"}},
		{275*day + time.Second, []release.Role{"root", "targets", "snapshot", "timestamp"}},
	} {
		if d := cmp.Diff(tt.want, due(tt.after)); d != "" {
			t.Errorf("after %s (-want +got):\n%s", tt.after, d)
		}
	}
	if err := r.Renew(keys, start.Add(280*day)); err != nil {
		t.Fatal(err)
	}
	if got := due(280 * day); got != nil {
		t.Errorf("renewed, and due: %v", got)
	}
	if got := versions(t, dir, start.Add(285*day)); got != [4]int64{2, 2, 2, 2} {
		t.Errorf("versions %v", got)
	}
}

// TestSpoiltRepository must be noticed by the maker, who would otherwise sign on top of it.
func TestSpoiltRepository(t *testing.T) {
	for name, want := range map[string]string{
		"1.root.json": "1.root.json", "1.targets.json": "1.targets.json", "1.snapshot.json": "1.snapshot.json", "timestamp.json": "timestamp.json",
	} {
		_, dir := newRepo(t, allKeys(t))
		path := filepath.Join(dir, "metadata", name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		forged := strings.Replace(string(b), `"version":1`, `"version":2`, 1)
		if name == "1.root.json" {
			forged = strings.Replace(string(b), `"threshold":2`, `"threshold":1`, 1)
		}
		for what, content := range map[string]string{"forged": forged, "cut": string(b[:len(b)/2]), "empty": ""} {
			if content == string(b) {
				t.Fatalf("%s: nothing forged", name)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := release.Open(dir); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %s: got %v", name, what, err)
			}
		}
	}
	if _, err := release.Open(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no repository: %v", err)
	}
}

func names(keys []release.Named) (all []string) {
	for _, k := range keys {
		all = append(all, k.Name())
	}
	slices.Sort(all)
	return all
}

func TestKeysOfTheRoot(t *testing.T) {
	keys := allKeys(t)
	r, _ := newRepo(t, keys)
	want := map[string]bool{}
	for _, k := range keys {
		want[k.Name()] = true
	}
	if d := cmp.Diff(slices.Sorted(maps.Keys(want)), names(r.Keys())); d != "" {
		t.Errorf("keys (-want +got):\n%s", d)
	}
}
