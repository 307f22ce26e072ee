package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// oddCRM is a CRM whose connector, server or proxy is broken in one of many ways.
type oddCRM struct {
	*side
	read    func(e record.Entity, keys []record.Key, found []record.Record) []record.Record
	sweep   func(e record.Entity, seen func(record.Key)) error // in place of the list
	apply   func(ops []connectors.Op, all []connectors.Result) []connectors.Result
	observe func(o connectors.Observation) // after what the side tells
	find    func(keys []record.Key) []record.Key
}

func (s *oddCRM) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	found, later, err := s.side.Read(ctx, e, keys)
	if s.read != nil && err == nil {
		found = s.read(e, keys, found)
	}
	return found, later, err
}

func (s *oddCRM) Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error {
	if s.sweep != nil {
		return s.sweep(e, seen)
	}
	return s.side.Sweep(ctx, e, seen)
}

func (s *oddCRM) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	all := s.side.Apply(ctx, ops)
	if s.apply != nil {
		all = s.apply(ops, all)
	}
	return all
}

func (s *oddCRM) Observe(ctx context.Context, o connectors.Observation) error {
	if err := s.side.Observe(ctx, o); err != nil || s.observe == nil {
		return err
	}
	s.observe(o)
	return o.Commit()
}

func (s *oddCRM) Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	keys, err := s.side.Find(ctx, e, field, v)
	if s.find != nil {
		keys = s.find(keys)
	}
	return keys, err
}

// oddERP is the same at the other end.
type oddERP struct {
	erpSide
	read    func(e record.Entity, keys []record.Key, found []record.Record) []record.Record
	apply   func(ops []connectors.Op, all []connectors.Result) []connectors.Result
	observe func(o connectors.Observation)
}

func (s *oddERP) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	found, later, err := s.side.Read(ctx, e, keys)
	if s.read != nil && err == nil {
		found = s.read(e, keys, found)
	}
	return found, later, err
}

func (s *oddERP) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	all := s.side.Apply(ctx, ops)
	if s.apply != nil {
		all = s.apply(ops, all)
	}
	return all
}

func (s *oddERP) Observe(ctx context.Context, o connectors.Observation) error {
	if err := s.side.Observe(ctx, o); err != nil || s.observe == nil {
		return err
	}
	s.observe(o)
	return o.Commit()
}

// odd is a world whose two sides can be made to misbehave, with some customers in sync.
type odd struct {
	*world
	oddCRM *oddCRM
	oddERP *oddERP
}

func newOdd(t *testing.T, customers int, o pairs.AcombaCentrixOneOptions) *odd {
	t.Helper()
	w := &odd{world: worldOf(t, o, nil)}
	w.oddCRM, w.oddERP = &oddCRM{side: w.crm}, &oddERP{erpSide: erpSide{w.erp}}
	w.simple = w.oddERP
	w.reopen(w.oddCRM)
	for n := 2; n < 2+customers; n++ {
		w.document(100+n, w.customer(n, fmt.Sprint("Client ", n)))
	}
	w.cycles(2)
	return w
}

var twoWay = pairs.AcombaCentrixOneOptions{TwoWay: true}

// told gives how often the journal tells of odd answers, by their cause.
func (w *odd) told() map[string]int {
	n := map[string]int{}
	must(w.t, w.state.View(func(t *store.Txn) {
		t.Events(0, func(e store.Event) bool {
			if e.Code == "answer-odd" {
				n[e.Args["cause"]]++
			}
			return true
		})
	}))
	return n
}

// tells holds that the journal tells of odd answers for a cause exactly so many times.
func (w *odd) tells(times int, cause string) {
	w.t.Helper()
	if n := w.told()[cause]; n != times {
		w.t.Errorf("%s is in the journal %d times, want %d: %s", cause, n, times, strings.Join(w.journal(), " "))
	}
}

// sound holds that no customer is there twice, none was taken for deleted, and both sides show the same names.
func (w *odd) sound(customers int) {
	w.t.Helper()
	if n, m := len(w.erp.records[record.Account]), len(w.crm.records[record.Account]); n != customers || m != customers {
		w.t.Errorf("%d customers in the ERP and %d in the CRM, want %d", n, m, customers)
	}
	for k, r := range w.erp.records[record.Account] {
		a := w.byExternal(record.Account, "CU"+string(k))
		if a == nil || a.Fields["Name"].Text != r.Fields["name"].Text || a.Fields["City"].Text != r.Fields["city"].Text || a.Fields["ERPActive"].Text == "false" {
			w.t.Errorf("customer %s: the ERP shows %v, the CRM %+v", k, r.Fields, a)
		}
	}
	for what, n := range w.crm.births {
		if n > 1 {
			w.t.Errorf("%s was created %d times", what, n)
		}
	}
}

// moveAll changes the city of every customer in the ERP.
func (w *odd) moveAll(city string) {
	for k := range w.erp.records[record.Account] {
		w.erp.put(record.Account, k, record.Fields{"city": text(city + " " + string(k))})
	}
}

// An answer holds records that nobody asked for, some of another entity, in any order, and some twice.
func TestAnswersNobodyAskedFor(t *testing.T) {
	w := newOdd(t, 8, twoWay)
	more := func(s *side) func(record.Entity, []record.Key, []record.Record) []record.Record {
		return func(e record.Entity, keys []record.Key, found []record.Record) []record.Record {
			if e != record.Account {
				return found
			}
			slices.Reverse(found)
			for _, other := range []record.Entity{record.Account, record.Contact} {
				for _, r := range s.records[other] {
					found = append(found, s.copyOf(r))
				}
			}
			for _, r := range s.records[record.Contact] { // a contact that says it is the account
				r := s.copyOf(r)
				r.Key = keys[0]
				found = append(found, r)
			}
			return found
		}
	}
	w.oddCRM.read, w.oddERP.read = more(w.crm), more(w.erp)
	w.moveAll("Lévis")
	w.crm.put(record.Account, w.byExternal(record.Account, "CU3").Key, record.Fields{"Name": text("Nom neuf")})
	w.cycles(3)
	w.sound(8)
	w.tells(2, "answer-unasked") // once of each side, as long as it stays so
	if got := w.erp.records[record.Account]["3"].Fields["name"].Text; got != "Nom neuf" {
		t.Errorf("ERP name: got %q", got)
	}
}

// One answer shows two versions of a record: it waits, the others go on, and it follows when the answer is sound.
func TestTwoVersionsInOneAnswer(t *testing.T) {
	w := newOdd(t, 5, twoWay)
	w.oddERP.read = func(e record.Entity, _ []record.Key, found []record.Record) []record.Record {
		for _, r := range found {
			if e == record.Account && r.Key == "3" {
				r = w.erp.copyOf(&r)
				r.Fields["city"] = text("Ailleurs")
				r.Gone = true
				return append(found, r)
			}
		}
		return found
	}
	w.moveAll("Lévis")
	w.cycles(4)
	if got := w.byExternal(record.Account, "CU4").Fields["City"].Text; got != "Lévis 4" {
		t.Errorf("another customer: got %q", got)
	}
	if a := w.byExternal(record.Account, "CU3"); a.Fields["City"].Text != "Québec" || a.Fields["ERPActive"].Text != "true" {
		t.Errorf("the customer with two versions: got %v", a.Fields)
	}
	if got := w.waits(); !slices.Equal(got, []string{"quarantine account 3 record-contradicts"}) {
		t.Errorf("waits: %q", got)
	}
	w.oddERP.read = nil
	w.clock.now = w.clock.now.Add(time.Hour)
	w.cycles(2)
	w.sound(5)
	if got := w.waits(); len(got) > 0 {
		t.Errorf("waits: %q", got)
	}
}

// The list of what is there ends early and is called complete, or is empty after an error.
func TestListThatEndsEarly(t *testing.T) {
	for _, auto := range []bool{false, true} {
		w := newOdd(t, 30, pairs.AcombaCentrixOneOptions{TwoWay: true, RecreateAuto: auto})
		failed := false
		w.oddCRM.sweep = func(e record.Entity, seen func(record.Key)) error {
			n := 0
			for k := range w.crm.records[e] {
				if n++; n > 20 {
					return nil
				}
				seen(k)
			}
			return nil
		}
		w.clock.now = w.clock.now.Add(25 * time.Hour)
		w.cycles(2)
		w.tells(1, "list-incomplete")
		w.oddCRM.sweep = func(record.Entity, func(record.Key)) error {
			if failed = !failed; failed {
				return connectors.Errorf(connectors.Unavailable, "crm-unreachable", "reset")
			}
			return nil
		}
		w.clock.now = w.clock.now.Add(25 * time.Hour)
		w.cycles(4)
		w.sound(30)
		if got := w.waits(); len(got) > 0 {
			t.Errorf("waits: %q", got)
		}
		w.moveAll("Lévis")
		w.cycles(2)
		w.sound(30)
	}
}

// A CRM that answers everything with nothing, as one does whose permissions were taken away: a person is asked
// once, and nothing is created again. If it is true, the person says so.
func TestEverythingIsMissing(t *testing.T) {
	for _, auto := range []bool{false, true} {
		w := newOdd(t, 8, pairs.AcombaCentrixOneOptions{TwoWay: true, RecreateAuto: auto})
		w.oddCRM.sweep = func(record.Entity, func(record.Key)) error { return nil }
		w.oddCRM.read = func(record.Entity, []record.Key, []record.Record) []record.Record { return nil }
		w.clock.now = w.clock.now.Add(25 * time.Hour)
		w.moveAll("Lévis")
		w.cycles(3)
		want := []string{"brake account  mass-missing", "brake contact  mass-missing", "brake document  mass-missing"}
		if got := w.waits(); !slices.Equal(got, want) {
			t.Errorf("waits: %q, want %q", got, want)
		}
		w.oddCRM.read, w.oddCRM.sweep = nil, nil
		w.cycles(2)
		w.sound(8)
		if got := w.waits(); len(got) > 0 {
			t.Errorf("waits after it was over: %q", got)
		}
	}
	w := newOdd(t, 8, twoWay)
	clear(w.crm.records[record.Contact])
	w.clock.now = w.clock.now.Add(25 * time.Hour)
	w.cycles(1)
	must(t, w.say(engine.Allow, "0/brake/contact-missing-crm"))
	w.cycles(1)
	if got := w.waits(); len(got) != 8 || !strings.HasSuffix(got[0], "crm-record-deleted") {
		t.Errorf("waits after a person said that it is so: %q", got)
	}
}

// The ERP answers with nothing, again and again: nobody is shown inactive before a person says that it is so.
func TestTheERPShowsNothing(t *testing.T) {
	w := newOdd(t, 8, twoWay)
	w.oddERP.read = func(record.Entity, []record.Key, []record.Record) []record.Record { return nil }
	w.moveAll("Lévis")
	w.cycles(4)
	for n := 2; n < 10; n++ {
		if a := w.byExternal(record.Account, fmt.Sprint("CU", n)); a.Fields["ERPActive"].Text != "true" {
			t.Errorf("customer %d is shown as inactive", n)
		}
	}
	if got := w.waits(); !slices.Equal(got, []string{"brake account  mass-missing"}) {
		t.Errorf("waits: %q", got)
	}
	w.oddERP.read = nil
	w.cycles(2)
	w.sound(8)
	if got := w.waits(); len(got) > 0 {
		t.Errorf("waits after it was over: %q", got)
	}
	for n := 2; n < 10; n++ {
		delete(w.erp.records[record.Account], record.Key(fmt.Sprint(n)))
		w.erp.changed[record.Account][record.Key(fmt.Sprint(n))] = true
	}
	w.cycles(1)
	must(t, w.say(engine.Allow, "0/brake/account-missing-erp"))
	w.cycles(4)
	for n := 2; n < 10; n++ {
		if a := w.byExternal(record.Account, fmt.Sprint("CU", n)); a.Fields["ERPActive"].Text != "false" {
			t.Errorf("customer %d, whose card is gone, is shown as active", n)
		}
	}
}

// All cards are gone when the map is made anew: a person's word lets it come to its end.
//
// Requirement: ACO-82
func TestAllGoneDuringLevel2(t *testing.T) {
	w := newOdd(t, 8, twoWay)
	for n := 2; n < 10; n++ {
		delete(w.erp.records[record.Account], record.Key(fmt.Sprint(n)))
	}
	w.must(engine.Resync2, "now")
	w.cycles(4)
	if got := w.waits(); !slices.Contains(got, "brake account  mass-missing") || w.repair().Phase != store.RepairMatch {
		t.Fatalf("waits %q, resync %+v", got, w.repair())
	}
	must(t, w.say(engine.Allow, "0/brake/account-missing-erp"))
	w.cycles(6)
	if w.repair().Phase != "" {
		t.Errorf("the resync stands at %+v; waits %q", w.repair(), w.waits())
	}
}

// A card is gone while the map is made anew, in which everything counts as touched; another contact of the CRM took the place of
// its own, and the ERP is asked for that card alone. It shows the others: nobody is asked whether everything is gone.
//
// Requirement: ACO-82
func TestOneGoneDuringLevel2(t *testing.T) {
	w := newOdd(t, 8, twoWay)
	for _, e := range []record.Entity{record.Account, record.Contact} {
		delete(w.erp.records[e], "2")
	}
	delete(w.crm.records[record.Contact], w.byExternal(record.Contact, "CC2").Key)
	w.crm.put(record.Contact, "77", record.Fields{"AccountId": record.RefOf(w.byExternal(record.Account, "CU2").Key), "FullName": text("Luc")})
	w.must(engine.Resync2, "")
	w.cycles(4)
	if got := w.repair().Phase; got != store.RepairReady {
		t.Errorf("the preview stands at %q; waits %q, journal %q", got, w.waits(), w.journal())
	}
}

// Some cards are really gone, and nothing else changed: the ERP shows the others when it is asked, and nobody is
// asked anything.
func TestSomeAreGone(t *testing.T) {
	w := newOdd(t, 8, twoWay)
	for n := 2; n < 7; n++ {
		delete(w.erp.records[record.Account], record.Key(fmt.Sprint(n)))
		w.erp.changed[record.Account][record.Key(fmt.Sprint(n))] = true
	}
	w.cycles(4)
	for n := 2; n < 10; n++ {
		if got, want := w.byExternal(record.Account, fmt.Sprint("CU", n)).Fields["ERPActive"].Text, fmt.Sprint(n > 6); got != want {
			t.Errorf("customer %d is shown as active: %s, want %s", n, got, want)
		}
	}
	if slices.Contains(w.journal(), "waits-brake") {
		t.Errorf("a person was asked: %q", w.journal())
	}
}

// A person who let a mass change through is not asked once more whether the records are really gone.
func TestGoneWithAPersonsWord(t *testing.T) {
	w := worldOf(t, twoWay, func(w *world) { w.set.ToCRMBrake = engine.Brake{Min: 5, Percent: 20} })
	for n := 2; n < 12; n++ {
		w.customer(n, "Client")
	}
	w.cycles(2)
	for k := range w.erp.records[record.Account] {
		w.erp.changed[record.Account][k] = true
	}
	clear(w.erp.records[record.Account])
	w.cycles(1)
	must(t, w.say(engine.Allow, w.name(store.Brake, "")))
	w.cycles(4)
	wantWaits(t, w)
	for n := 2; n < 12; n++ {
		if got := w.byExternal(record.Account, fmt.Sprint("CU", n)).Fields["ERPActive"].Text; got != "false" {
			t.Errorf("customer %d is shown as active: %s", n, got)
		}
	}
}

// A target gives fewer results than it got writes, more, or such as mean nothing: what is not certain is in doubt
// and found out; nothing is made twice, and the job goes on.
func TestResultsThatMeanNothing(t *testing.T) {
	rows := []struct {
		name  string
		cause string
		spoil func(ops []connectors.Op, all []connectors.Result) []connectors.Result
	}{
		{"none", "answer-incomplete", func([]connectors.Op, []connectors.Result) []connectors.Result { return nil }},
		{"the last is missing", "answer-incomplete", func(_ []connectors.Op, all []connectors.Result) []connectors.Result { return all[:len(all)-1] }},
		{"one too many", "answer-incomplete", func(_ []connectors.Op, all []connectors.Result) []connectors.Result { return append(all, all[0]) }},
		{"no outcome", "answer-unknown", func(_ []connectors.Op, all []connectors.Result) []connectors.Result {
			return make([]connectors.Result, len(all))
		}},
		{"an outcome from nowhere", "answer-unknown", func(_ []connectors.Op, all []connectors.Result) []connectors.Result {
			all[0].Outcome = 77
			return all
		}},
		{"no key", "answer-without-key", func(_ []connectors.Op, all []connectors.Result) []connectors.Result {
			for i := range all {
				all[i].Key = ""
			}
			return all
		}},
		{"an endless key", "answer-without-key", func(_ []connectors.Op, all []connectors.Result) []connectors.Result {
			all[0].Key = record.Key(strings.Repeat("9", 40_000))
			return all
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newOdd(t, 2, twoWay)
			spoiled := 0
			spoil := func(ops []connectors.Op, all []connectors.Result) []connectors.Result {
				spoiled++
				return row.spoil(ops, all)
			}
			w.oddCRM.apply, w.oddERP.apply = spoil, spoil
			for n := 12; n < 16; n++ {
				w.customer(n, fmt.Sprint("Client ", n))
			}
			w.moveAll("Lévis")
			w.crm.put(record.Account, w.byExternal(record.Account, "CU3").Key, record.Fields{"Name": text("Nom neuf")})
			w.crm.put(record.Account, "7", record.Fields{"Name": text("Né au CRM"), "City": text("Gaspé")})
			w.cycles(2)
			w.oddCRM.apply, w.oddERP.apply = nil, nil
			w.clock.now = w.clock.now.Add(time.Hour)
			w.cycles(4)
			w.sound(7)
			if spoiled == 0 {
				t.Error("nothing was spoiled")
			}
			if n := w.told()[row.cause]; n == 0 || n > 2 { // once of each side, which may be odd in another way first
				t.Errorf("%s is in the journal %d times", row.cause, n)
			}
		})
	}
}

// An update is said to have been done to another record. One that nobody knows is no counterpart; one of another
// link gets back what it had.
func TestResultOfAnotherRecord(t *testing.T) {
	w := newOdd(t, 3, twoWay)
	mine, other := w.byExternal(record.Account, "CU2").Key, w.byExternal(record.Account, "CU3").Key
	to := record.Key("99")
	w.oddCRM.apply = func(ops []connectors.Op, all []connectors.Result) []connectors.Result {
		for i := range all {
			if ops[i].Key == mine {
				all[i].Key = to
			}
		}
		return all
	}
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.cycles(1)
	w.tells(1, "answer-other-record")
	to = other
	w.erp.put(record.Account, "2", record.Fields{"city": text("Amqui")})
	w.cycles(2)
	w.oddCRM.apply = nil
	w.clock.now = w.clock.now.Add(time.Hour)
	w.cycles(3)
	w.sound(3)
	if got := w.erp.records[record.Account]["3"].Fields["city"].Text; got != "Québec" {
		t.Errorf("the other customer in the ERP: got %q", got)
	}
}

// A birth in the ERP is said to have another key than it has: the card is found by its number, nobody is made twice.
func TestBirthUnderAWrongKey(t *testing.T) {
	w := newOdd(t, 2, twoWay)
	w.oddERP.apply = func(ops []connectors.Op, all []connectors.Result) []connectors.Result {
		for i := range all {
			if ops[i].Kind == connectors.Create {
				all[i].Key = "77777"
			}
		}
		return all
	}
	w.crm.put(record.Account, "7", record.Fields{"Name": text("Né au CRM"), "City": text("Gaspé")})
	w.cycles(1)
	w.tells(1, "answer-other-record")
	w.oddERP.apply = nil
	w.clock.now = w.clock.now.Add(time.Hour)
	w.cycles(4)
	w.sound(3)
	if got := w.waits(); len(got) > 0 {
		t.Errorf("waits: %q", got)
	}
}

// A search by our identity gives a record that does not have it: it is not bound.
func TestFoundRecordThatIsNotOurs(t *testing.T) {
	w := newOdd(t, 2, twoWay)
	w.crm.traits.Upsert = false
	other := w.crm.put(record.Account, "555", record.Fields{"Name": text("Tout autre")})
	other.ExternalID = "X1"
	w.oddCRM.find = func([]record.Key) []record.Key { return []record.Key{"555"} }
	w.line.fault = fault{w.line.calls + 1, lostAfter}
	w.customer(12, "Client 12")
	w.cycles(3)
	w.oddCRM.find = nil
	w.cycles(3)
	if a := w.byExternal(record.Account, "CU12"); a == nil || a.Fields["Name"].Text != "Client 12" || w.crm.births["account CU12"] != 1 {
		t.Errorf("the customer in the CRM: %+v, created %d times", a, w.crm.births["account CU12"])
	}
	if got := w.crm.records[record.Account]["555"].Fields["Name"].Text; got != "Tout autre" || other.ExternalID != "X1" {
		t.Errorf("the other record was written: %q %q", got, other.ExternalID)
	}
	w.tells(1, "answer-unasked")
}

// A copy of the CRM lags behind and shows a record as it was before. It is no edit of anybody's.
func TestRecordGoesBack(t *testing.T) {
	w := newOdd(t, 3, twoWay)
	edited := time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)
	stale := false
	key := w.byExternal(record.Account, "CU2").Key
	w.oddCRM.read = func(e record.Entity, _ []record.Key, found []record.Record) []record.Record {
		for i := range found {
			if e == record.Account && found[i].Key == key {
				if found[i].Changed = edited; stale {
					found[i].Changed = edited.Add(-time.Minute)
					found[i].Fields["City"] = text("Québec")
				}
			}
		}
		return found
	}
	w.crm.put(record.Account, key, record.Fields{"City": text("Gaspé")})
	w.cycles(2)
	stale = true
	w.oddCRM.observe = func(o connectors.Observation) { o.Changed(record.Account, key, nil) }
	w.erp.put(record.Account, "3", record.Fields{"city": text("Lévis")})
	w.cycles(3)
	if got := w.erp.records[record.Account]["2"].Fields["city"].Text; got != "Gaspé" {
		t.Errorf("the edit was undone: the ERP shows %q", got)
	}
	if got := w.waits(); !slices.Equal(got, []string{"quarantine account 2 record-went-back"}) {
		t.Errorf("waits: %q", got)
	}
	stale, w.oddCRM.observe = false, nil
	w.clock.now = w.clock.now.Add(time.Hour)
	w.cycles(2)
	w.sound(3)
	if got := w.waits(); len(got) > 0 {
		t.Errorf("waits: %q", got)
	}
}

// A feed begins anew, and tells everything again as it was long ago, in any order and several times.
func TestFeedBeginsAnew(t *testing.T) {
	w := newOdd(t, 4, twoWay)
	old := map[record.Key]record.Record{}
	for k, r := range w.crm.records[record.Account] {
		old[k] = w.crm.copyOf(r)
	}
	w.moveAll("Lévis")
	w.cycles(2)
	writes := len(w.crm.writes) + len(w.erp.writes)
	w.oddCRM.observe = func(o connectors.Observation) {
		for range 2 {
			for k, r := range old {
				o.Changed(record.Account, k, &r)
				o.Changed(record.Account, k, w.crm.records[record.Account][k])
			}
		}
	}
	w.oddERP.observe = func(o connectors.Observation) {
		for k := range w.erp.records[record.Account] {
			o.Changed(record.Account, k, nil)
			o.Changed(record.Account, k, nil)
		}
	}
	w.cycles(3)
	w.sound(4)
	if got := len(w.crm.writes) + len(w.erp.writes) - writes; got > 0 {
		t.Errorf("%d writes", got)
	}
}

// A look tells of records under keys that can't be, or shows one under the name of another.
func TestLookThatTellsNonsense(t *testing.T) {
	w := newOdd(t, 3, twoWay)
	key := w.byExternal(record.Account, "CU2").Key
	contact := w.byExternal(record.Contact, "CC2")
	w.crm.mute = true
	w.oddCRM.observe = func(o connectors.Observation) {
		o.Changed(record.Account, "", nil)
		o.Changed(record.Account, record.Key(strings.Repeat("8", 40_000)), nil)
		o.Changed(record.Account, "\xff\xfe", nil)
		o.Changed(record.Account, "424242", nil) // which is not there
		o.Changed("nonsense", "1", &record.Record{Entity: "nonsense", Key: "1"})
		o.Changed(record.Account, key, contact) // which shows what was agreed
	}
	w.crm.records[record.Account][key].Fields["City"] = text("Gaspé") // an edit that is told like this only
	w.cycles(3)
	w.sound(3)
	if got := w.erp.records[record.Account]["2"].Fields["city"].Text; got != "Gaspé" {
		t.Errorf("the edit did not arrive: %q", got)
	}
	w.tells(1, "key-unfit")
}

// Values that are no text, or absurdly long: that record waits, the others go on, and no file of ours is spoiled.
func TestValuesThatCannotBe(t *testing.T) {
	long := strings.Repeat("é", 20_000)
	rows := []struct {
		name  string
		code  string
		spoil func(r *record.Record)
	}{
		{"bytes that are no text", "field-unreadable", func(r *record.Record) { r.Fields["City"] = record.Value{Kind: record.Text, Text: "Qu\xe9bec"} }},
		{"an endless text", "field-oversized", func(r *record.Record) { r.Fields["Name"] = record.Value{Kind: record.Text, Text: long} }},
		{"an endless identity", "field-oversized", func(r *record.Record) { r.ExternalID = "CU" + long }},
		{"an endless reference", "field-oversized", func(r *record.Record) { r.Fields["SalesRep"] = record.RefOf(record.Key(long)) }},
		{"an endless table", "field-oversized", func(r *record.Record) {
			var all []record.Fields
			for range 600 {
				all = append(all, record.Fields{"a": text(long[:2000])})
			}
			r.Fields["Lines"] = record.RowsOf(all...)
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newOdd(t, 3, twoWay)
			key := w.byExternal(record.Account, "CU2").Key
			w.oddCRM.read = func(e record.Entity, _ []record.Key, found []record.Record) []record.Record {
				for i := range found {
					if e == record.Account && (found[i].Key == key || found[i].Key == "555") {
						row.spoil(&found[i])
					}
				}
				return found
			}
			w.crm.put(record.Account, key, record.Fields{"City": text("Gaspé")})
			w.crm.put(record.Account, "555", record.Fields{"Name": text("Né au CRM")})
			w.erp.put(record.Account, "3", record.Fields{"city": text("Lévis")})
			w.cycles(4)
			if got := w.byExternal(record.Account, "CU3").Fields["City"].Text; got != "Lévis" {
				t.Errorf("another customer: got %q", got)
			}
			if got := w.erp.records[record.Account]["2"].Fields["city"].Text; got != "Québec" {
				t.Errorf("the ERP shows %q", got)
			}
			if got := w.waits(); !slices.Contains(got, "quarantine account 2 "+row.code) {
				t.Errorf("waits: %q", got)
			}
			w.oddCRM.read = nil
			w.clock.now = w.clock.now.Add(time.Hour)
			w.cycles(3)
			w.sound(4)
			if got := w.waits(); len(got) > 0 {
				t.Errorf("waits: %q", got)
			}
		})
	}
}

// What the journal keeps of a long value is short.
func TestJournalOfALongValue(t *testing.T) {
	w := newOdd(t, 1, twoWay)
	for name, f := range w.erp.fields[record.Account] {
		f.MaxLen = 0
		w.erp.fields[record.Account][name] = f
	}
	w.reopen(w.oddCRM)
	w.erp.put(record.Account, "2", record.Fields{"city": text(strings.Repeat("à", 8000))})
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"City": text(strings.Repeat("ç", 8000))})
	w.cycles(2)
	w.sound(1)
	must(t, w.state.View(func(tx *store.Txn) {
		tx.Events(0, func(e store.Event) bool {
			for name, v := range e.Args {
				if len([]rune(v)) > 501 {
					t.Errorf("%s: %s has %d characters", e.Code, name, len([]rune(v)))
				}
			}
			return true
		})
	}))
	w.tells(0, "field-oversized")
	if !slices.Contains(w.journal(), "conflict-settled") {
		t.Error("no conflict was journalled")
	}
}
