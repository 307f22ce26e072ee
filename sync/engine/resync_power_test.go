package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// repairs are the worlds in which a resync is cut.
func repairs() map[string]struct {
	change func(*world) // before it is asked for
	lose   bool
	repair store.Repair
} {
	type world_ = struct {
		change func(*world)
		lose   bool
		repair store.Repair
	}
	// missed is everything that level 1 finds, and level 2 as well.
	missed := func(w *world) {
		quietly(w.erp, record.Account, "2", record.Fields{"city": text("Lévis")})
		quietly(w.crm, record.Contact, w.byExternal(record.Contact, "CC3").Key, record.Fields{"Email": text("neuf@example.org")})
		quietly(w.crm, record.Document, w.byExternal(record.Document, "DO103").Key, record.Fields{"Title": text("autre")})
		delete(w.crm.records[record.Document], w.byExternal(record.Document, "DO104").Key)
	}
	// torn is a CRM of which half can't be told by our identity any more.
	torn := func(w *world) {
		w.strip(record.Account, "CU2")
		w.strip(record.Contact, "CC3")
		w.strip(record.Document, "DO103").Fields["Date"] = text("x")
		w.strip(record.Account, "CU3")
		w.crm.put(record.Account, "500", record.Fields{"Name": text("Double"), "Sync.CustomerNumber": text("C3")})
		quietly(w.crm, record.Account, w.byExternal(record.Account, "CU4").Key, record.Fields{"City": text("Gaspé")})
		w.customer(5, "Client 5")
	}
	go1, go2 := store.Repair{Level: 1, Phase: store.RepairForget}, store.Repair{Level: 2, Phase: store.RepairSettle}
	see2 := store.Repair{Level: 2, Phase: store.RepairPreview}
	return map[string]world_{
		"level 1":                 {change: missed, repair: go1},
		"level 2":                 {change: missed, repair: go2},
		"level 2, counted first":  {change: torn, repair: see2},
		"level 2, a torn CRM":     {change: torn, repair: go2},
		"after a loss, torn CRM":  {change: torn, lose: true, repair: lost},
		"after a loss, all equal": {change: func(*world) {}, lose: true, repair: lost},
	}
}

// playRepair lets the power fail at some points, counted from when the resync is asked for, and gives what came
// of it.
func playRepair(t *testing.T, change func(*world), lose bool, r store.Repair, cuts ...int) (w *world, points int) {
	w = newWorld(t, true)
	w.set.Schedule.Interval = 30 * time.Second
	w.open()
	w.staff()
	for n := 2; n < 5; n++ {
		w.document(100+n, w.customer(n, fmt.Sprint("Client ", n)))
	}
	w.cycles(2)
	change(w)
	if lose {
		w.lose()
	}
	w.power.points = 0
	w.cutAt(cuts)
	w.resync(r)
	w.power.cut = 0
	points = w.power.points
	w.cycles(2)
	return w, points
}

// cutAt lets the power fail at the first point, and once it is back at the next.
func (w *world) cutAt(cuts []int) {
	if w.power.cut, w.cuts = 0, nil; len(cuts) > 0 {
		w.power.cut, w.cuts = cuts[0], cuts[1:]
	}
}

// outcome tells all that matters: what the CRM holds under our identities, what belongs together, what waits.
func (w *world) outcome() []string {
	var all []string
	for e, records := range w.crm.records {
		for _, r := range records {
			line := fmt.Sprintf("%s %s:", e, r.ExternalID)
			for _, name := range r.Fields.Names() {
				v := r.Fields[name]
				if v.Empty() {
					continue
				}
				if v.Kind == record.Ref { // keys are given in the order of creation
					v.Text = ""
				}
				line += fmt.Sprintf(" %s=%s", name, v.Text)
			}
			all = append(all, line)
		}
	}
	for e, records := range w.erp.records {
		all = append(all, fmt.Sprintf("%d of %s in the ERP", len(records), e))
	}
	all = append(all, fmt.Sprint(w.waits()), fmt.Sprint(strings.Count(w.linked(), "-")), fmt.Sprint(w.repair()))
	slices.Sort(all)
	return all
}

// TestPowerCutAnywhereInAResync cuts the power once before and after every commit and every write, and twice at
// random, and wants the same end each time: nothing doubled, nothing deleted, the map whole.
//
// Requirement: ACO-81, ACO-82
func TestPowerCutAnywhereInAResync(t *testing.T) {
	for name, tt := range repairs() {
		t.Run(name, func(t *testing.T) {
			w, points := playRepair(t, tt.change, tt.lose, tt.repair)
			want, born := w.outcome(), w.crm.births
			check := func(cuts ...int) {
				t.Helper()
				w, _ := playRepair(t, tt.change, tt.lose, tt.repair, cuts...)
				if err := w.state.Check(); err != nil {
					t.Fatalf("cut at %v of %d: %v", cuts, points, err)
				}
				if diff := cmp.Diff(want, w.outcome()); diff != "" {
					t.Fatalf("cut at %v of %d: %s\njournal %v", cuts, points, diff, w.journal())
				}
				if diff := cmp.Diff(born, w.crm.births); diff != "" {
					t.Fatalf("cut at %v of %d: births in the CRM: %s", cuts, points, diff)
				}
			}
			for k := 1; k <= points; k++ {
				check(k)
			}
			random := rand.New(rand.NewPCG(1, 2))
			for range 20 {
				check(1+random.IntN(points), 1+random.IntN(points))
			}
		})
	}
}

// TestMatchingGoesOnWhereItWas: a CRM that asks to be left alone at every tenth reading would never be read whole if
// each time meant to begin anew.
//
// Requirement: ACO-82
func TestMatchingGoesOnWhereItWas(t *testing.T) {
	w := newWorld(t, true)
	for n := 2; n < 62; n++ {
		w.document(100+n, w.customer(n, fmt.Sprint("Client ", n)))
	}
	w.cycles(3)
	for n := 2; n < 62; n += 3 {
		w.strip(record.Account, fmt.Sprint("CU", n))
	}
	want, before := w.linked(), w.births()
	w.lose()
	reads := 0
	w.crm.failing = func() error {
		if reads++; reads%10 == 0 && w.repair().Phase == store.RepairMatch {
			return &connectors.Error{Kind: connectors.RateLimited, Code: "crm-rate-limited", Retry: time.Second}
		}
		return nil
	}
	w.resync(lost)
	if diff := cmp.Diff(want, w.linked()); diff != "" || w.births() != before || reads < 100 {
		t.Errorf("%d births after %d reads; %s", w.births()-before, reads, diff)
	}
}

// TestNothingIsCreatedBeforeAllIsMatched spoils every reading of either side once, and looks at each write
// whether the map counted by then.
//
// Requirement: ACO-82
func TestNothingIsCreatedBeforeAllIsMatched(t *testing.T) {
	tt := repairs()["after a loss, torn CRM"]
	reads := 0
	play := func(fail int) *world {
		w := newWorld(t, true)
		w.set.Schedule.Interval = 30 * time.Second
		w.open()
		for n := 2; n < 5; n++ {
			w.document(100+n, w.customer(n, fmt.Sprint("Client ", n)))
		}
		w.cycles(3)
		tt.change(w)
		w.lose()
		reads = 0
		failing := func() error {
			if reads++; reads == fail {
				return connectors.Errorf(connectors.Unavailable, "crm-unreachable", "no answer")
			}
			return nil
		}
		early := func(op connectors.Op) *connectors.Result {
			if r := w.repair(); r.Level > 0 && r.Phase != store.RepairCompare {
				t.Errorf("failing at read %d: %s %s was written in phase %s", fail, op.Entity, op.ExternalID, r.Phase)
			}
			return nil
		}
		w.erp.failing, w.crm.failing, w.erp.answer, w.crm.answer = failing, failing, early, early
		w.resync(tt.repair)
		w.cycles(3)
		return w
	}
	want := play(0).outcome()
	n := reads
	for fail := 1; fail <= n; fail++ {
		if diff := cmp.Diff(want, play(fail).outcome()); diff != "" {
			t.Fatalf("failing at read %d of %d: %s", fail, n, diff)
		}
	}
	if n < 20 {
		t.Errorf("only %d reads", n)
	}
}
