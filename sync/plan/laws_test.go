package plan_test

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// law is something that every decision keeps to.
type law struct {
	name   string
	broken func(*trial) string // says how, empty if it is kept
}

// laws are those of a record that is live on both sides.
var laws = []law{
	{"P1 the same input gives the same decision and stays as it is", fixed},
	{"P4 what was decided and has arrived leaves nothing to do, P3 after ten rounds at most", settles},
	{"P5 nobody's own fields are written to them", ownership},
	{"what takes no part in a record is left as it is, and what is filled is kept", leavesBe},
	{"P7 what nobody changed is not written", onlyChanges},
	{"P8 with the sides exchanged everything is decided the other way round", mirrored},
	{"P10 a record waits exactly where a reference is missing that has to be told", withheld},
	{"W2 old values give way to new ones, and two new ones are a conflict", newestStays},
	{"W2 a conflict has both values", bothValues},
	{"W2 nothing was agreed on: what is empty erases nothing", emptyErasesNothing},
	{"W2 what did not arrive is decided the same again", sameAgain},
	{"a value stays in doubt exactly until it can't arrive any more", doubtsEnd},
}

// brokenBy gives the name of the first law that a sample breaks, and how.
func brokenBy(s *sample) string {
	x := try(s)
	for _, l := range laws {
		if how := l.broken(x); how != "" {
			return fmt.Sprintf("%s: %s\n%+v\ndecided %+v", l.name, how, *s, x.d)
		}
	}
	return ""
}

func fixed(x *trial) string {
	if again := plan.Make(x.rules, x.item, noon); !reflect.DeepEqual(x.d, again) {
		return fmt.Sprintf("then %+v", again)
	}
	if _, item := x.build(); !reflect.DeepEqual(x.item, item) {
		return "the input was changed"
	}
	return ""
}

// arrive gives the record after all that was decided for one side has arrived, as the engine keeps it.
func arrive(r *plan.Rules, it plan.Item, d plan.Decision) plan.Item {
	it.Link = d.Link
	switch {
	case len(d.CRM) > 0:
		it.CRM, it.Link.Base = written(it.CRM, it.ERP, d.CRM), d.After
	case len(d.ERP) > 0:
		for i := range d.ERP {
			if r.Single(i, &it) {
				it.Link.Doubts = append(slices.Clone(it.Link.Doubts), plan.Doubt{Field: r.Fields[i].Code, Digest: it.CRM.Cells[i].Digest, Seq: 9})
			}
		}
		it.ERP = written(it.ERP, it.CRM, d.ERP)
	}
	return it
}

func written(to, from *plan.View, values map[int]record.Value) *plan.View {
	out := *to
	out.Cells = slices.Clone(to.Cells)
	for i := range values {
		out.Cells[i] = from.Cells[i]
	}
	return &out
}

func settles(x *trial) string {
	if x.missing() {
		return ""
	}
	it, d := x.item, x.d
	for range 10 {
		if len(d.CRM)+len(d.ERP) == 0 {
			return x.rest(it, d)
		}
		it = arrive(x.rules, it, d)
		d = plan.Make(x.rules, it, noon)
	}
	return "no end"
}

// rest says what is wrong with a record that needs no write.
func (x *trial) rest(it plan.Item, d plan.Decision) string {
	for i, e := range it.ERP.Cells {
		open := slices.Contains(d.Differ, i) || x.parts[i].out || x.parts[i].keeps && (e.Value.Empty() || it.CRM.Cells[i].Value.Empty()) || x.parts[i].acts == connectors.Derived || x.parts[i].acts == connectors.WriteOnce ||
			slices.ContainsFunc(d.Conflicts, func(c plan.Conflict) bool { return c.Field == i && c.Ask })
		if e.Digest != it.CRM.Cells[i].Digest && !open {
			return fmt.Sprintf("field %d stays different", i)
		}
	}
	for _, c := range d.Conflicts {
		if !c.Ask {
			return fmt.Sprintf("a conflict over field %d after it was settled", c.Field)
		}
	}
	it.Link = d.Link
	later := plan.Make(x.rules, it, noon.Add(time.Hour))
	if len(later.CRM)+len(later.ERP)+len(later.Link.Doubts) > 0 || later.Verdict != plan.Nothing {
		return fmt.Sprintf("then, with no doubt left, %+v", later)
	}
	return ""
}

func leavesBe(x *trial) string {
	for side, values := range [2]map[int]record.Value{x.d.ERP, x.d.CRM} {
		for i, v := range values {
			if p := x.parts[i]; p.out || p.keeps && v.Empty() && p.acts != connectors.Derived {
				return fmt.Sprintf("field %d is written to side %d", i, side)
			}
		}
	}
	for _, c := range x.d.Conflicts {
		if p := x.parts[c.Field]; p.out || p.keeps && (c.ERP.Empty() || c.CRM.Empty()) && !x.open(c.Field) {
			return fmt.Sprintf("field %d is a conflict", c.Field)
		}
	}
	for _, i := range x.d.Differ {
		if p := x.parts[i]; p.out || p.keeps && p.erp == nothing {
			return fmt.Sprintf("field %d is listed as a difference", i)
		}
	}
	return ""
}

func ownership(x *trial) string {
	for i := range x.d.ERP {
		if p := x.parts[i].acts; p != connectors.Shared && p != connectors.OwnCRM {
			return fmt.Sprintf("field %d goes to the ERP", i)
		}
	}
	for i := range x.d.CRM {
		if x.parts[i].acts == connectors.OwnCRM {
			return fmt.Sprintf("field %d goes to the CRM", i)
		}
	}
	return ""
}

// sent says whether a text is in doubt in a field, on any side.
func (s *sample) sent(i, text int) bool {
	return slices.ContainsFunc(s.doubts, func(d plan.Doubt) bool {
		return d.Field == uint16(i+1) && d.Seq > 0 && d.Digest == uint64(text)
	})
}

// open says whether anything is in doubt in a field; all that only the ERP may change are one.
func (s *sample) open(i int) bool {
	code := uint16(i + 1)
	if p := s.parts[i].acts; p != connectors.Shared && p != connectors.OwnCRM {
		code = plan.OwnedFields
	}
	return slices.ContainsFunc(s.doubts, func(d plan.Doubt) bool { return d.Field == code })
}

// moved says whether the ERP changed one of the fields that only it may change.
func (s *sample) moved() bool {
	return slices.ContainsFunc(s.parts, func(p part) bool {
		owned := p.acts == connectors.OwnERP || p.acts == connectors.OwnERPOnChange || p.acts == connectors.BusinessKey
		return owned && max(nothing, p.base) != p.erp
	})
}

func onlyChanges(x *trial) string {
	for side, values := range [2]map[int]record.Value{x.d.ERP, x.d.CRM} {
		for i, v := range values {
			p := x.parts[i]
			from, to := p.erp, p.crm
			if side == 0 {
				from, to = to, from
			}
			var may bool
			switch p.acts {
			case connectors.Shared:
				may = p.base < 0 || !x.known || x.open(i) || from != p.base
			case connectors.OwnERPOnChange:
				may = !x.known || x.open(i) || x.moved()
			case connectors.WriteOnce:
				may = to == nothing
			case connectors.Derived:
				may = len(values) > 1
			default:
				may = true // put back at once
			}
			if from == to || !may || !v.Equal(texts[from]) {
				return fmt.Sprintf("field %d is written to side %d", i, side)
			}
		}
	}
	return ""
}

// mirrored is for fields that both sides may change alike. The rule of the newest is not the same for both
// sides where the times do not tell: then the ERP's value stays.
func mirrored(x *trial) string {
	for _, p := range x.parts {
		if p.acts != connectors.Shared || p.policy != connectors.Shared {
			return ""
		}
	}
	if x.missing() || x.rule == connectors.NewestWins && (x.stamps[0] == x.stamps[1] || x.stamps[0]*x.stamps[1] == 0) {
		return ""
	}
	m := *x.sample
	m.stamps = [2]int{x.stamps[1], x.stamps[0]}
	m.rule = [...]connectors.Wins{connectors.ERPWins: connectors.CRMWins, connectors.CRMWins: connectors.ERPWins,
		connectors.NewestWins: connectors.NewestWins, connectors.AskPerson: connectors.AskPerson}[x.rule]
	m.parts, m.doubts = slices.Clone(x.parts), slices.Clone(x.doubts)
	for i := range m.parts {
		m.parts[i].erp, m.parts[i].crm = m.parts[i].crm, m.parts[i].erp
	}
	for i := range m.doubts {
		m.doubts[i].Side = m.doubts[i].Side.Other()
	}
	d := try(&m).d
	for i := range d.Conflicts {
		c := &d.Conflicts[i]
		if c.ERP, c.CRM = c.CRM, c.ERP; !c.Ask {
			c.Won = c.Won.Other()
		}
	}
	same := reflect.DeepEqual(x.d.CRM, d.ERP) && reflect.DeepEqual(x.d.ERP, d.CRM) && reflect.DeepEqual(x.d.Conflicts, d.Conflicts) &&
		reflect.DeepEqual(x.d.Link.Base, d.Link.Base) && x.d.Verdict == d.Verdict && len(x.d.Link.Doubts) == len(d.Link.Doubts)
	if !same {
		return fmt.Sprintf("there %+v", d)
	}
	return ""
}

func withheld(x *trial) string {
	told := false
	if x.missing() {
		it := x.item
		view := *it.ERP
		view.Cells = slices.Clone(view.Cells)
		for i := range view.Cells {
			if view.Cells[i].Missing != nil {
				view.Cells[i] = plan.Cell{Value: record.TextOf("there"), Digest: elsewhere, Out: view.Cells[i].Out}
			}
		}
		it.ERP = &view
		d := plan.Make(x.rules, it, noon)
		told = len(d.CRM) > 0 || len(d.ERP) > 0 && x.required
	}
	waits := x.d.Verdict == plan.Wait
	if waits != told || waits && (x.d.Why.Ref == nil || len(x.d.CRM)+len(x.d.ERP) > 0) {
		return fmt.Sprintf("waits %v, has to be told %v", waits, told)
	}
	return ""
}

func newestStays(x *trial) string {
	if x.missing() {
		return ""
	}
	for i, p := range x.parts {
		if p.acts != connectors.Shared || p.erp == p.crm || !x.known || p.base < 0 || p.out {
			continue
		}
		if p.keeps && (p.erp == nothing || p.crm == nothing) {
			if how := x.filledStays(i, p); how != "" {
				return how
			}
			continue
		}
		_, toCRM := x.d.CRM[i]
		_, toERP := x.d.ERP[i]
		eOld, cOld := p.erp == p.base || x.sent(i, p.erp), p.crm == p.base || x.sent(i, p.crm)
		conflict := slices.IndexFunc(x.d.Conflicts, func(c plan.Conflict) bool { return c.Field == i })
		switch {
		case !eOld && !cOld:
			won := x.won()
			if conflict < 0 || toCRM != (won == 0) || toERP != (won == 1) {
				return fmt.Sprintf("field %d is new on both sides", i)
			}
		case !eOld && (toERP || !toCRM) && !x.back(i, connectors.CRM), !cOld && (toCRM || !toERP) && !x.back(i, connectors.ERP):
			return fmt.Sprintf("field %d: an old value stays", i)
		case !x.open(i) && conflict >= 0:
			return fmt.Sprintf("field %d is new on one side only", i)
		case toCRM == toERP && conflict < 0:
			return fmt.Sprintf("field %d is not decided", i)
		}
	}
	return ""
}

// filledStays is for a field that one side shows empty and that is never emptied by it: what a person typed on the other side
// reaches it.
func (x *trial) filledStays(i int, p part) string {
	_, toCRM := x.d.CRM[i]
	_, toERP := x.d.ERP[i]
	filled, reaches := p.crm, toERP
	if p.crm == nothing {
		filled, reaches = p.erp, toCRM
	}
	if filled != p.base && !x.sent(i, filled) && !reaches {
		return fmt.Sprintf("field %d: what is new on one side does not reach the other", i)
	}
	if !x.open(i) && filled == p.base && (toCRM || toERP) {
		return fmt.Sprintf("field %d: what a person emptied is filled again", i)
	}
	return ""
}

// back says whether a side may show the base because somebody brought it back there: another value was sent
// from that side.
func (x *trial) back(i int, side connectors.Side) bool {
	return slices.ContainsFunc(x.doubts, func(d plan.Doubt) bool { return d.Field == uint16(i+1) && d.Seq > 0 && d.Side != side })
}

// won gives the side that a conflict's rule prefers, 2 for none.
func (s *sample) won() int {
	switch {
	case s.rule == connectors.AskPerson:
		return 2
	case s.rule == connectors.CRMWins, s.rule == connectors.NewestWins && s.stamps[0] > 0 && s.stamps[1] > s.stamps[0]:
		return 1
	}
	return 0
}

func bothValues(x *trial) string {
	for _, c := range x.d.Conflicts {
		if !c.ERP.Equal(texts[x.parts[c.Field].erp]) || !c.CRM.Equal(texts[x.parts[c.Field].crm]) {
			return fmt.Sprintf("field %d", c.Field)
		}
		_, loses := x.d.CRM[c.Field]
		if c.Won == connectors.CRM {
			_, loses = x.d.ERP[c.Field]
		}
		if loses == c.Ask {
			return fmt.Sprintf("field %d: who won is not whose value stays", c.Field)
		}
	}
	return ""
}

func emptyErasesNothing(x *trial) string {
	for side, values := range [2]map[int]record.Value{x.d.ERP, x.d.CRM} {
		for i, v := range values {
			p := x.parts[i]
			goes := [...]int{p.erp, p.crm}[side]
			had := slices.ContainsFunc(x.doubts, func(d plan.Doubt) bool { // the empty side: something was sent from there
				return d.Seq > 0 && d.Side == connectors.Side(side) || d.Digest == nothing
			})
			if p.acts == connectors.Shared && v.Empty() && (!x.known || p.base < 0) && !had {
				return fmt.Sprintf("field %d erases %d", i, goes)
			}
		}
	}
	return ""
}

func sameAgain(x *trial) string {
	it := x.item
	it.Link = x.d.Link
	again := plan.Make(x.rules, it, noon)
	if !reflect.DeepEqual(x.d.CRM, again.CRM) || !reflect.DeepEqual(x.d.ERP, again.ERP) {
		return fmt.Sprintf("then to the CRM %v, to the ERP %v", again.CRM, again.ERP)
	}
	return ""
}

func doubtsEnd(x *trial) string {
	if x.d.Verdict == plan.Wait {
		return ""
	}
	live := map[uint16]bool{}
	var due []plan.Doubt
	for _, d := range x.doubts {
		if d.Until.After(noon) {
			live[d.Field] = true
			due = append(due, d)
		}
	}
	var kept []plan.Doubt
	for _, d := range x.d.Link.Doubts {
		if !live[d.Field] {
			return "one stays too long"
		}
		if d.Until.After(noon) {
			kept = append(kept, d)
		}
	}
	if !reflect.DeepEqual(due, kept) {
		return "one ends too soon, or out of its order"
	}
	return ""
}
