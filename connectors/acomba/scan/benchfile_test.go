package scan_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// The file that the benchmarks look at.
const (
	benchCards   = 1_000_000
	benchSize    = 512 // bytes a card
	benchChanged = 100
)

func writeCards(b *testing.B, path string) {
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	random := rand.NewChaCha8([32]byte{})
	buf := make([]byte, benchSize*1000)
	for range benchCards / 1000 {
		random.Read(buf)
		if _, err := f.Write(buf); err != nil {
			b.Fatal(err)
		}
	}
}

// change gives benchChanged different cards new bytes.
func change(b *testing.B, path string, random *rand.Rand) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	done := map[int64]bool{}
	for len(done) < benchChanged {
		card := random.Int64N(benchCards)
		text := bytes.Repeat([]byte{byte(random.IntN(256))}, 40)
		if done[card] {
			continue
		}
		copy(text, strconv.FormatUint(random.Uint64(), 16))
		if _, err := f.WriteAt(text, card*benchSize); err != nil {
			b.Fatal(err)
		}
		done[card] = true
	}
}

// noteFile keeps notes in a file, outside the process's own memory as the product does. A note has 64 KiB
// of room.
type noteFile struct {
	file  *os.File
	slots map[string]int64
	sizes map[string]int
	buf   []byte
}

func newNoteFile(b *testing.B) *noteFile {
	f, err := os.Create(filepath.Join(b.TempDir(), "notes"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	return &noteFile{file: f, slots: map[string]int64{}, sizes: map[string]int{}, buf: make([]byte, 1<<16)}
}

func (n *noteFile) Get(key string) []byte {
	slot, ok := n.slots[key]
	if !ok {
		return nil
	}
	value := n.buf[:n.sizes[key]]
	if _, err := n.file.ReadAt(value, slot<<16); err != nil {
		panic(err)
	}
	return value
}

func (n *noteFile) Put(key string, value []byte) {
	slot, ok := n.slots[key]
	if !ok {
		slot = int64(len(n.slots))
		n.slots[key] = slot
	}
	n.sizes[key] = len(value)
	if _, err := n.file.WriteAt(value, slot<<16); err != nil {
		panic(err)
	}
}
