package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/firmware/internal/sitetest"
	"syncbox/image/manifest"
	"syncbox/image/recipe"
	"syncbox/ota/bundle"
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

// maker is who makes the product and publishes it, on a server on this machine.
type maker struct {
	t    *testing.T
	dir  string
	keys release.Keys
	repo *release.Repo

	server *httptest.Server

	mu   sync.Mutex // protects what follows
	cut  bool       // the next payload is cut in its middle
	gave []string   // what was given: path, range and bytes
}

// Bounds of a trial, in seconds: a release of the field has 60 and 1800.
var trial = bundle.Trial{Settle: 5, Network: 90}

func newMaker(t *testing.T) *maker {
	t.Helper()
	m := &maker{t: t, dir: t.TempDir()}
	roles, needed := release.Roles()
	random := rand.NewChaCha8([32]byte{1})
	for _, role := range roles {
		for range needed[role] {
			key, err := release.NewKey(role, random)
			m.no(err)
			m.keys = append(m.keys, key)
		}
	}
	var err error
	m.repo, err = release.Init(filepath.Join(m.dir, "repository"), m.keys, time.Now())
	m.no(err)
	m.server = httptest.NewServer(m)
	t.Cleanup(m.server.Close)
	return m
}

func (m *maker) no(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// address is that of the server, for a box in QEMU.
func (m *maker) address() string {
	_, port, err := net.SplitHostPort(m.server.Listener.Addr().String())
	m.no(err)
	return "http://" + net.JoinHostPort(sitetest.Server, port)
}

// publish builds an edition and publishes it.
func (m *maker) publish(ctx context.Context, e edition) *manifest.Manifest {
	m.t.Helper()
	out := filepath.Join(m.dir, e.version)
	m.no(os.Mkdir(out, 0o700))
	built, err := recipe.Build(ctx, recipe.Spec{Source: "../../..", Out: out, Cache: "../../../build", DataSize: dataSize, Version: e.version,
		Root: m.repo.RootFile(), Go: m.overlay(out, e.changes)})
	m.no(err)
	version, err := bundle.ParseVersion(e.version)
	m.no(err)
	var sum bundle.Digest
	m.no(sum.UnmarshalText([]byte(built.Slot.SHA256)))
	sums := map[string]string{}
	for _, f := range built.SlotFiles {
		sums[f.Name] = string(f.Sum)
	}
	names, err := m.repo.Publish(ctx, release.Release{Version: version, Board: "arm64", Image: filepath.Join(out, recipe.SlotFile), SHA256: sum,
		Sums: sums, Trial: trial, Notes: map[string]string{"fr": "Édition " + e.version, "en": "Edition " + e.version}}, m.keys, time.Now())
	m.no(err)
	m.t.Logf("published %v", names)
	return built
}

// overlay gives the arguments of "go build" that lay changes over the source.
func (m *maker) overlay(dir string, changes []change) []string {
	m.t.Helper()
	if len(changes) == 0 {
		return nil
	}
	replace := map[string]string{}
	for i, c := range changes {
		path, err := filepath.Abs(filepath.Join("../../..", c.file))
		m.no(err)
		text, err := os.ReadFile(path)
		m.no(err)
		if n := strings.Count(string(text), c.old); n != 1 {
			m.t.Fatalf("%s: the text to replace stands there %d times: %q", c.file, n, c.old)
		}
		replace[path] = filepath.Join(dir, fmt.Sprintf("%d.go", i))
		m.no(os.WriteFile(replace[path], []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o600))
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	m.no(err)
	path := filepath.Join(dir, "overlay.json")
	m.no(os.WriteFile(path, text, 0o600))
	return []string{"-overlay=" + path}
}

// wish signs an order for a box.
func (m *maker) wish(version string) []byte {
	m.t.Helper()
	v, err := bundle.ParseVersion(version)
	m.no(err)
	text, err := m.repo.Wish(release.Wish{To: "box:" + sitetest.Box, Version: v, Board: "arm64", Now: true, Valid: time.Hour}, m.keys, time.Now(),
		rand.NewChaCha8([32]byte{2, byte(len(m.gave))}))
	m.no(err)
	return text
}

// interrupt has the next payload end in its middle.
func (m *maker) interrupt() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cut, m.gave = true, nil
}

// given tells what was given since the last interruption.
func (m *maker) given() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.gave)
}

// ServeHTTP serves the repository as any web server does, but for the interruption.
func (m *maker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	payload := strings.HasPrefix(r.URL.Path, "/targets/") && !strings.HasSuffix(r.URL.Path, ".windows")
	m.mu.Lock()
	cut := m.cut && payload
	if cut {
		m.cut = false
	}
	m.gave = append(m.gave, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("Range")))
	m.mu.Unlock()
	if cut {
		w = &short{ResponseWriter: w, left: -1}
	}
	http.ServeFile(w, r, filepath.Join(m.dir, "repository", filepath.FromSlash(r.URL.Path)))
}

// short is an answer of which only the first half arrives.
type short struct {
	http.ResponseWriter
	left int64 // bytes; negative before the first one
}

func (s *short) Write(b []byte) (int, error) {
	if s.left < 0 {
		whole, err := strconv.ParseInt(s.Header().Get("Content-Length"), 10, 64)
		if err != nil {
			return 0, err
		}
		s.left = whole / 2
	}
	n, err := s.ResponseWriter.Write(b[:min(int64(len(b)), s.left)])
	if s.left -= int64(n); err == nil && n < len(b) {
		s.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler) // the connection breaks
	}
	return n, err
}
