package order_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"syncbox/ota/order"
)

func TestCosign(t *testing.T) {
	first := sign(t, plain(order.Downgrade), 4)
	_, err := order.Verify(first, ring(), box())
	refused(t, err, order.BadSignature)
	seen, err := order.Peek(first)
	if err != nil || seen.Op != order.Downgrade || seen.Target == nil || seen.Target.Version.String() != "1.4.0" {
		t.Errorf("peek: got %+v, %v", seen, err)
	}
	both, err := order.Cosign(t.Context(), first, signers(t, 6)...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = order.Verify(both, ring(), box())
	refused(t, err, "")
	if !bytes.Contains(both, []byte(fmt.Sprintf("%x", public(4)[0]))) {
		t.Error("key id of the first signature is lost")
	}
}

func TestSignRefuses(t *testing.T) {
	for name, change := range map[string]func(*order.Order){
		"no id":        func(o *order.Order) { o.ID = "" },
		"no box":       func(o *order.Order) { o.To = "box:" },
		"no op":        func(o *order.Order) { o.Op = "" },
		"unknown op":   func(o *order.Order) { o.Op = "explode" },
		"no times":     func(o *order.Order) { o.Issued, o.NotBefore, o.Expires = 0, 0, 0 },
		"too long":     func(o *order.Order) { o.Expires += 8 * 86400 },
		"no seq":       func(o *order.Order) { o.Seq = 0 },
		"no target":    func(o *order.Order) { o.Target = nil },
		"bad target":   func(o *order.Order) { o.Target.Name = "1.4.0/arm64/1.3.0" },
		"too big":      func(o *order.Order) { *o = args(order.Sync, `"`+strings.Repeat("x", 4000)+`"`) },
		"args no JSON": func(o *order.Order) { *o = args(order.Sync, `{`) },
	} {
		o := plain(order.Desired)
		change(&o)
		if b, err := order.Sign(t.Context(), o, signers(t, 3)...); err == nil {
			t.Errorf("%s: signed %s", name, b)
		}
	}
	if _, err := order.Sign(t.Context(), plain(order.Desired)); err == nil {
		t.Error("signed by nobody")
	}
	if _, err := order.KeySigner(key(1)[:32]); err == nil {
		t.Error("half a key")
	}
	if _, err := order.Cosign(t.Context(), []byte("{}"), signers(t, 4)...); err == nil {
		t.Error("cosigned nothing")
	}
	if _, err := order.Peek([]byte("{}")); err == nil {
		t.Error("saw an order in nothing")
	}
}

func TestNewID(t *testing.T) {
	at := time.UnixMilli(1469918176385)
	id, err := order.NewID(at, bytes.NewReader(make([]byte, 10)))
	if err != nil || id != "01ARYZ6S410000000000000000" { // time of the example in the specification
		t.Errorf("got %q, %v", id, err)
	}
	id, err = order.NewID(at, bytes.NewReader(bytes.Repeat([]byte{255}, 10)))
	if err != nil || id != "01ARYZ6S41ZZZZZZZZZZZZZZZZ" {
		t.Errorf("got %q, %v", id, err)
	}
	if _, err := order.NewID(at, bytes.NewReader(nil)); err == nil {
		t.Error("an id without randomness")
	}
}
