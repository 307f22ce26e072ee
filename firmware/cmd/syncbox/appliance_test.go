package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncbox/board/boot"
	"syncbox/firmware/internal/console/setupcode"
)

// TestErase: a full reset takes everything of the customer, and nothing of the box.
func TestErase(t *testing.T) {
	dir := t.TempDir()
	asked := filepath.Join(dir, filepath.Base(applianceErase))
	for _, name := range []string{"jobs/acomba/state.db", "syncbox.toml", "secrets.toml", "identity/key", "ota/trust", "clock", "anything"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := setupcode.Write(filepath.Join(dir, "setup-code.json"), "ABCD-EFGH-JKLM"); err != nil {
		t.Fatal(err)
	}
	left := func() []string {
		t.Helper()
		all, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range all {
			names = append(names, e.Name())
		}
		return names
	}
	noted := 0
	note := func() error { noted++; return nil }
	if erased, err := erase(dir, asked, note); erased || err != nil || len(left()) != 8 {
		t.Fatalf("without anybody asking: %t, %v, left are %v", erased, err, left())
	}
	if err := os.WriteFile(asked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if erased, err := erase(dir, asked, func() error { return errors.New("no space") }); erased || err == nil {
		t.Fatal("a reset of which nothing is known is over")
	}
	if erased, err := erase(dir, asked, note); !erased || err != nil || noted != 1 {
		t.Fatal(erased, err, noted)
	}
	if got, want := left(), []string{"clock", "identity", "ota", "setup-code.json"}; !slices.Equal(got, want) {
		t.Errorf("left are %v, want %v", got, want)
	}
}

// TestChanged: what is set is taken up by whom it concerns, and nobody else begins anew.
func TestChanged(t *testing.T) {
	tests := []struct {
		keys []string
		want string
	}{
		{[]string{"network.ntp"}, "time"},
		{[]string{"network.hostname"}, "network name"},
		{[]string{"network.address", "network.gateway", "network.dns"}, "network name"},
		{[]string{"network.fixed", "network.ntp"}, "network time name"},
		{[]string{"job.acomba.share.server", "job.acomba.share_password"}, "jobs"},
		{[]string{"box.zone"}, "jobs"},
		{[]string{"network.ntp", "job.acomba.interval"}, "time jobs"},
		{[]string{"support.broker"}, "support"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.keys, " "), func(t *testing.T) {
			m := newMachine(slog.New(slog.DiscardHandler))
			m.changed(tt.keys)
			m.changed(tt.keys) // nobody waits: it is not lost, and blocks nobody
			var got []string
			for _, who := range []struct {
				name  string
				nudge chan struct{}
			}{{"network", m.renet}, {"time", m.retime}, {"name", m.rename}, {"jobs", m.rejob}, {"support", m.resupport}} {
				select {
				case <-who.nudge:
					got = append(got, who.name)
				default:
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("begins anew: %v, want %s", got, tt.want)
			}
		})
	}
}

func TestTerminal(t *testing.T) {
	var b bytes.Buffer
	if n, err := (terminal{&b}).Write([]byte("one\ntwo\n")); n != 8 || err != nil || b.String() != "one\r\ntwo\r\n" {
		t.Errorf("got %d, %v, %q", n, err, b.String())
	}
}

// TestEndAskedFor: what a person asks for is how the box ends; asked twice, the first counts.
func TestEndAskedFor(t *testing.T) {
	do := actions{}
	restart, off := func() error { return do.Restart(t.Context()) }, func() error { return do.PowerOff(t.Context()) }
	for name, row := range map[string]struct {
		asked []func() error
		want  error
	}{
		"restart":               {[]func() error{restart}, boot.ErrReboot},
		"power off":             {[]func() error{off}, nil},
		"power off, then start": {[]func() error{off, restart}, nil},
		"start, then power off": {[]func() error{restart, off}, boot.ErrReboot},
	} {
		t.Run(name, func(t *testing.T) {
			m := &machine{}
			ctx, end := context.WithCancelCause(t.Context())
			m.end, do.m = end, m
			for _, ask := range row.asked {
				if err := ask(); err != nil {
					t.Error(err)
				}
			}
			if ctx.Err() == nil {
				t.Fatal("the parts were not ended")
			}
			if got := after(ctx); !errors.Is(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}
