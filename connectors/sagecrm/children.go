package sagecrm

import (
	"context"
	"slices"

	"syncbox/connectors/record"
)

// children looks at addresses, phones and e-mails by themselves, where their edits may leave their owner's time of change
// alone. It finds the owners of what changed. What was deleted does not say any more whose it was: then everything is told.
func (l *look) children(ctx context.Context) error {
	l.later = map[table]cursor{}
	if l.crm.cfg.ChildEdits == "parent" {
		return nil
	}
	for _, e := range observed {
		if _, fresh := l.cursor(tables[e]); !fresh { // what is told whole needs no owners, but a beginning
			l.lost = true
		}
	}
	for _, t := range childTables {
		if err := l.childTable(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (l *look) childTable(ctx context.Context, t table) error {
	cur, _ := l.cursor(t)
	if cur.Since.IsZero() {
		cur.Since, l.lost = l.begun, true
	}
	since, wide := l.window(&cur)
	found, err := l.changes(ctx, t, since)
	if err != nil {
		return err
	}
	before := cur.Seen
	if wide {
		cur.Seen = map[string]string{}
	}
	l.removed(found, before, cur.Seen)
	if !l.lost {
		if err := l.owners(ctx, t, found, before, cur.Seen); err != nil {
			return err
		}
	}
	l.later[t] = cur
	return nil
}

// removed notes which children are gone, also where everything is told anyway: the next look is told of them again.
func (l *look) removed(found []change, before, after map[string]string) {
	for _, ch := range found {
		if !ch.deleted {
			continue
		}
		if before[ch.id] != removed {
			l.lost = true
		}
		after[ch.id] = removed
	}
}

// owners notes whom changed children belong to.
func (l *look) owners(ctx context.Context, t table, found []change, before, after map[string]string) error {
	var ids []string
	for _, ch := range found {
		if !ch.deleted {
			ids = append(ids, ch.id)
		}
	}
	key := l.crm.keyOf(t)
	for _, group := range groups(l.site, t, distinct(ids)) {
		seen := map[string]bool{}
		bad, err := l.crm.byIDs(ctx, l.site, t, key, group, func(r row) {
			seen[r.id(key)] = true
			l.owner(t, r, before, after)
		})
		if err != nil {
			return err
		}
		if len(bad) > 0 || slices.ContainsFunc(group, func(id string) bool { return !seen[id] && before[id] != removed }) {
			l.lost = true
		}
		for _, id := range group {
			if !seen[id] {
				after[id] = removed
			}
		}
	}
	return nil
}

// owner notes whom one child belongs to, unless it is as it was.
func (l *look) owner(t table, r row, before, after map[string]string) {
	id, fields := r.id(l.crm.keyOf(t)), record.Fields{}
	for name, values := range r.values {
		fields[name] = record.TextOf(values[0])
	}
	state := digest(fields, "")
	known := before[id] == state
	if after[id] = state; known {
		return
	}
	person, company := plainID(r.get(l.crm.link(t, personTable))), plainID(r.get(l.crm.link(t, companyTable)))
	switch {
	case person != "":
		l.touched[record.Contact] = append(l.touched[record.Contact], person)
		fallthrough
	case company != "":
		if company != "" {
			l.touched[record.Account] = append(l.touched[record.Account], company)
		}
	default:
		l.lost = true
	}
}
