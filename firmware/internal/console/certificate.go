package console

import (
	"context"
	"strings"

	"syncbox/firmware/internal/enrol"
)

// Identity is the box's certificate for support. A *enrol.Identity is one.
type Identity interface {
	Status() enrol.Status
	// Claim has the box show a server what stands on its label.
	Claim(serial, code string) error
}

var _ Identity = (*enrol.Identity)(nil)

// certificate shows the certificate, or claims the first one. The code of the label is asked for once more: the one that opened
// the console may be another one, and is not kept.
func (s *session) certificate(ctx context.Context, rest string) {
	what, serial, _ := strings.Cut(rest, " ")
	what = strings.ToLower(unaccented(what))
	switch {
	case s.Identity == nil:
		s.say("code." + string(enrol.Missing))
	case rest == "":
		s.showCertificate(s.Identity.Status())
	case (what == "reclamer" || what == "claim") && serial != "":
		s.claim(ctx, strings.TrimSpace(serial))
	default:
		s.usage("certificate")
	}
}

func (s *session) claim(ctx context.Context, serial string) {
	code, err := s.ask(ctx, s.p.Text("console.ask-label", nil), false)
	if err != nil {
		s.cancelled(err)
		return
	}
	if err := s.Identity.Claim(serial, code); err != nil {
		code := string(enrol.CodeOf(err))
		s.out.line(s.p.Text("code."+code, nil) + " " + s.p.Text("do."+code, nil))
		return
	}
	s.say("console.claimed")
}

func (s *session) showCertificate(now enrol.Status) {
	s.say("console.certificate-key", "key", now.Fingerprint)
	if now.Serial == "" {
		s.say("code." + string(enrol.Missing))
	} else {
		s.say("console.certificate-of", "box", now.Box, "until", s.p.Time(now.Until), "serial", now.Serial)
	}
	if now.Trial {
		s.say("console.certificate-trial")
	}
	if now.Claim {
		s.say("console.certificate-claim")
	}
	if now.Problem != "" {
		s.say("code." + string(now.Problem))
		s.say("do." + string(now.Problem))
	}
}
