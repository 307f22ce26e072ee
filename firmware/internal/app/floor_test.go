package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/pairs"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/sync/engine"
	"syncbox/sync/mapping"
	"syncbox/sync/store"
)

// floorSize says, as "customers documents", how large the company of TestFirstSyncFloor is; a benchmark sets it.
const floorSize = "SYNCBOX_FLOOR_SIZE"

// The limits of the clients themselves, by quickbooks.md §4 and centrixone.md §6.1, which are the defaults of their settings: what they
// send in a second, in a minute, and how many rows or records in a request. The floor follows from them.
const (
	erpPerSecond, erpPerMinute, erpPage = 5, 200, 500
	crmPerSecond, crmBatch              = 5, 25
)

// rest is what a small company takes beyond the share that a large one may: checks, and the last page of each entity.
const rest = 5 * time.Second

// floorOf is the least time in which records can be read from the ERP and written to the CRM: that of the slower side, the other one
// being done meanwhile. counts are those of each entity.
func floorOf(counts ...int) time.Duration {
	reads, writes := 0, 0
	for _, n := range counts {
		reads += (n + erpPage - 1) / erpPage
		writes += (n + crmBatch - 1) / crmBatch
	}
	// All but the last minute's requests are held by the limit of a minute.
	read := time.Duration((reads-1)/erpPerMinute)*time.Minute + time.Duration((reads-1)%erpPerMinute)*time.Second/erpPerSecond
	return max(read, time.Duration(writes-1)*time.Second/crmPerSecond)
}

// givenTokens are those of somebody who has connected.
type givenTokens struct{ text []byte }

func (g *givenTokens) Load() ([]byte, error) { return g.text, nil }
func (g *givenTokens) Save(b []byte) error   { g.text = b; return nil }

// bubbleClock is the time of a bubble of synctest.
type bubbleClock struct{ start time.Time }

func (bubbleClock) Now() time.Time                         { return time.Now() }
func (c bubbleClock) Steady() time.Duration                { return time.Since(c.start) }
func (bubbleClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// floorWorld is both products, with the limits that they are said to have, and an engine between them with the clients as they are set
// up by default.
type floorWorld struct {
	erp    *quickbookstest.Server
	crm    *centrixonetest.Server
	engine *engine.Engine
}

func newFloorWorld(t *testing.T, customers, documents int) *floorWorld {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 9, 9, 0, 0, 0, time.UTC)))
	w := &floorWorld{erp: quickbookstest.New(quickbookstest.Options{}),
		crm: centrixonetest.New(centrixonetest.Options{Account: crmAccount, Key: crmKey, Source: centrixonetest.QuickBooks, Write: true})}
	w.erp.Fill(quickbookstest.Seed{Seed: 1, Customers: customers, Documents: documents, WithoutAbnormal: true, Inactive: -1, Converted: -1})
	now := time.Now()
	tokens := &givenTokens{fmt.Appendf(nil, `{"state":"connected","realm":"9130350000000001","access_token":"TOKEN","refresh_token":"R","access_until":%q,"idle_death":%q,"hard_death":%q,"connected_at":%q,"refreshed_at":%q}`,
		now.AddDate(1, 0, 0).Format(time.RFC3339), now.AddDate(2, 0, 0).Format(time.RFC3339), now.AddDate(5, 0, 0).Format(time.RFC3339), now.Format(time.RFC3339), now.Format(time.RFC3339))}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	company, err := quickbooks.New(quickbooks.Config{ClientID: "c", ClientSecret: "s", RedirectURL: "https://box.example/return"}, tokens, log, w.erp.RoundTripper())
	must(t, err)
	t.Cleanup(func() { must(t, company.Close()) })
	crm, err := centrixone.New(centrixone.Config{BaseURL: "https://crm.example", Account: crmAccount, APIKey: crmKey, Source: "quickbooks"}, log, w.crm.RoundTripper())
	must(t, err)
	t.Cleanup(func() { must(t, crm.Close()) })
	files, err := store.OpenJob(t.TempDir(), "syncbox-test", "exemple", 1, now)
	must(t, err)
	t.Cleanup(func() { must(t, files.Close()) })
	profile := pairs.QuickBooksCentrixOne(pairs.QuickBooksCentrixOneOptions{})
	erp := company.TwoWay()
	m, err := mapping.New(profile, erp, crm, true, files.State.Seed)
	must(t, err)
	set := engine.Default()
	set.Device, set.TwoWay = "syncbox-test", true
	w.engine, err = engine.New(engine.Ports{Profile: profile, ERP: erp, CRM: crm, Mapper: m, State: files.State, Cache: files.Cache, Clock: bubbleClock{now}, Log: log}, set)
	must(t, err)
	return w
}

// The first sync of a company takes little longer than the limits allow, which both clients keep to, and not many more reads of
// QuickBooks than there are pages, since the month's are few.
//
// Requirement: QBO-1
func TestFirstSyncFloor(t *testing.T) {
	customers, documents := 2_000, 5_000
	if size := os.Getenv(floorSize); size != "" {
		_, err := fmt.Sscan(size, &customers, &documents)
		must(t, err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newFloorWorld(t, customers, documents)
		begin := time.Now()
		must(t, w.engine.Cycle(context.Background()))
		took := time.Since(begin)
		st := w.engine.Status()
		if st.Ways[connectors.ERP].Outcome != engine.Success {
			t.Fatalf("first sync: %+v", st.Ways)
		}
		if a, o := len(w.crm.Accounts()), len(w.crm.Opportunities()); a != customers || o != documents {
			t.Fatalf("%d accounts and %d opportunities, want %d and %d", a, o, customers, documents)
		}
		floor := floorOf(len(w.crm.Categories()), customers, customers, documents)
		c, s := w.erp.Counters(), w.crm.Counters()
		over := took.Seconds() / floor.Seconds()
		t.Logf("floor_took_s=%.1f floor_s=%.1f floor_ratio=%.3f floor_erp_reads=%d floor_crm_requests=%d", took.Seconds(), floor.Seconds(), over, c.Metered, s.Calls)
		if took > floor*11/10+rest || c.Throttled+c.OverQuota > 0 {
			t.Errorf("%.2f times the floor of %s, throttled %d times", over, floor, c.Throttled+c.OverQuota)
		}
	})
}
