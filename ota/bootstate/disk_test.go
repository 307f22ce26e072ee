package bootstate_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"syncbox/ota/bootstate"
)

// disk is one whose power may fail, and whose sectors may not be readable. It holds nothing but the
// two copies, by their offsets.
type disk struct {
	copies    map[int64]*[bootstate.BlockSize]byte
	cut       int // bytes that the next write still puts down; -1 is all
	bad       map[int64]bool
	syncs     int
	syncFails error
}

func newDisk() *disk {
	d := &disk{copies: map[int64]*[bootstate.BlockSize]byte{}, cut: -1, bad: map[int64]bool{}}
	for _, at := range both {
		d.copies[at] = new([bootstate.BlockSize]byte)
	}
	return d
}

var both = []int64{bootstate.Offset1, bootstate.Offset2}

func (d *disk) ReadAt(b []byte, at int64) (int, error) {
	if d.bad[at] {
		return 0, io.ErrUnexpectedEOF
	}
	return copy(b, d.copies[at][:]), nil
}

var errPower = errors.New("power failed")

func (d *disk) WriteAt(b []byte, at int64) (int, error) {
	if d.cut >= 0 {
		return copy(d.copies[at][:], b[:d.cut]), errPower
	}
	return copy(d.copies[at][:], b), nil
}

func (d *disk) Sync() error { d.syncs++; return d.syncFails }

// valid says whether the copy at an offset is one.
func (d *disk) valid(at int64) bool {
	_, err := bootstate.Decode(d.copies[at][:])
	return err == nil
}

// written gives the first state with n writes behind it.
func written(t interface{ Fatal(...any) }, d *disk, s bootstate.State, n int) bootstate.State {
	s.Seq = 0
	for range n {
		var err error
		if s, err = bootstate.Write(d, s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestLost(t *testing.T) {
	d := newDisk()
	s, err := bootstate.Read(d)
	if !errors.Is(err, bootstate.ErrLost) || !errors.Is(err, bootstate.ErrBlock) || s != bootstate.First() {
		t.Fatalf("got %+v, %v, want the first state and ErrLost", s, err)
	}
	s.B = bootstate.Sums{Kernel: bootstate.Invalid}
	want, err := bootstate.Write(d, s)
	if err != nil || want.Seq != 1 || d.syncs != 1 {
		t.Fatalf("got %+v, %v, %d syncs, want seq 1 and one sync", want, err, d.syncs)
	}
	if got, err := bootstate.Read(d); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if !d.valid(bootstate.Offset1) {
		t.Error("the first write is not in copy 1, where the selector puts it")
	}
}

// TestAlternate writes many times: each write leaves the copy before it as it was.
func TestAlternate(t *testing.T) {
	for n := range 5 {
		d := newDisk()
		s := written(t, d, bootstate.First(), n)
		kept := both[(n+1)%2]
		before := *d.copies[kept]
		if _, err := bootstate.Write(d, s); err != nil {
			t.Fatal(err)
		}
		if before != *d.copies[kept] {
			t.Errorf("write %d changed the copy before it", n+1)
		}
	}
}

// TestTorn cuts the power after any byte of a write: the old state is there, or the new one.
func TestTorn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := newDisk()
		old := written(r, d, anyState(r), rapid.IntRange(1, 3).Draw(r, "writes before"))
		next := anyState(r)
		next.Seq = old.Seq
		d.cut = rapid.IntRange(0, bootstate.BlockSize).Draw(r, "cut")
		if _, err := bootstate.Write(d, next); !errors.Is(err, errPower) {
			r.Fatalf("got %v, want the disk's error", err)
		}
		next.Seq++
		got, err := bootstate.Read(d)
		if err != nil || got != old && got != next {
			r.Errorf("got %+v, %v, want %+v or %+v", got, err, old, next)
		}
		if d.cut == bootstate.BlockSize && got != next {
			r.Errorf("got %+v, want the whole write %+v", got, next)
		}
	})
}

// TestGarbage puts anything into the older copy: the other one counts, and the garbage is written over.
func TestGarbage(t *testing.T) {
	for name, spoil := range map[string]func(d *disk, at int64){
		"bytes":      func(d *disk, at int64) { copy(d.copies[at][:], "garbage") },
		"erased":     func(d *disk, at int64) { *d.copies[at] = [512]byte{} },
		"unreadable": func(d *disk, at int64) { d.bad[at] = true },
	} {
		for i, at := range both {
			d := newDisk()
			want := written(t, d, bootstate.First(), 4+i)
			spoil(d, at)
			if got, err := bootstate.Read(d); err != nil || got != want {
				t.Errorf("%s in copy %d: got %+v, %v, want %+v", name, i+1, got, err, want)
			}
			if _, err := bootstate.Write(d, want); err != nil {
				t.Errorf("%s in copy %d: %v", name, i+1, err)
			}
			if !d.valid(at) {
				t.Errorf("%s in copy %d was not written over", name, i+1)
			}
		}
	}
}

func TestNewestSpoilt(t *testing.T) {
	d := newDisk()
	want := written(t, d, bootstate.First(), 1)
	if _, err := bootstate.Write(d, want); err != nil {
		t.Fatal(err)
	}
	d.copies[bootstate.Offset2][7] ^= 1
	if got, err := bootstate.Read(d); err != nil || got != want {
		t.Errorf("got %+v, %v, want the one before, %+v", got, err, want)
	}
}

func TestWriteRefuses(t *testing.T) {
	d := newDisk()
	old := written(t, d, bootstate.First(), 1)
	now, err := bootstate.Write(d, old)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bootstate.Write(d, old); !errors.Is(err, bootstate.ErrStale) {
		t.Errorf("got %v, want ErrStale", err)
	}
	bad := now
	bad.Good = "c"
	if _, err := bootstate.Write(d, bad); err == nil {
		t.Error("a state with an unknown slot was written")
	}
	if got, err := bootstate.Read(d); err != nil || got != now || d.syncs != 2 {
		t.Errorf("got %+v, %v, %d syncs: a refused write wrote", got, err, d.syncs)
	}
	d.syncFails = errPower
	if _, err := bootstate.Write(d, now); !errors.Is(err, errPower) {
		t.Errorf("got %v, want what Sync says", err)
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "disk.img")
	if err := os.WriteFile(path, make([]byte, 4<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := bootstate.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := bootstate.Write(f, bootstate.First())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := bootstate.Read(f); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := bootstate.Open(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want no such file", err)
	}
}
