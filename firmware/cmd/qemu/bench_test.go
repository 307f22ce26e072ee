package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestMedian(t *testing.T) {
	f := figures{}
	for _, tt := range []struct{ add, want float64 }{{4, 4}, {1, 2.5}, {9, 4}, {5, 4.5}} {
		f.add("x", tt.add)
		if got := f.median("x"); got != tt.want {
			t.Errorf("median of %v: got %v, want %v", f["x"], got, tt.want)
		}
	}
}

func TestParse(t *testing.T) {
	for line, want := range map[string]sample{
		"bareinit: total_kib=220804 available_kib=203600 err=<nil>\r\n": {total: 220804, available: 203600},
		`time=x level=INFO msg=status codes=[] usage.up=9.1s usage.rss_kib=20788 usage.anon_kib=9000 usage.peak_kib=32460 usage.total_kib=220804 usage.available_kib=153000`: {220804, 153000, 20788, 9000, 32460},
		"msg=status codes=[]": {},
	} {
		if got := parse(line); got != want {
			t.Errorf("%s: got %+v, want %+v", line, got, want)
		}
	}
	if got := (sample{total: 220804, available: 153000}).used(); got != 67804 {
		t.Errorf("used: got %v", got)
	}
}

// TestStations: what the bench waits for is what the programs say, to the letter.
func TestStations(t *testing.T) {
	var said strings.Builder
	for _, file := range []string{"../syncbox/appliance.go", "../syncbox/appliance_actions.go", "../syncbox/appliance_parts.go", "../../../board/boot/modules_linux.go",
		"../../../board/boot/data_linux.go", "../../../board/boot/network_linux.go", "bareinit/main.go"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		said.Write(b)
	}
	texts := []string{`"` + bareThere, `"` + bareUsed, `"status"`}
	for _, s := range stations[2:] { // those before are the boot loader's
		texts = append(texts, `"`+s[0]+`"`)
	}
	for _, text := range texts {
		if !strings.Contains(said.String(), text) {
			t.Errorf("nobody says %s", text)
		}
	}
}

func TestKeep(t *testing.T) {
	var most sample
	for _, s := range []sample{{total: 100, available: 60, anon: 7, peak: 8}, {total: 100, available: 50, anon: 3, peak: 9}, {total: 100, available: 70, anon: 5, peak: 6}} {
		most.keep(s)
	}
	if most.used() != 50 || most.anon != 7 || most.peak != 9 {
		t.Errorf("got %+v", most)
	}
}

// TestPause: a bench that runs out of time says so, and one that was ended says that.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if err := pause(t.Context(), askEvery); err != nil || time.Since(begin) != askEvery {
			t.Errorf("a pause: got %v after %v", err, time.Since(begin))
		}
		soon, cancel := context.WithTimeout(t.Context(), askEvery/2)
		defer cancel()
		if err := pause(soon, askEvery); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("out of time: got %v", err)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if err := pause(ended, askEvery); !errors.Is(err, context.Canceled) {
			t.Errorf("ended: got %v", err)
		}
	})
}
