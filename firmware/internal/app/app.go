// Package app builds the parts of a box from its configuration, runs them, and starts again what fails. It
// decides nothing else.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"syncbox/firmware/internal/config"
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
}

// New builds every job. A job that can't be built keeps its error and is shown with it; the others run. Without a
// data folder none does, but the box can still be asked why.
func New(c config.Config, log *slog.Logger) (*App, error) {
	if err := os.MkdirAll(c.Box.Data, 0o700); err != nil {
		log.Error("no data folder", "err", err)
	}
	a := &App{Box: c.Box, log: log}
	for i := range c.Jobs {
		a.Jobs = append(a.Jobs, newJob(c.Box, c.Jobs[i], filepath.Join(c.Box.Data, c.Jobs[i].Name), log))
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

// Run runs all jobs and extra parts until ctx ends. Each runs in a goroutine of its own and is started
// again with growing pauses when it fails.
func (a *App) Run(ctx context.Context, extra ...Part) error {
	var wg sync.WaitGroup
	for _, j := range a.Jobs {
		wg.Go(func() { a.keep(ctx, j.Name(), j) })
	}
	for i, p := range extra {
		wg.Go(func() { a.keep(ctx, fmt.Sprintf("part-%d", i), p) })
	}
	wg.Wait()
	return nil
}

const (
	firstPause = time.Second
	longPause  = 5 * time.Minute
)

// keep runs a part again and again. A part that held for long starts with the first pause again.
func (a *App) keep(ctx context.Context, name string, p Part) {
	pause := firstPause
	for ctx.Err() == nil {
		begin := time.Now()
		err := p.Run(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("ended by itself")
		}
		if time.Since(begin) > longPause {
			pause = firstPause
		}
		a.log.Error("part failed and starts again", "part", name, "err", err, "pause", pause)
		if newSystemClock().Wait(ctx, pause) != nil {
			return
		}
		pause = min(2*pause, longPause)
	}
}

// Close closes what the jobs hold. It may be called twice, after Run.
func (a *App) Close() error {
	var all []error
	for _, j := range a.Jobs {
		all = append(all, j.Close())
	}
	return errors.Join(all...)
}
