package outlook

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"syncbox/connectors"
)

// partly is in the chain of an error after which a part of a write was carried out.
type partly struct{ error }

// Unwrap keeps the kind and code, and drops that nothing was applied.
func (p partly) Unwrap() error {
	e, ok := errors.AsType[*connectors.Error](p.error)
	if !ok {
		return nil
	}
	bare := *e
	bare.Err = errors.New("only a part was written: " + e.Err.Error())
	return &bare
}

// updateTask writes the extension first, in which the chrono is, then the task, then what people see of the chrono.
func (m *Mailbox) updateTask(ctx context.Context, op connectors.Op, now *item) error {
	chrono := cmp.Or(chronoOf(op), now.chrono)
	body, x := m.taskBody(now, op.Entity, changed(now, op.Fields), chrono)
	var steps []call
	was, there := m.ours(now.task)
	switch {
	case there && !x.same(was):
		steps = append(steps, call{method: http.MethodPatch, url: m.place(now, "extensions", m.tenant.cfg.ExtensionName), in: x})
	case !there:
		steps = append(steps, call{method: http.MethodPost, url: m.place(now, "extensions"), in: x})
	}
	if len(body) > 0 {
		steps = append(steps, call{method: http.MethodPatch, url: m.place(now), in: body})
	}
	want := linkedThing{Application: linkName, Name: chrono, ExternalID: chrono}
	switch l, linked := now.task.link(); {
	case chrono == "":
	case !linked && now.task.Links != nil:
		steps = append(steps, call{method: http.MethodPost, url: m.place(now, "linkedResources"), in: want})
	case linked && l.ExternalID != chrono:
		steps = append(steps, call{method: http.MethodPatch, url: m.place(now, "linkedResources", l.ID), in: want})
	}
	for n, step := range steps {
		if err := m.do(ctx, step, nil); err != nil {
			if n > 0 {
				return partly{err}
			}
			return err
		}
	}
	return nil
}

// same says whether two extensions say the same.
func (x extension) same(y extension) bool {
	minutes := func(p *int) int {
		if p == nil {
			return -1
		}
		return *p
	}
	return x.Chrono == y.Chrono && x.Company == y.Company && x.ContactID == y.ContactID && x.Assignee == y.Assignee &&
		x.Subject == y.Subject && minutes(x.Minutes) == minutes(y.Minutes)
}
