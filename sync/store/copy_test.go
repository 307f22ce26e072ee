package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"syncbox/connectors"
)

// bulk puts n values of a kind of 64 KiB each into a database.
func bulk(t *testing.T, kv KV, n int) {
	t.Helper()
	must(t, kv.Update(func(tx Tx) error {
		for i := range n {
			if err := tx.Put("bulk", []byte(fmt.Sprint("value", i)), bytes.Repeat([]byte(fmt.Sprint(i, " ")), 1<<15)[:1<<16]); err != nil {
				return err
			}
		}
		return nil
	}))
}

func dropBulk(t *testing.T, kv KV, n int) {
	t.Helper()
	must(t, kv.Update(func(tx Tx) error {
		for i := range n {
			if err := tx.Delete("bulk", []byte(fmt.Sprint("value", i))); err != nil {
				return err
			}
		}
		return nil
	}))
}

func sizeOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	return info.Size()
}

// TestCompaction opens files that are mostly free: large ones become small, with the same content; small ones,
// and those that are mostly in use, stay.
func TestCompaction(t *testing.T) {
	for _, row := range []struct {
		name         string
		filled, free int
		smaller      bool
	}{
		{"large and mostly free", 200, 180, true},
		{"large and mostly in use", 200, 60, false},
		{"small", 100, 99, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := scratchDir(t)
			f := jobFiles(t, dir, 7*seedStep)
			put(t, f.State, 1, 50)
			for _, kv := range []KV{f.State.kv, f.Cache.kv} {
				bulk(t, kv, row.filled)
				dropBulk(t, kv, row.free)
				must(t, kv.Update(func(tx Tx) error { return tx.Put("bulk", []byte("last"), nil) })) // what was freed is free from now on
			}
			want := both{contentOf(t, f.State.kv), contentOf(t, f.Cache.kv)}
			must(t, f.Close())
			for range 2 {
				before := [2]int64{sizeOf(t, filepath.Join(dir, stateName)), sizeOf(t, filepath.Join(dir, cacheName))}
				f = jobFiles(t, dir, 9*seedStep)
				if f.Rescue != nil || f.CacheLost != nil || !same(want.state, contentOf(t, f.State.kv)) || !same(want.cache, contentOf(t, f.Cache.kv)) {
					t.Fatalf("the content is another: %+v, %v", f.Rescue, f.CacheLost)
				}
				put(t, f.State, 1000, 999)
				must(t, f.Close())
				after := [2]int64{sizeOf(t, filepath.Join(dir, stateName)), sizeOf(t, filepath.Join(dir, cacheName))}
				if (after[0] < before[0]/3) != row.smaller || (after[1] < before[1]/3) != row.smaller {
					t.Errorf("sizes went from %v to %v", before, after)
				}
				row.smaller = false // the second time there is nothing to win
			}
		})
	}
}

// TestCopyWhileOthersWork takes a state as it was when the copy began.
func TestCopyWhileOthersWork(t *testing.T) {
	dir := scratchDir(t)
	f := jobFiles(t, dir, 7*seedStep)
	if f.Copied() {
		t.Error("there is a copy already")
	}
	put(t, f.State, 1, 50)
	must(t, f.Copy())
	want := contentOf(t, f.State.kv)
	put(t, f.State, 51, 60)
	if got := readContent(t, filepath.Join(dir, copyName)); !f.Copied() || !same(got, want) {
		t.Error("the copy is not the state as it was")
	}
	must(t, f.Copy())
	if got := readContent(t, filepath.Join(dir, copyName)); !same(got, contentOf(t, f.State.kv)) {
		t.Error("the copy was not renewed")
	}
	if s, err := Open(newMemKV(), "box", "job", 1); err != nil || s.Copy(filepath.Join(dir, "other")) == nil {
		t.Errorf("a state that is no file was copied, %v", err)
	}
}

// TestCopyFindsDamage: a copy of what is not what was written does not take the place of an older one, and the
// state is used no more.
func TestCopyFindsDamage(t *testing.T) {
	dir := scratchDir(t)
	path := filepath.Join(dir, stateName)
	f := jobFiles(t, dir, 7*seedStep)
	put(t, f.State, 1, 50)
	must(t, f.Copy())
	older := readContent(t, filepath.Join(dir, copyName))
	put(t, f.State, 51, 52)
	b, err := os.ReadFile(path)
	must(t, err)
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("account\x0012"))
		if i < 0 {
			break
		}
		at += i + 1
		_, err := w.WriteAt([]byte("9"), int64(at-1+len("account\x001")))
		must(t, err)
	}
	must(t, w.Close())
	if err := f.Copy(); !errors.Is(err, ErrDamaged) {
		t.Errorf("the copy: got %v", err)
	}
	if !same(older, readContent(t, filepath.Join(dir, copyName))) {
		t.Error("the older copy is gone")
	}
	if err := f.State.Update(func(*Txn) error { return nil }); !errors.Is(err, ErrDamaged) {
		t.Errorf("the state after that: got %v", err)
	}
	_ = f.Close()
	f = jobFiles(t, dir, 9*seedStep)
	if f.Rescue == nil || f.Rescue.Code != FromCopy || countLinks(t, f.State) != 50 {
		t.Errorf("got %+v", f.Rescue)
	}
}

// TestLargeFile opens a file that is too large to be read whenever it is opened: after a close in good order only
// its frame is, after anything else all of it.
func TestLargeFile(t *testing.T) {
	dir := scratchDir(t)
	path := filepath.Join(dir, cacheName)
	f := jobFiles(t, dir, 7*seedStep)
	must(t, f.Cache.Commit(connectors.ERP, map[string][]byte{"note": {1}}, nil))
	bulk(t, f.Cache.kv, cheap>>16+50)
	must(t, f.Close())
	grown, err := os.ReadFile(path)
	must(t, err)
	for _, want := range []bool{false, true} { // as a large one for the first time, and again
		kv, err := openBolt(path)
		must(t, err)
		if sealed := kv.opened.seal.clean && kv.opened.seal.txid == kv.opened.txid; sealed != want {
			t.Errorf("sealed %v, want %v", sealed, want)
		}
		must(t, kv.Close())
	}
	whole, err := os.ReadFile(path)
	must(t, err)
	at := bytes.Index(whole, []byte(" 77 77 77 77 77"))
	for _, row := range []struct {
		name  string
		spoil func() error
		found bool
	}{
		{"a value, before its free pages were listed", func() error {
			return errors.Join(os.WriteFile(path, grown, 0o600), spoilByte(path, bytes.Index(grown, []byte(" 77 77 77 77 77"))))
		}, true},
		{"nothing", func() error { return nil }, false},
		{"a value", func() error { return spoilByte(path, at) }, false},
		{"a value, and not closed", func() error {
			return errors.Join(notClean(path), spoilByte(path, at))
		}, true},
		{"a meta page", func() error { n, _ := newestMeta(t, path); return spoilByte(path, n+60) }, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			must(t, os.WriteFile(path, whole, 0o600))
			must(t, row.spoil())
			f := jobFiles(t, dir, 9*seedStep)
			if found := f.CacheLost != nil; found != row.found {
				t.Errorf("found %v, want %v", f.CacheLost, row.found)
			}
			must(t, f.Close())
		})
	}
}

// notClean writes to a file and does not close it in good order.
func notClean(path string) error {
	kv, err := openBolt(path)
	if err != nil {
		return err
	}
	return errors.Join(kv.Update(func(tx Tx) error { return tx.Put("note", []byte("erp/other"), nil) }), kv.db.Close())
}
