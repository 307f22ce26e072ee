package enrol

import (
	"context"
	"errors"
	"time"
)

// lookEvery is how often the dates are looked at: the clock may be set at any time.
const lookEvery = time.Hour

// Run has certificates renewed in time, and claims answered, until ctx ends.
func (i *Identity) Run(ctx context.Context) error {
	for {
		i.again()
		if ask, blind := i.wanted(); ask {
			i.told(i.ask(ctx, blind))
		}
		timer := time.NewTimer(i.pause())
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-i.look:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// again shows a certificate once more that was refused some time ago.
func (i *Identity) again() {
	i.mu.Lock()
	over := i.spare && i.wallet.trial != nil && !i.later.IsZero() && !time.Now().Before(i.later)
	if over {
		i.spare, i.later = false, time.Time{}
	}
	i.mu.Unlock()
	if over {
		i.c.Changed()
	}
}

// wanted tells whether the server is to be asked now, and whether that is by the date of a clock that is not trusted.
func (i *Identity) wanted() (ask, blind bool) {
	set := i.c.Settings()
	_, trusted := i.c.Clock()
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case !set.On || set.Server == nil || len(i.known()) == 0 || time.Now().Before(i.rest):
		return false, false
	case i.claim != nil:
		return true, false
	case i.best() == nil || !i.due():
		return false, false
	}
	return trusted || i.wallet.Blind == 0, !trusted
}

// told takes up how a question ended.
func (i *Identity) told(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		i.c.Log.Error("no certificate from the server", "code", CodeOf(err), "err", err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	e, _ := errors.AsType[*Error](err)
	switch {
	case err == nil:
		i.failures, i.putOff, i.rest = 0, 0, time.Now().Add(lookEvery)
	case e != nil && e.After > 0:
		i.rest = time.Now().Add(i.asked(e.After))
	default:
		i.failures++
		i.rest = time.Now().Add(i.wait(CodeOf(err), i.failures))
	}
}

// asked gives how long the box waits where the server names a time. The caller holds mu.
func (i *Identity) asked(after time.Duration) time.Duration {
	if i.putOff++; i.putOff > quick {
		return max(after, laterWait)
	}
	return after
}

// pause gives the time until the next look.
func (i *Identity) pause() time.Duration {
	i.mu.Lock()
	defer i.mu.Unlock()
	d := lookEvery
	for _, t := range []time.Time{i.rest, i.later} {
		if left := time.Until(t); left > 0 {
			d = min(d, left)
		}
	}
	return d
}

// waits are those after failures: the first one, and the longest one.
var waits = map[Code][2]time.Duration{
	Refused: {30 * time.Minute, 24 * time.Hour},
	Unfit:   {30 * time.Minute, 24 * time.Hour},
}

// otherWaits are those of what passes.
var otherWaits = [2]time.Duration{5 * time.Minute, 6 * time.Hour}

// wait gives how long the box waits after a number of failures in a row, one or more: doubled each time, and up to a quarter
// longer by chance.
func (i *Identity) wait(why Code, failures int) time.Duration {
	w, known := waits[why]
	if !known {
		w = otherWaits
	}
	d := w[1]
	if failures <= 10 {
		d = min(w[0]<<(failures-1), w[1])
	}
	return d + time.Duration(i.c.Chance(int64(d/4)))
}
