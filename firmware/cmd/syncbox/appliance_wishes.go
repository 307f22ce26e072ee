package main

import (
	"context"
	"errors"

	"syncbox/firmware/internal/support"
	"syncbox/ota/order"
	"syncbox/ota/trust"
	"syncbox/ota/update"
)

// errNoUpdates: without the card there is no root, and so nobody whose orders could be believed.
var errNoUpdates = errors.New("this box has no updates")

func (r *remote) keys() (order.Keyring, error) {
	if r.m.news == nil {
		return nil, errNoUpdates
	}
	return r.m.news.Keys()
}

func (r *remote) clock() trust.Clock {
	if r.m.news == nil {
		return r.m.time()
	}
	return r.m.news.Clock()
}

// wishes are the updates, which are opened later, or not at all.
type wishes struct{ m *machine }

var _ support.Wishes = wishes{}

// Wish hands an order to the updater.
func (w wishes) Wish(ctx context.Context, envelope []byte) (update.Answer, error) {
	if w.m.news == nil {
		return update.Answer{Phase: update.PhaseRejected, Code: update.Code(order.BadSignature)}, nil
	}
	return w.m.news.Wish(ctx, envelope)
}

// Has says whether the updater has a wish.
func (w wishes) Has(id string) bool { return w.m.news != nil && w.m.news.Has(id) }

// Cancel takes back what is wished.
func (w wishes) Cancel() error {
	if w.m.news == nil {
		return nil
	}
	return w.m.news.Cancel()
}
