package sage50test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"
)

// Habits are what the people at Sage do of themselves. The zero value is nothing.
type Habits struct {
	Imports      bool          // somebody imports what waits
	ImportAfter  time.Duration // not before a file is there for so long …
	ImportBefore time.Duration // … and before it is there for so long; at ImportAfter where that is not later
	AnswerAfter  bool          // what an import changed is exported right after it
	ExportEvery  time.Duration // all kinds are exported so often …
	Mishaps      float64       // … and so many of these exports, 0 to 1, are made badly; the next one is good then
}

func (h *Habits) delay(r *rand.Rand) time.Duration {
	if h.ImportBefore <= h.ImportAfter {
		return h.ImportAfter
	}
	return h.ImportAfter + time.Duration(r.Int64N(int64(h.ImportBefore-h.ImportAfter)))
}

// SetHabits changes what people do from now on. Files that are there already are imported when they would have been.
func (s *Site) SetHabits(h Habits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.habits, s.next = h, s.now.Add(h.ExportEvery)
}

// Advance lets the site's clock go on, and people do what is due meanwhile, each thing at its time.
func (s *Site) Advance(d time.Duration) error {
	s.mu.Lock()
	until := s.now.Add(d)
	s.mu.Unlock()
	for {
		do, err := s.nextDeed(until)
		if err != nil || do == nil {
			return err
		}
		if err := do(); err != nil {
			return err
		}
	}
}

// nextDeed moves the clock to the next thing that is due until then and gives it; nil if there is none.
func (s *Site) nextDeed(until time.Time) (func() error, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.look(); err != nil {
		return nil, err
	}
	at, do := until, (func() error)(nil)
	if s.habits.ExportEvery > 0 && !s.next.After(at) {
		at, do = s.next, s.exportAll
	}
	if s.habits.Imports {
		for _, dossier := range s.names() {
			for _, name := range s.waiting(dossier) {
				if due := s.due[name]; !due.After(at) && (do == nil || due.Before(at)) {
					at, do = due, func() error { return s.importDue(name) }
				}
			}
		}
	}
	if at.After(s.now) {
		s.now = at
	}
	return do, nil
}

func (s *Site) exportAll() error {
	s.mu.Lock()
	s.next = s.next.Add(s.habits.ExportEvery)
	s.mu.Unlock()
	var all error
	for _, name := range s.Dossiers() {
		for _, e := range s.habitual(name) {
			if _, err := s.Export(name, e); !errors.Is(err, ErrNotProvided) {
				all = errors.Join(all, err)
			}
		}
	}
	return all
}

// importDue imports a file, and exports what that changed where it is the habit.
func (s *Site) importDue(name string) error {
	s.mu.Lock()
	r, err := s.importFile(name)
	answer := s.habits.AnswerAfter && len(r.Added)+len(r.Updated) > 0
	s.mu.Unlock()
	if err != nil || !answer {
		return err
	}
	dossier, file, _ := strings.Cut(name, "/in/")
	word, _, _ := strings.Cut(file, "-")
	_, err = s.Export(dossier, Export{Kind: importKinds[strings.ToLower(word)]})
	if errors.Is(err, ErrNotProvided) {
		return nil
	}
	return err
}

// Run lets the site's clock go with the real one until ctx ends, and returns nil then: people look at the folders so often.
func (s *Site) Run(ctx context.Context, every time.Duration) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			now := time.Now()
			if err := s.Advance(now.Sub(last)); err != nil {
				return err
			}
			last = now
		}
	}
}
