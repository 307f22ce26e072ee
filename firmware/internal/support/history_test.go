package support_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

var seeds = flag.Int("seeds", 150, "histories that TestHistories plays")

// TestHistories plays random lives of a box whose broker is an enemy: it delivers what it likes, when it likes and as
// often as it likes, while the power fails and the clock is lost. -seeds=1000000 takes its time.
func TestHistories(t *testing.T) {
	for seed := range *seeds {
		h := &history{world: newWorld(t), r: rand.New(rand.NewPCG(uint64(seed), 7)), seed: seed,
			heard: &carrier{acks: map[string][]wire.Ack{}}, ends: map[int]int64{}, count: map[string]int{}}
		h.sent()
		h.watch = h.done
		h.play()
		if t.Failed() {
			return
		}
	}
}

type history struct {
	*world
	r         *rand.Rand
	seed      int
	heard     *carrier
	envelopes [][]byte
	ends      map[int]int64 // number of an order → its end, Unix seconds
	reboots   []int         // numbers of those that ask for one
	count     map[string]int
}

func (h *history) bad(format string, args ...any) {
	h.t.Helper()
	h.t.Errorf("seed %d: "+format, append([]any{h.seed}, args...)...)
}

func (h *history) play() {
	for range 40 {
		h.cutAt = 0
		if h.r.IntN(4) == 0 {
			h.cutAt = h.steps + 1 + h.r.IntN(12)
		}
		if h.lives(h.happens) || h.reboot {
			h.now = h.now.Add(time.Duration(h.r.IntN(90)) * time.Second)
			h.known = h.r.IntN(2) == 0
			h.boot()
		}
	}
	h.cutAt, h.known = 0, true
	for range 100 { // until it rests
		if h.work(); !h.reboot {
			break
		}
		h.boot()
	}
	h.tell(h.heard)
	h.judge()
}

// lives lets something happen, and says whether the power failed.
func (h *history) lives(what func()) (failed bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(cut); !is {
				panic(r)
			}
			failed = true
		}
	}()
	what()
	return false
}

// happens is one thing at a time.
func (h *history) happens() {
	switch h.r.IntN(7) {
	case 0, 1:
		h.sends()
	case 2, 3:
		if len(h.envelopes) > 0 {
			h.take(h.envelopes[h.r.IntN(len(h.envelopes))])
		}
	case 4:
		h.work()
	case 5:
		h.tell(h.heard)
	case 6:
		h.now = h.now.Add([]time.Duration{time.Second, 5 * time.Minute, 20 * time.Minute, 8 * 24 * time.Hour, 30 * 24 * time.Hour}[h.r.IntN(5)])
		h.known = h.known || h.r.IntN(2) == 0
	}
}

// sends has support give an order. Each names a job of its own, so that what is done tells which one it was.
func (h *history) sends() {
	next := h.n + 1
	var envelope []byte
	switch h.r.IntN(3) {
	case 0:
		envelope = h.issue(order.Sync, fmt.Sprintf(`{"job":"j%d"}`, next))
	case 1:
		envelope = h.issue(order.Resync, fmt.Sprintf(`{"level":2,"job":"j%d"}`, next), func(o *order.Order) { o.Role = order.Danger })
	case 2:
		envelope = h.issue(order.Reboot, ``)
		h.reboots = append(h.reboots, next)
	}
	h.ends[next] = h.now.Unix() + 600
	h.envelopes = append(h.envelopes, envelope)
}

// done looks at everything that the box does. A box that does not know the time can't know that an order is too old, but
// for the few that it must not carry out then at all.
func (h *history) done(what string) {
	h.count[what]++
	verb, job, _ := strings.Cut(what, " j")
	if verb == "restart" {
		if !slices.ContainsFunc(h.reboots, func(n int) bool { return h.now.Unix() <= h.ends[n] }) {
			h.bad("restarts after the end of every order that asks for it")
		}
		return
	}
	var n int
	if _, err := fmt.Sscan(job, &n); err != nil {
		h.bad("did %q", what)
	}
	if h.known && h.now.Unix() > h.ends[n] {
		h.bad("did %q %d s late", what, h.now.Unix()-h.ends[n])
	}
	if verb == "resync-2" && h.count[what] > 1 {
		h.bad("did %q twice", what)
	}
}

// judge looks at what was told in the end.
func (h *history) judge() {
	if n := h.count["restart"]; n > len(h.reboots) {
		h.bad("%d restarts for %d orders", n, len(h.reboots))
	}
	for n := 1; n <= h.n; n++ {
		acks := h.heard.acks[id(n)]
		e, found, err := h.store.Entry(id(n))
		if err != nil {
			h.t.Fatal(err)
		}
		resynced := h.count[fmt.Sprintf("resync-2 j%d", n)] > 0
		if !found {
			if resynced {
				h.bad("order %d was carried out and is not remembered", n)
			}
			continue
		}
		if len(acks) == 0 || !e.Last.Phase.Final() || acks[len(acks)-1].Phase != e.Last.Phase {
			h.bad("order %d is %s, told was %+v", n, e.Last.Phase, acks)
			continue
		}
		for i, a := range acks {
			if i > 0 && acks[i-1].Phase.Final() && (a.Phase != acks[i-1].Phase || a.Code != acks[i-1].Code) {
				h.bad("order %d: told %s after %s", n, a.Phase, acks[i-1].Phase)
			}
		}
		last := acks[len(acks)-1]
		interrupted := last.Phase == wire.Failed && last.Code == support.CodeInterrupted
		if resynced && last.Phase != wire.Succeeded && !interrupted {
			h.bad("order %d was carried out, told is %s", n, last.Phase)
		}
		if b, _ := json.Marshal(last); last.Op == order.Resync && last.Phase == wire.Succeeded && !resynced {
			h.bad("order %d was not carried out, told is %s", n, b)
		}
	}
}
