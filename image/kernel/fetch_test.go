package kernel_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/image/internal/need"
	"syncbox/image/kernel"
)

// archive is a Debian package archive in a folder, with a kernel in it that changes its version.
type archive struct {
	t   *testing.T
	dir string
}

// release replaces the kernel of the archive.
func (a archive) release(version string) {
	a.t.Helper()
	os.RemoveAll(a.dir)
	name := "linux-image-" + version + "-arm64"
	a.pack(name, version, "", map[string]string{
		"boot/vmlinuz-" + version:                              "image of " + version,
		"lib/modules/" + version + "/modules.builtin":          "kernel/b.ko\n",
		"lib/modules/" + version + "/kernel/drivers/net/no.ko": "x",
		"usr/lib/linux-image-" + version + "/broadcom/x.dtb":   "x",
	})
	a.pack("linux-image-arm64", version, "Depends: "+name+" (= "+version+")\n", nil)
	a.index()
}

func (a archive) pack(name, version, fields string, files map[string]string) {
	a.t.Helper()
	root := filepath.Join(a.t.TempDir(), name)
	control := fmt.Sprintf("Package: %s\nVersion: %s\nArchitecture: arm64\nMaintainer: test <t@example.test>\n%sDescription: test\n", name, version, fields)
	write(a.t, filepath.Join(root, "DEBIAN/control"), control)
	for f, content := range files {
		write(a.t, filepath.Join(root, f), content)
	}
	if err := os.MkdirAll(a.dir, 0o755); err != nil {
		a.t.Fatal(err)
	}
	command(a.t, a.dir, "dpkg-deb", "--root-owner-group", "-b", root, a.dir)
}

// index writes Packages for all files of the archive, as dpkg-scanpackages would.
func (a archive) index() {
	a.t.Helper()
	debs, err := filepath.Glob(filepath.Join(a.dir, "*.deb"))
	if err != nil {
		a.t.Fatal(err)
	}
	var index bytes.Buffer
	for _, d := range debs {
		info, err := os.Stat(d)
		if err != nil {
			a.t.Fatal(err)
		}
		sum, _, _ := strings.Cut(command(a.t, a.dir, "sha256sum", d), " ")
		fmt.Fprintf(&index, "%sFilename: ./%s\nSize: %d\nSHA256: %s\n\n",
			command(a.t, a.dir, "dpkg-deb", "-f", d), filepath.Base(d), info.Size(), sum)
	}
	write(a.t, filepath.Join(a.dir, "dists/lab/main/binary-arm64/Packages"), index.String())
	write(a.t, filepath.Join(a.dir, "dists/lab/Release"), "Suite: lab\nCodename: lab\nArchitectures: arm64\nComponents: main\n"+
		"SHA256:\n "+strings.Fields(command(a.t, a.dir, "sha256sum", "dists/lab/main/binary-arm64/Packages"))[0]+
		fmt.Sprintf(" %d main/binary-arm64/Packages\n", index.Len()))
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}

// TestFetch walks one cache folder through the life of a kernel.
func TestFetch(t *testing.T) {
	need.Programs(t, "apt-get", "apt-cache", "dpkg-deb", "sha256sum")
	a := archive{t, filepath.Join(t.TempDir(), "archive")}
	aptDir, dir := t.TempDir(), filepath.Join(t.TempDir(), "kernel")
	write(t, filepath.Join(aptDir, "sources.list"), "deb [trusted=yes] file:"+a.dir+" lab main\n")
	options := kernel.Options{AptDir: aptDir, Codename: "lab"}
	offline := func() { os.RemoveAll(a.dir) }

	steps := []struct {
		name    string
		before  func(k *kernel.Kernel)
		version string
		err     string
	}{
		{"no archive", func(*kernel.Kernel) {}, "", "fetch linux-image-arm64 of lab: apt-get"},
		{"first", func(*kernel.Kernel) { a.release("6.1") }, "6.1", ""},
		{"kept, offline", func(*kernel.Kernel) { offline() }, "6.1", ""},
		{"kept tree lost a file", func(k *kernel.Kernel) { os.Remove(k.Image) }, "6.1", ""},
		{"kept tree has a short file", func(k *kernel.Kernel) { write(t, k.Image, "short") }, "6.1", ""},
		{"kept package broken, offline", func(k *kernel.Kernel) { write(t, filepath.Join(dir, k.File), "!") }, "", "fetch linux-image"},
		{"kept package broken", func(*kernel.Kernel) { a.release("6.2") }, "6.2", ""},
		{"record broken", func(*kernel.Kernel) { a.release("6.3"); write(t, filepath.Join(dir, "package.json"), "{") }, "6.3", ""},
		{"kept, newer offered", func(*kernel.Kernel) { a.release("6.4") }, "6.3", ""},
	}
	var last *kernel.Kernel
	for _, s := range steps {
		s.before(last)
		k, err := kernel.Fetch(context.Background(), dir, options)
		if s.err != "" {
			if err == nil || !strings.Contains(err.Error(), s.err) {
				t.Fatalf("%s: got error %v, want %q", s.name, err, s.err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		checkKernel(t, s.name, k, s.version)
		last = k
	}
}

func checkKernel(t *testing.T, step string, k *kernel.Kernel, version string) {
	t.Helper()
	b, err := os.ReadFile(k.Image)
	if err != nil {
		t.Fatalf("%s: %v", step, err)
	}
	got := []string{k.Name, k.Version, k.Source, string(b), filepath.Base(k.Modules)}
	name := "linux-image-" + version + "-arm64"
	want := []string{name, version, name, "image of " + version, version}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("%s (-want +got):\n%s", step, d)
	}
	if len(k.SHA256) != 64 {
		t.Fatalf("%s: SHA-256 %q", step, k.SHA256)
	}
}

// TestPinned asks for a kernel that was recorded before: from what is kept, from an archive of packages,
// from a mirror that still has it; never another one.
func TestPinned(t *testing.T) {
	need.Programs(t, "apt-get", "apt-cache", "dpkg-deb", "sha256sum")
	a := archive{t, filepath.Join(t.TempDir(), "archive")}
	aptDir, dir, debs := t.TempDir(), filepath.Join(t.TempDir(), "kernel"), t.TempDir()
	write(t, filepath.Join(aptDir, "sources.list"), "deb [trusted=yes] file:"+a.dir+" lab main\n")
	options := kernel.Options{AptDir: aptDir, Codename: "lab"}
	a.release("6.1")
	old, err := kernel.Fetch(t.Context(), dir, options)
	if err != nil {
		t.Fatal(err)
	}
	pinned := old.Package
	write(t, filepath.Join(debs, filepath.Base(old.File)), command(t, dir, "cat", old.File))
	fetch := func(dir string, o kernel.Options) string {
		o.AptDir, o.Codename, o.Pinned = aptDir, "lab", &pinned
		k, err := kernel.Fetch(t.Context(), dir, o)
		if err != nil {
			return err.Error()
		}
		checkKernel(t, "pinned", k, "6.1")
		return k.Version
	}
	other := filepath.Join(t.TempDir(), "other")
	check := func(name, got, want string) {
		t.Helper()
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	check("from a mirror", fetch(other, kernel.Options{}), "6.1")
	a.release("6.2")
	check("kept", fetch(other, kernel.Options{}), "6.1")
	fresh := filepath.Join(t.TempDir(), "fresh")
	check("from nowhere", fetch(fresh, kernel.Options{}), "fetch linux-image-arm64 of lab")
	check("from the archive", fetch(fresh, kernel.Options{Archive: debs}), "6.1")
	newest := filepath.Join(t.TempDir(), "newest")
	if k, err := kernel.Fetch(t.Context(), newest, options); err != nil || k.Version != "6.2" {
		t.Errorf("without a pin: got %v, %v", k, err)
	}
	check("another one kept", fetch(newest, kernel.Options{}), "fetch linux-image-arm64 of lab")
	if k, err := kernel.Fetch(t.Context(), other, options); err != nil || k.Version != "6.1" {
		t.Errorf("what is kept does without a pin: got %v, %v", k, err)
	}
	write(t, filepath.Join(debs, filepath.Base(old.File)), "another one")
	check("a changed archive", fetch(filepath.Join(t.TempDir(), "third"), kernel.Options{Archive: debs}), "fetch linux-image-arm64 of lab")
}
