package engine_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// lineage knows of every value that a person typed which one that person saw before.
type lineage struct {
	parent map[string]string
	next   int
}

// typed gives a new value that follows the one that is seen.
func (l *lineage) typed(seen string) string {
	l.next++
	v := fmt.Sprint("v", l.next)
	l.parent[v] = seen
	return v
}

// before says whether a is an ancestor of b, or b itself.
func (l *lineage) before(a, b string) bool {
	for ; b != ""; b = l.parent[b] {
		if a == b {
			return true
		}
	}
	return false
}

// wrong names values that were lost though nobody who typed the final one could know better: each must be
// an ancestor of the final value, or stand in the journal beside the one it lost to.
func (l *lineage) wrong(final string, journalled map[string]bool) (wrong []string) {
	for v := range l.parent {
		switch {
		case l.before(v, final):
		case l.before(final, v):
			wrong = append(wrong, fmt.Sprintf("%s came after the final %s", v, final))
		case !l.told(v, journalled):
			wrong = append(wrong, fmt.Sprintf("%s was lost to %s without a word", v, final))
		}
	}
	return wrong
}

// told says whether the journal has the value, or one that followed it.
func (l *lineage) told(v string, journalled map[string]bool) bool {
	for j := range journalled {
		if l.before(v, j) {
			return true
		}
	}
	return false
}

// trial is one customer whose city both sides edit while writes go astray.
type trial struct {
	*world
	rand *rand.Rand
	line lineage
	sent []time.Time // of what is to arrive late
}

// step does one thing at random. Nobody edits a record while a write to it is under way: no product built so
// far takes a precondition, so that such an edit is lost in the product itself.
func (w *trial) step() {
	crm := w.byExternal(record.Account, "CU2")
	switch w.rand.IntN(8) {
	case 0, 1:
		if len(w.erp.late) == 0 {
			w.edit(true, crm)
		}
	case 2, 3:
		if len(w.crm.late) == 0 {
			w.edit(false, crm)
		}
	case 4, 5:
		kinds := []string{lostBefore, lostAfter, late, late, busy, serverErr}
		w.world.line.fault = fault{w.world.line.calls + 1, kinds[w.rand.IntN(len(kinds))]}
	case 6:
		w.power.cut = w.power.points + 1 + w.rand.IntN(12)
	}
}

func (w *trial) edit(inERP bool, crm *record.Record) {
	switch {
	case inERP:
		seen := w.erp.records[record.Account]["2"].Fields["city"].Text
		w.erp.put(record.Account, "2", record.Fields{"city": text(w.line.typed(seen))})
	case crm != nil:
		w.crm.put(record.Account, crm.Key, record.Fields{"City": text(w.line.typed(crm.Fields["City"].Text))})
	}
}

func (w *trial) cycle() {
	switch err := w.engine.Cycle(w.t.Context()); {
	case errors.Is(err, errPower):
		w.power.off = false
		w.open()
	case err != nil:
		w.t.Fatal(err)
	}
	for len(w.sent) < len(w.crm.late)+len(w.erp.late) {
		w.sent = append(w.sent, w.clock.now)
	}
	w.clock.now = w.clock.now.Add(30 * time.Second)
	if len(w.sent) > 0 && (w.rand.IntN(3) == 0 || w.clock.now.Sub(w.sent[0]) >= 90*time.Second) {
		w.arrive()
	}
}

// arrive lets everything that is under way arrive.
func (w *trial) arrive() {
	w.crm.arriveLate()
	w.erp.arriveLate()
	w.sent = nil
}

func (w *trial) journalled() map[string]bool {
	all := map[string]bool{}
	must(w.t, w.state.View(func(t *store.Txn) {
		t.Events(0, func(e store.Event) bool {
			if e.Code == "conflict-settled" {
				all[e.Args["erp"]], all[e.Args["crm"]] = true, true
			}
			return true
		})
	}))
	return all
}

// TestNothingIsLostUntold lets people edit one field on both sides while answers are lost, writes arrive
// late and the power fails, and looks for an edit that was lost without a trace.
//
// Requirement: ACO-9
func TestNothingIsLostUntold(t *testing.T) {
	for seed := range uint64(300) {
		w := &trial{rand: rand.New(rand.NewPCG(seed, 1)), line: lineage{parent: map[string]string{}}}
		w.world = worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) { w.set.Schedule.Interval = 30 * time.Second })
		w.customer(2, "Client")
		w.erp.records[record.Account]["2"].Fields["city"] = text(w.line.typed(""))
		for range 12 {
			w.step()
			w.cycle()
		}
		w.power.cut, w.world.line.fault = 0, fault{}
		for range 14 {
			w.cycle()
		}
		wrong := append(w.oracles(1), w.line.wrong(w.erp.records[record.Account]["2"].Fields["city"].Text, w.journalled())...)
		if len(wrong) > 0 {
			t.Fatalf("seed %d: %s\njournal %s", seed, strings.Join(wrong, "; "), strings.Join(w.journal(), " "))
		}
	}
}
