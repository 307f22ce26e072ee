package engine_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// refuse lets the CRM refuse what fits until it is told otherwise.
func (w *world) refuse(fits func(connectors.Op) bool) {
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		if !fits(op) {
			return nil
		}
		return &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Rejected, "crm-record-refused", "400")}
	}
}

// Requirement: ACO-75, ACO-80, EXT-11
func TestQuarantine(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Interval = time.Minute
	w.customer(2, "Bad")
	w.customer(3, "Good")
	tries := []time.Duration{}
	begin := w.clock.now
	w.refuse(func(op connectors.Op) bool {
		if op.Fields["Name"].Text == "Bad" {
			tries = append(tries, w.clock.now.Sub(begin))
			return true
		}
		return false
	})
	w.cycles(1)
	if w.byExternal(record.Account, "CU3") == nil {
		t.Error("the other record was delayed")
	}
	w.cycles(130)
	want := []time.Duration{0, time.Minute, 2 * time.Minute, 17 * time.Minute, 47 * time.Minute, 107 * time.Minute}
	if diff := cmp.Diff(want, tries); diff != "" {
		t.Errorf("tries: %s", diff)
	}
	wantWaits(t, w, "quarantine account 2 crm-record-refused", "reference contact 2 reference-missing")
	w.set.Schedule.Interval = 6 * time.Hour
	tries = nil
	w.cycles(20)
	if last := tries[len(tries)-1] - tries[len(tries)-2]; last != 24*time.Hour {
		t.Errorf("the longest wait is %v", last)
	}
	w.refuse(func(connectors.Op) bool { return false })
	w.erp.put(record.Account, "2", record.Fields{"name": text("Mended")})
	w.cycles(1)
	wantWaits(t, w)
	if w.byExternal(record.Account, "CU2") == nil || w.byExternal(record.Contact, "CC2") == nil {
		t.Error("the mended record or what waited for it did not go on")
	}
}

// TestTriedAgainWithoutItsMark: a contact is refused as it takes over, and then moves to another customer: what it was to
// take over from is tried again all the same.
func TestTriedAgainWithoutItsMark(t *testing.T) {
	w := newWorld(t, false)
	w.customer(2, "Client")
	w.cycles(2)
	account := w.byExternal(record.Account, "CU2").Key
	w.refuse(func(op connectors.Op) bool { return op.Displace != nil })
	w.crm.put(record.Contact, "7", record.Fields{"AccountId": record.RefOf(account), "FullName": text("Ève Roy")})
	w.cycles(1)
	if !slices.Contains(w.waits(), "quarantine contact 2 crm-record-refused") {
		t.Fatalf("waits %q", w.waits())
	}
	w.refuse(func(connectors.Op) bool { return false })
	w.crm.put(record.Contact, "7", record.Fields{"AccountId": record.RefOf("999")})
	w.cycles(2)
	for _, wait := range w.waits() {
		if strings.HasPrefix(wait, "quarantine") {
			t.Errorf("still waits: %q", w.waits())
		}
	}
}

// TestTriedOnceInACycle: a record that both sides tell about is tried twice in a cycle and counted once.
//
// Requirement: ACO-75
func TestTriedOnceInACycle(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	acc := w.byExternal(record.Account, "CU2")
	w.refuse(func(connectors.Op) bool { return true })
	for n := range 3 {
		w.erp.put(record.Account, "2", record.Fields{"city": text(fmt.Sprint("E", n))})
		w.crm.put(record.Account, acc.Key, record.Fields{"Name": text(fmt.Sprint("C", n))})
		w.cycles(1)
		must(t, w.state.View(func(tx *store.Txn) {
			tx.AllWaiting(func(x store.Waiting) bool {
				if x.Kind == store.Quarantine && x.Tries != n+1 {
					t.Errorf("after %d cycles: %d tries", n+1, x.Tries)
				}
				return true
			})
		}))
	}
	wantWaits(t, w, "quarantine account 2 crm-record-refused")
}

// TestLateAfterNewer: a value whose answer was lost arrives after a newer one was written. It is no edit of
// anybody's.
//
// Requirement: ACO-9
func TestLateAfterNewer(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Interval = 30 * time.Second
	w.customer(2, "Client")
	w.cycles(6)
	w.line.fault = fault{w.line.calls + 1, late}
	erpCity("A")(w)
	w.cycles(1)
	erpCity("B")(w)
	w.cycles(1)
	if got := w.byExternal(record.Account, "CU2").Fields["City"].Text; got != "B" || len(w.crm.late) != 1 {
		t.Fatalf("got %q, %d late: the test looks at nothing", got, len(w.crm.late))
	}
	w.crm.late[0]()
	w.cycles(3)
	if wrong := cityIs("B")(w); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// Requirement: ACO-77, ACO-78
func TestEveryWayToBecomeLinkedWakes(t *testing.T) {
	for _, tt := range []struct {
		name string
		hurt func(*world) // keeps account 2 from being linked in the first cycle
		heal func(*world)
	}{
		{"created after a refusal", func(w *world) { w.refuse(func(op connectors.Op) bool { return op.Entity == record.Account }) },
			func(w *world) { w.crm.answer = nil; must(w.t, w.say(engine.Retry, "all")) }},
		{"found after a lost answer", func(w *world) { w.line.fault = fault{1, lostAfter} }, func(*world) {}},
		{"created after a lost request", func(w *world) { w.line.fault = fault{1, lostBefore} }, func(*world) {}},
		{"adopted by its external id", func(w *world) {
			w.refuse(func(op connectors.Op) bool { return op.Entity == record.Account && op.Kind == connectors.Create })
		}, func(w *world) {
			w.crm.put(record.Account, "77", record.Fields{"Name": text("Client")}).ExternalID = "CU2"
		}},
		{"readable again", func(w *world) { w.erp.records[record.Account]["2"].Held = "number-duplicate" }, func(w *world) {
			w.erp.records[record.Account]["2"].Held = ""
			w.erp.changed[record.Account]["2"] = true
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, true)
			w.document(102, w.customer(2, "Client"))
			tt.hurt(w)
			w.cycles(1)
			if w.byExternal(record.Document, "DO102") != nil {
				t.Fatal("nothing waits: the test looks at nothing")
			}
			tt.heal(w)
			w.cycles(3)
			if w.byExternal(record.Document, "DO102") == nil {
				t.Errorf("the document still waits: %v", w.waits())
			}
		})
	}
}

// Requirement: ACO-48, ACO-63
func TestNumberAndNameChangeTogether(t *testing.T) {
	for _, tt := range []struct {
		verb engine.Verb
		want string // the old account's name
		n    int    // accounts in the CRM
	}{{engine.Same, "Autre", 1}, {engine.NotSame, "Client", 2}} {
		t.Run(string(tt.verb), func(t *testing.T) {
			w := newWorld(t, true)
			w.customer(2, "Client")
			w.cycles(2)
			old := w.byExternal(record.Account, "CU2")
			w.erp.put(record.Account, "2", record.Fields{"number": text("X9"), "name": text("Autre")})
			w.document(105, "2")
			w.cycles(2)
			wantWaits(t, w, "identity account 2 position-reused", "reference document 105 reference-missing")
			if w.byExternal(record.Document, "DO105") != nil {
				t.Error("a document went to a customer that may be another one")
			}
			must(t, w.say(tt.verb, w.name(store.Identity, "")))
			w.cycles(2)
			wantWaits(t, w)
			if got := old.Fields["Name"].Text; got != tt.want || len(w.crm.records[record.Account]) != tt.n {
				t.Errorf("got %q and %d accounts, want %q and %d", got, len(w.crm.records[record.Account]), tt.want, tt.n)
			}
			if got, want := w.byExternal(record.Document, "DO105").Fields["AccountId"].Key(), w.byExternal(record.Account, "CU2").Key; got != want {
				t.Errorf("the document belongs to %s, want %s", got, want)
			}
			if slices.Contains(w.journal(), "conflict-settled") {
				t.Error("the ERP's edit of what both sides agreed on counts as a conflict")
			}
		})
	}
}

// TestContactOfAReplacedCardWaits: the account of the new customer is refused; nothing of the new customer may
// reach the old one meanwhile.
//
// Requirement: ACO-57, ACO-63
func TestContactOfAReplacedCardWaits(t *testing.T) {
	w := newWorld(t, true)
	startIncarnated(w)
	w.cycles(2)
	old := w.byExternal(record.Contact, "CC2")
	replaceCard(w)
	w.refuse(func(op connectors.Op) bool { return op.Fields["Name"].Text == "Autre" })
	w.cycles(4)
	if got := old.Fields["AccountId"].Key(); w.byExternal(record.Contact, "CC2") != old || got != w.byExternal(record.Account, "CU2").Key {
		t.Error("the contact was passed on before its account")
	}
	if w.byExternal(record.Document, "DO104") != nil {
		t.Error("a document of the new customer reached the old one")
	}
	w.crm.answer = nil
	must(t, w.say(engine.Retry, "all"))
	w.cycles(2)
	if wrong := isReplaced(w); len(wrong) > 0 {
		t.Error(wrong)
	}
	wantWaits(t, w)
}

// TestContactReadBeforeItsAccount: the card was given to another customer, and only its contact could be read.
//
// Requirement: ACO-57, ACO-63
func TestContactReadBeforeItsAccount(t *testing.T) {
	w := newWorld(t, true)
	startIncarnated(w)
	w.cycles(2)
	replaceCard(w)
	w.erp.later = map[string]bool{"account 2": true}
	before := len(w.crm.writes)
	w.cycles(1)
	for _, op := range w.crm.writes[before:] {
		if op.Entity == record.Contact {
			t.Errorf("the new customer's contact was written before its account: %+v", op)
		}
	}
	w.erp.later = nil
	w.cycles(3)
	if w.byExternal(record.Account, "CU2.r1") == nil || w.byExternal(record.Contact, "CC2.r1") == nil {
		t.Error("account or contact did not pass on")
	}
}

// TestLateReplacement: the creation of a card's new customer arrives late, while somebody changes the card. It
// is not sent again meanwhile.
//
// Requirement: ACO-63
func TestLateReplacement(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Interval = 30 * time.Second
	startIncarnated(w)
	w.cycles(6)
	w.line.fault = fault{w.line.calls + 1, late}
	replaceCard(w)
	w.cycles(1)
	w.erp.put(record.Account, "2", record.Fields{"city": text("B")})
	w.cycles(2)
	if n := len(w.crm.records[record.Account]); n != 1 || len(w.crm.late) != 1 {
		t.Fatalf("%d accounts, %d late, want the old one, and the new one under way", n, len(w.crm.late))
	}
	w.crm.arriveLate()
	w.cycles(6)
	if wrong := cityIs("B")(w); len(wrong) > 0 || w.crm.births["account CU2"] != 2 {
		t.Error(wrong, w.crm.births)
	}
}

// Requirement: ACO-64, ACO-43
func TestGoneNeedsTwoCycles(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	goneCard(w)
	w.crm.changed[record.Account][w.byExternal(record.Account, "CU2").Key] = true // looked at from both sides
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"City": text("Gaspé")})
	w.cycles(1)
	if got := w.byExternal(record.Account, "CU2").Fields["ERPActive"].Text; got != "true" {
		t.Errorf("after one look: active %s", got)
	}
	w.cycles(1)
	if got := w.byExternal(record.Account, "CU2").Fields["ERPActive"].Text; got != "false" {
		t.Errorf("after two looks: active %s", got)
	}
}

// Requirement: ACO-7
func TestInactiveAtFirst(t *testing.T) {
	for _, skip := range []bool{false, true} {
		w := worldOf(t, pairs.AcombaCentrixOneOptions{SkipInactive: skip}, nil)
		w.customer(2, "Client")
		for _, e := range []record.Entity{record.Account, record.Contact} {
			w.erp.put(e, "2", record.Fields{"active": record.BoolOf(false)})
		}
		w.cycles(2)
		if there := w.byExternal(record.Account, "CU2") != nil; there == skip {
			t.Errorf("skip %v: there %v", skip, there)
		}
		for _, e := range []record.Entity{record.Account, record.Contact} {
			w.erp.put(e, "2", record.Fields{"active": record.BoolOf(true)})
		}
		w.cycles(2)
		if w.byExternal(record.Account, "CU2") == nil || w.byExternal(record.Contact, "CC2") == nil {
			t.Errorf("skip %v: not there when active", skip)
		}
		wantWaits(t, w)
	}
}

// Requirement: ACO-57
func TestContactInTheCRMBeforeOurs(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.refuse(func(op connectors.Op) bool { return op.Entity == record.Contact })
	w.cycles(1)
	w.crm.answer = nil
	w.crm.put(record.Contact, "600", record.Fields{"AccountId": record.RefOf(w.byExternal(record.Account, "CU2").Key), "Cell": text("418 555-0000")})
	w.cycles(4)
	c := w.crm.records[record.Contact]["600"]
	if len(w.crm.records[record.Contact]) != 1 || c.ExternalID != "CC2" || c.Fields["FullName"].Text != "Contact 2" {
		t.Errorf("got %d contacts; %+v", len(w.crm.records[record.Contact]), c)
	}
	if got := w.erp.records[record.Contact]["2"].Fields["mobile"].Text; got != "418 555-0000" {
		t.Errorf("mobile in the ERP: got %q", got)
	}
}

// TestTwoContactsAtOnce: two contacts of an account are told as its primary one in the same look.
//
// Requirement: ACO-57
func TestTwoContactsAtOnce(t *testing.T) {
	w := newWorld(t, true)
	w.erp.put(record.Account, "2", record.Fields{"number": text("C2"), "name": text("Client"), "active": record.BoolOf(true)})
	w.cycles(2)
	w.erp.put(record.Contact, "2", record.Fields{"account": record.RefOf("2"), "full_name": text("Client")})
	for _, k := range []record.Key{"600", "601"} {
		w.crm.put(record.Contact, k, record.Fields{"AccountId": record.RefOf(w.byExternal(record.Account, "CU2").Key), "FullName": text("N" + string(k))})
	}
	w.cycles(4)
	if c := w.byExternal(record.Contact, "CC2"); c == nil || len(w.crm.records[record.Contact]) != 2 {
		t.Errorf("got %d contacts, primary %+v", len(w.crm.records[record.Contact]), c)
	}
	wantWaits(t, w)
}

// TestContactSeenBeforeItsAccount: the state was lost, and the account can't be read in the first cycle.
//
// Requirement: ACO-57, ACO-82
func TestContactSeenBeforeItsAccount(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.crm.put(record.Account, "50", record.Fields{"Name": text("Client")}).ExternalID = "CU2"
	w.crm.put(record.Contact, "60", record.Fields{"AccountId": record.RefOf("50"), "FullName": text("Contact 2")})
	w.erp.later = map[string]bool{"account 2": true, "contact 2": true}
	w.cycles(1)
	w.erp.later = nil
	w.cycles(3)
	if n, m := len(w.crm.records[record.Account]), len(w.crm.records[record.Contact]); n != 1 || m != 1 {
		t.Errorf("got %d accounts and %d contacts; waits %v", n, m, w.waits())
	}
}

// Requirement: EXT-5, ACO-80
func TestBrakes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*world, int)
		wait   string
		value  func(*world, int) string
	}{
		{"towards the CRM", func(w *world, n int) {
			w.erp.put(record.Account, record.Key(strconv.Itoa(n)), record.Fields{"city": text("X")})
		}, "brake account  mass-change", func(w *world, n int) string {
			return w.byExternal(record.Account, fmt.Sprint("CU", n)).Fields["City"].Text
		}},
		{"towards the ERP", func(w *world, n int) {
			w.crm.put(record.Account, w.byExternal(record.Account, fmt.Sprint("CU", n)).Key, record.Fields{"City": text("X")})
		}, "brake account  mass-change", func(w *world, n int) string {
			return w.erp.records[record.Account][record.Key(strconv.Itoa(n))].Fields["city"].Text
		}},
		{"gone from the ERP", func(w *world, n int) {
			delete(w.erp.records[record.Account], record.Key(strconv.Itoa(n)))
			w.erp.changed[record.Account][record.Key(strconv.Itoa(n))] = true
		}, "brake account  mass-change", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
				w.set.ToCRMBrake, w.set.ToERPBrake = engine.Brake{Min: 5, Percent: 20}, engine.Brake{Min: 5, Percent: 20}
			})
			for n := 2; n < 22; n++ {
				w.customer(n, "Client")
			}
			w.cycles(2)
			for n := 2; n < 7; n++ {
				tt.change(w, n)
			}
			w.cycles(1)
			wantWaits(t, w) // five are not too many
			for n := 7; n < 22; n++ {
				tt.change(w, n)
			}
			if tt.value != nil { // looked at from both sides
				w.erp.put(record.Account, "8", record.Fields{"web": text("erp.org")})
				w.crm.put(record.Account, w.byExternal(record.Account, "CU8").Key, record.Fields{"Name": text("CRM")})
			}
			before := len(w.crm.writes) + len(w.erp.writes)
			if tt.name == "towards the ERP" {
				w.cycles(1)
				before++ // the other direction goes on
			}
			w.cycles(3)
			wantWaits(t, w, tt.wait)
			if got := len(w.crm.writes) + len(w.erp.writes) - before; tt.value != nil && got > 0 {
				t.Errorf("%d writes in spite of the brake", got)
			}
			w.customer(50, "Nouveau")
			must(t, w.say(engine.Allow, w.name(store.Brake, "")))
			w.cycles(3)
			wantWaits(t, w)
			for n := 2; n < 22 && tt.value != nil; n++ {
				if got := tt.value(w, n); got != "X" {
					t.Errorf("%d: got %q", n, got)
				}
			}
			for n := 2; n < 22; n++ {
				tt.change(w, n) // the allowance is used up
			}
			if tt.value != nil {
				for n := 2; n < 22; n++ {
					w.erp.put(record.Account, record.Key(strconv.Itoa(n)), record.Fields{"web": text("w")})
				}
				w.cycles(1)
				if got := strings.Join(w.waits(), ""); tt.name == "towards the CRM" && got != tt.wait {
					t.Errorf("a second time: got %q", got)
				}
			}
		})
	}
}

// Requirement: ACO-75
func TestTooManyFailuresStopTheDirection(t *testing.T) {
	w := newWorld(t, true)
	w.crm.traits.Batch = 5
	for n := 2; n < 40; n++ {
		w.customer(n, "Client")
	}
	sent := 0
	w.refuse(func(connectors.Op) bool { sent++; return true })
	w.cycles(1)
	st := w.engine.Status()
	if sent != 10 || st.Ways[0].Outcome != engine.Waits || st.Ways[0].Code != "too-many-failures" {
		t.Errorf("got %d sent, %+v", sent, st.Ways[0])
	}
	w.crm.answer = nil
	w.cycles(2)
	if got := w.engine.Status().Ways[0].Outcome; got != engine.Success || len(w.crm.records[record.Account]) != 38 {
		t.Errorf("then: got %s, %d accounts", got, len(w.crm.records[record.Account]))
	}
}

// Requirement: ACO-76, ACO-86, ACO-87, ACO-88
func TestStatusAndHold(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	ok := w.engine.Status().Ways[0]
	if ok.Outcome != engine.Success || ok.LastOK.IsZero() {
		t.Errorf("got %+v", ok)
	}
	for _, tt := range []struct {
		kind connectors.Kind
		want engine.Outcome
	}{{connectors.Unavailable, engine.Waits}, {connectors.Drift, engine.Halted}, {connectors.Auth, engine.Halted}, {connectors.Hold, engine.Halted}} {
		w.erp.observeErr = connectors.Errorf(tt.kind, "trouble", "x")
		events := len(w.journal())
		w.cycles(3)
		for _, way := range w.engine.Status().Ways {
			if way.Outcome != tt.want || way.Code != "trouble" || !way.LastOK.Equal(ok.LastOK) {
				t.Errorf("%s: got %+v", tt.kind, way)
			}
		}
		if got := len(w.journal()) - events; got > 3 {
			t.Errorf("%s: %d events for the same trouble", tt.kind, got)
		}
	}
	w.open()
	if got := w.engine.Status().Ways[0].Code; got != "trouble" {
		t.Errorf("after a restart: got %q", got)
	}
	wantWaits(t, w, "hold   trouble")
	must(t, w.say(engine.Accept, w.name(store.Held, "")))
	w.open() // the word outlives a restart
	if w.erp.accepted == 0 {
		w.cycles(1)
	}
	w.erp.observeErr = nil
	w.cycles(1)
	if w.erp.accepted == 0 {
		t.Error("the source was not told")
	}
	accepted := w.erp.accepted
	w.cycles(1)
	if w.erp.accepted != accepted {
		t.Error("the source is told again after it succeeded")
	}
	wantWaits(t, w)
	if got := w.journal(); got[len(got)-1] != "cycle-complete" {
		t.Errorf("that the trouble is over is not journalled: %v", got[len(got)-3:])
	}
}

// Requirement: ACO-26
func TestSkippedEntityIsToldOnce(t *testing.T) {
	w := newWorld(t, true)
	w.document(102, w.customer(2, "Client"))
	w.erp.skip[record.Document] = connectors.Errorf(connectors.Busy, "file-busy", "x")
	w.cycles(3)
	told := func() (n int) {
		for _, code := range w.journal() {
			if code == "entity-skipped" {
				n++
			}
		}
		return n
	}
	if w.byExternal(record.Account, "CU2") == nil || told() != 1 {
		t.Errorf("told %d times; the others went on: %v", told(), w.byExternal(record.Account, "CU2") != nil)
	}
	delete(w.erp.skip, record.Document)
	w.cycles(1)
	w.erp.skip[record.Document] = connectors.Errorf(connectors.Busy, "file-busy", "x")
	w.cycles(2)
	if w.byExternal(record.Document, "DO102") == nil || told() != 2 {
		t.Errorf("told %d times", told())
	}
}

// TestIdentityTakenByAnother: somebody gave one customer's identity to another one's record in the CRM.
//
// Requirement: ACO-75
func TestIdentityTakenByAnother(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	w.byExternal(record.Account, "CU2").ExternalID = "CU3"
	w.customer(3, "Autre")
	w.customer(4, "Troisième")
	w.cycles(4)
	for n, name := range map[string]string{"2": "Client", "3": "Autre", "4": "Troisième"} {
		crm := w.byExternal(record.Account, "CU"+n)
		if crm == nil || crm.Fields["Name"].Text != name || w.erp.records[record.Account][record.Key(n)].Fields["name"].Text != name {
			t.Errorf("customer %s: got %+v", n, crm)
		}
	}
	wantWaits(t, w)
	clashed := false
	must(t, w.state.View(func(tx *store.Txn) {
		tx.Events(0, func(e store.Event) bool { clashed = clashed || e.Args["cause"] == "identity-clash"; return true })
	}))
	if !clashed {
		t.Error("nothing clashed: the test looks at nothing")
	}
}

// Requirement: ACO-71
func TestLostCacheCostsALookOnly(t *testing.T) {
	w := newWorld(t, true)
	w.document(102, w.customer(2, "Client"))
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		if op.Entity == record.Document {
			r := unavailable(connectors.InDoubt)
			return &r
		}
		return nil
	}
	w.cycles(1)
	w.files[1] = newMemory(w.power)
	w.open()
	w.crm.answer = nil
	for _, s := range []*side{w.erp, w.crm} {
		for e, all := range s.records {
			for k := range all {
				s.changed[e][k] = true
			}
		}
	}
	before := len(w.crm.writes)
	w.cycles(2)
	if got := len(w.crm.writes) - before; got != 1 || w.byExternal(record.Document, "DO102") == nil {
		t.Errorf("got %d writes, want the document alone", got)
	}
}
