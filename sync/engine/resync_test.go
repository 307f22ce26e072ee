package engine_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// repair gives the resync under way.
func (w *world) repair() (r store.Repair) {
	must(w.t, w.state.View(func(t *store.Txn) { r, _ = t.Repair() }))
	return r
}

// resync has a resync begin that is to be done at once, and runs cycles until it is over and all is quiet,
// through power cuts.
func (w *world) resync(r store.Repair) {
	w.t.Helper()
	r.Asked = w.clock.now
	for w.state.Update(func(t *store.Txn) error { t.PutRepair(r); return nil }) != nil {
		w.restart()
	}
	w.finish()
}

// finish runs cycles until no resync is under way and all is quiet. What waits for a person's answer may leave
// records to be looked at.
func (w *world) finish() {
	w.t.Helper()
	for n, after := 0, 0; ; n++ {
		if n == 200 {
			w.t.Fatalf("the resync does not end: %+v; waits %v; journal %v; log %s", w.repair(), w.waits(), w.journal(), w.log.String())
		}
		switch err := w.engine.Cycle(w.t.Context()); {
		case w.power.off: // also where the cycle had nothing left to keep
			w.restart()
		case err != nil:
			w.t.Fatal(err)
		default:
			if r := w.repair(); r.Level > 0 {
				if r.Phase == store.RepairReady {
					w.goAhead(r)
				}
				break
			}
			if after++; after > 6 || n > 3 && w.idle() {
				must(w.t, w.state.Check())
				return
			}
		}
		w.clock.now = w.clock.now.Add(30 * time.Second)
	}
}

// goAhead is a person who has seen the counts and agrees.
func (w *world) goAhead(r store.Repair) {
	if r.Phase = store.RepairForget; r.Level == 2 {
		r.Phase = store.RepairSettle
	}
	if w.state.Update(func(t *store.Txn) error { t.PutRepair(r); return nil }) != nil {
		w.restart()
	}
}

// restart starts the box after a power cut, which may not have been the last.
func (w *world) restart() {
	w.power.off, w.power.cut = false, 0
	w.open()
	if len(w.cuts) > 0 {
		w.power.cut, w.cuts = w.power.points+w.cuts[0], w.cuts[1:]
	}
}

// lose lets the box forget everything but what both products hold.
func (w *world) lose() {
	w.files = [2]*memory{newMemory(w.power), newMemory(w.power)}
	w.restart()
}

// quietly changes a record so that no look for changes tells it.
func quietly(s *side, e record.Entity, key record.Key, f record.Fields) {
	maps.Copy(s.records[e][key].Fields, f)
}

func (w *world) writes() int { return len(w.erp.writes) + len(w.crm.writes) }

// Level 1 finds what looks for changes have missed, on both sides, and in records that only the ERP may change.
//
// Requirement: ACO-81
func TestLevel1FindsWhatWasMissed(t *testing.T) {
	w := newWorld(t, true)
	for n := 2; n < 9; n++ {
		w.document(100+n, w.customer(n, "Client"))
	}
	w.cycles(3)
	quietly(w.erp, record.Account, "2", record.Fields{"city": text("Lévis")})
	quietly(w.crm, record.Contact, w.byExternal(record.Contact, "CC3").Key, record.Fields{"Email": text("neuf@example.org")})
	quietly(w.crm, record.Document, w.byExternal(record.Document, "DO104").Key, record.Fields{"Title": text("autre")})
	delete(w.crm.records[record.Document], w.byExternal(record.Document, "DO105").Key)
	delete(w.erp.records[record.Account], "8")
	w.cycles(3)
	before := w.writes()
	wantWaits(t, w)
	w.crm.untold = map[string]bool{} // documents flow one way: the CRM tells none
	for k := range w.crm.records[record.Document] {
		w.crm.untold["document "+string(k)] = true
	}
	began := w.clock.now
	w.resync(store.Repair{Level: 1, Phase: store.RepairForget})
	if got := w.writes() - before; got != 3 {
		t.Errorf("got %d writes, want 3", got)
	}
	if got := w.byExternal(record.Account, "CU8").Fields["ERPActive"].Text; got != "false" {
		t.Errorf("a card that is nowhere: active %q in the CRM", got)
	}
	if got := w.byExternal(record.Account, "CU2").Fields["City"].Text; got != "Lévis" {
		t.Errorf("city in the CRM: got %q", got)
	}
	if got := w.erp.records[record.Contact]["3"].Fields["email"].Text; got != "neuf@example.org" {
		t.Errorf("e-mail in the ERP: got %q", got)
	}
	wantWaits(t, w, "deleted document 105 crm-record-deleted", "difference document 104 difference-stands")
	for e, at := range w.swept() {
		if at.Before(began) {
			t.Errorf("%s was not listed since %v", e, at)
		}
	}
	var done store.Event
	must(t, w.state.View(func(tx *store.Txn) {
		tx.Events(0, func(e store.Event) bool {
			if e.Code == "resync-complete" {
				done = e
			}
			return true
		})
	}))
	want := map[string]string{"level": "1", "created": "0", "updated": "1", "createderp": "0", "updatederp": "1", "inactive": "1", "conflicts": "0", "asked": "1", "held": "0"}
	if diff := cmp.Diff(want, done.Args); diff != "" {
		t.Errorf("journal: %s", diff)
	}
}

// swept tells when the CRM's records were last listed.
func (w *world) swept() map[record.Entity]time.Time {
	all := map[record.Entity]time.Time{}
	must(w.t, w.state.View(func(t *store.Txn) {
		for _, rule := range w.profile.Entities {
			all[rule.Entity], _ = time.Parse(time.RFC3339, t.Setting("swept-"+string(rule.Entity)))
		}
	}))
	return all
}

// Level 1 tries again at once what was put off for a day.
//
// Requirement: ACO-81
func TestLevel1ClearsQuarantines(t *testing.T) {
	w := newWorld(t, true)
	w.document(102, w.customer(2, "Client"))
	refuse := func(op connectors.Op) *connectors.Result {
		if op.Entity != record.Account {
			return nil
		}
		return &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Rejected, "crm-record-refused", "no")}
	}
	w.crm.answer = refuse
	for range 12 {
		w.cycles(1)
		w.clock.now = w.clock.now.Add(25 * time.Hour)
	}
	w.cycles(1)
	wantWaits(t, w, "quarantine account 2 crm-record-refused", "reference contact 2 reference-missing", "reference document 102 reference-missing")
	w.resync(store.Repair{Level: 1, Phase: store.RepairForget})
	must(t, w.state.View(func(tx *store.Txn) {
		tx.AllWaiting(func(x store.Waiting) bool {
			if x.Kind == store.Quarantine && x.Tries > 4 {
				t.Errorf("still refused: %d tries, the next at %v", x.Tries, x.Next)
			}
			return true
		})
	}))
	w.cycles(2)
	w.crm.answer = nil
	if w.cycles(1); len(w.crm.records[record.Account]) > 0 {
		t.Fatal("it was tried again before it was due, so that this test shows nothing")
	}
	w.resync(store.Repair{Level: 1, Phase: store.RepairForget})
	wantWaits(t, w)
	if w.byExternal(record.Document, "DO102") == nil {
		t.Error("what waited for the record is not there")
	}
}

// What a person is asked about stays asked.
//
// Requirement: ACO-81
func TestLevel1LeavesQuestionsOpen(t *testing.T) {
	w := newWorld(t, true)
	handsOff(w)
	w.customer(2, "Client")
	w.cycles(2)
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"City": text("Gaspé")})
	w.cycles(2)
	asked := slices.Clone(w.erp.published)
	w.resync(store.Repair{Level: 1, Phase: store.RepairForget})
	if diff := cmp.Diff(asked, w.erp.published); diff != "" || len(asked) != 1 {
		t.Errorf("hand-offs: %d before; %s", len(asked), diff)
	}
}

// say2 says something while cycles run and fails the test where it is refused.
func (w *world) must(v engine.Verb, name string) {
	w.t.Helper()
	must(w.t, w.say(v, name))
}

// The counts come first and change nothing; then a person says go, or forgets about it.
//
// Requirement: ACO-81, ACO-82
func TestCountsFirst(t *testing.T) {
	for level, verb := range map[int]engine.Verb{1: engine.Resync1, 2: engine.Resync2} {
		w := newWorld(t, true)
		for n := 2; n < 9; n++ {
			w.document(100+n, w.customer(n, "Client"))
		}
		w.cycles(3)
		quietly(w.erp, record.Account, "2", record.Fields{"city": text("Lévis"), "term": text("Net 30")})
		before, state := w.writes(), w.truth()
		w.must(verb, "")
		w.cycles(1)
		st := w.engine.Status().Resync
		if st == nil || st.Phase != store.RepairReady || st.Code != "resync-ready" || st.Level != level {
			t.Fatalf("level %d: got %+v; log %s", level, st, w.log.String())
		}
		want := store.RepairCounts{Update: [2]int{1, 0}, Equal: 6}
		if level == 2 {
			want.Conflicts, want.Kept = 1, 7
		}
		if diff := cmp.Diff(want, st.Preview[record.Account]); diff != "" {
			t.Errorf("level %d, accounts: %s", level, diff)
		}
		want = store.RepairCounts{Equal: 7}
		if level == 2 {
			want.Kept = 7
		}
		for _, e := range []record.Entity{record.Contact, record.Document} {
			if diff := cmp.Diff(want, st.Preview[e]); diff != "" {
				t.Errorf("level %d, %s: %s", level, e, diff)
			}
		}
		if diff := cmp.Diff(state, w.truth()); diff != "" || w.writes() != before {
			t.Errorf("level %d: the dry run left traces: %d writes; %s", level, w.writes()-before, diff)
		}
		w.must(engine.ResyncCancel, "")
		if w.cycles(1); w.engine.Status().Resync != nil || w.writes() != before {
			t.Errorf("level %d: cancelled: got %+v", level, w.engine.Status().Resync)
		}
		w.must(verb, "")
		w.cycles(1)
		w.must(engine.ResyncGo, "")
		w.finish()
		if got := w.byExternal(record.Account, "CU2").Fields["City"].Text; got != "Lévis" || w.writes() != before+1 {
			t.Errorf("level %d: city %q after %d writes", level, got, w.writes()-before)
		}
	}
}

// truth gives everything the state holds but for the resync itself, the journal and counters.
func (w *world) truth() []string {
	var all []string
	for _, bucket := range []string{"link", "erp", "crm", "number", "intent", "waiting", "blocked", "mark", "link-2", "erp-2", "crm-2", "waiting-2"} {
		for k, v := range w.files[0].buckets[bucket] {
			all = append(all, fmt.Sprintf("%s %q %q", bucket, k, v))
		}
	}
	slices.Sort(all)
	return all
}

// Requirement: ACO-81, ACO-82
func TestResyncVerbs(t *testing.T) {
	refused := func(w *world, v engine.Verb, name string, want error) {
		t.Helper()
		if err := w.say(v, name); !errors.Is(err, want) {
			t.Errorf("%s %q: got %v, want %v", v, name, err, want)
		}
	}
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	refused(w, engine.ResyncGo, "", engine.ErrNoSuch)
	refused(w, engine.ResyncCancel, "", engine.ErrNoSuch)
	refused(w, engine.Resync1, "tomorrow", engine.ErrNoSuch)
	w.must(engine.Resync1, "")
	w.must(engine.Resync2, "") // instead
	w.cycles(1)
	if got := w.engine.Status().Resync; got == nil || got.Level != 2 {
		t.Errorf("replaced: got %+v", got)
	}
	w.must(engine.ResyncCancel, "")
	w.must(engine.Resync1, "now")
	w.finish()
	if got := w.journal(); !slices.Contains(got, "resync-complete") || !slices.Contains(got, "person-resync-1") {
		t.Errorf("journal: got %v", got)
	}
	w.lose()
	must(t, w.state.Update(func(tx *store.Txn) error {
		tx.PutRepair(store.Repair{Level: 2, Phase: store.RepairSettle, Lost: true})
		return nil
	}))
	w.crm.skip = map[record.Entity]error{record.Contact: connectors.Errorf(connectors.Busy, "file-busy", "in use")}
	refused(w, engine.ResyncCancel, "", engine.ErrResync)
	refused(w, engine.Resync1, "now", engine.ErrResync)
	refused(w, engine.Retry, "all", engine.ErrResync)
	if got := w.engine.Status().Resync; got == nil || got.Code != "resync-running" || got.Phase != store.RepairMatch {
		t.Errorf("a lost truth: got %+v", got)
	}
	w.crm.skip = nil
	w.finish()
}

// A dry run with no room to work in is refused; a resync at once is not.
func TestNoRoomToCount(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.bare = true
	w.open()
	if err := w.say(engine.Resync1, ""); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("got %v", err)
	}
	w.must(engine.Resync1, "now")
	w.finish()
}

// What a person has seen and agreed to passes the brakes; what nobody has seen does not.
//
// Requirement: ACO-81
func TestBrakesLetThroughWhatWasSeen(t *testing.T) {
	for _, tt := range []struct {
		name string
		ask  func(*world)
		want int // records changed in the CRM
	}{
		{"seen", func(w *world) {
			w.must(engine.Resync1, "")
			w.cycles(1)
			w.must(engine.ResyncGo, "")
		}, 60},
		{"more than was seen", func(w *world) {
			w.must(engine.Resync1, "")
			w.cycles(1)
			for n := 62; n < 122; n++ {
				quietly(w.erp, record.Account, record.Key(fmt.Sprint(n)), record.Fields{"city": text("Lévis")})
			}
			w.must(engine.ResyncGo, "")
		}, 0},
		{"at once", func(w *world) { w.must(engine.Resync1, "now") }, 0},
		{"before the word", func(w *world) {
			w.must(engine.Resync1, "")
			w.cycles(1)
			for n := 2; n < 62; n++ {
				w.erp.put(record.Account, record.Key(fmt.Sprint(n)), record.Fields{"city": text("Lévis")})
			}
			w.cycles(2)
			if w.repair().Phase != store.RepairReady {
				w.t.Errorf("got %+v", w.repair())
			}
			w.must(engine.ResyncCancel, "")
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, true)
			for n := 2; n < 122; n++ {
				w.customer(n, "Client")
			}
			w.cycles(2)
			for n := 2; n < 62; n++ {
				quietly(w.erp, record.Account, record.Key(fmt.Sprint(n)), record.Fields{"city": text("Lévis")})
			}
			tt.ask(w)
			w.cycles(4)
			changed := 0
			for _, r := range w.crm.records[record.Account] {
				if r.Fields["City"].Text == "Lévis" {
					changed++
				}
			}
			if changed != tt.want {
				t.Errorf("%d records changed, want %d; waits %v", changed, tt.want, w.waits())
			}
			if braked := slices.Contains(w.waits(), "brake account  mass-change"); braked != (tt.want == 0) {
				t.Errorf("waits %v", w.waits())
			}
			if w.cycles(2); w.repair().Level != 0 {
				t.Errorf("the resync does not end: %+v", w.repair())
			}
		})
	}
}

// While the folder waits for a person, the counts show what accepting it as it is would do, and nothing else
// goes on.
//
// Requirement: ACO-81
func TestCountsWhileHeld(t *testing.T) {
	w := newWorld(t, true)
	for n := 2; n < 6; n++ {
		w.customer(n, "Client")
	}
	w.cycles(2)
	w.erp.hold = true
	quietly(w.erp, record.Account, "2", record.Fields{"city": text("Lévis")})
	before := w.writes()
	w.cycles(1)
	wantWaits(t, w, "hold   folder-rolled-back")
	w.must(engine.Resync1, "")
	w.cycles(1)
	if got := w.engine.Status().Resync; got == nil || got.Phase != store.RepairReady || got.Preview[record.Account].Update[0] != 1 {
		t.Errorf("got %+v; log %s", got, w.log.String())
	}
	w.cycles(2)
	if w.accepted() || w.writes() != before {
		t.Errorf("accepted %v, %d writes", w.accepted(), w.writes()-before)
	}
	wantWaits(t, w, "hold   folder-rolled-back")
}

func (w *world) accepted() bool { return w.erp.accepted > 0 }

// A resync that can't begin, because a side does not answer, waits and goes on by itself.
//
// Requirement: ACO-81, ACO-82
func TestResyncWaitsForASide(t *testing.T) {
	for _, r := range []store.Repair{{Level: 1, Phase: store.RepairForget}, {Level: 2, Phase: store.RepairSettle}, {Level: 1, Phase: store.RepairPreview}, {Level: 2, Phase: store.RepairPreview}} {
		w := newWorld(t, true)
		w.customer(2, "Client")
		w.cycles(2)
		before := w.writes()
		must(t, w.state.Update(func(tx *store.Txn) error { tx.PutRepair(r); return nil }))
		w.crm.observeErr = connectors.Errorf(connectors.Unavailable, "crm-unreachable", "no answer")
		w.cycles(3)
		if got := w.repair(); got.Level != r.Level || got.Phase == store.RepairCompare || got.Phase == store.RepairReady || w.writes() != before {
			t.Errorf("level %d %s: got %+v", r.Level, r.Phase, got)
		}
		w.crm.observeErr = nil
		if r.Phase == store.RepairPreview {
			if w.cycles(1); w.repair().Phase != store.RepairReady {
				t.Errorf("level %d %s: got %+v", r.Level, r.Phase, w.repair())
			}
			continue
		}
		w.finish()
	}
}

// It is over when everything was compared, and not before: not while an entity can't be looked at, nor while
// records of one side can't be read.
//
// Requirement: ACO-81
func TestNotOverBeforeAllIsCompared(t *testing.T) {
	for name, hinder := range map[string]func(*world){
		"an entity": func(w *world) {
			w.crm.skip = map[record.Entity]error{record.Contact: connectors.Errorf(connectors.Busy, "file-busy", "in use")}
		},
		"records": func(w *world) {
			w.crm.failing = func() error {
				if w.repair().Phase == store.RepairCompare {
					return connectors.Errorf(connectors.Unavailable, "crm-unreachable", "no answer")
				}
				return nil
			}
		},
	} {
		w := newWorld(t, true)
		w.customer(2, "Client")
		w.cycles(3)
		must(t, w.state.Update(func(tx *store.Txn) error {
			tx.PutRepair(store.Repair{Level: 1, Phase: store.RepairForget})
			return nil
		}))
		hinder(w)
		if w.cycles(5); w.repair().Phase != store.RepairCompare {
			t.Errorf("%s: got %+v", name, w.repair())
		}
		w.crm.skip, w.crm.failing = nil, nil
		w.finish()
	}
}

// Nothing is written, and nothing worked off, while level 2 is not through.
//
// Requirement: ACO-82
func TestNothingElseGoesOnDuringLevel2(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	w.crm.skip = map[record.Entity]error{record.Contact: connectors.Errorf(connectors.Busy, "file-busy", "in use")}
	must(t, w.state.Update(func(tx *store.Txn) error {
		tx.PutRepair(store.Repair{Level: 2, Phase: store.RepairSettle})
		return nil
	}))
	before := w.writes()
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.cycles(3)
	if got := w.repair(); got.Phase != store.RepairMatch || w.writes() != before {
		t.Errorf("while an entity can't be looked at: got %+v and %d writes", got, w.writes()-before)
	}
	if got := w.engine.Status().Resync; got.Phase != store.RepairMatch {
		t.Errorf("status: got %+v", got)
	}
	w.crm.skip = nil
	w.erp.later = map[string]bool{"account 2": true}
	w.cycles(2)
	if got := w.repair(); got.Phase != store.RepairMatch || w.writes() != before {
		t.Errorf("while a record can't be read: got %+v and %d writes", got, w.writes()-before)
	}
	w.erp.later = nil
	w.finish()
	if got := w.byExternal(record.Account, "CU2").Fields["City"].Text; got != "Lévis" {
		t.Errorf("afterwards: got %q", got)
	}
}

// Level 2 does not begin while a write may still arrive, nor after a loss before everything sent has had its time.
//
// Requirement: ACO-82
func TestLevel2WaitsForWhatMayArrive(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Interval = 30 * time.Second
	w.crm.traits.Upsert = false
	w.open()
	w.customer(2, "Client")
	w.line.fault = fault{1, late}
	w.cycles(1)
	must(t, w.state.Update(func(tx *store.Txn) error {
		tx.PutRepair(store.Repair{Level: 2, Phase: store.RepairSettle})
		return nil
	}))
	for n := range 3 {
		if w.cycles(1); w.repair().Phase != store.RepairSettle {
			t.Fatalf("cycle %d: got %+v", n, w.repair())
		}
	}
	for _, arrive := range w.crm.late {
		arrive()
	}
	w.finish()
	if got := len(w.crm.records[record.Account]); got != 1 {
		t.Errorf("got %d accounts, want 1", got)
	}

	w.crm.late = nil
	w.erp.put(record.Account, "2", record.Fields{"city": text("A")})
	w.line.fault = fault{w.line.calls + 1, late}
	w.cycles(1)
	w.lose()
	must(t, w.state.Update(func(tx *store.Txn) error {
		tx.PutRepair(store.Repair{Level: 2, Phase: store.RepairSettle, Lost: true})
		return nil
	}))
	began := w.clock.now
	w.cycles(1)
	for w.repair().Phase == store.RepairSettle {
		w.cycles(1)
	}
	if waited := w.clock.now.Sub(began); waited < w.crm.traits.ServerLate {
		t.Errorf("after a loss it began after %v, before what was sent had its %v", waited, w.crm.traits.ServerLate)
	}
	w.finish()
	if got := w.linked(); got != "account 2-1001 contact 2-1002 " {
		t.Errorf("got %s", got)
	}
}

// Each kind of open write holds level 2 up by itself: an update that may arrive late, a write to the ERP that can
// be told apart only later, a creation that can't be looked for just now.
//
// Requirement: ACO-82
func TestEveryOpenWriteHoldsLevel2Up(t *testing.T) {
	unreachable := func() error { return connectors.Errorf(connectors.Unavailable, "crm-unreachable", "no answer") }
	for _, tt := range []struct {
		name string
		open func(*world)
		free func(*world) // nil: time does it
	}{
		{"update", func(w *world) {
			w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
			w.line.fault = fault{w.line.calls + 1, lostBefore}
			w.cycles(1)
		}, nil},
		{"write to the ERP", func(w *world) {
			w.crm.put(record.Account, "1001", record.Fields{"City": text("Gaspé")})
			w.line.fault = fault{w.line.calls + 1, lostBefore}
			w.cycles(1)
		}, nil},
		{"creation", func(w *world) {
			must(w.t, w.state.Update(func(t *store.Txn) error { // as a power cut between the intent and its answer leaves it
				l := plan.Link{Entity: record.Account, ERP: w.customer(3, "Autre"), State: plan.Creating}
				t.PutLink(&l)
				t.PutIntent(store.Intent{Link: l.ID, Side: connectors.CRM, Op: connectors.Op{Kind: connectors.Create, Entity: record.Account, ExternalID: "CU3"}})
				return nil
			}))
			w.crm.findErr = unreachable()
		}, func(w *world) { w.crm.findErr = nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, true)
			w.set.Schedule.Interval = 30 * time.Second
			w.open()
			w.customer(2, "Client")
			w.cycles(3)
			tt.open(w)
			if len(w.unsettled()) == 0 {
				t.Fatal("nothing is open, so that this test shows nothing")
			}
			began := w.clock.now
			must(t, w.state.Update(func(tx *store.Txn) error {
				tx.PutRepair(store.Repair{Level: 2, Phase: store.RepairSettle})
				return nil
			}))
			for w.repair().Phase == store.RepairSettle && w.clock.now.Sub(began) < 10*time.Minute {
				w.cycles(1)
			}
			waited := w.clock.now.Sub(began)
			if tt.free == nil && (waited < w.crm.traits.ServerLate-time.Minute || waited > 5*time.Minute) || tt.free != nil && waited < 10*time.Minute {
				t.Errorf("it began after %v", waited)
			}
			if tt.free != nil {
				tt.free(w)
			}
			w.finish()
			w.cycles(2)
			if wrong := w.oracles(1); len(wrong) > 0 {
				t.Errorf("%q", wrong)
			}
		})
	}
}

// unsettled names what has no outcome yet.
func (w *world) unsettled() (all []string) {
	must(w.t, w.state.View(func(t *store.Txn) {
		for _, in := range t.Intents() {
			all = append(all, fmt.Sprintf("intent of link %d until %v", in.Link, in.Until))
		}
		t.Links(func(l plan.Link) bool {
			for _, d := range l.Doubts {
				all = append(all, fmt.Sprintf("doubt of link %d until %v", l.ID, d.Until))
			}
			return true
		})
	}))
	return all
}

// An older copy of the truth believes that a write is open which was settled long ago, and counts sendings that
// were counted already.
//
// Requirement: ACO-82
func TestOlderCopyIsNotBelieved(t *testing.T) {
	w := newWorld(t, true)
	w.staff()
	w.customer(2, "Client")
	w.cycles(3)
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"City": text("Gaspé")})
	w.line.fault = fault{w.line.calls + 1, lostBefore}
	w.cycles(1)
	if len(w.unsettled()) == 0 {
		t.Fatal("nothing is open, so that this test shows nothing")
	}
	quietly(w.erp, record.Account, "2", record.Fields{"city": text("Laval")}) // what became of it since
	w.resync(lost)
	wantWaits(t, w)
	if wrong := cityIs("Laval")(w); len(wrong) > 0 || slices.Contains(w.journal(), "waits-quarantine") {
		t.Errorf("%q; journal %v", wrong, w.journal())
	}
	w.lose()
	w.resync(lost)
	w.erp.put(record.User, "2", record.Fields{"name": text("Ève Roy-Côté")})
	w.cycles(2)
	ids := map[string]bool{}
	for _, op := range w.crm.writes {
		if ids[op.ID] {
			t.Errorf("two writes have the identity %s", op.ID)
		}
		ids[op.ID] = true
	}
}

// linked lists all links with two ends.
func (w *world) linked() string {
	var all []string
	must(w.t, w.state.View(func(t *store.Txn) {
		t.Links(func(l plan.Link) bool {
			if l.ERP != "" && l.CRM != "" && l.State != plan.Closed {
				all = append(all, fmt.Sprintf("%s %s-%s ", l.Entity, l.ERP, l.CRM))
			}
			return true
		})
	}))
	slices.Sort(all)
	return strings.Join(all, "")
}

// A card is not in the ERP when a resync makes the map anew, and its place is another customer's after it: the two are not
// mixed.
//
// Requirement: ACO-63
func TestResyncWhileGoneThenReused(t *testing.T) {
	for _, shown := range []bool{false, true} {
		w := newWorld(t, false)
		w.customer(2, "Client")
		w.customer(3, "Other")
		w.cycles(2)
		first := w.byExternal(record.Account, "CU2").Key
		for _, e := range []record.Entity{record.Account, record.Contact} {
			delete(w.erp.records[e], "2")
			w.erp.changed[e]["2"] = true
			if shown { // as an empty place
				w.erp.records[e]["2"] = &record.Record{Entity: e, Key: "2", Gone: true}
			}
		}
		must(t, w.say(engine.Resync2, "now"))
		w.cycles(1)
		for _, e := range []record.Entity{record.Account, record.Contact} {
			delete(w.erp.records[e], "2")
		}
		w.customer(2, "Somebody else")
		w.erp.put(record.Account, "2", record.Fields{"number": text("C77")})
		w.cycles(4)
		if got := w.crm.records[record.Account][first].Fields["Name"].Text; got != "Client" {
			t.Errorf("shown as empty %v: the old customer is called %q", shown, got)
		}
	}
}

// A look told of a customer of the CRM that was deleted before the map was made anew: a person is asked, and it is not
// created again without a word.
func TestResyncOfOneToldOfAndDeleted(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.customer(3, "Other")
	w.cycles(2)
	key, calls := w.byExternal(record.Account, "CU2").Key, 0
	w.crm.failing = func() error {
		if r := w.engine.Status().Resync; r != nil && r.Phase == store.RepairMatch { // the complete look, and what follows it
			if calls++; calls == 2 {
				delete(w.crm.records[record.Account], key)
			}
		}
		return nil
	}
	must(t, w.say(engine.Resync2, "now"))
	w.cycles(3)
	if calls < 2 {
		t.Fatal("nothing was deleted: the test looks at nothing")
	}
	if !slices.Contains(w.waits(), "deleted account 2 crm-record-deleted") || w.crm.births["account CU2"] != 1 {
		t.Errorf("created %d times, waits %q", w.crm.births["account CU2"], w.waits())
	}
}
