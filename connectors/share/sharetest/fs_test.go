package sharetest_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"syscall"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"syncbox/connectors/share/sharetest"
)

var old, renewed = bytes.Repeat([]byte("o"), 100), bytes.Repeat([]byte("n"), 100)

func newFS() *sharetest.FS {
	return &sharetest.FS{Under: fstest.MapFS{
		"A.DAT":       {Data: old},
		"F1000/B.DAT": {Data: []byte("b")},
	}}
}

func open(t *testing.T, f *sharetest.FS, name string) fs.File {
	t.Helper()
	file, err := f.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func readAt(t *testing.T, f fs.File, off, n int64) string {
	t.Helper()
	p := make([]byte, n)
	got, err := f.(io.ReaderAt).ReadAt(p, off)
	if err != nil && err != io.EOF {
		t.Fatal(err)
	}
	return string(p[:got])
}

func identity(t *testing.T, f *sharetest.FS) uint64 {
	t.Helper()
	info, err := f.Stat("A.DAT")
	if err != nil {
		t.Fatal(err)
	}
	return info.(interface{ FileID() uint64 }).FileID()
}

func TestFSWithoutFaults(t *testing.T) {
	if err := fstest.TestFS(newFS(), "A.DAT", "F1000/B.DAT"); err != nil {
		t.Error(err)
	}
}

func TestFSFails(t *testing.T) {
	tests := []struct {
		name  string
		fault sharetest.Faults
		op    sharetest.Op
		want  error
	}{
		{"open refused", sharetest.Faults{Fail: []sharetest.Fail{{Op: sharetest.Open, Err: sharetest.SharingViolation}}}, sharetest.Open, syscall.EBUSY},
		{"this file only", sharetest.Faults{Fail: []sharetest.Fail{{Name: "OTHER", Err: sharetest.Lost}}}, sharetest.Open, nil},
		{"other call only", sharetest.Faults{Fail: []sharetest.Fail{{Op: sharetest.Read, Err: sharetest.Lost}}}, sharetest.Stat, nil},
		{"any call", sharetest.Faults{Fail: []sharetest.Fail{{Name: "A.DAT", Err: sharetest.Lost}}}, sharetest.Stat, syscall.EIO},
		{"share gone", sharetest.Faults{Gone: syscall.EREMCHG}, sharetest.ReadDir, syscall.EREMCHG},
		{"share empty", sharetest.Faults{Empty: true}, sharetest.Open, syscall.ENOENT},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFS()
			f.Set(func(now *sharetest.Faults) { *now = test.fault })
			var err error
			switch test.op {
			case sharetest.Open:
				_, err = f.Open("A.DAT")
			case sharetest.Stat:
				_, err = f.Stat("A.DAT")
			case sharetest.ReadDir:
				_, err = f.ReadDir(".")
			}
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestFSFailsSoManyTimes(t *testing.T) {
	f := newFS()
	f.Set(func(now *sharetest.Faults) {
		now.Fail = []sharetest.Fail{{Op: sharetest.Stat, Err: sharetest.Lost, Times: 2}}
	})
	for i, want := range []error{syscall.EIO, syscall.EIO, nil, nil} {
		if _, err := f.Stat("A.DAT"); !errors.Is(err, want) {
			t.Errorf("call %d: %v, want %v", i, err, want)
		}
	}
	if got := f.Calls(sharetest.Stat); got != 4 {
		t.Errorf("%d calls counted, want 4", got)
	}
}

func TestFSEmptyListsNothing(t *testing.T) {
	f := newFS()
	f.Set(func(now *sharetest.Faults) { now.Empty = true })
	if list, err := f.ReadDir("."); err != nil || len(list) != 0 {
		t.Errorf("listing of an empty share: %v, %v", list, err)
	}
}

func TestFSStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFS()
		release := make(chan struct{})
		f.Set(func(now *sharetest.Faults) {
			now.Stall = []sharetest.Stall{{Op: sharetest.Open, Name: "A.DAT", Release: release}}
		})
		open(t, f, "F1000/B.DAT") // the other file is not held back
		done := make(chan error, 1)
		go func() {
			_, err := f.Open("A.DAT")
			done <- err
		}()
		synctest.Wait()
		if len(done) != 0 {
			t.Error("a stalled call came back")
		}
		close(release)
		if err := <-done; err != nil {
			t.Errorf("after the release: %v", err)
		}
	})
}

func TestFSLocked(t *testing.T) {
	f := newFS()
	f.Set(func(now *sharetest.Faults) {
		now.Locked = map[string][]sharetest.Span{"A.DAT": {{Off: 10, Len: 10}}}
	})
	file := open(t, f, "A.DAT").(io.ReaderAt)
	for _, test := range []struct {
		name   string
		off, n int64
		want   error
	}{
		{"before", 0, 10, nil},
		{"last byte inside", 0, 11, syscall.EACCES},
		{"across", 0, 100, syscall.EACCES},
		{"first byte inside", 19, 5, syscall.EACCES},
		{"after", 20, 80, nil},
	} {
		if _, err := file.ReadAt(make([]byte, test.n), test.off); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func TestFSTornThenNew(t *testing.T) {
	f := newFS()
	f.Set(func(now *sharetest.Faults) {
		now.Torn = map[string]sharetest.Torn{"A.DAT": {New: renewed, Times: 2}}
	})
	file := open(t, f, "A.DAT")
	before := identity(t, f)
	for i, want := range []string{"oonn", "oonn", "nnnn"} {
		if got := readAt(t, file, 20, 4); got != want {
			t.Errorf("read %d: %q, want %q", i, got, want)
		}
	}
	if now := identity(t, f); now != before {
		t.Errorf("identity went from %d to %d by a write in place", before, now)
	}
}

func TestFSShort(t *testing.T) {
	f := newFS()
	f.Set(func(now *sharetest.Faults) { now.Short = map[string]int64{"A.DAT": 60} })
	file := open(t, f, "A.DAT")
	if info, _ := file.Stat(); info.Size() != 100 {
		t.Errorf("size %d, want 100 as ever", info.Size())
	}
	for _, test := range []struct{ off, n, want int64 }{{0, 60, 60}, {50, 20, 10}, {60, 5, 0}, {90, 5, 0}} {
		if got := int64(len(readAt(t, file, test.off, test.n))); got != test.want {
			t.Errorf("read %d at %d gives %d bytes, want %d", test.n, test.off, got, test.want)
		}
	}
}

func TestFSReplaced(t *testing.T) {
	f := newFS()
	f.Set(func(now *sharetest.Faults) {
		now.Replaced = map[string]sharetest.Replaced{"A.DAT": {AfterReads: 1, Content: renewed[:50]}}
	})
	first := open(t, f, "A.DAT")
	before := identity(t, f)
	if got := readAt(t, first, 0, 2); got != "oo" {
		t.Errorf("first read: %q", got)
	}
	if now := identity(t, f); now == before {
		t.Error("the replaced file has the identity of the old one")
	}
	if info, _ := f.Stat("A.DAT"); info.Size() != 50 {
		t.Errorf("size by path %d, want 50", info.Size())
	}
	if got := readAt(t, first, 98, 2); got != "oo" {
		t.Errorf("open handle: %q, want the old file", got)
	}
	if got := readAt(t, open(t, f, "A.DAT"), 0, 2); got != "nn" {
		t.Errorf("new handle: %q, want the new file", got)
	}
}

func TestFSCountsOpenFiles(t *testing.T) {
	f := newFS()
	a, b := open(t, f, "A.DAT"), open(t, f, "A.DAT")
	a.Close()
	b.Close()
	open(t, f, "A.DAT")
	if now, most := f.OpenFiles(); now != 1 || most != 2 {
		t.Errorf("%d open, at most %d; want 1 and 2", now, most)
	}
}
