package console

import (
	"context"
	"slices"
	"strings"

	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

// answers are the commands that answer what waits. Their names are the same in both languages: the list of what waits
// names them.
func answers() []command {
	var all []command
	for _, verb := range local.Answers {
		args := [2]string{"NOM [TÂCHE]", "NAME [JOB]"}
		if verb == engine.Retry {
			args = [2]string{"NOM|all [TÂCHE]", "NAME|all [JOB]"}
		}
		all = append(all, command{string(verb), string(verb), args, true, func(s *session, ctx context.Context, rest string) {
			if job, name, ok := s.ofOneJob(ctx, string(verb), rest); ok && s.order(ctx, job, verb, name) {
				s.say("console.done")
			}
		}})
	}
	return append(all, command{"resync", "resync", [2]string{"1|2|since JOUR|go|cancel [TÂCHE]", "1|2|since DAY|go|cancel [JOB]"}, true, (*session).resync})
}

// resync asks a job for a resync, which is counted first, or says what is to become of the one that was counted.
func (s *session) resync(ctx context.Context, rest string) {
	job, what, ok := s.ofOneJob(ctx, "resync", rest)
	if !ok {
		return
	}
	what, day, _ := strings.Cut(what, " ")
	verb, known := local.Resyncs[what]
	if what == "since" {
		verb, known = engine.ResyncSince, true
	}
	if !known || (day != "") != (verb == engine.ResyncSince) {
		s.usage("resync")
		return
	}
	if !s.order(ctx, job, verb, day) {
		return
	}
	switch verb {
	case engine.ResyncSince:
		s.say("resync.going")
	case engine.Resync1, engine.Resync2:
		s.say("console.resync-asked")
	case engine.ResyncGo:
		s.say("resync.going")
	default:
		s.say("console.done")
	}
	if verb == engine.Resync2 {
		s.say("resync.support")
	}
}

// ofOneJob parts what stands behind a command into the name of a job, which may be left out where there is one only, and
// what is said before it. A name may wait in several jobs, and means another thing in each.
func (s *session) ofOneJob(ctx context.Context, command, rest string) (job, what string, ok bool) {
	words := strings.Fields(rest)
	if len(words) == 0 {
		s.usage(command)
		return "", "", false
	}
	jobs, err := s.jobs(ctx, "")
	switch last := words[len(words)-1]; {
	case err != nil:
		s.trouble(err)
		return "", "", false
	case len(words) > 1 && slices.Contains(jobs, last):
		return last, strings.Join(words[:len(words)-1], " "), true
	case len(jobs) == 1:
		return jobs[0], strings.Join(words, " "), true
	}
	s.say("console.which-job", "jobs", strings.Join(jobs, ", "))
	return "", "", false
}

// order asks a job for something, and says whether it will be done.
func (s *session) order(ctx context.Context, job string, verb engine.Verb, name string) bool {
	err := s.busy(ctx, func(ctx context.Context) error { return s.Box.Do(ctx, job, verb, name) })
	if err != nil {
		s.trouble(err)
		return false
	}
	s.Log.Info("console asked a job for something", "job", job, "verb", verb)
	s.out.line(job)
	return true
}
