package calibrate_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/calibrate"
)

// TestLarge: a customers' file of 700 MB, sparse but for its ends, is searched and tried without being held in memory, and
// nothing of it is copied.
func TestLarge(t *testing.T) {
	company, known := smallCompany(t)
	path := filepath.Join(company.Dir(), acombatest.CustomerTable.Path())
	const cards = 450_000
	size := int64(acombatest.SIM1.CardSize(acombatest.CustomerTable))
	text, err := os.ReadFile(path)
	must(t, err)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	half := int64(len(text)) / size / 2 * size
	must(t, f.Truncate(half))
	_, err = f.WriteAt(text[half:], cards*size-int64(len(text))+half)
	must(t, err)
	must(t, f.Close())
	dir := t.TempDir()
	book, err := calibrate.OpenBook(filepath.Join(dir, "layouts"), store)
	must(t, err)
	s, err := calibrate.Open(calibrate.Options{Dir: dir, Company: os.DirFS(company.Dir()), Book: book, Write: store, MaxCopy: 32 << 20, Now: noon.Local})
	must(t, err)
	must(t, s.Begin(site))
	shot, err := s.Take(context.Background(), "", nil)
	must(t, err)
	for _, f := range shot.Files {
		if f.Path == acombatest.CustomerTable.Path() && (f.Copy != "" || f.Why == nil || f.Size != cards*size) {
			t.Errorf("copied: %+v", f)
		}
	}
	must(t, s.SetExamples(calibrate.Customers, known))
	var most uint64
	progress := func(string, int64, int64) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	found, err := s.Search(context.Background(), progress)
	must(t, err)
	customers := found.Table(calibrate.Customers)
	if customers == nil || customers.CardSize != int(size) || customers.Cards != cards {
		t.Errorf("%s", report(found))
	}
	if _, err := s.Draft(context.Background(), progress); err != nil {
		t.Logf("%s", report(found))
		t.Error(err)
	}
	if grew := most - before.HeapInuse; grew > 32<<20 {
		t.Errorf("%d MB of memory", grew>>20)
	}
	t.Logf("memory %d KiB", (most-before.HeapInuse)>>10)
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := s.Search(ctx, func(string, int64, int64) { cancel() }); ctx.Err() == nil || err == nil {
		t.Errorf("a search that is no more wanted goes on: %v", err)
	}
}
