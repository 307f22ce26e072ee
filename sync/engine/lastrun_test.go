package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// lastRun gives what is shown of the last run, but for its times.
func (w *world) lastRun() engine.LastRun {
	r := w.engine.Status().LastRun
	if r == nil {
		return engine.LastRun{}
	}
	if r.At.IsZero() || r.Took < 0 {
		w.t.Errorf("it ended at %s and took %s", r.At, r.Took)
	}
	return *r
}

// The last run tells when it was, what for, who wanted it and what came of it. A run that waits, fails or changes nothing leaves it as
// it was, and it outlives a restart.
//
// Requirement: BOB-6, BOB-20
func TestLastRun(t *testing.T) {
	w := careful(t, engine.ConfirmAlways)
	same := func(when string, want engine.LastRun) {
		t.Helper()
		if diff := cmp.Diff(want, w.lastRun(), cmpopts.IgnoreFields(engine.LastRun{}, "At", "Took")); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	w.customer(2, "Client")
	w.customer(3, "Autre")
	w.cycles(2)
	same("while the first one waits", engine.LastRun{})
	must(t, w.say(engine.NotThisTime, "account/erp/3"))
	w.cycles(1)
	w.tick()
	first := w.lastRun()
	if first.Mode != engine.FirstRun || !first.Ticked || first.Created[0] == 0 || first.LeftOut != 1 {
		t.Errorf("the first one: %+v", first)
	}
	for w.waitsForTick() != nil {
		w.tick()
	}
	w.cycles(3)
	for w.waitsForTick() != nil {
		w.tick()
	}
	before := w.lastRun()
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.cycles(1)
	same("while another one waits", before)
	w.crm.observeErr = connectors.Errorf(connectors.Unavailable, "crm-down", "not now")
	must(t, w.say(engine.Tick, w.waitsForTick().Digest))
	w.cycles(2)
	same("after a failed one", before)
	w.crm.observeErr = nil
	w.cycles(2)
	want := engine.LastRun{Mode: engine.UpdateRun, Ticked: true, Counts: engine.Counts{Updated: [2]int{1, 0}}}
	same("in the end", want)
	at := w.lastRun().At
	w.clock.now = w.clock.now.Add(time.Hour)
	w.cycles(2)
	same("after one that changed nothing", want)
	w.restart()
	same("after a restart", want)
	if !w.lastRun().At.Equal(at) {
		t.Errorf("it was at %s, then at %s", at, w.lastRun().At)
	}
}

// Once people choose other options for a field, all records are looked at again, once.
//
// Requirement: BOB-17, BOB-19
func TestNewOptions(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.cycles(3)
	for i := range w.profile.Entity(record.Account).Fields {
		if f := &w.profile.Entity(record.Account).Fields[i]; f.ERP == "city" {
			f.Lens.Text = &connectors.TextRule{Codes: map[string]string{"Lévis": "LEVIS (QC)"}}
		}
	}
	w.restart()
	w.cycles(1)
	if got := w.account("CU2"); got != "LEVIS (QC)" {
		t.Errorf("got %q", got)
	}
	w.cycles(2)
	before := w.writes()
	w.restart()
	w.cycles(2)
	if n := w.writes() - before; n > 0 || w.cache.AnyDirty() {
		t.Errorf("then %d writes, dirty %v", n, w.cache.AnyDirty())
	}
}

// A field that a side does not have any more takes no part: nothing is emptied for it, and the others go on. Once it is back, every
// record is looked at again, so that what changed meanwhile is written.
//
// Requirement: BOB-15
func TestAbsentField(t *testing.T) {
	for name, gone := range map[string]struct {
		side  func(*world) *side
		field string
	}{"in the ERP": {func(w *world) *side { return w.erp }, "city"}, "in the CRM": {func(w *world) *side { return w.crm }, "City"}} {
		w := newWorld(t, true)
		w.customer(2, "Client")
		w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
		w.cycles(3)
		fields := gone.side(w).fields[record.Account]
		is := fields[gone.field]
		was := is
		is.Absent = true
		fields[gone.field] = is
		w.erp.put(record.Account, "2", record.Fields{"city": text(""), "name": text("Autre")})
		w.cycles(2)
		if got := w.account("CU2"); got != "Lévis" || w.cache.AnyDirty() {
			t.Errorf("%s: the city became %q; dirty %v", name, got, w.cache.AnyDirty())
		}
		fields[gone.field] = was
		w.cycles(2)
		if got := w.account("CU2"); got != "" {
			t.Errorf("%s: the city is back and still %q", name, got)
		}
	}
}
