package floors_test

import (
	"errors"
	"io"
	"testing"

	"pgregory.net/rapid"

	"syncbox/ota/bootstate"
	"syncbox/ota/floors"
)

// disk is one whose power may fail, and whose sectors may not be readable.
type disk struct {
	bytes  [floors.Offset2 + 512]byte
	cut    int // bytes that the next write still puts down; -1 is all
	bad    map[int64]bool
	writes int
	syncs  int
}

func newDisk() *disk { return &disk{cut: -1, bad: map[int64]bool{}} }

var errPower = errors.New("power failed")

func (d *disk) ReadAt(b []byte, at int64) (int, error) {
	if d.bad[at] {
		return 0, io.ErrUnexpectedEOF
	}
	return copy(b, d.bytes[at:]), nil
}

func (d *disk) WriteAt(b []byte, at int64) (int, error) {
	d.writes++
	if d.cut >= 0 {
		return copy(d.bytes[at:], b[:d.cut]), errPower
	}
	return copy(d.bytes[at:], b), nil
}

func (d *disk) Sync() error { d.syncs++; return nil }

func anyValues(t *rapid.T) floors.Values {
	n := func(name string) int64 {
		return rapid.OneOf(rapid.Int64Range(0, 9), rapid.Int64Range(0, 1<<63-1)).Draw(t, name)
	}
	return floors.Values{Root: n("root"), Timestamp: n("timestamp"), Snapshot: n("snapshot"), Targets: n("targets"), Release: n("release")}
}

// What was written is read; a new disk has no floors.
func TestWriteRead(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := newDisk()
		if v, err := floors.Read(d); !errors.Is(err, floors.ErrLost) || v != (floors.Values{}) {
			r.Fatalf("new disk: %+v, %v", v, err)
		}
		for range rapid.IntRange(1, 5).Draw(r, "writes") {
			want := anyValues(r)
			if err := floors.Write(d, want); err != nil {
				r.Fatal(err)
			}
			if got, err := floors.Read(d); err != nil || got != want {
				r.Fatalf("got %+v, %v, want %+v", got, err, want)
			}
		}
	})
}

// A cut of the power within a write leaves the old floors or the new ones; damage of one copy leaves the other.
func TestTorn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := newDisk()
		old, next := anyValues(r), anyValues(r)
		if err := floors.Write(d, anyValues(r)); err != nil {
			r.Fatal(err)
		}
		if err := floors.Write(d, old); err != nil {
			r.Fatal(err)
		}
		d.cut = rapid.IntRange(0, 512).Draw(r, "cut")
		if err := floors.Write(d, next); old != next && !errors.Is(err, errPower) {
			r.Fatalf("got %v, want the disk's error", err)
		}
		got, err := floors.Read(d)
		if err != nil || got != old && got != next || d.cut == 512 && got != next {
			r.Errorf("got %+v, %v, want %+v or %+v", got, err, old, next)
		}
	})
}

func TestGarbage(t *testing.T) {
	for name, spoil := range map[string]func(d *disk, at int64){
		"one bit":    func(d *disk, at int64) { d.bytes[at+40] ^= 4 },
		"erased":     func(d *disk, at int64) { clear(d.bytes[at : at+512]) },
		"unreadable": func(d *disk, at int64) { d.bad[at] = true },
	} {
		for i, at := range []int64{floors.Offset2, floors.Offset1} {
			d := newDisk()
			var want floors.Values
			for n := range 3 + i {
				want = floors.Values{Root: 1, Targets: int64(n)}
				if err := floors.Write(d, want); err != nil {
					t.Fatal(err)
				}
			}
			spoil(d, at)
			if got, err := floors.Read(d); err != nil || got != want {
				t.Errorf("%s at %#x: %+v, %v, want %+v", name, at, got, err, want)
			}
		}
	}
}

// The same floors are not written twice, negative ones not at all.
func TestNotWritten(t *testing.T) {
	d := newDisk()
	v := floors.Values{Root: 1, Release: 1_004_000}
	for range 3 {
		if err := floors.Write(d, v); err != nil {
			t.Fatal(err)
		}
	}
	v.Snapshot = -1
	if err := floors.Write(d, v); !errors.Is(err, floors.ErrValue) {
		t.Errorf("below 0: %v", err)
	}
	if d.writes != 1 || d.syncs != 1 {
		t.Errorf("%d writes, %d syncs, want one each", d.writes, d.syncs)
	}
}

// Boot state and floors share neither sectors nor pages of 4 KiB.
func TestPlaces(t *testing.T) {
	seen := map[int64]bool{}
	for _, at := range []int64{bootstate.Offset1, bootstate.Offset2, floors.Offset1, floors.Offset2} {
		if seen[at/4096] || at%4096 != 0 {
			t.Errorf("%#x shares a page", at)
		}
		seen[at/4096] = true
	}
	if floors.Offset1 != 0x1800*512 || floors.Offset2 != 0x1c00*512 {
		t.Errorf("floors at %#x and %#x", floors.Offset1, floors.Offset2)
	}
}

func FuzzRead(f *testing.F) {
	d := newDisk()
	if err := floors.Write(d, floors.Values{Root: 3, Timestamp: 4}); err != nil {
		f.Fatal(err)
	}
	f.Add(d.bytes[floors.Offset1 : floors.Offset1+512])
	f.Fuzz(func(t *testing.T, b []byte) {
		d := newDisk()
		copy(d.bytes[floors.Offset1:], b)
		v, err := floors.Read(d)
		if err == nil && min(v.Root, v.Timestamp, v.Snapshot, v.Targets, v.Release) < 0 {
			t.Errorf("read %+v", v)
		}
		if err := floors.Write(d, floors.Values{Root: 7}); err != nil {
			t.Skip(err)
		}
		if got, err := floors.Read(d); err != nil || got.Root != 7 {
			t.Errorf("after a write: %+v, %v", got, err)
		}
	})
}
