package stick

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"
)

// The health codes of a stick, which hold as long as it is in. They are journalled, too.
const (
	CodeRefused    = string(eventRefused)
	CodeUnreadable = string(eventUnreadable)
)

// Event is a code of the journal.
type Event string

// The events.
const (
	eventApplied    Event = "stick-applied" // {names}
	eventRefused    Event = "stick-refused"
	eventReportLost Event = "stick-report-lost"
	eventUnreadable Event = "stick-unreadable"
)

// Journal keeps what was done to the box: a code of package health with what fills the gaps of its words.
type Journal interface {
	Event(code string, args map[string]string)
}

// Slot is where sticks are plugged in.
type Slot interface {
	// Sticks gives what is plugged in now, by names that no other plugging-in ever has.
	Sticks() ([]string, error)
	// Use mounts the volumes of a stick one after the other, as long as fn wants the next, and unmounts each again. A
	// stick of which no volume can be mounted is an error. fn's folder is for reading; what it writes, it writes within write.
	Use(stick string, fn func(dir string, write func(func() error) error) (next bool)) error
}

// Part looks for sticks and applies each once for every time it is plugged in. All fields but Updates, Identity and Look are
// needed.
type Part struct {
	Slot  Slot
	Setup func() *Setup // for the box as it is now
	// State is told whether a health code holds.
	State interface{ Set(code string, holds bool) }
	// Pull shows that a stick may be pulled: all is done that it asked for.
	Pull    func()
	Journal Journal
	Updates Updates // nil where there are none
	// Identity is nil where the box has none.
	Identity Identity
	Log      *slog.Logger
	Look     time.Duration // how often it is looked; 0 is a second
}

// mostTries is how often a stick is read that can't be: it may not be ready yet.
const mostTries = 3

// seen is a stick that is in.
type seen struct {
	tries int
	code  string // what holds of it; empty for nothing
}

// Run looks until ctx ends. Nothing on a stick, and nobody who pulls one, ends it.
func (p *Part) Run(ctx context.Context) error {
	every := p.Look
	if every == 0 {
		every = time.Second
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	in, first := map[string]*seen{}, true
	for {
		if err := p.look(ctx, in, first); err != nil {
			return err
		}
		first = false
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// look deals with what was plugged in and pulled since the last time.
func (p *Part) look(ctx context.Context, in map[string]*seen, first bool) error {
	now, err := p.Slot.Sticks()
	if err != nil {
		return err
	}
	maps.DeleteFunc(in, func(stick string, _ *seen) bool { return !slices.Contains(now, stick) })
	for _, stick := range now {
		if in[stick] == nil {
			in[stick] = &seen{tries: mostTries}
		}
		if s := in[stick]; s.tries > 0 {
			p.apply(ctx, stick, s, first)
		}
	}
	for _, code := range []string{CodeRefused, CodeUnreadable} {
		p.State.Set(code, slices.ContainsFunc(slices.Collect(maps.Values(in)), func(s *seen) bool { return s.code == code }))
	}
	return nil
}

// apply applies a stick, or will try once more.
func (p *Part) apply(ctx context.Context, stick string, s *seen, first bool) {
	s.tries--
	outcome := Nothing
	var failed error
	err := p.Slot.Use(stick, func(dir string, write func(func() error) error) bool {
		setup, out := p.Setup(), writer{Folder(dir), write}
		more := func(of Outcome, err error) {
			outcome, failed = weightier(outcome, of), errors.Join(failed, err)
		}
		more(setup.Apply(os.DirFS(dir), out))
		more(p.wish(ctx, os.DirFS(dir), setup, out))
		more(p.certificate(os.DirFS(dir), setup, out))
		return outcome == Nothing
	})
	if err = errors.Join(failed, err); err != nil && outcome == Nothing {
		p.Log.Warn("stick can't be read", "err", err)
		if s.tries == 0 {
			s.code = CodeUnreadable
			p.Journal.Event(s.code, nil)
		}
		return
	}
	if err != nil {
		p.Log.Error("stick not wholly dealt with", "outcome", outcome, "err", err)
	}
	s.tries = 0
	p.Log.Info("stick may be pulled", "outcome", outcome)
	switch {
	case outcome == Refused:
		s.code = CodeRefused
	case outcome == Applied, outcome == Known && !first: // one that is always in says nothing at each start
		p.Pull()
	}
}

// weightier gives that of two outcomes of the same stick that says more.
func weightier(a, b Outcome) Outcome {
	order := []Outcome{Nothing, Known, Applied, Refused}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// writer is a stick that can be written to for as long as that takes.
type writer struct {
	Folder
	write func(func() error) error
}

// WriteFile replaces a file in the stick's root.
func (w writer) WriteFile(name string, text []byte) error {
	return w.write(func() error { return w.Folder.WriteFile(name, text) })
}
