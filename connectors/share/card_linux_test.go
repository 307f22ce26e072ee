package share_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"syncbox/connectors/share"
)

func cardWriter(t *testing.T, dir string) *share.Writer {
	t.Helper()
	w, err := share.OpenWriter(t.Context(), directory(dir), share.WriteCards, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func openCard(t *testing.T, w *share.Writer) share.LockedFile {
	t.Helper()
	c, err := w.OpenCard(t.Context(), "CARDS.DAT")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestCardUnderLock(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "CARDS.DAT", bytes.Repeat([]byte("."), 1000))
	box, station := openCard(t, cardWriter(t, dir)), openCard(t, cardWriter(t, dir))

	if err := box.Lock(200, 100); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		off, n int64
		free   bool
	}{{"same", 200, 100, false}, {"its last byte", 299, 1, false}, {"around", 0, 1000, false}, {"next card", 300, 100, true}, {"beyond the end", 1_000_000_001, 1, true}} {
		err := station.Lock(test.off, test.n)
		if test.free != (err == nil) {
			t.Errorf("%s: %v, want free = %v", test.name, err, test.free)
		}
		if err != nil {
			wantClass(t, test.name, err, share.Busy)
		}
	}
	if _, err := box.WriteAt([]byte("new"), 200); err != nil {
		t.Fatal(err)
	}
	if err := box.Sync(); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 5)
	if _, err := box.ReadAt(p, 199); err != nil || string(p) != ".new." {
		t.Errorf("read back under the lock: %q, %v", p, err)
	}
	if err := box.Unlock(200, 100); err != nil {
		t.Fatal(err)
	}
	if err := station.Lock(200, 100); err != nil {
		t.Errorf("after the unlock: %v", err)
	}
	if err := station.Close(); err != nil {
		t.Fatal(err)
	}
	if err := box.Lock(0, 1000); err != nil {
		t.Errorf("after the other's close: %v", err)
	}
	if info, err := box.Stat(); err != nil || info.Size() != 1000 {
		t.Errorf("size %v, %v; want 1000 as before", info, err)
	}
}

func TestCardNeedsALock(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "CARDS.DAT", []byte("cards"))
	c := openCard(t, cardWriter(t, dir))
	if _, err := c.WriteAt([]byte("x"), 0); err == nil {
		t.Error("a card was written without a lock")
	}
	if err := c.Lock(0, 5); err != nil {
		t.Fatal(err)
	}
	if _, err := c.WriteAt([]byte("x"), -1); err == nil {
		t.Error("a card was written at -1")
	}
	if err := c.Unlock(0, 5); err != nil {
		t.Fatal(err)
	}
	if _, err := c.WriteAt([]byte("x"), 0); err == nil {
		t.Error("a card was written after the lock")
	}
	for _, r := range [][2]int64{{0, 0}, {-1, 5}, {0, -1}} {
		if c.Lock(r[0], r[1]) == nil || c.Unlock(r[0], r[1]) == nil {
			t.Errorf("range %v was taken", r)
		}
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "CARDS.DAT")); string(got) != "cards" {
		t.Errorf("file is %q", got)
	}
}

func TestCardMustExist(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "folder/x", nil)
	w := cardWriter(t, dir)
	_, err := w.OpenCard(t.Context(), "NONE.DAT")
	wantClass(t, "open", err, share.Gone)
	if _, err := os.Stat(filepath.Join(dir, "NONE.DAT")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
	if _, err := w.OpenCard(t.Context(), "folder"); err == nil {
		t.Error("a folder opens as a card")
	}
}

func TestCardEndsWithTheMount(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "CARDS.DAT", []byte("cards"))
	w := cardWriter(t, dir)
	c := openCard(t, w)
	if err := c.Lock(0, 5); err != nil {
		t.Fatal(err)
	}
	if err := w.Suspend(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := c.WriteAt([]byte("x"), 0)
	wantClass(t, "write after a blackout began", err, share.MountBusy)
	if err := openCard(t, w).Lock(0, 5); err != nil {
		t.Errorf("the lock outlived its mount: %v", err)
	}
}

func TestNoWriterOnASnapshot(t *testing.T) {
	c := windows()
	c.Snapshot = time.Unix(1, 0)
	if _, err := share.NewWriter(c, share.WriteDrops, nil); err == nil {
		t.Error("a previous version takes a writer")
	}
}
