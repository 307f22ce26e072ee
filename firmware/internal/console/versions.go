package console

import (
	"context"
	"io"
	"strings"

	"syncbox/firmware/internal/updates"
	"syncbox/ota/update"
)

// versions shows what runs and what there is to come.
func (s *session) versions(context.Context, string) {
	if s.Updates == nil {
		s.none()
		return
	}
	s.out.show(func(w io.Writer) { updates.Show(w, s.p, s.Updates.Status()) })
}

// none says that this box takes no new versions.
func (s *session) none() { s.out.line(s.p.Text("code."+string(update.Unselected), nil)) }

// update looks for a new version, or has the one that is ordered taken up now.
func (s *session) update(ctx context.Context, what string) {
	if s.Updates == nil {
		s.none()
		return
	}
	switch strings.ToLower(unaccented(what)) {
	case "verifier", "check":
		err := s.busy(ctx, s.Updates.Check)
		s.versions(ctx, "")
		if err != nil {
			s.out.line("  (" + err.Error() + ")")
		}
	case "maintenant", "now":
		s.Updates.Approve()
		s.say("console.update-now")
	default:
		s.usage("update")
	}
}
