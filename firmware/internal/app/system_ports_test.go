package app_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/pairs"
	"syncbox/connectors/share"
	"syncbox/connectors/share/sharetest"
	"syncbox/sync/engine"
	"syncbox/sync/mapping"
	"syncbox/sync/store"
)

// ports is a job on a share that the test can spoil underneath: what the box builds from its configuration is
// put together by hand here.
type ports struct {
	files  *sharetest.FS
	drops  *dropper
	engine *engine.Engine
	state  *store.State
	clock  *wallClock
}

func (p *ports) Engine() (*engine.Engine, *store.State, error) { return p.engine, p.state, nil }
func (p *ports) Status() (engine.Status, error)                { return p.engine.Status(), nil }
func (p *ports) Do(ctx context.Context, verb engine.Verb, name string) error {
	return p.engine.Do(ctx, verb, name)
}

// dropper refuses to write while it is told to.
type dropper struct {
	acomba.Dropper
	refusal atomic.Pointer[connectors.Error]
}

func (d *dropper) refuse(err *connectors.Error) { d.refusal.Store(err) }

func (d *dropper) Drop(ctx context.Context, dir, name string, content []byte) error {
	if err := d.refusal.Load(); err != nil {
		return err
	}
	return d.Dropper.Drop(ctx, dir, name, content)
}

// wallClock is this machine's clock, whose time of day a test can set.
type wallClock struct{ jump atomic.Int64 }

var processStart = time.Now()

func (c *wallClock) set(year int) {
	c.jump.Store(int64(time.Until(time.Date(year, time.January, 2, 3, 4, 5, 0, time.UTC))))
}

func (c *wallClock) Now() time.Time                         { return time.Now().Add(time.Duration(c.jump.Load())) }
func (c *wallClock) Steady() time.Duration                  { return time.Since(processStart) }
func (c *wallClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// newPorts makes a rig whose share can be spoiled, and brings it in sync.
func newPorts(t *testing.T) (*rig, *ports) {
	t.Helper()
	return newPortsLate(t, 2*time.Second)
}

// newPortsLate makes one whose CRM may carry a lost call out that much later.
func newPortsLate(t *testing.T, late time.Duration) (*rig, *ports) {
	t.Helper()
	r := newRig(t, setup{twoWay: true, unstarted: true})
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	conf := share.Config{Kind: share.Directory, Path: r.share()}
	under, err := share.New(conf, log)
	must(t, err)
	drops, err := share.NewWriter(conf, share.WriteDrops, log)
	must(t, err)
	p := &ports{files: &sharetest.FS{Under: under}, drops: &dropper{Dropper: drops}, clock: &wallClock{}}
	company := acomba.Defaults()
	company.Folder, company.Quiet = "EXEMPLE", 40*time.Millisecond
	erp, err := acomba.NewTwoWay(company, acomba.WriteBack{Mode: acomba.WriteHandoff, Company: "EXEMPLE"}, p.files, nil, p.drops, log)
	must(t, err)
	crm, err := centrixone.New(centrixone.Config{BaseURL: r.url, Account: crmAccount, APIKey: crmKey, Source: "acomba", Rate: 100,
		MaxServerLate: late}, log, nil)
	must(t, err)
	kv, err := store.OpenBolt(filepath.Join(r.dir, "state.db"))
	must(t, err)
	notes, err := store.OpenBolt(filepath.Join(r.dir, "cache.db"))
	must(t, err)
	p.state, err = store.Open(kv, "syncbox-test", "ports", 1)
	must(t, err)
	cache, err := store.OpenCache(notes, p.state)
	must(t, err)
	profile := pairs.AcombaCentrixOne(pairs.AcombaCentrixOneOptions{TwoWay: true})
	mapper, err := mapping.New(profile, erp, crm, true, 1)
	must(t, err)
	settings := engine.Default()
	settings.Device, settings.TwoWay, settings.Schedule.Interval = "syncbox-test", true, time.Hour
	settings.Made = time.Now().AddDate(0, -1, 0)
	p.engine, err = engine.New(engine.Ports{Profile: profile, ERP: erp, CRM: crm, Mapper: mapper, State: p.state, Cache: cache,
		Clock: p.clock, Log: log}, settings)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.engine.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("end of the engine: %v", err)
		}
		for _, c := range []interface{ Close() error }{crm, cache, kv, drops, under} {
			_ = c.Close()
		}
	})
	r.job, r.clock = p, p.clock.Now
	r.settled("first sync")
	return r, p
}

// lost is how the share tells of a connection that is gone.
var lost = connectors.Errorf(connectors.Unavailable, share.CodeUnreachable, "%w", sharetest.Lost)

const customers = "EXEMPLE/CUSTOMER.DAT"

// TestLockedCard has another station hold cards that have changed: they come later, all others at once.
func TestLockedCard(t *testing.T) {
	r, p := newPorts(t)
	held, free := r.customer(0), r.customer(1)
	profile := r.erp.Profile()
	p.files.Set(func(f *sharetest.Faults) {
		f.Locked = map[string][]sharetest.Span{customers: {{Off: profile.CardOffset(acombatest.CustomerTable, held.CardPos),
			Len: int64(profile.CardSize(acombatest.CustomerTable))}}}
	})
	r.modify(held.CardPos, func(c *acombatest.Customer) { c.City = "Matane" })
	r.arrives(free.CardPos, "Amqui")
	r.cycles(3)
	r.ways(engine.Success, "")
	if got := r.account(held.CardPos); got.City == "Matane" || !got.ERPActive {
		t.Errorf("a locked card: got %s, active %v", got.City, got.ERPActive)
	}
	p.files.Set(func(f *sharetest.Faults) { f.Locked = nil })
	r.settled("after the card was free")
	r.still()
}

// TestShareFaults breaks the share under the box; while it lasts nothing counts as deleted, and what does not
// need it goes on.
func TestShareFaults(t *testing.T) {
	rows := []struct {
		name, code string
		set        func(*sharetest.Faults)
		whole      bool // nothing of the share can be used
	}{
		{"open elsewhere", "file-busy", func(f *sharetest.Faults) {
			f.Fail = []sharetest.Fail{{Op: sharetest.Open, Name: customers, Err: sharetest.SharingViolation}}
		}, false},
		{"access denied", "share-denied", func(f *sharetest.Faults) {
			f.Fail = []sharetest.Fail{{Op: sharetest.Open, Name: customers, Err: sharetest.AccessDenied}}
		}, false},
		{"bytes missing", "file-busy", func(f *sharetest.Faults) { f.Short = map[string]int64{customers: 4000} }, false},
		{"connection lost", "share-unreachable", func(f *sharetest.Faults) { f.Gone = lost }, true},
		{"empty", "company-folder-missing", func(f *sharetest.Faults) { f.Empty = true }, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r, p := newPorts(t)
			mark, since := r.mark(), r.crm.Mark()
			p.files.Set(row.set)
			r.modify(r.customer(0).CardPos, func(c *acombatest.Customer) { c.City = "Matane" })
			r.edit(r.customer(1).CardPos, map[string]any{"City": "Chibougamau"})
			if row.whole {
				r.cycles(2)
				r.quiet(since)
			} else {
				r.repArrives("Océane Truchon")
				r.noted(mark, "entity-skipped", row.code)
			}
			r.ways(engine.Waits, row.code)
			p.files.Set(func(f *sharetest.Faults) { *f = sharetest.Faults{} })
			r.drive("the person's edit is handed to people", func() bool { return len(r.waits(store.HandedOff, "")) == 1 })
			r.settled("after the fault", ext("CU", r.customer(1).CardPos))
			r.ways(engine.Success, "")
		})
	}
}

// TestReplacedWhileReading puts another file in place while the box reads the old one.
func TestReplacedWhileReading(t *testing.T) {
	r, p := newPorts(t)
	r.modify(r.customer(0).CardPos, func(c *acombatest.Customer) { c.City = "Matane" })
	content, err := os.ReadFile(filepath.Join(r.company(), acombatest.CustomerTable.Path()))
	must(t, err)
	p.files.Set(func(f *sharetest.Faults) {
		f.Replaced = map[string]sharetest.Replaced{customers: {AfterReads: 1, Content: content}}
	})
	r.settled("the new file counts")
	r.still()
}

// TestReadOnlyShare refuses the hand-off file: what flows to the CRM goes on.
func TestReadOnlyShare(t *testing.T) {
	r, p := newPorts(t)
	p.drops.refuse(connectors.Errorf(connectors.Unavailable, share.CodeReadOnly, "%w", os.ErrPermission))
	r.edit(r.customer(1).CardPos, map[string]any{"City": "Chibougamau"})
	r.arrives(r.customer(0).CardPos, "Amqui")
	r.cycle()
	if w := r.status().Ways; w[0].Outcome != engine.Success || w[1].Code != "share-read-only" {
		t.Errorf("got %s %s and %s %s, want success and share-read-only", w[0].Outcome, w[0].Code, w[1].Outcome, w[1].Code)
	}
	p.drops.refuse(nil)
	r.handed(1)
}
