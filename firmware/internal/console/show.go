package console

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/locale"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

func (s *session) language(_ context.Context, tag string) {
	tags := map[string]string{"fr": "fr-CA", "en": "en"}
	p, err := locale.New(tags[strings.ToLower(tag)], s.face.Zone)
	if tags[strings.ToLower(tag)] == "" || err != nil {
		s.usage("lang")
		return
	}
	s.p = p.Of(s.face.Names)
	s.say("console.hello", "box", s.face.Name)
}

func (s *session) accents(_ context.Context, choice string) {
	switch strings.ToLower(choice) {
	case "oui", "yes":
		s.out.plain = false
	case "non", "no":
		s.out.plain = true
	default:
		s.usage("accents")
		return
	}
	s.say("console.done")
}

// status prints what is wrong with the box itself, then what every door of the box prints, or why no job runs.
func (s *session) status(ctx context.Context, _ string) {
	s.machine()
	all, err := s.statuses(ctx)
	if err != nil {
		s.trouble(err)
		return
	}
	s.out.show(func(w io.Writer) {
		for _, j := range all {
			p := s.p.Of(j.Names)
			p.Status(w, j.Job, j.Status, j.Err)
			for _, n := range j.Notices {
				p.Notice(w, n.Code, n.Args)
			}
		}
	})
}

// machine prints what is wrong with the box itself. What its configuration lacks is said with the jobs.
func (s *session) machine() {
	s.out.line(s.face.Name)
	unready := ""
	if err := s.Ready(); err != nil {
		unready = config.CodeOf(err)
	}
	fine := true
	s.out.show(func(w io.Writer) {
		for _, code := range s.Codes() {
			if code != unready {
				s.p.Notice(w, code, nil)
				fine = false
			}
		}
	})
	if fine {
		s.say("console.box-fine")
	}
}

// statuses gives the status of every job, or why none runs.
func (s *session) statuses(ctx context.Context) (all []local.JobStatus, err error) {
	err = s.busy(ctx, func(ctx context.Context) error { all, err = s.Box.Status(ctx); return err })
	if errors.Is(err, local.ErrNoBox) {
		err = cmp.Or(s.Ready(), err)
	}
	return all, err
}

func (s *session) eventsOf(ctx context.Context, job string, limit int) (all []store.Event, err error) {
	err = s.busy(ctx, func(ctx context.Context) error { all, err = s.Box.Journal(ctx, job, 0, limit); return err })
	return all, err
}

// The events that are shown: as many as fit a screen, or as many as are asked for.
const (
	fewEvents  = 20
	mostEvents = 1000
)

// boxWords are what the box itself is called where a job's name can stand.
var boxWords = map[string]bool{"boite": true, "box": true}

// journal prints the newest events of a job or of the box itself, or of all.
func (s *session) journal(ctx context.Context, rest string) {
	limit, job := fewEvents, ""
	for _, word := range strings.Fields(rest) {
		if n, err := strconv.Atoi(word); err == nil && n > 0 {
			limit = min(n, mostEvents)
			continue
		}
		job = word
	}
	own := boxWords[strings.ToLower(unaccented(job))]
	if own || job == "" {
		s.out.line(s.face.Name)
		all, err := s.Journal.Events(limit)
		s.events(all, err, s.p.OwnEvent)
	}
	if own {
		return
	}
	jobs, err := s.jobs(ctx, job)
	if err != nil {
		s.trouble(err)
		return
	}
	for _, name := range jobs {
		if job == "" {
			s.out.line(name)
		}
		all, err := s.eventsOf(ctx, name, limit)
		s.events(all, err, s.words(ctx, name).Event)
	}
}

// words gives the session's words with the names of the products of one job, as far as that can be asked.
func (s *session) words(ctx context.Context, job string) *locale.Printer {
	all, _ := s.Box.Status(ctx)
	if i := slices.IndexFunc(all, func(j local.JobStatus) bool { return j.Job == job }); i >= 0 {
		return s.p.Of(all[i].Names)
	}
	return s.p
}

// events prints events, or why there are none.
func (s *session) events(all []store.Event, err error, print func(io.Writer, store.Event)) {
	if err != nil {
		s.trouble(err)
		return
	}
	s.out.show(func(w io.Writer) {
		for _, e := range all {
			if !s.open {
				e.Args = health.Harmless(e.Args)
			}
			print(w, e)
		}
	})
	if len(all) == 0 {
		s.say("console.no-events")
	}
}

// jobs gives the names of all jobs, or the one that is asked for.
func (s *session) jobs(ctx context.Context, job string) ([]string, error) {
	if job != "" {
		return []string{job}, nil
	}
	all, err := s.statuses(ctx)
	var names []string
	for _, j := range all {
		names = append(names, j.Job)
	}
	return names, err
}

// waiting prints what waits in a job, or in each.
func (s *session) waiting(ctx context.Context, job string) {
	s.each(ctx, job, func(ctx context.Context, job string) error {
		all, err := s.Box.Waiting(ctx, job)
		s.out.line(job)
		if err == nil && len(all) == 0 {
			s.say("console.nothing-waits")
			return nil
		}
		p := s.words(ctx, job)
		s.out.show(func(w io.Writer) {
			for _, x := range all {
				p.Waiting(w, x, time.Now())
			}
		})
		return err
	})
}

// asks makes a command that asks a job for something, or each.
func asks(verb engine.Verb) func(*session, context.Context, string) {
	return func(s *session, ctx context.Context, job string) {
		jobs, err := s.jobs(ctx, job)
		if err != nil {
			s.trouble(err)
		}
		for _, job := range jobs {
			if s.order(ctx, job, verb, "") {
				s.say("console.done")
			}
		}
	}
}

// each does something for one job, or for each, and says what went wrong.
func (s *session) each(ctx context.Context, job string, fn func(context.Context, string) error) {
	jobs, err := s.jobs(ctx, job)
	if err != nil {
		s.trouble(err)
		return
	}
	for _, job := range jobs {
		if err := s.busy(ctx, func(ctx context.Context) error { return fn(ctx, job) }); err != nil {
			s.trouble(err)
		}
	}
}

var _ Box = (*local.Client)(nil)
