package update

import (
	"context"
	"errors"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/slot"
	"syncbox/ota/trust"
)

// errHeld: it is not the time yet.
var errHeld = &Error{Code: Waiting, Err: errors.New("not in the allowed hours, or not this box's turn yet")}

// heldFor is how often is asked whether it is the time.
const heldFor = time.Minute

// stale is how old what was chosen may get while the box waits for the allowed hours.
const stale = time.Hour

// install brings the wish that stands into the other slot and has it started. It returns nil where there is nothing to do,
// or once the restart is due, which the duty tells.
func (u *Updater) install(ctx context.Context) error {
	w, err := u.wanted(ctx)
	if w == nil || err != nil {
		return err
	}
	payloads, err := u.agreed(ctx, w)
	if err != nil {
		return err
	}
	if err := u.await(ctx, w, stale); err != nil {
		return err
	}
	if err := u.write(ctx, w, payloads); err != nil {
		return err
	}
	if err := u.await(ctx, w, 0); err != nil {
		return err
	}
	return u.launch(ctx)
}

// wanted gives the wish, if there is one that this box does not run, and has not tried in vain.
func (u *Updater) wanted(ctx context.Context) (*Wish, error) {
	r := u.record()
	if r.Wish == nil {
		return nil, nil
	}
	if r.bad(r.Wish.Target.SHA256, r.Wish.ID) {
		return nil, nil
	}
	if i := r.badWave(); i >= 0 {
		return nil, u.changeFor(ctx, func(r *Record) { r.inherit(i) })
	}
	if r.Wish.Target.Version == u.c.Version && u.runs(ctx, bundle.Image{SHA256: r.Wish.Target.SHA256, Bytes: r.Wish.Target.Bytes}) {
		return nil, u.changeFor(ctx, func(r *Record) {
			r.Install = nil
			r.outcome(Outcome{Wish: r.Wish.ID, Version: u.c.Version, Phase: PhaseSucceeded})
		})
	}
	return r.Wish, nil
}

// runs says whether the running slot holds an image.
func (u *Updater) runs(ctx context.Context, i bundle.Image) bool {
	u.mu.Lock()
	sum, known := u.hashes[i.Bytes]
	u.unlock()
	if !known {
		var err error
		if sum, err = slot.Hash(ctx, u.running(), i.Bytes); err != nil {
			u.c.Log.Warn("running slot not read", "err", err)
			return false
		}
		u.mu.Lock()
		u.hashes[i.Bytes] = sum
		u.unlock()
	}
	return sum == i.SHA256
}

// agreed gives the payloads of a wish that may be installed.
func (u *Updater) agreed(ctx context.Context, w *Wish) ([]trust.Payload, error) {
	u.show(func(s *Status) { s.Doing = Looking })
	t, err := u.refresh(ctx, w.Target.Name, func(Source) bool { return true })
	if err != nil {
		return nil, err
	}
	inactive := u.start.Slot.Other()
	all, err := choose(w, t, limits{u.c.Board, u.c.Version, u.release(), u.c.slot(inactive).Size()})
	if err != nil {
		return nil, err
	}
	if _, err := sums(all[len(all)-1].Manifest, u.c.DeviceTree); err != nil {
		return nil, err
	}
	usable := all[:0:0]
	for _, p := range all {
		if p.From == nil || u.runs(ctx, *p.From) {
			usable = append(usable, p)
		}
	}
	return usable, nil
}

func (u *Updater) release() int64 { return u.seen.Load().low.Release }

// await returns once a new system may be taken up; errHeld where it waited so long that it is to be chosen anew, unless
// that is 0.
func (u *Updater) await(ctx context.Context, w *Wish, atMost time.Duration) error {
	begin := time.Now()
	for !u.may(w) {
		u.show(func(s *Status) { s.Doing = Held })
		if !pause(ctx, heldFor) {
			return ctx.Err()
		}
		if atMost > 0 && time.Since(begin) > atMost {
			return errHeld
		}
	}
	return nil
}

// may says whether a wish may be followed now.
func (u *Updater) may(w *Wish) bool {
	if w.now() {
		return w.To == "box:"+u.c.Box || u.c.Allowed(true)
	}
	u.mu.Lock()
	came := u.spread
	u.unlock()
	turn := time.Duration(u.share(int64(w.Target.Spread), w.ID)) * time.Second
	return time.Since(came) >= turn && u.c.Allowed(false)
}

// write makes the image in the other slot, by the first payload with which that works. It returns once the slot was read
// again, whole and right.
func (u *Updater) write(ctx context.Context, w *Wish, payloads []trust.Payload) error {
	full := payloads[len(payloads)-1]
	begun := false
	var errs []error
	for _, p := range payloads {
		list, err := u.list(ctx, p)
		if err == nil && !begun {
			if err := u.begin(ctx, w, full); err != nil {
				return err
			}
			begun = true
		}
		if err == nil {
			err = u.make(ctx, w, p, list)
		}
		if err == nil || ctx.Err() != nil {
			return errors.Join(ctx.Err(), err)
		}
		if code := CodeOf(err); code == SlotFault || code == Spoilt {
			return err
		}
		u.c.Log.Warn("payload not used", "payload", p.File.Name, "code", CodeOf(err), "err", err)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// begin records what is done, then forbids the other slot to start. Only then may a byte of it be written.
func (u *Updater) begin(ctx context.Context, w *Wish, full trust.Payload) error {
	sums, err := sums(full.Manifest, u.c.DeviceTree)
	if err != nil {
		return err
	}
	in := Install{Wish: w.ID, Slot: u.start.Slot.Other(), Version: full.Version, Image: full.To, Sums: sums, Trial: full.Trial,
		Floor: full.Floor, Step: Writing}
	err = u.changeFor(ctx, func(r *Record) {
		if was := r.Install; was != nil && was.Wish == in.Wish && was.Image == in.Image {
			in.Interrupted, in.Acquitted, in.Missing, in.Before = was.Interrupted, was.Acquitted, was.Missing, was.Before
		}
		r.Install = &in
	})
	if err != nil {
		return err
	}
	return u.boot(func(s bootstate.State) (bootstate.State, error) { return s.Writing(u.start.Slot) })
}

// make writes what is not there yet of an image, and reads all of it again.
func (u *Updater) make(ctx context.Context, w *Wish, p trust.Payload, list bundle.List) error {
	to := u.c.slot(u.start.Slot.Other())
	u.show(func(s *Status) { s.Doing, s.Done, s.Of = Downloading, 0, len(list.Windows) })
	present, err := slot.Present(ctx, to, list.Windows, p.To.Bytes)
	if err != nil {
		return slotFault(ctx, err)
	}
	m := &making{payload: p, list: list, present: present, old: u.running(), to: slot.NewWriter(to),
		from: &stream{sources: u.c.Sources(), file: p.File}, told: u.progress(w, len(list.Windows))}
	defer m.from.close()
	if err := m.run(ctx); err != nil {
		return err
	}
	u.show(func(s *Status) { s.Doing, s.Done = Verifying, len(list.Windows) })
	sum, err := slot.Hash(ctx, to, p.To.Bytes)
	if err != nil {
		return slotFault(ctx, err)
	}
	if sum == p.To.SHA256 {
		return nil
	}
	return u.blame(ctx, to, p, list)
}

// blame tells whose fault it is that the image is not the signed one: each window was right before it was written.
func (u *Updater) blame(ctx context.Context, to slot.Device, p trust.Payload, list bundle.List) error {
	present, err := slot.Present(ctx, to, list.Windows, p.To.Bytes)
	if err != nil {
		return slotFault(ctx, err)
	}
	for i, there := range present {
		if !there {
			return fail(Spoilt, "window %d: the slot does not give back what was written", i)
		}
	}
	return fail(BadPayload, "%s: all its windows do not make the signed image", p.List.Name)
}

func slotFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &Error{Code: SlotFault, Err: err}
}

// progress shows how far it is, and tells it now and then.
func (u *Updater) progress(w *Wish, of int) func(done int) {
	last := 0
	return func(done int) {
		u.show(func(s *Status) { s.Done = done })
		if (done-last)*10 >= of {
			last = done
			u.tell(Event{Wish: w.ID, Phase: PhaseRunning, Version: w.Target.Version, Done: done, Of: of})
		}
	}
}

// launch lets the other slot start: first the record, with what this system has, then the boot state, in one write, then
// the restart. From here on the wish can't be taken back.
func (u *Updater) launch(ctx context.Context) error {
	before := u.before()
	st, err := bootstate.Read(u.c.Disk)
	if err != nil {
		return &Error{Code: StateFault, Err: err} // lost: the next attempt writes it again
	}
	in, err := u.recordLaunch(ctx, st.Seq, before)
	if err != nil {
		return err
	}
	err = u.boot(func(s bootstate.State) (bootstate.State, error) {
		var err error
		if s.Phase(in.Slot) == bootstate.PhaseWriting {
			if s, err = s.Ready(in.Sums); err != nil {
				return s, err
			}
		}
		return s.Trying(Tries)
	})
	if err != nil {
		return err // and if it was written all the same, the next start is the trial that is recorded
	}
	u.tell(Event{Wish: in.Wish, Phase: PhaseRebooting, Version: in.Version})
	u.mu.Lock()
	defer u.unlock()
	u.duty = Leave
	return nil
}

// recordLaunch records that the other slot is about to be let start, unless another order has come.
func (u *Updater) recordLaunch(ctx context.Context, seq uint32, before Before) (Install, error) {
	u.mu.Lock()
	defer u.unlock()
	if err := ctx.Err(); err != nil {
		return Install{}, err
	}
	r := u.store.record.clone()
	if r.Install == nil {
		return Install{}, fail(Internal, "nothing is being installed")
	}
	r.launch(seq, before)
	if err := u.store.put(r, u.store.state); err != nil {
		return Install{}, err
	}
	u.cancel = nil
	return *r.Install, nil
}

func (r *Record) launch(seq uint32, before Before) {
	in := r.Install
	in.Step, in.Seq, in.Failure, in.Begun = Trying, seq, nil, false
	if in.Before == nil { // what is tried again is measured by what there was the first time
		in.Before = &before
	}
	if r.Last != nil && r.Last.Wish == in.Wish {
		r.Last = nil // it ends anew
	}
}

// before tells what this system has.
func (u *Updater) before() Before {
	h := u.c.Health()
	b := Before{Link: h.Link, Reached: []string{}}
	for _, c := range h.Checks {
		switch {
		case c.Kind == Network && c.Result == Passed:
			b.Reached = append(b.Reached, c.Name)
		case c.Kind == Local && c.Result == Failed:
			b.Failing = append(b.Failing, c.Name)
		}
	}
	if u.reachedServer() {
		b.Reached = append(b.Reached, PathCheck)
	}
	return b
}
