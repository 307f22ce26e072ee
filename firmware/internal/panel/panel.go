// Package panel is the front of the box: one light that shows the worst of what is so, and one button.
//
// The light speaks by rhythm alone; its colour says the same once more. See Rhythm.
//
// The button, by how long it was held when it is let go, with the number of blinks shown while it is held:
//
//	under 3 s          the status is told again, and a sync begins
//	3 to 5 s           nothing
//	from 5 s   1 blink   the box starts again
//	from 10 s  2 blinks  network settings and console code as delivered
//	from 15 s  3 blinks  level 1 resync
//	from 20 s  4 blinks  full reset, if a short press confirms it within 10 s; else nothing
//	from 30 s  dark      nothing, until it is let go
package panel

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"

	"syncbox/board"
	"syncbox/firmware/internal/health"
)

// Source tells what is so. It is asked twice a second and must not wait.
type Source interface {
	// Lights gives every light that holds now, in any order; none is Ready.
	Lights() []health.Light
}

// Config says what a panel has and whom it serves.
type Config struct {
	Light   *board.Light // nil = the board has none
	Button  gpio.PinIn   // High is pressed, edges are on; nil = the board has none
	Source  Source
	Actions Actions
	Journal Journal
	Log     *slog.Logger
}

// Panel is a part of the box.
type Panel struct {
	conf Config
	wake chan struct{} // something else is to be shown

	mu       sync.Mutex // protects what follows
	identify time.Time  // until when
	trials   trials
	busy     map[Action]bool
	broken   bool // the light failed at last
	deaf     bool // the button did
}

// New makes a panel; it starts nothing.
func New(c Config) *Panel {
	return &Panel{conf: c, wake: make(chan struct{}, 1), busy: map[Action]bool{}}
}

// identifyFor is how long a box says "here I am".
const identifyFor = 30 * time.Second

// Identify has the light single this box out for half a minute.
func (p *Panel) Identify() {
	p.mu.Lock()
	p.identify = time.Now().Add(identifyFor)
	p.mu.Unlock()
	p.nudge()
}

// nudge has the panel look what is to be shown.
func (p *Panel) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Conditions gives the health codes of what is wrong with the panel itself.
func (p *Panel) Conditions() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	if p.broken {
		all = append(all, board.LightBroken)
	}
	if p.deaf {
		all = append(all, board.ButtonBroken)
	}
	return all
}

// Run shows and listens until ctx ends, and leaves the light dark. It may be called again after that.
func (p *Panel) Run(ctx context.Context) error {
	r := &run{Panel: p, begin: time.Now(), shown: -1, levels: make(chan bool)}
	r.button = newButton(r.read(), 0)
	r.player.began = dark
	defer r.wait.Wait()
	if p.conf.Button != nil {
		r.wait.Go(func() { p.watch(ctx, r.levels) })
	}
	for ctx.Err() == nil {
		r.step(ctx)
	}
	r.set(board.Dark)
	return nil
}

// glance is how often the button is read although no edge was told.
const glance = time.Second

// watch hands on the button's levels.
func (p *Panel) watch(ctx context.Context, levels chan<- bool) {
	stop := context.AfterFunc(ctx, func() { _ = p.conf.Button.Halt() }) // else the wait ends within a second
	defer stop()
	for ctx.Err() == nil {
		begin := time.Now()
		edge := p.conf.Button.WaitForEdge(glance)
		select {
		case levels <- bool(p.conf.Button.Read()):
		case <-ctx.Done():
		}
		if ctx.Err() != nil || p.hears(edge || time.Since(begin) >= glance/2) {
			continue
		}
		select { // a line that does not wait must not keep the processor busy
		case <-time.After(glance):
		case <-ctx.Done():
		}
	}
}

// hears keeps whether the button's line waits for edges, and says so once when it begins to fail.
func (p *Panel) hears(well bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !well && !p.deaf {
		p.conf.Log.Error("button can't be waited for")
	}
	p.deaf = !well
	return well
}

// worst gives what is to be shown at a time.
func (p *Panel) worst(now time.Time) health.Light {
	all := append(p.conf.Source.Lights(), health.Ready)
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Before(p.identify) {
		all = append(all, health.Identify)
	}
	return slices.Max(all)
}
