package acomba

import (
	"context"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/share"
)

// Resolve tells from the file what became of a write whose answer was lost. It locks and writes
// nothing. A card that is neither as before nor as intended stays as it is: a person must look.
func (w *Writer) Resolve(ctx context.Context, op connectors.Op) connectors.Result {
	t, err := parseToken(op.Token)
	if err != nil {
		return inDoubt(err)
	}
	w.mu.Lock()
	l := w.cycle.Layout
	w.mu.Unlock()
	if l == nil {
		return inDoubt(&connectors.Error{Kind: connectors.Unavailable, Code: CodeLayoutUnknown})
	}
	f := l.File(customerFile)
	if f == nil || l.Write == nil || t.Layout != l.Fingerprint {
		return inDoubt(connectors.Errorf(connectors.Rejected, CodeHalfWritten, "card %d: the layout is another one than it was written with", t.Position))
	}
	c, err := w.customers(f)
	if err != nil {
		return inDoubt(err)
	}
	if op.Kind == connectors.Create {
		return c.resolveCreate(ctx, t)
	}
	return c.resolveUpdate(ctx, t)
}

func (c *cards) resolveUpdate(ctx context.Context, t *token) connectors.Result {
	raw, settled, err := c.one(ctx, t.Position)
	switch {
	case err != nil:
		return inDoubt(err)
	case !settled:
		return inDoubt(c.unsettled(ctx, t.Position))
	case t.isAfter(c.file, raw):
		return connectors.Result{Outcome: connectors.Applied, Key: keyOf(t.Position)}
	case t.wasBefore(c.file, raw):
		return notApplied(changed(t.Position, "it is as it was before the write"))
	}
	return inDoubt(halfWritten(c.file, t.Position, "it is neither as before nor as intended"))
}

// unsettled is the error of a card that somebody keeps writing, or that was left with an odd sequence.
func (c *cards) unsettled(ctx context.Context, position int32) error {
	if ctx.Err() != nil {
		return connectors.Errorf(connectors.Busy, CodeCardChanged, "read card %d: %w", position, ctx.Err())
	}
	return halfWritten(c.file, position, "its sequence says that it is being written")
}

// resolveCreate finds a new customer by its number, wherever it is by now.
func (c *cards) resolveCreate(ctx context.Context, t *token) connectors.Result {
	s, err := c.settledCount(ctx, t)
	switch {
	case err != nil:
		return inDoubt(err)
	case len(s.live) == 1:
		return connectors.Result{Outcome: connectors.Applied, Key: keyOf(s.live[0])}
	case len(s.live) > 1:
		return inDoubt(halfWritten(c.file, t.Position, "more than one card in use has its number"))
	case !s.whole:
		return inDoubt(halfWritten(c.file, s.next, "the file ends inside it"))
	case s.locked:
		return inDoubt(cardLocked(0, nil))
	}
	return c.neverAdded(ctx, t, s)
}

// settledCount counts until the file is whole and the number's card is no longer being created.
func (c *cards) settledCount(ctx context.Context, t *token) (census, error) {
	rules := c.file.Layout().Consistency
	for try := 0; ; try++ {
		s, err := c.count(ctx, t.Number)
		settled := err == nil && s.whole && len(s.begun) == 0
		if settled || err != nil && share.ClassOf(err) != share.Busy || try >= rules.Retries {
			return s, err
		}
		if !pause(ctx, rules.Backoff, try) {
			return s, connectors.Errorf(connectors.Busy, CodeCardChanged, "read %s: %w", c.file.Path, ctx.Err())
		}
	}
}

// neverAdded makes sure that the place holds nothing of ours that has lost its number.
func (c *cards) neverAdded(ctx context.Context, t *token, s census) connectors.Result {
	if s.next <= t.Position {
		return notApplied(changed(t.Position, "it was not added"))
	}
	raw, _, err := c.one(ctx, t.Position)
	if err != nil {
		return inDoubt(err)
	}
	if status := c.file.StatusOf(raw); status == layout.StatusCreating || status == layout.StatusUnknown {
		return inDoubt(halfWritten(c.file, t.Position, "it is "+status.String()))
	}
	return notApplied(changed(t.Position, "another card is there"))
}
