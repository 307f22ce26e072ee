package updates_test

import (
	"errors"
	"slices"
	"testing"

	"syncbox/firmware/internal/config"
	"syncbox/ota/order"
	"syncbox/ota/update"
)

// TestWishes: an order to a group of the box stands until it is taken back, which is told and journalled once; who is told and
// fails is no reason to journal it again.
func TestWishes(t *testing.T) {
	r := newRig(t)
	r.mu.Lock()
	r.settings = config.Updates{} // only if a person says so
	r.mu.Unlock()
	envelope := r.wish("grp:eu-1")
	id := r.accepted(envelope)
	if !r.part.Has(id) || r.part.Has("another") {
		t.Errorf("has %s: %t, another one: %t", id, r.part.Has(id), r.part.Has("another"))
	}
	if a, err := r.part.Wish(t.Context(), envelope); err != nil || a.ID != id {
		t.Errorf("delivered again: %+v, %v", a, err)
	}
	r.mu.Lock()
	r.deaf = errors.New("no space")
	r.mu.Unlock()
	r.no(r.part.Cancel())
	r.no(r.part.Cancel())
	r.mu.Lock()
	r.deaf = nil
	r.mu.Unlock()
	r.no(r.part.Cancel())
	if s := r.part.Status(); s.Wish != "" || !r.part.Has(id) {
		t.Errorf("an order that was taken back stands: %+v", s)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	told := func(p update.Phase) (n int) {
		for _, e := range r.told {
			if e.Wish == id && e.Phase == p {
				n++
			}
		}
		return n
	}
	if told(update.PhaseAccepted) != 1 || told(update.PhaseSuperseded) != 1 {
		t.Errorf("told %+v", r.told)
	}
	// Between the two, it may have been found that there is no server.
	events := slices.DeleteFunc(slices.Clone(r.events), func(e string) bool { return e == "update-failed" })
	if !slices.Equal(events, []string{"update-wished", "update-superseded"}) {
		t.Errorf("journal %q", r.events)
	}
}

// TestRefusedAgain: an order that comes whenever the broker is reached, and is refused each time, is journalled once.
func TestRefusedAgain(t *testing.T) {
	r := newRig(t)
	envelope := r.wish("box:another")
	for range 3 {
		if a, err := r.part.Wish(t.Context(), envelope); err != nil || a.Code != update.Code(order.NotMe) {
			t.Errorf("got %+v, %v", a, err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.events, []string{"update-refused"}) {
		t.Errorf("journal %q", r.events)
	}
}

// TestKeysOfOrders: other orders are judged by the keys and the clock of the updates.
func TestKeysOfOrders(t *testing.T) {
	r := newRig(t)
	keys, err := r.part.Keys()
	r.no(err)
	envelope := r.wish("box:box")
	now := r.part.Clock()
	if _, err := order.Verify(envelope, keys, order.Box{Name: "box", Now: now.Now, ClockTrusted: now.Trusted}); err != nil || !now.Trusted {
		t.Errorf("clock %+v: %v", now, err)
	}
}
