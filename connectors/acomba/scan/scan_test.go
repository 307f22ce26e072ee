package scan_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncbox/connectors"
	"syncbox/connectors/acomba/scan"
	"syncbox/connectors/share"
)

// disk is one file whose bytes the test changes between two reads.
type disk struct {
	data   []byte
	id     uint64
	locked [2]int64 // range that cannot be read
	reads  int
	before func(reads int) // called before each read
	mu     sync.Mutex      // protects all of it: several reads are under way at a time
}

func (d *disk) Open(string) (fs.File, error)          { return &handle{d: d}, nil }
func (d *disk) Stat(string) (fs.FileInfo, error)      { return d.info(), nil }
func (h *handle) Stat() (fs.FileInfo, error)          { return h.d.Stat("") }
func (h *handle) Read([]byte) (int, error)            { return 0, io.EOF }
func (h *handle) Close() error                        { return nil }
func (d *disk) card(size, position int) []byte        { return d.data[(position-1)*size : position*size] }
func (d *disk) write(size, position int, text string) { copy(d.card(size, position), text) }

func (d *disk) info() info {
	d.mu.Lock()
	defer d.mu.Unlock()
	return info{int64(len(d.data)), d.id}
}

type handle struct{ d *disk }

func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	h.d.reads++
	if h.d.before != nil {
		h.d.before(h.d.reads)
	}
	if n := h.d.locked[1]; n > 0 && off < h.d.locked[0]+n && off+int64(len(p)) > h.d.locked[0] {
		return 0, syscall.EACCES
	}
	if off >= int64(len(h.d.data)) {
		return 0, io.EOF
	}
	n := copy(p, h.d.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

type info struct {
	size int64
	id   uint64
}

func (i info) Name() string       { return "CARDS.DAT" }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return 0o444 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }
func (i info) FileID() uint64     { return i.id }

type notes map[string][]byte

func (n notes) Get(key string) []byte        { return n[key] }
func (n notes) Put(key string, value []byte) { n[key] = value }

// stand is a file, its notes and what is remembered between looks.
type stand struct {
	disk  *disk
	spec  *scan.Spec
	notes notes
	known scan.Known
	// between is called after the first read and after each further one, with its number.
	between func(round int)
}

func newStand(cards, size int) *stand {
	s := &stand{disk: &disk{data: make([]byte, cards*size), id: 7}, notes: notes{}}
	s.spec = &scan.Spec{Name: "CARDS", Seed: 1, Geometry: scan.Geometry{CardSize: size, First: 1, DataFrom: 2}}
	for p := 1; p <= cards; p++ {
		s.disk.write(size, p, fmt.Sprintf("card %d", p))
	}
	return s
}

func (s *stand) open(t *testing.T) *scan.Reader {
	t.Helper()
	r, err := scan.Open(context.Background(), share.BlockReader{FS: s.disk, Name: "CARDS.DAT"}, s.spec, &scan.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// look makes a whole look of at most two further rounds, and gives the accepted positions and the
// blocks that stayed suspect.
func (s *stand) look(t *testing.T) (accepted []int32, suspects []int) {
	t.Helper()
	accepted, suspects, err := s.try(t)
	if err != nil {
		t.Fatal(err)
	}
	return accepted, suspects
}

func (s *stand) try(t *testing.T) (accepted []int32, suspects []int, err error) {
	t.Helper()
	ctx := context.Background()
	r := s.open(t)
	cards, _ := r.Cards()
	l := scan.Start(s.spec, s.notes, &s.known, cards)
	if err := r.All(ctx, func(b scan.Block) error { return l.First(b, nil) }); err != nil {
		return nil, nil, err
	}
	for round := 1; round <= 2 && len(l.Suspects()) > 0; round++ {
		if s.between != nil {
			s.between(round)
		}
		err := r.Each(ctx, l.Suspects(), func(b scan.Block) error {
			return l.Again(b, func(p int32, card []byte) error {
				accepted = append(accepted, p)
				if want := s.disk.card(s.spec.CardSize, int(p)); !slices.Equal(card, want) {
					t.Errorf("card %d was handed on as %q, want %q", p, card, want)
				}
				return nil
			})
		})
		if err != nil {
			return nil, nil, err
		}
	}
	err = l.Vanished(func(p int32) error { accepted = append(accepted, -p); return nil })
	l.Save()
	return accepted, l.Suspects(), err
}

func span(from, to int32) []int32 {
	var all []int32
	for p := from; p <= to; p++ {
		all = append(all, p)
	}
	return all
}

func check(t *testing.T, got, want []int32) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("accepted positions (-want +got):\n%s", diff)
	}
}

func TestFirstLookTakesAll(t *testing.T) {
	for _, size := range []int{80, 512, 1536, 256 << 10} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			s := newStand(5, size)
			got, _ := s.look(t)
			check(t, got, span(2, 5))
			got, _ = s.look(t)
			check(t, got, nil)
		})
	}
}

func TestChangedCardsOnly(t *testing.T) {
	s := newStand(3000, 512)
	s.look(t)
	s.disk.write(512, 2, "first")
	s.disk.write(512, 1, "control card")
	s.disk.write(512, 1025, "later")
	s.disk.write(512, 3000, "last")
	got, _ := s.look(t)
	check(t, got, []int32{2, 1025, 3000})
	got, _ = s.look(t)
	check(t, got, nil)
}

// An unchanged file is read once, whole, and its pages are not touched.
func TestUnchangedTouchesNoPage(t *testing.T) {
	s := newStand(3000, 512)
	s.look(t)
	for key := range s.notes {
		if key != "blk/CARDS" {
			delete(s.notes, key)
		}
	}
	s.disk.reads = 0
	got, _ := s.look(t)
	check(t, got, nil)
	if want := 6; s.disk.reads != want {
		t.Errorf("got %d reads, want %d", s.disk.reads, want)
	}
}

// Requirement: ACO-75
func TestTornCardWaits(t *testing.T) {
	s := newStand(100, 512)
	s.look(t)
	s.disk.write(512, 10, "half")
	s.disk.write(512, 20, "whole")
	s.between = func(round int) { s.disk.write(512, 10, fmt.Sprint("more ", round)) }
	got, suspects := s.look(t)
	check(t, got, []int32{20})
	if len(suspects) != 1 {
		t.Errorf("got suspects %v, want the block of card 10", suspects)
	}
	s.between = nil
	got, _ = s.look(t)
	check(t, got, []int32{10})
}

// A card that is half written at the first look of all has no accepted state at all.
func TestTornAtFirstSight(t *testing.T) {
	s := newStand(10, 512)
	s.between = func(round int) { s.disk.write(512, 3, fmt.Sprint("more ", round)) }
	got, _ := s.look(t)
	check(t, got, []int32{2, 4, 5, 6, 7, 8, 9, 10})
	if v := s.known.Card(3, s.disk.card(512, 3)); v != scan.Changed {
		t.Errorf("card 3 never accepted: got verdict %v, want Changed", v)
	}
}

func TestLockedCardWaits(t *testing.T) {
	s := newStand(100, 512)
	s.look(t)
	s.disk.write(512, 9, "beside")
	s.disk.write(512, 10, "under the lock")
	s.disk.locked = [2]int64{9 * 512, 512}
	got, suspects := s.look(t)
	check(t, got, []int32{9})
	if len(suspects) != 1 {
		t.Errorf("got suspects %v, want one", suspects)
	}
	s.disk.locked = [2]int64{}
	got, _ = s.look(t)
	check(t, got, []int32{10})
}

func TestLockedAtFirstSight(t *testing.T) {
	s := newStand(10, 512)
	s.disk.locked = [2]int64{4 * 512, 512}
	got, _ := s.look(t)
	check(t, got, []int32{2, 3, 4, 6, 7, 8, 9, 10})
}

func TestCardBeingWrittenWaits(t *testing.T) {
	s := newStand(10, 512)
	s.spec.Writing = func(card []byte) bool { return card[511]%2 == 1 }
	s.disk.card(512, 5)[511] = 1
	got, _ := s.look(t)
	check(t, got, []int32{2, 3, 4, 6, 7, 8, 9, 10})
	s.disk.card(512, 5)[511] = 2
	got, _ = s.look(t)
	check(t, got, []int32{5})
}

func TestFillerMakesNoNoise(t *testing.T) {
	s := newStand(100, 512)
	s.spec.Canon = func(dst, card []byte) []byte { return append(dst, card[:500]...) }
	s.look(t)
	s.disk.card(512, 50)[510] = 9
	got, suspects := s.look(t)
	check(t, got, nil)
	if len(suspects) != 0 {
		t.Errorf("got suspects %v, want none: every card is as accepted", suspects)
	}
}

func TestOtherSeedForgetsAll(t *testing.T) {
	s := newStand(10, 512)
	s.look(t)
	s.spec.Seed = 2
	got, _ := s.look(t)
	check(t, got, span(2, 10))
}

func TestGrowingFile(t *testing.T) {
	s := newStand(10, 512)
	s.look(t)
	s.disk.data = append(s.disk.data, make([]byte, 512+200)...)
	s.disk.write(512, 11, "new")
	got, _ := s.look(t)
	check(t, got, []int32{11})
	if _, whole := s.open(t).Cards(); whole {
		t.Error("a file that ends inside a card counts as whole")
	}
}

// A file that grows while it is read is read to where it ended when the look began.
func TestGrowsDuringTheLook(t *testing.T) {
	s := newStand(10, 512)
	s.disk.before = func(reads int) {
		if reads == 1 {
			s.disk.data = append(s.disk.data, make([]byte, 512)...)
		}
	}
	got, _ := s.look(t)
	check(t, got, span(2, 10))
	got, _ = s.look(t)
	check(t, got, []int32{11})
}

func TestShorterFile(t *testing.T) {
	for _, size := range []int{96, 320, 512, 1536} { // with pages that divide a block, and that do not
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			all := int32(2*scan.BlockBytes/size + 300)
			s := newStand(int(all), size)
			s.look(t)
			whole := s.disk.data
			s.disk.data = whole[:600*size]
			got, _ := s.look(t)
			gone := span(601, all)
			for i := range gone {
				gone[i] = -gone[i]
			}
			check(t, got, gone)
			s.disk.data = whole
			got, _ = s.look(t)
			check(t, got, span(601, all))
		})
	}
}

func TestReplacedDuringTheLook(t *testing.T) {
	tests := []struct {
		name    string
		replace func(*disk)
	}{
		{"other file", func(d *disk) { d.id = 8 }},
		{"shorter file", func(d *disk) { d.data = d.data[:512*4] }},
		{"shorter behind the block that changed", func(d *disk) { d.data = d.data[:512*600] }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStand(1000, 512)
			s.look(t)
			s.disk.write(512, 3, "changed")
			s.between = func(int) { tt.replace(s.disk) }
			before := maps.Clone(s.notes)
			_, _, err := s.try(t)
			if connectors.KindOf(err) != connectors.Busy {
				t.Errorf("got error %v, want kind busy", err)
			}
			if diff := cmp.Diff(before, s.notes); diff != "" {
				t.Errorf("notes moved on (-before +after):\n%s", diff)
			}
		})
	}
}

func TestAcceptErrorKeepsNotes(t *testing.T) {
	s := newStand(10, 512)
	r := s.open(t)
	l := scan.Start(s.spec, s.notes, &s.known, 10)
	if err := r.All(context.Background(), func(b scan.Block) error { return l.First(b, nil) }); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	err := r.Each(context.Background(), l.Suspects(), func(b scan.Block) error {
		return l.Again(b, func(int32, []byte) error { return stop })
	})
	if !errors.Is(err, stop) {
		t.Errorf("got error %v, want %v", err, stop)
	}
	got, _ := s.look(t)
	check(t, got, span(2, 10))
}

func TestKnown(t *testing.T) {
	s := newStand(1000, 512)
	if v := s.known.Card(5, s.disk.card(512, 5)); v != scan.Unknown {
		t.Errorf("before any look: got %v, want Unknown", v)
	}
	s.look(t)
	if v := s.known.Card(5, s.disk.card(512, 5)); v != scan.Accepted {
		t.Errorf("accepted card: got %v", v)
	}
	s.known = scan.Known{} // as after a restart
	s.look(t)
	off, n := s.spec.Range(1, 1000)
	block := s.disk.data[off : off+int64(n)]
	if v := s.known.Card(600, s.disk.card(512, 600)); v != scan.Unknown {
		t.Errorf("no page was touched: got %v, want Unknown", v)
	}
	if v := s.known.Block(1, block); v != scan.Accepted {
		t.Errorf("accepted block: got %v", v)
	}
	block[0]++
	if v := s.known.Block(1, block); v != scan.Unknown {
		t.Errorf("changed block: got %v, want Unknown", v)
	}
}

// Whatever is written between looks and between reads, an accepted card is one that stood still, and
// once all stand still the notes have caught up with every card.
func TestConverges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.SampledFrom([]int{80, 96, 320, 512, 2048}).Draw(rt, "size")
		s := newStand(rapid.IntRange(1, 1500).Draw(rt, "cards"), size)
		s.spec.Header = 0
		last := map[int32]string{}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		edit := func(int) {
			for range random.IntN(4) {
				p := 1 + random.IntN(len(s.disk.data)/size)
				binary.LittleEndian.PutUint32(s.disk.card(size, p)[40:], random.Uint32())
			}
		}
		for range rapid.IntRange(1, 5).Draw(rt, "looks") {
			edit(0)
			if random.IntN(3) == 0 {
				s.disk.data = append(s.disk.data, make([]byte, size*random.IntN(9))...)
			}
			s.between = edit
			got, _ := s.look(t)
			for _, p := range got {
				last[p] = string(s.disk.card(size, int(p)))
			}
		}
		s.between = nil
		got, suspects := s.look(t)
		for _, p := range got {
			last[p] = string(s.disk.card(size, int(p)))
		}
		if len(suspects) != 0 {
			rt.Fatalf("suspects left on a quiet file: %v", suspects)
		}
		for p := 2; p <= len(s.disk.data)/size; p++ {
			if last[int32(p)] != string(s.disk.card(size, p)) {
				rt.Fatalf("card %d was not told as it is now", p)
			}
		}
	})
}
