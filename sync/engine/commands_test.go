package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/schedule"
	"syncbox/sync/store"
)

// say has the engine do what a person asks for, while a cycle runs.
func (w *world) say(v engine.Verb, name string) error {
	w.t.Helper()
	return w.while(func(ctx context.Context) error { return w.engine.Do(ctx, v, name) })
}

// while has cycles run until somebody's wish is answered.
func (w *world) while(ask func(context.Context) error) error {
	w.t.Helper()
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	go func() { done <- ask(ctx) }()
	for {
		must(w.t, w.engine.Cycle(w.t.Context()))
		w.clock.now = w.clock.now.Add(w.set.Schedule.Interval)
		select {
		case err := <-done:
			return err
		default:
		}
	}
}

// name gives the name of the one waiting of a kind, and field if there are several.
func (w *world) name(kind store.WaitKind, field string) string {
	w.t.Helper()
	name := ""
	must(w.t, w.state.View(func(t *store.Txn) {
		t.AllWaiting(func(x store.Waiting) bool {
			if x.Kind == kind && (field == "" || x.Field == field) {
				name = x.Name()
			}
			return true
		})
	}))
	if name == "" {
		w.t.Fatalf("no %s %s waits: %v", kind, field, w.waits())
	}
	return name
}

func wantWaits(t *testing.T, w *world, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.waits()); diff != "" {
		t.Error(diff)
	}
}

// Requirement: ACO-77
func TestRecreate(t *testing.T) {
	w := newWorld(t, true)
	w.document(102, w.customer(2, "Client"))
	w.cycles(2)
	delete(w.crm.records[record.Contact], w.byExternal(record.Contact, "CC2").Key)
	w.document(103, "2")
	w.cycles(1)
	wantWaits(t, w, "deleted contact 2 crm-record-deleted", "reference document 103 crm-server-error")
	must(t, w.say(engine.Recreate, w.name(store.Deleted, "")))
	w.cycles(2)
	wantWaits(t, w)
	if w.byExternal(record.Contact, "CC2") == nil || w.byExternal(record.Document, "DO103") == nil {
		t.Error("contact or document is not there again")
	}
	if got, want := w.byExternal(record.Document, "DO102").Fields["ContactId"].Key(), w.byExternal(record.Contact, "CC2").Key; got != want {
		t.Errorf("an older document refers to %s, the contact is %s", got, want)
	}
	if err := w.say(engine.Recreate, "1/deleted/"); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("again: got %v", err)
	}
}

// TestLogOnAgain: a side that was refused tries again on a person's word, and on no other.
//
// Requirement: ACO-8
func TestLogOnAgain(t *testing.T) {
	w := newWorld(t, true)
	w.cycles(3)
	for n, v := range []engine.Verb{engine.Force, engine.Start, engine.Retry} {
		must(t, w.say(v, "all"))
		if w.erp.retried != n+1 || w.crm.retried != n+1 {
			t.Errorf("%s: told %d and %d times, want %d", v, w.erp.retried, w.crm.retried, n+1)
		}
	}
}

// Requirement: ACO-77, ACO-62
func TestRecordComesBack(t *testing.T) {
	for _, told := range []bool{true, false} {
		w := newWorld(t, true)
		w.customer(2, "Client")
		w.cycles(2)
		contact := w.byExternal(record.Contact, "CC2")
		delete(w.crm.records[record.Contact], contact.Key)
		w.document(103, "2")
		w.cycles(1)
		w.crm.records[record.Contact][contact.Key] = contact
		if w.crm.changed[record.Contact][contact.Key] = told; !told {
			delete(w.crm.changed[record.Contact], contact.Key)
			w.clock.now = w.clock.now.Add(25 * time.Hour) // the sweep finds it
		}
		w.cycles(2)
		wantWaits(t, w)
		if w.byExternal(record.Document, "DO103") == nil {
			t.Errorf("told %v: the document did not go on", told)
		}
	}
}

// Requirement: EXT-4, ACO-10, ACO-11, ACO-12
func TestOneWayDifference(t *testing.T) {
	w := newWorld(t, false)
	w.customer(2, "Client")
	w.cycles(2)
	acc := w.byExternal(record.Account, "CU2")
	w.crm.put(record.Account, acc.Key, record.Fields{"City": text("Gaspé")})
	w.cycles(2)
	wantWaits(t, w, "difference account 2 difference-stands")
	if got := acc.Fields["City"].Text; got != "Gaspé" {
		t.Errorf("the edit was put back to %q", got)
	}
	must(t, w.say(engine.KeepERP, w.name(store.Difference, "")))
	w.cycles(1)
	if got := acc.Fields["City"].Text; got != "Québec" {
		t.Errorf("aligned: got %q", got)
	}
	wantWaits(t, w)
	w.crm.put(record.Account, acc.Key, record.Fields{"City": text("Gaspé")})
	w.cycles(1)
	w.crm.put(record.Account, acc.Key, record.Fields{"City": text("Québec")}) // taken back by hand
	w.cycles(1)
	wantWaits(t, w)
	w.crm.put(record.Account, acc.Key, record.Fields{"City": text("Gaspé")})
	w.cycles(1)
	w.erp.put(record.Account, "2", record.Fields{"web": text("example.org")})
	w.cycles(1)
	if got := acc.Fields["City"].Text; got != "Québec" {
		t.Errorf("with the next change in the ERP: got %q", got)
	}
	wantWaits(t, w)
	if len(w.erp.writes) > 0 {
		t.Errorf("the ERP was written to: %v", w.erp.writes)
	}
}

// asking lets a person settle conflicts over the city.
func asking(w *world) {
	for i := range w.profile.Entity(record.Account).Fields {
		w.profile.Entity(record.Account).Fields[i].Conflict = connectors.AskPerson
	}
}

// Requirement: ACO-9
func TestConflicts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		ask   bool
		verb  engine.Verb
		city  string
		waits []string
	}{
		{name: "the ERP wins", city: "ERP"},
		{name: "nobody answers", ask: true, waits: []string{"conflict account 2 conflict-open"}},
		{name: "keep the ERP's", ask: true, verb: engine.KeepERP, city: "ERP"},
		{name: "keep the CRM's", ask: true, verb: engine.KeepCRM, city: "CRM"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
				if tt.ask {
					asking(w)
				}
			})
			w.customer(2, "Client")
			w.cycles(2)
			acc := w.byExternal(record.Account, "CU2")
			w.erp.put(record.Account, "2", record.Fields{"city": text("ERP")})
			w.crm.put(record.Account, acc.Key, record.Fields{"City": text("CRM")})
			w.cycles(2)
			if tt.verb != "" {
				must(t, w.say(tt.verb, w.name(store.Conflicted, "City")))
				w.cycles(3)
			}
			wantWaits(t, w, tt.waits...)
			erp, crm := w.erp.records[record.Account]["2"].Fields["city"].Text, acc.Fields["City"].Text
			if tt.city != "" && (erp != tt.city || crm != tt.city) || tt.city == "" && erp == crm {
				t.Errorf("got %q in the ERP and %q in the CRM", erp, crm)
			}
			if told := slices.Contains(w.journal(), "conflict-settled"); told == tt.ask {
				t.Errorf("journalled as settled: %v", told)
			}
		})
	}
}

// Requirement: ACO-8
func TestVerbsAnswerTheirKindOnly(t *testing.T) {
	w := newWorld(t, false)
	w.customer(2, "Client")
	w.cycles(2)
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"City": text("Gaspé")})
	w.cycles(1)
	name := w.name(store.Difference, "")
	for _, v := range []engine.Verb{engine.KeepCRM, engine.Dismiss, engine.Allow, engine.Accept, engine.Same, engine.NotSame, engine.Recreate, "nonsense"} {
		if err := w.say(v, name); !errors.Is(err, engine.ErrNoSuch) {
			t.Errorf("%s: got %v", v, err)
		}
	}
	for _, bad := range []string{"", "x", "1/x/y", "x/difference/City", "999/difference/City"} {
		if err := w.say(engine.KeepERP, bad); !errors.Is(err, engine.ErrNoSuch) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
	wantWaits(t, w, "difference account 2 difference-stands")
	must(t, w.say(engine.Retry, "all"))
	must(t, w.say(engine.Retry, name))
}

// TestCommandSurvivesPowerCut: what a person said is not half done when the power goes.
//
// Requirement: ACO-8, ACO-77
func TestCommandSurvivesPowerCut(t *testing.T) {
	for cut := 1; cut <= 6; cut++ {
		w := newWorld(t, true)
		w.customer(2, "Client")
		w.cycles(2)
		delete(w.crm.records[record.Contact], w.byExternal(record.Contact, "CC2").Key)
		w.document(103, "2")
		w.cycles(1)
		name := w.name(store.Deleted, "")
		w.reopen(&stopping{side: w.crm, during: func(o connectors.Observation) {
			w.power.cut = w.power.points + cut
			done := make(chan error, 1)
			go func() { done <- w.engine.Do(t.Context(), engine.Recreate, name) }()
			for len(done) == 0 {
				o.Progress(1, 2)
			}
		}})
		if err := w.engine.Cycle(t.Context()); !errors.Is(err, errPower) {
			t.Fatalf("cut %d: got %v", cut, err)
		}
		w.power.cut = 0
		w.open()
		w.cycles(3)
		if listed := slices.Contains(w.waits(), "deleted contact 2 crm-record-deleted"); listed == (w.byExternal(record.Contact, "CC2") != nil) {
			t.Errorf("cut %d: waits %v, contact there %v", cut, w.waits(), !listed)
		}
	}
}

// stopping is a CRM during whose look a person stops the job.
type stopping struct {
	*side
	during func(connectors.Observation)
	ended  bool // a look went on to its end
}

func (s *stopping) Observe(ctx context.Context, o connectors.Observation) error {
	if s.during != nil {
		s.during(o)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.ended = true
	return s.side.Observe(ctx, o)
}

// Requirement: ACO-8, ACO-85
func TestStopDuringALook(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	s := &stopping{side: w.crm}
	w.reopen(s)
	s.during = func(o connectors.Observation) {
		done := make(chan error, 1)
		go func() { done <- w.engine.Do(t.Context(), engine.Stop, "") }()
		for len(done) == 0 {
			o.Progress(1, 2)
		}
		must(t, <-done)
	}
	w.cycles(1)
	s.during = nil
	st := w.engine.Status()
	if s.ended || len(w.crm.writes) > 0 || st.Ways[0].Outcome != engine.Never || st.Ways[0].Code != "" {
		t.Errorf("got %d writes, %+v", len(w.crm.writes), st.Ways)
	}
	w.open()
	if got := w.engine.Status().Service; got != engine.Stopped {
		t.Errorf("after a restart: got %s", got)
	}
}

// Requirement: ACO-6, ACO-85
func TestBackupBeginsDuringALook(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Zone = time.UTC
	w.set.Schedule.Backup = []schedule.Window{{From: 14*60 + 5, To: 15 * 60}}
	w.customer(2, "Client")
	s := &stopping{side: w.crm, during: func(connectors.Observation) { w.clock.now = w.clock.now.Add(6 * time.Minute) }}
	w.reopen(s)
	w.cycles(1)
	if st := w.engine.Status(); len(w.crm.writes) > 0 || st.Ways[0].Outcome != engine.Never {
		t.Errorf("got %d writes, %+v", len(w.crm.writes), st.Ways)
	}
	s.during = nil
	w.clock.now = time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)
	w.cycles(1)
	if w.byExternal(record.Account, "CU2") == nil {
		t.Error("the work was not taken up after the backup")
	}
}

// Requirement: ACO-6, ACO-8
func TestRunHonoursWindowsAndPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		w.set.Schedule = schedule.Schedule{Interval: 15 * time.Minute, Zone: time.UTC, Backup: []schedule.Window{{From: 60, To: 120}}}
		looks := &counted{side: w.crm}
		w.real(looks)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.engine.Run(ctx) }()
		at := func(d time.Duration, want int, service engine.Service) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if got := looks.take(); got != want || w.engine.Status().Service != service {
				t.Errorf("got %d looks and %s, want %d and %s", got, w.engine.Status().Service, want, service)
			}
		}
		at(time.Minute, 1, engine.Running)
		at(15*time.Minute, 1, engine.Running)
		must(t, w.engine.Do(ctx, engine.Force, ""))
		at(0, 1, engine.Running)
		must(t, w.engine.Do(ctx, engine.Stop, ""))
		at(30*time.Minute, 0, engine.Stopped)
		must(t, w.engine.Do(ctx, engine.Start, ""))
		at(0, 1, engine.Running)
		at(14*time.Minute, 0, engine.Blackout) // 01:00
		must(t, w.engine.Do(ctx, engine.Force, ""))
		at(30*time.Minute, 0, engine.Blackout)
		at(31*time.Minute, 1, engine.Running) // 02:01
		cancel()
		must(t, <-ended)
	})
}

// counted counts the looks at a side.
type counted struct {
	*side
	mu    sync.Mutex // protects looks
	looks int
}

func (s *counted) Observe(ctx context.Context, o connectors.Observation) error {
	s.mu.Lock()
	s.looks++
	s.mu.Unlock()
	return s.side.Observe(ctx, o)
}

func (s *counted) take() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.looks
	s.looks = 0
	return n
}

// Requirement: EXT-12
func TestLogsHoldNoCustomerData(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Fromagerie Secrète")
	w.crm.answer = func(connectors.Op) *connectors.Result {
		return &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Rejected, "crm-record-refused", "400")}
	}
	w.cycles(4)
	w.crm.answer = func(connectors.Op) *connectors.Result { r := unavailable(connectors.InDoubt); return &r }
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.cycles(2)
	intents := 0
	must(t, w.state.View(func(t *store.Txn) {
		for _, in := range t.Intents() {
			intents++
			if len(in.Op.Fields)+len(in.Op.Seen)+len(in.Op.With) > 0 {
				w.t.Errorf("intent holds %v", in.Op)
			}
		}
	}))
	for _, secret := range []string{"Secrète", "Québec", "Lévis", "example.org"} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if w.log.Len() == 0 || intents == 0 {
		t.Error("nothing was logged, or no intent is open: the test looks at nothing")
	}
}

// A difference stays listed when the ERP's record is looked at again and nobody read the CRM's.
func TestDifferenceOutlivesALook(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) {
		rule := w.profile.Entity(record.Document)
		for i := range rule.Fields {
			rule.Fields[i].Policy = connectors.OwnERPOnChange
		}
	})
	w.document(101, w.customer(2, "Client"))
	w.cycles(2)
	w.crm.put(record.Document, w.byExternal(record.Document, "DO101").Key, record.Fields{"DocumentKind": text("order")})
	w.cycles(2)
	wantWaits(t, w, "difference document 101 difference-stands")
	w.erp.changed[record.Document]["101"] = true
	w.cycles(2)
	wantWaits(t, w, "difference document 101 difference-stands")
}
