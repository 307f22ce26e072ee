package outlook

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// windowLife is how long the calendar's window stays where it is (G13).
const windowLife = 7 * 24 * time.Hour

// Observe asks every folder, the calendar and every list what has changed. A folder or list of the settings that is not there
// is passed over; the others go on.
func (m *Mailbox) Observe(ctx context.Context, o connectors.Observation) error {
	m.memory.load(o)
	m.places = places{}
	err := m.askAhead(ctx)
	if err == nil {
		err = m.look(ctx, o)
	}
	m.ahead = nil
	if err == nil {
		if err = m.memory.save(o, m.tenant.cfg.Now()); err == nil {
			err = o.Commit()
		}
	}
	if err != nil {
		m.memory.drop()
	}
	return err
}

func (m *Mailbox) look(ctx context.Context, o connectors.Observation) error {
	for _, part := range []struct {
		of   []record.Entity
		look func(context.Context, connectors.Observation) error
	}{
		{[]record.Entity{record.Contact}, m.lookContacts},
		{[]record.Entity{record.Task, record.Call}, m.lookTasks},
		{[]record.Entity{record.Appointment}, m.lookEvents},
	} {
		var ours []record.Entity
		for _, e := range part.of {
			if m.has(e) {
				ours = append(ours, e)
			}
		}
		if len(ours) == 0 {
			continue
		}
		err := part.look(ctx, o)
		if connectors.KindOf(err) == connectors.Drift {
			for _, e := range ours {
				o.Skip(e, err)
			}
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// source is something that has a delta query.
type source struct {
	name  string
	first func() *url.URL
	// item takes an item of a page; tell hands what may have changed to the observation.
	item func(ctx context.Context, raw json.RawMessage, tell func(record.Entity, record.Key)) error
	// within says whether an item that a complete round did not show should have been in it.
	within func(*entry) bool
}

// round reads what a source has changed. Pages are noted as they come, so that a round that was broken off goes on.
func (m *Mailbox) round(ctx context.Context, o connectors.Observation, s source) error {
	c := m.memory.cursors[s.name]
	if c == nil {
		c = &cursor{}
		m.memory.cursors[s.name] = c
	}
	if c.Next == "" && c.Delta == "" {
		m.begin(c, s)
	}
	for restarts := 0; ; restarts++ {
		err := m.pages(ctx, o, s, c)
		if errors.Is(err, errReset) && restarts == 0 {
			m.begin(c, s)
			continue
		}
		return err
	}
}

// begin makes the next page the first one of a complete round.
func (m *Mailbox) begin(c *cursor, s source) {
	*c = cursor{Next: s.first().String(), Round: c.Round + 1, Whole: true, From: m.tenant.cfg.Now().Unix()}
}

func (m *Mailbox) pages(ctx context.Context, o connectors.Observation, s source, c *cursor) error {
	tell := func(e record.Entity, key record.Key) {
		if m.has(e) {
			o.Changed(e, key, nil)
		}
	}
	seen := map[string]int{}
	for {
		at := c.Next
		if at == "" {
			at = c.Delta
		}
		if seen[at]++; seen[at] > maxSame {
			return connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "a delta that leads to itself")
		}
		u, err := m.link(at)
		if err != nil {
			return err
		}
		var p page
		if err := m.get(ctx, u, &p); err != nil {
			return err
		}
		for _, raw := range p.Value {
			if err := s.item(ctx, raw, tell); err != nil {
				return err
			}
		}
		if p.Next == "" {
			return m.end(p, s, c, tell)
		}
		c.Next = p.Next
		if err := m.memory.save(o, m.tenant.cfg.Now()); err != nil {
			return err
		}
		if err := o.Commit(); err != nil {
			return err
		}
	}
}

// end closes a round. What a complete one should have shown and did not may be gone: a read of each tells.
func (m *Mailbox) end(p page, s source, c *cursor, tell func(record.Entity, record.Key)) error {
	if p.Delta == "" {
		return connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "a last page without a link")
	}
	if c.Whole {
		for key, e := range m.memory.items {
			if e.Source == s.name && e.Round != c.Round && e.Gone == 0 && s.within(e) {
				tell(e.Entity, key)
			}
		}
	}
	c.Next, c.Delta, c.Whole = "", p.Delta, false
	return nil
}

// saw remembers that a source shows an item.
func (m *Mailbox) saw(name string, e record.Entity, key record.Key) *entry {
	c := m.memory.cursors[name]
	known := m.memory.items[key]
	if known == nil || known.Source != name || known.Entity != e || known.Round != c.Round {
		known = m.memory.entry(key)
		known.Source, known.Entity, known.Round = name, e, c.Round
	}
	return known
}

func always(*entry) bool { return true }

func (m *Mailbox) lookContacts(ctx context.Context, o connectors.Observation) error {
	ids, err := m.folders(ctx)
	if err != nil {
		return err
	}
	live := map[string]bool{}
	for _, id := range ids {
		name := folderSource(id)
		live[name] = true
		if m.memory.cursors[name] == nil {
			if err := m.inventory(ctx, record.Contact, m.at(query("$select", "id,createdDateTime", "$expand", expand(chronoProperty)), "contactFolders", id, "contacts")); err != nil {
				return err
			}
		}
		err := m.round(ctx, o, source{
			name: name, within: always,
			first: func() *url.URL { return m.at(nil, "contactFolders", id, "contacts", "delta") },
			item: func(_ context.Context, raw json.RawMessage, tell func(record.Entity, record.Key)) error {
				h, err := headOf(raw)
				if err != nil {
					return err
				}
				if h.Removed == nil {
					m.saw(name, record.Contact, h.key())
				}
				if m.memory.items[h.key()] != nil {
					tell(record.Contact, h.key())
				}
				return nil
			},
		})
		if err != nil {
			return err
		}
	}
	m.vanished(o, folderPrefix, live)
	return nil
}

// vanished tells the items of folders or lists that are no longer there.
func (m *Mailbox) vanished(o connectors.Observation, prefix string, live map[string]bool) {
	for name := range m.memory.cursors {
		if !strings.HasPrefix(name, prefix) || live[name] {
			continue
		}
		for key, e := range m.memory.items {
			if e.Source == name && e.Gone == 0 && m.has(e.Entity) {
				o.Changed(e.Entity, key, nil)
			}
		}
		delete(m.memory.cursors, name)
	}
}

// inventory finds out which items have which chrono, and which of those that have the same one is the oldest.
func (m *Mailbox) inventory(ctx context.Context, e record.Entity, u *url.URL) error {
	return m.all(ctx, u, func(raw json.RawMessage) error {
		var i struct {
			ID         string     `json:"id"`
			Created    time.Time  `json:"createdDateTime"`
			Properties properties `json:"singleValueExtendedProperties"`
		}
		if err := json.Unmarshal(raw, &i); err != nil || i.ID == "" {
			return badItem()
		}
		if chrono := i.Properties.get(chronoProperty); chrono != "" {
			known := m.memory.entry(record.Key(i.ID))
			known.Entity, known.Chrono, known.Created = e, chrono, unix(i.Created)
			m.memory.choose(record.Key(i.ID), known)
		}
		return nil
	})
}

func badItem() error {
	return connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "an item that can't be read")
}

// headed is what every item of a delta has.
type headed struct {
	ID          string           `json:"id"`
	Removed     *json.RawMessage `json:"@removed"`
	Type        string           `json:"type"`
	Sensitivity string           `json:"sensitivity"`
	Master      string           `json:"seriesMasterId"`
	Start       *moment          `json:"start"`
}

func (h headed) key() record.Key { return record.Key(h.ID) }

func headOf(raw json.RawMessage) (headed, error) {
	var h headed
	if err := json.Unmarshal(raw, &h); err != nil || h.ID == "" {
		return h, badItem()
	}
	return h, nil
}
