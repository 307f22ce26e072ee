package cuts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/fetch"
	"syncbox/ota/otatest"
	"syncbox/ota/slot"
	"syncbox/ota/trust"
	"syncbox/ota/update"
)

// World is a tale with everything made.
type World struct {
	Tale
	Start     otatest.State
	Judge     otatest.Judge
	Published *Published
	Dir       string // for the database

	// Wrong, where set, puts devices between box and disk that do something in a wrong order: what a judge must see.
	Wrong Devices
}

// Marks in a log.
const (
	markPayload  = "payload"  // the first byte of a payload is asked for: what was verified is durable
	markGood     = "good"     // it was told that the new system is good
	markRefused  = "refused"  // it was told that the new system is refused
	markPowerOn  = "power on" // and what starts
	startsAtMost = 40
)

// Life is what became of a box from some state on, to the end.
type Life struct {
	Ops []otatest.Op
	End otatest.State
	// First is how the updater was once it had begun.
	First update.Status
	// Starts are the images that started.
	Starts []string
	Missed int // transactions that were not seen one by one
}

// ErrEnd is wrapped where a box does not come to the end that it must come to.
var ErrEnd = errors.New("not the end that had to come")

// Live lets a box go on from a state to the end. Whatever is wrong on the way is an error.
func (w *World) Live(t *testing.T, s otatest.State) (Life, error) {
	var l Life
	l.End = s.Clone()
	var cause update.Cause
	var world time.Duration
	tried := time.Duration(-1)
	trials := 0
	order := w.Published.Wish
	for n := range startsAtMost {
		start, err := w.Judge.Boot(&l.End[otatest.TheDisk])
		if err != nil {
			return l, err
		}
		l.Starts = append(l.Starts, start.Image)
		l.Ops = append(l.Ops, otatest.Op{Kind: otatest.Mark, Note: markPowerOn + ": " + start.Image})
		for _, o := range start.Writes {
			l.Ops = append(l.Ops, o)
			l.End[o.Volume].Write(o.Data, o.At)
		}
		if start.Try == start.Slot {
			trials++
		}
		if start.Image == "new" && tried < 0 {
			tried = world
		}
		p := &powerOn{world: w, start: start, cause: cause, before: world, tried: tried, order: order}
		p.plug, cause = w.plug(start, trials)
		synctest.Test(t, func(*testing.T) { err = p.run(l.End) })
		if n == 0 {
			l.First = p.first
		}
		l.Missed += p.db.Missed
		l.Ops = append(l.Ops, p.log.Ops()...)
		l.End = otatest.State{otatest.TheDisk: p.disk.Content(), otatest.TheData: p.db.now}
		if err != nil {
			return l, fmt.Errorf("start %d, %v: %w", n+1, start, err)
		}
		world, order = world+p.took, p.order
		if p.rest {
			return l, w.ends(&l)
		}
	}
	return l, fmt.Errorf("%w: %d starts: %v", ErrEnd, startsAtMost, l.Starts)
}

// ends says what is wrong with the end of a life.
func (w *World) ends(l *Life) error {
	start, err := w.Judge.Boot(&l.End[otatest.TheDisk])
	switch {
	case err != nil:
		return err
	case start.Try != "-" || !slices.Contains(w.Ends, start.Image):
		return fmt.Errorf("%w: %s starts, %v", ErrEnd, start.Image, start)
	case start.State["good"] != start.Slot:
		return fmt.Errorf("%w: it is not the good slot that starts: %v", ErrEnd, start)
	}
	return nil
}

// raised says what is wrong with the floor of a box that was on for a day.
func (w *World) raised(l *Life) error {
	if f := floorsOf(&l.End[otatest.TheDisk]); w.Stays > 24*time.Hour && f.Release != olderVersion.Number() {
		return fmt.Errorf("%w: after %v the floors are %+v", ErrEnd, w.Stays, f)
	}
	return nil
}

// powerOn is one time that the box is on.
type powerOn struct {
	world  *World
	start  otatest.Start
	cause  update.Cause
	before time.Duration // the world's time when it began
	tried  time.Duration // and when the new system first started, below 0 if it has not
	plug   time.Duration // after which it ends without a word
	order  []byte        // the one that the broker keeps

	log   *otatest.Log
	disk  *otatest.Disk
	db    *database
	first update.Status
	took  time.Duration
	rest  bool // nothing is left to do
	again bool // another order was delivered
}

// Times of a box that is on.
const (
	lookEvery = time.Second
	onAtMost  = 4 * 24 * time.Hour
	// orderEvery is when another order comes, where the first one was lost. Orders end after a week, so that it does.
	orderEvery = time.Hour
)

func (p *powerOn) run(s otatest.State) (err error) {
	if err := p.prepare(s); err != nil {
		return err
	}
	reboot := make(chan struct{}, 100)
	began := time.Now()
	u := update.New(p.config(began, func() { p.db.look(); reboot <- struct{}{} }))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	defer func() {
		p.took = time.Since(began)
		p.db.look()
		p.db.stop()
		p.log.Cut() // what is done from here on comes too late
		cancel()
		if runErr := <-done; err == nil && runErr != nil && !errors.Is(runErr, context.Canceled) {
			err = runErr
		}
		if closeErr := u.Close(); err == nil {
			err = closeErr
		}
		if err == nil {
			err = p.db.err
		}
	}()
	if _, err := u.Begin(bootstate.ParseStart(p.start.CommandLine())); err != nil {
		done <- nil
		return fmt.Errorf("begin: %w", err)
	}
	p.first = u.Status()
	go func() { done <- u.Run(ctx) }()
	return p.watch(ctx, u, reboot, began)
}

// prepare lays the volumes.
func (p *powerOn) prepare(s otatest.State) (err error) {
	p.log = new(otatest.Log)
	p.disk = otatest.NewDisk(p.log, s[otatest.TheDisk])
	p.db = &database{}
	if p.db, err = newDatabase(filepath.Join(p.world.Dir, "update.db"), p.log, s[otatest.TheData]); err != nil {
		return err
	}
	p.log.Before = p.db.look
	return nil
}

// watch delivers the order, as a broker does that keeps it, and waits for the end of this start.
func (p *powerOn) watch(ctx context.Context, u *update.Updater, reboot <-chan struct{}, began time.Time) error {
	if err := p.deliver(ctx, u); err != nil {
		return err
	}
	for {
		select {
		case <-reboot:
			return nil
		case <-time.After(lookEvery):
		}
		p.db.look()
		on := time.Since(began)
		if p.plug > 0 && on >= p.plug {
			return nil
		}
		s := u.Status()
		switch {
		case s.Doing == update.Idle && s.Last != nil:
			return p.stay(reboot)
		case on > orderEvery && s.Wish == "" && !p.again:
			// It has lost what it was to do, and knows that it took the order once. There will be another one.
			p.order, p.again = p.world.Published.Again, true
			if err := p.deliver(ctx, u); err != nil {
				return err
			}
		case on > onAtMost:
			return fmt.Errorf("%w: after %v it is %+v", ErrEnd, on, s)
		}
	}
}

// stay waits as long as the tale has the box on.
func (p *powerOn) stay(reboot <-chan struct{}) error {
	for left := p.world.Stays; left > 0; left -= time.Minute {
		select {
		case <-reboot:
			return nil
		case <-time.After(time.Minute):
			p.db.look()
		}
	}
	p.rest = true
	return nil
}

func (p *powerOn) deliver(ctx context.Context, u *update.Updater) error {
	answer, err := u.Wish(ctx, p.order)
	switch {
	case err != nil:
		return fmt.Errorf("wish: %w", err)
	case answer.Phase == update.PhaseRejected && answer.Code != update.KnownBad:
		return fmt.Errorf("wish: rejected: %s %s", answer.Code, answer.Words)
	}
	return nil
}

func (p *powerOn) config(began time.Time, reboot func()) update.Config {
	w := p.world
	l := w.Judge.Layout
	server := &server{Folder: fetch.Folder{FS: w.Published.After, Name: "test"}, breaks: w.Breaks, looks: p.db.look, log: p.log}
	clock := func() time.Duration { return p.before + time.Since(began) }
	devices := w.Wrong
	if devices == nil {
		devices = sound
	}
	disk, slots := devices(p.disk, l)
	return update.Config{
		Disk: disk, A: slots(l.A), B: slots(l.B),
		Database: p.db.path, Anchor: w.Published.Anchor, Box: boxName, Board: board, Version: versions[p.start.Image],
		Sources: func() []update.Source { return []update.Source{{Name: "test", Files: server}} },
		Clock: func() trust.Clock {
			return trust.Clock{Now: begin.Add(time.Hour + clock()), Trusted: true}
		},
		Allowed: func(bool) bool { return true },
		Health: func() update.Health {
			if p.tried < 0 {
				return w.health(p.start.Image, -1)
			}
			return w.health(p.start.Image, clock()-p.tried)
		},
		Reboot: reboot,
		Tell:   p.tell,
		Cause:  p.cause,
		Log:    slog.New(watching{slog.DiscardHandler, p.db.look}),
	}
}

var versions = map[string]bundle.Version{"old": oldVersion, "new": newVersion, "older": olderVersion}

func (p *powerOn) tell(e update.Event) error {
	p.db.look()
	switch e.Phase {
	case update.PhaseSucceeded:
		p.log.Mark(markGood)
	case update.PhaseRolledBack:
		p.log.Mark(markRefused)
	}
	return nil
}

// device is a slot.
type device struct{ *otatest.File }

// Reread reads what is on the medium.
func (d device) Reread() (slot.Medium, error) { return d.Medium(), nil }

// watching calls somebody for each line of the log.
type watching struct {
	slog.Handler
	look func()
}

func (w watching) Enabled(context.Context, slog.Level) bool  { return true }
func (w watching) Handle(context.Context, slog.Record) error { w.look(); return nil }
func (w watching) WithAttrs([]slog.Attr) slog.Handler        { return w }
func (w watching) WithGroup(string) slog.Handler             { return w }
