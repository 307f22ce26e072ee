package sagecrmtest

import (
	"fmt"
	"strconv"
	"strings"
)

// childNames are the elements in which children are sent.
var childNames = map[string]Entity{"address": Address, "addresses": Address, "person": Person, "persons": Person, "people": Person, "phone": Phone,
	"phones": Phone, "email": Email, "emails": Email}

// counted bounds the records of one call.
func (s *Server) counted(records []*element) *Refusal {
	switch n := len(records); {
	case n == 0:
		return refuse(invalid, "Bad request: records are missing")
	case n > s.opts.MaxRecords:
		return refuse(invalid, fmt.Sprintf("Too many records: at most %d in one request", s.opts.MaxRecords))
	}
	return nil
}

// inTurn checks and does what is asked of each record: all or nothing, or one by one where the site does. It tells how many were
// skipped, as they are unknown to a site that does not count them.
func inTurn[T any](s *Server, all []T, check func(T) *Refusal, do func(T)) (skipped int, wrong *Refusal) {
	var checked []T
	for _, one := range all {
		wrong := check(one)
		switch {
		case wrong != nil && wrong.kind == absent && s.on(SoapUnknownID, "uncounted"):
			skipped++
		case wrong != nil:
			return skipped, wrong
		case s.on(SoapWriteBatch, "partial"):
			do(one)
		default:
			checked = append(checked, one)
		}
	}
	for _, one := range checked {
		do(one)
	}
	return skipped, nil
}

// storeRecords adds or updates.
func (s *Server) storeRecords(w *writer, t *table, e *envelope, who author) *Refusal {
	if wrong := s.counted(e.records); wrong != nil {
		return wrong
	}
	var made []int64
	sent := map[*element]*change{}
	skipped, wrong := inTurn(s, e.records, func(el *element) *Refusal {
		c, wrong := s.sent(t, el)
		if wrong == nil && (c.id == 0) != (e.op == "add") {
			wrong = refuse(invalid, "Validation error: "+t.key.Name+map[string]string{"add": " must not be sent", "update": " is required"}[e.op])
		}
		if wrong == nil {
			wrong = s.check(c)
		}
		sent[el] = c
		return wrong
	}, func(el *element) { made = append(made, s.apply(sent[el], who).ID) })
	if wrong != nil {
		return wrong
	}
	if e.op == "add" {
		s.added(w, t, made)
		return nil
	}
	w.text("updatesuccess", strconv.FormatBool(skipped == 0))
	w.text("numberupdated", strconv.Itoa(len(made)))
	return nil
}

// added tells the new ids.
func (s *Server) added(w *writer, t *table, ids []int64) {
	for _, id := range ids {
		name := "crmid"
		if s.on(SoapAdded, "key") {
			name = t.key.tag()
		}
		w.open("records", typed(name))
		w.text(name, strconv.FormatInt(id, 10))
		w.end("records")
	}
}

// sent reads a record with its children. Its elements have the short names.
func (s *Server) sent(t *table, el *element) (*change, *Refusal) {
	c := &change{t: t, set: map[string]string{}}
	seen := map[string]string{}
	for _, one := range el.children {
		if child, ok := childNames[one.name]; ok && t.byTag[one.name] == nil {
			if wrong := s.sentKids(c, child, one); wrong != nil {
				return nil, wrong
			}
			continue
		}
		f := t.byTag[one.name]
		if f == nil {
			return nil, refuse(invalid, "Validation error: "+string(t.entity)+": no such field")
		}
		v, again := seen[f.Name]
		if again && f.Kind != MultiSelect || len(one.children) > 0 && f.Kind != MultiSelect {
			return nil, refuse(invalid, "Validation error: "+f.Name+": one value is wanted")
		}
		seen[f.Name] = v + "," + one.text
		for _, code := range one.children {
			seen[f.Name] += "," + code.text
		}
	}
	return c, s.takeAll(c, seen)
}

// takeAll brings values into the stored form. What the product stamps itself is overlooked.
func (s *Server) takeAll(c *change, seen map[string]string) (wrong *Refusal) {
	for _, name := range sortedNames(seen) {
		f := c.t.byName[lower(name)]
		v := strings.TrimPrefix(seen[name], ",")
		if f == c.t.key {
			if id, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil {
				c.id = id
			} else if v != "" {
				return refuse(invalid, "Validation error: "+f.Name+": not a whole number")
			}
		}
		if f.system {
			continue
		}
		if c.set[lower(name)], wrong = s.take(f, v); wrong != nil {
			return wrong
		}
	}
	return nil
}

// sentKids reads the children of one kind: with an entityname and records, or the fields themselves.
func (s *Server) sentKids(c *change, child Entity, el *element) *Refusal {
	records := []*element{el}
	if len(el.children) > 0 && (el.children[0].name == "records" || el.children[0].name == "entityname") {
		records = nil
		for _, one := range el.children {
			if one.name == "records" {
				records = append(records, one)
			}
		}
	}
	for _, one := range records {
		kid, wrong := s.sent(s.tables[child], one)
		if wrong != nil {
			return wrong
		}
		c.kids = append(c.kids, kid)
	}
	return nil
}

// deleteRecords deletes softly. A record has its id alone.
func (s *Server) deleteRecords(w *writer, t *table, records []*element, who author) *Refusal {
	if wrong := s.counted(records); wrong != nil {
		return wrong
	}
	rows := map[*element]*row{}
	number := 0
	skipped, wrong := inTurn(s, records, func(el *element) *Refusal {
		if len(el.children) != 1 || el.children[0].name != lower(t.key.tag()) && el.children[0].name != "crmid" {
			return refuse(invalid, "Bad request: a record to delete has its id alone")
		}
		id, err := strconv.ParseInt(strings.TrimSpace(el.children[0].text), 10, 64)
		if rows[el] = s.state.live(t.entity, id); err != nil || rows[el] == nil {
			return notFound(t.entity)
		}
		return nil
	}, func(el *element) {
		if !rows[el].Deleted { // twice in one call
			s.mark(t.entity, rows[el], true, who)
		}
		number++
	})
	if wrong != nil {
		return wrong
	}
	w.text("deletesuccess", strconv.FormatBool(skipped == 0))
	w.text("numberdeleted", strconv.Itoa(number))
	return nil
}
