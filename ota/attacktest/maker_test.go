package attacktest_test

import (
	"context"
	"crypto/sha256"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"syncbox/ota/bundle"
	"syncbox/ota/otatest"
	"syncbox/ota/otatest/box"
	"syncbox/ota/release"
)

// stage gives the folder of the maker's repository as it was after the release of a version. Its making takes a while, so
// that all worlds share it.
func stage(v string) string { return filepath.Join(stages(), v) }

var stages = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "attacktest")
	must(err)
	repo, err := release.Init(filepath.Join(dir, "repo"), makersKeys(), epoch)
	must(err)
	for _, v := range []struct{ version, floor string }{{"1.0.0", "0.0.0"}, {"1.1.0", "0.0.0"}, {"1.2.0", "1.1.0"}} {
		path := filepath.Join(dir, "image")
		must(os.WriteFile(path, system(v.version), 0o600))
		_, err := repo.Publish(context.Background(), releaseOf(v.version, v.floor, path), makersKeys(), epoch)
		must(err)
		must(os.CopyFS(filepath.Join(dir, v.version), os.DirFS(filepath.Join(dir, "repo"))))
	}
	return dir
})

func must(err error) {
	if err != nil {
		panic(err)
	}
}

var makersKeys = sync.OnceValue(func() release.Keys {
	keys, err := release.NewKeys(rand.NewChaCha8([32]byte{1}))
	must(err)
	return keys
})

// takeStage makes the maker's repository that of a stage.
func (w *world) takeStage(v string) {
	w.t.Helper()
	w.must(os.RemoveAll(w.repoDir()))
	w.must(os.CopyFS(w.repoDir(), os.DirFS(stage(v))))
	var err error
	w.repo, err = release.Open(w.repoDir())
	w.must(err)
	for _, published := range []string{"1.0.0", "1.1.0", "1.2.0"} {
		if published <= v {
			w.know(published)
		}
	}
}

// know says that a system is the maker's.
func (w *world) know(v string) {
	if w.images[v] == nil {
		w.images[v] = system(v)
		w.Judge.Images = append(w.Judge.Images, otatest.NewImage(v, system(v)))
	}
}

// maker gives the maker's repository to do something with it.
func (w *world) maker() *release.Repo {
	w.changed = true
	return w.repo
}

// system makes the image of a version.
func system(v string) []byte { return box.Image(v, imageSize) }

func version(v string) bundle.Version {
	got, err := bundle.ParseVersion(v)
	if err != nil {
		panic(err)
	}
	return got
}

// publish makes a release of the maker.
func (w *world) publish(v, floor string, change ...func(*release.Release)) {
	w.t.Helper()
	if v == "1.2.0" && floor == "1.1.0" && len(change) == 0 && !w.changed && w.now().Sub(epoch) < release.TimestampValid {
		w.takeStage(v)
		return
	}
	w.know(v)
	path := filepath.Join(w.dir, v+".img")
	w.must(os.WriteFile(path, system(v), 0o600))
	r := releaseOf(v, floor, path)
	for _, c := range change {
		c(&r)
	}
	_, err := w.maker().Publish(w.t.Context(), r, w.keys, w.now())
	w.must(err)
}

func releaseOf(v, floor, path string) release.Release {
	b := system(v)
	return release.Release{Version: version(v), Board: board, Image: path, SHA256: sha256.Sum256(b), Sums: sumsOf(b),
		Floor: version(floor), Trial: bundle.Trial{Settle: 60, Network: 1800}}
}

func sumsOf(image []byte) map[string]string {
	kernel, initrd := otatest.Sums(image)
	return map[string]string{"vmlinuz": kernel, "initrd": initrd}
}
