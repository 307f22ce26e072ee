package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/image/manifest"
	"syncbox/image/recipe"
	"syncbox/ota/release"
)

// change replaces a text of the product's source, which stands there once.
type change struct{ file, old, new string }

// edition is a version that is published. Its changes are laid over the source when it is built: nothing of the product
// knows of them.
type edition struct {
	version string
	changes []change
}

// first is what boxes leave the factory with.
var first = edition{version: "1.0.0"}

// maker is who makes the product. Each edition is built once; whoever publishes it has the same keys.
type maker struct {
	dir     string
	keys    release.Keys
	founded time.Time
	root    string // file of the signed root

	mu    sync.Mutex // protects what follows, and lets one edition be built at a time
	built map[string]*manifest.Manifest
}

func newMaker(t *testing.T) *maker {
	t.Helper()
	keys, err := release.NewKeys(rand.NewChaCha8([32]byte{1}))
	no(t, err)
	m := &maker{dir: t.TempDir(), keys: keys, founded: time.Now(), built: map[string]*manifest.Manifest{}}
	repo, err := release.Init(filepath.Join(m.dir, "repository"), m.keys, m.founded)
	no(t, err)
	m.root = repo.RootFile()
	return m
}

// no ends the test with an error.
func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// file gives the place of a result of building an edition.
func (m *maker) file(e edition, name string) string { return filepath.Join(m.dir, e.version, name) }

// build builds an edition, unless that was done.
func (m *maker) build(t *testing.T, ctx context.Context, e edition) *manifest.Manifest {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if done := m.built[e.version]; done != nil {
		return done
	}
	out := m.file(e, "")
	no(t, os.Mkdir(out, 0o700))
	built, err := recipe.Build(ctx, recipe.Spec{Source: "../../..", Out: out, Cache: "../../../build", DataSize: dataSize, Version: e.version,
		Root: m.root, Go: overlay(t, out, e.changes)})
	no(t, err)
	m.built[e.version] = built
	return built
}

// overlay gives the arguments of "go build" that lay changes over the source.
func overlay(t *testing.T, dir string, changes []change) []string {
	t.Helper()
	if len(changes) == 0 {
		return nil
	}
	replace := map[string]string{}
	for i, c := range changes {
		path, err := filepath.Abs(filepath.Join("../../..", c.file))
		no(t, err)
		text, err := os.ReadFile(path)
		no(t, err)
		if n := strings.Count(string(text), c.old); n != 1 {
			t.Fatalf("%s: the text to replace stands there %d times: %q", c.file, n, c.old)
		}
		replace[path] = filepath.Join(dir, fmt.Sprintf("%d.go", i))
		no(t, os.WriteFile(replace[path], []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o600))
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	no(t, err)
	path := filepath.Join(dir, "overlay.json")
	no(t, os.WriteFile(path, text, 0o600))
	return []string{"-overlay=" + path}
}
