package store

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// company is what a link looks like for each entity of a two-way company, and how many of a hundred there are:
// merged fields have a digest each, what only the ERP may change has one together.
var company = []struct {
	entity record.Entity
	merged int
	share  int
}{{record.Account, 9, 20}, {record.Contact, 5, 20}, {record.Document, 0, 60}}

func benchLink(rng *rand.Rand, n int, e record.Entity, merged int) plan.Link {
	l := plan.Link{Entity: e, ERP: record.Key(fmt.Sprint(n + 1)), CRM: record.Key(fmt.Sprint(500000 + n)), State: plan.Linked, Incarnation: fmt.Sprint(n + 1),
		Since: 1_790_000_000, Base: plan.Base{Known: true, Owned: rng.Uint64()}}
	if merged > 0 {
		l.Base.Each = map[uint16]uint64{}
		for code := range merged {
			l.Base.Each[uint16(code)] = rng.Uint64()
		}
	}
	return l
}

// fillState puts n links into a state, some at a time.
func fillState(b *testing.B, s *State, n int, link func(i int) plan.Link) {
	b.Helper()
	for i := 0; i < n; {
		must(b, s.Update(func(tx *Txn) error {
			for end := min(i+10000, n); i < end; i++ {
				l := link(i)
				tx.PutLink(&l)
			}
			return nil
		}))
	}
}

// bytesPerLink gives what a link costs in a compact file, indexes and the database's own needs included.
func bytesPerLink(b *testing.B, n int, link func(i int) plan.Link) float64 {
	b.Helper()
	dir := b.TempDir()
	f, err := OpenJob(dir, "box", "job", 7, at(0))
	must(b, err)
	defer f.Close()
	fillState(b, f.State, n, link)
	must(b, f.Copy())
	kv, err := openBolt(filepath.Join(dir, copyName))
	must(b, err)
	defer kv.Close()
	return float64(int64(kv.opened.pages-kv.opened.free)*kv.opened.page) / float64(n)
}

// BenchmarkStateSize tells the bytes of state.db for each of 100,000 links: of a company's mixture, and of each
// entity alone.
func BenchmarkStateSize(b *testing.B) {
	const n = 100_000
	for b.Loop() {
		rng := rand.New(rand.NewPCG(1, 1))
		var kinds []int
		for k, c := range company {
			for range c.share {
				kinds = append(kinds, k)
			}
		}
		b.ReportMetric(bytesPerLink(b, n, func(i int) plan.Link {
			c := company[kinds[i%100]]
			return benchLink(rng, i, c.entity, c.merged)
		}), "state_bytes/link")
		for _, c := range company {
			b.ReportMetric(bytesPerLink(b, n, func(i int) plan.Link { return benchLink(rng, i, c.entity, c.merged) }), "state_bytes/"+string(c.entity))
		}
	}
}

// BenchmarkOpenMillion opens a state of 1,000,000 links, after a close in good order and after a power cut.
func BenchmarkOpenMillion(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, stateName)
	f, err := OpenJob(dir, "box", "job", 7, at(0))
	must(b, err)
	rng := rand.New(rand.NewPCG(1, 1))
	fillState(b, f.State, 1_000_000, func(i int) plan.Link {
		c := company[i%len(company)]
		return benchLink(rng, i, c.entity, c.merged)
	})
	must(b, f.Close())
	info, err := os.Stat(path)
	must(b, err)
	for _, row := range []struct {
		name string
		cut  bool
	}{{"closed", false}, {"power_cut", true}} {
		b.Run(row.name, func(b *testing.B) {
			for b.Loop() {
				if row.cut {
					b.StopTimer()
					must(b, notClean(path))
					b.StartTimer()
				}
				f, err := OpenJob(dir, "box", "job", 7, at(0))
				must(b, err)
				b.StopTimer()
				if f.Rescue != nil {
					b.Fatalf("got %+v", f.Rescue)
				}
				must(b, f.Close())
				b.StartTimer()
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "open_s")
			b.ReportMetric(float64(info.Size())/(1<<20), "state_mib")
		})
	}
}
