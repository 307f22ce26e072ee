package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/firmware/internal/fleet/fleettest"
	"syncbox/firmware/internal/support/brokertest"
)

// page is what a program prints, for somebody who waits for words on it.
type page struct {
	mu   sync.Mutex // protects text
	text bytes.Buffer
	more chan struct{}
}

func newPage() *page { return &page{more: make(chan struct{}, 1)} }

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
	return p.text.Write(b)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// until waits for words.
func (p *page) until(t *testing.T, words string) {
	t.Helper()
	for patience := time.After(30 * time.Second); !strings.Contains(p.String(), words); {
		select {
		case <-p.more:
		case <-patience:
			t.Fatalf("never says %q, but:\n%s", words, p)
		}
	}
}

// TestWatch: boxes and events are told as they come, what makes no sense as such, and a broker that is lost is found again.
func TestWatch(t *testing.T) {
	for name, tt := range map[string]struct {
		flags              []string
		first, event, anew string
	}{
		"for people":   {nil, "B1: ready, version 1.0.0", "B1: security order-�[2J", "B2: ready"},
		"for programs": {[]string{"-json"}, `{"box":"B1","state":"ready","session":1,"fw":"1.0.0"`, `{"box":"B1","kind":"security","code":"order-\u001b[2J"`, `{"box":"B2"`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := fleettest.Open(t.Context(), "../../../testdata/brokers/mosquitto", dir)
			brokertest.Need(t, err)
			t.Cleanup(func() { s.Broker.Stop() })
			mine := t.TempDir()
			b := &fleettest.Box{Name: "B1", FW: "1.0.0", Session: 1}
			if err := errors.Join(s.Write(fleettest.Support, mine), s.Join(b)); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			out, errw, code := newPage(), newPage(), make(chan int, 1)
			path := filepath.Join(mine, fleettest.Support)
			args := append([]string{"watch", "-lang", "en", "-broker", s.Broker.Addr, "-ca", filepath.Join(dir, "ca.crt"), "-cert", path + ".crt", "-key", path + ".key"}, tt.flags...)
			t.Setenv("XDG_CONFIG_HOME", mine)
			go func() { code <- run(ctx, args, strings.NewReader(""), out, errw) }()
			out.until(t, tt.first)
			if err := b.Say("evt/security", false, `{"code":"order-\u001b[2J","ts":1,"session":1}`); err != nil {
				t.Fatal(err)
			}
			out.until(t, tt.event)
			if err := errors.Join(s.Broker.Kill(), s.Broker.Start(t.Context()), s.Join(&fleettest.Box{Name: "B2", FW: "1.0.0", Session: 1})); err != nil {
				t.Fatal(err)
			}
			errw.until(t, "connection to the broker lost")
			out.until(t, tt.anew)
			cancel()
			if got := <-code; got != exitOK {
				t.Errorf("exit code %d: %s", got, errw)
			}
			if strings.Contains(out.String(), "\x1b") {
				t.Errorf("a control character of the box:\n%q", out)
			}
		})
	}
}
