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
// is noted took over from that one. Without this, two that waited for their parent would come in the order of their keys.
type succession struct {
	c     *cycle
	rule  *connectors.EntityRule
	notes map[string][]byte
	older map[record.Key]record.Key // who is not the first one any more, with the parent
}

// firstNote names the note of the child without a link that a parent had when one was seen last.
func firstNote(rule *connectors.EntityRule, parent record.Key) string {
	return "orphan/" + string(rule.Entity) + "/" + string(parent)
}

func (c *cycle) succession(rule *connectors.EntityRule) *succession {
	return &succession{c: c, rule: rule, notes: map[string][]byte{}, older: map[record.Key]record.Key{}}
}

// turn notes that it is a child's turn, and says whether another one took over from it since it was told of.
func (s *succession) turn(w *work) (over bool) {
	if s.rule.Parent == "" || w.crm == nil {
		return false
	}
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
		s.notes[name] = nil
	case !w.loose || parent == "" || was == key:
	default:
		s.notes[name] = []byte(key)
		if was != "" {
			s.older[was] = parent
		}
	}
	return false
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
		found, _, err := s.c.read(ctx, connectors.CRM, s.rule.Entity, keys)
		if err != nil {
			return err
		}
		var over []store.Dirty
		for _, k := range keys {
			if r := found[k]; r == nil || r.Fields[s.rule.Parent].Key() == s.older[k] {
				over = append(over, store.Dirty{Entity: s.rule.Entity, Side: connectors.CRM, Key: k})
			}
		}
		s.c.clean(over)
	}
	s.c.note(s.notes)
	return nil
}

// waiting gives those that are not the first one any more and whose turn is still to come.
func (s *succession) waiting() (keys []record.Key) {
	s.c.view(func(t *store.Txn) {
		for _, k := range slices.Sorted(maps.Keys(s.older)) {
			_, linked := t.Find(connectors.CRM, s.rule.Entity, k)
			if !linked && s.c.Cache.IsDirty(store.Dirty{Entity: s.rule.Entity, Side: connectors.CRM, Key: k}) {
				keys = append(keys, k)
			}
		}
	})
	return keys
}
