package outlook

import (
	"context"
	"encoding/json"
	"time"

	"syncbox/connectors/record"
)

// ChangedSince lists what was changed in the mailbox since a moment. It reads the lists and sorts them here: which of them Graph
// filters by that time is not documented for all.
func (m *Mailbox) ChangedSince(ctx context.Context, e record.Entity, since time.Time, changed func(record.Key)) error {
	switch {
	case !m.has(e):
		return nil
	case e == record.Contact:
		return m.contactsSince(ctx, since, changed)
	case e == record.Appointment:
		return m.eventsSince(ctx, since, changed)
	}
	return m.listTasks(ctx, e, since, changed)
}

func (m *Mailbox) contactsSince(ctx context.Context, since time.Time, changed func(record.Key)) error {
	ids, err := m.folders(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := m.all(ctx, m.at(query("$select", "id,lastModifiedDateTime"), "contactFolders", id, "contacts"), func(raw json.RawMessage) error {
			var c contact
			if err := json.Unmarshal(raw, &c); err != nil || c.ID == "" {
				return badItem()
			}
			if !c.Changed.Before(since) {
				changed(record.Key(c.ID))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eventsSince gives events of the window or that are known, and the near occurrences of series that were changed.
func (m *Mailbox) eventsSince(ctx context.Context, since time.Time, changed func(record.Key)) error {
	var masters []record.Key
	err := m.all(ctx, m.at(query("$select", "id,type,start,lastModifiedDateTime"), "events"), func(raw json.RawMessage) error {
		var v event
		if err := json.Unmarshal(raw, &v); err != nil || v.ID == "" {
			return badItem()
		}
		key := record.Key(v.ID)
		switch {
		case v.Changed.Before(since):
		case v.Type == masterType:
			masters = append(masters, key)
		case m.memory.items[key] != nil || m.inWindow(&entry{Begins: unix(v.Start.at())}):
			changed(key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, master := range masters {
		err := m.instances(ctx, master, func(h headed) { changed(h.key()) })
		if err != nil && !isGone(err) {
			return err
		}
	}
	return nil
}
