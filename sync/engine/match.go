package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// matcher makes the new map of one entity, aside from the one that counts. A record of the CRM belongs to the
// one of the ERP whose identity it carries; without one, to the one that the old map says, if both are there
// and agree on something by which records are recognised; without that, to the one with the same parent or
// the one that a rule of the profile names, if no other record could be meant. What remains is left to people,
// or is on one side only. Nothing is created before all this is known of all records.
//
// It lives until its entity is through, over several cycles where a side fails in between: what was read is not
// read again. After a power cut the entity is begun anew.
type matcher struct {
	*cycle
	rule  *connectors.EntityRule
	aside *store.State
	asked time.Time // of the resync
	stage int       // how far it has come
	at    int       // in live
	after record.Key
	side  connectors.Side // that could not be read

	live   []record.Key        // records that are there in the CRM, in order
	dead   map[record.Key]bool // those of them that are not there any more
	loose  []*loose            // those of them that carry no identity of ours and may be matched
	lone   []*lone             // records of the ERP that no record of the CRM names
	signs  [2][][]uint64       // by side and rule: of all records, so that a sign is known to be one's alone
	passed map[record.Key]int  // by ERP key: the highest revision among identities that it gave away
	asks   map[record.Key][]record.Key
	found  []*loose // by a rule, and still to be linked
	counts store.RepairCounts
}

// loose is a record of the CRM without an identity of ours.
type loose struct {
	key, parent record.Key
	signs       []uint64
	was         record.Key // its counterpart by the old map
	skip        bool       // the profile leaves it alone
	taken       bool       // matched, or a person is asked about it
}

// lone is a record of the ERP without a counterpart.
type lone struct {
	key   record.Key
	signs []uint64
	skip  bool // the profile leaves it alone
	taken bool
}

// pair is a record of the CRM, and the one of the ERP that it may belong to.
type pair struct {
	crm, erp *record.Record
	key      record.Key // of erp, which may be nil
}

// errLater means that a record can't be read just now, so that nothing is known of its entity.
var errLater = errors.New("a record can't be read just now")

// match makes the new map, entity by entity, and lets it count. What it has not come to it does in the next
// cycle.
func (c *cycle) match(ctx context.Context, r store.Repair) {
	c.suspended = len(c.skip) > 0 || !c.matchAll(ctx, r)
	if c.suspended || c.err != nil {
		return
	}
	c.moveOn(c.swap)
}

func (c *cycle) matchAll(ctx context.Context, r store.Repair) bool {
	begun := r.Cursor == ""
	for i := range c.Profile.Entities {
		rule := &c.Profile.Entities[i]
		if !begun {
			begun = string(rule.Entity) == r.Cursor
			continue
		}
		if !c.matchEntity(ctx, rule, r.Asked) {
			return false
		}
	}
	return c.underway().Phase == store.RepairMatch
}

func (c *cycle) matchEntity(ctx context.Context, rule *connectors.EntityRule, asked time.Time) bool {
	m := c.matching
	if m == nil || m.rule != rule || !m.asked.Equal(asked) {
		if !c.clearAside(ctx, rule.Entity) {
			return false
		}
		m = &matcher{rule: rule, aside: c.State.Aside(), asked: asked, passed: map[record.Key]int{}, asks: map[record.Key][]record.Key{},
			dead: map[record.Key]bool{}}
		for side := range m.signs {
			m.signs[side] = make([][]uint64, len(rule.Match))
		}
		c.matching = m
	}
	m.cycle = c
	stages := []func(context.Context) error{m.list, m.byIdentity, m.byOldMap, m.byParent, m.alone, m.byRules, m.leftOver, m.question}
	for ; m.stage < len(stages); m.stage++ {
		if err := stages[m.stage](ctx); err != nil || c.over(ctx) || c.underway().Phase != store.RepairMatch {
			return m.stopped(ctx, err)
		}
	}
	c.matching = nil
	c.moveOn(func(_ *store.Txn, r *store.Repair) {
		if r.Done == nil {
			r.Done = map[record.Entity]store.RepairCounts{}
		}
		r.Cursor, r.Done[rule.Entity] = string(rule.Entity), m.counts
	})
	return c.err == nil
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

// stopped notes why an entity could not be matched in this cycle.
func (m *matcher) stopped(ctx context.Context, err error) bool {
	switch {
	case err == nil || m.interrupted(ctx):
	case errors.Is(err, errLater):
		m.Log.Info("matching waits for records in use", "entity", string(m.rule.Entity))
	default:
		m.trouble(ctx, m.side, err)
	}
	return false
}

// write changes the new map; the old one is t.Other().
func (m *matcher) write(fn func(t *store.Txn)) error {
	err := m.aside.Update(func(t *store.Txn) error { fn(t); return nil })
	if err != nil && m.err == nil {
		m.err = err
	}
	return m.err
}

func (m *matcher) viewAside(fn func(*store.Txn)) {
	if err := m.aside.View(fn); err != nil && m.err == nil {
		m.err = err
	}
}

// reads reads records of one side; all of them must be readable.
func (m *matcher) reads(ctx context.Context, side connectors.Side, keys []record.Key) (map[record.Key]*record.Record, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	found, later, err := m.read(ctx, side, m.rule.Entity, keys)
	m.side = side
	if err == nil && len(later) > 0 {
		err = errLater
	}
	return found, err
}

// list lists what is there in the CRM: all its live records, and what a look has told of them.
func (m *matcher) list(ctx context.Context) error {
	m.report(func(s *Status) { s.at("resync-"+string(store.RepairMatch), 0, 0) })
	m.live, m.side = nil, connectors.CRM
	if sweeper, ok := m.CRM.(connectors.Sweeper); ok {
		if err := sweeper.Sweep(ctx, m.rule.Entity, func(k record.Key) { m.live = append(m.live, k) }); err != nil {
			return err
		}
	}
	for after := record.Key(""); ; {
		keys := m.Cache.DirtyAfter(m.rule.Entity, connectors.CRM, after, 1000)
		if len(keys) == 0 {
			break
		}
		after = keys[len(keys)-1]
		m.live = append(m.live, keys...)
	}
	slices.Sort(m.live)
	m.live = slices.Compact(m.live)
	return nil
}

// writeTogether is how many records are read before what they tell is written.
const writeTogether = 500

// sign gives the signs of a record and counts them among those of its side.
func (m *matcher) sign(t *store.Txn, side connectors.Side, r *record.Record) []uint64 {
	if len(m.rule.Match) == 0 {
		return nil
	}
	signs := m.Mapper.Signs(m.rule.Entity, m.Mapper.View(side, r, t))
	for n, s := range signs {
		m.signs[side][n] = append(m.signs[side][n], s)
	}
	return signs
}

// link puts two records that belong together on the new map, and says whether the old one had them so. Of what
// was agreed on before, nothing counts but what both show alike.
func (m *matcher) link(t *store.Txn, p pair) bool {
	was := t.Other()
	l, linked := was.Find(connectors.ERP, m.rule.Entity, p.key)
	kept := linked && l.CRM == p.crm.Key
	if !kept {
		last := l.Incarnation // another record may stand there by now
		if last == "" {
			last = p.erp.Incarnation
		}
		l = plan.Link{Entity: m.rule.Entity, ERP: p.key, CRM: p.crm.Key, Incarnation: last, Revision: l.Revision, Since: m.age().Unix()}
	}
	l.Revision = max(l.Revision, m.passed[p.key])
	l.Base, l.Doubts = m.Mapper.Rules(m.rule.Entity).Recognised(l.Base), nil // for when the ERP does not show it
	if l.State != plan.Inactive {
		l.State = plan.Linked
	}
	it := plan.Item{Link: l, ERP: m.Mapper.View(connectors.ERP, p.erp, t), CRM: m.Mapper.View(connectors.CRM, p.crm, t)}
	if !p.erp.Gone && p.erp.Held == "" {
		l.Base = m.Mapper.Rules(m.rule.Entity).Alike(&it)
	}
	for side, r := range []*record.Record{p.erp, p.crm} {
		if r.Gone {
			continue
		}
		for n, s := range m.Mapper.Signs(m.rule.Entity, []*plan.View{it.ERP, it.CRM}[side]) {
			m.signs[side][n] = append(m.signs[side][n], s)
		}
	}
	if kept {
		m.stillAsked(was, &l, &it)
	}
	t.PutLink(&l)
	if kept {
		m.carryWaits(t, l.ID)
	}
	return kept
}

// stillAsked lets a change of the CRM that a person is still to key into the ERP be one: the CRM shows what
// was asked for.
func (m *matcher) stillAsked(was *store.Txn, l *plan.Link, it *plan.Item) {
	rules := m.Mapper.Rules(m.rule.Entity)
	for _, w := range was.WaitingOf(l.ID) {
		for i, f := range rules.Fields {
			asked := w.Kind == store.HandedOff && w.Field == m.Mapper.FieldName(connectors.ERP, m.rule.Entity, i)
			if asked && rules.Single(i, it) && w.Wanted == it.CRM.Cells[i].Digest && l.Base.Known {
				l.Base.Each[f.Code] = it.ERP.Cells[i].Digest
			}
		}
	}
}
