package plan_test

import (
	"slices"
	"testing"

	"syncbox/connectors"
	"syncbox/sync/plan"
)

// fate is what becomes of one field.
type fate struct{ toCRM, toERP, conflict, differs bool }

func fateOf(d *plan.Decision, i int) (f fate) {
	_, f.toCRM = d.CRM[i]
	_, f.toERP = d.ERP[i]
	f.conflict = slices.ContainsFunc(d.Conflicts, func(c plan.Conflict) bool { return c.Field == i })
	f.differs = slices.Contains(d.Differ, i)
	return f
}

// forms are the fields of a policy that a record can have: three values for what was agreed and what either
// side shows, up to the names of the values. Where the planner knows of all fields together only whether they
// are what was agreed, it is that or it is not.
func forms(p part) []part {
	var all []part
	put := func(base, erp, crm int) {
		all = append(all, part{policy: p.policy, acts: p.acts, base: base, erp: erp, crm: crm})
	}
	switch p.acts {
	case connectors.Shared:
		for _, v := range [][3]int{{1, 1, 1}, {1, 1, 2}, {1, 2, 1}, {1, 2, 2}, {1, 2, 3}, {-1, 1, 1}, {-1, 1, 2}, {-1, nothing, 1}, {-1, 1, nothing}} {
			put(v[0], v[1], v[2])
		}
	case connectors.OwnCRM, connectors.WriteOnce, connectors.Derived: // whatever was agreed
		for _, v := range [][2]int{{1, 1}, {1, 2}, {1, nothing}, {nothing, 1}} {
			put(1, v[0], v[1])
		}
	default:
		for _, v := range [][2]int{{1, 1}, {1, 2}, {1, nothing}, {nothing, 1}} {
			put(v[0], v[0], v[1])
			put(2, v[0], v[1])
		}
	}
	return all
}

// inDoubts are the lists of up to two values in doubt of a record: of its shared fields any of the three
// values, to either side, of the others that they were written. Of values of different fields the order does
// not matter.
func inDoubts(parts []part) [][]plan.Doubt {
	var ones []plan.Doubt
	owned := false
	for i, p := range parts {
		switch p.acts {
		case connectors.Shared:
			for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
				for text := 1; text <= someTexts; text++ {
					ones = append(ones, plan.Doubt{Field: uint16(i + 1), Side: side, Digest: uint64(text), Seq: 1, Until: kinds[0].Until})
				}
			}
		case connectors.OwnERP, connectors.OwnERPOnChange, connectors.BusinessKey:
			owned = true
		}
	}
	if owned {
		ones = append(ones, plan.Doubt{Field: plan.OwnedFields, Side: connectors.CRM, Seq: 1, Until: kinds[0].Until})
	}
	all := [][]plan.Doubt{nil}
	for n, a := range ones {
		all = append(all, []plan.Doubt{a})
		for m, b := range ones {
			if b.Seq = 2; a.Field == b.Field || n < m {
				all = append(all, []plan.Doubt{a, b})
			}
		}
	}
	return all
}

// threes tries records of three fields.
type threes struct {
	t     *testing.T
	seen  map[lonely]fate // of fields alone
	tried int
}

// lonely is a field of a record that has no other.
type lonely struct {
	part    part
	twoWay  bool
	changed bool
	doubts  [2]plan.Doubt
}

// fateAlone gives what becomes of a field in a record of its own. changed says whether a field that only the
// ERP may change did in the whole record, or whether the write of one of them is in doubt.
func (x *threes) fateAlone(s *sample, i int, changed bool) fate {
	key := lonely{part: s.parts[i], twoWay: s.twoWay, changed: changed}
	var doubts []plan.Doubt
	for _, d := range s.doubts {
		if d.Field == uint16(i+1) {
			d.Field = 1
			key.doubts[len(doubts)] = d
			doubts = append(doubts, d)
		}
	}
	if f, ok := x.seen[key]; ok {
		return f
	}
	if changed {
		doubts = append(doubts, plan.Doubt{Field: plan.OwnedFields, Side: connectors.CRM, Seq: 9, Until: noon})
	}
	one := sample{parts: []part{s.parts[i]}, twoWay: s.twoWay, known: true, doubts: doubts}
	d := try(&one).d
	x.seen[key] = fateOf(&d, 0)
	return x.seen[key]
}

// try holds a record against its fields alone.
func (x *threes) try(s sample) {
	if x.tried++; !due(x.tried) {
		return
	}
	s.doubts = slices.Clone(s.doubts)
	turn(s.parts, s.doubts, x.tried)
	r, it := s.build()
	d := plan.Make(r, it, noon)
	changed := s.moved() || slices.ContainsFunc(s.doubts, func(d plan.Doubt) bool { return d.Field == plan.OwnedFields })
	var want [3]fate
	written := false
	for i := range s.parts {
		want[i] = x.fateAlone(&s, i, changed)
		written = written || want[i].toCRM
	}
	for i, p := range s.parts {
		if p.acts == connectors.Derived {
			want[i].toCRM = written && p.erp != p.crm
		}
		if got := fateOf(&d, i); got != want[i] {
			x.t.Fatalf("field %d: alone %+v, with the others %+v\n%+v\ndecided %+v", i, want[i], got, s, d)
		}
	}
	if len(s.doubts) == 0 {
		if how := brokenBy(&s); how != "" {
			x.t.Fatal(how)
		}
	}
}

// turn puts the fields of a record in another order: in each of the six in turn.
func turn(parts []part, doubts []plan.Doubt, n int) {
	to := [...][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}[n%6]
	was := [3]part(parts)
	for i := range parts {
		parts[to[i]] = was[i]
	}
	for i, d := range doubts {
		if d.Field != plan.OwnedFields {
			doubts[i].Field = uint16(to[d.Field-1] + 1)
		}
	}
}

// every tries all records whose fields have these policies.
func (x *threes) every(a, b, c part, twoWay bool) {
	as, bs, cs := forms(a), forms(b), forms(c)
	for n, a := range as {
		for m, b := range bs {
			if a.policy == b.policy && m < n {
				continue // tried the other way round
			}
			for k, c := range cs {
				if b.policy == c.policy && k < m {
					continue
				}
				for _, doubts := range inDoubts([]part{a, b, c}) {
					x.try(sample{parts: []part{a, b, c}, twoWay: twoWay, known: true, doubts: doubts})
				}
			}
		}
	}
}

// TestThreeFields tries every record of three fields: of each three policies, one way and both ways, what was
// agreed and what either side shows of each out of three values (and nothing), up to two values in doubt. Every
// field must be decided as if it were alone, for which the laws are tried above; of the other fields only three
// things count: whether the ERP changed any of its own, whether the write of one of these is in doubt, and, for
// what is derived, whether anything is written. Records with nothing in doubt are held against all laws.
//
// Samples that differ in the names of values or the order of the fields are one, tried in each of the six orders
// in turn. At least 600,000 of them.
func TestThreeFields(t *testing.T) {
	x := &threes{t: t, seen: map[lonely]fate{}}
	for _, twoWay := range []bool{true, false} {
		ways := ways(twoWay)[:7] // the owner by state is one of these
		for n := range ways {
			for m := range ways[n:] {
				for k := range ways[n+m:] {
					x.every(ways[n], ways[n+m], ways[n+m+k], twoWay)
				}
			}
		}
	}
	atLeast(t, x.tried, 600_000)
}
