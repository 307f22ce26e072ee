package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// reappeared sorts what a look told of records that had gone from both sides, and gives the other keys. What still shows one
// may be late; later than any answer can be, it is there again: as a new record, whatever identity it carries.
func (c *cycle) reappeared(rule *connectors.EntityRule, side connectors.Side, keys []record.Key, own map[record.Key]*record.Record, later map[record.Key]bool) []record.Key {
	if rule.Deletions == nil {
		return keys
	}
	var clean []store.Dirty
	var anew []plan.Link
	young := map[record.Key]bool{}
	c.view(func(t *store.Txn) {
		for _, k := range keys {
			r := own[k]
			if l, ok := t.Find(side, rule.Entity, k); ok && l.State == plan.Ended && !later[k] {
				switch {
				case r == nil || r.Gone:
					clean, young[k] = append(clean, store.Dirty{Entity: rule.Entity, Side: side, Key: k}), true
				case c.asOf.Before(time.Unix(l.Since, 0).Add(c.latest(side) + time.Second)):
					young[k] = true
				default:
					anew = append(anew, l)
				}
			}
			if side == connectors.CRM && r != nil && !young[k] && c.ofEnded(t, rule, r) {
				r.ExternalID = "" // it is nobody's any more
			}
		}
	})
	c.clean(clean)
	if len(anew) > 0 {
		c.update(func(t *store.Txn) error {
			for _, l := range anew {
				t.DeleteLink(l)
			}
			return nil
		})
	}
	return slices.DeleteFunc(slices.Clone(keys), func(k record.Key) bool { return young[k] })
}

// latest is how late a side can still show what was there before.
func (c *cycle) latest(side connectors.Side) time.Duration {
	if target := c.target(side); target != nil {
		return lateness(target)
	}
	return 0
}

// ofEnded says whether a record of the CRM without a link carries the identity of one that is gone from both sides.
func (c *cycle) ofEnded(t *store.Txn, rule *connectors.EntityRule, r *record.Record) bool {
	key, ours := strings.CutPrefix(r.ExternalID, c.Profile.Prefix+rule.ExternalID)
	if l, linked := t.Find(connectors.CRM, rule.Entity, r.Key); !ours || key == "" || linked && l.State != plan.Ended {
		return false
	}
	l, ok := t.Find(connectors.ERP, rule.Entity, record.Key(key))
	return ok && l.State == plan.Ended
}

// vanished finds out about records of the CRM that a look told of and that are not there: only the list of all live ones proves
// that they were deleted.
func (c *cycle) vanished(ctx context.Context, rule *connectors.EntityRule, side connectors.Side, works []*work) ([]*work, error) {
	gone := func(w *work) bool {
		return w.crm == nil && w.link.CRM != "" && (w.link.State == plan.Linked || w.link.State == plan.Inactive)
	}
	if _, sweeps := c.CRM.(connectors.Sweeper); !sweeps || side != connectors.CRM || rule.Deletions == nil || !slices.ContainsFunc(works, gone) {
		return works, nil
	}
	if err := c.sweep(ctx, rule.Entity); err != nil {
		return nil, err
	}
	c.view(func(t *store.Txn) {
		works = slices.DeleteFunc(works, func(w *work) bool {
			if !gone(w) {
				return false
			}
			l, ok := t.Get(w.link.ID)
			w.link = l
			return !ok || gone(w) // it may be too young for the list
		})
	})
	return works, nil
}
