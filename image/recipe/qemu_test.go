package recipe_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/image/internal/need"
	"syncbox/image/manifest"
	"syncbox/image/recipe"
	"syncbox/image/selector"
	"syncbox/image/vm"
	"syncbox/ota/bootstate"
)

// source is the root of the module, seen from this package.
const source = "../.."

// TestQEMUImage builds the product twice, in different folders and from nothing, and starts what came out.
func TestQEMUImage(t *testing.T) {
	need.Programs(t, vm.Program, "mcopy", "/sbin/mkfs.vfat", "/sbin/mke2fs")
	if _, err := os.Stat(vm.UBoot); err != nil {
		need.Missing(t, err.Error()+" (Debian package u-boot-qemu)")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	here, elsewhere := filepath.Join(t.TempDir(), "here"), filepath.Join(t.TempDir(), "some", "where", "else")
	copySource(t, source, here) // nobody edits a copy between two builds
	copySource(t, here, elsewhere)
	root := filepath.Join(t.TempDir(), "1.root.json")
	if err := os.WriteFile(root, []byte(`{"signed":{"_type":"root"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	spec := recipe.Spec{Source: here, Out: t.TempDir(), Cache: filepath.Join(source, "build"), DataSize: 32 << 20, Version: "1.2.3", Root: root}
	first := build(t, ctx, spec)
	if s := starts(t, ctx, filepath.Join(spec.Out, recipe.ImageFile)); s.A.Kernel != sumOf(first, "vmlinuz") || s.A.Initrd != sumOf(first, "initrd") {
		t.Errorf("the selector goes by %+v, the manifest says %+v", s.A, first.SlotFiles)
	}

	again := spec
	again.Source, again.Out, again.Go = elsewhere, filepath.Join(t.TempDir(), "out"), []string{"-a"}
	if d := cmp.Diff(first, build(t, ctx, again)); d != "" {
		t.Errorf("a second build, elsewhere, differs (-first +second):\n%s", d)
	}
	for _, name := range []string{recipe.ManifestFile, recipe.SBOMFile} {
		a, b := read(t, filepath.Join(spec.Out, name)), read(t, filepath.Join(again.Out, name))
		if d := cmp.Diff(a, b); d != "" {
			t.Errorf("%s differs (-first +second):\n%s", name, d)
		}
	}
	fromManifest(t, ctx, spec)
}

// build builds and checks what the manifest says of the results.
func build(t *testing.T, ctx context.Context, s recipe.Spec) *manifest.Manifest {
	t.Helper()
	begin := time.Now()
	m, err := recipe.Build(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("built in %.1f s: image %d bytes, initrd %d, binary %d", time.Since(begin).Seconds(), m.Image.Bytes, m.Initrd.Bytes, m.Binary.Bytes)
	for _, f := range []manifest.File{m.Image, m.Slot} {
		if got, err := manifest.Describe(f.Name, filepath.Join(s.Out, f.Name)); err != nil || got != f {
			t.Errorf("got %+v, %v, the manifest says %+v", got, err, f)
		}
	}
	return m
}

// starts starts a copy of the card: the box must run from slot a, and nothing may be written to the state.
func starts(t *testing.T, ctx context.Context, image string) bootstate.State {
	t.Helper()
	card, flash := filepath.Join(t.TempDir(), "card.img"), filepath.Join(t.TempDir(), "flash")
	if err := vm.CopyDisk(image, card); err != nil {
		t.Fatal(err)
	}
	if err := selector.WriteFlash(flash); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	m, err := vm.Start(ctx, vm.Config{BIOS: vm.UBoot, Flash: flash, Disk: card, Watchdog: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Kill()
	limit, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for _, text := range []string{"AB: slot a part 2", `msg="modules loaded"`} {
		if err := m.WaitFor(limit, text); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s after %.1f s", text, time.Since(begin).Seconds())
	}
	if strings.Contains(m.Console(), "module not loaded") {
		t.Errorf("a module was refused:\n%s", m.Console())
	}
	m.Kill()
	f, err := os.Open(card)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := bootstate.Read(f)
	if err != nil || s.Seq != 1 || s.Good != bootstate.A || s.A.Kernel == bootstate.Any || s.A != s.B {
		t.Errorf("state after a start: %+v, %v", s, err)
	}
	return s
}

// sumOf gives what the manifest says of a file of the slot.
func sumOf(m *manifest.Manifest, name string) bootstate.Sum {
	for _, f := range m.SlotFiles {
		if f.Name == name {
			return f.Sum
		}
	}
	return "none"
}

// copySource copies what a build needs.
func copySource(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if rel == ".git" || rel == "build" {
			return fs.SkipDir
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		return os.WriteFile(target, []byte(read(t, path)), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// fromManifest builds a recorded image again, with what the release kept, and refuses to when that is
// not what was recorded.
func fromManifest(t *testing.T, ctx context.Context, s recipe.Spec) {
	t.Helper()
	again, err := manifest.Read(filepath.Join(s.Out, recipe.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	s.Again = again
	if m := build(t, ctx, s); m.Image != again.Image {
		t.Errorf("image %+v, recorded %+v", m.Image, again.Image)
	}
	s.DataSize *= 2
	if _, err := recipe.Build(ctx, s); err == nil || !strings.Contains(err.Error(), "the one to build again, by go") {
		t.Errorf("another image than the recorded one: got %v", err)
	}
	changed := *again
	changed.Packages = nil
	s.Again = &changed
	if _, err := recipe.Build(ctx, s); err == nil || !strings.Contains(err.Error(), "names no kernel") {
		t.Errorf("a manifest without packages: got %v", err)
	}
}
