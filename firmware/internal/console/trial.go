package console

import (
	"context"
	"errors"
	"time"

	"syncbox/board"
	"syncbox/firmware/internal/panel"
)

// colours are those of the light test, in its order; their words are under console.colour-<name>.
var colours = []board.Colour{board.Red, board.Green, board.Blue, board.Amber, board.White}

// testLights shows each colour and says which it should be.
func (s *session) testLights(ctx context.Context, _ string) {
	s.say("console.lights")
	err := s.busy(ctx, func(ctx context.Context) error {
		for _, c := range colours {
			key := "console.colour-" + c.String()
			s.out.line("  " + s.p.Text(key, nil))
			if err := s.Tests.Light(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, panel.ErrNone):
		s.say("console.no-light")
	case err != nil:
		s.trouble(err)
	default:
		s.say("console.done")
	}
}

// pressWithin is how long somebody may take to press the button, and to let it go.
const pressWithin = 30 * time.Second

// testButton waits for a press that does nothing.
func (s *session) testButton(ctx context.Context, _ string) {
	s.say("console.button-press")
	down := false
	err := s.busy(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, pressWithin)
		defer cancel()
		return s.Tests.Button(ctx, func() { down = true; s.say("console.button-down") })
	})
	switch {
	case errors.Is(err, panel.ErrNone):
		s.say("console.no-button")
	case errors.Is(err, context.DeadlineExceeded) && down:
		s.say("console.button-stuck")
	case errors.Is(err, context.DeadlineExceeded):
		s.say("console.button-silent")
	case err != nil:
		s.trouble(err)
	default:
		s.say("console.button-fine")
	}
}
