package outlook

import (
	"context"
	"net/url"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// item is one contact, event or task as Graph shows it.
type item struct {
	entity  record.Entity
	key     record.Key
	source  string // folder, list or calendar that it lies in; empty if the item does not tell
	chrono  string
	etag    string
	created time.Time
	changed time.Time
	private bool
	gone    bool // it is there, but stands for nothing: a cancelled meeting, or somebody else's
	begins  time.Time
	master  record.Key // of an occurrence
	invites bool       // participants hear of what is changed
	fields  record.Fields

	contact *contact
	event   *event
	task    *task
}

// The named properties of contacts and events. In this set, desktop Outlook shows them as fields that users can add to a list.
const (
	propertySet     = "String {00020329-0000-0000-C000-000000000046} Name "
	chronoProperty  = propertySet + "X3Chrono"
	companyProperty = propertySet + "X3Company"
	visitedProperty = propertySet + "X3Contacts"
	subjectProperty = propertySet + "X3Subject" // a subject that was cut, in full
	sensitivity     = "Integer 0x36"            // PidTagSensitivity: 1 personal, 2 private, 3 confidential
	privateCodes    = " 1 2 3 "                 // of it
	privateNames    = " privé private "         // categories of tasks
	doneCategory    = "Effectué"                // of events
	linkName        = "Sage X3"                 // of a task's linked resource
	extensionType   = "microsoft.graph.openTypeExtension"
)

// property is an extended property.
type property struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

type properties []property

// get gives a property's value. Graph writes the same id in other letters than it was given.
func (p properties) get(id string) string {
	for _, one := range p {
		if strings.EqualFold(one.ID, id) {
			return one.Value
		}
	}
	return ""
}

// expand asks for our properties.
func expand(ids ...string) string {
	var terms []string
	for _, id := range ids {
		terms = append(terms, "id eq '"+id+"'")
	}
	return "singleValueExtendedProperties($filter=" + strings.Join(terms, " or ") + ")"
}

// moment is Graph's type of days and times.
type moment struct {
	DateTime string `json:"dateTime"`
	TimeZone string `json:"timeZone"`
}

// at reads the moment, of which UTC was asked for. Zero for none, or for one that can't be read.
func (d *moment) at() time.Time {
	if d == nil {
		return time.Time{}
	}
	t, err := time.Parse("2006-01-02T15:04:05.9999999", strings.TrimSuffix(d.DateTime, "Z"))
	if err != nil {
		return time.Time{}
	}
	return t
}

// day gives the day of a moment that a client may have noted as midnight in its own zone.
func (d *moment) day(zone *time.Location) record.Value {
	t := d.at()
	if t.IsZero() {
		return record.Value{}
	}
	if h, min, s := t.Clock(); h+min+s > 0 && strings.EqualFold(d.TimeZone, "UTC") {
		t = t.In(zone)
	}
	return record.DateOf(t)
}

func momentOf(t time.Time) moment {
	return moment{t.Format("2006-01-02T15:04:05"), "UTC"}
}

// record shows an item.
func (m *Mailbox) record(i *item) record.Record {
	r := record.Record{Entity: i.entity, Key: i.key, Fields: i.fields, ExternalID: i.chrono, Changed: i.changed}
	if i.private {
		r.Held, r.Changed, r.Fields = CodePrivate, time.Time{}, record.Fields{"Chrono": i.fields["Chrono"]}
		return r
	}
	if e := m.memory.items[i.key]; e != nil && e.Own == digest(i.entity, i.fields) {
		r.Changed = time.Time{}
	}
	return r
}

// fetch reads an item as it is now. errGone is in the chain of the error if there is none.
func (m *Mailbox) fetch(ctx context.Context, e record.Entity, key record.Key) (*item, error) {
	i, err := m.raw(ctx, e, key)
	if err != nil {
		return nil, err
	}
	m.memory.note(i)
	if err := m.claim(ctx, i); err != nil {
		return nil, err
	}
	return i, nil
}

// claim takes the chrono from an item that is a copy: another one that lives has had it before (G17).
func (m *Mailbox) claim(ctx context.Context, i *item) error {
	if i.chrono == "" {
		return nil
	}
	holder := m.memory.holder(i.entity, i.chrono)
	if holder != "" && holder != i.key && !m.memory.isGone(holder) {
		living, err := m.bears(ctx, i.entity, holder, i.chrono)
		if err != nil {
			return err
		}
		if living {
			i.chrono = ""
			i.fields["Chrono"] = record.Value{}
			return nil
		}
	}
	m.memory.hold(i.entity, i.chrono, i.key)
	return nil
}

// bears says whether an item is there and has a chrono.
func (m *Mailbox) bears(ctx context.Context, e record.Entity, key record.Key, chrono string) (bool, error) {
	i, err := m.raw(ctx, e, key)
	switch {
	case isGone(err):
		m.memory.lost(key, m.tenant.cfg.Now())
		return false, nil
	case err != nil:
		return false, err
	}
	return i.chrono == chrono && !i.gone, nil
}

// raw is fetch without a look at who has the chrono.
func (m *Mailbox) raw(ctx context.Context, e record.Entity, key record.Key) (*item, error) {
	switch e {
	case record.Contact:
		return m.fetchContact(ctx, key)
	case record.Appointment:
		return m.fetchEvent(ctx, key)
	}
	return m.fetchTask(ctx, e, key)
}

// refused makes an error about one record.
func refused(kind connectors.Kind, code, format string, args ...any) *connectors.Error {
	e := connectors.Errorf(kind, code, format, args...)
	if code == CodeRecordRefused {
		e.Args = map[string]string{"error": ""}
	}
	return e
}

func query(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}
