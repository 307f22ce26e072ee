package scan_test

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// The file that the benchmarks look at.
const (
	benchFile    = "CARDS.DAT"
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

// folderNotes keeps each note in a file of a folder, outside the process's own memory as the product does.
type folderNotes string

func (n folderNotes) path(key string) string { return filepath.Join(string(n), url.PathEscape(key)) }

func (n folderNotes) Get(key string) []byte {
	value, err := os.ReadFile(n.path(key))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		panic(err)
	}
	return value
}

func (n folderNotes) Put(key string, value []byte) {
	if err := os.WriteFile(n.path(key), value, 0o644); err != nil {
		panic(err)
	}
}
