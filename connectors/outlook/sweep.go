package outlook

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"syncbox/connectors/record"
)

// Sweep lists the live records of e. What is known and lies elsewhere (an old event, a contact in another folder) is asked for
// one by one.
func (m *Mailbox) Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error {
	if !m.has(e) {
		return nil
	}
	listed := map[record.Key]bool{}
	list := map[record.Entity]func(context.Context, func(record.Key)) error{
		record.Contact: m.listContacts, record.Appointment: m.listEvents,
	}[e]
	if list == nil {
		list = func(ctx context.Context, each func(record.Key)) error { return m.listTasks(ctx, e, time.Time{}, each) }
	}
	if err := list(ctx, func(key record.Key) { listed[key] = true }); err != nil {
		return err
	}
	for key, known := range m.memory.items {
		if known.Entity != e || known.Gone != 0 || listed[key] {
			continue
		}
		i, err := m.raw(ctx, e, key)
		switch {
		case isGone(err):
			m.memory.lost(key, m.tenant.cfg.Now())
		case err != nil:
			return err
		case !i.gone && (!i.private || i.chrono != ""):
			listed[key] = true
		}
	}
	for key := range listed {
		seen(key)
	}
	return nil
}

func (m *Mailbox) listContacts(ctx context.Context, each func(record.Key)) error {
	ids, err := m.folders(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		q := query("$select", "id", "$expand", expand(chronoProperty, sensitivity))
		err := m.all(ctx, m.at(q, "contactFolders", id, "contacts"), func(raw json.RawMessage) error {
			var c contact
			if err := json.Unmarshal(raw, &c); err != nil || c.ID == "" {
				return badItem()
			}
			if i := c.item(record.Key(c.ID)); !i.private || i.chrono != "" {
				each(i.key)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// listEvents gives the events of the window, all that carry a chrono wherever they lie, and the near occurrences of series.
func (m *Mailbox) listEvents(ctx context.Context, each func(record.Key)) error {
	var masters []record.Key
	q := query("$select", "id,type,start,sensitivity,isCancelled,isOrganizer,attendees", "$expand", expand(chronoProperty))
	err := m.all(ctx, m.at(q, "events"), func(raw json.RawMessage) error {
		var v event
		if err := json.Unmarshal(raw, &v); err != nil || v.ID == "" {
			return badItem()
		}
		i := m.eventItem(&v, record.Key(v.ID))
		switch {
		case v.foreign():
		case v.Type == masterType:
			masters = append(masters, i.key)
		case i.gone || i.chrono == "" && (i.private || !m.inWindow(&entry{Begins: unix(i.begins)})):
		default:
			each(i.key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, master := range masters {
		err := m.instances(ctx, master, func(h headed) {
			if normal := h.Sensitivity == "" || strings.EqualFold(h.Sensitivity, "normal"); normal {
				each(h.key())
			}
		})
		if err != nil && !isGone(err) {
			return err
		}
	}
	return nil
}

// listTasks gives the tasks or calls that were changed since a moment, zero for all.
func (m *Mailbox) listTasks(ctx context.Context, e record.Entity, since time.Time, each func(record.Key)) error {
	chosen, others, err := m.lists(ctx)
	if err != nil {
		return err
	}
	for _, list := range m.memory.listsOf(chosen, others) {
		err := m.tasks(ctx, list, func(t *task) error {
			if t.Changed.Before(since) {
				return nil
			}
			key := record.Key(t.ID)
			i := m.taskItem(t, e, list, key)
			if known := m.memory.items[key]; known == nil || known.Entity == "" {
				var err error
				if i, err = m.taskIn(ctx, e, list, key); isGone(err) {
					return nil
				} else if err != nil {
					return err
				}
				i.entity = m.entityOf(i)
				if list != chosen && i.chrono == "" {
					return nil
				}
				m.memory.note(i)
			} else if i.chrono == "" {
				i.chrono = known.Chrono
			}
			if m.memory.items[key].Entity == e && (!i.private || i.chrono != "") {
				each(key)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
