package release

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/order"
)

// Wish says which release a box is to run, in the words of who asks for it.
type Wish struct {
	To        string // "box:NAME" or "grp:NAME"
	Version   bundle.Version
	Board     string
	Now       bool          // outside of the allowed hours as well
	Spread    time.Duration // within which the boxes of a group begin, whole seconds
	Valid     time.Duration // up to order.MaxLife
	Downgrade bool          // to an older release: needs two keys of Danger instead of one of Fleet
}

// Wish signs a wish for a release that is in the repository.
func (r *Repo) Wish(w Wish, keys Keys, now time.Time, random io.Reader) ([]byte, error) {
	to, err := r.image(w.Version, w.Board)
	if err != nil {
		return nil, err
	}
	o := order.Order{To: w.To, Op: order.Desired, Target: order.NewTarget(w.Version, w.Board, to, w.Now, w.Spread)}
	role := Fleet
	if w.Downgrade {
		o.Op, role = order.Downgrade, Danger
	}
	return r.Order(o, role, w.Valid, keys, now, random)
}

// Order issues an order, signed with as many keys as the newest root asks of the role that the order's Op demands.
func (r *Repo) Order(o order.Order, role Role, valid time.Duration, keys Keys, now time.Time, random io.Reader) ([]byte, error) {
	given := r.root.Signed.Roles[string(role)]
	able := keys.signers(given.KeyIDs)
	if len(able) < given.Threshold {
		return nil, fmt.Errorf("order %s: role %s: %w: %d of the %d needed", o.Op, role, ErrKeys, len(able), given.Threshold)
	}
	var signers []order.Signer
	for _, k := range able[:given.Threshold] {
		signers = append(signers, orderSigner{k})
	}
	_, envelope, err := order.Issue(context.Background(), o, now, valid, random, signers...)
	return envelope, err
}

// orderSigner signs envelopes with a key.
type orderSigner struct{ key Key }

func (s orderSigner) KeyID() (string, error) { return s.key.ID(), nil }

func (s orderSigner) Sign(_ context.Context, b []byte) ([]byte, error) {
	return s.key.Signer.Sign(nil, b, crypto.Hash(0))
}
