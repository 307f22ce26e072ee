package delta_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"syncbox/ota/bundle"
)

const program = `package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	// here
	fmt.Println(strings.ToUpper(strings.Join(os.Args, " ")))
}
`

// built gives the box's kind of program from a source.
func built(t *testing.T, source string) []byte {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"main.go": source, "go.mod": "module example\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", "program")
	c.Dir = dir
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64", "GOFLAGS=", "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "program"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// deltaBytes gives how long a delta is, and checks that it makes the image.
func deltaBytes(t *testing.T, old, new []byte) int {
	t.Helper()
	payload, l := made(t, bundle.Delta, old, new)
	if got := decoded(t, bundle.Delta, payload, l, old, len(new)); !bytes.Equal(got, new) {
		t.Fatal("delta makes another image")
	}
	return len(payload)
}

// TestProgram adds some lines to a program: that its references are understood must make the delta much smaller. Without
// its first byte a program isn't known as one.
func TestProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs")
	}
	old := built(t, program)
	new := built(t, string(bytes.Replace([]byte(program), []byte("// here"), []byte(`if len(os.Args) > 7 {
		for i, a := range os.Args {
			fmt.Fprintf(os.Stderr, "%d: %q, %v\n", i, a, strings.Fields(a))
		}
		os.Exit(3)
	}`), 1)))
	with := deltaBytes(t, append(noise(1, 4096), old...), append(noise(1, 8192), new...))
	old[0], new[0] = 0, 0
	without := deltaBytes(t, append(noise(1, 4096), old...), append(noise(1, 8192), new...))
	t.Logf("%d bytes, %d without its references", with, without)
	if with*3 > without {
		t.Errorf("%d bytes, %d without its references", with, without)
	}
}

// kernel gives what looks like one: code that calls around, relocations, and distances to the code. There are some more
// instructions at a place, which all references know of.
func kernel(at, more int) []byte {
	const words, relocated = 1 << 16, 2000
	r := rand.New(rand.NewPCG(3, 3))
	code := make([]byte, 4*words)
	binary.LittleEndian.PutUint16(code, 'M'|'Z'<<8)
	copy(code[56:], "ARMd")
	moved := func(i int) int {
		if i >= at {
			return i + more
		}
		return i
	}
	code = append(code, make([]byte, 4*more)...)
	for i := 16; i < words; i++ {
		w := 0xf9000000 | r.Uint32N(1<<16)
		if to := 16 + r.IntN(words-16); i%5 == 0 {
			w = 0x94000000 | uint32(moved(to)-moved(i))&0x3ffffff
		}
		binary.LittleEndian.PutUint32(code[4*moved(i):], w)
	}
	for i := at; i < at+more; i++ {
		binary.LittleEndian.PutUint32(code[4*i:], 0xd503201f)
	}
	const base = 0xffff800008000000
	for range relocated {
		for _, v := range []uint64{base + uint64(4*moved(r.IntN(words))), 0x403, base + uint64(4*moved(r.IntN(words)))} {
			code = binary.LittleEndian.AppendUint64(code, v)
		}
	}
	for range relocated {
		code = binary.LittleEndian.AppendUint32(code, uint32(4*moved(r.IntN(words))-len(code)))
	}
	binary.LittleEndian.PutUint64(code[16:], uint64(len(code)))
	return code
}

func TestKernel(t *testing.T) {
	old, new := kernel(20_000, 0), kernel(20_000, 3)
	with := deltaBytes(t, old, new)
	old[56], new[56] = 0, 0
	without := deltaBytes(t, old, new)
	t.Logf("%d bytes, %d without its references", with, without)
	if with*10 > without {
		t.Errorf("%d bytes, %d without its references", with, without)
	}
}
