package plan_test

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/sync/plan"
)

// stride is how many samples a short run (go test -short) has for each one that it tries: 29 shares no divisor with any
// number of policies, texts, kinds or orders that take turns here, so that a share of each of them is met.
const stride = 29

// due says whether the n-th sample is to be tried.
func due(n int) bool { return !testing.Short() || n%stride == 0 }

// naming gives texts in the order of their first use, so that of two samples that differ in nothing but the
// names of their texts one is tried. Nothing (0) keeps its meaning.
func naming(used []int, most int, yield func(int)) {
	top := 0
	for _, t := range used {
		top = max(top, t)
	}
	for t := range min(top+1, most) + 1 {
		yield(t)
	}
}

// kinds are the ways in which a value is in doubt.
var kinds = []plan.Doubt{
	{Seq: 1, Until: noon.Add(time.Minute)},
	{Seq: 1, Until: noon},
	{Seq: 1},
	{}, // a note
}

// doubtsOf calls yield with every list of up to two doubts of a field.
func doubtsOf(code uint16, used []int, yield func([]plan.Doubt)) {
	yield(nil)
	one := func(used []int, seq uint64, yield func(plan.Doubt)) {
		most := someTexts
		if code == plan.OwnedFields {
			most = nothing // of all fields together no digest is kept
		}
		naming(used, most, func(text int) {
			for _, k := range kinds {
				for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
					d := plan.Doubt{Field: code, Side: side, Digest: uint64(text), Seq: k.Seq * seq, Until: k.Until}
					yield(d)
				}
			}
		})
	}
	one(used, 1, func(a plan.Doubt) {
		yield([]plan.Doubt{a})
		one(append(used[:len(used):len(used)], int(a.Digest)), 2, func(b plan.Doubt) { yield([]plan.Doubt{a, b}) })
	})
}

// ways are all policies, and how a field of each has to act.
func ways(twoWay bool) []part {
	both := func(p connectors.Policy) connectors.Policy { // of what flows back where anything does
		if twoWay {
			return p
		}
		return connectors.OwnERPOnChange
	}
	return []part{
		{policy: connectors.Shared, acts: both(connectors.Shared)}, {policy: connectors.OwnCRM, acts: both(connectors.OwnCRM)},
		{policy: connectors.OwnERP, acts: connectors.OwnERP}, {policy: connectors.OwnERPOnChange, acts: connectors.OwnERPOnChange},
		{policy: connectors.WriteOnce, acts: connectors.WriteOnce}, {policy: connectors.Derived, acts: connectors.Derived},
		{policy: connectors.BusinessKey, acts: connectors.BusinessKey},
		{policy: connectors.OwnByState, acts: both(connectors.Shared)}, {policy: connectors.OwnByState, acts: connectors.OwnERP},
	}
}

// doubtCode gives the code under which a write of field i is in doubt.
func doubtCode(i int, p part) uint16 {
	if p.acts == connectors.Shared || p.acts == connectors.OwnCRM {
		return uint16(i + 1)
	}
	return plan.OwnedFields
}

// everyValue calls try with every record that has one field, but for the rule of conflicts. references adds
// those in which the ERP refers to a record that is not on the other side.
func everyValue(p part, references bool, try func(sample)) {
	code := doubtCode(0, p)
	for _, known := range []bool{true, false} {
		for p.base = -1; p.base < 2; p.base++ {
			if !known && p.base >= 0 || known && p.base < 0 && code == plan.OwnedFields {
				continue
			}
			used := []int{max(p.base, nothing)}
			with := func(erp int, required bool) {
				naming(append(used, erp%elsewhere), someTexts, func(crm int) {
					p.erp, p.crm = erp, crm
					doubtsOf(code, append(used, erp%elsewhere, crm), func(doubts []plan.Doubt) {
						try(sample{parts: []part{p}, known: known, doubts: doubts, required: required})
					})
				})
			}
			naming(used, someTexts, func(erp int) { with(erp, false) })
			if references {
				with(elsewhere, false)
				with(elsewhere, true)
			}
		}
	}
}

// TestEveryField tries every record with one field: of each policy, one way and both ways; for what was agreed
// (or not), for what either side shows and for what is in doubt there are nothing and three texts; up to two
// values are in doubt, to either side, in any order, still to come, past, arrived, or noted; the ERP may refer
// to what is not on the other side. Samples that differ in the names of texts only are one. At least 125,000.
func TestEveryField(t *testing.T) {
	tried := 0
	for _, twoWay := range []bool{true, false} {
		for _, p := range ways(twoWay) {
			everyValue(p, true, func(s sample) {
				if tried++; !due(tried) {
					return
				}
				s.twoWay = twoWay
				if how := brokenBy(&s); how != "" {
					t.Fatal(how)
				}
			})
		}
	}
	atLeast(t, tried, 125_000)
}

// TestEveryOption tries the same for fields that keep what is filled, and for those that take no part in the record. At least
// 200,000.
//
// Requirement: BOB-17, BOB-18
func TestEveryOption(t *testing.T) {
	tried := 0
	for _, twoWay := range []bool{true, false} {
		for _, p := range ways(twoWay) {
			for _, option := range []part{{keeps: true}, {out: true}, {keeps: true, out: true}} {
				p.keeps, p.out = option.keeps, option.out
				everyValue(p, true, func(s sample) {
					if tried++; !due(tried) || p.keeps && s.sent(0, nothing) {
						return // nothing empty is ever sent then
					}
					s.twoWay = twoWay
					if how := brokenBy(&s); how != "" {
						t.Fatal(how)
					}
				})
			}
		}
	}
	atLeast(t, tried, 200_000)
}

// TestEveryConflict tries the same for a shared field under every other rule of conflicts, with all that the
// times of changes can tell. At least 75,000.
func TestEveryConflict(t *testing.T) {
	tried := 0
	for n, by := range []struct {
		rule   connectors.Wins
		stamps [2]int
	}{
		{connectors.CRMWins, [2]int{2, 1}}, {connectors.AskPerson, [2]int{}}, {connectors.NewestWins, [2]int{1, 2}},
		{connectors.NewestWins, [2]int{2, 1}}, {connectors.NewestWins, [2]int{1, 1}},
		{connectors.NewestWins, [2]int{1, 0}}, {connectors.NewestWins, [2]int{0, 1}}, {connectors.NewestWins, [2]int{}},
	} {
		everyValue(part{policy: connectors.Shared, acts: connectors.Shared}, false, func(s sample) {
			if n > 3 && len(s.doubts) > 1 {
				return // where the times do not tell it is as if the rule were that the ERP wins
			}
			if tried++; !due(tried) {
				return
			}
			s.twoWay, s.rule, s.stamps = true, by.rule, by.stamps
			if how := brokenBy(&s); how != "" {
				t.Fatal(how)
			}
		})
	}
	atLeast(t, tried, 75_000)
}

// atLeast fails where there were fewer cases than the test claims. A short run only begins a walk: it need not get far.
func atLeast(t *testing.T, tried, claimed int) {
	t.Helper()
	if testing.Short() {
		claimed /= stride
	}
	if t.Logf("%d cases", tried); tried < claimed {
		t.Errorf("that is fewer than %d", claimed)
	}
}
