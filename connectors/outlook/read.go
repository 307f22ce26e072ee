package outlook

import (
	"context"

	"syncbox/connectors/record"
)

// Read gives records as they are now. What is private and was never shared is not there; what became private is held.
func (m *Mailbox) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	if !m.has(e) {
		return nil, nil, nil
	}
	for _, key := range keys {
		i, err := m.fetch(ctx, e, key)
		if err == nil {
			m.sort(i)
		}
		switch {
		case isGone(err):
			delete(m.sorted, key)
			m.memory.lost(key, m.tenant.cfg.Now())
		case err != nil:
			return nil, nil, err
		case i.gone || i.private && i.chrono == "":
		default:
			found = append(found, m.record(i))
		}
	}
	return found, nil, nil
}

// Find gives the items that carry a chrono; of copies, the one that had it first.
func (m *Mailbox) Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	if !m.has(e) || v.Text == "" || !searchable(field) {
		return nil, nil
	}
	candidates, err := m.bearers(ctx, e, v.Text)
	if err != nil {
		return nil, err
	}
	if holder := m.memory.holder(e, v.Text); holder != "" && !m.memory.isGone(holder) {
		candidates = append(candidates, holder)
	}
	var found []record.Key
	tried := map[record.Key]bool{}
	for _, key := range candidates {
		if tried[key] {
			continue
		}
		tried[key] = true
		i, err := m.fetch(ctx, e, key)
		switch {
		case isGone(err):
			m.memory.lost(key, m.tenant.cfg.Now())
		case err != nil:
			return nil, err
		case i.chrono == v.Text && !i.gone:
			found = append(found, key)
		}
	}
	return found, nil
}

// Survivor looks for an item under another key that carries the chrono of one that is gone: a task that was moved, or anything
// that was exported and imported.
func (m *Mailbox) Survivor(ctx context.Context, e record.Entity, key record.Key) (record.Key, error) {
	known := m.memory.items[key]
	if !m.has(e) || known == nil || known.Chrono == "" {
		return "", nil
	}
	living, err := m.bears(ctx, e, key, known.Chrono)
	if living || err != nil {
		return "", err
	}
	m.memory.lost(key, m.tenant.cfg.Now())
	found, err := m.Find(ctx, e, "Chrono", record.TextOf(known.Chrono))
	if err != nil || len(found) == 0 || found[0] == key {
		return "", err
	}
	return found[0], nil
}
