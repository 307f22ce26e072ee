package release_test

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/release"
)

// tree gives the files of a folder, each with its length; the hashes in their names are left out.
func tree(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		all[regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAllString(filepath.ToSlash(rel), "HASH")] = info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCopyRelease(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	publish(t, r, keys, newRelease(t, "1.0.0"))
	if err := r.Renew(keys, start); err != nil {
		t.Fatal(err)
	}
	publish(t, r, keys, newRelease(t, "1.1.0"))
	publish(t, r, keys, newRelease(t, "1.2.0"))
	stick := t.TempDir()
	if err := r.CopyRelease(stick, parse(t, "1.1.0"), "arm64"); err != nil {
		t.Fatal(err)
	}
	if got := versions(t, stick, start); got != [4]int64{2, 5, 5, 5} {
		t.Errorf("versions %v", got)
	}
	all, want := tree(t, dir), map[string]int64{}
	for _, name := range []string{
		"metadata/1.root.json", "metadata/2.root.json", "metadata/5.targets.json", "metadata/5.snapshot.json", "metadata/timestamp.json",
		"targets/1.1.0/arm64/HASH.full", "targets/1.1.0/arm64/HASH.full.windows",
		"targets/1.1.0/arm64/HASH.1.0.0", "targets/1.1.0/arm64/HASH.1.0.0.windows",
	} {
		want[name] = all[name]
	}
	if d := cmp.Diff(want, tree(t, stick)); d != "" {
		t.Errorf("stick (-want +got):\n%s", d)
	}
	if err := r.CopyRelease(t.TempDir(), parse(t, "1.3.0"), "arm64"); !errors.Is(err, release.ErrNoRelease) {
		t.Errorf("no such release: %v", err)
	}
}

func TestHasRoot(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	if err := r.Renew(keys, start); err != nil {
		t.Fatal(err)
	}
	_, other := newRepo(t, append(without(keys, keys.Of("ops")[0]), newKeys(t, 99, "ops", 1)...))
	for path, want := range map[string]bool{
		filepath.Join(dir, "metadata", "1.root.json"): true, filepath.Join(dir, "metadata", "2.root.json"): true,
		filepath.Join(dir, "metadata", "1.targets.json"): false, filepath.Join(other, "metadata", "1.root.json"): false,
	} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.HasRoot(sha256.Sum256(b)); got != want {
			t.Errorf("%s: got %t", path, got)
		}
	}
}
