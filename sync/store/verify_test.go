package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// content is all that a file holds, by bucket and key.
type content map[string]string

// contentOf reads a whole database, its seal left out.
func contentOf(t testing.TB, kv KV) content {
	t.Helper()
	all := content{}
	must(t, kv.View(func(tx Tx) error {
		for _, bucket := range buckets(tx) {
			tx.Scan(bucket, nil, func(k, v []byte) bool {
				all[bucket+"\x00"+string(k)] = string(v)
				return true
			})
		}
		return nil
	}))
	return all
}

func buckets(tx Tx) (names []string) {
	switch tx := tx.(type) {
	case *boltTx:
		_ = tx.tx.ForEach(func(name []byte, _ *bolt.Bucket) error {
			if string(name) != bucketSeal {
				names = append(names, string(name))
			}
			return nil
		})
	case memTx:
		for name := range tx {
			names = append(names, name)
		}
	}
	return names
}

// sample makes a database with every kind of page: branches, leaves, a value that runs over into
// more pages, buckets in place, and a long list of free pages.
func sample(t testing.TB, path string) {
	t.Helper()
	kv, err := OpenBolt(path)
	must(t, err)
	s, err := Open(kv, "box", "job", 7)
	must(t, err)
	links := make([]plan.Link, 900)
	must(t, s.Update(func(tx *Txn) error {
		for i := range links {
			links[i] = plan.Link{Entity: record.Account, ERP: record.Key(fmt.Sprint(i)), CRM: record.Key(fmt.Sprint(100000 + i)), State: plan.Linked}
			tx.PutLink(&links[i])
		}
		tx.SetMark(connectors.ERP, "long", bytes.Repeat([]byte("long "), 3000))
		return nil
	}))
	must(t, s.Update(func(tx *Txn) error {
		for i := range links[:500] {
			tx.delete(bucketLink, linkKey(links[i].ID))
		}
		tx.Journal(Event{Code: "c"})
		return nil
	}))
	must(t, s.Close())
}

// pagesOf gives the numbers of the pages of each kind that are in use.
func pagesOf(image []byte) map[uint16][]int {
	kinds := map[uint16][]int{}
	for at := 0; at+4096 <= len(image); at += 4096 {
		id := int(image[at]) | int(image[at+1])<<8 | int(image[at+2])<<16
		if flags := uint16(image[at+8]); id == at/4096 {
			kinds[flags] = append(kinds[flags], id)
		}
	}
	return kinds
}

// judge verifies a damaged image. What passes must hold what was written.
func judge(t *testing.T, dir string, image []byte, want content) (found bool) {
	t.Helper()
	_, err := verify(bytes.NewReader(image), int64(len(image)), false)
	if errors.Is(err, ErrDamaged) {
		return true
	}
	must(t, err)
	path := filepath.Join(dir, "passed.db")
	must(t, os.WriteFile(path, image, 0o600))
	kv, err := OpenBolt(path)
	must(t, err)
	if got := contentOf(t, kv); !same(got, want) {
		t.Errorf("a damaged file passed for a whole one")
	}
	must(t, kv.(*boltKV).db.Close())
	return false
}

func same(a, b content) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			return false
		}
	}
	return true
}

// TestDamageIsFound spoils a file in many ways, page kind by page kind. Either that is found, or what was spoilt
// holds nothing.
func TestDamageIsFound(t *testing.T) {
	kinds := map[uint16]string{4: "meta", flagBranch: "branch", flagLeaf: "leaf"}
	t.Run("small", func(t *testing.T) { testDamage(t, func(string) {}, kinds) })
	kinds[flagFreelist] = "freelist"
	t.Run("with a list of free pages", func(t *testing.T) {
		testDamage(t, func(path string) {
			f, err := os.Open(path)
			must(t, err)
			defer f.Close()
			was, err := verifyForUse(f)
			must(t, err)
			db, err := bolt.Open(path, 0o600, nil)
			must(t, err)
			must(t, db.Update(func(tx *bolt.Tx) error { return putSeal(tx, was.sum, true) }))
			must(t, db.Close())
		}, kinds)
	})
}

func testDamage(t *testing.T, prepare func(path string), names map[uint16]string) {
	dir := scratchDir(t)
	path := filepath.Join(dir, "state.db")
	sample(t, path)
	kv, err := OpenBolt(path)
	must(t, err)
	want := contentOf(t, kv)
	must(t, kv.Close())
	prepare(path)
	image, err := os.ReadFile(path)
	must(t, err)
	kinds := pagesOf(image)
	rng, rounds := rand.New(rand.NewPCG(1, 2)), 20
	if *powerCuts > 0 {
		rounds = 1000
	}
	spoil := map[string]func(page []byte){
		"a bit":            func(p []byte) { p[rng.IntN(len(p))] ^= 1 << rng.IntN(8) },
		"a bit of the top": func(p []byte) { p[rng.IntN(64)] ^= 1 << rng.IntN(8) },
		"a byte":           func(p []byte) { p[rng.IntN(len(p))] = byte(rng.Uint32()) },
		"a sector of zero": func(p []byte) { clear(p[rng.IntN(8)*512:][:512]) },
		"a sector of ones": func(p []byte) { copy(p[rng.IntN(8)*512:], bytes.Repeat([]byte{0xff}, 512)) },
		"another page": func(p []byte) {
			copy(p, image[rng.IntN(len(image)/4096)*4096:][:4096])
		},
	}
	for flags, name := range names {
		if len(kinds[flags]) == 0 {
			t.Fatalf("the sample has no page of kind %s", name)
		}
		found := 0
		for _, fn := range spoil {
			for range rounds {
				damaged := bytes.Clone(image)
				fn(damaged[kinds[flags][rng.IntN(len(kinds[flags]))]*4096:][:4096])
				if judge(t, dir, damaged, want) {
					found++
				}
			}
		}
		if found == 0 {
			t.Errorf("damage of a page of kind %s was never found", name)
		}
	}
	for range 40 {
		judge(t, dir, bytes.Clone(image[:rng.IntN(len(image))]), want)
	}
}

// TestNoDatabase opens what is none at all. It stays as it is.
func TestNoDatabase(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "one byte": "x", "garbage": strings.Repeat("no database ", 3000), "zeros": strings.Repeat("\x00", 1<<15)} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			must(t, os.WriteFile(path, []byte(text), 0o600))
			if _, err := OpenBolt(path); !errors.Is(err, ErrDamaged) {
				t.Errorf("got %v", err)
			}
			if b, err := os.ReadFile(path); err != nil || string(b) != text {
				t.Errorf("the file was changed, %v", err)
			}
		})
	}
	dir := t.TempDir()
	if _, err := OpenBolt(dir); !errors.Is(err, ErrDamaged) {
		t.Errorf("a folder: got %v", err)
	}
}

// FuzzVerify reads anything at all as a database: it ends, with an error or with a file that bbolt can read.
func FuzzVerify(f *testing.F) {
	path := filepath.Join(f.TempDir(), "state.db")
	kv, err := OpenBolt(path)
	must(f, err)
	s, err := Open(kv, "box", "job", 7)
	must(f, err)
	for i := range 60 {
		must(f, s.Update(func(tx *Txn) error {
			l := plan.Link{Entity: record.Account, ERP: record.Key(fmt.Sprint(i)), State: plan.Linked}
			tx.PutLink(&l)
			return nil
		}))
	}
	must(f, s.Close())
	image, err := os.ReadFile(path)
	must(f, err)
	f.Add(image)
	f.Add(image[:len(image)/2])
	f.Add([]byte("no database"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := verify(bytes.NewReader(b), int64(len(b)), false); err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "state.db")
		must(t, os.WriteFile(path, b, 0o600))
		kv, err := OpenBolt(path)
		must(t, err)
		contentOf(t, kv)
		must(t, kv.Close())
	})
}

// TestSealFollowsTheContent does random writes, rolled back ones among them, and holds the seal against a
// reading of the file.
func TestSealFollowsTheContent(t *testing.T) {
	path := filepath.Join(scratchDir(t), "cache.db")
	kv, err := OpenBolt(path)
	must(t, err)
	rng := rand.New(rand.NewPCG(3, 4))
	stop := errors.New("stop")
	for range 300 {
		err := kv.Update(func(tx Tx) error {
			for range rng.IntN(20) {
				bucket, key := fmt.Sprint("b", rng.IntN(3)), []byte(fmt.Sprint(rng.IntN(200)))
				switch rng.IntN(4) {
				case 0:
					must(t, tx.Delete(bucket, key))
				case 1:
					must(t, tx.Put(bucket, key, nil))
				case 2:
					if tx.Put(bucket, nil, []byte("no key")) == nil {
						t.Error("an element without a key was taken")
					}
				default:
					must(t, tx.Put(bucket, key, bytes.Repeat([]byte{byte(rng.Uint32())}, rng.IntN(700))))
				}
			}
			if rng.IntN(5) == 0 {
				return stop
			}
			return nil
		})
		if err != nil && !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if rng.IntN(30) > 0 {
			continue
		}
		if rng.IntN(2) == 0 {
			must(t, kv.Close())
			kv, err = OpenBolt(path)
			must(t, err)
			continue
		}
		s, err := verifyForUse(kv.(*boltKV).file)
		if err != nil || s.seal.txid != s.txid || s.seal.clean {
			t.Fatalf("got %v, %+v", err, s)
		}
	}
	must(t, kv.Close())
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	if s, err := verifyForUse(f); err != nil || s.seal.txid != s.txid || !s.seal.clean {
		t.Errorf("closed in good order: got %v, %+v", err, s)
	}
}
