// Package mapping turns the records of both sides into one common form, and values of that form back into
// either side's fields. Every field goes through a lens: get, put, and a canonical form in which equal means equal.
package mapping

import (
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// Links answers where records are on the other side.
type Links interface {
	// Find gives the link of a record by its key on a side.
	Find(side connectors.Side, e record.Entity, key record.Key) (plan.Link, bool)
	// Get gives a link by its identity.
	Get(id plan.LinkID) (plan.Link, bool)
}

// Mapper maps the entities of one profile.
type Mapper struct {
	profile  *connectors.Profile
	seed     uint64
	entities map[record.Entity]*entity
}

type entity struct {
	rule   *connectors.EntityRule
	rules  plan.Rules
	lens   []lens
	absent []bool // fields that a side does not have now
}

// New compiles a profile for two connected sides. seed makes the digests this box's own. Errors wrap
// connectors.ErrProfile and name the field.
func New(p *connectors.Profile, erp, crm connectors.Source, twoWay bool, seed uint64) (*Mapper, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	m := &Mapper{profile: p, seed: seed, entities: map[record.Entity]*entity{}}
	for i := range p.Entities {
		rule := &p.Entities[i]
		e, err := compile(rule, erp.Fields(rule.Entity), crm.Fields(rule.Entity), twoWay)
		if err != nil {
			return nil, fmt.Errorf("%w %s: entity %s: %w", connectors.ErrProfile, p.Pair, rule.Entity, err)
		}
		m.entities[rule.Entity] = e
	}
	return m, nil
}

func compile(rule *connectors.EntityRule, erp, crm map[string]connectors.Field, twoWay bool) (*entity, error) {
	e := &entity{rule: rule, rules: plan.Rules{Entity: rule.Entity, TwoWay: twoWay, Active: -1}, absent: make([]bool, len(rule.Fields))}
	if d := rule.Deletions; d != nil {
		e.rules.DeletesCRM, e.rules.DeletesERP = d.ToCRM, d.ToERP && twoWay
	}
	if born := rule.BornWhen; born != nil {
		if _, ok := crm[born.Field]; !ok {
			return nil, fmt.Errorf("birth depends on %s, which is not known to its side", born.Field)
		}
	}
	codes := map[uint16]string{plan.OwnedFields: "all owned fields", plan.WholeRecord: "the whole record"}
	for i, f := range rule.Fields {
		ef, ok := erp[f.ERP]
		cf, ok2 := crm[f.CRM]
		if !ok || !ok2 {
			return nil, unknownField(&f)
		}
		code := codeOf(f.CRM)
		if other, taken := codes[code]; taken {
			return nil, fmt.Errorf("fields %s and %s have the same code", f.CRM, other)
		}
		codes[code] = f.CRM
		for _, c := range f.Only {
			of, ok := erp[c.Field]
			if !ok {
				return nil, fmt.Errorf("field %s: condition on %s, which is not known to its side", f.CRM, c.Field)
			}
			if err := c.Validate(of.Kind); err != nil {
				return nil, fmt.Errorf("field %s: %w", f.CRM, err)
			}
		}
		l, err := newLens(f, ef, cf)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.CRM, err)
		}
		e.lens = append(e.lens, l)
		e.rules.Fields = append(e.rules.Fields, plan.Field{Name: f.CRM, Code: code, Policy: f.Policy, When: f.When, Conflict: f.Conflict, Required: f.Required,
			Sometimes: len(f.Only) > 0, KeepFilled: f.KeepFilled})
		if f.CRM == rule.Active {
			e.rules.Active = i
		}
		if slices.Contains(rule.Identity, f.ERP) {
			e.rules.Identity = append(e.rules.Identity, i)
		}
	}
	return e, nil
}

// Describe takes over what the fields of both sides can hold now: a side may know it only once it was
// looked at. An entity that a side does not know now keeps what was known of it.
func (m *Mapper) Describe(erp, crm connectors.Source) error {
	for name, known := range m.entities {
		ef, cf := erp.Fields(name), crm.Fields(name)
		if ef == nil || cf == nil {
			continue
		}
		if err := known.describe(ef, cf); err != nil {
			return fmt.Errorf("%w %s: entity %s: %w", connectors.ErrProfile, m.profile.Pair, name, err)
		}
	}
	return nil
}

// describe makes those lenses anew that depend on what a field can hold: this is done in every cycle. It changes
// all of them or none.
func (e *entity) describe(erp, crm map[string]connectors.Field) error {
	now, absent := make([]lens, len(e.lens)), make([]bool, len(e.lens))
	for i, l := range e.lens {
		rule := &e.rule.Fields[i]
		ef, ok := erp[rule.ERP]
		cf, ok2 := crm[rule.CRM]
		if !ok || !ok2 {
			return unknownField(rule)
		}
		if d, depends := l.(described); depends {
			var err error
			if l, err = d.describe(rule, ef, cf); err != nil {
				return fmt.Errorf("field %s: %w", rule.CRM, err)
			}
		}
		now[i], absent[i] = l, ef.Absent || cf.Absent
	}
	e.lens, e.absent = now, absent
	for i := range e.rules.Fields {
		e.rules.Fields[i].Sometimes = absent[i] || len(e.rule.Fields[i].Only) > 0
	}
	return nil
}

// Absent names the fields of an entity, as the CRM calls them, that take no part in any record now since a side does not have
// them.
func (m *Mapper) Absent(e record.Entity) (names []string) {
	for i, is := range m.entities[e].absent {
		if is {
			names = append(names, m.entities[e].rule.Fields[i].CRM)
		}
	}
	return names
}

func unknownField(f *connectors.FieldRule) error {
	return fmt.Errorf("field %s -> %s is not known to its side", f.ERP, f.CRM)
}

// codeOf gives the short code under which a field is remembered.
func codeOf(name string) uint16 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	sum := h.Sum32()
	return uint16(sum ^ sum>>16)
}

// Rules gives the planner's rules of an entity, nil if the profile has none.
func (m *Mapper) Rules(e record.Entity) *plan.Rules {
	if ent := m.entities[e]; ent != nil {
		return &ent.rules
	}
	return nil
}

// View gives a record in the common form.
func (m *Mapper) View(side connectors.Side, r *record.Record, links Links) *plan.View {
	ent := m.entities[r.Entity]
	v := &plan.View{Incarnation: r.Incarnation, Changed: r.Changed, Gone: r.Gone, Held: r.Held, HeldArgs: r.HeldArgs,
		Cells: make([]plan.Cell, len(ent.lens))}
	look := lookup{side: side, links: links}
	scratch := newScratch()
	for i, l := range ent.lens {
		rule := &ent.rule.Fields[i]
		look.missing, look.rule = nil, rule
		value := r.Fields[rule.ERP]
		if side == connectors.CRM {
			value = r.Fields[rule.CRM]
		}
		common := l.get(side, value, &look)
		v.Cells[i] = plan.Cell{Value: common, Missing: look.missing, Digest: m.digest(l.canon(common), look.missing, scratch)}
	}
	if side == connectors.ERP && !r.Gone {
		conditions(ent, r, v)
	}
	if side == connectors.ERP {
		m.predicates(ent, r, v)
	} else {
		v.SkipNew = !ent.rule.Ripe(r)
	}
	return v
}

// predicates notes what the profile's predicates look at.
func (m *Mapper) predicates(ent *entity, r *record.Record, v *plan.View) {
	if skip := ent.rule.SkipNew; skip != nil {
		v.SkipNew = slices.Contains(skip.Values, r.Fields[skip.Field].Text)
	}
	for _, f := range ent.rule.Fields {
		if f.When != nil {
			if v.State == nil {
				v.State = map[string]string{}
			}
			v.State[f.When.Field] = r.Fields[f.When.Field].Text
		}
	}
}

// conditions notes which fields take no part in the record.
func conditions(ent *entity, r *record.Record, v *plan.View) {
	for i, f := range ent.rule.Fields {
		v.Cells[i].Out = ent.absent[i] || slices.ContainsFunc(f.Only, func(c connectors.Condition) bool { return !c.Met(r.Fields[c.Field]) })
	}
}

// newScratch gives room for the bytes of most values.
func newScratch() []byte { return make([]byte, 0, 256) }

func (m *Mapper) digest(v record.Value, missing *plan.Ref, scratch []byte) uint64 {
	b := v.AppendCanonical(scratch)
	if missing != nil {
		b = append(append(b, missing.Entity...), missing.ERP...)
	}
	return xxh3.HashSeed(b, m.seed)
}

// Digest gives the digest of a common value of field i, as View would.
func (m *Mapper) Digest(e record.Entity, i int, v record.Value) uint64 {
	return m.digest(m.entities[e].lens[i].canon(v), nil, newScratch())
}

// Side turns common values into the fields of a side. Values that the side can't hold are left out and
// named in refused with the reason as health code; nothing is ever cut.
func (m *Mapper) Side(side connectors.Side, e record.Entity, values map[int]record.Value, links Links) (fields record.Fields, refused map[int]string) {
	ent := m.entities[e]
	fields = record.Fields{}
	for i, v := range values {
		name := ent.rule.Fields[i].CRM
		if side == connectors.ERP {
			name = ent.rule.Fields[i].ERP
		}
		look := lookup{side: side, links: links, rule: &ent.rule.Fields[i]}
		out, code := ent.lens[i].put(side, v, &look)
		if code != "" {
			if refused == nil {
				refused = map[int]string{}
			}
			refused[i] = code
			continue
		}
		fields[name] = out
	}
	return fields, refused
}

// FieldName gives the name of field i on a side.
func (m *Mapper) FieldName(side connectors.Side, e record.Entity, i int) string {
	f := m.entities[e].rule.Fields[i]
	if side == connectors.ERP {
		return f.ERP
	}
	return f.CRM
}
