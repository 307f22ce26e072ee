package order

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/secure-systems-lab/go-securesystemslib/signerverifier"
)

// Signer signs with one key, which may be in a file, a card or a service.
type Signer = dsse.Signer

// KeySigner signs with a private key.
func KeySigner(private ed25519.PrivateKey) (Signer, error) {
	if len(private) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("ed25519 private key of %d bytes", len(private))
	}
	public := hex.EncodeToString(private.Public().(ed25519.PublicKey))
	return signerverifier.NewED25519SignerVerifierFromSSLibKey(&signerverifier.SSLibKey{
		KeyID: public, KeyType: signerverifier.ED25519KeyType, Scheme: signerverifier.ED25519KeyType,
		KeyVal: signerverifier.KeyVal{Public: public, Private: hex.EncodeToString(private)},
	})
}

// Sign gives the envelope of an order. V and Role are filled in, and Args where Target is set, with Wave; an order that no box would
// take is an error.
func Sign(ctx context.Context, o Order, signers ...Signer) ([]byte, error) {
	payload, err := o.sealed()
	if err != nil {
		return nil, fmt.Errorf("sign order: %w", err)
	}
	return signed(ctx, payload, nil, signers)
}

// Issue fills in what every order has (ID, times, Seq), as of now and for a time of at least a minute, and signs it. It gives the
// order as it is then, too.
func Issue(ctx context.Context, o Order, now time.Time, valid time.Duration, random io.Reader, signers ...Signer) (Order, []byte, error) {
	if !Recipient(o.To) {
		return o, nil, fmt.Errorf("order %s: to %q", o.Op, o.To)
	}
	if valid < time.Minute {
		return o, nil, fmt.Errorf("order %s: valid for %s", o.Op, valid)
	}
	var err error
	if o.ID, err = NewID(now, random); err != nil {
		return o, nil, err
	}
	o.Seq, o.Issued, o.NotBefore, o.Expires = now.UnixMilli(), now.Unix(), now.Unix(), now.Add(valid).Unix()
	envelope, err := Sign(ctx, o, signers...)
	return o, envelope, err
}

// sealed gives the payload, if the order is complete.
func (o Order) sealed() ([]byte, error) {
	o.V = Version
	if o.Target != nil {
		args, err := json.Marshal(struct {
			*Target
			*Wave
		}{o.Target, o.Wave})
		if err != nil {
			return nil, err
		}
		o.Args = args
	}
	// Of a config only the box can say which role it needs: what it says itself stands.
	role, ok := o.role(func(json.RawMessage) bool { return o.Role == Danger })
	if !ok {
		return nil, fmt.Errorf("no op %q", o.Op)
	}
	o.Role = role
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := o.targetArgs(); err != nil {
		return nil, fmt.Errorf("args of %s: %w", o.Op, err)
	}
	if life := o.Expires - o.Issued; life > int64(o.Op.life().Seconds()) {
		return nil, fmt.Errorf("lives %d s, at most %v", life, o.Op.life())
	}
	return json.Marshal(o)
}

// Cosign adds signatures to an envelope, for the second of two people. Peek shows them first what they sign.
func Cosign(ctx context.Context, envelope []byte, signers ...Signer) ([]byte, error) {
	e, refused := open(envelope)
	if refused != nil {
		return nil, fmt.Errorf("sign order: %w", refused)
	}
	payload, err := e.DecodeB64Payload()
	if err != nil {
		return nil, fmt.Errorf("sign order: %w", err)
	}
	var was dsse.Envelope // with the ids of its keys
	if err := json.Unmarshal(envelope, &was); err != nil {
		return nil, fmt.Errorf("sign order: %w", err)
	}
	return signed(ctx, payload, was.Signatures, signers)
}

// signed gives the envelope of a payload: the signatures that it has, and these.
func signed(ctx context.Context, payload []byte, has []dsse.Signature, signers []Signer) ([]byte, error) {
	s, err := dsse.NewEnvelopeSigner(signers...)
	if err != nil {
		return nil, fmt.Errorf("sign order: %w", err)
	}
	e, err := s.SignPayload(ctx, PayloadType, payload)
	if err != nil {
		return nil, fmt.Errorf("sign order: %w", err)
	}
	e.Signatures = append(has, e.Signatures...)
	return encode(e)
}

// Peek reads the order in an envelope without looking at its signatures, to show it to somebody who is about to sign.
func Peek(envelope []byte) (Order, error) {
	e, refused := open(envelope)
	if refused != nil {
		return Order{}, refused
	}
	payload, err := e.DecodeB64Payload()
	if err != nil {
		return Order{}, &Refusal{Code: BadEnvelope, Cause: err}
	}
	o, err := parse(payload)
	if err != nil {
		return Order{}, &Refusal{Code: BadEnvelope, Cause: err}
	}
	return o, o.targetArgs()
}

func encode(e *dsse.Envelope) ([]byte, error) {
	b, err := json.Marshal(e)
	switch {
	case err != nil:
		return nil, fmt.Errorf("sign order: %w", err)
	case len(b) > MaxEnvelope:
		return nil, fmt.Errorf("sign order: %d bytes, at most %d", len(b), MaxEnvelope)
	case len(e.Signatures) > maxSignatures:
		return nil, errors.New("sign order: too many signatures")
	}
	return b, nil
}
