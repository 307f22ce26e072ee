package scan_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

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
		if err != nil {
			b.Fatal(err)
		}
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
		b.Skip("no mount of a Windows share on this machine: ", err)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// benchDetect measures so many pairs on the folder dir of this machine, as the transport shows it.
func benchDetect(b *testing.B, dir string, transport fs.FS, pairs int, bare bool) {
	path := filepath.Join(dir, "CARDS.DAT")
	writeCards(b, path)
	s := newSight(b, transport)
	s.detect(b)
	s.settle(b, benchCards)
	random := rand.New(rand.NewPCG(1, 1))
	var detecting, reading, plain []cost
	for b.Loop() {
		for n := range pairs {
			change(b, path, random)
			steps := []func(){
				func() { reading = append(reading, measure(b, func() { readAhead(b, transport) })) },
				func() { detecting = append(detecting, measure(b, func() { s.detect(b) })) },
			}
			if n%2 == 1 {
				slices.Reverse(steps)
			}
			for _, step := range steps {
				step()
			}
			s.settle(b, benchChanged)
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
	notes *noteFile
	known scan.Known
	buf   scan.Buffer

	reader *scan.Reader
	look   *scan.Look
}

func newSight(b *testing.B, transport fs.FS) *sight {
	return &sight{from: share.BlockReader{FS: transport, Name: "CARDS.DAT"}, notes: newNoteFile(b),
		spec: &scan.Spec{Name: "CARDS", Seed: 1, Geometry: scan.Geometry{CardSize: benchSize, First: 1, DataFrom: 1}}}
}

// detect is the first read of a look: afterwards it is known which blocks differ.
func (s *sight) detect(b *testing.B) {
	ctx := context.Background()
	var err error
	if s.reader, err = scan.Open(ctx, s.from, s.spec, &s.buf); err != nil {
		b.Fatal(err)
	}
	cards, _ := s.reader.Cards()
	s.look = scan.Start(s.spec, s.notes, &s.known, cards)
	if err := s.reader.All(ctx, func(block scan.Block) error { return s.look.First(block, nil) }); err != nil {
		b.Fatal(err)
	}
}

// settle is the second read, of those blocks; want cards have changed.
func (s *sight) settle(b *testing.B, want int) {
	found := 0
	err := s.reader.Each(context.Background(), s.look.Suspects(), func(block scan.Block) error {
		return s.look.Again(block, func(int32, []byte) error { found++; return nil })
	})
	if err != nil {
		b.Fatal(err)
	}
	s.look.Save()
	if found != want {
		b.Fatalf("found %d changed cards, want %d", found, want)
	}
}

func readAhead(b *testing.B, transport fs.FS) {
	r := share.BlockReader{FS: transport, Name: "CARDS.DAT"}
	buf := make([]byte, share.Windows*8*scan.BlockBytes)
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

// cost is what something took.
type cost struct{ wall, cpu time.Duration }

func (c cost) wallTime() float64 { return float64(c.wall) }
func (c cost) cpuTime() float64  { return float64(c.cpu) }

func measure(b *testing.B, do func()) cost {
	at, used := time.Now(), cpu(b)
	do()
	return cost{time.Since(at), cpu(b) - used}
}

// cpu gives the processor time of this process.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// medianRatio gives the median over the pairs.
func medianRatio(of, over []cost, by func(cost) float64) float64 {
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = by(of[i]) / by(over[i])
	}
	return median(ratios)
}

func medianMS(of []cost) float64 {
	all := make([]float64, len(of))
	for i, c := range of {
		all[i] = c.wall.Seconds() * 1000
	}
	return median(all)
}

func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
