package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/support/brokertest"
)

// TestMosquittoStorm: fifty boxes with TLS clients of their own lose a real mosquitto that is killed, and all come back. They draw
// the longest of the short waits, so that the broker is there again by then; should it not be, the shortest of the others.
func TestMosquittoStorm(t *testing.T) {
	var out strings.Builder
	longest := func(int) func(int64) int64 {
		return func(n int64) int64 {
			if n > int64(10*time.Second) {
				return 0
			}
			return n - 1
		}
	}
	err := realClients(t.Context(), &out, "../../../testdata/brokers/mosquitto", 50, 0, longest)
	brokertest.Need(t, err)
	line := regexp.MustCompile(`^clients=50 broker=mosquitto down_s=0 spread_s=0\.1 peak_per_s=[1-9]\d* taken_peak_per_s=[1-9]\d* attempts_per_box=[12]\.\d\d half_back_s=\d+ all_back_s=\d+ connected=50 `)
	if !line.MatchString(out.String()) {
		t.Errorf("printed %q", out.String())
	}
}
