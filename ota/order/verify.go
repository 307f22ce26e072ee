package order

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// MaxEnvelope is the largest envelope in bytes.
const MaxEnvelope = 4096

// PayloadType is what an envelope says of its payload; the signature covers it.
const PayloadType = "application/vnd.syncbox.order+json"

// maxSignatures bounds the work that an unsigned envelope can cause.
const maxSignatures = 8

// Box is who reads an order.
type Box struct {
	Name   string
	Groups []string
	// Now is the trusted time: without a trusted clock the latest time that is certain to be over.
	Now          time.Time
	ClockTrusted bool
	// Seq is Seq of the last order that was taken, by role.
	Seq map[Role]int64
	// Known says whether an order was taken already; nil if none was.
	Known func(id string) bool
	// MovesData says whether a config names a new server, share or CRM address; nil counts each as such.
	MovesData func(args json.RawMessage) bool
}

// Verify gives the order in an envelope if this box must carry it out; every error is a *Refusal. Before it acts, the
// box makes durable that it has taken the order: its id, and its Seq for its Role.
//
// A known id is told before an old Seq, since a repeated delivery has both.
func Verify(envelope []byte, ring Keyring, box Box) (Order, error) {
	e, refused := open(envelope)
	if refused != nil {
		return Order{}, refused
	}
	o, refused := ring.verify(e, box)
	if refused != nil {
		return Order{}, refused
	}
	for _, check := range []func(*Order) *Refusal{box.address, box.time, box.repeated, arguments} {
		if refused := check(&o); refused != nil {
			refused.ID = o.ID
			return Order{}, refused
		}
	}
	return o, nil
}

// open gives the envelope as it is; nothing of it is trusted.
func open(envelope []byte) (*dsse.Envelope, *Refusal) {
	if len(envelope) > MaxEnvelope {
		return nil, refuse(TooBig, "%d bytes, at most %d", len(envelope), MaxEnvelope)
	}
	var e dsse.Envelope
	if err := json.Unmarshal(envelope, &e); err != nil {
		return nil, &Refusal{Code: BadEnvelope, Cause: err}
	}
	switch {
	case e.PayloadType != PayloadType:
		return nil, refuse(BadEnvelope, "payload type %q, want %q", e.PayloadType, PayloadType)
	case len(e.Signatures) > maxSignatures:
		return nil, refuse(BadEnvelope, "%d signatures, at most %d", len(e.Signatures), maxSignatures)
	}
	for i := range e.Signatures {
		e.Signatures[i].KeyID = "" // no one signs it: it could only keep a good signature from being tried
	}
	return &e, nil
}

// verify reads the payload once some role has signed it, and then asks for the role that its op demands.
func (r Keyring) verify(e *dsse.Envelope, box Box) (Order, *Refusal) {
	signed := map[Role]bool{}
	var payload []byte
	var causes []error
	for _, role := range roles {
		b, err := r.payload(role, e)
		if err != nil {
			causes = append(causes, err)
			continue
		}
		payload, signed[role] = b, true
	}
	if len(signed) == 0 {
		return Order{}, &Refusal{Code: BadSignature, Cause: errors.Join(causes...)}
	}
	o, err := parse(payload)
	if err != nil {
		return Order{}, &Refusal{Code: BadEnvelope, Cause: err}
	}
	role, ok := o.role(box.MovesData)
	switch {
	case !ok:
		return Order{}, &Refusal{Code: UnknownOp, ID: o.ID, Cause: refuse(UnknownOp, "op %q", o.Op).Cause}
	case !signed[role]:
		return Order{}, refuse(BadSignature, "op %s needs role %s: %w", o.Op, role, errors.Join(causes...))
	case o.Role != role:
		return Order{}, refuse(BadSignature, "op %s needs role %s, payload says %q", o.Op, role, o.Role)
	}
	return o, nil
}

func (b Box) address(o *Order) *Refusal {
	if o.To == "box:"+b.Name {
		return nil
	}
	if slices.ContainsFunc(b.Groups, func(g string) bool { return o.To == "grp:"+g }) {
		return nil
	}
	return refuse(NotMe, "to %q", o.To)
}

// How far ahead an order may have been issued: by a trusted clock what clocks differ by, otherwise what a box may have
// lain in a store since its time was last certain.
const (
	maxAhead          = 5 * time.Minute
	maxAheadUntrusted = 2 * 365 * 24 * time.Hour
)

// time judges by the clock. Without a trusted one, an order can be shown to be over, but hardly to be too early.
func (b Box) time(o *Order) *Refusal {
	if !b.ClockTrusted && NeedsTime(o.Op, o.Role) {
		return refuse(ClockUntrusted, "op %s", o.Op)
	}
	life := time.Duration(o.Expires-o.Issued) * time.Second
	now := b.Now.Unix()
	switch {
	case b.ClockTrusted && o.Issued > now+int64(maxAhead/time.Second):
		return refuse(NotYet, "issued at %s", unix(o.Issued))
	case o.Issued > now+int64(maxAheadUntrusted/time.Second):
		return refuse(ClockUntrusted, "issued at %s", unix(o.Issued))
	case o.Expires-o.Issued > int64(o.Op.life()/time.Second):
		return refuse(Expired, "lives %v, at most %v", life, o.Op.life())
	case now > o.Expires:
		return refuse(Expired, "at %s", unix(o.Expires))
	case b.ClockTrusted && now < o.NotBefore:
		return refuse(NotYet, "before %s", unix(o.NotBefore))
	}
	return nil
}

func unix(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }

func (b Box) repeated(o *Order) *Refusal {
	switch {
	case b.Known != nil && b.Known(o.ID):
		return refuse(Known, "id is known")
	case o.Seq <= b.Seq[o.Role]:
		return refuse(Replayed, "seq %d, the last one of role %s was %d", o.Seq, o.Role, b.Seq[o.Role])
	}
	return nil
}

func arguments(o *Order) *Refusal {
	if err := o.targetArgs(); err != nil {
		return refuse(BadArgs, "args of %s: %w", o.Op, err)
	}
	return nil
}
