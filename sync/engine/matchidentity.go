package engine

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// byIdentity reads the CRM, links the records that carry an identity of ours, and keeps the others in mind.
func (m *matcher) byIdentity(ctx context.Context) error {
	var pairs []pair
	var err error
	for next := m.at; next < len(m.live) && err == nil && !m.over(ctx); {
		var some []pair
		if some, err = m.named(ctx, m.live[next:min(next+m.batch(), len(m.live))]); err == nil {
			next = min(next+m.batch(), len(m.live))
			pairs = append(pairs, some...)
		}
		m.report(func(s *Status) { s.Done, s.Total = next, len(m.live) })
		m.drain(ctx)
		if len(pairs) < writeTogether && next < len(m.live) && err == nil && !m.over(ctx) {
			continue
		}
		if err := m.write(func(t *store.Txn) { m.identities(t, pairs) }); err != nil {
			return err
		}
		m.at, pairs = next, pairs[:0]
	}
	if err != nil || m.at < len(m.live) {
		return err
	}
	return m.write(m.revisions)
}

// revisions has links know which identities their key has given away, so that it never gives the same twice.
func (m *matcher) revisions(t *store.Txn) {
	for _, key := range slices.Sorted(maps.Keys(m.passed)) {
		if l, ok := t.Find(connectors.ERP, m.rule.Entity, key); ok && l.Revision < m.passed[key] {
			l.Revision = m.passed[key]
			t.PutLink(&l)
		}
	}
}

// named reads records of the CRM with those of the ERP that they name.
func (m *matcher) named(ctx context.Context, keys []record.Key) ([]pair, error) {
	found, err := m.reads(ctx, connectors.CRM, keys)
	if err != nil {
		return nil, err
	}
	var pairs []pair
	var erp []record.Key
	for _, k := range keys {
		r := found[k]
		if r == nil {
			m.dead[k] = true // gone since it was told of
			continue
		}
		key, ours := m.ourKey(r)
		if ours && key != "" {
			erp = append(erp, key)
		}
		if ours {
			pairs = append(pairs, pair{crm: r, key: key})
		}
	}
	there, err := m.reads(ctx, connectors.ERP, erp)
	for i := range pairs {
		pairs[i].erp = there[pairs[i].key]
	}
	return pairs, err
}

// ourKey gives the key of the ERP's record whose identity a record of the CRM carries, empty where it carries
// none. It is none of ours if it carries another one: of another company, or one that was given away.
func (m *matcher) ourKey(r *record.Record) (key record.Key, ours bool) {
	if r.ExternalID == "" {
		return "", true
	}
	name, ours := strings.CutPrefix(r.ExternalID, m.Profile.Prefix+m.rule.ExternalID)
	if !ours || name == "" || m.rule.ExternalID == "" {
		return "", false
	}
	name, revision, given := strings.Cut(name, ".r")
	if n, err := strconv.Atoi(revision); given && err == nil {
		m.passed[record.Key(name)] = max(n, m.passed[record.Key(name)])
	}
	return record.Key(name), !strings.Contains(name, ".") && !given
}

// identities links what carries an identity and keeps in mind what does not.
func (m *matcher) identities(t *store.Txn, pairs []pair) {
	for _, p := range pairs {
		old, linked := t.Other().Find(connectors.CRM, m.rule.Entity, p.crm.Key)
		switch {
		case p.key != "" && (p.erp == nil || p.erp.Gone) && linked && old.ERP != "" && old.ERP != p.key && m.rule.Deletions != nil:
			m.keepInMind(t, p, old.ERP) // it was created again, and still has the identity of the one that was deleted
		case p.key != "" && p.erp == nil && linked && old.ERP == p.key:
			m.carry(t, old) // the ERP has lost it; an ordinary cycle says what follows
		case p.key != "" && p.erp == nil:
			m.counts.OnlyCRM++
		case p.key != "":
			m.claim(t, p)
		case linked && (old.State == plan.Closed || old.ERP == ""):
			if old.State != plan.Fresh {
				m.carry(t, old) // left alone, or being born in the ERP
				continue
			}
			m.keepInMind(t, p, "")
		default:
			m.keepInMind(t, p, old.ERP)
		}
	}
}

// claim links a record to the one whose identity it carries. Two that carry the same one are a person's matter.
func (m *matcher) claim(t *store.Txn, p pair) {
	other, taken := t.Find(connectors.ERP, m.rule.Entity, p.key)
	switch {
	case taken && m.asks[p.key] == nil:
		m.asks[p.key] = []record.Key{other.CRM, p.crm.Key}
		other.CRM, other.State, other.Base = "", plan.Fresh, plan.Base{}
		t.PutLink(&other)
	case taken:
		m.asks[p.key] = append(m.asks[p.key], p.crm.Key)
	case m.link(t, p):
		m.counts.Kept++
	default:
		m.counts.ByExternal++
	}
}

// keepInMind notes a record without an identity, unless it is none of those that the two sides share.
func (m *matcher) keepInMind(t *store.Txn, p pair, was record.Key) {
	shared := m.rule.BornInCRM || m.rule.Parent != "" // only these are told by the CRM
	if shared && was == "" && !m.Cache.IsDirty(store.Dirty{Entity: m.rule.Entity, Side: connectors.CRM, Key: p.crm.Key}) {
		return
	}
	l := &loose{key: p.crm.Key, was: was, signs: m.sign(t, connectors.CRM, p.crm), skip: !m.rule.Ripe(p.crm)}
	if m.rule.Parent != "" {
		l.parent = p.crm.Fields[m.rule.Parent].Key()
	}
	m.loose = append(m.loose, l)
}
