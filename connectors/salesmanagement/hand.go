package salesmanagement

import (
	"context"
	"errors"
	"net/http"

	"syncbox/connectors"
)

// hand writes to one row. If the row is read-only and the API refuses to write it for that, the mark is lifted and put back (M10).
type hand struct {
	t        *Tenant
	list, id string
	readOnly bool // as it was
	lifted   bool
	wrote    bool // something was carried out, besides the mark
}

// try does a write to the row, or to what belongs to it.
func (h *hand) try(ctx context.Context, do func() error) error {
	err := do()
	if !refuses(err) || !h.readOnly || h.lifted {
		h.wrote = h.wrote || err == nil
		return err
	}
	if _, lift := h.t.write(ctx, http.MethodPut, payload{FieldReadOnly: false}, h.list, h.id); lift != nil {
		if refuses(lift) {
			return &connectors.Error{Kind: connectors.Rejected, Code: CodeReadOnlyBlocked, Err: errors.Join(err, lift)}
		}
		return lift
	}
	h.lifted = true
	err = do()
	h.wrote = h.wrote || err == nil
	return err
}

// told is the error of all that was done with the row.
func (h *hand) told(err error) error {
	if err != nil && h.wrote {
		return partial{err}
	}
	return err
}

// put changes the row itself.
func (h *hand) put(ctx context.Context, body payload) error {
	if len(body) == 0 {
		return nil
	}
	return h.try(ctx, func() error {
		_, err := h.t.write(ctx, http.MethodPut, body, h.list, h.id)
		return err
	})
}

// done puts the mark back, whatever became of the writes before; want is what the row is to be in the end.
func (h *hand) done(ctx context.Context, want bool, err error) error {
	if !h.lifted || !want {
		return err
	}
	_, back := h.t.write(ctx, http.MethodPut, payload{FieldReadOnly: true}, h.list, h.id)
	if err != nil {
		return err
	}
	return back
}

// wanted is whether a row is to be read-only after a write.
func wanted(body payload, before bool) bool {
	if v, told := body[FieldReadOnly].(bool); told {
		return v
	}
	return before
}
