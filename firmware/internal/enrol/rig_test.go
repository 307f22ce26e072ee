package enrol_test

import (
	"context"
	"io"
	"log"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"syncbox/firmware/internal/authority"
	"syncbox/firmware/internal/enrol"
)

const (
	box = "syncbox-1a2b"
	day = 24 * time.Hour
)

// quiet is the log of servers whose clients go away on purpose.
var quiet = log.New(io.Discard, "", 0)

func contextWithCancel(t *testing.T) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return ctx, cancel
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rig is a box, an authority, and a clock for both.
type rig struct {
	t       *testing.T
	ca      *authority.Authority
	dir     string
	mu      sync.Mutex // protects now while the box's part runs
	now     time.Time
	clock   time.Time // of the box; zero = now
	blind   bool      // it is not trusted
	server  *url.URL
	off     bool
	changed atomic.Int32
	*enrol.Identity
}

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// newRig makes a box without a certificate.
func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: filepath.Join(t.TempDir(), "identity"), now: start}
	r.ca = r.authority()
	r.reopen()
	return r
}

func (r *rig) time() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// pass lets time go by.
func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// authority makes another one, by the same clock.
func (r *rig) authority() *authority.Authority {
	r.t.Helper()
	ca, err := authority.Create(r.t.TempDir(), "Boxes of Example", nil, r.time)
	must(r.t, err)
	return ca
}

// reopen starts the box's program anew.
func (r *rig) reopen() {
	r.t.Helper()
	id, err := enrol.Open(enrol.Config{
		Folder: r.dir, Box: box, Made: start.Add(-100 * day),
		Settings: func() enrol.Settings { return enrol.Settings{On: !r.off, Server: r.server} },
		Clock: func() (time.Time, bool) {
			if r.clock.IsZero() {
				return r.time(), !r.blind
			}
			return r.clock, !r.blind
		},
		Changed: func() { r.changed.Add(1) }, Chance: func(int64) int64 { return 0 }, Log: slog.New(slog.DiscardHandler),
	})
	must(r.t, err)
	r.Identity = id
}

// issue signs what the box asks for.
func (r *rig) issue() []byte {
	r.t.Helper()
	out, err := r.ca.Issue(authority.Request{Kind: authority.Box, Name: box, CSR: r.Request()})
	must(r.t, err)
	return out.Certificate
}

// enrolled has a box with a certificate that has connected.
func enrolled(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	must(t, r.Install(r.issue(), r.ca.Certificate()))
	r.connects()
	return r
}

// shown gives the end of the certificate that the box shows.
func (r *rig) shown() time.Time {
	r.t.Helper()
	cert, pool, err := r.Credentials(r.t.Context())
	must(r.t, err)
	if pool == nil {
		r.t.Fatal("no authorities")
	}
	return cert.Leaf.NotAfter
}

// connects has the broker let the box in, and gives the end of the certificate.
func (r *rig) connects() time.Time {
	until := r.shown()
	r.Connected()
	return until
}

// refused has the broker refuse it, and gives the end of the certificate.
func (r *rig) refused() time.Time {
	until := r.shown()
	r.Refused()
	return until
}

// later is when a certificate ends that the authority signs after some time.
func later(after time.Duration) time.Time { return start.Add(after + 365*day) }

func (r *rig) files() (names []string) {
	r.t.Helper()
	all, err := os.ReadDir(r.dir)
	must(r.t, err)
	for _, e := range all {
		info, err := e.Info()
		must(r.t, err)
		if info.Mode().Perm() != 0o600 {
			r.t.Errorf("%s: mode %o", e.Name(), info.Mode().Perm())
		}
		names = append(names, e.Name())
	}
	return names
}

func (r *rig) want(code enrol.Code, err error) {
	r.t.Helper()
	if got := enrol.CodeOf(err); got != code {
		r.t.Errorf("got %q (%v), want %q", got, err, code)
	}
}
