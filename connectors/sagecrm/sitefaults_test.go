package sagecrm_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest/resttest"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// website is a change of the first company.
func (s *site) website(to string) connectors.Op {
	return connectors.Op{ID: "box-w", Kind: connectors.Update, Entity: record.Account, Key: "1", Fields: record.Fields{"comp_website": text(to)}}
}

// broken are the ways in which a call goes wrong, what is known of a write then, and whether it was done.
var broken = []struct {
	fault   sagecrmtest.Fault
	outcome connectors.Outcome
	kind    connectors.Kind
	done    bool
}{
	{sagecrmtest.Fault{Kind: sagecrmtest.CloseBefore}, connectors.InDoubt, connectors.Unavailable, false},
	{sagecrmtest.Fault{Kind: sagecrmtest.CloseAfter}, connectors.InDoubt, connectors.Unavailable, true},
	{sagecrmtest.Fault{Kind: sagecrmtest.CutBody, Keep: 20}, connectors.InDoubt, connectors.Unavailable, true},
	{sagecrmtest.Fault{Kind: sagecrmtest.Truncated, Keep: 20}, connectors.InDoubt, connectors.Unavailable, true},
	{sagecrmtest.Fault{Kind: sagecrmtest.HTTPStatus, Status: 502}, connectors.InDoubt, connectors.Unavailable, false},
	{sagecrmtest.Fault{Kind: sagecrmtest.HTTPStatus, Status: 502, Done: true}, connectors.InDoubt, connectors.Unavailable, true},
	{sagecrmtest.Fault{Kind: sagecrmtest.HTMLPage}, connectors.InDoubt, connectors.Unavailable, false},
	{sagecrmtest.Fault{Kind: sagecrmtest.HTMLPage, Done: true}, connectors.InDoubt, connectors.Unavailable, true},
	{sagecrmtest.Fault{Kind: sagecrmtest.Slow, Delay: 90 * time.Second}, connectors.InDoubt, connectors.Unavailable, true},
	{sagecrmtest.Fault{Kind: sagecrmtest.SlowAnswer, Delay: 90 * time.Second}, connectors.InDoubt, connectors.Unavailable, true},
	{sagecrmtest.Fault{Kind: sagecrmtest.AppliedLate, Delay: time.Minute}, connectors.InDoubt, connectors.Unavailable, true},
	{sagecrmtest.Fault{Kind: sagecrmtest.RefuseRecord}, connectors.NotApplied, connectors.Rejected, false},
	{sagecrmtest.Fault{Kind: sagecrmtest.EntityDisabled}, connectors.NotApplied, connectors.Drift, false},
	{sagecrmtest.Fault{Kind: sagecrmtest.WrongCharset}, connectors.Applied, connectors.Unknown, true},
}

// writeOps are the calls of a write, by interface.
var writeOps = map[string]map[connectors.OpKind]string{
	"soap": {connectors.Create: "add", connectors.Update: "update"}, "rest": {connectors.Create: "create", connectors.Update: "update"},
}

// settled does an op whose call breaks, as the engine does, and says what became of it once nothing can come late any more.
func (s *site) settled(op connectors.Op, i int, way string) (connectors.Op, connectors.Result) {
	s.t.Helper()
	want := broken[i]
	f := want.fault
	f.Op, f.Entity, f.Text = writeOps[way][op.Kind], entity[op.Entity], "Validation error: "
	for _, v := range op.Fields {
		f.Text += v.Text + ", "
	}
	s.AddFault(f)
	op, result := s.apply(op)
	if result.Outcome != want.outcome || connectors.KindOf(result.Err) != want.kind {
		s.t.Fatalf("got %d %v, want %d of kind %v", result.Outcome, result.Err, want.outcome, want.kind)
	}
	if result.Outcome == connectors.Applied || result.Outcome == connectors.NotApplied {
		return op, result
	}
	time.Sleep(s.crm.Traits().ServerLate)
	return op, s.crm.Resolve(s.t.Context(), op)
}

// What was sent without an answer is found again, and only what was not done is sent again: nothing is doubled.
//
// Requirement: BOB-30, LAB-7
func TestLostCreate(t *testing.T) {
	for _, way := range interfaces {
		for i, test := range broken {
			t.Run(fmt.Sprintf("%s/%s, done %t", way.name, test.fault.Kind, test.fault.Done), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newSite(t, sagecrmtest.Options{}, way.set)
					company := s.lostCreate(connectors.Op{ID: "box-1", Kind: connectors.Create, Entity: record.Account, ExternalID: "C2", Fields: newcomer()}, i, way.name)
					s.lostCreate(connectors.Op{ID: "box-2", Kind: connectors.Create, Entity: record.Account, Fields: record.Fields{
						"comp_name": text("Sans numéro"), "addr_city": text("Mons"), "phon_business": text("065 1")}}, i, way.name)
					s.lostCreate(connectors.Op{ID: "box-3", Kind: connectors.Create, Entity: record.Contact, Fields: record.Fields{
						"pers_companyid": record.RefOf(company), "pers_lastname": text("Dupré"), "phon_mobile": text("0470 9"), "emai_private": text("d@example.com")}}, i, way.name)
				})
			})
		}
	}
}

func (s *site) lostCreate(op connectors.Op, i int, way string) record.Key {
	s.t.Helper()
	before := len(s.Created(entity[op.Entity]))
	op, result := s.settled(op, i, way)
	if want := map[bool]connectors.Outcome{true: connectors.Applied, false: connectors.NotApplied}[broken[i].done]; result.Outcome != want {
		s.t.Fatalf("%s: settled as %d %v, want %d", op.ID, result.Outcome, result.Err, want)
	}
	if result.Outcome == connectors.NotApplied {
		if n := len(s.Created(entity[op.Entity])); n != before {
			s.t.Fatalf("%s: not applied, and %d were made", op.ID, n-before)
		}
		result.Key = s.applied(op)
	}
	if made := s.Created(entity[op.Entity]); len(made) != before+1 || keyOfID(made[before]) != result.Key {
		s.t.Errorf("%s: made %v, key %s", op.ID, made[before:], result.Key)
	}
	s.shows(op.Entity, result.Key, op.Fields)
	return result.Key
}

// A change without an answer is told by what is there. What a person wrote meanwhile stays.
//
// Requirement: BOB-21, BOB-30, LAB-7
func TestLostUpdate(t *testing.T) {
	for _, way := range interfaces {
		for i, test := range broken {
			t.Run(fmt.Sprintf("%s/%s, done %t", way.name, test.fault.Kind, test.fault.Done), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newSite(t, sagecrmtest.Options{}, way.set)
					op, result := s.settled(s.website("www.boite.example"), i, way.name)
					if want := map[bool]connectors.Outcome{true: connectors.Applied, false: connectors.NotApplied}[test.done]; result.Outcome != want {
						t.Fatalf("settled as %d %v, want %d", result.Outcome, result.Err, want)
					}
					if result.Outcome == connectors.NotApplied {
						s.AdvanceClock(time.Minute)
						s.edit(sagecrmtest.Company, "1", values{"comp_website": "www.anne.example"})
						result = s.crm.Apply(t.Context(), []connectors.Op{op})[0]
						s.refused("after a person's change", result.Err, connectors.Busy, sagecrm.CodeRecordChanged)
						s.applied(s.website("www.boite.example"))
					}
					s.shows(record.Account, "1", record.Fields{"comp_website": text("www.boite.example")})
				})
			})
		}
	}
}

// A create of REST takes several calls. Wherever it breaks off, it is finished, and nothing is there twice.
//
// Requirement: BOB-30
func TestBrokenOffInEachCall(t *testing.T) {
	for _, part := range []sagecrmtest.Entity{sagecrmtest.Address, sagecrmtest.Phone, sagecrmtest.Email} {
		for _, kind := range []sagecrmtest.FaultKind{sagecrmtest.CloseBefore, sagecrmtest.CloseAfter} {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, sagecrmtest.Options{}, rest)
				s.AddFault(sagecrmtest.Fault{Kind: kind, Op: "create", Entity: part})
				op, result := s.apply(connectors.Op{ID: "box-1", Kind: connectors.Create, Entity: record.Account, ExternalID: "C2", Fields: newcomer()})
				if result.Outcome != connectors.InDoubt {
					t.Fatalf("%s, %s: %+v", part, kind, result)
				}
				time.Sleep(s.crm.Traits().ServerLate)
				if result = s.crm.Resolve(t.Context(), op); result.Outcome != connectors.Applied {
					t.Fatalf("%s, %s: %+v", part, kind, result)
				}
				s.shows(record.Account, result.Key, newcomer())
				for child, n := range map[sagecrmtest.Entity]int{sagecrmtest.Address: 1, sagecrmtest.Phone: 2, sagecrmtest.Email: 1} {
					if got := len(s.Children(sagecrmtest.Company, id(result.Key), child)); got != n {
						t.Errorf("%s, %s: %d of %s, want %d", part, kind, got, child, n)
					}
				}
			})
		}
	}
}

// A look that breaks off in any of its calls, in any way, tells nothing and loses nothing.
//
// Requirement: LAB-7
func TestBrokenLooks(t *testing.T) {
	for _, way := range interfaces {
		for _, f := range []sagecrmtest.Fault{
			{Kind: sagecrmtest.CloseBefore}, {Kind: sagecrmtest.CloseAfter}, {Kind: sagecrmtest.CutBody, Keep: 30}, {Kind: sagecrmtest.CutBody, Keep: 400},
			{Kind: sagecrmtest.Truncated, Keep: 30}, {Kind: sagecrmtest.Truncated, Keep: 400}, {Kind: sagecrmtest.EmptyBody}, {Kind: sagecrmtest.HTMLPage},
			{Kind: sagecrmtest.HTTPStatus, Status: 500}, {Kind: sagecrmtest.HTTPStatus, Status: 503}, {Kind: sagecrmtest.SlowAnswer, Delay: 2 * time.Minute},
		} {
			t.Run(fmt.Sprint(way.name, "/", f.Kind, f.Keep, f.Status), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { newSite(t, sagecrmtest.Options{}, way.set).brokenLooks(f) })
			})
		}
	}
}

func (s *site) brokenLooks(f sagecrmtest.Fault) {
	s.t.Helper()
	s.look()
	for n := range 20 {
		s.AdvanceClock(2 * time.Minute)
		s.edit(sagecrmtest.Company, "1", values{"comp_website": fmt.Sprint("www.", n, ".example")})
		f.Turn = resttest.Turn{Skip: n, Count: 2} // a read is tried twice
		s.AddFault(f)
		s.notes.Begin()
		err := s.crm.Observe(s.t.Context(), s.notes)
		waits := len(s.Faults())
		s.ClearFaults()
		switch kind := connectors.KindOf(err); {
		case err == nil && waits > 0:
			s.must(s.notes.Commit())
			if n == 0 {
				s.t.Error("no call was broken")
			}
			return
		case err == nil:
			s.must(s.notes.Commit())
		case kind != connectors.Unavailable && kind != connectors.RateLimited:
			s.t.Fatalf("call %d: %v (%v), want what comes back by itself", n, kind, err)
		default:
			s.secret(err.Error())
			if len(s.notes.Told) > 0 {
				s.t.Errorf("call %d: told %v", n, s.notes.Told)
			}
			s.told("after it", record.Account, "1", true)
		}
	}
}

// A query that fails for a moment leaves out no record, and a refusal for good says so.
func TestQueryFails(t *testing.T) {
	for _, way := range interfaces {
		s := newSite(t, sagecrmtest.Options{}, way.set)
		s.look()
		for n := range 8 {
			s.AdvanceClock(time.Minute)
			s.edit(sagecrmtest.Person, "1", values{"pers_title": fmt.Sprint("Patron ", n)})
			s.AddFault(sagecrmtest.Fault{Kind: sagecrmtest.QueryFails, Turn: resttest.Turn{Skip: n}})
			s.notes.Begin()
			if err := s.crm.Observe(t.Context(), s.notes); err == nil {
				s.must(s.notes.Commit())
			}
			s.ClearFaults()
			if len(s.notes.Told) == 0 {
				s.told(fmt.Sprint(way.name, ", query ", n), record.Contact, "1", true)
			}
			if r, there := s.read(record.Contact, "1"); !there || r.Held != "" {
				t.Errorf("%s, query %d: there %t, held %q", way.name, n, there, r.Held)
			}
		}
		s.AddFault(sagecrmtest.Fault{Kind: sagecrmtest.QueryFails, Turn: resttest.Turn{Count: -1}})
		_, _, err := s.crm.Read(t.Context(), record.Account, []record.Key{"1", "2"})
		s.refused(way.name, err, connectors.Drift, sagecrm.CodeQueryFailed)
	}
}
