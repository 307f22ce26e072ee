package otatest_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"syncbox/ota/otatest"
)

const sector = otatest.SectorSize

// fill gives n sectors of one byte.
func fill(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n*sector) }

func TestContent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const size = 600 << 10 // more than two chunks
		c := otatest.NewContent(size)
		want := make([]byte, size)
		kept, keptWant := c.Clone(), bytes.Clone(want)
		for range rapid.IntRange(1, 12).Draw(t, "writes") {
			at := rapid.IntRange(0, size-1).Draw(t, "at")
			b := bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, rapid.IntRange(1, min(size-at, 9000)).Draw(t, "length"))
			c.Write(b, int64(at))
			copy(want[at:], b)
			if rapid.Bool().Draw(t, "keep") {
				kept, keptWant = c.Clone(), bytes.Clone(want)
			}
		}
		if !bytes.Equal(c.Bytes(0, size), want) || !c.Is(want, 0) {
			t.Error("not what was written")
		}
		wide := otatest.NewContent(2 * size)
		wide.Write(want, 256<<10)
		if !wide.Same(&c, 256<<10) {
			t.Error("the same content in another place is not the same")
		}
		wide.Write([]byte{^want[size-1]}, 256<<10+size-1)
		if wide.Same(&c, 256<<10) {
			t.Error("the last byte does not count")
		}
		if !kept.Is(keptWant, 0) {
			t.Error("a copy was changed")
		}
		fresh := otatest.NewContent(size)
		fresh.Write(want, 0)
		if fresh.Sum() != c.Sum() {
			t.Error("the same content has another sum")
		}
		want[7] ^= 1
		if c.Is(want, 0) {
			t.Error("another content is taken for this one")
		}
		fresh.Write(want[7:8], 7)
		if fresh.Sum() == c.Sum() || fresh.Same(&c, 0) {
			t.Error("another content has the same sum")
		}
	})
}

// newDisk gives an empty disk, and what it writes its log into.
func newDisk(size int64) (*otatest.Disk, *otatest.Log) {
	log := new(otatest.Log)
	return otatest.NewDisk(log, otatest.NewContent(size)), log
}

func TestFile(t *testing.T) {
	d, log := newDisk(64 << 10)
	f := d.File("slot", 8192, 4096, false)
	if n, err := f.WriteAt([]byte("middle"), 510); n != 6 || err != nil {
		t.Fatal(n, err)
	}
	ops := log.Ops()
	if len(ops) != 1 || ops[0].At != 8192 || len(ops[0].Data) != 2*sector || string(ops[0].Data[510:516]) != "middle" {
		t.Errorf("got %v, want one write of two whole sectors", ops)
	}
	b := make([]byte, 6)
	if _, err := d.File("disk", 0, 64<<10, false).ReadAt(b, 8192+510); err != nil || string(b) != "middle" {
		t.Errorf("another file reads %q, %v", b, err)
	}
	if _, err := f.WriteAt(make([]byte, 2), 4095); !errors.Is(err, otatest.ErrOutside) {
		t.Errorf("got %v, want ErrOutside", err)
	}
	if n, err := f.ReadAt(make([]byte, 8), 4092); n != 4 || err == nil {
		t.Errorf("read over the end: %d, %v", n, err)
	}
}

// replayed goes through a whole log from an empty disk.
func replayed(log *otatest.Log, size int64) *otatest.Replay {
	r := otatest.NewReplay(otatest.State{otatest.NewContent(size), otatest.NewContent(0)})
	for _, o := range log.Ops() {
		r.Step(o)
	}
	return r
}

func TestSync(t *testing.T) {
	const size = 64 << 10
	tests := []struct {
		name string
		do   func(slot, disk *otatest.File, log *otatest.Log)
		want byte // the first byte of sector 8, which a slot's write gave 1
	}{
		{"not synced", func(_, _ *otatest.File, _ *otatest.Log) {}, 0},
		{"synced", func(slot, _ *otatest.File, _ *otatest.Log) { _ = slot.Sync() }, 1},
		{"another file synced", func(_, disk *otatest.File, _ *otatest.Log) { _ = disk.Sync() }, 0},
		{"a durable write behind it", func(_, disk *otatest.File, _ *otatest.Log) { _, _ = disk.WriteAt(fill(2, 1), 0) }, 0},
		{"a durable write over it", func(_, disk *otatest.File, _ *otatest.Log) { _, _ = disk.WriteAt(fill(2, 1), 8*sector) }, 2},
		{"the boot loader's write over it, then another file's sync", func(_, disk *otatest.File, log *otatest.Log) {
			log.Add(otatest.Op{Kind: otatest.Write, File: otatest.Selector, At: 8 * sector, Data: fill(3, 1)})
			_ = disk.Sync()
		}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, log := newDisk(size)
			slot, disk := d.File("slot", 8*sector, 16*sector, false), d.File("disk", 0, size, true)
			if _, err := slot.WriteAt(fill(1, 1), 0); err != nil {
				t.Fatal(err)
			}
			tt.do(slot, disk, log)
			got := replayed(log, size).Cut(otatest.Lost, nil, 0, nil)
			if b := got[otatest.TheDisk].Bytes(8*sector, 1); b[0] != tt.want {
				t.Errorf("a cut leaves %d, want %d", b[0], tt.want)
			}
		})
	}
}

// TestCut draws writes and syncs. Whatever a cut leaves in a sector was written there at some time, and not before
// what is durable.
func TestCut(t *testing.T) {
	const sectors = 24
	seen := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		d, log := newDisk(sectors * sector)
		files := []*otatest.File{
			d.File("a", 0, sectors*sector, false), d.File("b", 0, sectors*sector, false), d.File("c", 0, sectors*sector, true),
		}
		var versions [sectors][]byte // of each sector, the durable one first
		var by [sectors][]int
		for i := range versions {
			versions[i], by[i] = []byte{0}, []int{-1}
		}
		for n := range rapid.IntRange(1, 15).Draw(t, "ops") {
			f := rapid.IntRange(0, 2).Draw(t, "file")
			if f < 2 && rapid.IntRange(0, 3).Draw(t, "sync") == 0 {
				_ = files[f].Sync()
				for i := range versions {
					for k := len(by[i]) - 1; k > 0; k-- {
						if by[i][k] == f { // what came after it stays pending
							versions[i], by[i] = versions[i][k:], append([]int{-1}, by[i][k+1:]...)
							break
						}
					}
				}
				continue
			}
			at := rapid.IntRange(0, sectors-1).Draw(t, "at")
			length := rapid.IntRange(1, sectors-at).Draw(t, "length")
			b := byte(n + 1)
			if _, err := files[f].WriteAt(fill(b, length), int64(at*sector)); err != nil {
				t.Fatal(err)
			}
			for i := at; i < at+length; i++ {
				if f == 2 {
					versions[i], by[i] = []byte{b}, []int{-1}
				} else {
					versions[i], by[i] = append(versions[i], b), append(by[i], f)
				}
			}
		}
		r := replayed(log, sectors*sector)
		next := otatest.Op{Kind: otatest.Write, At: 4 * sector, Data: fill(200, 5)}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for _, mode := range []otatest.Mode{otatest.Clean, otatest.Lost, otatest.Dropped, otatest.Reordered, otatest.Torn} {
			s := r.Cut(mode, &next, rng.IntN(5), rng)
			for i := range sectors {
				b := s[otatest.TheDisk].Bytes(int64(i*sector), sector)
				if !bytes.Equal(b, fill(b[0], 1)) {
					t.Fatalf("%s: sector %d is not whole", mode, i)
				}
				if b[0] == 200 && i >= 4 && i < 9 {
					seen[fmt.Sprint(mode, " next")] = true
					continue
				}
				if !bytes.Contains(versions[i], b[:1]) {
					t.Fatalf("%s: sector %d holds %d, want one of %d", mode, i, b[0], versions[i])
				}
				if b[0] != versions[i][0] && b[0] != versions[i][len(versions[i])-1] {
					seen[fmt.Sprint(mode, " between")] = true
				}
			}
		}
	})
	for _, want := range []string{"dropped next", "reordered next", "torn next", "dropped between", "reordered between"} {
		if !seen[want] {
			t.Errorf("never seen: %s", want)
		}
	}
	if seen["clean next"] || seen["lost next"] {
		t.Error("a write under way is there in a mode that leaves it out")
	}
}

// TestInside tears a sector: it is neither the old nor the new one.
func TestInside(t *testing.T) {
	r := replayed(new(otatest.Log), 8*sector)
	next := otatest.Op{Kind: otatest.Write, At: 2 * sector, Data: fill(9, 3), Durable: true}
	for seed := range uint64(50) {
		s := r.Cut(otatest.Inside, &next, 1, rand.New(rand.NewPCG(seed, 0)))
		c := &s[otatest.TheDisk]
		if torn := c.Bytes(3*sector, sector); !c.Is(fill(9, 1), 2*sector) || torn[0] != 9 || bytes.Equal(torn, fill(9, 1)) {
			t.Fatalf("seed %d: the second sector of the write is not torn", seed)
		}
		if !c.Is(fill(0, 4), 4*sector) {
			t.Fatalf("seed %d: a sector behind it was written", seed)
		}
	}
}
