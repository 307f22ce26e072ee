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

// leftOver deals with what no rule has named: pairs of the old map that no longer agree are a person's matter,
// and what the old map knew of records that are on one side only goes on being known.
func (m *matcher) leftOver(ctx context.Context) error {
	byKey := map[record.Key]*lone{}
	for _, a := range m.lone {
		byKey[a.key] = a
	}
	for _, b := range m.loose {
		if a := byKey[b.was]; a != nil && !a.taken && !b.taken {
			m.askWhich([]*lone{a}, []*loose{b})
		}
	}
	m.viewAside(func(t *store.Txn) { m.stillUnclear(t.Other(), byKey) })
	if err := m.oldOnes(ctx, byKey); err != nil || m.over(ctx) {
		return err
	}
	for _, a := range m.lone {
		if !a.taken && !a.skip {
			m.counts.OnlyERP++
		}
	}
	for _, b := range m.loose {
		if !b.taken && !b.skip && (m.rule.BornInCRM || m.rule.Parent != "") {
			m.counts.OnlyCRM++
		}
	}
	return nil
}

// stillUnclear asks again what a person was asked after an earlier resync and has not answered.
func (m *matcher) stillUnclear(was *store.Txn, byKey map[record.Key]*lone) {
	free := map[record.Key]*loose{}
	for _, b := range m.loose {
		if !b.taken {
			free[b.key] = b
		}
	}
	was.AllWaiting(func(w store.Waiting) bool {
		a := byKey[w.ERP]
		if w.Code != unclear || w.Entity != m.rule.Entity || a == nil || a.taken {
			return true
		}
		for _, k := range w.Candidates {
			if b := free[k]; b != nil {
				m.askWhich([]*lone{a}, []*loose{b})
			}
		}
		return true
	})
}

// oldOnes carries links of the old map over that a complete look can't tell anew: of a record that was deleted
// in the CRM, so that a person is asked before it is created again, and of one that the ERP has lost.
func (m *matcher) oldOnes(ctx context.Context, byKey map[record.Key]*lone) error {
	next := plan.LinkID(0)
	m.inParts(ctx, func() (bool, error) {
		var some []plan.Link
		more := false
		m.view(func(t *store.Txn) {
			t.LinksFrom(next, func(l plan.Link) bool {
				if next = l.ID + 1; l.Entity == m.rule.Entity && l.ERP != "" && l.State != plan.Closed {
					some = append(some, l)
				}
				more = len(some) == writeTogether
				return !more
			})
		})
		return more, m.write(func(t *store.Txn) {
			for _, l := range some {
				m.oldOne(t, l, byKey[l.ERP])
			}
		})
	})
	return m.err
}

func (m *matcher) oldOne(t *store.Txn, l plan.Link, a *lone) {
	_, erpTaken := t.Find(connectors.ERP, m.rule.Entity, l.ERP)
	_, crmTaken := t.Find(connectors.CRM, m.rule.Entity, l.CRM)
	_, alive := slices.BinarySearch(m.live, l.CRM)
	alive = alive && !m.dead[l.CRM]
	_, sweeps := m.CRM.(connectors.Sweeper)
	_, open := t.Intent(l.ID)
	switch {
	case erpTaken || l.CRM != "" && crmTaken || m.asks[l.ERP] != nil || a != nil && a.taken:
		return
	case l.State == plan.Ended && (a != nil || alive): // it is another one now
		return
	case l.CRM == "" && !(open && l.State == plan.Creating): // nothing is known of it but that it waits
		return
	case l.CRM != "" && alive && a != nil: // a person has parted them since
		return
	case l.CRM != "" && !alive && !sweeps:
		return
	}
	m.carry(t, l)
	if a != nil {
		a.taken = true
	}
}

// carry takes a link over to the new map as it is, without what was agreed.
func (m *matcher) carry(t *store.Txn, l plan.Link) {
	if l.Doubts = nil; l.ERP != "" {
		l.Base = m.Mapper.Rules(l.Entity).Recognised(l.Base) // by which another one at its place is told apart
	}
	l.Revision = max(l.Revision, m.passed[l.ERP])
	t.PutLink(&l)
	m.carryWaits(t, l.ID)
	m.counts.Kept++
}

// carryWaits takes over what waits of a link, but for what only waits for another try.
func (m *matcher) carryWaits(t *store.Txn, id plan.LinkID) {
	for _, w := range t.Other().WaitingOf(id) {
		if w.Kind != store.Quarantine && w.Kind != store.Reference && w.Code != unclear {
			t.PutWaiting(w)
		}
	}
}

// question lists what a person is to decide. Neither record is created on the other side meanwhile.
func (m *matcher) question(context.Context) error {
	if err := m.write(m.unborn); err != nil {
		return err
	}
	keys := slices.Sorted(maps.Keys(m.asks))
	m.counts.Unclear = len(keys)
	for ; len(keys) > 0; keys = keys[min(writeTogether, len(keys)):] {
		some := keys[:min(writeTogether, len(keys))]
		err := m.write(func(t *store.Txn) {
			for _, k := range some {
				m.askAbout(t, k)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unborn notes of records that are still to be created which identities their key has given away, and of the former one
// what the old map knew: by that it is told whether what shares the key is another one's now, too.
func (m *matcher) unborn(t *store.Txn) {
	for _, a := range m.lone {
		_, linked := t.Find(connectors.ERP, m.rule.Entity, a.key)
		n := m.passed[a.key]
		if n == 0 || linked {
			continue
		}
		l := plan.Link{Entity: m.rule.Entity, ERP: a.key, Born: connectors.ERP, Revision: n}
		if old, was := t.Other().Find(connectors.ERP, m.rule.Entity, a.key); was {
			l.Incarnation, l.Gone, l.Base = old.Incarnation, old.Gone, m.Mapper.Rules(m.rule.Entity).Recognised(old.Base)
			if old.State == plan.Inactive {
				l.Gone = max(1, l.Gone)
			}
		}
		t.PutLink(&l)
	}
}

func (m *matcher) askAbout(t *store.Txn, key record.Key) {
	l, ok := t.Find(connectors.ERP, m.rule.Entity, key)
	if !ok {
		l = plan.Link{Entity: m.rule.Entity, ERP: key, Born: connectors.ERP}
		if old, was := t.Other().Find(connectors.ERP, m.rule.Entity, key); was && old.CRM == "" {
			l.ID = old.ID
		}
		t.PutLink(&l)
	}
	t.PutWaiting(m.asking(&l, m.asks[key]))
}
