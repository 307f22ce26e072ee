package takeover_test

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// steps is how much happens in a month.
const steps = 24

// month plays 30 days in which the box is reached now and then, and a last day with an honest broker.
func (w *world) month() error {
	if err := w.start(); err != nil {
		return err
	}
	away := w.chance.IntN(3) == 0 // for the whole month
	end := w.now.Add(30 * 24 * time.Hour)
	for i := range steps {
		if err := w.step(away); err != nil {
			return err
		}
		// What is left of the month passes in leaps of all sizes.
		left := end.Sub(w.now)
		leap := []time.Duration{time.Second, time.Minute, 10 * time.Minute, time.Hour, 2 * left / time.Duration(steps-i)}[w.chance.IntN(5)]
		w.now = w.now.Add(time.Second + time.Duration(w.chance.Int64N(int64(max(leap, time.Second)))))
	}
	if w.now.Before(end) {
		w.now = end
	}
	return w.afterwards()
}

// step is one thing that happens.
func (w *world) step(away bool) error {
	switch k := w.chance.IntN(12); {
	case k < 4 || len(w.orders) == 0:
		w.issue()
	case away:
		return nil
	case k < 9:
		return w.reach()
	case k == 9:
		return w.drain(true)
	case k == 10:
		w.trusted = w.chance.IntN(3) > 0
		w.tell("the box knows the time: %v", w.trusted)
	case w.honest && w.chance.IntN(2) == 0:
	default:
		w.arm()
	}
	return nil
}

// arm lets the power go soon: at a commit, or around a deed.
func (w *world) arm() {
	if w.chance.IntN(2) == 0 {
		w.kv.left, w.kv.after = w.chance.IntN(5), w.chance.IntN(2) == 0
		return
	}
	w.cutAt = w.chance.IntN(3)
}

// reach has the broker bring the box something, and the box work, at once or some time later.
func (w *world) reach() error {
	n := 1 + w.chance.IntN(4)
	for range n {
		if err := w.bring(); err != nil {
			return err
		}
	}
	if !w.honest && w.chance.IntN(4) == 0 {
		w.now = w.now.Add(time.Duration(w.chance.IntN(3600)) * time.Second) // it is busy
		for _, o := range w.orders {
			o.fine = false
		}
	}
	if !w.honest && w.chance.IntN(6) == 0 {
		w.tell("the power goes before it gets to work")
		if err := w.again(power{}); err != nil {
			return err
		}
	}
	return w.work()
}

// bring delivers one thing: with an honest broker the next order, else anything that ever passed, or a forgery.
func (w *world) bring() error {
	next := slices.IndexFunc(w.orders, func(o *issued) bool { return o.delivered == 0 })
	if w.honest {
		if next < 0 {
			return nil
		}
		return w.give(w.orders[next])
	}
	o := w.orders[w.chance.IntN(len(w.orders))]
	switch w.chance.IntN(8) {
	case 0:
		c := clothes(o.envelope)
		other := c[w.chance.IntN(len(c))]
		w.brings(o)
		o.fine = false
		_, err := w.deliver(o.op+" "+o.tag+", "+other.name, other.payload)
		return err
	case 1:
		_, err := w.deliver("a bit changed in "+o.op, flips(w.chance, 1, o.envelope)[0].payload)
		return err
	case 2:
		d := newDraft(w.now, w.n(), "reset", "danger", draft{"level": "full"})
		_, err := w.deliver("full reset by one of danger, twice", d.signed(keyDanger, keyDanger))
		return err
	case 3:
		d := newDraft(w.now, w.n(), "reboot", "ops", nil)
		_, err := w.deliver("reboot by a stranger", d.signed(keyStranger))
		return err
	case 4:
		if next >= 0 {
			o = w.orders[next]
		}
	}
	return w.give(o)
}

// give delivers an order as support signed it.
func (w *world) give(o *issued) error {
	seen := slices.ContainsFunc(w.orders, func(other *issued) bool { return other.delivered > 0 && other.nbf > o.nbf })
	inTime := w.now.Unix() <= o.exp-60 && w.now.Unix() >= o.nbf
	o.fine = w.honest && o.delivered == 0 && !seen && inTime && w.trusted && w.kv.left < 0 && w.cutAt < 0
	w.brings(o)
	taken, err := w.deliver(o.op+" "+o.tag, o.envelope)
	o.taken = o.taken || taken
	return err
}

// brings notes that the box has had an order.
func (w *world) brings(o *issued) {
	if o.delivered++; o.delivered == 1 {
		o.came = w.now
	}
}

// afterwards has the box reached by an honest broker: all that is left comes, in order, then one more order.
func (w *world) afterwards() error {
	w.honest, w.trusted, w.kv.left, w.cutAt = true, true, -1, -1
	for _, o := range w.orders {
		if !o.taken {
			if err := w.give(o); err != nil {
				return err
			}
		}
		if err := w.work(); err != nil {
			return err
		}
	}
	w.now = w.now.Add(time.Hour)
	o := &issued{op: "sync", tag: "last", doing: "job force last", nbf: w.now.Unix(), exp: w.now.Unix() + 600}
	d := newDraft(w.now, w.n(), "sync", "ops", draft{"job": "last"})
	o.id, o.envelope = d["id"].(string), d.signed(keyOps)
	w.orders, w.byID[o.id] = append(w.orders, o), o
	if err := w.give(o); err != nil {
		return err
	}
	for range 3 {
		if err := w.work(); err != nil {
			return err
		}
		if err := w.drain(false); err != nil {
			return err
		}
		w.now = w.now.Add(8 * 24 * time.Hour)
	}
	return nil
}

// judge holds what was done against what support has signed.
func (w *world) judge() (wrong []string) {
	wrong = w.wrong
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	did, when := w.assign(bad)
	for _, o := range w.orders {
		name := o.op + " " + o.tag
		n := did[o]
		switch {
		case n > 0 && strings.HasSuffix(o.doing, o.tag) && w.passed(o, when):
			bad("%s: done, though a newer one was done before it came", name)
		case o.once && n > 1, n > 1 && w.cuts == 0, n > 1+w.cuts:
			bad("%s: done %d times", name, n)
		case len(o.finals) == 0 && o.taken:
			bad("%s: delivered, and support never hears how it ended", name)
		}
		if o.delivered == 0 || len(o.finals) == 0 {
			continue
		}
		last := o.finals[len(o.finals)-1]
		switch {
		case o.doing == "do restart" && last.Phase == "succeeded" && w.cuts > 0:
			// A power cut after it was begun starts the box as well.
		case o.doing != "" && last.Phase == "succeeded" && n == 0:
			bad("%s: told as done, and was not", name)
		case n > 0 && (last.Phase == "rejected" || last.Phase == "expired" || last.Phase == "superseded") && w.cuts == 0:
			bad("%s: told as %s %s, and was done", name, last.Phase, last.Code)
		case o.fine && last.Phase != "succeeded" && o.op != "cancel" && last.Phase != "superseded":
			bad("%s: came in time, and ended as %s %s", name, last.Phase, last.Code)
		}
		for _, f := range o.finals[:len(o.finals)-1] {
			if f.Phase == "succeeded" || f.Phase == "failed" {
				bad("%s: told as %s, later as %s %s", name, f.Phase, last.Phase, last.Code)
			}
		}
	}
	if last := w.orders[len(w.orders)-1]; did[last] != 1 {
		bad("the last order, by an honest broker: done %d times, told %v", did[last], last.finals)
	}
	return wrong
}

// passed says whether a newer order of the same role was done before this one came.
func (w *world) passed(o *issued, when map[*issued]time.Time) bool {
	return slices.ContainsFunc(w.orders, func(newer *issued) bool {
		at, was := when[newer]
		return was && newer.role == o.role && newer.nbf > o.nbf && strings.HasSuffix(newer.doing, newer.tag) && at.Before(o.came)
	})
}

// assign gives each deed to an order that had it done: one for this very thing that is not over and not done yet. It
// gives how often each order was done, and when first.
func (w *world) assign(bad func(string, ...any)) (did map[*issued]int, when map[*issued]time.Time) {
	did, when = map[*issued]int{}, map[*issued]time.Time{}
	for _, d := range w.deeds.done() {
		at := d.at.Unix()
		var fits []*issued
		for _, o := range w.orders {
			late := at > o.exp && (d.trusted || o.timely)
			if o.doing == d.what && o.delivered > 0 && !d.at.Before(o.came) && at >= o.nbf && !late && !(o.timely && !d.trusted) {
				fits = append(fits, o)
			}
		}
		if len(fits) == 0 {
			bad("%s at %s (time known: %v): nobody has signed that for then", d.what, d.at.Format("02 15:04:05"), d.trusted)
			continue
		}
		// Of those without a name of their own one that was not done, and of these one that is told as done, the first to end.
		slices.SortStableFunc(fits, func(a, b *issued) int {
			return cmp.Or(did[a]-did[b], a.untold()-b.untold(), cmp.Compare(a.exp, b.exp))
		})
		if did[fits[0]]++; did[fits[0]] == 1 {
			when[fits[0]] = d.at
		}
	}
	return did, when
}

// untold is 0 where support has heard that the order was done, else 1.
func (o *issued) untold() int {
	if slices.ContainsFunc(o.finals, func(f told) bool { return f.Phase == "succeeded" }) {
		return 0
	}
	return 1
}

// tally is what many histories had in them.
type tally struct {
	orders, deeds, cuts int
	phases              map[string]int
	failed              []string // what is wrong, the histories with it
}

// histories plays those of some seeds, as many at once as there are processors, and stops after one that is wrong.
func histories(from, to uint64) *tally {
	var mu sync.Mutex // guards all and next
	all, next := &tally{phases: map[string]int{}}, from
	var working sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		working.Go(func() {
			for {
				mu.Lock()
				seed := next
				next++
				enough := seed >= to || len(all.failed) > 0
				mu.Unlock()
				if enough {
					return
				}
				w := newWorld(seed)
				err := w.month()
				wrong := w.judge()
				mu.Lock()
				all.add(w)
				if err != nil || len(wrong) > 0 {
					all.failed = append(all.failed, fmt.Sprintf("seed %d: %v\n\t%s\n\nwhat happened:\n\t%s",
						seed, err, strings.Join(wrong, "\n\t"), strings.Join(w.stories, "\n\t")))
				}
				mu.Unlock()
			}
		})
	}
	working.Wait()
	return all
}

func (a *tally) add(w *world) {
	a.orders, a.deeds, a.cuts = a.orders+len(w.orders), a.deeds+len(w.deeds.done()), a.cuts+w.cuts
	for _, o := range w.orders {
		for _, f := range o.finals {
			a.phases[strings.TrimSpace(f.Phase+" "+f.Code)]++
		}
	}
}

// TestHistory: a month with a broker that somebody else has, with power cuts and a clock that is not always known. What
// support has signed is done once or told as refused; nothing else is done, nothing twice. Nothing is done late by a box that
// knows the time; one that does not know it does only what is harmless late.
func TestHistory(t *testing.T) {
	a := histories(*first, *first+uint64(*seeds))
	for _, f := range a.failed {
		t.Error(f)
	}
	t.Logf("histories=%d orders=%d deeds=%d cuts=%d ended=%v wrong=%d", *seeds, a.orders, a.deeds, a.cuts, a.phases, len(a.failed))
	for _, phase := range []string{"succeeded", "rejected replayed", "rejected clock-untrusted", "expired expired", "failed order-interrupted"} {
		if a.phases[phase] == 0 && *seeds >= 1000 {
			t.Errorf("no order ended as %q: the histories are too tame", phase)
		}
	}
}
