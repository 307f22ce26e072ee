package sim

import (
	"math/rand/v2"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/sim/product"
)

// The seeds whose worlds hand records over, those between the ones with ticked runs and the mailboxes.
const (
	firstHanded = 3 << 28
	mostHanded  = 1 << 28
)

// handed says whether the world of a seed is one in which a record of the CRM is born in the ERP once somebody asks for it.
func handed(seed uint64) bool { return seed/mostHanded == firstHanded/mostHanded }

// The stages of a record of the CRM.
const (
	stageField = "Stage"
	draft      = "draft"
	asked      = "ask"
)

// drawHanded draws a world in which customers of the CRM are drafts until they are asked for, and take it back: they are born in the
// ERP then, which alone says what they cost and shows it once they are clients.
func drawHanded(seed uint64, crashes bool) Spec {
	r := rand.New(rand.NewPCG(seed, 0xa5f))
	k := kindOf(seed)
	s := drawShape(r, k)
	s.HandsOver, s.TwoWay, s.Set.TwoWay = true, true, true
	if s.ERP == ReadOnly {
		s.ERP = Resolving
	}
	o := *k.odds()
	o[NewAccount] += 10
	o[AskFor] = 25
	return Spec{Seed: seed, Shape: s, Script: drawSteps(r, k, &o, crashes)}
}

// handOver gives the profile of a world what handing over needs.
func handOver(rule *connectors.EntityRule, fields []field) []field {
	if rule.Entity != record.Account {
		return fields
	}
	rule.BornWhen = &connectors.Match{Field: stageField, Values: []string{asked}}
	fields = slices.Clone(fields)
	for i := range fields {
		if fields[i].CRM == "Price" {
			fields[i].Only = []connectors.Condition{{Field: "status", Op: connectors.Equals, Values: []string{client}}}
		}
	}
	return append(fields, field{connectors.FieldRule{ERP: "stage", CRM: stageField, Policy: connectors.OwnCRM}, stage})
}

// turn has a person of the CRM ask for a customer, or take that back.
func (w *world) turn(s *Step) {
	t := w.some(record.Account, connectors.CRM, s.A)
	if t == nil || !w.mayEdit(connectors.CRM, w.row(t, connectors.CRM)) {
		return
	}
	for i := range w.book.fields[t.entity] {
		if w.book.fields[t.entity][i].CRM == stageField {
			w.change(t, i, connectors.CRM, w.fresh(stage, s.B))
		}
	}
}

// unripe says whether a record of the CRM is one that the ERP is not to get as it stands.
func (w *world) unripe(x *thing, crm *product.Row) bool {
	return w.shape.HandsOver && x.entity == record.Account && crm != nil && crm.Fields[stageField].Text != asked
}

// judgeAsked judges that nobody was born in the ERP for whom nobody asked.
func (w *world) judgeAsked(x *thing, l *plan.Link) {
	if !w.shape.HandsOver || x.entity != record.Account || l.Born != connectors.CRM || x.births[connectors.ERP] == 0 {
		return
	}
	for i, c := range x.cells {
		if w.book.fields[x.entity][i].CRM == stageField && !slices.ContainsFunc(c.writes, func(y *write) bool { return y.value.Text == asked }) {
			w.fail("W1", "account %d was born in the ERP, and nobody has asked for it", x.id)
		}
	}
}

// counts says whether a field takes part in a record of the ERP.
func counts(f *field, erp *product.Row) bool {
	return erp == nil || !slices.ContainsFunc(f.Only, func(c connectors.Condition) bool { return !c.Met(erp.Fields[c.Field]) })
}
