package scan_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"syncbox/connectors/acomba/scan"
	"syncbox/connectors/share"
)

const (
	benchCards   = 1_000_000
	benchSize    = 512
	benchChanged = 100
)

// BenchmarkDetect finds 100 changed cards among 1,000,000 of 512 bytes. detect_cpu_ratio is its CPU time
// over that of reading the same file once through the same share reader, taken in turn in the same run;
// the goal is at most 1.5. detect_cpu_ratio_plain is the same over a bare read of 256 KiB at a time by one
// goroutine. detect_rss_mib is the process's peak while it runs; the goal is at most 32.
func BenchmarkDetect(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "CARDS.DAT")
	writeCards(b, path)
	spec := &scan.Spec{Name: "CARDS", Seed: 1, Geometry: scan.Geometry{CardSize: benchSize, First: 1, DataFrom: 1}}
	kept, err := os.Create(filepath.Join(b.TempDir(), "notes"))
	if err != nil {
		b.Fatal(err)
	}
	defer kept.Close()
	seen := &noteFile{file: kept, slots: map[string]int64{}, sizes: map[string]int{}, buf: make([]byte, 1<<16)}
	detect(b, dir, spec, seen)
	debug.FreeOSMemory()
	resetPeak(b)
	var plain, reading, detecting time.Duration
	random := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		change(b, path, random)
		at := cpu(b)
		readPlain(b, path)
		bare := cpu(b)
		readShare(b, dir)
		read := cpu(b)
		if found := detect(b, dir, spec, seen); found != benchChanged {
			b.Fatalf("found %d changed cards, want %d", found, benchChanged)
		}
		plain += bare - at
		reading += read - bare
		detecting += cpu(b) - read
	}
	b.ReportMetric(float64(detecting)/float64(reading), "detect_cpu_ratio")
	b.ReportMetric(float64(detecting)/float64(plain), "detect_cpu_ratio_plain")
	b.ReportMetric(peak(b), "detect_rss_mib")
}

// noteFile keeps notes in a file, outside the process's own memory as the product does. A note has 64 KiB
// of room.
type noteFile struct {
	file  *os.File
	slots map[string]int64
	sizes map[string]int
	buf   []byte
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

func detect(b *testing.B, dir string, spec *scan.Spec, seen scan.Notes) (found int) {
	ctx := context.Background()
	r, err := scan.Open(ctx, share.BlockReader{FS: os.DirFS(dir), Name: "CARDS.DAT"}, spec, &scan.Buffer{})
	if err != nil {
		b.Fatal(err)
	}
	cards, _ := r.Cards()
	l := scan.Start(spec, seen, &scan.Known{}, cards)
	if err := r.All(ctx, func(block scan.Block) error { return l.First(block, nil) }); err != nil {
		b.Fatal(err)
	}
	err = r.Each(ctx, l.Suspects(), func(block scan.Block) error {
		return l.Again(block, func(int32, []byte) error { found++; return nil })
	})
	if err != nil {
		b.Fatal(err)
	}
	l.Save()
	return found
}

func readShare(b *testing.B, dir string) {
	r := share.BlockReader{FS: os.DirFS(dir), Name: "CARDS.DAT"}
	buf := make([]byte, 8*scan.BlockBytes)
	if _, err := r.Walk(context.Background(), buf, func(share.Block) error { return nil }); err != nil {
		b.Fatal(err)
	}
}

func readPlain(b *testing.B, path string) {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	buf := make([]byte, scan.BlockBytes)
	for {
		if _, err := f.Read(buf); err == io.EOF {
			return
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

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

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resetPeak makes the kernel forget the process's highest resident size.
func resetPeak(b *testing.B) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
}

// peak gives the highest resident size since resetPeak, in MiB.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kib / 1024
}
