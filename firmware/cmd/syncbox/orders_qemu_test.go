package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/ota/order"
	"syncbox/ota/release"
)

func (h *helpdesk) keys(role release.Role) (all []ed25519.PrivateKey) {
	for _, k := range h.maker.keys.Of(role) {
		all = append(all, k.Signer.(ed25519.PrivateKey))
	}
	return all
}

// sign signs an order for the box.
func (h *helpdesk) sign(op order.Op, args string, keys []ed25519.PrivateKey) []byte {
	h.t.Helper()
	now := time.Now()
	id, err := order.NewID(now, rand.Reader)
	h.no(err)
	o := order.Order{ID: id, To: "box:" + farBox, Op: op, Args: json.RawMessage(args), Issued: now.Unix(), NotBefore: now.Unix() - 60,
		Expires: now.Add(10 * time.Minute).Unix(), Seq: now.UnixMilli()}
	var signers []order.Signer
	for _, k := range keys {
		s, err := order.KeySigner(k)
		h.no(err)
		signers = append(signers, s)
	}
	envelope, err := order.Sign(h.ctx, o, signers...)
	h.no(err)
	return envelope
}

// wish signs what the box is to run, at once, and that its fleet does not spread itself.
func (h *helpdesk) wish(version string) []byte {
	h.t.Helper()
	o, err := order.Peek(h.maker.wish(version))
	h.no(err)
	var args map[string]any
	h.no(json.Unmarshal(o.Args, &args))
	args["reconnect_spread_s"] = 0
	b, err := json.Marshal(args)
	h.no(err)
	return h.sign(order.Desired, string(b), h.keys(release.Fleet)[:1])
}

func (h *helpdesk) publish(topic string, retained bool, payload []byte) {
	h.t.Helper()
	h.done(h.client.Publish("sb/v1/"+farBox+"/"+topic, 1, retained, payload))
}

// does has the box do something, and waits for how it ends.
func (h *helpdesk) does(op order.Op, args, phase string) {
	h.t.Helper()
	for {
		last := h.orders(op, args, phase)
		if last.Code == "clock-untrusted" {
			continue // it has just started, and has not asked for the time yet: somebody orders it once more
		}
		if last.Phase != phase {
			h.t.Errorf("%s %s: told %q with %q last", op, args, last.Phase, last.Code)
		}
		return
	}
}

// refuses has the box refuse something.
func (h *helpdesk) refuses(op order.Op, args, code string) {
	h.t.Helper()
	if last := h.orders(op, args, "succeeded"); last.Phase != "rejected" || last.Code != code {
		h.t.Errorf("%s %s: told %q with %q last, want %q", op, args, last.Phase, last.Code, code)
	}
}

// orders sends an order, and gives the last word about it: of that phase, or of another one after which nothing comes.
func (h *helpdesk) orders(op order.Op, args, phase string) remark {
	h.t.Helper()
	keys := h.keys(release.Ops)[:1]
	if strings.Contains(args, `"full"`) {
		keys = h.keys(release.Danger)[:2]
	}
	envelope := h.sign(op, args, keys)
	id := idOf(h.t, envelope)
	h.publish("cmd", false, envelope)
	last := func() remark { return h.last("/ack/" + id) }
	ends := []string{phase, "rejected", "failed", "expired", "superseded"}
	h.until(fmt.Sprintf("%s %s", op, args), func() bool { return slices.Contains(ends, last().Phase) })
	return last()
}

func idOf(t *testing.T, envelope []byte) string {
	t.Helper()
	o, err := order.Peek(envelope)
	if err != nil {
		t.Fatal(err)
	}
	return o.ID
}
