package release

import (
	"context"
	"crypto"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"syncbox/ota/bundle"
)

// OrderType is what the envelope of an order calls its content.
const OrderType = "application/vnd.syncbox.order+json"

// Limits of an order, which boxes hold it to.
const (
	MaxOrder      = 4 << 10            // bytes of the envelope
	MaxOrderValid = 7 * 24 * time.Hour // from its issue to its end
)

// Order is what a box is asked to do. It travels in a DSSE envelope (https://github.com/secure-systems-lab/dsse).
type Order struct {
	V         int    `json:"v"`
	ID        string `json:"id"`   // ULID
	To        string `json:"to"`   // "box:NAME" or "grp:NAME"
	Op        string `json:"op"`   // "desired", "downgrade", …
	Args      any    `json:"args"` // of a wish: WishArgs
	Issued    int64  `json:"iat"`  // seconds since 1970, as the next two
	NotBefore int64  `json:"nbf"`
	Expires   int64  `json:"exp"`
	Seq       int64  `json:"seq"` // milliseconds since 1970, larger than that of any earlier order
	Role      Role   `json:"role"`
}

// WishArgs say which release a box is to run.
type WishArgs struct {
	Target  string         `json:"target"` // name of the full payload
	Version bundle.Version `json:"version"`
	bundle.Image
	When   string `json:"when"`     // "": when the box may; WhenNow: at once
	Spread int    `json:"spread_s"` // boxes of a group begin within so many seconds
}

// WhenNow asks for an update at once, whatever the hours in which the box may.
const WhenNow = "now"

// Operations of a wish.
const (
	Desired   = "desired"   // needs one key of Fleet
	Downgrade = "downgrade" // needs two keys of Danger
)

// Wish says which release a box is to run, in the words of who asks for it.
type Wish struct {
	To        string // "box:NAME" or "grp:NAME"
	Version   bundle.Version
	Board     string
	Now       bool
	Spread    time.Duration // whole seconds, up to a week
	Valid     time.Duration // up to MaxOrderValid
	Downgrade bool          // to an older release
}

var recipient = regexp.MustCompile(`^(box|grp):[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Wish signs a wish for a release that is in the repository.
func (r *Repo) Wish(w Wish, keys Keys, now time.Time, random io.Reader) ([]byte, error) {
	to, err := r.image(w.Version, w.Board)
	if err != nil {
		return nil, err
	}
	if w.Spread < 0 || w.Spread > MaxOrderValid {
		return nil, fmt.Errorf("wish: spread of %s", w.Spread)
	}
	args := WishArgs{Target: bundle.FullName(w.Version, w.Board), Version: w.Version, Image: to, Spread: int(w.Spread / time.Second)}
	if w.Now {
		args.When = WhenNow
	}
	o := Order{To: w.To, Op: Desired, Role: Fleet, Args: args}
	if w.Downgrade {
		o.Op, o.Role = Downgrade, Danger
	}
	return r.Order(o, w.Valid, keys, now, random)
}

// Order fills in what every order has (V, ID, times, Seq) and signs it with the keys that the newest root gives its role.
func (r *Repo) Order(o Order, valid time.Duration, keys Keys, now time.Time, random io.Reader) ([]byte, error) {
	if !recipient.MatchString(o.To) {
		return nil, fmt.Errorf("order %s: to %q", o.Op, o.To)
	}
	if valid < time.Minute || valid > MaxOrderValid {
		return nil, fmt.Errorf("order %s: valid for %s", o.Op, valid)
	}
	role := r.root.Signed.Roles[string(o.Role)]
	signers := keys.signers(role.KeyIDs)
	if len(signers) < role.Threshold {
		return nil, fmt.Errorf("order %s: role %s: %w: %d of the %d needed", o.Op, o.Role, ErrKeys, len(signers), role.Threshold)
	}
	id, err := newULID(now, random)
	if err != nil {
		return nil, err
	}
	o.V, o.ID, o.Seq = 1, id, now.UnixMilli()
	o.Issued, o.NotBefore, o.Expires = now.Unix(), now.Unix(), now.Add(valid).Unix()
	return signOrder(o, signers[:role.Threshold])
}

func signOrder(o Order, keys Keys) ([]byte, error) {
	payload, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	var signers []dsse.Signer
	for _, k := range keys {
		signers = append(signers, orderSigner{k})
	}
	s, err := dsse.NewEnvelopeSigner(signers...)
	if err != nil {
		return nil, fmt.Errorf("order %s: %w", o.Op, err)
	}
	envelope, err := s.SignPayload(context.Background(), OrderType, payload)
	if err != nil {
		return nil, fmt.Errorf("order %s: %w", o.Op, err)
	}
	b, err := json.Marshal(envelope)
	if err == nil && len(b) > MaxOrder {
		err = fmt.Errorf("order %s: %d bytes, at most %d", o.Op, len(b), MaxOrder)
	}
	return b, err
}

// orderSigner signs envelopes with a key.
type orderSigner struct{ key Key }

func (s orderSigner) KeyID() (string, error) { return s.key.ID(), nil }

func (s orderSigner) Sign(_ context.Context, b []byte) ([]byte, error) {
	return s.key.Signer.Sign(nil, b, crypto.Hash(0))
}
