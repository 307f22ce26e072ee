package main

import (
	"bufio"
	"errors"
	"math/rand/v2"
	"os"
	"sync"

	"syncbox/image/disk"
	"syncbox/image/disklog"
	"syncbox/image/recipe"
	"syncbox/ota/otatest"
)

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

// cut cuts the power at every write of the card in the log of a box's life, and judges what would start: a slot, and in
// every slot that may start one of the published images, whole.
func (s *site) cut(start otatest.Content, log string, o *outlet) {
	s.t.Helper()
	judge := otatest.Judge{Layout: otatest.Layout{A: disk.SlotAOffset, B: disk.SlotBOffset, SlotSize: disk.SlotSize, Parts: disklog.Parts, Known: &sync.Map{}}}
	for _, e := range o.out {
		b, err := os.ReadFile(o.file(e, recipe.SlotFile))
		s.no(err)
		judge.Images = append(judge.Images, otatest.NewImage(e.version, b))
	}
	f, err := os.Open(log)
	s.no(err)
	defer f.Close()
	r := otatest.NewReplay(otatest.State{otatest.TheDisk: start})
	rng := rand.New(rand.NewPCG(1, 0))
	count := map[string]int{}
	seen, started := map[uint64]bool{}, map[string]int{}
	s.no(disklog.Read(bufio.NewReaderSize(f, 1<<20), func(o otatest.Op) error {
		sectors := len(o.Data) / otatest.SectorSize
		for _, mode := range []otatest.Mode{otatest.Clean, otatest.Lost, otatest.Dropped, otatest.Reordered, otatest.Torn} {
			left := r.Cut(mode, &o, rng.IntN(sectors+1), rng)
			c := &left[otatest.TheDisk]
			count["cuts"]++
			seen[c.Sum()] = true
			boot, err := judge.Boot(c)
			if err == nil {
				started[boot.Image]++
			} else if count["wrong"]++; count["wrong"] <= 5 {
				s.t.Errorf("cut before %v (%s): %v", o, mode, err)
			}
			if errors.Is(err, otatest.ErrBrick) {
				count["bricks"]++
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
}
