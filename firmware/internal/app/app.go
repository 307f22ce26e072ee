// Package app builds the parts of a box from its configuration, runs them, and starts again what fails. It
// decides nothing else.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/pulse"
)

// Part is something that runs until it is told to end. Run returns nil when ctx ends.
type Part interface {
	Run(ctx context.Context) error
}

// App is a box: its jobs and what shows them.
type App struct {
	Box  config.Box
	Jobs []*Job
	log  *slog.Logger
	// shared is what jobs have in common; it is closed after them.
	shared *shared
}

// New builds every job. A job that can't be built keeps its error and is shown with it; the others run. Without a
// data folder none does, but the box can still be asked why.
func New(c config.Config, log *slog.Logger) (*App, error) {
	if err := os.MkdirAll(c.Box.Data, 0o700); err != nil {
		log.Error("no data folder", "err", err)
	}
	a := &App{Box: c.Box, log: log, shared: newShared(log)}
	for i := range c.Jobs {
		a.Jobs = append(a.Jobs, newJob(c.Box, c.Jobs[i], jobDir(c.Box, c.Jobs[i].Name), a.shared, log))
	}
	return a, nil
}

// Job finds a job by name; the only one where the name is empty.
func (a *App) Job(name string) (*Job, error) {
	if name == "" && len(a.Jobs) == 1 {
		return a.Jobs[0], nil
	}
	for _, j := range a.Jobs {
		if j.Name() == name {
			return j, nil
		}
	}
	return nil, fmt.Errorf("no job has the name %q", name)
}

// Watch has a watch see whether every job gets on. It is called before Run, if at all.
func (a *App) Watch(w *pulse.Watch) {
	for _, j := range a.Jobs {
		j.watch = w
	}
}

// garbagePercent is how much garbage may gather before it is collected, by what is in use. Memory is dear on a box, and the work waits
// for the network most of the time: twice as many collections cost it a percent or two of its processor.
const garbagePercent = 50

// Run runs all jobs and extra parts until ctx ends. Each runs in a goroutine of its own and is started
// again with growing pauses when it fails.
func (a *App) Run(ctx context.Context, extra ...Part) error {
	defer debug.SetGCPercent(debug.SetGCPercent(garbagePercent))
	var wg sync.WaitGroup
	for _, j := range a.Jobs {
		wg.Go(func() { Keep(ctx, a.log, j.Name(), j) })
	}
	for _, p := range extra {
		wg.Go(func() { Keep(ctx, a.log, fmt.Sprintf("%T", p), p) })
	}
	wg.Wait()
	return nil
}

const (
	firstPause = time.Second
	longPause  = 5 * time.Minute
)

// Keep runs a part again and again until ctx ends, with growing pauses. A part that held for long starts with the first
// pause again. A part that panics has failed, and the others go on.
func Keep(ctx context.Context, log *slog.Logger, name string, p Part) {
	pause := firstPause
	for ctx.Err() == nil {
		begin := time.Now()
		err := protect(ctx, p)
		if ctx.Err() != nil {
			if err != nil {
				log.Warn("part did not end well", "part", name, "err", err)
			}
			return
		}
		if err == nil {
			err = errors.New("ended by itself")
		}
		if time.Since(begin) > longPause {
			pause = firstPause
		}
		log.Error("part failed and starts again", "part", name, "err", err, "pause", pause)
		if newSystemClock().Wait(ctx, pause) != nil {
			return
		}
		pause = min(2*pause, longPause)
	}
}

// protect runs a part and makes its panic an error.
func protect(ctx context.Context, p Part) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return p.Run(ctx)
}

// Close closes what the jobs hold and share. It may be called twice, after Run.
func (a *App) Close() error {
	var all []error
	for _, j := range a.Jobs {
		all = append(all, j.Close())
	}
	return errors.Join(append(all, a.shared.Close())...)
}
