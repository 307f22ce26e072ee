package outlook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
)

// Traits: Graph takes one item a request. A new one may take a while before a search by its chrono finds it.
func (m *Mailbox) Traits() connectors.Traits {
	return connectors.Traits{Batch: 1, ServerLate: m.tenant.cfg.ServerLate, IndexLag: m.tenant.cfg.IndexLag}
}

// Apply writes records, one by one. Nothing is sent twice, but what a refused token kept from being carried out.
func (m *Mailbox) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	for i, op := range ops {
		switch {
		case ctx.Err() != nil:
			results[i] = notApplied(fmt.Errorf("not sent: %w", ctx.Err()))
		case !m.has(op.Entity):
			results[i] = notApplied(refused(connectors.Rejected, CodeRecordRefused, "%s is not synchronised", op.Entity))
		case op.Kind == connectors.Create:
			results[i] = m.create(ctx, op)
		default:
			results[i] = m.change(ctx, op)
		}
	}
	return results
}

func notApplied(err error) connectors.Result {
	return connectors.Result{Outcome: connectors.NotApplied, Err: err}
}

// outcome says what became of a write that failed.
func outcome(err error) connectors.Result {
	told, answered := errors.AsType[*statusError](err)
	if _, begun := errors.AsType[partly](err); begun {
		return connectors.Result{Outcome: connectors.ReadBack, Err: err}
	}
	switch {
	case errors.Is(err, rest.ErrNotApplied), answered && told.status < 500:
		return notApplied(err)
	case answered && told.status == http.StatusInternalServerError:
		return connectors.Result{Outcome: connectors.ReadBack, Err: err}
	}
	return connectors.Result{Outcome: connectors.InDoubt, Err: err}
}

// chronoOf is the chrono that a write notes in the item; empty if it is not to be changed.
func chronoOf(op connectors.Op) string {
	if v := op.Fields["Chrono"]; v.Text != "" {
		return v.Text
	}
	return op.ExternalID
}

func (m *Mailbox) create(ctx context.Context, op connectors.Op) connectors.Result {
	chrono := chronoOf(op)
	body, at, source, err := m.newborn(ctx, op, chrono)
	if err != nil {
		return notApplied(err)
	}
	var made struct {
		ID string `json:"id"`
	}
	if err := m.do(ctx, call{method: http.MethodPost, url: at, in: body}, &made); err != nil {
		if told, ok := errors.AsType[*statusError](err); ok && told.status == http.StatusConflict && op.Entity == record.Appointment {
			return m.madeBefore(ctx, op, chrono, err)
		}
		return outcome(err)
	}
	if made.ID == "" {
		return connectors.Result{Outcome: connectors.ReadBack, Err: connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "created, but the answer has no id")}
	}
	key := record.Key(made.ID)
	e := m.memory.entry(key)
	e.Entity, e.Source, e.Created, e.Gone = op.Entity, source, m.tenant.cfg.Now().Unix(), 0
	e.Begins = unix(op.Fields["Start"].Time())
	m.wrote(op, key, chrono, op.Fields)
	return connectors.Result{Outcome: connectors.Applied, Key: key}
}

// newborn is what a creation sends, and where to.
func (m *Mailbox) newborn(ctx context.Context, op connectors.Op, chrono string) (body map[string]any, at *url.URL, source string, err error) {
	switch op.Entity {
	case record.Contact:
		ids, err := m.folders(ctx)
		if err != nil {
			return nil, nil, "", err
		}
		return contactBody(&contact{}, op.Fields, chrono), m.at(nil, "contactFolders", ids[0], "contacts"), folderSource(ids[0]), nil
	case record.Appointment:
		empty := &item{event: &event{}, fields: record.Fields{}}
		body := m.eventBody(empty, op.Fields, chrono)
		m.times(body, op.Fields)
		body["transactionId"] = op.ID
		return body, m.at(nil, "events"), calendar, nil
	}
	list, _, err := m.lists(ctx)
	if err != nil {
		return nil, nil, "", err
	}
	empty := &item{task: &task{}, fields: record.Fields{}}
	body, x := m.taskBody(empty, op.Entity, op.Fields, chrono)
	body["extensions"] = []extension{x}
	if chrono != "" {
		body["linkedResources"] = []linkedThing{{Application: linkName, Name: chrono, ExternalID: chrono}}
	}
	return body, m.at(nil, "todo", "lists", list, "tasks"), listPrefix + list, nil
}

// madeBefore settles a creation whose transactionId Graph knows: an earlier try of it came through.
func (m *Mailbox) madeBefore(ctx context.Context, op connectors.Op, chrono string, cause error) connectors.Result {
	found, err := m.Find(ctx, op.Entity, "Chrono", record.TextOf(chrono))
	if err == nil && len(found) == 1 {
		return connectors.Result{Outcome: connectors.Applied, Key: found[0]}
	}
	return connectors.Result{Outcome: connectors.ReadBack, Err: cause}
}

// wrote remembers what a write of ours left, so that its echo is not taken for a person's change.
func (m *Mailbox) wrote(op connectors.Op, key record.Key, chrono string, now record.Fields) {
	fields := record.Fields{}
	for name, v := range now {
		fields[name] = v
	}
	for name, v := range op.Fields {
		fields[name] = v
	}
	if chrono != "" {
		fields["Chrono"] = record.TextOf(chrono)
		m.memory.hold(op.Entity, chrono, key)
	}
	m.memory.entry(key).Own = digest(op.Entity, fields)
}

// change updates or deletes. What is about to be overwritten is read and compared first; If-Match says the same to a product
// that enforces it.
func (m *Mailbox) change(ctx context.Context, op connectors.Op) connectors.Result {
	now, err := m.fetch(ctx, op.Entity, op.Key)
	switch {
	case isGone(err) && op.Kind == connectors.Delete:
		m.memory.lost(op.Key, m.tenant.cfg.Now())
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case err != nil:
		return notApplied(err)
	case now.private:
		return notApplied(refused(connectors.Rejected, CodePrivate, "it is private"))
	case !alike(now.fields, op.Seen):
		return notApplied(refused(connectors.Busy, CodeBusy, "somebody has changed it meanwhile"))
	case now.invites && (op.Kind == connectors.Delete || !alike(now.fields, quietly(op.Fields))):
		return notApplied(refused(connectors.Rejected, CodeMeeting, "the participants would be told"))
	}
	if op.Kind == connectors.Delete {
		return m.remove(ctx, op, now)
	}
	if err := m.update(ctx, op, now); err != nil {
		return outcome(err)
	}
	m.wrote(op, op.Key, chronoOf(op), now.fields)
	return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
}

// quietly gives those of some fields of which the participants of a meeting hear.
func quietly(fields record.Fields) record.Fields {
	of := record.Fields{}
	for _, name := range loud {
		if v, ok := fields[name]; ok {
			of[name] = v
		}
	}
	return of
}

func (m *Mailbox) remove(ctx context.Context, op connectors.Op, now *item) connectors.Result {
	err := m.do(ctx, call{method: http.MethodDelete, url: m.place(now), ifMatch: now.etag}, nil)
	if err != nil && !isGone(err) {
		return outcome(err)
	}
	m.memory.lost(op.Key, m.tenant.cfg.Now())
	return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
}

// place is where an item is written, with further parts below it.
func (m *Mailbox) place(i *item, below ...string) *url.URL {
	var parts []string
	switch i.entity {
	case record.Contact:
		parts = []string{"contacts", string(i.key)}
	case record.Appointment:
		parts = []string{"events", string(i.key)}
	default:
		parts = []string{"todo", "lists", i.source[len(listPrefix):], "tasks", string(i.key)}
	}
	return m.at(nil, append(parts, below...)...)
}

func (m *Mailbox) update(ctx context.Context, op connectors.Op, now *item) error {
	chrono := chronoOf(op)
	if chrono == now.chrono {
		chrono = ""
	}
	var body map[string]any
	switch op.Entity {
	case record.Contact:
		body = contactBody(now.contact, changed(now, op.Fields), chrono)
	case record.Appointment:
		body = m.eventBody(now, changed(now, op.Fields), chrono)
	default:
		return m.updateTask(ctx, op, now)
	}
	if len(body) == 0 {
		return nil
	}
	return m.do(ctx, call{method: http.MethodPatch, url: m.place(now), in: body, ifMatch: now.etag}, nil)
}

// changed gives those fields that the item does not show already.
func changed(now *item, fields record.Fields) record.Fields {
	of := record.Fields{}
	for name, v := range fields {
		if !alike(now.fields, record.Fields{name: v}) {
			of[name] = v
		}
	}
	return of
}
