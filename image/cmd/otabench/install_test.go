package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// TestMain is the box as well.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-install" {
		main()
		return
	}
	os.Exit(m.Run())
}

// An updater holds no more than 12 MiB while it fetches, checks, decodes and writes a release, so that it stays below its 16
// with the garbage of its work. What is in the release hardly compresses, so that its frames are as long as they get.
func TestInstallMemory(t *testing.T) {
	const (
		most  = 12 << 20
		noise = 5 << 20 // bytes of the image: a frame of full length, and a short one
	)
	dir := t.TempDir()
	image := func(name string, change func([]byte)) string {
		b := make([]byte, noise)
		r := rand.New(rand.NewPCG(1, 1))
		for i := range b {
			b[i] = byte(r.Uint32()) & 0x7f
		}
		change(b)
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old := image("old", func([]byte) {})
	changed := image("new", func(b []byte) {
		copy(b[1000:], b) // all has moved
		for i := 0; i < noise; i += 4096 {
			b[i]++
		}
	})
	got := map[string]int64{}
	if err := installs(t.Context(), dir, pair{"", old, changed}, func(name string, n int64) { got[name] = n }); err != nil {
		t.Fatal(err)
	}
	t.Log(got)
	for _, name := range []string{"ota_install_full_held_bytes", "ota_install_delta_held_bytes"} {
		if n := got[name]; n <= 1<<20 || n > most {
			t.Errorf("%s: %d, want more than a window and at most %d", name, n, most)
		}
	}
	if full, delta := got["ota_install_full_wire_bytes"], got["ota_install_delta_wire_bytes"]; full < noise/2 || full > noise || delta < 1000 || delta > full/20 {
		t.Errorf("%d bytes came for the whole image, %d for what differs", full, delta)
	}
}
