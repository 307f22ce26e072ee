package usage_test

import (
	"bytes"
	"log/slog"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"syncbox/firmware/internal/usage"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

var proc = fstest.MapFS{
	"uptime":      file("75.36 12.01\n"),
	"self/status": file("Name:\tinit\nVmPeak:\t 1236004 kB\nVmHWM:\t   41236 kB\nVmRSS:\t   31004 kB\nRssAnon:\t   17004 kB\n"),
	"meminfo":     file("MemTotal:         220804 kB\nMemFree:          120000 kB\nMemAvailable:     131072 kB\n"),
}

func TestRead(t *testing.T) {
	want := usage.Usage{Up: 75360 * time.Millisecond, RSS: 31004, Anon: 17004, Peak: 41236, Total: 220804, Available: 131072}
	got, err := usage.Read(proc)
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	var line bytes.Buffer
	slog.New(slog.NewTextHandler(&line, nil)).Info("status", "usage", got)
	if want := "usage.up=1m15.3s usage.rss_kib=31004 usage.anon_kib=17004 usage.peak_kib=41236 usage.total_kib=220804 usage.available_kib=131072"; !strings.Contains(line.String(), want) {
		t.Errorf("the log says %q, want %q", line.String(), want)
	}
}

func TestReadThisMachine(t *testing.T) {
	if _, err := os.Stat("/proc/meminfo"); err != nil {
		t.Skip(err)
	}
	if u, err := usage.Read(os.DirFS("/proc")); err != nil || u.RSS <= 0 || u.Anon <= 0 || u.Anon > u.RSS || u.Peak < u.RSS || u.Available > u.Total || u.Up <= 0 {
		t.Errorf("got %+v, %v", u, err)
	}
}

func TestReadWrong(t *testing.T) {
	for name, tt := range map[string]struct{ file, text, err string }{
		"no time":       {"uptime", "", "uptime: time: invalid duration"},
		"no peak":       {"self/status", "VmRSS: 1 kB\n", "self/status: has 1 of 3 lines"},
		"not a number":  {"meminfo", "MemTotal: many kB\n", "meminfo: strconv.ParseInt"},
		"no such files": {"meminfo", "-", "file does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := maps.Clone(proc)
			if broken[tt.file] = file(tt.text); tt.text == "-" {
				delete(broken, tt.file)
			}
			if _, err := usage.Read(broken); err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, want %q", err, tt.err)
			}
		})
	}
}
