package memory_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncbox/sync/sim/memory"
	"syncbox/sync/store"
)

var errUndo = errors.New("undo")

// content lists all of some buckets.
func content(kv store.KV) (all []string) {
	_ = kv.View(func(tx store.Tx) error {
		for _, bucket := range []string{"a", "b"} {
			tx.Scan(bucket, nil, func(k, v []byte) bool {
				all = append(all, fmt.Sprintf("%s %s=%s", bucket, k, v))
				return true
			})
		}
		return nil
	})
	return all
}

// step is one transaction of a random history.
type step struct {
	undo, panics bool
	writes       []write
}

type write struct {
	bucket, key, value string
	del                bool
}

func drawStep(t *rapid.T) step {
	s := step{undo: rapid.IntRange(0, 3).Draw(t, "undo") == 0, panics: rapid.IntRange(0, 5).Draw(t, "panics") == 0}
	for range rapid.IntRange(0, 6).Draw(t, "writes") {
		s.writes = append(s.writes, write{rapid.SampledFrom([]string{"a", "b"}).Draw(t, "bucket"),
			rapid.SampledFrom([]string{"", "k", "ka", "kb", "l", "m"}).Draw(t, "key") + "x",
			rapid.SampledFrom([]string{"", "v", "w"}).Draw(t, "value"), rapid.Bool().Draw(t, "del")})
	}
	return s
}

// do carries a step out and tells what a reader inside the transaction saw.
func (s step) do(kv store.KV) (seen string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errUndo
		}
	}()
	return seen, kv.Update(func(tx store.Tx) error {
		for _, w := range s.writes {
			var err error
			if w.del {
				err = tx.Delete(w.bucket, []byte(w.key))
			} else {
				err = tx.Put(w.bucket, []byte(w.key), []byte(w.value))
			}
			if err != nil {
				return err
			}
			seen += fmt.Sprintf("%q ", tx.Get(w.bucket, []byte(w.key)))
			tx.Scan(w.bucket, []byte("ka"), func(k, v []byte) bool {
				seen += string(k) + "=" + string(v) + " "
				return string(k) < "l"
			})
		}
		switch {
		case s.panics:
			panic("power cut")
		case s.undo:
			return errUndo
		}
		return nil
	})
}

// The KV does what bbolt does, transaction by transaction, undone and interrupted ones included.
func TestAsBolt(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		real, err := store.OpenBolt(filepath.Join(dir, fmt.Sprint(n)))
		if err != nil {
			t.Fatal(err)
		}
		defer real.Close()
		mem := &memory.KV{}
		for range rapid.IntRange(1, 5).Draw(t, "steps") {
			s := drawStep(t)
			got, gotErr := s.do(mem)
			want, wantErr := s.do(real)
			if got != want || !errors.Is(gotErr, wantErr) {
				t.Fatalf("inside: got %s %v, want %s %v", got, gotErr, want, wantErr)
			}
			if diff := cmp.Diff(content(real), content(mem)); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// A transaction inside another one is refused, where bbolt could wait for ever.
func TestNested(t *testing.T) {
	kv := &memory.KV{}
	err := kv.Update(func(store.Tx) error { return kv.View(func(store.Tx) error { return nil }) })
	if !errors.Is(err, memory.ErrNested) {
		t.Errorf("got %v", err)
	}
	err = kv.View(func(tx store.Tx) error { return tx.Put("a", []byte("k"), nil) })
	if err == nil || len(content(kv)) > 0 {
		t.Errorf("a reader wrote: %v, %v", err, content(kv))
	}
}
