package acomba

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
)

// prepareCreate finds the place of a new customer's card. Its number must be free.
func (w *Writer) prepareCreate(ctx context.Context, f *layout.File, op connectors.Op) ([]byte, error) {
	if op.Entity != record.Account || !f.CanAppend() {
		return nil, refusal(CodeNoCreate, string(op.Entity))
	}
	number := op.Fields["number"].Text
	if strings.TrimSpace(number) == "" {
		return nil, refusal(CodeNumberMissing, "number")
	}
	c, err := w.customers(f)
	if err != nil {
		return nil, err
	}
	s, err := c.count(ctx, number)
	switch {
	case err != nil:
		return nil, err
	case !s.whole:
		return nil, changed(s.next, "the file is growing")
	case s.locked:
		return nil, cardLocked(0, errors.New("a locked card may have the number"))
	case len(s.live) > 0:
		return nil, refusal(CodeNumberTaken, "number")
	case len(s.begun) > 0:
		return w.prepareEnd(ctx, c, s.begun[0], op)
	}
	now := w.parts.Now()
	plan, err := w.planCreate(f, s.next, op, s.unique+1, now)
	if err != nil {
		return nil, err
	}
	t := newToken(f, s.next, nil, plan, now)
	t.Size, t.Unique, t.Number = s.size, s.unique+1, number
	return t.encode(), nil
}

// prepareEnd plans to end what a power cut left of the same write: a card that is still being created and holds,
// byte for byte, what was to be written. Any other one is a person's matter.
func (w *Writer) prepareEnd(ctx context.Context, c *cards, position int32, op connectors.Op) ([]byte, error) {
	raw, err := c.look(ctx, position)
	if err != nil {
		return nil, err
	}
	card, err := c.file.Decode(position, raw)
	if err != nil {
		return nil, err
	}
	now, unique := w.parts.Now(), int64(uniqueOf(&card))
	plan, err := w.planCreate(c.file, position, op, unique, now)
	if err != nil {
		return nil, err
	}
	if !c.file.SamePreImage(raw, plan.During) {
		return nil, halfWritten(c.file, position, "it is being created with the number that is to be given, and is no write of ours")
	}
	t := newToken(c.file, position, nil, plan, now)
	t.Unique, t.Number, t.Begun = unique, op.Fields["number"].Text, true
	return t.encode(), nil
}

// planCreate makes the card of a customer and its contact.
func (w *Writer) planCreate(f *layout.File, position int32, op connectors.Op, unique int64, now time.Time) (layout.Write, error) {
	values, err := w.newCustomer(f, position, op)
	if err != nil {
		return layout.Write{}, err
	}
	values[layout.Field{Name: "active"}] = true
	if f.Has("unique_id") {
		values[layout.Field{Name: "unique_id"}] = unique
	}
	plan, err := f.Create(values, now)
	if err != nil {
		return layout.Write{}, planFault(position, err)
	}
	if err := w.checkShown(f, position, plan.After, op.Entity, op.Fields); err != nil {
		return layout.Write{}, err
	}
	for _, with := range op.With {
		if err := w.checkShown(f, position, plan.After, with.Entity, withoutAccount(with.Fields)); err != nil {
			return layout.Write{}, err
		}
	}
	return plan, nil
}

// newCustomer merges the fields of account and contact into values of one blank card.
func (w *Writer) newCustomer(f *layout.File, position int32, op connectors.Op) (map[layout.Field]any, error) {
	blank, err := f.BlankCard()
	if err != nil {
		return nil, planFault(position, err)
	}
	card, err := f.Decode(position, blank)
	if err != nil {
		return nil, err
	}
	p := &cardChange{file: f, card: &card, show: w.parts.Show, values: map[layout.Field]any{}}
	fields := record.Fields{}
	for name, v := range op.Fields {
		if name != "number" {
			fields[name] = v
		}
	}
	if err := p.put("number", 0, op.Fields["number"].Text, "number"); err != nil {
		return nil, err
	}
	if err := p.add(op.Entity, fields); err != nil {
		return nil, err
	}
	for _, with := range op.With {
		if with.Entity != record.Contact {
			return nil, refusal(CodeNoCreate, string(with.Entity))
		}
		if err := p.add(with.Entity, withoutAccount(with.Fields)); err != nil {
			return nil, err
		}
	}
	return p.values, nil
}

// withoutAccount leaves out the contact's reference to its account: they are one card.
func withoutAccount(fields record.Fields) record.Fields {
	own := record.Fields{}
	for name, v := range fields {
		if name != "account" {
			own[name] = v
		}
	}
	return own
}

// create appends a card: first as being created, then, once that is verified, as in use. The file
// must still end where the plan saw its end.
func (w *Writer) create(ctx context.Context, f *layout.File, op connectors.Op, t *token) connectors.Result {
	if t.Before != nil || t.Number == "" || t.Number != op.Fields["number"].Text {
		return notApplied(connectors.Errorf(connectors.Rejected, CodeNotPrepared, "add card to %s: the intent is of another write", f.Path))
	}
	plan, err := w.planCreate(f, t.Position, op, t.Unique, t.time())
	if err == nil && !t.isAfter(f, plan.After) {
		err = changed(t.Position, "the plan gives other bytes than the journal holds")
	}
	if err != nil {
		return notApplied(err)
	}
	h, err := w.lockCard(ctx, f, t.Position)
	if err != nil {
		return notApplied(err)
	}
	defer h.release()
	if err := h.stillFree(t, plan); err != nil {
		return notApplied(err)
	}
	w.counted()
	return w.appendCard(h, t, plan)
}

// stillFree makes sure, under the lock, that nobody has added a card, or changed the one that was begun.
func (h *heldCard) stillFree(t *token, plan layout.Write) error {
	if !t.Begun {
		return h.endsAt(t.Size)
	}
	raw, err := h.read()
	if err == nil && !h.layout.SamePreImage(raw, plan.During) {
		err = changed(h.position, "it is not as it was begun")
	}
	return err
}

// endsAt makes sure, under the lock, that nobody has added a card.
func (h *heldCard) endsAt(size int64) error {
	info, err := h.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() != size || h.offset() != size {
		return changed(h.position, "somebody has added a card")
	}
	return nil
}

func (w *Writer) appendCard(h *heldCard, t *token, plan layout.Write) connectors.Result {
	for _, image := range [][]byte{plan.During, plan.After} {
		err := h.write(image)
		got, unread := h.read()
		if unread != nil && !t.Begun && h.endsAt(t.Size) == nil {
			return notApplied(errors.Join(err, unread)) // not a byte of it arrived
		}
		switch {
		case err != nil || unread != nil:
			return inDoubt(errors.Join(err, unread))
		case !bytes.Equal(got, image):
			w.stop()
			return inDoubt(halfWritten(h.layout, h.position, "it does not read back as written"))
		}
	}
	return connectors.Result{Outcome: connectors.Applied, Key: keyOf(h.position)}
}

func keyOf(position int32) record.Key { return record.Key(strconv.Itoa(int(position))) }
