package acomba

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

// Prepare reads the card that op would change and gives the intent: which bytes it changes, and how
// the card looks before and after. Nothing is locked or written.
func (w *Writer) Prepare(ctx context.Context, op connectors.Op) ([]byte, error) {
	file, err := w.mayWrite(ctx)
	if err != nil {
		return nil, err
	}
	if op.Kind == connectors.Create {
		return w.prepareCreate(ctx, file, op)
	}
	position, err := positionOf(file, op.Key)
	if err != nil {
		return nil, err
	}
	raw, err := w.settledCard(ctx, file, position)
	if err != nil {
		return nil, err
	}
	now := w.parts.Now()
	plan, err := w.planUpdate(file, position, raw, op, now)
	if err != nil {
		return nil, err
	}
	return newToken(file, position, raw, plan, now).encode(), nil
}

// settledCard reads a card that nobody is writing.
func (w *Writer) settledCard(ctx context.Context, f *layout.File, position int32) ([]byte, error) {
	c, err := w.customers(f)
	if err != nil {
		return nil, err
	}
	raw, settled, err := c.one(ctx, position)
	if connectors.CodeOf(err) == CodeCardLocked {
		return nil, w.lockRefused(position, err)
	}
	if err != nil {
		return nil, err
	}
	if !settled {
		return nil, changed(position, "somebody is writing it")
	}
	return raw, nil
}

// planUpdate builds the new card from the bytes just read. The card must show what the plan was made on.
func (w *Writer) planUpdate(f *layout.File, position int32, raw []byte, op connectors.Op, now time.Time) (layout.Write, error) {
	card, err := f.Decode(position, raw)
	if err != nil {
		return layout.Write{}, err
	}
	if err := w.sameSeen(f, &card, op); err != nil {
		return layout.Write{}, err
	}
	values, err := w.planChange(f, &card, op.Entity, op.Fields)
	if err != nil {
		return layout.Write{}, err
	}
	plan, err := f.Apply(raw, values, now)
	if err != nil {
		return layout.Write{}, planFault(position, err)
	}
	return plan, w.checkShown(f, position, plan.After, op.Entity, op.Fields)
}

// planFault sorts an error of the layout.
func planFault(position int32, err error) error {
	if v, ok := errors.AsType[*layout.ValueError](err); ok {
		return refused(v.Field, v)
	}
	if errors.Is(err, layout.ErrStatus) || errors.Is(err, layout.ErrWriting) {
		return changed(position, err.Error())
	}
	return connectors.Errorf(connectors.Rejected, CodeNotWritable, "write card %d: %w", position, err)
}

func positionOf(f *layout.File, key record.Key) (int32, error) {
	n, err := strconv.ParseInt(string(key), 10, 32)
	if err != nil || int32(n) < f.DataFrom {
		return 0, connectors.Errorf(connectors.Rejected, CodeNotWritable, "write card %q: not a card position", key)
	}
	return int32(n), nil
}

// update changes a card in place.
func (w *Writer) update(ctx context.Context, f *layout.File, op connectors.Op, t *token) connectors.Result {
	position, err := positionOf(f, op.Key)
	if err != nil {
		return notApplied(err)
	}
	if position != t.Position || t.Before == nil {
		return notApplied(connectors.Errorf(connectors.Rejected, CodeNotPrepared, "write card %d: the intent is of card %d", position, t.Position))
	}
	result := w.changeCard(ctx, f, position, func(raw []byte) (layout.Write, error) {
		if !t.wasBefore(f, raw) {
			return layout.Write{}, changed(position, "it has changed since the plan was made")
		}
		plan, err := w.planUpdate(f, position, raw, op, t.time())
		if err == nil && !t.isAfter(f, plan.After) {
			err = changed(position, "the plan gives other bytes than the journal holds")
		}
		return plan, err
	})
	result.Key = op.Key
	return result
}

// changeCard does one write in the order that leaves no doubt behind: open, lock, read, plan on the
// bytes just read, write the card's range, read back, unlock, close.
func (w *Writer) changeCard(ctx context.Context, f *layout.File, position int32, plan func(raw []byte) (layout.Write, error)) connectors.Result {
	h, err := w.lockCard(ctx, f, position)
	if err != nil {
		return notApplied(err)
	}
	defer h.release()
	raw, err := h.read()
	if errors.Is(err, io.EOF) {
		err = changed(position, "the file ends before it")
	}
	if err != nil {
		return notApplied(err)
	}
	write, err := plan(raw)
	if err != nil {
		return notApplied(err)
	}
	w.counted()
	return w.commit(h, raw, write)
}

// commit writes a card and makes sure of it, all under the lock. What does not read back as written
// is put back as it was, and nothing more is written.
func (w *Writer) commit(h *heldCard, before []byte, plan layout.Write) connectors.Result {
	err := h.writeBoth(plan)
	got, unread := h.read()
	switch {
	case unread != nil:
		return inDoubt(errors.Join(err, unread))
	case bytes.Equal(got, plan.After) && err == nil:
		return connectors.Result{Outcome: connectors.Applied}
	case bytes.Equal(got, plan.After):
		return connectors.Result{Outcome: connectors.ReadBack, Err: err} // there, but perhaps not on the disk
	case bytes.Equal(got, before) && err != nil:
		return notApplied(err)
	}
	return w.undo(h, before, err)
}

// undo writes the card back as it was, and says so. cause is the error of the write, nil if the
// server called it good.
func (w *Writer) undo(h *heldCard, before []byte, cause error) connectors.Result {
	if cause == nil {
		w.stop()
		cause = connectors.Errorf(connectors.Drift, CodeReadback, "write %s: card %d does not read back as written", h.layout.Path, h.position)
	}
	err := h.write(before)
	got, unread := h.read()
	switch {
	case unread != nil:
		return inDoubt(errors.Join(unread, err, cause))
	case !bytes.Equal(got, before):
		w.stop()
		return inDoubt(errors.Join(halfWritten(h.layout, h.position, "it could not be put back as it was"), err, cause))
	}
	return notApplied(cause)
}

// heldCard is the range of one card in an open file, locked.
type heldCard struct {
	file     share.LockedFile
	layout   *layout.File
	position int32
	ranges   [][2]int64 // locked so far
}

// lockCard opens the customer file, the only one there is to open, and locks what the layout says.
func (w *Writer) lockCard(ctx context.Context, f *layout.File, position int32) (*heldCard, error) {
	if w.parts.Cards == nil || f.Name != customerFile {
		return nil, refusal(CodeNotWritable, f.Name)
	}
	name, found, err := w.find(f.Path)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, changed(position, "the file is not there")
	}
	file, err := w.parts.Cards.OpenCard(ctx, name)
	if err != nil {
		return nil, err
	}
	h := &heldCard{file: file, layout: f, position: position}
	for _, r := range f.LockRanges(position) {
		if err := file.Lock(r[0], r[1]); err != nil {
			h.release()
			if share.ClassOf(err) == share.Busy {
				err = w.lockRefused(position, err)
			}
			return nil, err
		}
		h.ranges = append(h.ranges, r)
	}
	return h, nil
}

// lockRefused counts the cycles in which a card was held by somebody else.
func (w *Writer) lockRefused(position int32, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.refused[position]
	if r.last != w.number || r.cycles == 0 {
		r = refusals{r.cycles + 1, w.number}
	}
	w.refused[position] = r
	locked := cardLocked(position, err)
	if r.cycles > w.cycle.Layout.Write.Lock.Attempts {
		locked.Code = CodeCardLockedLong
	}
	return locked
}

// release unlocks and closes; what was written is on the disk by then, so errors change nothing.
func (h *heldCard) release() {
	for _, r := range h.ranges {
		_ = h.file.Unlock(r[0], r[1])
	}
	_ = h.file.Close()
}

func (h *heldCard) offset() int64 { return h.layout.Offset(h.position) }

// read reads the card; io.EOF when the file ends before or in it.
func (h *heldCard) read() ([]byte, error) {
	raw := make([]byte, h.layout.CardSize)
	n, err := h.file.ReadAt(raw, h.offset())
	if n == len(raw) {
		return raw, nil
	}
	return nil, fmt.Errorf("read %s: card %d: %w", h.layout.Path, h.position, err)
}

// write writes the card's range and no byte more, down to the disk.
func (h *heldCard) write(image []byte) error {
	if _, err := h.file.WriteAt(image, h.offset()); err != nil {
		return fmt.Errorf("write %s: card %d: %w", h.layout.Path, h.position, err)
	}
	if err := h.file.Sync(); err != nil {
		return fmt.Errorf("write %s: card %d: %w", h.layout.Path, h.position, err)
	}
	return nil
}

// writeBoth writes the card as it is while being written, then as it stays.
func (h *heldCard) writeBoth(plan layout.Write) error {
	if !bytes.Equal(plan.During, plan.After) {
		if err := h.write(plan.During); err != nil {
			return err
		}
	}
	return h.write(plan.After)
}
