package outlook

import (
	"context"
	"strings"
	"time"

	"syncbox/connectors/record"
)

// task is Graph's todoTask, as far as we look at it.
type task struct {
	ID         string         `json:"id"`
	Created    time.Time      `json:"createdDateTime"`
	Changed    time.Time      `json:"lastModifiedDateTime"`
	Title      string         `json:"title"`
	Body       *itemBody      `json:"body"`
	Status     string         `json:"status"`
	Start      *moment        `json:"startDateTime"`
	Due        *moment        `json:"dueDateTime"`
	Categories []string       `json:"categories"`
	Extensions *[]extension   `json:"extensions"` // nil where the answer leaves them out
	Links      *[]linkedThing `json:"linkedResources"`
}

// extension is what we note in a task.
type extension struct {
	Type      string `json:"@odata.type"`
	ID        string `json:"id,omitempty"`
	Name      string `json:"extensionName"`
	Chrono    string `json:"chrono,omitempty"`
	Company   string `json:"company,omitempty"`
	ContactID string `json:"contactId,omitempty"`
	Minutes   *int   `json:"actualMinutes,omitempty"`
	Assignee  string `json:"assignee,omitempty"`
	Subject   string `json:"subject,omitempty"` // a title that was cut, in full
}

// linkedThing shows people the chrono, and names contacts.
type linkedThing struct {
	ID          string `json:"id,omitempty"`
	Application string `json:"applicationName"`
	Name        string `json:"displayName"`
	ExternalID  string `json:"externalId"`
}

// fetchTask looks for a task in the list where it was last, else in every one.
func (m *Mailbox) fetchTask(ctx context.Context, e record.Entity, key record.Key) (*item, error) {
	if known := m.memory.items[key]; known != nil && strings.HasPrefix(known.Source, listPrefix) {
		return m.taskIn(ctx, e, strings.TrimPrefix(known.Source, listPrefix), key)
	}
	chosen, others, err := m.lists(ctx)
	if err != nil {
		return nil, err
	}
	i, err := m.taskIn(ctx, e, chosen, key)
	for _, list := range others {
		if !isGone(err) {
			break
		}
		i, err = m.taskIn(ctx, e, list, key)
	}
	return i, err
}

// taskIn reads a task with its extension. Where $expand gives none, it is asked for by itself.
func (m *Mailbox) taskIn(ctx context.Context, e record.Entity, list string, key record.Key) (*item, error) {
	var t task
	if err := m.get(ctx, m.at(query("$expand", "extensions,linkedResources"), "todo", "lists", list, "tasks", string(key)), &t); err != nil {
		return nil, err
	}
	if t.Extensions == nil {
		own, err := m.extension(ctx, list, key)
		if err != nil {
			return nil, err
		}
		t.Extensions = &own
	}
	return m.taskItem(&t, e, list, key), nil
}

// extension reads ours of a task, which may have none.
func (m *Mailbox) extension(ctx context.Context, list string, key record.Key) ([]extension, error) {
	var x extension
	err := m.get(ctx, m.at(nil, "todo", "lists", list, "tasks", string(key), "extensions", m.tenant.cfg.ExtensionName), &x)
	switch {
	case isGone(err):
		return []extension{}, nil
	case err != nil:
		return nil, err
	}
	x.Name = m.tenant.cfg.ExtensionName
	return []extension{x}, nil
}

// ours gives our extension of a task; the zero one if it has none.
func (m *Mailbox) ours(t *task) (extension, bool) {
	if t.Extensions == nil {
		return extension{}, false
	}
	name := m.tenant.cfg.ExtensionName
	for _, x := range *t.Extensions {
		if x.Name == name || x.ID == name || strings.HasSuffix(x.ID, "."+name) {
			return x, true
		}
	}
	return extension{}, false
}

// link gives our linked resource of a task.
func (t *task) link() (linkedThing, bool) {
	if t.Links != nil {
		for _, l := range *t.Links {
			if l.Application == linkName {
				return l, true
			}
		}
	}
	return linkedThing{}, false
}

// taskItem shows a task as e, or as what its chrono says that it is.
func (m *Mailbox) taskItem(t *task, e record.Entity, list string, key record.Key) *item {
	x, _ := m.ours(t)
	if x.Chrono == "" {
		l, _ := t.link()
		x.Chrono = l.ExternalID
	}
	i := &item{entity: e, key: key, source: listPrefix + list, chrono: x.Chrono, created: t.Created, changed: t.Changed, task: t}
	for _, c := range t.Categories {
		i.private = i.private || strings.Contains(privateNames, " "+strings.ToLower(strings.TrimSpace(c))+" ") && strings.TrimSpace(c) != ""
	}
	p := layoutOf(e).read(t.Body.text())
	company := companyIn(t.Title, "#"+p.company+"#", p.text)
	if company == "" {
		company = x.Company
	}
	minutes := p.minutes
	if minutes < 0 && x.Minutes != nil {
		minutes = *x.Minutes
	}
	zone := m.tenant.cfg.Zone
	i.fields = record.Fields{
		"Chrono": record.TextOf(i.chrono), "Company": record.TextOf(company), "ContactId": record.RefOf(m.contactOf(t, x)),
		"Completed": record.BoolOf(t.Status == "completed"), "Start": t.Start.day(zone), "Due": t.Due.day(zone),
		"Assignee": record.TextOf(x.Assignee), "Title": whole(t.Title, x.Subject), "Body": record.TextOf(p.text), "Minutes": minutesValue(minutes),
	}
	return i
}

func layoutOf(e record.Entity) layout {
	if e == record.Call {
		return callLayout
	}
	return taskLayout
}

// contactOf gives the contact of a task: ours, else the first one of its list (X3-32).
func (m *Mailbox) contactOf(t *task, x extension) record.Key {
	if x.ContactID != "" || t.Links == nil {
		return record.Key(x.ContactID)
	}
	for _, l := range *t.Links {
		if e := m.memory.items[record.Key(l.ExternalID)]; e != nil && e.Entity == record.Contact {
			return record.Key(l.ExternalID)
		}
	}
	return ""
}

// entityOf says what a task is: its chrono tells, else what it was told as, else the beginning of its title (X3-31).
func (m *Mailbox) entityOf(i *item) record.Entity {
	switch known := m.memory.items[i.key]; {
	case strings.HasPrefix(i.chrono, "CLL"):
		return record.Call
	case i.chrono != "":
		return record.Task
	case known != nil && known.Entity != "":
		return known.Entity
	case strings.HasPrefix(i.task.Title, "CLL "):
		return record.Call
	}
	return record.Task
}

// taskBody is what a write of the fields sends over the task as it is: the task's own part and the extension.
func (m *Mailbox) taskBody(now *item, e record.Entity, fields record.Fields, chrono string) (map[string]any, extension) {
	t, merged := now.task, record.Fields{}
	for name, v := range now.fields {
		merged[name] = v
	}
	for name, v := range fields {
		merged[name] = v
	}
	x := extension{
		Type: extensionType, Name: m.tenant.cfg.ExtensionName, Chrono: chrono, Company: merged["Company"].Text,
		ContactID: string(merged["ContactId"].Key()), Assignee: merged["Assignee"].Text,
	}
	if n := wholeNumber(merged["Minutes"]); n >= 0 {
		x.Minutes = &n
	}
	title := merged["Title"].Text
	_, retitled := fields["Title"]
	_, moved := fields["Company"]
	if moved && !retitled {
		title = setCompany(title, x.Company)
	}
	body := map[string]any{}
	if cut(title) != title {
		x.Subject = title
	}
	if cut(title) != t.Title && (moved || retitled) {
		body["title"] = cut(title)
	}
	for name, member := range map[string]string{"Start": "startDateTime", "Due": "dueDateTime"} {
		if v, ok := fields[name]; ok {
			body[member] = dayMoment(v)
		}
	}
	if v, ok := fields["Completed"]; ok && (v.Text == "true") != (t.Status == "completed") {
		body["status"] = map[bool]string{true: "completed", false: "notStarted"}[v.Text == "true"]
	}
	if text, differs := m.taskText(now, e, fields, merged); differs {
		body["body"] = itemBody{"text", text}
	}
	return body, x
}

// taskText gives the body that is wanted, and whether it is another one than there is.
func (m *Mailbox) taskText(now *item, e record.Entity, fields, merged record.Fields) (string, bool) {
	touched := false
	for _, name := range []string{"Body", "Company", "Minutes"} {
		_, ok := fields[name]
		touched = touched || ok
	}
	text := merged["Body"].Text
	if _, ok := fields["Body"]; !ok {
		text = setForeign(text, merged["Company"].Text)
	}
	l := layoutOf(e)
	want := l.write(parts{text: text, company: merged["Company"].Text, told: l.read(now.task.Body.text()).told, minutes: wholeNumber(merged["Minutes"])})
	return want, touched && trimmed(want) != trimmed(strings.TrimRight(now.task.Body.text(), "\n "))
}

// dayMoment is a day as To Do keeps it; nil for none.
func dayMoment(v record.Value) *moment {
	day, err := time.Parse(time.DateOnly, v.Text)
	if v.Kind != record.Date || err != nil {
		return nil
	}
	d := momentOf(day)
	return &d
}
