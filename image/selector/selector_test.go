package selector_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/image/internal/need"
	"syncbox/image/selector"
)

// known is what mkimage 2023.01 made of "echo hi\nreset\n" with SOURCE_DATE_EPOCH=1700000000.
const known = "270519565f0897416553f10000000016" + "0000000000000000227b4bba05160600" +
	"0000000000000000000000000000000000000000000000000000000000000000" + "0000000e00000000" + "6563686f2068690a72657365740a"

func TestImageKnown(t *testing.T) {
	got := hex.EncodeToString(selector.Image([]byte("echo hi\nreset\n"), time.Unix(1700000000, 0)))
	if d := cmp.Diff(known, got); d != "" {
		t.Errorf("image (-want +got):\n%s", d)
	}
}

// TestImageMkimage holds the product's own script against the machine's mkimage.
func TestImageMkimage(t *testing.T) {
	need.Programs(t, "mkimage")
	dir := t.TempDir()
	text, image := filepath.Join(dir, "boot.cmd"), filepath.Join(dir, selector.FileName)
	if err := os.WriteFile(text, selector.Script, 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("mkimage", "-A", "arm64", "-T", "script", "-C", "none", "-d", text, image)
	c.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1700000000")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("mkimage: %v\n%s", err, out)
	}
	want, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	if got := selector.Image(selector.Script, time.Unix(1700000000, 0)); !bytes.Equal(want, got) {
		t.Errorf("image of %d bytes differs from mkimage's of %d", len(got), len(want))
	}
}

// TestScript looks for what the script must never do, and for the variables of the state.
func TestScript(t *testing.T) {
	text := string(selector.Script)
	if strings.Contains(text, "saveenv") {
		t.Error("the script saves the environment")
	}
	if !strings.HasSuffix(text, "\nreset\n") {
		t.Error("the script does not end with a reset: U-Boot would stop at a prompt")
	}
	if want := `setenv V "seq good try tries failed ka ia kb ib d"`; !strings.Contains(text, want) {
		t.Errorf("the script does not write %q", want)
	}
}

func TestFlash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flash")
	if err := selector.WriteFlash(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) != 64<<20 {
		t.Fatalf("flash has %d bytes, want 64 MiB", len(b))
	}
	env := b[:0x40000]
	if got, want := binary.LittleEndian.Uint32(env), crc32.ChecksumIEEE(env[4:]); got != want {
		t.Errorf("checksum %08x, want %08x", got, want)
	}
	text, _, ended := strings.Cut(string(env[4:]), "\x00\x00")
	if !ended || !strings.HasPrefix(text, "bootdelay=-2\x00") || !strings.HasSuffix(text, "; reset") {
		t.Errorf("environment %q", text)
	}
	if len(bytes.Trim(b[0x40000:], "\x00")) != 0 {
		t.Error("something stands behind the environment")
	}
}
