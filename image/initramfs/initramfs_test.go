package initramfs_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/image/initramfs"
)

// entry is one entry of an archive as the reader below sees it.
type entry struct {
	Name    string
	Mode    uint32
	Content string
}

// readCPIO reads a newc archive by its published form, and checks what must be the same in all of
// ours: owner 0, time 0, inode numbers that differ.
func readCPIO(t *testing.T, b []byte) []entry {
	t.Helper()
	var all []entry
	inodes := map[uint32]bool{}
	for at := 0; ; {
		if len(b) < at+110 || string(b[at:at+6]) != "070701" {
			t.Fatalf("no header at byte %d of %d", at, len(b))
		}
		var f [13]uint32
		for i := range f {
			v, err := strconv.ParseUint(string(b[at+6+8*i:at+14+8*i]), 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			f[i] = uint32(v)
		}
		nameEnd := at + 110 + int(f[11])
		name := string(b[at+110 : nameEnd-1])
		start := (nameEnd + 3) &^ 3
		end := start + int(f[6])
		if name == "TRAILER!!!" {
			if end != len(b) {
				t.Errorf("%d bytes behind the trailer", len(b)-end)
			}
			return all
		}
		if f[2] != 0 || f[3] != 0 || f[5] != 0 {
			t.Errorf("%s: uid %d, gid %d, mtime %d, want 0", name, f[2], f[3], f[5])
		}
		if inodes[f[0]] {
			t.Errorf("%s: inode %d twice", name, f[0])
		}
		inodes[f[0]] = true
		all = append(all, entry{name, f[1], string(b[start:end])})
		at = (end + 3) &^ 3
	}
}

// spec lays files on the build machine and gives a spec of them.
func spec(t *testing.T) initramfs.Spec {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	return initramfs.Spec{
		Init:    write("program", "#init"),
		Modules: []string{write("zz.ko", "first"), write("aa-b.ko", "second")},
		Files:   []initramfs.File{{Name: "etc/x/two", Content: []byte("2")}, {Name: "etc/one", Content: nil, Private: true}},
	}
}

func write(t *testing.T, s initramfs.Spec) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := initramfs.Write(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchive(t *testing.T) {
	got := readCPIO(t, write(t, spec(t)))
	var want []entry
	for _, d := range strings.Fields("data dev etc etc/x lib lib/modules mnt proc run sys tmp") {
		want = append(want, entry{d, 0o040755, ""})
	}
	want = append(want,
		entry{"lib/modules/zz.ko", 0o100644, "first"},
		entry{"lib/modules/aa-b.ko", 0o100644, "second"},
		entry{"etc/one", 0o100600, ""},
		entry{"etc/x/two", 0o100644, "2"},
		entry{"modules.list", 0o100644, "/lib/modules/zz.ko\n/lib/modules/aa-b.ko\n"},
		entry{"init", 0o100755, "#init"},
	)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("archive (-want +got):\n%s", d)
	}
}

// TestLists has modules that only some boards load, one of them in both lists.
func TestLists(t *testing.T) {
	s := spec(t)
	third := s.Modules[0] + ".third.ko"
	if err := os.WriteFile(third, []byte("third"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Lists = []initramfs.List{{Name: "modules-pi.list", Modules: []string{third, s.Modules[1]}}}
	var modules []string
	lists := map[string]string{}
	for _, e := range readCPIO(t, write(t, s)) {
		if strings.HasSuffix(e.Name, ".ko") {
			modules = append(modules, e.Name)
		}
		if strings.HasSuffix(e.Name, ".list") {
			lists[e.Name] = e.Content
		}
	}
	if d := cmp.Diff([]string{"lib/modules/zz.ko", "lib/modules/aa-b.ko", "lib/modules/zz.ko.third.ko"}, modules); d != "" {
		t.Errorf("modules (-want +got):\n%s", d)
	}
	want := map[string]string{
		"modules.list":    "/lib/modules/zz.ko\n/lib/modules/aa-b.ko\n",
		"modules-pi.list": "/lib/modules/zz.ko.third.ko\n/lib/modules/aa-b.ko\n",
	}
	if d := cmp.Diff(want, lists); d != "" {
		t.Errorf("lists (-want +got):\n%s", d)
	}
}

// TestReproducible builds from two folders, with the files named in another order.
func TestReproducible(t *testing.T) {
	a, b := spec(t), spec(t)
	b.Files[0], b.Files[1] = b.Files[1], b.Files[0]
	if !bytes.Equal(write(t, a), write(t, b)) {
		t.Error("two archives of the same content differ")
	}
}

func TestBadSpecs(t *testing.T) {
	tests := []struct {
		name   string
		change func(*initramfs.Spec)
		want   string
	}{
		{"absolute", func(s *initramfs.Spec) { s.Files[0].Name = "/etc/x" }, `bad name "/etc/x"`},
		{"outside", func(s *initramfs.Spec) { s.Files[0].Name = "../x" }, `bad name "../x"`},
		{"not clean", func(s *initramfs.Spec) { s.Files[0].Name = "etc//x" }, `bad name "etc//x"`},
		{"empty", func(s *initramfs.Spec) { s.Files[0].Name = "" }, `bad name ""`},
		{"twice", func(s *initramfs.Spec) { s.Files[0].Name = "etc/one" }, `"etc/one" twice`},
		{"another init", func(s *initramfs.Spec) { s.Files[0].Name = "init" }, `"init" twice`},
		{"another list", func(s *initramfs.Spec) { s.Files[0].Name = "modules.list" }, `"modules.list" twice`},
		{"no init", func(s *initramfs.Spec) { s.Init += "x" }, "initramfs init: open"},
		{"no module", func(s *initramfs.Spec) { s.Modules[1] += "x" }, "initramfs lib/modules/aa-b.kox: open"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := spec(t)
			tt.change(&s)
			err := initramfs.Write(&bytes.Buffer{}, s)
			if got := fmt.Sprint(err); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

type fullDisk struct{ room int }

func (d *fullDisk) Write(b []byte) (int, error) {
	if d.room -= len(b); d.room < 0 {
		return 0, fmt.Errorf("disk full")
	}
	return len(b), nil
}

func TestWriteError(t *testing.T) {
	s := spec(t)
	n := len(write(t, s))
	for room := range n {
		if err := initramfs.Write(&fullDisk{room}, s); err == nil {
			t.Fatalf("no error with room for %d of %d bytes", room, n)
		}
	}
}
