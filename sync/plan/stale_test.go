package plan_test

import (
	"fmt"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// The fields of a record that is all the ERP's, by index.
const (
	cardTerm = iota
	cardActive
)

// byHand is a term that somebody typed in the CRM; the ERP's are below.
const (
	byHand    = 9
	someTerms = 2
)

// card is what a side shows of the record. In the ERP it is active while it is there.
type card struct {
	term   uint8
	active bool
}

// write is one that has no certain outcome: remembered until it can't arrive any more, or under way, or both.
type write struct {
	until        uint8 // arrived means that it is not remembered
	flies        bool
	term, active bool // what it carries
	what         card
}

const mostWrites = 2

// oneWay is one record that flows to the CRM only, which goes from the ERP and comes back.
type oneWay struct {
	erp, crm card
	changes  uint8 // in the ERP
	moves    uint8 // it went or came
	hands    uint8 // somebody typed in the CRM
	owned    uint64
	inactive bool
	gone     uint8
	writes   [mostWrites]write // the oldest first
}

// fresh is a walk through all that can happen to such a record. Wherever it stops and everything comes to rest,
// the CRM shows what the ERP does, or what somebody typed there.
type fresh struct {
	walk[oneWay]
	rules *plan.Rules
	blind bool // the CRM is not read
}

func newFresh(p connectors.Policy, blind bool) (*fresh, oneWay) {
	x := &fresh{blind: blind, rules: &plan.Rules{Entity: record.Account, Active: cardActive, Fields: []plan.Field{
		cardTerm: {Name: "Term", Code: 1, Policy: p}, cardActive: {Name: "Active", Code: 2, Policy: p}}}}
	w := oneWay{erp: card{0, true}, crm: card{0, true}}
	w.owned = x.rules.Agreed(&plan.Item{ERP: w.erp.view()}).Owned
	return x, w
}

func (c card) view() *plan.View { return view(fmt.Sprint("term ", c.term), fmt.Sprint(c.active)) }

func (c *card) take(w write) {
	if w.term {
		c.term = w.what.term
	}
	if w.active {
		c.active = w.what.active
	}
}

func (x *fresh) item(w *oneWay) plan.Item {
	l := plan.Link{ID: 1, ERP: "1", CRM: "2", State: plan.Linked, Gone: int(w.gone), Base: plan.Base{Known: true, Owned: w.owned, Each: map[uint16]uint64{}}}
	if w.inactive {
		l.State = plan.Inactive
	}
	for n, wr := range w.writes {
		if wr.until != arrived {
			l.Doubts = append(l.Doubts, plan.Doubt{Field: plan.OwnedFields, Side: connectors.CRM, Seq: uint64(n + 1), Until: noon.Add(time.Duration(past-wr.until) * time.Minute)})
		}
	}
	it := plan.Item{Link: l, ERP: &plan.View{Gone: true}}
	if w.erp.active {
		it.ERP = w.erp.view()
	}
	if !x.blind {
		it.CRM = w.crm.view()
	}
	return it
}

// plan plans and keeps what needs no write.
func (x *fresh) plan(w *oneWay) (oneWay, plan.Decision, string) {
	d := plan.Make(x.rules, x.item(w), noon)
	next := *w
	next.owned, next.gone, next.inactive = d.Link.Base.Owned, min(2, uint8(d.Link.Gone)), d.Link.State == plan.Inactive
	var kept [mostWrites]bool
	for _, p := range d.Link.Doubts {
		kept[p.Seq-1] = true
	}
	for n := range next.writes {
		if !kept[n] {
			next.writes[n].until = arrived
		}
	}
	if len(d.ERP) > 0 {
		return next, d, "P5: the ERP is to be written to"
	}
	return next.tidy(), d, ""
}

// tidy forgets writes that are neither remembered nor under way.
func (w oneWay) tidy() oneWay {
	n := 0
	for _, wr := range w.writes {
		if wr.flies || wr.until != arrived {
			w.writes[n] = wr
			n++
		}
	}
	for ; n < mostWrites; n++ {
		w.writes[n] = write{}
	}
	return w
}

func (x *fresh) send(w oneWay, d plan.Decision, outcome int) (oneWay, bool) {
	wr := write{until: pending, flies: outcome == isLate, what: card{w.erp.term, d.CRM[cardActive].Text == "true"}}
	_, wr.term = d.CRM[cardTerm]
	_, wr.active = d.CRM[cardActive]
	if outcome == isApplied || outcome == inDoubtApplied {
		w.crm.take(wr)
	}
	switch {
	case outcome == isNot:
		return w, true
	case outcome == isApplied && d.Verdict == plan.Deactivate: // as the engine keeps it
		w.owned, w.inactive = 0, true
		return w, true
	case outcome == isApplied:
		w.owned, w.inactive = d.After.Owned, false
		return w, true
	}
	for n := range w.writes {
		if w.writes[n] == (write{}) {
			w.writes[n] = wr
			return w, true
		}
	}
	return w, false
}

// visit takes every step that can come next.
func (x *fresh) visit(n int, w oneWay) string {
	if wrong := x.rest(w); wrong != "" {
		return "at rest, " + wrong
	}
	next, d, wrong := x.plan(&w)
	if len(d.CRM) == 0 {
		x.reach(n, "plan: nothing", next)
	}
	for o, how := range outcomes {
		if len(d.CRM) > 0 {
			if after, ok := x.send(next, d, o); ok {
				x.reach(n, how, after)
			}
		}
	}
	for i, wr := range w.writes {
		after := w
		switch {
		case wr.flies:
			after.crm.take(wr)
			after.writes[i].flies = false
			x.reach(n, "a late write arrives", after.tidy())
		case wr.until == pending:
			after.writes[i].until = past
			x.reach(n, "a doubt ends", after)
		}
	}
	x.people(n, w)
	return wrong
}

func (x *fresh) people(n int, w oneWay) {
	for term := range uint8(someTerms) {
		if after := w; w.changes < 3 && w.erp.active && term != w.erp.term {
			after.erp.term = term
			after.changes++
			x.reach(n, "changed in the ERP", after)
		}
	}
	if after := w; w.moves < 3 {
		after.erp.active = !after.erp.active
		after.moves++
		x.reach(n, "goes or comes in the ERP", after)
	}
	if after := w; w.hands < 1 && !x.blind {
		after.crm.term = byHand
		after.hands++
		x.reach(n, "typed in the CRM", after)
	}
}

// rest lets everything come to rest where nothing is under way, with all that is planned applied.
func (x *fresh) rest(w oneWay) string {
	for _, wr := range w.writes {
		if wr.flies {
			return ""
		}
	}
	for range 10 {
		next, d, wrong := x.plan(&w)
		switch {
		case wrong != "":
			return wrong
		case len(d.CRM) > 0:
			next, _ = x.send(next, d, isApplied)
		case d.Verdict == plan.Nothing:
			return next.judge()
		}
		for n := range next.writes {
			if next.writes[n].until == pending {
				next.writes[n].until = past
			}
		}
		w = next
	}
	return "P3: still something to do after ten rounds"
}

func (w *oneWay) judge() string {
	switch {
	case w.crm.active != w.erp.active:
		return fmt.Sprintf("W3: in the ERP active is %v, in the CRM %v", w.erp.active, w.crm.active)
	case w.erp.active && w.crm.term != w.erp.term && w.crm.term != byHand:
		return "W3: the CRM shows an old value"
	}
	return ""
}

// TestNothingGoesStale walks through every state that up to three changes of the ERP's own field (back and
// forth), three times of going and coming back, an edit in the CRM and up to two writes in doubt at a time can
// lead to: every order of these, planning, the five outcomes of a write, late arrivals and ends of doubts.
//
// Requirement: ACO-64, EXT-4
func TestNothingGoesStale(t *testing.T) {
	for _, p := range []connectors.Policy{connectors.OwnERPOnChange, connectors.OwnERP} {
		for _, blind := range []bool{false, true} {
			t.Run(fmt.Sprintf("policy %d, blind %v", p, blind), func(t *testing.T) {
				x, start := newFresh(p, blind)
				x.all(t, start, x.visit)
				atLeast(t, len(x.states), map[bool]int{true: 13_000, false: 70_000}[blind])
			})
		}
	}
}
