package journal

import (
	"context"
	"strings"

	"syncbox/connectors"
	"syncbox/firmware/internal/locale"
	"syncbox/sync/store"
)

// journals are those that are read.
type journals struct {
	box  Box
	own  Own
	jobs []string // empty name: the box's own
	down bool     // no job can be asked
	// names are what people call the products of each job.
	names map[string]connectors.Names
}

// open finds out which journals there are.
func (p *Pages) open(ctx context.Context) journals {
	j := journals{box: p.Box, own: p.Own, names: map[string]connectors.Names{}}
	if p.Own != nil {
		j.jobs = append(j.jobs, "")
	}
	all, err := p.Box.Status(ctx)
	j.down = err != nil
	for _, s := range all {
		j.jobs, j.names[s.Job] = append(j.jobs, s.Job), s.Names
	}
	return j
}

// of gives the one journal that is looked for, or all.
func (j journals) of(f filter) journals {
	if f.Job != "" {
		j.jobs = []string{strings.TrimPrefix(f.Job, ownJournal)}
	}
	return j
}

// row words an event of a job, with the names of its products.
func (j journals) row(p *locale.Printer, job string, e store.Event) row {
	if names, known := j.names[job]; known {
		p = p.Of(names)
	}
	return rowOf(p, job, e)
}

// walk begins at marks: up from them, or down. A journal without one begins at its newest event, and has nothing newer.
func (j journals) walk(marks map[string]uint64, up bool) *walk {
	w := &walk{up: up}
	for _, job := range j.jobs {
		at := marks[job]
		s := &source{job: job, low: at, high: at, end: up && at == 0}
		switch {
		case job == "" && up:
			s.read = func(_ context.Context, at uint64, limit int) ([]store.Event, error) { return j.own.From(at, limit) }
		case job == "":
			s.read = func(_ context.Context, at uint64, limit int) ([]store.Event, error) { return j.own.Before(at, limit) }
		case up:
			s.read = func(ctx context.Context, at uint64, limit int) ([]store.Event, error) {
				return j.box.Journal(ctx, job, at, limit)
			}
		default:
			s.read = func(ctx context.Context, at uint64, limit int) ([]store.Event, error) {
				return j.box.JournalBefore(ctx, job, at, limit)
			}
		}
		w.sources = append(w.sources, s)
	}
	return w
}
