package order_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/order"
)

// key gives a private key out of a number.
func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func public(numbers ...byte) (all []ed25519.PublicKey) {
	for _, n := range numbers {
		all = append(all, key(n).Public().(ed25519.PublicKey))
	}
	return all
}

// ring: 1 and 2 are support, 3 the fleet, 4 to 6 may do what can't be taken back.
func ring() order.Keyring {
	return order.Keyring{
		order.Ops:    {Threshold: 1, Public: public(1, 2)},
		order.Fleet:  {Threshold: 1, Public: public(3)},
		order.Danger: {Threshold: 2, Public: public(4, 5, 6)},
	}
}

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func box() order.Box {
	return order.Box{Name: "0001", Groups: []string{"eu-1", "all"}, Now: now, ClockTrusted: true}
}

func target() *order.Target {
	return &order.Target{
		Name: "1.4.0/arm64/full", Version: bundle.Version{Major: 1, Minor: 4}, SHA256: bundle.Digest{1}, Bytes: 96 << 20, Spread: 60,
	}
}

// plain gives an order that is fine but for its op.
func plain(op order.Op) order.Order {
	o := order.Order{
		ID: "01JD9F2M4Q0000000000000000", To: "box:0001", Op: op,
		Issued: now.Unix() - 60, NotBefore: now.Unix() - 60, Expires: now.Unix() + 600, Seq: now.UnixMilli(),
	}
	switch op {
	case order.Desired, order.Downgrade:
		o.Target = target()
	case order.Rollout:
		o.To, o.Target, o.Wave = "grp:eu-1", target(), &order.Wave{Percent: 10, Salt: "spring"}
	}
	return o
}

func args(op order.Op, args string) order.Order {
	o := plain(op)
	o.Args = json.RawMessage(args)
	return o
}

func signers(t testing.TB, numbers ...byte) (all []order.Signer) {
	t.Helper()
	for _, n := range numbers {
		s, err := order.KeySigner(key(n))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func sign(t testing.TB, o order.Order, by ...byte) []byte {
	t.Helper()
	b, err := order.Sign(t.Context(), o, signers(t, by...)...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// seal signs any payload, as Sign would not.
func seal(t testing.TB, payload string, by ...byte) []byte {
	t.Helper()
	return sealAs(t, order.PayloadType, payload, by...)
}

func sealAs(t testing.TB, kind, payload string, by ...byte) []byte {
	t.Helper()
	type signature struct {
		KeyID string `json:"keyid"`
		Sig   []byte `json:"sig"`
	}
	e := struct {
		PayloadType string      `json:"payloadType"`
		Payload     []byte      `json:"payload"`
		Signatures  []signature `json:"signatures"`
	}{PayloadType: kind, Payload: []byte(payload)}
	pae := fmt.Sprintf("DSSEv1 %d %s %d %s", len(kind), kind, len(payload), payload)
	for _, n := range by {
		e.Signatures = append(e.Signatures, signature{"whatever", ed25519.Sign(key(n), []byte(pae))})
	}
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// refused holds an error against a code; no code is no error.
func refused(t *testing.T, err error, code order.Code) {
	t.Helper()
	var r *order.Refusal
	errors.As(err, &r)
	switch {
	case code == "" && err != nil:
		t.Errorf("got %v, want none", err)
	case code != "" && (r == nil || r.Code != code):
		t.Errorf("got error %v, want one of code %s", err, code)
	}
}
