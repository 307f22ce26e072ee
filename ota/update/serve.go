package update

import (
	"context"
	"errors"
	"time"
)

// serve follows wishes, and looks for what is published, until the duty is another one.
func (u *Updater) serve(ctx context.Context) {
	var tries backoff
	checkAt := time.Now().Add(u.firstCheck())
	for ctx.Err() == nil && u.dutyNow() == Serve {
		u.tellOutcome()
		wait := u.follow1(ctx, &tries)
		if !u.tellOutcome() {
			wait = min(wait, tellAgain)
		}
		if until := time.Until(checkAt); u.dutyNow() == Serve && until <= 0 {
			checkAt = time.Now().Add(u.lookAround(ctx))
		} else {
			wait = min(wait, until)
		}
		u.show(func(s *Status) {
			if s.Doing != Held || u.store.record.Wish == nil {
				s.Doing = Idle
			}
		})
		u.sleep(ctx, wait, &tries)
	}
}

// tellAgain is how soon an outcome is told again that was not taken.
const tellAgain = time.Minute

// sleep waits for a while, or until somebody asks.
func (u *Updater) sleep(ctx context.Context, d time.Duration, tries *backoff) {
	if u.dutyNow() != Serve {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-u.wake:
		tries.reset()
	case <-t.C:
	}
}

// follow1 does what there is to do about the wish, and says when to come again.
func (u *Updater) follow1(ctx context.Context, tries *backoff) time.Duration {
	if !tries.due() {
		return tries.until()
	}
	over, err := u.forWish(ctx, u.install)
	switch {
	case over:
		return 0
	case errors.Is(err, errHeld):
		return heldFor
	}
	if err == nil {
		u.problem(nil)
		tries.reset()
		return checkEvery
	}
	u.failed(err)
	return tries.later()
}

// forWish does something about the wish that stands. It is over once ctx has ended or another order has come.
func (u *Updater) forWish(ctx context.Context, do func(context.Context) error) (over bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	u.mu.Lock()
	u.cancel = cancel
	u.unlock()
	err = do(ctx)
	u.mu.Lock()
	u.cancel = nil
	u.unlock()
	return ctx.Err() != nil, err
}

// failed tells why a wish is not followed, once for each reason. It is tried again: what is published may change.
func (u *Updater) failed(err error) {
	code := CodeOf(err)
	u.c.Log.Warn("wish not followed", "code", code, "err", err)
	u.problem(err)
	phase := PhaseFailed
	if code.final() {
		phase = PhaseRejected
	}
	u.note(func(r *Record) {
		if w := r.Wish; w != nil {
			r.outcome(Outcome{Wish: w.ID, Version: w.Target.Version, Phase: phase, Code: code, Words: err.Error()})
		}
	})
}

// final says whether only another order or another signed list can change it.
func (c Code) final() bool {
	switch c {
	case NotPublished, Disagree, WrongBoard, Downgrade, BelowFloor, TooLarge, BadManifest:
		return true
	}
	return false
}

// lookAround looks for what is published, and says when to do so again.
func (u *Updater) lookAround(ctx context.Context) time.Duration {
	if len(u.c.Sources()) == 0 {
		return checkAgain
	}
	t, err := u.refresh(ctx, "", func(Source) bool { return true })
	if ctx.Err() != nil {
		return 0
	}
	if err != nil {
		u.problem(err)
		return checkAgain
	}
	u.owes(ctx, t)
	if w := u.record().Wish; w == nil {
		u.problem(nil)
	}
	return checkEvery - time.Duration(u.share(int64(checkEvery/10), "check"))
}

// firstCheck gives when to look for the first time after a start: not all boxes at once when the power is back.
func (u *Updater) firstCheck() time.Duration {
	return time.Minute + time.Duration(u.share(int64(10*time.Minute), "start"))
}

// backoff is when something that went wrong is tried again: after a minute, then after twice as long, up to six hours.
type backoff struct {
	wait time.Duration
	next time.Time
}

const (
	firstAgain = time.Minute
	lastAgain  = 6 * time.Hour
)

func (b *backoff) due() bool { return !time.Now().Before(b.next) }

func (b *backoff) until() time.Duration { return max(time.Until(b.next), 0) }

func (b *backoff) later() time.Duration {
	b.wait = min(max(2*b.wait, firstAgain), lastAgain)
	b.next = time.Now().Add(b.wait)
	return b.wait
}

func (b *backoff) reset() { *b = backoff{} }
