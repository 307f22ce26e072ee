package sagecrm_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// newOnes are n companies as the box makes them; every second one has neither VAT number nor identity.
func newOnes(n int) []connectors.Op {
	var ops []connectors.Op
	for i := range n {
		op := connectors.Op{ID: fmt.Sprint("box-", i), Kind: connectors.Create, Entity: record.Account, Fields: record.Fields{"comp_name": text(fmt.Sprint("Sœurs ", i)),
			"addr_city": text("Mons"), "phon_business": text(fmt.Sprint("065 ", i))}}
		if i%2 == 0 {
			op.ExternalID, op.Fields["vat"] = fmt.Sprint("N", i), text(fmt.Sprintf("BE%010d", 700_000_000+i))
		}
		ops = append(ops, op)
	}
	return ops
}

// prepared has each op looked at, as the engine does before it keeps them.
func (s *site) prepared(ops []connectors.Op) []connectors.Op {
	s.t.Helper()
	for i := range ops {
		token, err := s.crm.Prepare(s.t.Context(), ops[i])
		s.must(err)
		ops[i].Token = token
	}
	return ops
}

// wroteAll holds that ops are there as they were written, each once, and gives the results.
func (s *site) wroteAll(ops []connectors.Op, results []connectors.Result) {
	s.t.Helper()
	keys := map[record.Key]bool{}
	for i, op := range ops {
		if r := results[i]; r.Outcome != connectors.Applied || keys[r.Key] {
			s.t.Fatalf("%s: %+v", op.ID, r)
		}
		keys[results[i].Key] = true
		s.shows(op.Entity, results[i].Key, op.Fields)
	}
}

func (s *site) calls(op string) int { return len(s.Journal(sagecrmtest.JournalQuery{Op: op})) }

// edits are changes of the companies that results name.
func editsOf(results []connectors.Result) []connectors.Op {
	var ops []connectors.Op
	for i, r := range results {
		ops = append(ops, connectors.Op{ID: fmt.Sprint("edit-", i), Kind: connectors.Update, Entity: record.Account, Key: r.Key,
			Fields: record.Fields{"comp_website": text(fmt.Sprint("www.x.example/", i)), "addr_city": text("Liège")}})
	}
	return ops
}

// Several records go in one call, as many as fit below the bound of a request.
func TestTogether(t *testing.T) {
	for _, test := range []struct {
		chars, adds, updates int
	}{{100_000, 1, 1}, {4000, 2, 2}} {
		t.Run(fmt.Sprint(test.chars), func(t *testing.T) {
			s := newSite(t, sagecrmtest.Options{MaxRequest: test.chars}, func(c *sagecrm.Config) { c.MaxRequest = test.chars })
			ops := s.prepared(newOnes(12))
			made := s.crm.Apply(t.Context(), ops)
			s.wroteAll(ops, made)
			s.AdvanceClock(time.Minute)
			ops = s.prepared(editsOf(made))
			s.wroteAll(ops, s.crm.Apply(t.Context(), ops))
			if adds, updates := s.calls("add"), s.calls("update"); adds != test.adds || updates != test.updates {
				t.Errorf("%d calls of add, %d of update, want %d and %d", adds, updates, test.adds, test.updates)
			}
		})
	}
}

// One record that is refused takes none of the others with it, whether or not the site did those before it.
//
// Requirement: BOB-30, LAB-7
func TestTogetherHalfRefused(t *testing.T) {
	for _, position := range sagecrmtest.Positions(sagecrmtest.SoapWriteBatch) {
		t.Run(position, func(t *testing.T) {
			s := newSite(t, sagecrmtest.Options{Switches: positions{sagecrmtest.SoapWriteBatch: position}})
			ops := newOnes(6)
			ops[3].Fields["language"] = text("Klingon")
			made := s.crm.Apply(t.Context(), s.prepared(ops))
			s.refused("new", made[3].Err, connectors.Rejected, sagecrm.CodeRecordRefused)
			s.wroteAll(append(ops[:3:3], ops[4:]...), append(made[:3:3], made[4:]...))
			if n := len(s.Created(sagecrmtest.Company)); n != 5 {
				t.Errorf("%d were made, want 5", n)
			}
			made = append(made[:3:3], made[4:]...)
			s.AdvanceClock(time.Minute)
			ops = editsOf(made)
			ops[2].Fields["language"] = text("Klingon")
			results := s.crm.Apply(t.Context(), s.prepared(ops))
			s.refused("change", results[2].Err, connectors.Rejected, sagecrm.CodeRecordRefused)
			s.wroteAll(append(ops[:2:2], ops[3:]...), append(results[:2:2], results[3:]...))
		})
	}
}

// A call of several whose answer is lost leaves each of them in doubt, and each is told by itself.
//
// Requirement: BOB-30, LAB-7
func TestTogetherLost(t *testing.T) {
	for i, test := range broken {
		if test.outcome != connectors.InDoubt {
			continue
		}
		t.Run(fmt.Sprintf("%s, done %t", test.fault.Kind, test.fault.Done), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, sagecrmtest.Options{})
				results := s.lostTogether(s.prepared(newOnes(4)), i, "add")
				if n := len(s.Created(sagecrmtest.Company)); n != 4 {
					t.Errorf("%d were made, want 4", n)
				}
				s.AdvanceClock(time.Minute)
				s.lostTogether(s.prepared(editsOf(results)), i, "update")
			})
		})
	}
}

// lostTogether does ops whose call breaks, waits until nothing can come late, and sends again what was not done.
func (s *site) lostTogether(ops []connectors.Op, i int, call string) []connectors.Result {
	s.t.Helper()
	f := broken[i].fault
	f.Op = call
	s.AddFault(f)
	results := s.crm.Apply(s.t.Context(), ops)
	for at, r := range results {
		if r.Outcome != connectors.InDoubt {
			s.t.Fatalf("%s: %+v", ops[at].ID, r)
		}
	}
	time.Sleep(s.crm.Traits().ServerLate)
	var again []connectors.Op
	for at, op := range ops {
		want := map[bool]connectors.Outcome{true: connectors.Applied, false: connectors.NotApplied}[broken[i].done]
		if results[at] = s.crm.Resolve(s.t.Context(), op); results[at].Outcome != want {
			s.t.Fatalf("%s: settled as %+v, want %d", op.ID, results[at], want)
		}
		if want == connectors.NotApplied {
			again = append(again, op)
		}
	}
	if len(again) > 0 {
		results = s.crm.Apply(s.t.Context(), again)
	}
	s.wroteAll(ops, results)
	return results
}

// A session that ends in a call of several is begun again, and nothing is there twice.
//
// Requirement: LAB-7
func TestTogetherSessionLost(t *testing.T) {
	for _, kind := range []sagecrmtest.FaultKind{sagecrmtest.SessionEnds, sagecrmtest.SessionStolen} {
		s := newSite(t, sagecrmtest.Options{})
		ops := s.prepared(newOnes(4))
		s.AddFault(sagecrmtest.Fault{Kind: kind, Op: "add"})
		results := s.crm.Apply(t.Context(), ops)
		s.wroteAll(ops, results)
		s.AdvanceClock(time.Minute)
		ops = s.prepared(editsOf(results))
		s.AddFault(sagecrmtest.Fault{Kind: kind, Op: "update"})
		s.wroteAll(ops, s.crm.Apply(t.Context(), ops))
		if n := len(s.Created(sagecrmtest.Company)); n != 4 {
			t.Errorf("%s: %d were made, want 4", kind, n)
		}
	}
}

// What others did since ops were looked at is not overwritten nor doubled; two that could be the same are not made in one call.
//
// Requirement: BOB-21, BOB-30
func TestTogetherMeanwhile(t *testing.T) {
	s := newSite(t, sagecrmtest.Options{})
	ops := s.prepared(newOnes(4))
	ops = append(ops, ops[0])
	v := s.VAT("BE0700000002")
	v["comp_name"], v["comp_type"] = "D'Anne", "Customer"
	s.made(sagecrmtest.Company, v)
	results := s.crm.Apply(t.Context(), ops)
	s.refused("taken meanwhile", results[2].Err, connectors.Rejected, sagecrm.CodeTaken)
	s.refused("the same again", results[4].Err, connectors.Busy, sagecrm.CodeNotMade)
	results = append(results[:2:2], results[3])
	s.wroteAll(append(ops[:2:2], ops[3]), results)
	s.AdvanceClock(time.Minute)
	ops = s.prepared(editsOf(results))
	s.AdvanceClock(time.Minute)
	s.edit(sagecrmtest.Company, results[1].Key, values{"comp_website": "www.anne.example"})
	results = s.crm.Apply(t.Context(), ops)
	s.refused("moved meanwhile", results[1].Err, connectors.Busy, sagecrm.CodeRecordChanged)
	s.wroteAll(append(ops[:1:1], ops[2:]...), append(results[:1:1], results[2:]...))
}

// A site that takes less in one call than it was said to is asked for half of it at a time.
func TestTogetherTooLarge(t *testing.T) {
	for _, position := range sagecrmtest.Positions(sagecrmtest.SoapTooLarge) {
		s := newSite(t, sagecrmtest.Options{MaxRequest: 2500, Switches: positions{sagecrmtest.SoapTooLarge: position}})
		ops := s.prepared(newOnes(8))
		s.wroteAll(ops, s.crm.Apply(t.Context(), ops))
		if n := len(s.Created(sagecrmtest.Company)); n != 8 {
			t.Errorf("%s: %d were made, want 8", position, n)
		}
	}
}
