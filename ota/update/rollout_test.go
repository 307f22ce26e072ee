package update_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"syncbox/ota/order"
	"syncbox/ota/release"
	"syncbox/ota/update"
)

// wave signs a wish for a part of the box's group.
func (w *world) wave(v string, percent int) []byte {
	w.t.Helper()
	o, err := order.Peek(w.wish(v))
	w.must(err)
	o.To, o.Op, o.Role, o.Wave = "grp:eu-1", order.Rollout, order.Fleet, &order.Wave{Percent: percent, Salt: "spring"}
	b, err := w.repo.Order(o, release.Fleet, order.MaxLife, w.keys, w.now(), rand.NewChaCha8([32]byte{1, byte(time.Since(w.begin).Milliseconds())}))
	w.must(err)
	return b
}

// deliver has the box look at an order, and holds what it answers against the code of a refusal; empty is taken.
func (w *world) deliver(envelope []byte, code update.Code) update.Answer {
	w.t.Helper()
	a, err := w.Updater.Wish(w.t.Context(), envelope)
	w.must(err)
	if a.Code != code || (a.Phase == update.PhaseRejected) != (code != "") {
		w.t.Errorf("got %+v, want code %q", a, code)
	}
	return a
}

// A box follows the wave that it is in, and none before.
func TestRollout(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		place := 0
		for !(order.Wave{Percent: place + 1, Salt: "spring"}).Takes("0001") {
			place++
		}
		w.deliver(w.wave("1.1.0", place), "not-me")
		w.run(day)
		if s := w.Updater.Status(); w.Version != "1.0.0" || s.Wish != "" || len(w.events) > 0 {
			t.Fatalf("%s runs, status %+v, told %+v", w.Version, s, w.events)
		}
		next := w.wave("1.1.0", place+1)
		w.deliver(next, "")
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		if a := w.deliver(next, ""); a.Phase != update.PhaseSucceeded {
			t.Errorf("delivered again: %+v", a)
		}
		w.deliver(w.wave("1.1.0", 100), "") // the last wave is for the first ones as well
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
		if len(w.starts) != 2 {
			t.Errorf("starts %q", w.starts)
		}
	})
}

// A rollout that is halted does not begin any more where it has not begun, also if the wave before is delivered once more.
func TestHalt(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.held.Store(true)
		first := w.wave("1.1.0", 100)
		w.deliver(first, "")
		w.run(time.Minute)
		halt := w.wave("1.1.0", 0)
		id := w.deliver(halt, "not-me").ID
		w.run(time.Second)
		if got := w.last(); got.Phase != update.PhaseSuperseded || got.Words != id {
			t.Errorf("told %+v", got)
		}
		w.held.Store(false)
		w.run(time.Minute)
		told := len(w.events)
		w.deliver(first, "") // it is the last one that ended
		w.deliver(halt, "not-me")
		w.power(update.CauseUnknown)
		w.deliver(halt, "not-me")
		w.run(day)
		if s := w.Updater.Status(); w.Version != "1.0.0" || s.Wish != "" || len(w.events) != told {
			t.Errorf("%s runs, status %+v, told %+v", w.Version, s, w.events[told:])
		}
	})
}

// A wave that this box has never seen is refused once it has seen the halt: whoever owns the broker can hold back, but not
// turn back.
func TestHaltIsNotTurnedBack(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.order("1.0.0")
		first := w.wave("1.1.0", 100)
		halt := w.wave("1.1.0", 0)
		w.deliver(halt, "not-me")
		w.deliver(first, "replayed")
		w.run(day)
		if w.Version != "1.0.0" {
			t.Errorf("%s runs", w.Version)
		}
	})
}

// What was ordered of this box alone is not halted with a rollout.
func TestHaltOfOthers(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.held.Store(true)
		w.order("1.1.0")
		w.deliver(w.wave("1.1.0", 0), "not-me")
		w.held.Store(false)
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// What failed here is not tried again because the next wave begins, but if somebody orders it of this box.
func TestNextWaveAfterFailure(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.set(func() { w.health = of("1.1.0", with("data", update.Failed)) })
		w.deliver(w.wave("1.1.0", 100), "")
		w.run(time.Hour)
		w.ended("1.0.0", update.PhaseRolledBack, "trial-data")
		next := w.wave("1.1.0", 100)
		w.deliver(next, update.KnownBad)
		w.deliver(next, update.KnownBad)
		w.run(day)
		if w.Version != "1.0.0" || len(w.starts) != 3 {
			t.Errorf("%s runs, starts %q", w.Version, w.starts)
		}
		w.set(func() { w.health = of("", fine()) })
		w.order("1.1.0")
		w.run(time.Hour)
		w.ended("1.1.0", update.PhaseSucceeded, "")
	})
}

// Nor where the next wave has come while it was on trial: that ends as the one before.
func TestNextWaveDuringTrial(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.set(func() { w.health = of("1.1.0", with("data", update.Unknown)) })
		w.deliver(w.wave("1.1.0", 100), "")
		for w.Version != "1.1.0" {
			w.run(time.Second)
		}
		next := w.wave("1.1.0", 100)
		w.deliver(next, "")
		w.set(func() { w.health = of("1.1.0", with("data", update.Failed)) })
		w.run(day)
		w.ended("1.0.0", update.PhaseRolledBack, "trial-data")
		o, err := order.Peek(next)
		w.must(err)
		if last := w.last(); last.Wish != o.ID || len(w.starts) != 3 {
			t.Errorf("told of %s, want %s; starts %q", last.Wish, o.ID, w.starts)
		}
	})
}

// Whoever does not take how a wish ended is told again, also after a restart, and once he has it no more.
func TestToldUntilTaken(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.hear(errors.New("no space"))
		id := w.order("1.1.0")
		w.run(time.Hour)
		if w.Version != "1.1.0" || len(w.events) > 0 {
			t.Fatalf("%s runs, told %+v", w.Version, w.events)
		}
		w.power(update.CauseUnknown)
		w.run(time.Hour)
		w.hear(nil)
		w.run(2 * time.Minute)
		w.power(update.CauseUnknown)
		w.run(day)
		if len(w.events) != 1 || w.events[0].Wish != id || w.events[0].Phase != update.PhaseSucceeded {
			t.Errorf("told %+v", w.events)
		}
	})
}

// That another wish took the place of one is told like any other end, after a power cut as well.
func TestSupersededIsKept(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		w.publish("1.1.0", "1.0.0")
		w.held.Store(true)
		id := w.order("1.1.0")
		w.hear(errors.New("no space"))
		w.must(w.Updater.Cancel())
		w.power(update.CauseUnknown)
		w.hear(nil)
		w.run(time.Hour)
		if got := w.last(); got.Wish != id || got.Phase != update.PhaseSuperseded {
			t.Errorf("told %+v", w.events)
		}
		if !w.Updater.Has(id) || w.Updater.Has("another") {
			t.Errorf("has %s: %t, another one: %t", id, w.Updater.Has(id), w.Updater.Has("another"))
		}
	})
}

// hear has those who are told about wishes fail, or not any more.
func (w *world) hear(err error) {
	w.telling.Lock()
	defer w.telling.Unlock()
	w.deaf = err
}

// Others judge orders by the same keys, groups and clock as the updater.
func TestKeysAndClock(t *testing.T) {
	story(t, func(t *testing.T, w *world) {
		keys, err := w.Updater.Keys()
		w.must(err)
		b, err := w.repo.Order(order.Order{To: "grp:eu-1", Op: order.Identify}, release.Ops, time.Hour, w.keys, w.now(), rand.NewChaCha8([32]byte{9}))
		w.must(err)
		c := w.Updater.Clock()
		if _, err := order.Verify(b, keys, order.Box{Name: "0001", Groups: []string{"eu-1"}, Now: c.Now, ClockTrusted: c.Trusted}); err != nil {
			t.Error(err)
		}
		if !c.Trusted || !c.Now.Equal(w.now()) {
			t.Errorf("clock %+v", c)
		}
		w.untrusted = true
		if c := w.Updater.Clock(); c.Trusted || c.Now.After(w.now()) || c.Now.Before(epoch.Add(-time.Hour)) {
			t.Errorf("a clock that is not trusted: %+v", c)
		}
	})
}
