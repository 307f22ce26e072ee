package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/fleet/fleettest"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/brokertest"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/ota/trust"
	updater "syncbox/ota/update"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// house is a box behind the real channel of the box: it notes what it is asked to do.
type house struct {
	ring  order.Keyring
	store *support.Store
	desk  *support.Desk
	known sync.Map // wishes, by id

	mu  sync.Mutex // protects did
	did []string
}

func (h *house) note(format string, args ...any) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.did = append(h.did, fmt.Sprintf(format, args...))
	return nil
}

func (h *house) Identify(context.Context) error { return h.note("identify") }
func (h *house) Update(context.Context) error   { return h.note("update") }
func (h *house) Renew(context.Context) error    { return h.note("renew") }

func (h *house) Job(_ context.Context, job string, verb engine.Verb) error {
	return h.note("%v %s", verb, job)
}

func (h *house) Do(_ context.Context, a panel.Action) error { return h.note("%v", a) }

func (h *house) Configure(_ context.Context, changes []config.Change, vouched bool) (names []string, err error) {
	for _, c := range changes {
		names = append(names, c.Key)
	}
	return names, h.note("config %v %v", names, vouched)
}

func (h *house) Journal(_ context.Context, job string, from uint64, limit int) (all []store.Event, err error) {
	for n := max(from, 1); n <= 150 && len(all) < limit; n++ {
		all = append(all, store.Event{Seq: n, At: time.Unix(1795338000, 0), Severity: store.Info, Code: "cycle-complete", Args: map[string]string{"count": "7"}})
	}
	return all, nil
}

func (h *house) Facts(context.Context) support.Facts { return support.Facts{FW: "1.0.0", Board: "pi4"} }
func (h *house) Has(string) bool                     { return false }
func (h *house) Cancel() error                       { return h.note("cancel") }

// Wish is an updater for which every release is there at once.
func (h *house) Wish(_ context.Context, envelope []byte) (updater.Answer, error) {
	o, err := order.Verify(envelope, h.ring, order.Box{Name: "B1", Groups: h.store.Standing().Groups, Now: time.Now(), ClockTrusted: true})
	var refused *order.Refusal
	switch {
	case errors.As(err, &refused):
		return updater.Answer{ID: refused.ID, Phase: updater.PhaseRejected, Code: updater.Code(refused.Code)}, nil
	case o.Wave != nil && !o.Wave.Takes("B1"):
		return updater.Answer{ID: o.ID, Phase: updater.PhaseRejected, Code: updater.Code(order.NotMe)}, nil
	}
	if _, known := h.known.LoadOrStore(o.ID, true); known { // what the broker keeps comes again with other groups
		return updater.Answer{ID: o.ID, Phase: updater.PhaseAccepted}, nil
	}
	h.note("%s %s", o.Op, o.Target.Version)
	go h.desk.Updated(updater.Event{Wish: o.ID, Phase: updater.PhaseSucceeded, Version: o.Target.Version})
	return updater.Answer{ID: o.ID, Phase: updater.PhaseAccepted}, nil
}

// live connects the house until the end of the test.
func (h *house) live(t *testing.T, s *fleettest.Site) {
	t.Helper()
	var lost error
	var err error
	if h.store, lost, err = support.OpenFile(filepath.Join(t.TempDir(), "support.db")); err != nil || lost != nil {
		t.Fatal(err, lost)
	}
	mine, err := s.CA.Client("B1")
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	never := func(int64) int64 { return 0 }
	h.desk = support.NewDesk(support.DeskConfig{Box: "B1", Actions: h, Wishes: h, Log: quiet,
		Keys:  func() (order.Keyring, error) { return h.ring, nil },
		Clock: func() trust.Clock { return trust.Clock{Now: time.Now(), Trusted: true} },
		Words: func(key string, _ map[string]string) string { return key }}, h.store)
	dialer := support.NewDialer(func() []string { return s.Addrs[len(s.Addrs)-1:] }, func() (*tls.Config, error) { return mine, nil }, never)
	channel := support.New(support.Config{Box: "B1", Open: dialer.Open, Online: func() bool { return true }, Chance: never,
		Standing: func() wire.Status { return wire.Status{State: wire.Ready, FW: "1.0.0", Slot: "a"} },
		Desk:     h.desk, Store: h.store, Log: quiet})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- channel.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestMeet: what this program sends is what the box's own channel carries out, over each of the brokers that there are recipes for;
// over a cluster, box and support are at different servers.
func TestMeet(t *testing.T) {
	const recipes, pinned = "../../../testdata/brokers/", "../../internal/support/brokertest/natsserver"
	for name, open := range map[string]func(ctx context.Context, dir string) (*fleettest.Site, error){
		"mosquitto": func(ctx context.Context, dir string) (*fleettest.Site, error) {
			return fleettest.Open(ctx, recipes+"mosquitto", dir)
		},
		"NATS": func(ctx context.Context, dir string) (*fleettest.Site, error) {
			return fleettest.OpenNATS(ctx, pinned, recipes+"nats", dir, "B1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := open(t.Context(), t.TempDir())
			brokertest.Need(t, err)
			t.Cleanup(func() {
				if err := s.Stop(); err != nil {
					t.Error(err)
				}
			})
			meet(t, s)
		})
	}
}

func meet(t *testing.T, s *fleettest.Site) {
	mine := t.TempDir()
	if err := s.Write(fleettest.Support, mine); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CONFIG_HOME", mine)
	boxctl := func(line string) (int, string) {
		var out bytes.Buffer
		code := run(t.Context(), strings.Fields(line), strings.NewReader(""), &out, &out)
		return code, out.String()
	}
	must := func(line string) string {
		t.Helper()
		code, out := boxctl(line)
		if code != exitOK {
			t.Fatalf("boxctl %s: exit code %d\n%s", line, code, out)
		}
		return out
	}
	keys, repo := filepath.Join(mine, "keys"), filepath.Join(mine, "repo")
	all := ""
	for _, holder := range []string{"holder-1", "holder-2", "reserve", "online", "support"} {
		all += " -keys " + filepath.Join(keys, holder)
	}
	must("keys new -out " + keys)
	must("release init -repo " + repo + all)
	root, err := os.ReadFile(filepath.Join(repo, "metadata", "1.root.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := build(mine, "1.1.0", root); err != nil {
		t.Fatal(err)
	}
	must("release publish -repo " + repo + all + " -manifest " + filepath.Join(mine, "syncbox.manifest.json"))
	h := &house{}
	if h.ring, err = (trust.Anchor{Root: root}).Keys(trust.State{}); err != nil {
		t.Fatal(err)
	}
	h.live(t, s)

	path := filepath.Join(mine, fleettest.Support)
	reach := " -lang en -broker " + s.Addrs[0] + " -ca " + filepath.Join(s.Dir, "ca.crt") + " -cert " + path + ".crt -key " + path + ".key"
	signing := reach + " -repo " + repo + all
	for _, line := range []string{
		"sync B1", "stop B1 -job acomba", "identify B1", "renew B1", "cancel B1 -yes", "resync B1 -level 1 -job acomba", "resync B1 -level 2 -yes",
		"reset B1 -level network -yes", "config B1 job.acomba.interval=15m", "config B1 -yes job.acomba.share.server=10.0.0.9",
		"update B1 1.1.0 -yes", "update B1 1.1.0 -yes -group eu-1 -reconnect-spread 0", "rollout eu-1 1.1.0 -percent 100 -wave 0s -yes",
	} {
		must(line + signing)
	}
	want := []string{"force ", "stop acomba", "identify", "renew", "cancel", "resync-1 acomba", "resync-2 ", "reset-network",
		"config [job.acomba.interval] false", "config [job.acomba.share.server] true", "desired 1.1.0", "desired 1.1.0", "rollout 1.1.0"}
	h.mu.Lock()
	got := append([]string(nil), h.did...)
	h.mu.Unlock()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("done by the box (-want +got):\n%s", d)
	}
	if out := must("diag B1" + signing); !strings.Contains(out, "Version 1.0.0") {
		t.Errorf("diag: %s", out)
	}
	if out := must("journal B1 -from 40 -limit 70" + signing); strings.Count(out, "2026-11-22") != 70 {
		t.Errorf("journal: %d events", strings.Count(out, "2026-11-22"))
	}
	if out := must("show B1" + reach); !strings.Contains(out, "B1: ready. Version 1.0.0, slot a") {
		t.Errorf("show: %s", out)
	}
	if code, out := boxctl("cancel B1 -id 01JD9F2M4Q0000000000000000" + signing); code != exitRefused {
		t.Errorf("cancel of an order that is not there: exit code %d: %s", code, out)
	}
}
