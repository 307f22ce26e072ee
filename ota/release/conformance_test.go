package release_test

import (
	"bytes"
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
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/config"
	"github.com/theupdateframework/go-tuf/v2/metadata/updater"

	"syncbox/ota/release"
)

const site = "https://updates.example/"

// mirror gives the files of a folder as a web server does.
type mirror string

func (m mirror) DownloadFile(url string, most int64, _ time.Duration) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(string(m), strings.TrimPrefix(url, site)))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, &metadata.ErrDownloadHTTP{StatusCode: 404, URL: url}
	case int64(len(b)) > most:
		return nil, &metadata.ErrDownloadLengthMismatch{Msg: fmt.Sprintf("%s has %d bytes, want %d at most", url, len(b), most)}
	}
	return b, err
}

// anyClient is a client that is not ours: go-tuf's own, with its cache, as whoever follows the specification would use it. The
// box never does (see package trust).
func anyClient(t *testing.T, dir, cache string) *updater.Updater {
	t.Helper()
	root, err := os.ReadFile(filepath.Join(dir, "metadata", "1.root.json"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.New(site+"metadata", root)
	if err != nil {
		t.Fatal(err)
	}
	c.RemoteTargetsURL = site + "targets"
	c.LocalMetadataDir, c.LocalTargetsDir = filepath.Join(cache, "metadata"), filepath.Join(cache, "targets")
	c.Fetcher = mirror(dir)
	u, err := updater.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestAnotherClient: the repository is one of The Update Framework. A client that knows nothing of ours follows its roots and
// gets every target, and no spoilt one. (In the bubble, its clock shows a time at which nothing has expired.)
func TestAnotherClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := allKeys(t)
		r, dir := newRepo(t, keys)
		publish(t, r, keys, newRelease(t, "1.0.0"))
		publish(t, r, keys, newRelease(t, "1.1.0"))
		cache := t.TempDir()
		if got := takeAll(t, dir, cache); len(got) != 6 { // two whole images, one delta, and their window lists
			t.Errorf("targets %v", got)
		}

		lost, next := keys.Of(release.Root)[0], newKeys(t, 99, release.Root, 1)[0]
		keys = append(without(keys, lost), next)
		if err := r.Rotate(release.Rotation{Remove: []string{lost.Name()}, Add: public(release.Keys{next})}, keys, start); err != nil {
			t.Fatal(err)
		}
		publish(t, r, keys, newRelease(t, "1.2.0"))
		if got := takeAll(t, dir, cache); !slices.Contains(got, "1.2.0/arm64/1.1.0") {
			t.Errorf("targets after another root and another release: %v", got)
		}
		takeAll(t, dir, t.TempDir()) // a client that knows the first root alone

		paths, err := filepath.Glob(filepath.Join(dir, "targets", "1.2.0", "arm64", "*.full"))
		if err != nil || len(paths) != 1 {
			t.Fatal(paths, err)
		}
		if err := change(paths[0], 100); err != nil {
			t.Fatal(err)
		}
		u := anyClient(t, dir, t.TempDir())
		target, err := u.GetTargetInfo("1.2.0/arm64/full")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := u.DownloadTarget(target, "", ""); err == nil {
			t.Error("it took a spoilt target")
		}
	})
}

// takeAll has another client take all targets, and gives their names.
func takeAll(t *testing.T, dir, cache string) (names []string) {
	t.Helper()
	u := anyClient(t, dir, cache)
	if err := u.Refresh(); err != nil {
		t.Fatal(err)
	}
	for name := range u.GetTopLevelTargets() {
		target, err := u.GetTargetInfo(name)
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := u.DownloadTarget(target, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(got); !bytes.Equal(sum[:], target.Hashes["sha256"]) {
			t.Errorf("%s has another hash", name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestRolesOfTheRoot holds how far the root is not what the specification says, for the documents: it gives keys for
// signed orders beside those of its own four roles. Clients differ in whether they read such a root.
func TestRolesOfTheRoot(t *testing.T) {
	_, dir := newRepo(t, allKeys(t))
	b, err := os.ReadFile(filepath.Join(dir, "metadata", "1.root.json"))
	if err != nil {
		t.Fatal(err)
	}
	var root struct {
		Signed struct {
			Roles map[string]json.RawMessage `json:"roles"`
		} `json:"signed"`
	}
	if err := json.Unmarshal(b, &root); err != nil {
		t.Fatal(err)
	}
	want := []string{"danger", "fleet", "ops", "root", "snapshot", "targets", "timestamp"}
	if d := cmp.Diff(want, slices.Sorted(maps.Keys(root.Signed.Roles))); d != "" {
		t.Errorf("roles (-want +got):\n%s", d)
	}
}
