package panel

import (
	"context"
	"sync"
	"time"

	"syncbox/board"
)

// run is one run of a panel. Times are told since its beginning.
type run struct {
	*Panel
	begin  time.Time
	player player
	button *button
	levels chan bool // of the button, as they are seen
	look   time.Duration
	shown  int // the colour that was set at last, -1 for none
	wait   sync.WaitGroup
}

// lookEvery is how often the source is asked.
const lookEvery = 500 * ms

// step does what is due and waits until something else is.
func (r *run) step(ctx context.Context) {
	now := time.Since(r.begin)
	for s := r.button.next(now); s != nothing; s = r.button.next(now) {
		r.hear(ctx, s, now)
	}
	if now >= r.look {
		r.player.show(r.worst(r.begin.Add(now)), now)
		r.look = now + lookEvery
	}
	colour, left := r.colour(now)
	r.set(colour)
	wake := r.look
	for _, at := range []time.Duration{r.button.deadline(), now + left} {
		if at > now {
			wake = min(wake, at)
		}
	}
	timer := time.NewTimer(wake - now)
	defer timer.Stop()
	select {
	case pressed := <-r.levels:
		r.button.level(pressed, time.Since(r.begin))
	case <-r.wake:
		r.look = 0
	case <-timer.C:
	case <-ctx.Done():
	}
}

// hear does what a signal of the button asks for.
func (r *run) hear(ctx context.Context, s signal, now time.Duration) {
	if r.tried(s) {
		return
	}
	switch s {
	case down, cancel:
		r.player.cover(held, now)
		if s == cancel {
			r.tell(eventCancelled)
		}
		return
	case stage:
		r.player.cover(counted(r.button.stage), now)
		return
	case arm:
		r.tell(eventArmed)
		r.player.cover(armed, now+dark)
		return
	case lapse:
		r.tell(eventLapsed)
	case short:
		r.start(ctx, Sync)
	case chosen:
		r.start(ctx, [...]Action{1: Restart, 2: ResetNetwork, 3: Resync}[r.button.stage])
	case confirmed:
		r.start(ctx, FullReset)
	}
	r.player.uncover(now)
}

// actFor bounds one action.
const actFor = 2 * time.Minute

// start begins an action that is not under way already; the status is told as often as somebody asks. The light goes on
// meanwhile, and so does the button: whoever restarts a box because its sync hangs must be heard.
func (r *run) start(ctx context.Context, a Action) {
	on, first := r.conf.Actions, r.reserve(a, true)
	switch {
	case first:
	case a == Sync:
		on = statusOnly{on}
	default:
		r.conf.Log.Info("action is under way already", "action", string(a))
		return
	}
	r.wait.Go(func() {
		if first {
			defer r.reserve(a, false)
		}
		ctx, cancel := context.WithTimeout(ctx, actFor)
		defer cancel()
		if err := Do(ctx, on, r.conf.Journal, a, Button); err != nil {
			r.conf.Log.Error("button was pressed in vain", "err", err)
		}
	})
}

// tell journals an event; a journal that hangs stops neither light nor button.
func (r *run) tell(e Event) { r.wait.Go(func() { r.conf.Journal.Event(string(e), nil) }) }

// reserve marks an action as under way or as ended. It says whether that is news.
func (p *Panel) reserve(a Action, busy bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	news := p.busy[a] != busy
	p.busy[a] = busy
	return news
}

// read gives the button's level.
func (p *Panel) read() bool { return p.conf.Button != nil && bool(p.conf.Button.Read()) }

// set shows a colour. A light that fails is logged once, and the button works on.
func (r *run) set(c board.Colour) {
	if r.conf.Light == nil || r.shown == int(c) {
		return
	}
	err := r.conf.Light.Set(c)
	if err == nil {
		r.shown = int(c)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil && !r.broken {
		r.conf.Log.Error("light can't be set", "err", err)
	}
	r.broken = err != nil
}
