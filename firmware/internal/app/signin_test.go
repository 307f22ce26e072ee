package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
)

// relay is a sign-in relay, as its description has it, at which somebody has signed in or not yet.
type relay struct {
	*httptest.Server
	mu     sync.Mutex // protects what follows
	signed bool
	paths  []string
}

func newRelay(t *testing.T) *relay {
	r := &relay{}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths = append(r.paths, strings.TrimPrefix(req.URL.Path, "/v1/quickbooks/"))
	answer := map[string]any{}
	switch r.paths[len(r.paths)-1] {
	case "begin":
		answer = map[string]any{"state": "abc", "authorize": "https://appcenter.example/connect?state=abc", "expires_in": 600}
	case "collect", "exchange":
		if !r.signed {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		answer = map[string]any{"realm": "9130", "access_token": "ACCESS-TOKEN", "refresh_token": "REFRESH-TOKEN", "token_type": "bearer",
			"expires_in": 3600, "x_refresh_token_expires_in": 8726400}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (r *relay) sign() { r.mu.Lock(); r.signed = true; r.mu.Unlock() }

// told is what SignIns tells of.
type told struct{ codes []string }

func (s *told) changed(_ context.Context, job string, connected bool) {
	s.codes = append(s.codes, fmt.Sprint(job, " ", connected))
}

func signIns(t *testing.T, dir, relay string) (*app.SignIns, *told, *strings.Builder) {
	t.Helper()
	var log strings.Builder
	seen := &told{}
	conf := config.Config{Box: config.Box{Name: "syncbox-7Q2K", Data: dir, Zone: time.UTC}, Jobs: []config.Job{
		{Name: "north", Pair: string(config.AcombaCentrixOne)},
		{Name: "qb", Pair: string(config.QuickBooksCentrixOne), QuickBooks: quickbooks.Config{RelayURL: relay, BoxName: "syncbox-7Q2K"}},
	}}
	return &app.SignIns{Draft: func() (config.Config, error) { return conf, nil }, Changed: seen.changed, Log: slog.New(slog.NewTextHandler(&log, nil))}, seen, &log
}

func state(t *testing.T, s *app.SignIns) quickbooks.Connection {
	t.Helper()
	c, err := s.Connection(t.Context(), "qb")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A person signs in at the address that the box gives; the relay hands the tokens over; they are kept for the box alone, and
// shown nowhere. Whoever names another relay has to connect again: no token is sent there.
//
// Requirement: QBO-4, EXT-12
func TestSignIn(t *testing.T) {
	r, dir := newRelay(t), t.TempDir()
	s, seen, log := signIns(t, dir, r.URL)
	if c := state(t, s); c.State != quickbooks.Never {
		t.Fatalf("before: %q", c.State)
	}
	link, err := s.Begin(t.Context(), "qb")
	if err != nil || !strings.HasPrefix(link, "https://appcenter.example/") {
		t.Fatalf("begin: %q, %v", link, err)
	}
	if done, err := s.Collect(t.Context(), "qb"); done || err != nil || len(seen.codes) != 0 {
		t.Fatalf("nobody has signed in, and collect gives %v, %v, told %v", done, err, seen.codes)
	}
	r.sign()
	if done, err := s.Collect(t.Context(), "qb"); !done || err != nil {
		t.Fatalf("collect: %v, %v", done, err)
	}
	if c := state(t, s); c.State != quickbooks.Connected || c.Realm != "9130" {
		t.Errorf("after: %+v", c)
	}
	path := filepath.Join(dir, "qb", "quickbooks.json")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of the tokens: %v, %v", info, err)
	}
	again, _, _ := signIns(t, dir, r.URL)
	if c := state(t, again); c.State != quickbooks.Connected {
		t.Errorf("after a restart: %q", c.State)
	}
	elsewhere, _, _ := signIns(t, dir, "https://other.example")
	if c := state(t, elsewhere); c.State != quickbooks.Never {
		t.Errorf("with another relay: %q, want it to know of no connection", c.State)
	}
	if strings.Contains(log.String(), "TOKEN") || strings.Contains(log.String(), "9130") {
		t.Errorf("the log tells secrets: %s", log.String())
	}
	if err := s.Disconnect(t.Context(), "qb"); err != nil {
		t.Errorf("disconnect: %v", err)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), "TOKEN") {
		t.Errorf("after disconnecting, the file holds a token, or can't be read: %v", err)
	}
	if want := []string{"qb true", "qb false"}; !slices.Equal(seen.codes, want) {
		t.Errorf("told %v, want %v", seen.codes, want)
	}
	if !slices.Contains(r.paths, "revoke") {
		t.Errorf("the relay was asked for %v, and not to revoke", r.paths)
	}
}

// What is pasted works where the hand-over does not; what is no such address is refused with a code that has words.
func TestSignInPasted(t *testing.T) {
	r := newRelay(t)
	r.sign()
	s, seen, _ := signIns(t, t.TempDir(), r.URL)
	if _, err := s.Begin(t.Context(), "qb"); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context(), "qb", "https://example.org/"); connectors.CodeOf(err) != quickbooks.CodePasteUnreadable {
		t.Errorf("another page's address: %v", err)
	}
	if err := s.Finish(t.Context(), "qb", "https://relay.example/back?code=x&state=abc&realmId=9130"); err != nil {
		t.Errorf("the address: %v", err)
	}
	if c := state(t, s); c.State != quickbooks.Connected || len(seen.codes) != 1 {
		t.Errorf("after: %q, told %v", c.State, seen.codes)
	}
}

// Only what there is can be connected.
func TestSignInOfOtherJobs(t *testing.T) {
	s, _, _ := signIns(t, t.TempDir(), "https://relay.example")
	if _, err := s.Begin(t.Context(), "north"); !errors.Is(err, app.ErrNoSignIn) {
		t.Errorf("a job with Acomba: %v", err)
	}
	if _, err := s.Begin(t.Context(), "south"); err == nil || errors.Is(err, app.ErrNoSignIn) {
		t.Errorf("a job that there is not: %v", err)
	}
	s.Draft = func() (config.Config, error) { return config.Config{}, io.ErrUnexpectedEOF }
	if _, err := s.Begin(t.Context(), "qb"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("without a configuration: %v", err)
	}
}

// A file that is damaged is no connection that never was: a person has to look, and none of its text is told.
func TestDamagedTokens(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "qb"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "qb", "quickbooks.json"), []byte(`"REFRESH-TOKEN`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, log := signIns(t, dir, "https://relay.example")
	if c := state(t, s); c.Code != quickbooks.CodeTokens {
		t.Errorf("got %+v, want %s", c, quickbooks.CodeTokens)
	}
	if strings.Contains(log.String(), "TOKEN") {
		t.Error("the log tells what it holds")
	}
}
