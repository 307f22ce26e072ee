package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"syncbox/firmware/internal/config"
)

// TestRemembered: settings are asked for without the card, and those that are set count at once.
func TestRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "syncbox.toml")
	own.path = path
	defer func() { own.path = applianceConfig }()
	if err := own.read(); config.CodeOf(err) != config.CodeMissing || settings().Box.Name != "syncbox-0000" {
		t.Fatalf("without a file: %q, %v", settings().Box.Name, err)
	}
	if err := config.WriteFirst(path, "syncbox-7q2k", config.Support{}); err != nil {
		t.Fatal(err)
	}
	if err := own.read(); err != nil || settings().Box.Name != "syncbox-7q2k" || len(settings().Support.Brokers) > 0 {
		t.Fatalf("a new box: %+v, %v", settings(), err)
	}
	w := config.NewWriter(path, newMachine(slog.New(slog.DiscardHandler)).changed)
	if _, err := w.Set(config.Change{Key: "support.broker", Value: []string{"mqtts://support.example.org"}}); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := settings().Support.Brokers; len(got) != 1 || got[0] != "support.example.org:8883" {
		t.Errorf("after a change: %q", got)
	}
}
