package app_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/share"
	"syncbox/sync/engine"
	"syncbox/sync/mapping"
	"syncbox/sync/store"
)

const (
	wearCustomers = 10_000
	wearChanges   = 100
	pollsOfADay   = 240
	pollEvery     = 24 * time.Hour / pollsOfADay
)

// BenchmarkFlashWear counts what a job of 10,000 customers, each with its contact, writes to state.db and
// cache.db: all that this process hands to the kernel (wchar of /proc/self/io), for it writes nothing else while
// that is counted. Each of these writes is followed by one to the disk; what the file system writes for itself
// comes on top. Of 100 customers all over the file whose cards changed:
//
//	flash_bytes_per_change_grouped  all in one cycle, 100 records a write to the CRM; goal at most 10240
//	flash_bytes_per_change_single   all in one cycle, each record a write of its own
//	flash_bytes_per_change_alone    each in a cycle of its own
//
// Of a day of 240 cycles, one every six minutes:
//
//	idle_bytes_per_day  nothing changes
//	busy_bytes_per_day  1,000 customers change, at any time; four times what six hours take. Goal at most 50 MB
func BenchmarkFlashWear(b *testing.B) {
	for b.Loop() {
		w := newWear(b)
		w.open(b, 100)
		w.cycle(b)
		w.cycle(b)
		w.change(b, wearChanges)
		b.ReportMetric(w.written(b, 1)/wearChanges, "flash_bytes_per_change_grouped")
		b.ReportMetric(w.written(b, pollsOfADay), "idle_bytes_per_day")
		w.close(b)
		w.open(b, 1)
		w.cycle(b)
		w.change(b, wearChanges)
		b.ReportMetric(w.written(b, 1)/wearChanges, "flash_bytes_per_change_single")
		b.ReportMetric(w.perCycle(b, 20, 1), "flash_bytes_per_change_alone")
		w.close(b)
		w.open(b, 100)
		w.cycle(b)
		b.ReportMetric(w.perCycle(b, pollsOfADay/4, 1000./pollsOfADay)*pollsOfADay, "busy_bytes_per_day")
		w.close(b)
	}
	b.ReportMetric(0, "ns/op")
}

// wear is a job whose clock the benchmark turns.
type wear struct {
	dir    string
	erp    *acombatest.Company
	crm    *centrixonetest.Server
	cards  []int32
	random *rand.Rand
	due    map[int32]string // by position of a customer: the city that the next cycle brings across
	clock  time.Duration    // turned so far
	engine *engine.Engine
	closes []func() error
}

// newWear makes a company and a CRM.
func newWear(b *testing.B) *wear {
	w := &wear{dir: b.TempDir(), random: rand.New(rand.NewPCG(1, 1)), due: map[int32]string{}}
	var err error
	w.erp, err = acombatest.Create(filepath.Join(w.dir, "EXEMPLE"), acombatest.Options{Customers: wearCustomers, Seed: 1})
	must(b, err)
	all, err := w.erp.Customers()
	must(b, err)
	for _, c := range all {
		if c.Status == acombatest.InUse {
			w.cards = append(w.cards, c.CardPos)
		}
	}
	w.crm = centrixonetest.New(centrixonetest.Options{Account: crmAccount, Key: crmKey, Source: centrixonetest.Acomba, AutomaticBilling: true,
		RateLimit: &centrixonetest.Rate{}, Clock: w.Now})
	return w
}

func (w *wear) Now() time.Time        { return processStart.Add(w.clock) }
func (w *wear) Steady() time.Duration { return w.clock }
func (w *wear) After(time.Duration) <-chan time.Time {
	over := make(chan time.Time)
	close(over)
	return over
}

func (w *wear) database(b *testing.B, name string) (kv store.KV) {
	kv, err := store.OpenBolt(filepath.Join(w.dir, name))
	must(b, err)
	w.closes = append(w.closes, kv.Close)
	return kv
}

// open puts the job together, with so many records a write to the CRM.
func (w *wear) open(b *testing.B, batch int) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	files, err := share.New(share.Config{Kind: share.Directory, Path: w.dir}, log)
	must(b, err)
	company := acomba.Defaults()
	company.Folder, company.Quiet = "EXEMPLE", time.Millisecond
	erp, err := acomba.New(company, files, log)
	must(b, err)
	crm, err := centrixone.New(centrixone.Config{BaseURL: "https://crm.test", Account: crmAccount, APIKey: crmKey, Source: "acomba", Rate: 100,
		BatchSize: batch}, log, w.crm.RoundTripper())
	must(b, err)
	w.closes = []func() error{files.Close, crm.Close}
	state, err := store.Open(w.database(b, "state.db"), "box", "job", 1)
	must(b, err)
	cache, err := store.OpenCache(w.database(b, "cache.db"), state)
	must(b, err)
	profile := pairs.AcombaCentrixOne(pairs.AcombaCentrixOneOptions{})
	mapper, err := mapping.New(profile, erp, crm, false, state.Seed)
	must(b, err)
	settings := engine.Default()
	settings.Device = "box"
	w.engine, err = engine.New(engine.Ports{Profile: profile, ERP: erp, CRM: crm, Mapper: mapper, State: state, Cache: cache,
		Clock: w, Log: log}, settings)
	must(b, err)
}

func (w *wear) close(b *testing.B) {
	for _, end := range w.closes {
		must(b, end())
	}
}

// change gives so many customers another city.
func (w *wear) change(b *testing.B, n int) {
	for _, i := range w.random.Perm(len(w.cards))[:n] {
		city := fmt.Sprintf("Ville %06d", w.random.IntN(1_000_000))
		must(b, w.erp.ModifyCustomer(w.cards[i], func(c *acombatest.Customer) { c.City = city }))
		w.due[w.cards[i]] = city
	}
}

// cycle does one cycle, after which the CRM must show what was changed before.
func (w *wear) cycle(b *testing.B) {
	w.clock += pollEvery
	must(b, w.engine.Cycle(b.Context()))
	for position, city := range w.due {
		if got, _ := w.crm.AccountByExternalID(ext("CU", position)); got.City != city {
			b.Fatalf("customer %d: the CRM shows %q, want %q", position, got.City, city)
		}
	}
	clear(w.due)
}

// written does so many cycles and gives the bytes that were written in them.
func (w *wear) written(b *testing.B, cycles int) float64 {
	before := bytesWritten(b)
	for range cycles {
		w.cycle(b)
	}
	return bytesWritten(b) - before
}

// perCycle does so many cycles with so many changes before each, on average, and gives the bytes that one wrote.
func (w *wear) perCycle(b *testing.B, cycles int, changes float64) float64 {
	total, done := 0.0, 0
	for n := range cycles {
		due := int(float64(n+1)*changes) - done
		w.change(b, due)
		done += due
		total += w.written(b, 1)
	}
	return total / float64(cycles)
}

// bytesWritten gives what this process has written so far, to whatever.
func bytesWritten(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/io")
	must(b, err)
	_, rest, _ := strings.Cut(string(text), "wchar: ")
	n, err := strconv.ParseFloat(strings.Fields(rest + " ?")[0], 64)
	must(b, err)
	return n
}
