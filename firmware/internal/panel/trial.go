package panel

import (
	"context"
	"errors"
	"time"

	"syncbox/board"
)

// ErrNone: the board has no light, or no button.
var ErrNone = errors.New("the board has none")

// trials are what a technician tries out. They are part of a Panel.
type trials struct {
	colour *board.Colour // shown over everything else; nil = none
	press  *press        // somebody waits for a press; nil = nobody
}

// press tells of one press, of which nothing else comes.
type press struct{ down, up chan struct{} } // closed when it happens

// Show has the light show a colour for some time, over everything else, and then the light as it was. It returns after
// that time, or with the error of ctx.
func (p *Panel) Show(ctx context.Context, c board.Colour, d time.Duration) error {
	if p.conf.Light == nil {
		return ErrNone
	}
	p.try(func(t *trials) { t.colour = &c })
	defer p.try(func(t *trials) { t.colour = nil })
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// AwaitPress waits until somebody presses the button, calls pressed, and waits until it is let go. The press has no other
// consequence, however long it is. The error is that of ctx: a button that never answers, or is stuck.
func (p *Panel) AwaitPress(ctx context.Context, pressed func()) error {
	if p.conf.Button == nil {
		return ErrNone
	}
	t := &press{make(chan struct{}), make(chan struct{})}
	p.try(func(all *trials) { all.press = t })
	defer p.try(func(all *trials) { all.press = nil })
	select {
	case <-t.down:
		pressed()
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-t.up:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// try changes what is tried out, and has the panel look at it.
func (p *Panel) try(change func(*trials)) {
	p.mu.Lock()
	change(&p.trials)
	p.mu.Unlock()
	p.nudge()
}

// tried tells whether a signal belongs to a press that is waited for.
func (r *run) tried(s signal) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.trials.press
	switch {
	case t == nil:
		return false
	case s == down && isOpen(t.down):
		close(t.down)
		r.button.ignored = true // as one that is pressed when the program begins
		return true
	case s == let && !isOpen(t.down) && isOpen(t.up):
		close(t.up)
		return true
	}
	return false
}

func isOpen(c chan struct{}) bool {
	select {
	case <-c:
		return false
	default:
		return true
	}
}

// colour gives what the light shows now, and for how much longer; 0 = until something else is to be shown.
func (r *run) colour(now time.Duration) (board.Colour, time.Duration) {
	r.mu.Lock()
	tried := r.trials.colour
	r.mu.Unlock()
	if tried != nil {
		return *tried, 0
	}
	return r.player.at(now)
}
