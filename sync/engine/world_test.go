package engine_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/mapping"
	"syncbox/sync/store"
)

// clock is a clock that a test turns.
type clock struct {
	now  time.Time
	jump time.Duration // by how much the time of day is wrong
}

func (c *clock) Now() time.Time        { return c.now.Add(c.jump) }
func (c *clock) Steady() time.Duration { return c.now.Sub(time.Time{}.AddDate(2000, 0, 0)) }

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.now = c.now.Add(d)
	over := make(chan time.Time)
	close(over)
	return over
}

// fieldsOf gives both sides of a profile all the fields that it names.
func fieldsOf(p *connectors.Profile) (erp, crm map[record.Entity]map[string]connectors.Field) {
	erp, crm = map[record.Entity]map[string]connectors.Field{}, map[record.Entity]map[string]connectors.Field{}
	for _, rule := range p.Entities {
		erp[rule.Entity], crm[rule.Entity] = map[string]connectors.Field{}, map[string]connectors.Field{}
		for _, f := range rule.Fields {
			kind := record.Text
			if f.Lens.Kind == connectors.LensNumber || f.CRM == "Percent" {
				kind = record.Number
			}
			erp[rule.Entity][f.ERP] = connectors.Field{Kind: kind, MaxLen: 60, Write: connectors.WriteDirect}
			crm[rule.Entity][f.CRM] = connectors.Field{Kind: kind, Write: connectors.WriteDirect}
		}
	}
	return erp, crm
}

// world is a job between two products in memory.
type world struct {
	t        testing.TB
	clock    *clock
	erp, crm *side
	state    *store.State
	cache    *store.Cache
	profile  *connectors.Profile
	engine   *engine.Engine
	simple   connectors.Source // in place of an ERP that can tell what became of a write
	power    *power
	line     *line
	dir      string     // of real files; empty = in memory
	files    [2]*memory // state and cache in memory
	cuts     []int      // points, from the last start on, at which the power fails again
	bare     bool       // no room for a dry run
	set      engine.Settings
	log      strings.Builder
}

func newWorld(t testing.TB, twoWay bool) *world {
	return worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: twoWay}, nil)
}

// worldOf makes a world in memory; change adapts it before it is opened.
func worldOf(t testing.TB, o pairs.AcombaCentrixOneOptions, change func(*world)) *world {
	t.Helper()
	twoWay := o.TwoWay
	w := &world{t: t, clock: &clock{now: time.Date(2026, 11, 21, 14, 0, 0, 0, time.UTC)}, power: &power{},
		profile: pairs.AcombaCentrixOne(o), set: engine.Default()}
	w.line = &line{power: w.power}
	w.files = [2]*memory{newMemory(w.power), newMemory(w.power)}
	w.set.Device, w.set.TwoWay = "box1", twoWay
	w.set.Schedule.Interval = 15 * time.Minute
	erp, crm := fieldsOf(w.profile)
	w.erp, w.crm = newSide(connectors.ERP, erp), newSide(connectors.CRM, crm)
	w.erp.line, w.crm.line = w.line, w.line
	w.erp.traits.Batch = 1
	if change != nil {
		change(w)
	}
	w.open()
	t.Cleanup(func() { w.close() })
	return w
}

// open opens the files and makes a new engine, as a start of the box does.
func (w *world) open() {
	w.t.Helper()
	for n := range 2 { // the power may be cut while it starts
		w.power.off = false
		err := w.start()
		if !errors.Is(err, errPower) || n > 0 {
			must(w.t, err)
			break
		}
	}
}

func (w *world) start() (err error) {
	if w.state, err = store.Open(w.file(0, "state.db"), "box1", "job", 7); err != nil {
		return err
	}
	if w.cache, err = store.OpenCache(w.file(1, "cache.db"), w.state); err != nil {
		return err
	}
	return w.build(w.crm, w.clock)
}

// reopen makes a new engine with another CRM in front of the same records.
func (w *world) reopen(crm connectors.Source) { must(w.t, w.build(crm, w.clock)) }

// real makes a new engine that keeps real time, or that of a synctest bubble.
func (w *world) real(crm connectors.Source) { must(w.t, w.build(crm, realClock{})) }

func (w *world) build(crm connectors.Source, clock engine.Clock) error {
	erp := connectors.Source(erpSide{w.erp})
	if w.simple != nil {
		erp = w.simple
	}
	m, err := mapping.New(w.profile, erp, w.crm, w.set.TwoWay, w.state.Seed)
	must(w.t, err)
	w.engine, err = engine.New(engine.Ports{Profile: w.profile, ERP: erp, CRM: crm, Mapper: m, State: w.state, Cache: w.cache,
		Scratch: w.scratch(), Clock: clock, Log: slog.New(slog.NewTextHandler(io.Writer(&w.log), nil))}, w.set)
	return err
}

// scratch gives room for a dry run, which the power is cut in as well.
func (w *world) scratch() func(string) (store.KV, error) {
	if w.bare {
		return nil
	}
	if w.dir != "" {
		return w.scratchFiles
	}
	return func(string) (store.KV, error) { return newMemory(w.power), nil }
}

type realClock struct{}

func (realClock) Now() time.Time        { return time.Now() }
func (realClock) Steady() time.Duration { return time.Since(processStart) }

var processStart = time.Now()

func (realClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// file gives a database: a real one where the world has a folder, else one in memory.
func (w *world) file(n int, name string) store.KV {
	if w.dir == "" {
		return w.files[n]
	}
	kv, err := store.OpenBolt(filepath.Join(w.dir, name))
	must(w.t, err)
	return kv
}

func (w *world) close() {
	_ = w.state.Close()
	_ = w.cache.Close()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// cycles runs n cycles, an interval apart.
func (w *world) cycles(n int) {
	w.t.Helper()
	for range n {
		must(w.t, w.engine.Cycle(w.t.Context()))
		w.clock.now = w.clock.now.Add(w.set.Schedule.Interval)
	}
	must(w.t, w.state.Check())
}

// customer adds a customer card, which feeds an account and a contact.
func (w *world) customer(n int, name string) record.Key {
	k := record.Key(strconv.Itoa(n))
	w.erp.put(record.Account, k, record.Fields{"number": text("C" + string(k)), "name": text(name), "city": text("Québec"), "active": record.BoolOf(true)})
	w.erp.put(record.Contact, k, record.Fields{"account": record.RefOf(k), "full_name": text("Contact " + string(k)), "email": text("a" + string(k) + "@example.org")})
	return k
}

func (w *world) document(n int, account record.Key) record.Key {
	k := record.Key(strconv.Itoa(n))
	w.erp.put(record.Document, k, record.Fields{"number": text(fmt.Sprint("D", n)), "kind": text("quote"), "account": record.RefOf(account), "contact": record.RefOf(account)})
	return k
}

func text(s string) record.Value { return record.TextOf(s) }

// byExternal finds a CRM record by our identity.
func (w *world) byExternal(e record.Entity, ext string) *record.Record {
	for _, r := range w.crm.records[e] {
		if r.ExternalID == ext {
			return r
		}
	}
	return nil
}

// waits lists the waiting list as "kind code" lines, in order.
func (w *world) waits() []string {
	var all []string
	must(w.t, w.state.View(func(t *store.Txn) {
		t.AllWaiting(func(x store.Waiting) bool {
			all = append(all, fmt.Sprintf("%s %s %s %s", x.Kind, x.Entity, x.ERP, x.Code))
			return true
		})
	}))
	slices.Sort(all)
	return all
}

// journal lists the codes of all events.
func (w *world) journal() []string {
	var all []string
	must(w.t, w.state.View(func(t *store.Txn) {
		t.Events(0, func(e store.Event) bool { all = append(all, e.Code); return true })
	}))
	return all
}
