package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/sitetest"
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
	texts := []string{`"` + bareThere, `"` + bareUsed, `"` + strings.TrimPrefix(sitetest.StatusSaid, "msg=") + `"`}
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
	for _, s := range []sitetest.Sample{{Total: 100, Available: 60, Anon: 7, Peak: 8}, {Total: 100, Available: 50, Anon: 3, Peak: 9}, {Total: 100, Available: 70, Anon: 5, Peak: 6}} {
		most.keep(s)
	}
	if most.Used() != 50 || most.Anon != 7 || most.Peak != 9 {
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
