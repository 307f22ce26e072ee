package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"syncbox/firmware/internal/support"
)

// TestKept: a box that was given another name has it after a full reset, too, or its certificate would not fit any more; and it has the
// support that was set last. A file of settings that can't be read takes neither away.
func TestKept(t *testing.T) {
	dir := t.TempDir()
	if name, home := (&remote{}).kept("syncbox-1a2b"); name != "syncbox-1a2b" || len(home.Brokers) > 0 {
		t.Errorf("without a memory: got %q, %+v", name, home)
	}
	store, _, err := support.OpenFile(filepath.Join(dir, "support.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r := &remote{m: &machine{log: slog.New(slog.DiscardHandler)}, store: store}
	path := filepath.Join(dir, "syncbox.toml")
	for _, row := range []struct {
		file, name string
		brokers    []string
	}{
		{"", "syncbox-1a2b", nil},
		{"[box]\nname = \"north\"\n[support]\nbroker = [\"mqtts://a.example.org\"]\n", "north", []string{"a.example.org:8883"}},
		{"[box]\nname = \"nor", "north", []string{"a.example.org:8883"}},
		{"[box]\nname = \"south\"\n", "south", nil}, // a person has ended it
	} {
		if row.file != "" {
			if err := os.WriteFile(path, []byte(row.file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.keep(store, path); err != nil {
			t.Fatal(err)
		}
		if name, home := r.kept("syncbox-1a2b"); name != row.name || !slices.Equal(home.Brokers, row.brokers) {
			t.Errorf("after %q: got %q, %+v", row.file, name, home)
		}
	}
}
