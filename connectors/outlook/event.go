package outlook

import (
	"context"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/record"
)

// event is Graph's event, as far as we look at it.
type event struct {
	ID          string     `json:"id"`
	ETag        string     `json:"@odata.etag"`
	Created     time.Time  `json:"createdDateTime"`
	Changed     time.Time  `json:"lastModifiedDateTime"`
	Subject     string     `json:"subject"`
	Body        *itemBody  `json:"body"`
	Start       *moment    `json:"start"`
	End         *moment    `json:"end"`
	AllDay      bool       `json:"isAllDay"`
	Cancelled   bool       `json:"isCancelled"`
	Organizer   bool       `json:"isOrganizer"`
	Sensitivity string     `json:"sensitivity"`
	Type        string     `json:"type"`
	Master      string     `json:"seriesMasterId"`
	Categories  []string   `json:"categories"`
	Attendees   []attendee `json:"attendees"`
	Properties  properties `json:"singleValueExtendedProperties"`
}

// foreign says whether an event is a meeting to which the user was invited: it is the organiser's matter to tell X3 of it
// (X3-26), unless it carries a chrono.
func (v *event) foreign() bool {
	return !v.Organizer && len(v.Attendees) > 0 && v.Properties.get(chronoProperty) == ""
}

type attendee struct {
	Address email `json:"emailAddress"`
}

const calendar = "calendar" // the source of all events

// masterType is the type of the event that stands for a whole series.
const masterType = "seriesMaster"

func (m *Mailbox) fetchEvent(ctx context.Context, key record.Key) (*item, error) {
	var v event
	q := query("$expand", expand(chronoProperty, companyProperty, visitedProperty, subjectProperty))
	if err := m.get(ctx, m.at(q, "events", string(key)), &v); err != nil {
		return nil, err
	}
	return m.eventItem(&v, key), nil
}

func (m *Mailbox) eventItem(v *event, key record.Key) *item {
	p := eventLayout.read(v.Body.text())
	start, end := v.Start.at(), v.End.at()
	i := &item{
		entity: record.Appointment, key: key, source: calendar, chrono: v.Properties.get(chronoProperty), etag: v.ETag,
		created: v.Created, changed: v.Changed, begins: start, master: record.Key(v.Master), event: v,
		private: v.Sensitivity != "" && !strings.EqualFold(v.Sensitivity, "normal"), gone: v.Cancelled || v.Type == masterType || v.foreign(),
		invites: v.Organizer && len(v.Attendees) > 0,
	}
	if v.AllDay {
		start, end = midnight(start, m.tenant.cfg.Zone), midnight(end, m.tenant.cfg.Zone)
	}
	what := "plain"
	if len(v.Attendees) > 0 {
		what = "meeting"
	}
	company := companyIn(v.Subject, "#"+p.company+"#", p.text)
	if company == "" {
		company = v.Properties.get(companyProperty)
	}
	i.fields = record.Fields{
		"Chrono": record.TextOf(i.chrono), "Company": record.TextOf(company), "Done": record.BoolOf(slices.Contains(v.Categories, doneCategory)),
		"Start": record.TimeOf(start), "End": record.TimeOf(end), "AllDay": record.BoolOf(v.AllDay),
		"Visited": record.TextOf(plainLines(v.Properties.get(visitedProperty))), "Subject": whole(v.Subject, v.Properties.get(subjectProperty)),
		"Body": record.TextOf(p.text), "Attendees": record.TextOf(names(v.Attendees)), "Organizer": record.BoolOf(v.Organizer),
		"Kind": record.TextOf(what),
	}
	return i
}

// midnight gives the beginning of a day of the site, for a day that Graph tells as midnight UTC.
func midnight(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// names are the participants, one a line.
func names(list []attendee) string {
	var lines []string
	for _, a := range list {
		line := a.Address.Address
		if a.Address.Name != "" && a.Address.Name != line {
			line = a.Address.Name + " <" + line + ">"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// loud are the fields whose change the participants of a meeting hear of.
var loud = []string{"Subject", "Body", "Start", "End", "AllDay"}

// eventBody is what a write of the fields sends, over the event as it is. Of a meeting, what participants would hear of stays.
func (m *Mailbox) eventBody(now *item, fields record.Fields, chrono string) map[string]any {
	v, merged := now.event, record.Fields{}
	for name, value := range now.fields {
		merged[name] = value
	}
	for name, value := range fields {
		merged[name] = value
	}
	body, set := map[string]any{}, properties{}
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { _, ok := fields[n]; return ok })
	}
	if has("Subject", "Company") && !now.invites {
		m.subject(body, &set, v, merged, has("Company"))
	}
	if has("Company") {
		set = append(set, property{companyProperty, merged["Company"].Text})
	}
	if has("Visited") {
		set = append(set, property{visitedProperty, merged["Visited"].Text})
	}
	if has("Body", "Company", "Visited") && !now.invites {
		text := merged["Body"].Text
		if has("Company") && !has("Body") {
			text = setForeign(text, merged["Company"].Text)
		}
		want := eventLayout.write(parts{text: text, company: merged["Company"].Text, told: merged["Visited"].Text})
		if trimmed(want) != trimmed(strings.TrimRight(v.Body.text(), "\n ")) {
			body["body"] = itemBody{"text", want}
		}
	}
	if has("Start", "End", "AllDay") {
		if _, told := fields["AllDay"]; !told {
			delete(merged, "AllDay")
		}
		m.times(body, merged)
	}
	if has("Done") {
		body["categories"] = withCategory(v.Categories, merged["Done"].Text == "true")
	}
	if chrono != "" {
		set = append(set, property{chronoProperty, chrono})
	}
	if set = filled(set, v.Properties); len(set) > 0 {
		body["singleValueExtendedProperties"] = set
	}
	return body
}

// filled leaves out properties that are empty and were so before.
func filled(set, before properties) properties {
	return slices.DeleteFunc(set, func(p property) bool { return p.Value == "" && before.get(p.ID) == "" })
}

func (m *Mailbox) subject(body map[string]any, set *properties, v *event, merged record.Fields, company bool) {
	subject := merged["Subject"].Text
	if company && token.MatchString(v.Subject) && whole(v.Subject, v.Properties.get(subjectProperty)).Text == subject {
		subject = setCompany(subject, merged["Company"].Text)
	}
	if cut(subject) != v.Subject {
		body["subject"] = cut(subject)
	}
	full := ""
	if cut(subject) != subject {
		full = subject
	}
	*set = append(*set, property{subjectProperty, full})
}

// setForeign takes a code that the person wrote out of the text when there is to be none: it would be read again. Any other
// one stays, since ours stands before it.
func setForeign(text, code string) string {
	if code == "" {
		return setCompany(text, "")
	}
	return text
}

// times writes when an event is. Where nobody says whether it is all day, it is if it begins and ends with days of the site: so
// X3, which has hours alone, tells that (G15).
func (m *Mailbox) times(body map[string]any, f record.Fields) {
	start, end := f["Start"].Time(), f["End"].Time()
	if start.IsZero() {
		start = m.tenant.cfg.Now().UTC()
	}
	allDay := f["AllDay"].Text == "true"
	if _, told := f["AllDay"]; !told {
		allDay = m.beginsDay(start) && m.beginsDay(end) && end.After(start)
	}
	if allDay {
		start, end = dayIn(start, m.tenant.cfg.Zone), dayIn(end, m.tenant.cfg.Zone)
		if !end.After(start) {
			end = start.AddDate(0, 0, 1)
		}
	}
	if end.Before(start) {
		end = start
	}
	body["start"], body["end"], body["isAllDay"] = momentOf(start), momentOf(end), allDay
}

// beginsDay says whether a day of the site begins at an instant.
func (m *Mailbox) beginsDay(t time.Time) bool {
	zone := m.tenant.cfg.Zone
	return !t.IsZero() && midnight(dayIn(t, zone), zone).Equal(t)
}

// dayIn gives the day of the site in which an instant lies, as midnight UTC.
func dayIn(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func withCategory(now []string, done bool) []string {
	list := slices.DeleteFunc(append([]string{}, now...), func(c string) bool { return c == doneCategory })
	if done {
		list = append(list, doneCategory)
	}
	return list
}
