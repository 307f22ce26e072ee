package engine

import (
	"context"
	"maps"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// byOldMap links records without an identity to their counterpart of before, where both are there and agree on
// something.
func (m *matcher) byOldMap(ctx context.Context) error {
	var some []*loose
	for _, l := range m.loose {
		if l.was != "" {
			some = append(some, l)
		}
	}
	return m.linkLoose(ctx, some, func(t *store.Txn, l *loose, p pair) bool {
		if !m.agree(t, l, p) {
			return false
		}
		m.link(t, p)
		m.counts.ByOld++
		return true
	})
}

// linkLoose reads records with the ones of the ERP named in was, and has link put them on the new map.
func (m *matcher) linkLoose(ctx context.Context, some []*loose, link func(*store.Txn, *loose, pair) bool) error {
	for ; len(some) > 0; some = some[min(m.batch(), len(some)):] {
		now := some[:min(m.batch(), len(some))]
		pairs, err := m.pairsOf(ctx, now)
		if err != nil || m.over(ctx) {
			return err
		}
		err = m.write(func(t *store.Txn) {
			for i, l := range now {
				_, taken := t.Find(connectors.ERP, m.rule.Entity, l.was)
				p := pairs[i]
				if !taken && m.asks[l.was] == nil && p.crm != nil && p.erp != nil && !p.erp.Gone {
					l.taken = link(t, l, p)
				}
			}
		})
		if err != nil {
			return err
		}
		m.drain(ctx)
	}
	return nil
}

func (m *matcher) pairsOf(ctx context.Context, some []*loose) ([]pair, error) {
	var erp, crm []record.Key
	for _, l := range some {
		erp, crm = append(erp, l.was), append(crm, l.key)
	}
	theirs, err := m.reads(ctx, connectors.CRM, crm)
	if err != nil {
		return nil, err
	}
	ours, err := m.reads(ctx, connectors.ERP, erp)
	pairs := make([]pair, len(some))
	for i, l := range some {
		pairs[i] = pair{crm: theirs[l.key], erp: ours[l.was], key: l.was}
	}
	return pairs, err
}

// agree says whether two records that the old map has together have something in common by which such records
// are recognised. Where there is no such thing the old map is believed.
func (m *matcher) agree(t *store.Txn, l *loose, p pair) bool {
	if m.rule.Parent != "" {
		parent, ok := t.Find(connectors.CRM, m.rule.ParentEntity, l.parent)
		return ok && parent.ERP == p.key
	}
	for n, s := range m.Mapper.Signs(m.rule.Entity, m.Mapper.View(connectors.ERP, p.erp, t)) {
		if s != 0 && s == l.signs[n] {
			return true
		}
	}
	return len(m.rule.Match) == 0
}

// byParent links records that belong to another one, which has the same key in the ERP: one for each.
func (m *matcher) byParent(ctx context.Context) error {
	if m.rule.Parent == "" {
		return nil
	}
	byKey := map[record.Key][]*loose{}
	m.viewAside(func(t *store.Txn) {
		for _, l := range m.loose {
			parent, ok := t.Find(connectors.CRM, m.rule.ParentEntity, l.parent)
			if ok && !l.taken && parent.State != plan.Closed && parent.ERP != "" {
				byKey[parent.ERP] = append(byKey[parent.ERP], l)
			}
		}
	})
	var some []*loose
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		if all := byKey[key]; len(all) == 1 {
			all[0].was = key
			some = append(some, all[0])
		}
	}
	return m.linkLoose(ctx, some, func(t *store.Txn, _ *loose, p pair) bool {
		m.link(t, p)
		m.counts.ByRule++
		return true
	})
}

// alone reads the records of the ERP that have no counterpart yet.
func (m *matcher) alone(ctx context.Context) error {
	for m.err == nil && !m.over(ctx) {
		keys := m.Cache.DirtyAfter(m.rule.Entity, connectors.ERP, m.after, m.batch())
		if len(keys) == 0 {
			break
		}
		last := keys[len(keys)-1]
		m.viewAside(func(t *store.Txn) {
			keys = slices.DeleteFunc(keys, func(k record.Key) bool {
				_, linked := t.Find(connectors.ERP, m.rule.Entity, k)
				return linked || m.asks[k] != nil
			})
		})
		found, err := m.reads(ctx, connectors.ERP, keys)
		if err != nil {
			return err
		}
		m.viewAside(func(t *store.Txn) { m.aloneOf(t, keys, found) })
		m.after = last
		m.drain(ctx)
	}
	return m.err
}

func (m *matcher) aloneOf(t *store.Txn, keys []record.Key, found map[record.Key]*record.Record) {
	for _, k := range keys {
		if r := found[k]; r != nil && !r.Gone && !m.expected(t, r) {
			v := m.Mapper.View(connectors.ERP, r, t)
			m.lone = append(m.lone, &lone{key: k, signs: m.sign(t, connectors.ERP, r), skip: v.SkipNew})
		}
	}
}

// expected says whether a record has a number that we asked a person to key: an ordinary cycle knows whose.
func (m *matcher) expected(t *store.Txn, r *record.Record) bool {
	field := businessKey(m.rule)
	if field == nil {
		return false
	}
	l, ok := t.Other().FindNumber(m.rule.Entity, r.Fields[field.ERP].Text)
	return ok && l.ERP == ""
}

// byRules links records that a rule of the profile names, where no other one could be meant. Where one could,
// a person is asked, and no weaker rule decides.
func (m *matcher) byRules(ctx context.Context) error {
	if m.rule.Parent != "" {
		return nil
	}
	if m.found == nil {
		m.found = []*loose{}
		for n := range m.rule.Match {
			m.found = append(m.found, m.byRule(n)...)
		}
	}
	return m.linkLoose(ctx, m.found, func(t *store.Txn, _ *loose, p pair) bool {
		m.link(t, p)
		m.counts.ByRule++
		return true
	})
}

// byRule gives the records that rule n names, with their counterparts.
func (m *matcher) byRule(n int) []*loose {
	for side := range m.signs {
		slices.Sort(m.signs[side][n])
	}
	ours, theirs := map[uint64][]*lone{}, map[uint64][]*loose{}
	for _, l := range m.lone {
		if !l.taken && l.signs[n] != 0 {
			ours[l.signs[n]] = append(ours[l.signs[n]], l)
		}
	}
	for _, l := range m.loose {
		if !l.taken && l.signs[n] != 0 && ours[l.signs[n]] != nil {
			theirs[l.signs[n]] = append(theirs[l.signs[n]], l)
		}
	}
	var found []*loose
	for _, s := range slices.Sorted(maps.Keys(theirs)) {
		one, other := ours[s], theirs[s]
		if m.only(n, s) && !contradicted(one[0], other[0], n) {
			one[0].taken, other[0].taken, other[0].was = true, true, one[0].key
			found = append(found, other[0])
			continue
		}
		m.askWhich(one, other)
	}
	return found
}

// only says whether a sign is that of one record alone on either side, those that are linked included.
func (m *matcher) only(n int, s uint64) bool {
	for side := range m.signs {
		at, _ := slices.BinarySearch(m.signs[side][n], s)
		if at+1 < len(m.signs[side][n]) && m.signs[side][n][at+1] == s {
			return false
		}
	}
	return true
}

// contradicted says whether two records differ in what a surer rule goes by.
func contradicted(a *lone, b *loose, n int) bool {
	for i := range n {
		if a.signs[i] != 0 && b.signs[i] != 0 && a.signs[i] != b.signs[i] {
			return true
		}
	}
	return false
}

// askWhich leaves it to a person which of these records belong together.
func (m *matcher) askWhich(ours []*lone, theirs []*loose) {
	for _, a := range ours {
		a.taken = true
		for _, b := range theirs {
			b.taken = true
			m.asks[a.key] = append(m.asks[a.key], b.key)
		}
	}
}
