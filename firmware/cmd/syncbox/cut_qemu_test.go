package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"syncbox/firmware/internal/locale"
	"syncbox/image/disk"
	"syncbox/image/disklog"
	"syncbox/image/recipe"
	"syncbox/image/vm"
	"syncbox/ota/otatest"
)

var (
	goOn  = flag.Int("goon", 3, "`N` of the disks that story \"update\" cuts are started, and go on to the end of the update")
	draws = flag.Uint64("seed", 1, "of the cuts, and of which of them are started")
)

// life is what a machine did to its card.
type life struct {
	start otatest.Content
	log   string // file
	// Between these lengths of the log an order stood: wherever the power is cut, the box must come to the end of its update.
	from, to int64
}

// logged gives how long the log is now. What the box was told to be durable before is in it.
func (s *site) logged(l life) int64 {
	s.t.Helper()
	info, err := os.Stat(l.log)
	s.no(err)
	return info.Size()
}

// diskNow reads the card as it is.
func (s *site) diskNow() otatest.Content {
	s.t.Helper()
	f, err := os.Open(s.card)
	s.no(err)
	defer f.Close()
	info, err := f.Stat()
	s.no(err)
	c, err := otatest.ReadContent(f, info.Size())
	s.no(err)
	return c
}

// read gives each operation of the log: its number, and where in the log it ends.
func (l life) read(each func(n int, at int64, o otatest.Op) error) error {
	f, err := os.Open(l.log)
	if err != nil {
		return err
	}
	defer f.Close()
	r, n := &counted{Reader: bufio.NewReaderSize(f, 1<<20)}, 0
	return disklog.Read(r, func(o otatest.Op) error {
		n++
		return each(n-1, r.n, o)
	})
}

// counted counts what was read.
type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += int64(n)
	return n, err
}

// cutModes are what a cut does to what is not durable, in the log of a machine.
var cutModes = []otatest.Mode{otatest.Clean, otatest.Lost, otatest.Dropped, otatest.Reordered, otatest.Torn}

// draw chooses operations while the order stood, spread over them, and how each is cut.
func (s *site) draw(l life, many int) map[int]otatest.Mode {
	s.t.Helper()
	var of []int
	s.no(l.read(func(n int, at int64, o otatest.Op) error {
		if at > l.from && at <= l.to {
			of = append(of, n)
		}
		return nil
	}))
	if len(of) < many {
		s.t.Fatalf("the card has %d operations while the order stood, want %d to choose from", len(of), many)
	}
	rng := rand.New(rand.NewPCG(*draws, 1))
	chosen := map[int]otatest.Mode{}
	for i := range many {
		from, to := i*len(of)/many, (i+1)*len(of)/many
		chosen[of[from+rng.IntN(to-from)]] = cutModes[rng.IntN(len(cutModes))]
	}
	s.t.Logf("%d operations while the order stood; started: %v", len(of), chosen)
	return chosen
}

// cutDisk is one that a cut leaves, and what starts from it.
type cutDisk struct {
	otatest.Content
	otatest.Start
	mode otatest.Mode
}

// cut cuts the power at every write of the card in a box's life, and judges what would start: a slot, and in every slot that
// may start one of the published images, whole. It gives the disks of the chosen cuts, in order.
func (s *site) cut(l life, o *outlet, chosen map[int]otatest.Mode) (disks []cutDisk) {
	s.t.Helper()
	judge := s.judge(o)
	r := otatest.NewReplay(otatest.State{otatest.TheDisk: l.start})
	rng := rand.New(rand.NewPCG(*draws, 0))
	count := map[string]int{}
	seen, started := map[uint64]bool{}, map[string]int{}
	s.no(l.read(func(n int, _ int64, o otatest.Op) error {
		sectors := len(o.Data) / otatest.SectorSize
		for _, mode := range cutModes {
			left := r.Cut(mode, &o, rng.IntN(sectors+1), rng)
			c := left[otatest.TheDisk]
			count["cuts"]++
			seen[c.Sum()] = true
			boot, err := judge.Boot(&c)
			if err == nil {
				started[boot.Image]++
			} else if count["wrong"]++; count["wrong"] <= 5 {
				s.t.Errorf("cut before %v (%s): %v", o, mode, err)
			}
			if errors.Is(err, otatest.ErrBrick) {
				count["bricks"]++
			}
			if chosen[n] == mode && err == nil {
				disks = append(disks, cutDisk{c, boot, mode})
			}
		}
		count["operations"]++
		r.Step(o)
		return nil
	}))
	s.t.Logf("cut at every write of the card: %v, %d distinct, started: %v", count, len(seen), started)
	if len(started) < 2 || count["operations"] < 1000 {
		s.t.Errorf("that is no life of a box with updates: %v, %v", count, started)
	}
	return disks
}

// judge knows the images that are published.
func (s *site) judge(o *outlet) otatest.Judge {
	s.t.Helper()
	judge := otatest.Judge{Layout: otatest.Layout{A: disk.SlotAOffset, B: disk.SlotBOffset, SlotSize: disk.SlotSize, Parts: disklog.Parts, Known: &sync.Map{}}}
	for _, e := range o.out {
		b, err := os.ReadFile(o.file(e, recipe.SlotFile))
		s.no(err)
		judge.Images = append(judge.Images, otatest.NewImage(e.version, b))
	}
	return judge
}

// plainJournal makes sure that the journal of the data partition has no checksums, which a torn write would not fit, so that it could
// not be mounted any more.
func (s *site) plainJournal() {
	s.t.Helper()
	out, err := exec.Command("dumpe2fs", "-h", fmt.Sprintf("%s?offset=%d", s.card, int64(disk.DataOffset))).CombinedOutput()
	s.no(err)
	if text := string(out); !strings.Contains(text, "Journal features:") || strings.Contains(text, "journal_checksum") {
		s.t.Errorf("the journal of the data partition: %s", text)
	}
}

// goesOn switches the box on with a disk that a cut has left. What was foretold starts, and the box comes to the end of its
// update by itself.
func (s *site) goesOn(d cutDisk, to edition) {
	s.t.Helper()
	begin := time.Now()
	s.card = filepath.Join(s.t.TempDir(), "cut")
	f, err := os.Create(s.card)
	s.no(err)
	s.no(f.Truncate(d.Size()))
	empty := otatest.NewContent(d.Size())
	s.no(d.WriteChanges(f, &empty))
	s.no(f.Close())

	s.powerOn(vm.Config{USB: true})
	s.next("AB: slot " + d.Slot)
	s.hears("box starts")
	if d.Image != to.version || !s.heard("duty=serve") {
		s.hears("code=update-done")
	}
	words, err := locale.New("fr-CA", nil)
	s.no(err)
	s.asksVersions(words.Text("event.update-done", map[string]string{"version": to.version}))
	s.runs(to)
	s.starts = strings.Count(s.Console(), bootLoader) // as often as it takes
	s.t.Logf("cut %s, starts %s in slot %s: at the end of its update after %d starts and %.0f s", d.mode, d.Image, d.Slot, s.starts, time.Since(begin).Seconds())
	s.powerOff()
}
