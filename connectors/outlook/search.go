package outlook

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

func searchable(field string) bool { return field == connectors.ExternalIDField || field == "Chrono" }

// bearers gives the items that carry a chrono, copies too.
func (m *Mailbox) bearers(ctx context.Context, e record.Entity, chrono string) ([]record.Key, error) {
	q := query("$select", "id", "$filter", "singleValueExtendedProperties/Any(ep: ep/id eq '"+chronoProperty+"' and ep/value eq '"+
		strings.ReplaceAll(chrono, "'", "''")+"')")
	var at []*url.URL
	switch e {
	case record.Appointment:
		at = append(at, m.at(q, "events"))
	case record.Contact:
		ids, err := m.folders(ctx)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			at = append(at, m.at(q, "contactFolders", id, "contacts"))
		}
	default:
		return m.taskBearers(ctx, chrono)
	}
	var found []record.Key
	for _, u := range at {
		err := m.all(ctx, u, func(raw json.RawMessage) error {
			h, err := headOf(raw)
			found = append(found, h.key())
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// taskBearers goes through all lists. What is known to have another chrono is passed over, since only we write it; a list that
// does not give extensions says nothing about the others.
func (m *Mailbox) taskBearers(ctx context.Context, chrono string) ([]record.Key, error) {
	chosen, others, err := m.lists(ctx)
	if err != nil {
		return nil, err
	}
	var found []record.Key
	for _, list := range append([]string{chosen}, others...) {
		err := m.tasks(ctx, list, func(t *task) error {
			key := record.Key(t.ID)
			if known := m.memory.items[key]; known != nil && known.Chrono != "" && known.Chrono != chrono {
				return nil
			}
			if t.Extensions == nil {
				i, err := m.taskIn(ctx, record.Task, list, key)
				if isGone(err) {
					return nil
				}
				if err != nil {
					return err
				}
				t = i.task
			}
			if i := m.taskItem(t, record.Task, list, key); i.chrono == chrono {
				i.entity = m.entityOf(i)
				m.memory.note(i)
				found = append(found, key)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// tasks lists the tasks of a list, with their extensions where the product gives them.
func (m *Mailbox) tasks(ctx context.Context, list string, each func(*task) error) error {
	return m.all(ctx, m.at(query("$expand", "extensions"), "todo", "lists", list, "tasks"), func(raw json.RawMessage) error {
		var t task
		if err := json.Unmarshal(raw, &t); err != nil || t.ID == "" {
			return badItem()
		}
		return each(&t)
	})
}
