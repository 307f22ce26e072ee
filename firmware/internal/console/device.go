package console

import (
	"context"
	"strings"

	"syncbox/firmware/internal/panel"
)

func (s *session) reboot(ctx context.Context, _ string) {
	s.say("console.reboots")
	s.act(ctx, panel.Restart)
}

// powerOff ends the box, as reboot does; it starts again once it gets power again.
func (s *session) powerOff(ctx context.Context, _ string) {
	s.say("console.powers-off")
	s.act(ctx, panel.PowerOff)
}

// reset asks for the box's name before it takes anything away.
func (s *session) reset(ctx context.Context, level string) {
	action, ok := map[string]panel.Action{"reseau": panel.ResetNetwork, "network": panel.ResetNetwork,
		"complet": panel.FullReset, "full": panel.FullReset}[strings.ToLower(unaccented(level))]
	if !ok {
		s.usage("reset")
		return
	}
	s.say("console.warn-" + string(action))
	name, err := s.ask(ctx, s.p.Text("console.ask-name", map[string]string{"box": s.face.Name}), true)
	if err != nil {
		s.cancelled(err)
		return
	}
	if !strings.EqualFold(strings.TrimSpace(name), s.face.Name) {
		s.say("console.nothing-done")
		return
	}
	if s.act(ctx, action) {
		s.leave()
	}
}

// act does something to the box as a whole and tells whether it is done.
func (s *session) act(ctx context.Context, a panel.Action) bool {
	if err := s.busy(ctx, func(ctx context.Context) error { return s.Act(ctx, a) }); err != nil {
		s.trouble(err)
		return false
	}
	s.say("console.done")
	return true
}
