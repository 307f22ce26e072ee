package trust_test

import (
	"crypto/ed25519"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/bundle"
	"syncbox/ota/order"
)

func TestKeys(t *testing.T) {
	r := first(t)
	b := r.fresh()
	public := func(numbers ...byte) (all []ed25519.PublicKey) {
		for _, n := range numbers {
			all = append(all, key(n).Public().(ed25519.PublicKey))
		}
		return all
	}
	want := order.Keyring{
		order.Ops: {Threshold: 1, Public: public(41)}, order.Fleet: {Threshold: 1, Public: public(51)},
		order.Danger: {Threshold: 2, Public: public(61, 62, 63)},
	}
	if d := cmp.Diff(want, b.good(r.server()).Keys); d != "" {
		t.Errorf("keys (-want +got):\n%s", d)
	}
	r.next(func() { r.assign("fleet", 1, 52) })
	want[order.Fleet] = order.RoleKeys{Threshold: 1, Public: public(52)}
	if d := cmp.Diff(want, b.good(r.server()).Keys); d != "" {
		t.Errorf("keys of the next root (-want +got):\n%s", d)
	}
	stored, err := b.anchor.Keys(b.state)
	if d := cmp.Diff(want, stored); d != "" || err != nil {
		t.Errorf("keys of the stored root (-want +got):\n%s%v", d, err)
	}
	// They serve package order as they are.
	s, err := order.KeySigner(key(52))
	if err != nil {
		t.Fatal(err)
	}
	o := order.Order{
		ID: "01JD9F2M4Q0000000000000000", To: "box:1", Op: order.Desired, Seq: 1,
		Target: &order.Target{Name: "1.0.0/arm64/full", Version: bundle.Version{Major: 1}, SHA256: bundle.Digest{1}, Bytes: 1},
		Issued: now.Unix(), NotBefore: now.Unix(), Expires: now.Unix() + 60,
	}
	e, err := order.Sign(t.Context(), o, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := order.Verify(e, stored, order.Box{Name: "1", Now: now, ClockTrusted: true}); err != nil {
		t.Errorf("order: %v", err)
	}
}

// A root without the roles of orders, or with keys that can't be used there, is a root; nobody can sign orders then.
func TestKeysThatCannotBeUsed(t *testing.T) {
	r := first(t)
	r.next(func() {
		delete(r.root.Signed.Roles, "fleet")
		r.root.Signed.Roles["ops"] = nil
		r.root.Signed.Roles["danger"].KeyIDs = append(r.root.Signed.Roles["danger"].KeyIDs, "unknown")
		for _, k := range r.root.Signed.Keys {
			if k.Value.PublicKey == fmt.Sprintf("%x", key(63).Public()) {
				k.Value.PublicKey = k.Value.PublicKey[2:]
			}
		}
	})
	got := r.fresh().good(r.server()).Keys
	if len(got) != 1 || len(got[order.Danger].Public) != 2 {
		t.Errorf("got %v", got)
	}
}
