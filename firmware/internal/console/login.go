package console

import (
	"context"
	"errors"

	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/journal"
	"syncbox/firmware/internal/panel"
)

func (s *session) logout(_ context.Context, _ string) {
	if !s.open {
		s.say("console.not-logged-on")
	}
	s.leave()
}

// login takes the set-up code.
func (s *session) login(ctx context.Context, _ string) {
	code, err := s.ask(ctx, s.p.Text("console.ask-code", nil), false)
	if err != nil {
		s.cancelled(err)
		return
	}
	err = s.Door.Check(code)
	early, isEarly := errors.AsType[*setupcode.WaitError](err)
	switch {
	case err == nil:
		s.open = true
		s.Log.Info("console logged on")
		s.say("console.logged-on")
	case errors.Is(err, setupcode.ErrWrong):
		s.Log.Warn("console refused a set-up code")
		s.say("console.code-wrong")
	case isEarly:
		s.say("console.code-wait", "wait", early.For.String())
	case errors.Is(err, setupcode.ErrNoCode):
		s.say("console.code-none")
	default:
		s.trouble(err)
	}
}

// changeCode sets another set-up code.
func (s *session) changeCode(ctx context.Context, _ string) {
	code, ok := s.twice(ctx, s.p.Text("console.ask-new-code", nil))
	if !ok {
		return
	}
	switch err := s.Door.Change(code); {
	case errors.Is(err, setupcode.ErrShort):
		s.say("console.code-short")
	case err != nil:
		s.trouble(err)
	default:
		s.Journal.Event(journal.CodeChanged, map[string]string{"by": string(panel.Console)})
		s.say("console.done")
	}
}

// twice asks for a secret, and once more to be sure.
func (s *session) twice(ctx context.Context, prompt string) (string, bool) {
	first, err := s.ask(ctx, prompt, false)
	if err != nil {
		s.cancelled(err)
		return "", false
	}
	again, err := s.ask(ctx, s.p.Text("console.ask-again", nil), false)
	if err != nil {
		s.cancelled(err)
		return "", false
	}
	if first != again {
		s.say("console.not-the-same")
		return "", false
	}
	return first, true
}

// cancelled says why a question got no answer.
func (s *session) cancelled(err error) {
	switch {
	case errors.Is(err, errTooLong):
		s.say("console.too-long")
	case errors.Is(err, errGarbage):
		s.say("console.garbage")
	case errors.Is(err, errIdle):
		s.leave()
	default:
		s.say("console.cancelled")
	}
}
