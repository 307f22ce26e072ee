package update

import (
	"context"
	"errors"
	"sync"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/slot"
)

// How often a system is looked at: at first every second, then less and less.
const (
	firstLooks = time.Second
	laterLooks = 10 * time.Second
)

func nextLook(on time.Duration) time.Duration { return min(max(on/60, firstLooks), laterLooks) }

// look is the duty of a system on trial.
func (u *Updater) look(ctx context.Context) {
	in := u.record().Install
	t := &Trial{Times: usual}
	if in != nil && in.Slot == u.start.Slot {
		t = &Trial{Times: in.Trial, Before: in.Before, Acquitted: in.Acquitted}
	}
	u.show(func(s *Status) { s.Doing = OnTrial })
	var d Decision
	u.watch(ctx, func(on time.Duration, h Health) bool {
		d = t.Look(on, h)
		return d.Verdict != Wait
	})
	switch {
	case ctx.Err() != nil:
	case d.Verdict == Good:
		u.commit(ctx)
	default:
		u.giveBack(ctx, d)
	}
}

// watch looks again and again, until look says that it has seen enough. The path of updates is tried beside it.
func (u *Updater) watch(ctx context.Context, look func(on time.Duration, h Health) bool) {
	ctx, cancel := context.WithCancel(ctx)
	var path probe
	var probing sync.WaitGroup
	probing.Go(func() { u.probe(ctx, &path) })
	defer probing.Wait()
	defer cancel()
	begin := time.Now()
	for {
		h := u.c.Health()
		h.Checks = append(h.Checks[:len(h.Checks):len(h.Checks)], path.check()...)
		on := time.Since(begin)
		if look(on, h) || !pause(ctx, nextLook(on)) {
			return
		}
	}
}

// probe is whether the signed list can be had over the network.
type probe struct {
	mu     sync.Mutex // protects what follows
	asked  bool       // there is a server
	result Result
	words  string
}

func (p *probe) set(result Result, words string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked, p.result, p.words = true, result, words
}

func (p *probe) check() []Check {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.asked {
		return nil
	}
	return []Check{{Name: PathCheck, Kind: Network, Result: p.result, Words: p.words}}
}

func remote(s Source) bool { return !s.Local }

// probe tries the path of updates until it is found.
func (u *Updater) probe(ctx context.Context, p *probe) {
	for wait := 10 * time.Second; ; wait = min(2*wait, 10*time.Minute) {
		if u.hasServer() {
			p.set(Unknown, "")
			_, err := u.refresh(ctx, "", remote)
			switch {
			case ctx.Err() != nil:
				return
			case err == nil:
				p.set(Passed, "")
				return
			}
			p.set(Failed, err.Error())
		}
		if !pause(ctx, wait) {
			return
		}
	}
}

func (u *Updater) hasServer() bool {
	for _, s := range u.c.Sources() {
		if remote(s) {
			return true
		}
	}
	return false
}

// commit makes the system on trial the good one. The boot state comes first: the record is mended by the next start.
func (u *Updater) commit(ctx context.Context) {
	u.insist(ctx, "commit", func() error {
		return u.boot(func(s bootstate.State) (bootstate.State, error) { return s.MarkGood(u.start.Slot) })
	})
	if ctx.Err() != nil {
		return
	}
	u.c.Log.Info("system is good", "slot", u.start.Slot)
	u.note(func(r *Record) {
		if r.Install != nil && r.Install.Slot == u.start.Slot {
			r.succeed()
		}
	})
	u.turn(Look, Serve)
}

// giveBack ends the trial: why, as far as that can be kept, then the boot state, then the restart. Where the boot state
// can't be written, restarts use up the tries.
func (u *Updater) giveBack(ctx context.Context, d Decision) {
	u.c.Log.Error("system is no good", "slot", u.start.Slot, "code", d.Failure.Code, "why", d.Failure.Words, "missing", d.Missing)
	u.note(func(r *Record) {
		if in := r.Install; in != nil && in.Slot == u.start.Slot {
			in.Failure, in.Missing = &d.Failure, d.Missing
		}
	})
	if err := u.boot(bootstate.State.Fail); err != nil {
		u.c.Log.Error("end of the trial not written", "err", err)
	}
	u.turn(Look, Leave)
}

// insist does something until it works.
func (u *Updater) insist(ctx context.Context, what string, do func() error) {
	for ctx.Err() == nil {
		err := do()
		if err == nil {
			return
		}
		u.c.Log.Error("not done", "what", what, "err", err)
		u.problem(err)
		pause(ctx, 10*time.Second)
	}
}

// compare is the duty of the old system after the new one missed the network.
func (u *Updater) compare(ctx context.Context) {
	in := u.record().Install
	if in == nil {
		u.turn(Compare, Serve)
		return
	}
	u.show(func(s *Status) { s.Doing = Compared })
	c := &Comparison{Times: in.Trial, Missing: in.Missing}
	verdict := Wait
	u.watch(ctx, func(on time.Duration, h Health) bool {
		verdict = c.Look(on, h)
		return verdict != Wait || u.dutyNow() != Compare
	})
	u.note(func(r *Record) { r.compared(verdict) })
	switch verdict {
	case Good:
		u.turn(Compare, Serve)
	case GiveBack:
		u.turn(Compare, TryAgain)
	}
}

// compared takes up what a comparison gave, unless another order came meanwhile.
func (r *Record) compared(v Verdict) {
	in := r.Install
	switch {
	case in == nil || in.Step != Comparing:
	case v == Good && in.Failure == nil:
		r.condemn(Failure{Code: trialCode(in.Missing[0])})
	case v == Good:
		r.condemn(*in.Failure)
	case v == GiveBack:
		in.Acquitted++
		in.Step, in.Failure = Again, nil
	}
}

// tryAgain lets the slot start once more, without any server: what is on it was checked when it was written, and is
// checked again. If it is not whole any more, it is written anew.
func (u *Updater) tryAgain(ctx context.Context) {
	u.tellOutcome()
	over, err := u.forWish(ctx, u.again)
	if err == nil || over {
		return
	}
	u.c.Log.Warn("not tried again: it is written anew", "err", err)
	u.note(func(r *Record) {
		if r.Install != nil && r.Install.Step != Trying {
			r.Install.Step = Writing
		}
	})
	u.turn(TryAgain, Serve)
}

func (u *Updater) again(ctx context.Context) error {
	r := u.record()
	in := r.Install
	if in == nil || r.Wish == nil || r.Wish.ID != in.Wish {
		return errors.New("no order stands for it")
	}
	if err := u.await(ctx, r.Wish, 0); err != nil {
		return err
	}
	u.show(func(s *Status) { s.Doing = Verifying })
	st, err := bootstate.Read(u.c.Disk)
	if err != nil {
		return err
	}
	if st.Phase(in.Slot) == bootstate.PhaseWriting || st.Sums(in.Slot) != in.Sums {
		return errors.New("the boot state does not hold it for whole")
	}
	sum, err := slot.Hash(ctx, u.c.slot(in.Slot), in.Image.Bytes)
	if err != nil {
		return err
	}
	if sum != in.Image.SHA256 {
		return fail(Spoilt, "slot %s has SHA-256 %s", in.Slot, sum)
	}
	return u.launch(ctx)
}

// takeOver is the duty of the other slot's system where the good one does not start. If it is no good itself, it waits
// longer; but it is all there is.
func (u *Updater) takeOver(ctx context.Context) {
	u.show(func(s *Status) { s.Doing = OnTrial })
	u.tell(Event{Phase: PhaseFailed, Code: Damaged, Version: u.c.Version})
	t := &Trial{Times: usual, Before: &Before{}}
	u.watch(ctx, func(on time.Duration, h Health) bool {
		return t.Look(on, h).Verdict == Good || on >= usual.NetworkTime()
	})
	u.insist(ctx, "take over", func() error {
		return u.boot(func(s bootstate.State) (bootstate.State, error) {
			if s.Good == u.start.Slot {
				return s, nil
			}
			return s.TakeOver(u.start.Slot)
		})
	})
	if ctx.Err() != nil {
		return
	}
	u.note(func(r *Record) { r.Install = nil })
	u.turn(TakeOver, Serve)
}
