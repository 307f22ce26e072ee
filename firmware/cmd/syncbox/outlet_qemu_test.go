package main

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/firmware/internal/sitetest"
	"syncbox/image/recipe"
	"syncbox/ota/bundle"
	"syncbox/ota/release"
)

// outlet is where a maker publishes editions, one after the other: a repository, and a server on this machine. Each story
// that needs one has its own.
type outlet struct {
	*maker
	t      *testing.T
	dir    string
	repo   *release.Repo
	out    []edition // what is published
	server *httptest.Server
	later  bool // what is ordered keeps to the hours

	mu   sync.Mutex // protects what follows
	cut  bool       // the next payload is cut in its middle
	gave []string   // what was given: path and range
}

// Bounds of a trial, in seconds: a release of the field has 60 and 1800.
var trial = bundle.Trial{Settle: 5, Network: 90}

// open gives an outlet that has published some editions.
func (m *maker) open(t *testing.T, ctx context.Context, editions ...edition) *outlet {
	t.Helper()
	o := &outlet{maker: m, t: t, dir: filepath.Join(t.TempDir(), "repository")}
	var err error
	o.repo, err = release.Init(o.dir, m.keys, m.founded)
	no(t, err)
	o.server = httptest.NewServer(o)
	t.Cleanup(o.server.Close)
	for _, e := range editions {
		o.publish(ctx, e)
	}
	return o
}

// address is that of the server, for a box in QEMU.
func (o *outlet) address() string {
	_, port, err := net.SplitHostPort(o.server.Listener.Addr().String())
	no(o.t, err)
	return "http://" + net.JoinHostPort(sitetest.Server, port)
}

// publish builds an edition and publishes it.
func (o *outlet) publish(ctx context.Context, e edition) {
	o.t.Helper()
	built := o.build(o.t, ctx, e)
	version, err := bundle.ParseVersion(e.version)
	no(o.t, err)
	var sum bundle.Digest
	no(o.t, sum.UnmarshalText([]byte(built.Slot.SHA256)))
	sums := map[string]string{}
	for _, f := range built.SlotFiles {
		sums[f.Name] = string(f.Sum)
	}
	names, err := o.repo.Publish(ctx, release.Release{Version: version, Board: "arm64", Image: o.file(e, recipe.SlotFile), SHA256: sum,
		Sums: sums, Trial: trial, Notes: map[string]string{"fr": "Édition " + e.version, "en": "Edition " + e.version}}, o.keys, time.Now())
	no(o.t, err)
	o.out = append(o.out, e)
	o.t.Logf("published %v", names)
}

// wish signs an order for a box.
func (o *outlet) wish(version string) []byte {
	o.t.Helper()
	v, err := bundle.ParseVersion(version)
	no(o.t, err)
	text, err := o.repo.Wish(release.Wish{To: "box:" + sitetest.Box, Version: v, Board: "arm64", Now: !o.later, Valid: time.Hour}, o.keys, time.Now(),
		rand.NewChaCha8([32]byte{2, byte(v.Minor)}))
	no(o.t, err)
	return text
}

// interrupt has the next payload end in its middle.
func (o *outlet) interrupt() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cut, o.gave = true, nil
}

// given tells what was given of payloads since the interruption.
func (o *outlet) given() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.gave)
}

// ServeHTTP serves the repository as any web server does, but for the interruption.
func (o *outlet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/targets/") && !strings.HasSuffix(r.URL.Path, ".windows") {
		o.mu.Lock()
		if o.cut {
			w = &short{ResponseWriter: w, left: -1}
		}
		o.cut = false
		o.gave = append(o.gave, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("Range")))
		o.mu.Unlock()
	}
	http.ServeFile(w, r, filepath.Join(o.dir, filepath.FromSlash(r.URL.Path)))
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
