package scan_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"syncbox/connectors/acomba/scan"
	"syncbox/connectors/share"
	"syncbox/connectors/share/sharetest"
)

// BenchmarkDetect looks for 100 changed cards among 1,000,000 of 512 bytes and holds that against reading
// the file once over the same transport: by the same reader, two windows ahead, into memory and no further.
// Each figure is the median of pairs taken in turn. The quiet time and the second look at blocks that
// changed are left out. The figures and their goals:
//
//	detect_wall_ratio       time; at most 1.10
//	detect_cpu_ratio        processor time; at most 1.3
//	detect_cpu_ratio_plain  processor time over a bare read by one goroutine, 256 KiB at a time; file only
//	detect_ms, read_ms      time of the look and of the read
//
// file is a folder of this machine, wholly in memory: no line is waited for, so that every instruction
// shows. smb is a session with a Samba server on loopback, every packet signed. cifs is the kernel's own
// client of it, as on the box.
func BenchmarkDetect(b *testing.B) {
	b.Run("file", func(b *testing.B) {
		dir := b.TempDir()
		benchDetect(b, dir, openShare(b, share.Config{Kind: share.Directory, Path: dir}), 25, true)
	})
	b.Run("smb", func(b *testing.B) {
		server := sharetest.New(b, sharetest.Options{})
		session, err := server.Session(b.Context(), sharetest.ShareERP, sharetest.UserBox)
		must(b, err)
		defer session.Close()
		benchDetect(b, server.Dir(sharetest.ShareERP), session.DirFS("."), 5, false)
	})
	b.Run("cifs", func(b *testing.B) {
		const word = "Pass-w0rd"
		server := sharetest.New(b, sharetest.Options{Users: map[string]string{sharetest.UserBox: word, sharetest.UserERP: word}})
		mounted := openShare(b, share.Config{Kind: share.CIFS, Server: "127.0.0.1", Port: server.Port, Share: sharetest.ShareERP,
			User: sharetest.UserBox, Password: word, MountRoot: b.TempDir()})
		benchDetect(b, server.Dir(sharetest.ShareERP), mounted, 5, false)
	})
}

func openShare(b *testing.B, c share.Config) *share.Share {
	s, err := share.Open(b.Context(), c, nil)
	if errors.Is(err, syscall.ENODEV) || errors.Is(err, fs.ErrPermission) && c.Kind == share.CIFS {
		fmt.Fprintf(os.Stderr, "%s skipped: no mount of a Windows share on this machine: %v\n", b.Name(), err)
		b.SkipNow()
	}
	must(b, err)
	b.Cleanup(func() { s.Close() })
	return s
}

// benchDetect measures so many pairs on the folder dir of this machine, as the transport shows it.
func benchDetect(b *testing.B, dir string, transport fs.FS, pairs int, bare bool) {
	path := filepath.Join(dir, benchFile)
	writeCards(b, path)
	s := newSight(transport, folderNotes(b.TempDir()))
	detect := func() { must(b, s.detect(b.Context())) }
	settle := func(want int) {
		if changed, err := s.settle(b.Context()); changed != want || err != nil {
			b.Fatalf("found %d changed cards, %v; want %d", changed, err, want)
		}
	}
	detect()
	settle(benchCards)
	random := rand.New(rand.NewPCG(1, 1))
	var detecting, reading, plain []cost
	for b.Loop() {
		for n := range pairs {
			change(b, path, random)
			steps := []func(){
				func() { reading = append(reading, measure(b, func() { readAhead(b, transport) })) },
				func() { detecting = append(detecting, measure(b, detect)) },
			}
			if n%2 == 1 {
				slices.Reverse(steps)
			}
			for _, step := range steps {
				step()
			}
			settle(benchChanged)
			if bare {
				plain = append(plain, measure(b, func() { readPlain(b, path) }))
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(medianRatio(detecting, reading, cost.wallTime), "detect_wall_ratio")
	b.ReportMetric(medianRatio(detecting, reading, cost.cpuTime), "detect_cpu_ratio")
	if bare {
		b.ReportMetric(medianRatio(detecting, plain, cost.cpuTime), "detect_cpu_ratio_plain")
	}
	b.ReportMetric(medianMS(detecting), "detect_ms")
	b.ReportMetric(medianMS(reading), "read_ms")
}

// sight is what is kept between two looks at the file.
type sight struct {
	from  share.BlockReader
	spec  *scan.Spec
	notes folderNotes
	known scan.Known
	buf   scan.Buffer

	reader *scan.Reader
	look   *scan.Look
}

func newSight(transport fs.FS, notes folderNotes) *sight {
	return &sight{from: share.BlockReader{FS: transport, Name: benchFile}, notes: notes,
		spec: &scan.Spec{Name: "CARDS", Seed: 1, Geometry: scan.Geometry{CardSize: benchSize, First: 1, DataFrom: 1}}}
}

// detect is the first read of a look: afterwards it is known which blocks differ.
func (s *sight) detect(ctx context.Context) (err error) {
	if s.reader, err = scan.Open(ctx, s.from, s.spec, &s.buf); err != nil {
		return err
	}
	cards, _ := s.reader.Cards()
	s.look = scan.Start(s.spec, s.notes, &s.known, cards)
	return s.reader.All(ctx, func(block scan.Block) error { return s.look.First(block, nil) })
}

// settle is the second read, of those blocks. It gives the number of changed cards.
func (s *sight) settle(ctx context.Context) (changed int, err error) {
	err = s.reader.Each(ctx, s.look.Suspects(), func(block scan.Block) error {
		return s.look.Again(block, func(int32, []byte) error { changed++; return nil })
	})
	s.look.Save()
	return changed, err
}

func readAhead(b *testing.B, transport fs.FS) {
	r := share.BlockReader{FS: transport, Name: benchFile}
	buf := make([]byte, share.Windows*8*scan.BlockBytes)
	_, err := r.Walk(b.Context(), buf, func(share.Block) error { return nil })
	must(b, err)
}

func readPlain(b *testing.B, path string) {
	f, err := os.Open(path)
	must(b, err)
	defer f.Close()
	buf := make([]byte, scan.BlockBytes)
	for err == nil {
		_, err = f.Read(buf)
	}
	if err != io.EOF {
		b.Fatal(err)
	}
}
