package outlook

import (
	"encoding/hex"
	"strings"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

func text() connectors.Field {
	return connectors.Field{Kind: record.Text, Write: connectors.WriteDirect}
}

func kind(k record.Kind) connectors.Field {
	return connectors.Field{Kind: k, Write: connectors.WriteDirect}
}

func shown(k record.Kind) connectors.Field { return connectors.Field{Kind: k} }

var contactFields = map[string]connectors.Field{
	"Chrono": text(), "Surname": text(), "GivenName": text(), "Title": text(), "JobTitle": text(), "Department": text(),
	"Company": text(), "BusinessPhone": text(), "HomePhone": text(), "MobilePhone": text(), "Email": text(), "Street": text(),
	"City": text(), "PostalCode": text(), "State": text(), "Country": text(), "Notes": text(),
}

// taskFields are those of tasks and of calls, which are tasks in Outlook.
var taskFields = map[string]connectors.Field{
	"Chrono": text(), "Company": text(), "ContactId": kind(record.Ref), "Completed": kind(record.Bool), "Start": kind(record.Date),
	"Due": kind(record.Date), "Assignee": text(), "Title": text(), "Body": text(), "Minutes": kind(record.Number),
}

var eventFields = map[string]connectors.Field{
	"Chrono": text(), "Company": text(), "Done": kind(record.Bool), "Start": kind(record.Time), "End": kind(record.Time),
	"AllDay": kind(record.Bool), "Visited": text(), "Subject": text(), "Body": text(),
	"Attendees": shown(record.Text), "Organizer": shown(record.Bool), "Kind": shown(record.Text),
}

// Fields tells the fields of an entity.
func (m *Mailbox) Fields(e record.Entity) map[string]connectors.Field {
	if !m.has(e) {
		return nil
	}
	return fieldsOf(e)
}

func fieldsOf(e record.Entity) map[string]connectors.Field {
	switch e {
	case record.Contact:
		return contactFields
	case record.Task, record.Call:
		return taskFields
	case record.Appointment:
		return eventFields
	}
	return nil
}

// digest gives the same for two states of a record that differ in nothing that we write.
func digest(e record.Entity, fields record.Fields) string {
	ours := record.Fields{}
	for name, f := range fieldsOf(e) {
		v := fields[name]
		if f.Write != connectors.WriteDirect || v.Kind == record.Bool && v.Text == "false" {
			continue
		}
		if v.Kind == record.Text {
			v = record.TextOf(trimmed(v.Text))
		}
		ours[name] = v
	}
	sum := xxh3.Hash128(ours.AppendCanonical(nil)).Bytes()
	return hex.EncodeToString(sum[:8])
}

// trimmed takes the blanks from the ends of lines, which Outlook does not keep.
func trimmed(s string) string {
	lines := strings.Split(plainLines(s), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t\u00a0")
	}
	return strings.Join(lines, "\n")
}

// alike says whether a record still shows what the plan was made on.
func alike(now, seen record.Fields) bool {
	for name, v := range seen {
		w := now[name]
		if v.Kind == record.Text && w.Kind == record.Text {
			v, w = record.TextOf(trimmed(v.Text)), record.TextOf(trimmed(w.Text))
		}
		if !w.Equal(v) {
			return false
		}
	}
	return true
}
