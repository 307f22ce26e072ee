package sagecrmtest

import (
	"slices"
	"strconv"
)

// change is what a caller wants of one record, with the children that are sent along.
type change struct {
	t    *table
	id   int64             // 0: a new one
	set  map[string]string // by byName of the table, in the form in which values are stored
	kids []*change
}

// check holds a change against the rules of its entity, before anything is stored. The caller has the lock.
func (s *Server) check(c *change) *Refusal {
	var old *row
	if c.id != 0 {
		if old = s.state.live(c.t.entity, c.id); old == nil {
			return notFound(c.t.entity)
		}
	}
	for i := range c.t.fields {
		f := &c.t.fields[i]
		v, sent := c.set[lower(f.Name)]
		if f.Required && v == "" && (sent || old == nil) {
			return refuse(invalid, "Validation error: "+f.Name+" is required")
		}
		if f.To == "" || v == "" || old != nil && old.Values[f.Name] == v {
			continue
		}
		if id, err := strconv.ParseInt(v, 10, 64); err != nil || s.state.live(f.To, id) == nil {
			return refuse(invalid, "Validation error: "+f.Name+": no such "+string(f.To))
		}
	}
	for _, kid := range c.kids {
		if wrong := s.checkKid(c, kid); wrong != nil {
			return wrong
		}
	}
	return nil
}

// checkKid holds a child that is sent along against the rules: one that exists is its parent's already.
func (s *Server) checkKid(c, kid *change) *Refusal {
	owner := kid.t.owner(c.t.entity)
	if owner == nil || !slices.Contains(children(c.t.entity), kid.t.entity) {
		return refuse(invalid, "Validation error: "+string(kid.t.entity)+" cannot be sent with a "+string(c.t.entity))
	}
	delete(kid.set, lower(owner.Name))
	if wrong := s.check(kid); wrong != nil || kid.id == 0 {
		return wrong
	}
	if s.state.live(kid.t.entity, kid.id).Values[owner.Name] != strconv.FormatInt(c.id, 10) {
		return refuse(invalid, "Validation error: "+owner.Name+": the "+string(kid.t.entity)+" is another record's")
	}
	return nil
}

// apply stores a change that was checked.
func (s *Server) apply(c *change, who author) *row {
	r := s.state.live(c.t.entity, c.id)
	r = s.write(c.t.entity, r, c.set, who)
	for _, kid := range c.kids {
		kid.set[lower(kid.t.owner(c.t.entity).Name)] = strconv.FormatInt(r.ID, 10)
		s.apply(kid, who)
	}
	s.adopt(c.t, r, who)
	return r
}

// adopt makes the first address or person of a company its primary one.
func (s *Server) adopt(t *table, r *row, who author) {
	name := map[Entity]string{Address: "comp_primaryaddressid", Person: "comp_primarypersonid"}[t.entity]
	if name == "" {
		return
	}
	id, _ := strconv.ParseInt(r.Values[t.owner(Company).Name], 10, 64) // 0 where it is nobody's
	company := s.state.live(Company, id)
	if company == nil || company.Values[name] != "" {
		return
	}
	own := strconv.FormatInt(r.ID, 10)
	s.state.set(Company, company, s.tables[Company].byName[name], own)
	if !who.quiet {
		c := Change{Seq: s.history.seq, At: company.Updated, Author: who.login, Entity: Company, ID: id, Action: OpUpdate, Field: name, After: own}
		if who.call != nil {
			c.Call = who.call.Seq
		}
		s.history.add(c)
	}
}
