package engine_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// A new customer is told of by a look, is not shown in the moment in which it is read, as while it is saved anew, and
// no later look tells of it again.
//
// Requirement: ACO-9
func TestNewRecordNotShownForAMoment(t *testing.T) {
	w := newWorld(t, true)
	w.cycles(2)
	w.customer(2, "Client")
	saved := map[record.Entity]*record.Record{}
	for _, e := range []record.Entity{record.Account, record.Contact} {
		saved[e] = w.erp.records[e]["2"]
		delete(w.erp.records[e], "2")
	}
	w.cycles(1)
	for e, r := range saved {
		w.erp.records[e]["2"] = r
	}
	w.cycles(3)
	if w.byExternal(record.Account, "CU2") == nil || w.byExternal(record.Contact, "CC2") == nil {
		t.Errorf("it never came to the CRM; waits %q", w.waits())
	}
	w.erp.changed[record.Account]["77"] = true // told of, and never there
	w.cycles(3)
	if w.cache.AnyDirty() {
		t.Error("what two looks did not find is still to be looked at")
	}
}

// A record that can't be written is deleted in the CRM, where such records are created again by themselves: it is not
// listed as one that could not go on.
func TestDeletedWhileWritten(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true, RecreateAuto: true}, nil)
	w.erp.put(record.User, "5", record.Fields{"name": text("Luc"), "active": record.BoolOf(true)})
	w.cycles(2)
	delete(w.crm.records[record.User], w.byExternal(record.User, "VE5").Key)
	w.erp.put(record.User, "5", record.Fields{"name": text("Luc Roy")})
	w.cycles(1)
	wantWaits(t, w)
	w.cycles(1)
	if r := w.byExternal(record.User, "VE5"); r == nil {
		t.Errorf("it is not created again; waits %q", w.waits())
	}
}

// reusedERP gives the place of a card that was just found to another customer, before it is looked at.
type reusedERP struct {
	*side
	found, given bool
}

func (s *reusedERP) Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	keys, err := s.side.Find(ctx, e, field, v)
	s.found = s.found || len(keys) > 0
	return keys, err
}

func (s *reusedERP) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	found, later, err := s.side.Read(ctx, e, keys)
	if s.found && !s.given && e == record.Account {
		s.given = true
		for _, k := range keys {
			s.put(e, k, record.Fields{"number": text("C-77"), "name": text("Somebody else")})
		}
	}
	return found, later, err
}

// A customer of the CRM was created in the ERP without an answer and is found by its number; its place is another
// customer's before it is looked at. A person is asked whose it is.
//
// Requirement: ACO-63
func TestFoundAgainAndGivenToAnother(t *testing.T) {
	erp := &reusedERP{}
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
		w.erp.traits.Upsert = false
		erp.side, w.simple = w.erp, erp
	})
	w.cycles(1)
	w.line.fault = fault{call: 1, kind: lostAfter}
	w.crm.put(record.Account, "9", record.Fields{"Name": text("Né dans le CRM")})
	w.cycles(1)
	clear(w.erp.changed[record.Account]) // not told of at once
	w.clock.now = w.clock.now.Add(time.Hour)
	w.cycles(3)
	if got := w.crm.records[record.Account]["9"].Fields["Name"].Text; !erp.given || got != "Né dans le CRM" {
		t.Errorf("the CRM's customer is called %q; given away %v, waits %q", got, erp.given, w.waits())
	}
	if !slices.ContainsFunc(w.waits(), func(s string) bool { return strings.Contains(s, "position-reused") }) {
		t.Errorf("nobody is asked: waits %q", w.waits())
	}
}

// The contact of a customer born in the CRM is not visible yet when the customer has its card: no other one is made.
func TestContactVisibleAfterItsCard(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
		w.crm.traits.Upsert, w.crm.traits.IndexLag = false, 5*time.Minute
	})
	w.set.Schedule.Interval = time.Minute
	w.cycles(1)
	w.crm.put(record.Account, "5", record.Fields{"Name": text("Client")})
	w.cycles(3)
	if len(w.erp.records[record.Contact]) != 1 || len(w.crm.records[record.Contact]) != 0 {
		t.Errorf("%d cards, %d contacts in the CRM", len(w.erp.records[record.Contact]), len(w.crm.records[record.Contact]))
	}
	w.crm.put(record.Contact, "6", record.Fields{"AccountId": record.RefOf("5"), "FullName": text("Ève Roy")})
	w.cycles(8)
	if n := len(w.crm.records[record.Contact]); n != 1 {
		t.Errorf("%d contacts in the CRM, want the one that a person made", n)
	}
}

// A value sent with no answer shows in the CRM while the ERP's record is in use, and somebody brings the older one back
// there: that is an edit, which reaches the ERP.
func TestArrivedWhileInUse(t *testing.T) {
	w := newWorld(t, true)
	w.set.Schedule.Interval = time.Second
	w.customer(2, "Client")
	w.erp.put(record.Account, "2", record.Fields{"city": text("Gaspé")})
	w.cycles(2)
	account := w.byExternal(record.Account, "CU2").Key
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.line.fault = fault{call: w.line.calls + 1, kind: late}
	w.cycles(1)
	w.crm.arriveLate()
	w.erp.later = map[string]bool{"account 2": true}
	w.crm.changed[record.Account][account] = true
	w.cycles(1)
	w.erp.later = nil
	w.crm.put(record.Account, account, record.Fields{"City": text("Gaspé")})
	w.cycles(3)
	if got := w.erp.records[record.Account]["2"].Fields["city"].Text; got != "Gaspé" {
		t.Errorf("got %q in the ERP, %q in the CRM", got, w.crm.records[record.Account][account].Fields["City"].Text)
	}
}

// A salesperson's record waits, and is not shown by the ERP for a moment: what it waits for is not forgotten.
func TestWaitsWhileNotShown(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) {
		w.set.Schedule.Interval, w.set.Tries = time.Minute, 1
		name := &w.profile.Entity(record.User).Fields[1]
		name.Policy = connectors.OwnERP
	})
	w.staff()
	w.cycles(2)
	user := w.byExternal(record.User, "VE2")
	w.refuse(func(op connectors.Op) bool { return op.Entity == record.User })
	w.crm.put(record.User, user.Key, record.Fields{"FullName": text("Somebody else")})
	w.cycles(1)
	hidden := w.erp.records[record.User]["2"]
	delete(w.erp.records[record.User], "2")
	w.erp.changed[record.User]["2"] = true
	w.cycles(1)
	w.erp.records[record.User]["2"], w.erp.changed[record.User]["2"] = hidden, true
	w.cycles(1)
	w.refuse(func(connectors.Op) bool { return false })
	w.cycles(60)
	if got := user.Fields["FullName"].Text; got != "Ève Roy" {
		t.Errorf("got %q; waits %q", got, w.waits())
	}
}

// A new salesperson can't be read just now: what refers to the new one is not written without, to stay so.
func TestRefersToOneThatIsInUse(t *testing.T) {
	w := newWorld(t, false)
	w.cycles(1)
	w.staff()
	w.erp.later = map[string]bool{"user 2": true}
	w.customer(3, "Client")
	w.erp.put(record.Account, "3", record.Fields{"salesrep": record.RefOf("2")})
	w.cycles(2)
	w.erp.later = nil
	w.cycles(3)
	if got, want := w.byExternal(record.Account, "CU3").Fields["SalesRep"].Key(), w.byExternal(record.User, "VE2").Key; got != want {
		t.Errorf("got %q, want %q; waits %q", got, want, w.waits())
	}
}

// slowCRM takes a moment to find a record, and shows no values of any. It may take the power with it.
type slowCRM struct {
	*side
	clock *clock
	power *power // goes off after the first writes; nil = stays on
}

func (s *slowCRM) Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	s.clock.now = s.clock.now.Add(20 * time.Millisecond)
	return s.side.Find(ctx, e, field, v)
}

func (s *slowCRM) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	found, later, err := s.side.Read(ctx, e, keys)
	for i := range found {
		found[i].Fields = nil
	}
	return found, later, err
}

func (s *slowCRM) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := s.side.Apply(ctx, ops)
	if s.power != nil {
		s.power.off = true
	}
	return results
}

// Creates were cut before their answer. What could still arrive when the next cycle began counts from that beginning, not
// from when each was found: where nothing arrives late, one more write settles each.
func TestCutCreateSettledAtOnce(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.crm.traits.ServerLate = 0 })
	for _, key := range []record.Key{"5", "6"} {
		w.erp.put(record.User, key, record.Fields{"name": text("Luc"), "active": record.BoolOf(true)})
	}
	w.reopen(&slowCRM{w.crm, w.clock, w.power})
	_ = w.engine.Cycle(t.Context()) // the power fails in it
	w.close()
	w.open()
	w.reopen(&slowCRM{w.crm, w.clock, nil})
	w.cycles(3)
	if n := len(w.crm.writes); w.byExternal(record.User, "VE6") == nil || n != 4 {
		t.Errorf("%d writes, want the two that were cut and two more: %+v; waits %q", n, w.crm.writes, w.waits())
	}
}

// A write of the ERP's own fields arrives after a newer one was made, and the CRM puts off the one that is to put that right. That
// the fields are still to be written is known afterwards, also where the CRM tells of nothing.
func TestLateWriteWhileTheNextIsPutOff(t *testing.T) {
	w := newWorld(t, false)
	w.set.Schedule.Interval = time.Minute
	user := w.erp.put(record.User, "5", record.Fields{"name": text("Luc"), "active": record.BoolOf(true)})
	w.cycles(2)
	w.erp.put(record.User, user.Key, record.Fields{"name": text("Older")})
	w.line.fault = fault{w.line.calls + 1, late}
	w.cycles(1)
	w.erp.put(record.User, user.Key, record.Fields{"name": text("Newer")})
	w.cycles(1)
	w.crm.arriveLate()
	w.line.fault = fault{w.line.calls + 1, busy}
	w.crm.mute = true
	w.cycles(4)
	if got := w.byExternal(record.User, "VE5").Fields["FullName"].Text; got != "Newer" {
		t.Errorf("the CRM shows %q; journal %q", got, w.journal())
	}
}

// A creation has no outcome, and its repetition is put off by the CRM: the first one may still arrive, and is looked for.
func TestFirstTryWhileTheNextIsPutOff(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) {
		w.set.Schedule.Interval, w.crm.traits.ServerLate = 30*time.Second, 5*time.Minute
	})
	w.erp.put(record.User, "5", record.Fields{"name": text("Luc"), "active": record.BoolOf(true)})
	w.line.fault = fault{w.line.calls + 1, late}
	w.cycles(1)
	w.line.fault = fault{w.line.calls + 1, busy}
	w.cycles(1)
	w.view(t, func(tx *store.Txn) {
		if open := tx.Intents(); len(open) != 1 || open[0].Op.Kind != connectors.Create || open[0].Until.IsZero() {
			t.Errorf("to be looked for: %+v", open)
		}
	})
	w.crm.arriveLate()
	w.cycles(3)
	if n := w.crm.births["user VE5"]; n != 1 || len(w.waits()) > 0 {
		t.Errorf("created %d times; waits %q", n, w.waits())
	}
}
