package support_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

// carrier is a broker with support behind it: it delivers until the box has confirmed, and hears what the box tells.
type carrier struct {
	envelopes [][]byte
	confirmed map[int]bool
	acks      map[string][]wire.Ack
}

// live is one life of the box, until it restarts, has nothing left to do, or loses its power.
func (w *world) live(c *carrier) (cutOff bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(cut); !is {
				panic(r)
			}
			cutOff = true
		}
	}()
	w.starts()
	for i, e := range c.envelopes {
		if c.confirmed[i] {
			continue
		}
		w.take(e)
		w.step()
		c.confirmed[i] = true
		w.step()
		w.work()
		if w.reboot {
			return false
		}
	}
	w.work()
	if w.reboot {
		return false
	}
	w.tell(c)
	return false
}

// tell sends what waits; each can be cut off before it is sent, and before it is known to be.
func (w *world) tell(c *carrier) {
	for {
		m, found, err := w.store.Next()
		if err != nil {
			w.t.Fatal(err)
		}
		if !found {
			return
		}
		w.step()
		var a wire.Ack
		if err := json.Unmarshal(m.Payload, &a); err != nil {
			w.t.Fatal(err)
		}
		c.acks[a.ID] = append(c.acks[a.ID], a)
		w.step()
		if err := w.store.Sent(m); err != nil {
			w.t.Fatal(err)
		}
	}
}

// once are actions that must never happen twice for one order.
var once = []string{"restart", "reset-full", "reset-network", "resync-2 ", "config [box.language]"}

// TestPowerCut cuts the power at every step of every order, and at every pair of steps, delivers again what was not
// confirmed, and looks at what was done and what was told.
func TestPowerCut(t *testing.T) {
	target := `{"target":"1.4.0/arm64/full","version":"1.4.0","sha256":"` + strings.Repeat("01", 32) + `","bytes":1000}`
	rows := map[string]struct {
		op   order.Op
		args string
	}{
		"sync": {order.Sync, ``}, "identify": {order.Identify, ``}, "resync 1": {order.Resync, `{"level":1}`},
		"resync 2": {order.Resync, `{"level":2}`}, "reboot": {order.Reboot, ``}, "reset network": {order.Reset, `{"level":"network"}`},
		"reset full": {order.Reset, `{"level":"full"}`}, "config": {order.Config, `{"set":[{"key":"box.language","value":"en"}]}`},
		"downgrade": {order.Downgrade, target},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			for first, cuts := 1, 1; cuts > 0; first++ {
				tryCuts(t, row.op, row.args, first, 0, 20*time.Minute)
				cuts = tryCuts(t, row.op, row.args, first, 0, time.Second)
				for second := 1; cuts > 0 && tryCuts(t, row.op, row.args, first, second, time.Second) == 2; second++ {
				}
			}
		})
	}
}

// tryCuts plays one order with the power failing at a step, and at another one of the life after. It tells how
// often it failed: there may be fewer steps than that.
func tryCuts(t *testing.T, op order.Op, args string, first, second int, off time.Duration) (cuts int) {
	t.Helper()
	w := newWorld(t)
	w.sent()
	c := &carrier{confirmed: map[int]bool{}, acks: map[string][]wire.Ack{}}
	c.envelopes = [][]byte{w.issue(op, args)}
	lives, interrupted, late := 0, false, false
	w.steps, w.cutAt = 0, first
	for ; lives < 10; lives++ {
		was := len(w.did)
		cutOff := w.live(c)
		if lives > 0 && off > 10*time.Minute && len(w.did) > was {
			late = true
		}
		if !cutOff && !w.reboot {
			break
		}
		if cutOff {
			if cuts++; cuts == 1 {
				w.steps, w.cutAt = 0, second
			} else {
				w.cutAt = 0
			}
			interrupted = true
			w.now = w.now.Add(off)
		}
		w.boot()
	}
	if lives == 10 {
		t.Fatalf("cut at %d and %d: never comes to rest", first, second)
	}
	judge(t, w, c, first, second, interrupted, late)
	return cuts
}

func judge(t *testing.T, w *world, c *carrier, first, second int, interrupted, late bool) {
	t.Helper()
	bad := func(format string, args ...any) {
		t.Helper()
		t.Errorf("cut at %d and %d: "+format, append([]any{first, second}, args...)...)
	}
	acks := c.acks[id(1)]
	if len(acks) == 0 {
		bad("nothing was told")
		return
	}
	last := acks[len(acks)-1]
	handedOn := len(w.wishes.took) > 0 && last.Phase == wire.Running
	if !last.Phase.Final() && !handedOn {
		bad("the last that was told is %s", last.Phase)
	}
	for _, what := range once {
		if n := len(w.did) - len(slices.DeleteFunc(slices.Clone(w.did), func(d string) bool { return d == what })); n > 1 {
			bad("did %q %d times", what, n)
		}
	}
	if len(w.wishes.took) > 1 {
		bad("wished %q", w.wishes.took)
	}
	if w.noted && last.Phase != wire.Succeeded {
		bad("told %s %s of a full reset that was done", last.Phase, last.Code)
	}
	if late {
		bad("did %q when its time was over", w.did)
	}
	done := len(w.did)+len(w.wishes.took) > 0
	if last.Phase == wire.Succeeded && !done && !interrupted {
		bad("told %s, did nothing", last.Phase)
	}
	if last.Phase == wire.Succeeded && !done && last.Op != order.Reboot { // the power cut was the restart
		bad("told %s, did nothing", last.Phase)
	}
	if !interrupted && last.Phase != wire.Succeeded && !handedOn {
		bad("told %s %s, nothing was in the way", last.Phase, last.Code)
	}
	if done && (last.Phase == wire.Rejected || last.Phase == wire.Superseded) {
		bad("told %s, did %q", last.Phase, w.did)
	}
}
