package slot_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/slot"
)

const sector = 512

// card makes the image of a disk with both slots of size bytes.
func card(t *testing.T, size int64, change func(mbr []byte)) string {
	t.Helper()
	mbr := make([]byte, sector)
	mbr[510], mbr[511] = 0x55, 0xaa
	for i, at := range []int64{4 << 20, 8 << 20, 8<<20 + size} {
		e := mbr[446+16*i:]
		e[4] = 0x0c
		binary.LittleEndian.PutUint32(e[8:], uint32(at/sector))
		binary.LittleEndian.PutUint32(e[12:], uint32(size/sector))
	}
	if change != nil {
		change(mbr)
	}
	path := filepath.Join(t.TempDir(), "disk.img")
	if err := os.WriteFile(path, mbr, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 8<<20+2*size); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, disk string, partition int) *slot.Slot {
	t.Helper()
	s, err := slot.Open(disk, partition)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func image(n int) []byte {
	b := make([]byte, n)
	rng := rand.NewChaCha8([32]byte{byte(n)})
	rng.Read(b)
	return b
}

func windows(b []byte) (all []bundle.Digest) {
	for len(b) > 0 {
		n := min(len(b), bundle.WindowSize)
		all = append(all, sha256.Sum256(b[:n]))
		b = b[n:]
	}
	return all
}

// An image that is written window by window is found, hashed and told apart from what else is on the disk.
func TestWriteAndFind(t *testing.T) {
	const size = 3 << 20
	for _, n := range []int{size, size - 1, 2<<20 + 1, 1 << 20, 1} {
		path := card(t, size, nil)
		s, other := open(t, path, slot.PartitionB), open(t, path, slot.PartitionA)
		if s.Size() != size {
			t.Fatalf("size %d", s.Size())
		}
		b := image(n)
		w := slot.NewWriter(s)
		list := windows(b)
		for i := range list {
			if i == 1 {
				continue
			}
			if err := w.Write(i, b[i<<20:min(len(b), (i+1)<<20)]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Sync(); err != nil {
			t.Fatal(err)
		}
		got, err := slot.Present(t.Context(), s, list, int64(n))
		want := make([]bool, len(list))
		for i := range want {
			want[i] = i != 1
		}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%d bytes: %v, present (-want +got):\n%s", n, err, d)
		}
		if len(list) > 1 {
			if err := w.Write(1, b[1<<20:min(len(b), 2<<20)]); err != nil {
				t.Fatal(err)
			}
		}
		if sum, err := slot.Hash(t.Context(), s, int64(n)); err != nil || sum != sha256.Sum256(b) {
			t.Errorf("%d bytes: %s, %v", n, sum, err)
		}
		if sum, err := slot.Hash(t.Context(), other, size); err != nil || sum != sha256.Sum256(make([]byte, size)) {
			t.Errorf("%d bytes: the other slot has changed: %v", n, err)
		}
	}
}

// Nothing outside of the slot can be reached.
func TestBounds(t *testing.T) {
	s := open(t, card(t, 1<<20, nil), slot.PartitionA)
	b := make([]byte, 4096)
	for _, at := range []int64{-1, -4096, 1<<20 - 4095, 1 << 20, 1 << 40} {
		if _, err := s.WriteAt(b, at); !errors.Is(err, slot.ErrTooLarge) {
			t.Errorf("write at %d: %v", at, err)
		}
	}
	if n, err := s.ReadAt(b, 1<<20-10); n != 10 || err != io.EOF {
		t.Errorf("read at the end: %d, %v", n, err)
	}
	if _, err := s.ReadAt(b, -1); err == nil || err == io.EOF {
		t.Errorf("read before the slot: %v", err)
	}
	if err := slot.NewWriter(s).Write(1, b); !errors.Is(err, slot.ErrTooLarge) {
		t.Errorf("window behind the slot: %v", err)
	}
	if _, err := slot.Hash(t.Context(), s, 1<<20+1); !errors.Is(err, slot.ErrTooLarge) {
		t.Errorf("hash of more than the slot: %v", err)
	}
	if _, err := slot.Present(t.Context(), s, make([]bundle.Digest, 2), 1<<20+1); !errors.Is(err, slot.ErrTooLarge) {
		t.Errorf("windows of more than the slot: %v", err)
	}
	if _, err := slot.Present(t.Context(), s, make([]bundle.Digest, 2), 1<<20); err == nil {
		t.Error("more windows than the image has")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := slot.Hash(ctx, s, 1<<20); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestTable(t *testing.T) {
	entry := func(i int, change func(e []byte)) func([]byte) { return func(b []byte) { change(b[446+16*i:][:16]) } }
	for name, tt := range map[string]struct {
		partition int
		change    func([]byte)
	}{
		"no signature":        {slot.PartitionA, func(b []byte) { b[510] = 0 }},
		"boot partition":      {1, nil},
		"data partition":      {4, nil},
		"no partition":        {0, nil},
		"another type":        {slot.PartitionA, entry(1, func(e []byte) { e[4] = 0x83 })},
		"empty":               {slot.PartitionB, entry(2, func(e []byte) { clear(e[12:]) })},
		"over the boot state": {slot.PartitionA, entry(1, func(e []byte) { binary.LittleEndian.PutUint32(e[8:], 0x800) })},
		"not aligned":         {slot.PartitionA, entry(1, func(e []byte) { e[8]++ })},
	} {
		if _, err := slot.Open(card(t, 1<<20, tt.change), tt.partition); !errors.Is(err, slot.ErrTable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := slot.Open(filepath.Join(t.TempDir(), "none"), slot.PartitionA); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no disk: %v", err)
	}
	for s, want := range map[bootstate.Slot]int{bootstate.A: 2, bootstate.B: 3, bootstate.None: 0} {
		if got := slot.Partition(s); got != want {
			t.Errorf("slot %q is partition %d", s, got)
		}
	}
}

// device writes down what is done to it.
type device struct {
	unsynced int
	most     int
}

func (d *device) ReadAt(b []byte, at int64) (int, error) { return len(b), nil }

func (d *device) WriteAt(b []byte, _ int64) (int, error) {
	d.unsynced += len(b)
	d.most = max(d.most, d.unsynced)
	return len(b), nil
}

func (d *device) Sync() error { d.unsynced = 0; return nil }

func (d *device) Size() int64 { return 40 << 20 }

// Never more than 8 MiB wait for a sync.
func TestSyncs(t *testing.T) {
	d := &device{}
	w := slot.NewWriter(d)
	for i := range 40 {
		if err := w.Write(i, make([]byte, bundle.WindowSize)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Sync(); err != nil || d.unsynced != 0 || d.most > slot.SyncEvery || d.most < slot.SyncEvery/2 {
		t.Errorf("%v, %d bytes not synced, %d at most", err, d.unsynced, d.most)
	}
}
