package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// unclear is the code of a record of the ERP for which the CRM has one or more that it may be.
const unclear = "match-unclear"

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

func (m *matcher) viewAside(fn func(*store.Txn)) {
	if err := m.aside.View(fn); err != nil && m.err == nil {
		m.err = err
	}
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
		if !b.taken && (m.rule.BornInCRM || m.rule.Parent != "") {
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

// asking is the question which of some records of the CRM one of the ERP is.
func (c *cycle) asking(l *plan.Link, candidates []record.Key) store.Waiting {
	w := c.waiting(l, store.Identity, unclear, map[string]string{"candidates": listed(candidates)})
	w.Candidates = candidates
	return w
}

// listed gives the first of some keys for people to read.
func listed(keys []record.Key) string {
	var b strings.Builder
	for i, k := range keys {
		switch {
		case i == 10:
			return b.String() + ", …"
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(k))
	}
	return b.String()
}

// swap lets the new map count. Of the writes without an outcome only those stay that a person is asked about.
func (c *cycle) swap(t *store.Txn, r *store.Repair) {
	t.Swap()
	for _, in := range t.Intents() {
		if l, ok := t.Get(in.Link); !ok || l.State != plan.Creating {
			t.DeleteIntent(in.Link)
		}
	}
	n := store.TotalOf(r.Done)
	args := countArgs(r.Level, n)
	for name, n := range map[string]int{"kept": n.Kept, "external": n.ByExternal, "old": n.ByOld, "rule": n.ByRule, "unclear": n.Unclear,
		"onlyerp": n.OnlyERP, "onlycrm": n.OnlyCRM} {
		args[name] = itoa(n)
	}
	t.Journal(store.Event{At: c.Clock.Now(), Severity: store.Info, Code: "resync-matched", Args: args})
	r.Phase, r.Cursor = store.RepairMark, ""
}
