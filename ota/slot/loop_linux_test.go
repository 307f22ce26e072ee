package slot_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"syncbox/ota/slot"
)

// loop makes a block device of a file; it takes root, and a machine that has such devices.
func loop(t *testing.T, path string) string {
	t.Helper()
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no loop devices here:", err)
	}
	defer control.Close()
	backing, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer backing.Close()
	for range 10 {
		n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			t.Skip("no loop device to be had:", err)
		}
		name := fmt.Sprintf("/dev/loop%d", n)
		device, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Skip("loop device not opened:", err)
		}
		err = unix.IoctlSetInt(int(device.Fd()), unix.LOOP_SET_FD, int(backing.Fd()))
		if errors.Is(err, unix.EBUSY) {
			device.Close() // somebody else was faster
			continue
		}
		if err != nil {
			device.Close()
			t.Skip("loop device not made:", err)
		}
		t.Cleanup(func() {
			if err := errors.Join(unix.IoctlSetInt(int(device.Fd()), unix.LOOP_CLR_FD, 0), device.Close()); err != nil {
				t.Error(err)
			}
		})
		return name
	}
	t.Skip("all loop devices are taken")
	return ""
}

// TestReadsPastTheCache lets a real block device change behind the kernel's memory of it: what is read again after an update
// must be what the medium has. In the virtual machine, the story of the updates does the same to a card (TestQEMUBox).
func TestReadsPastTheCache(t *testing.T) {
	const size = 4 << 20
	path := card(t, size, nil)
	s := open(t, loop(t, path), slot.PartitionB)
	if s.Size() != size {
		t.Fatalf("size %d", s.Size())
	}
	b := image(size - 100)
	list := windows(b)
	w := slot.NewWriter(s)
	for i := range list {
		if err := w.Write(i, b[i<<20:min(len(b), (i+1)<<20)]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
	present, err := slot.Present(t.Context(), s, list, int64(len(b)))
	if err != nil || fmt.Sprint(present) != "[true true true true]" {
		t.Fatalf("present %v, %v", present, err)
	}
	medium, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer medium.Close()
	if _, err := medium.WriteAt([]byte{^b[2<<20]}, 8<<20+size+2<<20); err != nil {
		t.Fatal(err)
	}
	remembered := make([]byte, 1)
	if _, err := s.ReadAt(remembered, 2<<20); err != nil {
		t.Fatal(err)
	}
	t.Logf("the kernel remembers what was written: %v", remembered[0] == b[2<<20])
	if present, err = slot.Present(t.Context(), s, list, int64(len(b))); err != nil || fmt.Sprint(present) != "[true true false true]" {
		t.Errorf("present %v, %v, want all but the third window", present, err)
	}
}
