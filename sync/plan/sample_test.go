package plan_test

import (
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// texts are the values of the small worlds that are tried out whole: nothing, some texts, and a reference to a
// record that is not on the other side. A value's digest is its index.
var texts = []record.Value{nothing: {}, 1: record.TextOf("a"), 2: record.TextOf("b"), 3: record.TextOf("c"), elsewhere: {}}

const (
	nothing   = 0
	someTexts = 3
	elsewhere = 4 // only in the ERP
)

// part is one field of a sample.
type part struct {
	policy connectors.Policy // as the profile says
	acts   connectors.Policy // as it must act: by the state of the record, and by what flows at all
	keeps  bool              // what is filled is kept
	out    bool              // it takes no part in the record
	base   int               // index of a text; -1 if nothing was agreed on
	erp    int
	crm    int
}

// sample is one input of the planner: a record that is live on both sides.
type sample struct {
	parts    []part
	twoWay   bool
	rule     connectors.Wins
	stamps   [2]int // when people changed it last on each side; 0 is not known
	known    bool   // something was agreed on
	doubts   []plan.Doubt
	required bool // of all that may be missing
}

var names = []string{"one", "two", "three"}

// The views of a record by its state: open where a field of the owner by state is to be shared.
var states = map[bool]map[string]string{true: {"state": "open"}, false: {"state": "closed"}}

// stateOf is the predicate of fields whose owner depends on the record's state.
var stateOf = connectors.When{Field: "state", Values: []string{"open"}, Then: connectors.Shared, Else: connectors.OwnERP}

// build gives the planner's input.
func (s *sample) build() (*plan.Rules, plan.Item) {
	r := &plan.Rules{Entity: record.Account, TwoWay: s.twoWay, Active: -1}
	view := func() *plan.View { return &plan.View{Cells: make([]plan.Cell, 0, len(s.parts)), State: s.state()} }
	base, it := view(), plan.Item{ERP: view(), CRM: view()}
	for i, p := range s.parts {
		f := plan.Field{Name: names[i], Code: uint16(i + 1), Policy: p.policy, Conflict: s.rule, Required: s.required && p.erp == elsewhere,
			KeepFilled: p.keeps, Sometimes: p.out}
		if p.policy == connectors.OwnByState {
			f.When = &stateOf
		}
		r.Fields = append(r.Fields, f)
		it.ERP.Cells = append(it.ERP.Cells, cellOf(p.erp))
		it.ERP.Cells[i].Out = p.out
		it.CRM.Cells = append(it.CRM.Cells, cellOf(p.crm))
		base.Cells = append(base.Cells, cellOf(max(nothing, p.base)))
	}
	for side, v := range []*plan.View{it.ERP, it.CRM} {
		if s.stamps[side] > 0 {
			v.Changed = noon.Add(time.Duration(s.stamps[side]) * time.Second)
		}
	}
	it.Link = plan.Link{ID: 1, Entity: record.Account, ERP: "1", CRM: "2", State: plan.Linked, Doubts: slices.Clone(s.doubts)}
	if s.known {
		it.Link.Base = r.Agreed(&plan.Item{ERP: base})
		for i, p := range s.parts {
			if p.base < 0 {
				delete(it.Link.Base.Each, uint16(i+1))
			}
		}
	}
	return r, it
}

func cellOf(text int) plan.Cell {
	c := plan.Cell{Value: texts[text], Digest: uint64(text)}
	if text == elsewhere {
		c.Missing = &plan.Ref{Entity: record.User, ERP: "7"}
	}
	return c
}

// missing says whether a reference is not on the other side.
func (s *sample) missing() bool {
	return slices.ContainsFunc(s.parts, func(p part) bool { return p.erp == elsewhere })
}

func (s *sample) state() map[string]string {
	return states[!slices.ContainsFunc(s.parts, func(p part) bool {
		return p.policy == connectors.OwnByState && p.acts == connectors.OwnERP
	})]
}

// trial is a sample and what was decided on it.
type trial struct {
	*sample
	rules *plan.Rules
	item  plan.Item
	d     plan.Decision
}

func try(s *sample) *trial {
	x := &trial{sample: s}
	x.rules, x.item = s.build()
	x.d = plan.Make(x.rules, x.item, noon)
	return x
}
