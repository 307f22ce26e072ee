package app_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"syncbox/connectors"
	"syncbox/connectors/acomba/scan"
	"syncbox/connectors/share"
	"syncbox/sync/store"
)

// The card file that a child process looks at.
const (
	detectCards    = 1_000_000
	detectCardSize = 512 // bytes
	detectChanged  = 100
	detectFile     = "CARDS.DAT"
)

// detectFolder names the folder that a child process of this test looks at, so that its memory is the look's
// alone.
const detectFolder = "SYNCBOX_BENCH_DETECT"

// lookAtCards looks once at the cards in a folder, with its notes in the cache of a job beside them, and prints
// how many had changed and the most memory that the process ever had, in KiB.
func lookAtCards(dir string) error {
	ctx := context.Background()
	state, cache, err := openStore(dir)
	if err != nil {
		return err
	}
	defer state.Close()
	defer cache.Close()
	files, err := share.Open(ctx, share.Config{Kind: share.Directory, Path: dir}, nil)
	if err != nil {
		return err
	}
	defer files.Close()
	changed, err := changedCards(ctx, files, &notes{cache: cache, waiting: map[string][]byte{}})
	if err != nil {
		return err
	}
	fmt.Println(changed, statusKiB("VmHWM"))
	return nil
}

func openStore(dir string) (*store.State, *store.Cache, error) {
	truth, err := store.OpenBolt(filepath.Join(dir, "state.db"))
	if err != nil {
		return nil, nil, err
	}
	state, err := store.Open(truth, "box", "job", 1)
	if err != nil {
		return nil, nil, err
	}
	rebuildable, err := store.OpenBolt(filepath.Join(dir, "cache.db"))
	if err != nil {
		return nil, nil, err
	}
	cache, err := store.OpenCache(rebuildable, state)
	return state, cache, err
}

// changedCards counts the cards that two reads in a row show changed, and notes them.
func changedCards(ctx context.Context, files *share.Share, kept *notes) (changed int, err error) {
	spec := &scan.Spec{Name: "CARDS", Seed: 1, Geometry: scan.Geometry{CardSize: detectCardSize, First: 1, DataFrom: 1}}
	r, err := scan.Open(ctx, share.BlockReader{FS: files, Name: detectFile}, spec, &scan.Buffer{})
	if err != nil {
		return 0, err
	}
	cards, _ := r.Cards()
	look := scan.Start(spec, kept, &scan.Known{}, cards)
	if err := r.All(ctx, func(b scan.Block) error { return look.First(b, nil) }); err != nil {
		return 0, err
	}
	err = r.Each(ctx, look.Suspects(), func(b scan.Block) error {
		if err := look.Again(b, func(int32, []byte) error { changed++; return nil }); err != nil {
			return err
		}
		if len(kept.waiting) < 20 {
			return nil
		}
		look.Save()
		return kept.commit()
	})
	if err != nil {
		return 0, err
	}
	look.Save()
	return changed, kept.commit()
}

// notes keeps the notes of a look in a job's cache, and in memory until they are committed.
type notes struct {
	cache   *store.Cache
	waiting map[string][]byte
}

func (n *notes) Get(key string) []byte {
	if v, ok := n.waiting[key]; ok {
		return v
	}
	return n.cache.Note(connectors.ERP, key)
}

func (n *notes) Put(key string, value []byte) { n.waiting[key] = value }

func (n *notes) commit() error {
	err := n.cache.Commit(connectors.ERP, n.waiting, nil)
	clear(n.waiting)
	return err
}

// BenchmarkSignatures looks twice at 1,000,000 cards of 512 bytes, of which 100 change in between, with the notes
// in the cache of a job. detect_signature_bytes_per_card is what the pages of the notes take in cache.db, goal at
// most 20. detect_box_rss_mib is VmHWM of a process that makes the second look and nothing else: on top of the
// look itself the pages of cache.db that it touched and the program with all its products count, which the
// kernel can drop at any time.
func BenchmarkSignatures(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		path := filepath.Join(dir, detectFile)
		random := rand.New(rand.NewPCG(1, 1))
		must(b, os.WriteFile(path, nil, 0o644))
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		must(b, err)
		block := make([]byte, detectCardSize*1000)
		for range detectCards / 1000 {
			fill(random, block)
			_, err := f.Write(block)
			must(b, err)
		}
		lookAlone(b, dir, detectCards)
		for _, card := range random.Perm(detectCards)[:detectChanged] {
			fill(random, block[:64])
			_, err := f.WriteAt(block[:64], int64(card)*detectCardSize)
			must(b, err)
		}
		must(b, f.Close())
		b.ReportMetric(lookAlone(b, dir, detectChanged), "detect_box_rss_mib")
		b.ReportMetric(float64(noteBytes(b, filepath.Join(dir, "cache.db")))/detectCards, "detect_signature_bytes_per_card")
	}
	b.ReportMetric(0, "ns/op")
}

func fill(random *rand.Rand, b []byte) {
	for i := range b {
		b[i] = byte(random.Uint32())
	}
}

// lookAlone has a child process look, which must find so many changed cards, and gives its peak in MiB.
func lookAlone(b *testing.B, dir string, want int) float64 {
	child := exec.CommandContext(b.Context(), os.Args[0])
	child.Env, child.Stderr = append(os.Environ(), detectFolder+"="+dir), os.Stderr
	out, err := child.Output()
	must(b, err)
	var changed, kib int
	_, err = fmt.Sscan(string(out), &changed, &kib)
	must(b, err)
	if changed != want {
		b.Fatalf("found %d changed cards, want %d", changed, want)
	}
	return float64(kib) / 1024
}

// noteBytes gives the bytes of all pages that hold notes, filled or not.
func noteBytes(b *testing.B, path string) (n int) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	must(b, err)
	defer db.Close()
	must(b, db.View(func(tx *bolt.Tx) error {
		s := tx.Bucket([]byte("note")).Stats()
		n = s.BranchAlloc + s.LeafAlloc
		return nil
	}))
	return n
}
