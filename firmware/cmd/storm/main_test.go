package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(&out, 20_000, 1); err != nil {
		t.Errorf("a fleet that is five times too small for these brokers: %v", err)
	}
	line := regexp.MustCompile(`^outage_s=\d+ capacity_per_s=\d+ spread_s=120 boxes=20000 peak_per_s=[1-9]\d* attempts_per_box=\d\.\d\d all_back_s=[1-9]\d* offline=0 `)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Errorf("got %d lines, want one per outage:\n%s", len(lines), out.String())
	}
	for _, l := range lines {
		if !line.MatchString(l) {
			t.Errorf("line %q", l)
		}
	}
	if err := run(&out, 200_000, 1); err == nil {
		t.Errorf("no goal missed by a fleet that is twice too big:\n%s", out.String())
	}
}
