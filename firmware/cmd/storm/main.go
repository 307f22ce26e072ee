// Command storm shows what a fleet does to its broker after an outage: 100,000 simulated boxes with the box's own policy
// of waiting. It prints one line per outage, and fails where a goal is missed: everybody back within seven minutes of
// the broker's return, never more than 1,000 attempts in a second, at most two attempts per box. With -clients it then
// does the same with real TLS clients against a real mosquitto, which takes some five minutes: one line, as the broker
// has seen it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"syncbox/firmware/internal/support/reconnect"
	"syncbox/firmware/internal/support/storm"
)

// The goals for 100,000 boxes.
const (
	goalBack     = 7 * time.Minute
	goalPeak     = 1000
	goalAttempts = 2
)

func main() {
	boxes := flag.Int("boxes", 100_000, "simulated boxes")
	seed := flag.Uint64("seed", 1, "of the simulated boxes' chance")
	clients := flag.Int("clients", 0, "real TLS clients; each is an open file here and one at the broker")
	down := flag.Duration("down", 2*time.Second, "how long the real broker is gone")
	flag.Parse()
	err := run(os.Stdout, *boxes, *seed)
	if err == nil && *clients > 0 {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // or the broker would stay
		defer stop()
		err = realClients(ctx, os.Stdout, filepath.Join("testdata", "brokers", "mosquitto"), *clients, *down, chance)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "storm:", err)
		os.Exit(1)
	}
}

// chance gives a box its own.
func chance(box int) func(n int64) int64 { return rand.New(rand.NewPCG(1, uint64(box))).Int64N }

// run goes through all outages, then tells how many missed a goal.
func run(w io.Writer, boxes int, seed uint64) error {
	missed := 0
	for _, o := range storm.Outages {
		r := storm.Run(boxes, o, func(box int) storm.Waits {
			return reconnect.New(reconnect.DefaultSpread, rand.New(rand.NewPCG(seed, uint64(box))).Int64N)
		}, 24*time.Hour)
		fmt.Fprintf(w, "outage_s=%.0f capacity_per_s=%d spread_s=%.0f boxes=%d peak_per_s=%d attempts_per_box=%.2f all_back_s=%.0f offline=%d down_peak_per_s=%d down_attempts_per_box=%.2f\n",
			o.Lasts.Seconds(), o.Capacity, reconnect.DefaultSpread.Seconds(), r.Boxes, r.Peak, r.Attempts, r.AllBack.Seconds(), r.Offline, r.PeakDown, r.AttemptsDown)
		if r.Offline > 0 || r.AllBack > goalBack || max(r.Peak, r.PeakDown) > goalPeak || r.Attempts > goalAttempts {
			missed++
		}
	}
	if missed > 0 {
		return fmt.Errorf("goal missed in %d of %d outages: all back within %v, at most %d attempts a second and %d per box",
			missed, len(storm.Outages), goalBack, goalPeak, goalAttempts)
	}
	return nil
}
