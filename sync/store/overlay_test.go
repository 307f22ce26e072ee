package store_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncbox/sync/store"
)

func openScratch(t *testing.T) store.KV {
	t.Helper()
	kv, err := store.OpenScratch(filepath.Join(t.TempDir(), "scratch.db"))
	must(t, err)
	t.Cleanup(func() { _ = kv.Close() })
	return kv
}

// contentOf gives a bucket from a key on, up to n keys, as Scan shows it.
func contentOf(kv store.KV, bucket, from string, n int) []string {
	all := []string{}
	_ = kv.View(func(tx store.Tx) error {
		tx.Scan(bucket, []byte(from), func(k, v []byte) bool {
			all = append(all, string(k)+"="+string(v))
			return len(all) < n
		})
		return nil
	})
	return all
}

// TestOverlay does the same at random to an overlay and to a plain map.
func TestOverlay(t *testing.T) {
	base, top := openScratch(t), openScratch(t)
	o := store.Overlay(base, top)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		bucket := fmt.Sprint("b", round)
		want := map[string]string{}
		key := rapid.StringOfN(rapid.RuneFrom([]rune("abc")), 1, 3, -1)
		value := rapid.SampledFrom([]string{"", "x", "\x00y"})
		for range rapid.IntRange(0, 20).Draw(rt, "in base") {
			k, v := key.Draw(rt, "key"), value.Draw(rt, "value")
			must(t, base.Update(func(tx store.Tx) error { return tx.Put(bucket, []byte(k), []byte(v)) }))
			want[k] = v
		}
		before := contentOf(base, bucket, "", 1000)
		for range rapid.IntRange(0, 20).Draw(rt, "on top") {
			k, v := key.Draw(rt, "key"), value.Draw(rt, "value")
			gone := rapid.Bool().Draw(rt, "delete")
			must(t, o.Update(func(tx store.Tx) error {
				if gone {
					delete(want, k)
					return tx.Delete(bucket, []byte(k))
				}
				want[k] = v
				return tx.Put(bucket, []byte(k), []byte(v))
			}))
		}
		from, n := key.Draw(rt, "from"), rapid.IntRange(1, 40).Draw(rt, "at most")
		line := []string{}
		for _, k := range slices.Sorted(maps.Keys(want)) {
			if k >= from && len(line) < n {
				line = append(line, k+"="+want[k])
			}
			must(t, o.View(func(tx store.Tx) error {
				if got := tx.Get(bucket, []byte(k)); string(got) != want[k] {
					rt.Errorf("%s: got %q, want %q", k, got, want[k])
				}
				return nil
			}))
		}
		if diff := cmp.Diff(line, contentOf(o, bucket, from, n)); diff != "" {
			rt.Error(diff)
		}
		if diff := cmp.Diff(before, contentOf(base, bucket, "", 1000)); diff != "" {
			rt.Errorf("the base was changed: %s", diff)
		}
	})
}

// TestOverlayOfMany goes over more keys than are looked at ahead.
func TestOverlayOfMany(t *testing.T) {
	base, top := openScratch(t), openScratch(t)
	o := store.Overlay(base, top)
	var want []string
	fill := func(kv store.KV, every int) {
		must(t, kv.Update(func(tx store.Tx) error {
			for n := 0; n < 3000; n += every {
				if err := tx.Put("b", []byte{byte(n >> 8), byte(n)}, []byte{byte(every)}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	fill(base, 2)
	fill(o, 3)
	must(t, o.Update(func(tx store.Tx) error { return tx.Delete("b", []byte{0, 6}) }))
	for n := range 3000 {
		k := string([]byte{byte(n >> 8), byte(n)})
		switch {
		case n == 6:
		case n%3 == 0:
			want = append(want, k+"=\x03")
		case n%2 == 0:
			want = append(want, k+"=\x02")
		}
	}
	if diff := cmp.Diff(want, contentOf(o, "b", "", 5000)); diff != "" {
		t.Error(diff)
	}
}

func TestScratchLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scratch.db")
	must(t, os.WriteFile(path, []byte("left by a power cut"), 0o600))
	kv, err := store.OpenScratch(path)
	must(t, err)
	must(t, kv.Update(func(tx store.Tx) error { return tx.Put("b", []byte("k"), []byte("v")) }))
	must(t, kv.Close())
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}

func TestShadow(t *testing.T) {
	s := openState(t)
	a, b := link("1", "101"), link("2", "102")
	update(t, s, func(tx *store.Txn) { tx.PutLink(&a) })
	shadow := s.Shadow(openScratch(t))
	update(t, shadow, func(tx *store.Txn) {
		tx.PutLink(&b)
		a.CRM = "103"
		tx.PutLink(&a)
	})
	must(t, shadow.Check())
	if got := asLine(t, shadow); got != "1:1-103 2:2-102 " {
		t.Errorf("the shadow: got %q", got)
	}
	if got := asLine(t, s); got != "1:1-101 " {
		t.Errorf("the state itself: got %q", got)
	}
}
