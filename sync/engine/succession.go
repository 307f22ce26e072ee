package engine

import (
	"context"
	"maps"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// succession keeps, for children of the CRM that have no link, which one of a parent was told of last. The CRM tells of a
// parent's first child only, each time that another one becomes it: the one whose turn comes first although another one
// is noted took over from that one, unless a later look told of that one again. Without this, two that waited for their
// parent would come in the order of their keys.
type succession struct {
	c      *cycle
	rule   *connectors.EntityRule
	notes  map[string][]byte
	older  map[record.Key]record.Key // who is not the first one any more, with the parent
	rivals map[record.Key]record.Key // of those: who was told of later, if it still belongs to the same parent
	back   []store.Dirty             // who may be the first one again, as the one that took over is gone
}

// firstNote names the note of the child without a link that a parent had when one was seen last.
func firstNote(rule *connectors.EntityRule, parent record.Key) string {
	return "orphan/" + string(rule.Entity) + "/" + string(parent)
}

// formerNote names the note of who was the first child of a parent before one that has no link yet.
func formerNote(rule *connectors.EntityRule, key record.Key) string {
	return "former/" + string(rule.Entity) + "/" + string(key)
}

// mark is the mark of a child.
func (s *succession) mark(key record.Key) store.Dirty {
	return store.Dirty{Entity: s.rule.Entity, Side: connectors.CRM, Key: key}
}

func (c *cycle) succession(rule *connectors.EntityRule) *succession {
	return &succession{c: c, rule: rule, notes: map[string][]byte{}, older: map[record.Key]record.Key{}, rivals: map[record.Key]record.Key{}}
}

// mostByLook bounds how many records have their turn in the order of looks. More of them wait in a first sync, in which none
// has taken over from another one.
const mostByLook = 10000

// turns gives, batch by batch, the dirty records of one side, in the order of their keys and with what is marked on the way.
// Of children of the CRM of which several looks told the last look's come first: one that is not its parent's first any more
// is known by then, and nothing is written to it.
func (c *cycle) turns(rule *connectors.EntityRule, side connectors.Side) (next func() []record.Key) {
	var told []record.Key
	if rule.Parent != "" && side == connectors.CRM {
		told = c.Cache.DirtyByLook(rule.Entity, side, mostByLook)
	}
	if told == nil {
		after := record.Key("")
		return func() []record.Key {
			keys := c.Cache.DirtyAfter(rule.Entity, side, after, c.batch())
			if len(keys) > 0 {
				after = keys[len(keys)-1]
			}
			return keys
		}
	}
	return func() (keys []record.Key) {
		for len(told) > 0 && len(keys) < c.batch() {
			if c.Cache.IsDirty(store.Dirty{Entity: rule.Entity, Side: side, Key: told[0]}) {
				keys = append(keys, told[0])
			}
			told = told[1:]
		}
		return keys
	}
}

// turn notes that it is a child's turn, and says whether another one took over from it since it was told of.
func (s *succession) turn(t *store.Txn, w *work) (over bool) {
	if s.rule.Parent == "" {
		return false
	}
	former := formerNote(s.rule, w.dirty.Key)
	if w.crm == nil {
		if was := s.c.Cache.Note(connectors.CRM, former); was != nil {
			s.back = append(s.back, s.mark(record.Key(was)))
			s.notes[former] = nil
		}
		return false
	}
	s.c.hears(w.dirty)
	if s.over(w) || w.loose && !s.c.Cache.IsDirty(w.dirty) { // in another round of the same cycle
		return true
	}
	parent, key := w.crm.Fields[s.rule.Parent].Key(), w.crm.Key
	name := firstNote(s.rule, parent)
	noted, here := s.notes[name]
	if !here {
		noted = s.c.Cache.Note(connectors.CRM, name)
	}
	switch was := record.Key(noted); {
	case !w.loose && was == key: // it has a link by now
		s.notes[name], s.notes[former] = nil, nil
	case w.loose && parent != "" && was != key:
		s.follow(t, parent, key, was)
	}
	return false
}

// follow notes that a child is the first one of a parent, after the one that was, or that a rival still is.
func (s *succession) follow(t *store.Txn, parent, key, was record.Key) {
	if rival := s.rival(t, parent, key, was); rival != "" {
		s.older[key], s.rivals[key] = parent, rival
		s.notes[formerNote(s.rule, rival)] = []byte(key)
		return
	}
	s.notes[firstNote(s.rule, parent)] = []byte(key)
	if was != "" {
		s.older[was], s.notes[formerNote(s.rule, key)] = parent, []byte(was)
	}
}

// rival gives the child that is the first one of a parent as far as is known, if a later look told of it than of another one.
func (s *succession) rival(t *store.Txn, parent, key, noted record.Key) record.Key {
	if noted == "" {
		up, _ := t.Find(connectors.CRM, s.rule.ParentEntity, parent)
		l, _ := t.Find(connectors.ERP, s.rule.Entity, up.ERP)
		noted = l.CRM
	}
	if noted == "" || noted == key || !s.c.toldLater(s.rule.Entity, noted, key) {
		return ""
	}
	return noted
}

// mostTold bounds how many records are kept whose marks may have ended.
const mostTold = 1000

// hears keeps, over the end of its mark, which look told of a record.
func (c *cycle) hears(d store.Dirty) {
	if len(c.told) >= mostTold {
		clear(c.told)
	}
	if n := c.Cache.Told(d); n > 0 {
		c.told[d] = n
	}
}

// toldLater says whether a later look told of one record of the CRM than of another one.
func (c *cycle) toldLater(e record.Entity, one, other record.Key) bool {
	told := [2]uint64{}
	for n, key := range []record.Key{one, other} {
		d := store.Dirty{Entity: e, Side: connectors.CRM, Key: key}
		if told[n] = c.Cache.Told(d); told[n] == 0 {
			told[n] = c.told[d]
		}
	}
	return told[0] > told[1] && told[1] > 0
}

// over says whether another one took over from a child in this batch.
func (s *succession) over(w *work) bool {
	if !w.loose {
		return false
	}
	parent, over := s.older[w.crm.Key]
	return over && parent == w.crm.Fields[s.rule.Parent].Key()
}

// keep ends the marks of those that are not the first one any more, unless they belong to another parent by now, and then
// makes the notes durable.
func (s *succession) keep(ctx context.Context) error {
	keys := s.waiting()
	if len(keys) > 0 {
		asked := slices.Compact(slices.Sorted(maps.Values(s.rivals)))
		asked = append(slices.DeleteFunc(asked, func(k record.Key) bool { return slices.Contains(keys, k) }), keys...)
		found, _, err := s.c.read(ctx, connectors.CRM, s.rule.Entity, asked)
		if err != nil {
			return err
		}
		s.concede(found)
		keys = slices.DeleteFunc(keys, func(k record.Key) bool { return s.older[k] == "" })
		var over []store.Dirty
		for _, k := range keys {
			if r := found[k]; r == nil || r.Fields[s.rule.Parent].Key() == s.older[k] {
				over = append(over, s.mark(k))
			}
		}
		s.c.clean(over)
	}
	s.c.mark(s.back...)
	s.c.note(connectors.CRM, s.notes)
	return nil
}

// concede lets a child be the first one whose rival belongs to another parent by now, or can't be read.
func (s *succession) concede(found map[record.Key]*record.Record) {
	for key, rival := range s.rivals {
		parent := s.older[key]
		if r := found[rival]; r == nil || r.Fields[s.rule.Parent].Key() != parent {
			delete(s.older, key)
			s.notes[firstNote(s.rule, parent)] = []byte(key)
		}
	}
}

// waiting gives those that are not the first one any more and whose turn is still to come.
func (s *succession) waiting() (keys []record.Key) {
	s.c.view(func(t *store.Txn) {
		for _, k := range slices.Sorted(maps.Keys(s.older)) {
			_, linked := t.Find(connectors.CRM, s.rule.Entity, k)
			if !linked && s.c.Cache.IsDirty(s.mark(k)) {
				keys = append(keys, k)
			}
		}
	})
	return keys
}
