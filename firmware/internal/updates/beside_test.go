package updates_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
	"syncbox/firmware/internal/updates"
	"syncbox/ota/update"
	"syncbox/sync/engine"
)

// deadline bounds every wait; nothing is ever expected to take that long.
const deadline = time.Minute

// gate has whoever comes stand before it until it is opened.
type gate struct{ came, open chan struct{} }

func newGate() gate { return gate{make(chan struct{}, 1), make(chan struct{})} }

// pass waits at the gate.
func (g gate) pass(r *http.Request) {
	select {
	case g.came <- struct{}{}:
	default:
	}
	select {
	case <-g.open:
	case <-r.Context().Done():
	}
}

// standing waits until somebody stands at the gate.
func (g gate) standing(t *testing.T, what string) {
	t.Helper()
	select {
	case <-g.came:
	case <-time.After(deadline):
		t.Fatalf("nobody came: %s", what)
	}
}

// halfway serves the repository, but of a payload, whoever asks gets the first half, and waits at the gate for the rest.
func (r *rig) halfway(g gate) *url.URL {
	r.t.Helper()
	files := http.FileServer(http.Dir(filepath.Join(r.dir, "repository")))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if path := q.URL.Path; strings.HasPrefix(path, "/targets/") && !strings.HasSuffix(path, ".windows") {
			w = &halved{ResponseWriter: w, wait: func() { g.pass(q) }}
		}
		files.ServeHTTP(w, q)
	}))
	r.t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	r.no(err)
	return address
}

// halved is an answer that stops in the middle of each piece.
type halved struct {
	http.ResponseWriter
	wait func()
}

func (h *halved) Write(b []byte) (int, error) {
	n, err := h.ResponseWriter.Write(b[:len(b)/2])
	if err != nil {
		return n, err
	}
	h.ResponseWriter.(http.Flusher).Flush()
	h.wait()
	rest, err := h.ResponseWriter.Write(b[n:])
	return n + rest, err
}

// shop is a company, a CRM, and the box's jobs between them.
type shop struct {
	storytest.Sides
	t    *testing.T
	app  *app.App
	shut atomic.Pointer[gate] // what asks the CRM stands at it; nil = none
}

const shopText = `[box]
name = "box"
data = %q

[[job]]
name = %q
pair = "acomba-centrixone"
direction = "one-way"
interval = "1h"

[job.share]
kind = "directory"
path = %q

[job.acomba]
company = %q
quiet_ms = 40

[job.centrixone]
url = %q
rate = 100.0
max_server_late = "2s"
`

// newShop starts the jobs of a box, as on the box, and waits for the first sync.
func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t}
	dir := t.TempDir()
	var err error
	s.ERP, err = sitetest.NewCompany(filepath.Join(dir, "share"), 6, 8)
	s.no(err)
	s.CRM = centrixonetest.New(centrixonetest.Options{Account: sitetest.CRMAccount, Key: sitetest.CRMKey, Source: centrixonetest.Acomba,
		AutomaticBilling: true, Write: true, RateLimit: &centrixonetest.Rate{}})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g := s.shut.Load(); g != nil {
			g.pass(r)
		}
		s.CRM.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	for name, text := range map[string]string{
		"syncbox.toml": fmt.Sprintf(shopText, filepath.Join(dir, "data"), sitetest.Job, filepath.Join(dir, "share"), sitetest.Company, server.URL),
		"secrets.toml": fmt.Sprintf("[job.%s]\ncrm_account = %q\ncrm_key = %q\n", sitetest.Job, sitetest.CRMAccount, sitetest.CRMKey),
	} {
		s.no(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	c, err := config.Load(filepath.Join(dir, "syncbox.toml"))
	s.no(err)
	s.app, err = app.New(c, slog.New(slog.DiscardHandler))
	s.no(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.app.Run(ctx) }()
	t.Cleanup(func() { cancel(); s.no(<-ended); s.no(s.app.Close()) })
	s.until("first sync", func() bool { return !s.status().LastEnd.IsZero() })
	return s
}

func (s *shop) no(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) until(what string, so func() bool) {
	s.t.Helper()
	s.no(storytest.Until(s.t.Context(), what, deadline, so))
}

func (s *shop) status() engine.Status {
	st, _ := s.app.Jobs[0].Status()
	return st
}

// edit has somebody change a customer in the company, and asks for a sync.
func (s *shop) edit(city string) {
	s.t.Helper()
	s.no(s.ERP.ModifyCustomer(s.customer().CardPos, func(c *acombatest.Customer) { c.City = city }))
	s.no(s.app.Jobs[0].Do(s.t.Context(), engine.Force, ""))
}

func (s *shop) customer() acombatest.Customer {
	s.t.Helper()
	all, err := s.ERP.Customers()
	s.no(err)
	return all[0]
}

// arrived says whether the CRM shows all of the company.
func (s *shop) arrived() bool {
	s.t.Helper()
	p, err := s.Picture()
	s.no(err)
	return len(s.Missing(p)) == 0
}

// TestBesideTheSync: a sync comes to its end while a download stands still in its middle; and a new version is fetched, written,
// read again and let start while a sync stands still in its middle.
func TestBesideTheSync(t *testing.T) {
	s, r := newShop(t), newRig(t)
	download, crm := newGate(), newGate()
	r.mu.Lock()
	r.jobsNow = func() []updates.Job { return updates.JobsOf(s.app, time.Now()) }
	r.settings.Servers = []*url.URL{r.halfway(download)}
	r.mu.Unlock()
	r.accepted(r.wish("box:box"))
	download.standing(t, "the download")

	before := s.status().LastEnd
	s.edit("Rimouski")
	s.until("an edit while the download stands", s.arrived)
	s.until("the end of the sync", func() bool { st := s.status(); return st.LastEnd.After(before) && st.Ways[0].Outcome == engine.Success })
	if st := r.part.Status(); st.Doing != update.Downloading || st.Version != oldVersion {
		t.Errorf("the download stood: %+v", st)
	}

	s.shut.Store(&crm)
	s.edit("Matane")
	crm.standing(t, "the sync")
	close(download.open)
	s.until("the restart", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return r.reboots > 0 })
	r.written()
	if s.arrived() {
		t.Error("the sync did not stand")
	}
	close(crm.open)
	s.until("an edit after that", s.arrived)
}
