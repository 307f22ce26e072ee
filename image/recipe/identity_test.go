package recipe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/image/initramfs"
	"syncbox/image/manifest"
)

func TestIdentity(t *testing.T) {
	const root = `{"signed":{"_type":"root"}}`
	path := filepath.Join(t.TempDir(), "1.root.json")
	if err := os.WriteFile(path, []byte(root), 0o600); err != nil {
		t.Fatal(err)
	}
	file := func(name, content string) initramfs.File { return initramfs.File{Name: name, Content: []byte(content)} }
	for _, tt := range []struct {
		name, version, root string
		want                []initramfs.File
	}{
		{"as is", "", "", []initramfs.File{file("release.json", `{"version":"0.0.0","board":"arm64"}`+"\n")}},
		{"a version", "1.2.3", "", []initramfs.File{file("release.json", `{"version":"1.2.3","board":"arm64"}`+"\n")}},
		{"with updates", "1.2.3", path, []initramfs.File{file("release.json", `{"version":"1.2.3","board":"arm64"}`+"\n"), file("root.json", root)}},
	} {
		b := &build{Spec: Spec{Version: tt.version, Root: tt.root}.withDefaults(), m: &manifest.Manifest{}}
		got, err := b.identity()
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
		if (b.m.Root != nil) != (tt.root != "") || b.m.Root != nil && b.m.Root.Bytes != int64(len(root)) {
			t.Errorf("%s: the manifest says %+v", tt.name, b.m.Root)
		}
	}
}

func TestBadIdentity(t *testing.T) {
	for name, tt := range map[string]struct{ version, root, want string }{
		"bad version":  {"1.2", "", `read version "1.2"`},
		"other type":   {"1.2.3", `{"signed":{"_type":"targets"}}`, `its type is "targets"`},
		"not JSON":     {"1.2.3", `root`, "read signed root"},
		"no such file": {"1.2.3", "-", "no such file"},
	} {
		s := Spec{Version: tt.version}
		if tt.root != "" {
			s.Root = filepath.Join(t.TempDir(), "root.json")
		}
		if tt.root != "-" && tt.root != "" {
			if err := os.WriteFile(s.Root, []byte(tt.root), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		b := &build{Spec: s.withDefaults(), m: &manifest.Manifest{}}
		if _, err := b.identity(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}
