package console

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

// ofPreview are the commands about what the next run would change, and about what is left out of it.
func ofPreview() []command {
	all := []command{
		{"apercu", "preview", [2]string{"[nouveau] [TÂCHE]", "[new] [JOB]"}, true, (*session).preview},
		{"fiches", "links", [2]string{"[TEXTE] [TÂCHE]", "[TEXT] [JOB]"}, true, (*session).links},
		saysOf(engine.Tick, "CODE", "DIGEST"),
	}
	for _, verb := range local.Marks {
		all = append(all, saysOf(verb, "NOM", "NAME"))
	}
	return all
}

// saysOf makes a command by which a person says something of what has a name.
func saysOf(verb engine.Verb, fr, en string) command {
	return command{string(verb), string(verb), [2]string{fr + " [TÂCHE]", en + " [JOB]"}, true, func(s *session, ctx context.Context, rest string) {
		if job, name, ok := s.ofOneJob(ctx, string(verb), rest); ok && s.order(ctx, job, verb, name) {
			s.say("console.done")
		}
	}}
}

// preview prints the beginning of what the next run of a job would change, or of each, or has it found out.
func (s *session) preview(ctx context.Context, rest string) {
	words := strings.Fields(rest)
	asks := slices.ContainsFunc(words, isNew)
	job := strings.Join(slices.DeleteFunc(words, isNew), " ")
	s.each(ctx, job, func(ctx context.Context, job string) error {
		if asks {
			s.out.line(job)
			err := s.Box.Do(ctx, job, engine.ShowPreview, "")
			if err == nil {
				s.say("page.preview.asked")
			}
			return err
		}
		return s.previewOf(ctx, job)
	})
}

func isNew(word string) bool {
	return strings.EqualFold(word, "new") || strings.EqualFold(word, "nouveau")
}

func (s *session) previewOf(ctx context.Context, job string) error {
	all, err := s.Box.Status(ctx)
	i := slices.IndexFunc(all, func(j local.JobStatus) bool { return j.Job == job })
	if err != nil || i < 0 {
		return errors.Join(err, engine.ErrNoSuch)
	}
	page, err := s.Box.Preview(ctx, job, engine.PreviewQuery{})
	if err != nil && !errors.Is(err, engine.ErrNoSuch) {
		return err
	}
	s.out.line(job)
	p := s.p.Of(all[i].Names)
	s.out.show(func(w io.Writer) {
		p.Preview(w, all[i].Status.Preview)
		for _, c := range page.Changes {
			p.Change(w, c)
		}
	})
	s.rest(page.Next)
	return nil
}

// links prints the beginning of the records that a job knows, all or those with a text.
func (s *session) links(ctx context.Context, rest string) {
	words := strings.Fields(rest)
	jobs, err := s.jobs(ctx, "")
	if err != nil {
		s.trouble(err)
		return
	}
	job := ""
	if n := len(words); n > 0 && slices.Contains(jobs, words[n-1]) {
		job, words = words[n-1], words[:n-1]
	}
	s.each(ctx, job, func(ctx context.Context, job string) error {
		page, err := s.Box.Links(ctx, job, engine.LinkQuery{Text: strings.Join(words, " ")})
		if err != nil {
			return err
		}
		s.out.line(job)
		p := s.words(ctx, job)
		s.out.show(func(w io.Writer) {
			for _, r := range page.Rows {
				p.Link(w, r)
			}
		})
		s.rest(page.Next)
		return nil
	})
}

// rest says that a list goes on.
func (s *session) rest(next string) {
	if next != "" {
		s.say("console.more")
	}
}
