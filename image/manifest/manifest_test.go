package manifest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"

	"syncbox/image/debian"
	"syncbox/image/manifest"
)

func sample() *manifest.Manifest {
	return &manifest.Manifest{
		Name: "syncbox", Version: "1.2.3",
		Image:     manifest.DescribeContent("syncbox.img", []byte("image")),
		Binary:    manifest.DescribeContent("syncbox", []byte("binary")),
		Boot:      []manifest.File{manifest.DescribeContent("boot.scr", []byte("script"))},
		SlotFiles: []manifest.File{manifest.DescribeContent("vmlinuz", []byte("kernel"))},
		Packages: []debian.Package{
			{Name: "linux-image-6.1.0-1-arm64", Version: "6.1.5-1", Source: "linux-signed-arm64 (6.1.5+1)", SHA256: strings.Repeat("a", 64), File: "linux.deb"},
			{Name: "u-boot-rpi", Version: "2023.01+dfsg-2", Source: "u-boot", SHA256: strings.Repeat("b", 64), File: "u-boot.deb"},
		},
		Go:      "go1.26.0",
		Modules: []manifest.Module{{Path: "example.org/a/b", Version: "v1.0.0", Sum: "h1:x="}},
	}
}

func TestWriteRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.json")
	want := sample()
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := manifest.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("manifest (-want +got):\n%s", d)
	}
	for name, text := range map[string]string{"no JSON": "{", "unknown key": `{"sizes": 1}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := manifest.Read(path); err == nil || !strings.Contains(err.Error(), "read manifest") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPackage(t *testing.T) {
	m := sample()
	for pattern, want := range map[string]string{"linux-image-*": "6.1.5-1", "u-boot-rpi": "2023.01+dfsg-2", "u-boot": "", "[": ""} {
		got := ""
		if p := m.Package(pattern); p != nil {
			got = p.Version
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", pattern, got, want)
		}
	}
}

func TestDescribe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := manifest.File{Name: "n", Bytes: 3, SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
	if got, err := manifest.Describe("n", path); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if got := manifest.DescribeContent("n", []byte("abc")); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSBOM(t *testing.T) {
	var b, again bytes.Buffer
	for _, w := range []*bytes.Buffer{&b, &again} {
		if err := sample().WriteSBOM(w); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Error("the same manifest gives different bytes")
	}
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(&b, cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range *bom.Components {
		got[c.BOMRef] = string(c.Type)
	}
	want := map[string]string{
		"binary": "application", "boot/boot.scr": "file", "slot/vmlinuz": "file",
		"pkg:deb/debian/linux-image-6.1.0-1-arm64@6.1.5-1?arch=arm64": "operating-system",
		"pkg:deb/debian/u-boot-rpi@2023.01%2Bdfsg-2?arch=arm64":       "operating-system",
		"pkg:golang/std@go1.26.0":                                     "library", "pkg:golang/example.org/a/b@v1.0.0": "library",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("components (-want +got):\n%s", d)
	}
	if bom.SpecVersion != cdx.SpecVersion1_6 || bom.Metadata.Component.Version != "1.2.3" || len(*(*bom.Dependencies)[0].Dependencies) != len(want) {
		t.Errorf("head of the bill: %+v", bom)
	}
}
