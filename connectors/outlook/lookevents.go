package outlook

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// lookEvents asks for the calendar's window, which is set anew every seven days. An event that left it keeps its link.
func (m *Mailbox) lookEvents(ctx context.Context, o connectors.Observation) error {
	if m.memory.cursors[calendar] == nil {
		u := m.at(query("$select", "id,createdDateTime", "$expand", expand(chronoProperty)), "events")
		if err := m.inventory(ctx, record.Appointment, u); err != nil {
			return err
		}
	}
	s := source{name: calendar, item: m.sawEvent, within: m.inWindow, first: func() *url.URL {
		from, to := m.window(m.tenant.cfg.Now())
		return m.at(query("startDateTime", from.Format(time.RFC3339), "endDateTime", to.Format(time.RFC3339)), "calendarView", "delta")
	}}
	if m.windowEnds() {
		m.begin(m.memory.cursors[calendar], s)
	}
	return m.round(ctx, o, s)
}

// windowEnds says whether the calendar's window is to be set anew.
func (m *Mailbox) windowEnds() bool {
	c := m.memory.cursors[calendar]
	return c != nil && m.tenant.cfg.Now().Sub(time.Unix(c.From, 0)).Abs() >= windowLife
}

// window is the part of the calendar that is looked at.
func (m *Mailbox) window(now time.Time) (from, to time.Time) {
	day := now.UTC().Truncate(24 * time.Hour)
	return day.AddDate(0, 0, -m.tenant.cfg.PastDays), day.AddDate(0, 0, m.tenant.cfg.FutureDays)
}

// set is when the window under way was set.
func (m *Mailbox) set() time.Time {
	if c := m.memory.cursors[calendar]; c != nil {
		return time.Unix(c.From, 0)
	}
	return m.tenant.cfg.Now()
}

// inWindow says whether an event that a complete round did not show should have been in it.
func (m *Mailbox) inWindow(e *entry) bool {
	from, to := m.window(m.set())
	at := time.Unix(e.Begins, 0)
	return e.Begins == 0 || at.After(from) && at.Before(to)
}

// near says whether an occurrence is near enough to be told (G14). It is a window's life further than the settings say, since
// the window is not set anew before.
func (m *Mailbox) near(begins time.Time) bool {
	return begins.IsZero() || begins.Before(m.set().AddDate(0, 0, m.tenant.cfg.RecurrenceDays).Add(windowLife))
}

func (m *Mailbox) sawEvent(ctx context.Context, raw json.RawMessage, tell func(record.Entity, record.Key)) error {
	h, err := headOf(raw)
	if err != nil {
		return err
	}
	known := m.memory.items[h.key()]
	switch {
	case h.Removed != nil || h.Type == masterType:
		return m.sawSeries(ctx, h, tell)
	case h.Type == "occurrence" && known == nil && !m.near(h.Start.at()):
		return nil
	}
	e := m.saw(calendar, record.Appointment, h.key())
	if begins := unix(h.Start.at()); begins != 0 && e.Begins != begins {
		m.memory.entry(h.key()).Begins = begins
	}
	if h.Master != "" && e.Master != record.Key(h.Master) {
		m.memory.entry(h.key()).Master = record.Key(h.Master)
	}
	tell(record.Appointment, h.key())
	return nil
}

// sawSeries takes a series that changed, or anything that was removed: each of its occurrences may be another one now.
func (m *Mailbox) sawSeries(ctx context.Context, h headed, tell func(record.Entity, record.Key)) error {
	if m.memory.items[h.key()] != nil {
		tell(record.Appointment, h.key())
	}
	for key, e := range m.memory.items {
		if e.Master == h.key() && e.Gone == 0 {
			tell(record.Appointment, key)
		}
	}
	if h.Removed != nil {
		return nil
	}
	err := m.instances(ctx, h.key(), func(v headed) {
		e := m.saw(calendar, record.Appointment, v.key())
		if e.Master != h.key() {
			m.memory.entry(v.key()).Master = h.key()
		}
		tell(record.Appointment, v.key())
	})
	if isGone(err) {
		return nil
	}
	return err
}

// instances lists the occurrences of a series that are near enough.
func (m *Mailbox) instances(ctx context.Context, master record.Key, each func(headed)) error {
	from, _ := m.window(m.set())
	to := m.set().UTC().AddDate(0, 0, m.tenant.cfg.RecurrenceDays).Add(windowLife)
	q := query("startDateTime", from.Format(time.RFC3339), "endDateTime", to.Format(time.RFC3339), "$select", "id,type,start,seriesMasterId,sensitivity")
	return m.all(ctx, m.at(q, "events", string(master), "instances"), func(raw json.RawMessage) error {
		h, err := headOf(raw)
		if err == nil {
			each(h)
		}
		return err
	})
}

// lookTasks asks the chosen list, and any other one to which one of ours was moved. Tasks are read at once: only their
// extension says whether one is a call.
func (m *Mailbox) lookTasks(ctx context.Context, o connectors.Observation) error {
	chosen, others, err := m.lists(ctx)
	if err != nil {
		return err
	}
	live := map[string]bool{}
	for _, list := range m.memory.listsOf(chosen, others) {
		name := listPrefix + list
		live[name] = true
		err := m.round(ctx, o, source{
			name: name, within: always,
			first: func() *url.URL { return m.at(nil, "todo", "lists", list, "tasks", "delta") },
			item: func(ctx context.Context, raw json.RawMessage, tell func(record.Entity, record.Key)) error {
				return m.sawTask(ctx, raw, list, list == chosen, tell)
			},
		})
		if err != nil {
			return err
		}
	}
	m.vanished(o, listPrefix, live)
	return nil
}

func (m *Mailbox) sawTask(ctx context.Context, raw json.RawMessage, list string, chosen bool, tell func(record.Entity, record.Key)) error {
	h, err := headOf(raw)
	if err != nil {
		return err
	}
	known := m.memory.items[h.key()]
	if h.Removed != nil {
		if known != nil {
			tell(known.Entity, h.key())
		}
		return nil
	}
	if known == nil || known.Chrono == "" {
		i, err := m.taskIn(ctx, record.Task, list, h.key())
		if isGone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if !chosen && i.chrono == "" {
			return nil
		}
		i.entity = m.entityOf(i)
		m.memory.note(i)
		if i.chrono != "" && (known == nil || m.memory.holder(i.entity, i.chrono) == "") {
			e := m.memory.entry(i.key)
			if e.Chrono == "" {
				m.former(i, tell)
			}
		}
	}
	e := m.saw(listPrefix+list, m.memory.items[h.key()].Entity, h.key())
	tell(e.Entity, h.key())
	return nil
}

// former makes a task the holder of its chrono if it is the oldest one that is known to have it, and tells the one that was
// taken for it.
func (m *Mailbox) former(i *item, tell func(record.Entity, record.Key)) {
	before := m.memory.holder(i.entity, i.chrono)
	if before != "" && !m.complete() {
		return
	}
	e := m.memory.entry(i.key)
	e.Chrono = i.chrono
	m.memory.choose(i.key, e)
	if before != "" && before != m.memory.holder(i.entity, i.chrono) {
		tell(m.memory.items[before].Entity, before)
	}
}

// complete says whether the first round of a task list is under way, in which no item is known from before.
func (m *Mailbox) complete() bool {
	for name, c := range m.memory.cursors {
		if strings.HasPrefix(name, listPrefix) && (!c.Whole || c.Round != 1) {
			return false
		}
	}
	return true
}
