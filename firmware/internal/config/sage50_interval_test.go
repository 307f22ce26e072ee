package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/config"
)

// A job with Sage 50 runs every 15 minutes unless it is told another time: from 5 minutes, and less, to a day.
//
// Requirement: S50-2
func TestIntervalOfSage50(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(samples, "sage50.toml"))
	must(t, err)
	secrets, err := os.ReadFile(filepath.Join(samples, "sage50.secrets.toml"))
	must(t, err)
	for line, want := range map[string]time.Duration{"": 15 * time.Minute, `interval = "5m"`: 5 * time.Minute, `interval = "24h"`: 24 * time.Hour,
		`interval = "24h1s"`: 0, `interval = "0s"`: 0, `interval = "often"`: 0} {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "syncbox.toml"), strings.Replace(string(text), `interval = "15m"`, line, 1))
		put(t, filepath.Join(dir, "sage50.secrets.toml"), string(secrets))
		c, err := config.Load(filepath.Join(dir, "syncbox.toml"))
		if want == 0 {
			if err == nil || !strings.Contains(err.Error(), "interval") {
				t.Errorf("%s: %v", line, err)
			}
			continue
		}
		must(t, err)
		if got := c.Jobs[0].Engine.Schedule.Interval; got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}
