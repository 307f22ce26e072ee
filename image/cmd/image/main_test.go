package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncbox/image/manifest"
	"syncbox/image/recipe"
)

func TestSummary(t *testing.T) {
	m := &manifest.Manifest{
		Image: manifest.File{Bytes: 490733568, SHA256: strings.Repeat("0a", 32)}, Slot: manifest.File{Bytes: 100663296, SHA256: "b"},
	}
	want := "image bytes=490733568 slot_bytes=100663296 sha256=" + strings.Repeat("0a", 32)
	if got := summary(m); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestBadManifest stops before anything is built.
func TestBadManifest(t *testing.T) {
	out := t.TempDir()
	path := filepath.Join(out, "m.json")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for manifest, want := range map[string]string{path: "names no kernel", path + "x": "no such file"} {
		if err := run(t.Context(), recipe.Spec{Out: out}, manifest); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", filepath.Base(manifest), err, want)
		}
	}
}
