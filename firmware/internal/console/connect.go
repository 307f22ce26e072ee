package console

import (
	"context"
	"errors"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/app"
)

// connect has a person sign in to QuickBooks: it shows where, then asks the relay, or takes the address at which the sign-in
// ended. That address holds a key that works once, so that it is not echoed.
func (s *session) connect(ctx context.Context, job string) {
	if !s.canConnect("connect", job) {
		return
	}
	s.tellConnection(ctx, job)
	link := ""
	err := s.busy(ctx, func(ctx context.Context) (err error) { link, err = s.SignIns.Begin(ctx, job); return err })
	if err != nil {
		s.notConnected(err)
		return
	}
	s.say("connect.link", "link", link)
	s.say("connect.then")
	for done := false; !done; {
		text, err := s.ask(ctx, s.p.Text("console.connect-paste", nil), false)
		if err != nil {
			s.cancelled(err)
			return
		}
		err = s.busy(ctx, func(ctx context.Context) (err error) { done, err = s.signed(ctx, job, text); return err })
		switch {
		case connectors.CodeOf(err) == quickbooks.CodeStateOver:
			s.trouble(err)
			return
		case err != nil:
			s.trouble(err)
		case !done:
			s.say("console.connect-not-yet")
		}
	}
	s.Log.Info("console connected a job", "job", job)
	s.say("connect.done")
}

// canConnect says how the command is typed, or that there is nothing to connect.
func (s *session) canConnect(command, job string) bool {
	switch {
	case s.SignIns == nil:
		s.say("console.connect-none")
	case job == "":
		s.usage(command)
	default:
		return true
	}
	return false
}

// signed asks whether somebody has signed in, or takes what was pasted.
func (s *session) signed(ctx context.Context, job, text string) (bool, error) {
	if strings.TrimSpace(text) == "" {
		return s.SignIns.Collect(ctx, job)
	}
	err := s.SignIns.Finish(ctx, job, text)
	return err == nil, err
}

// tellConnection tells how the connection of a job is.
func (s *session) tellConnection(ctx context.Context, job string) {
	if c, err := s.SignIns.Connection(ctx, job); err == nil {
		state := s.p.Text("connection."+c.State, map[string]string{"realm": c.Realm, "since": s.p.Time(c.Since)})
		s.say("console.connection", "job", job, "state", state)
	}
}

func (s *session) notConnected(err error) {
	if errors.Is(err, app.ErrNoSignIn) {
		s.say("console.connect-none")
		return
	}
	s.trouble(err)
}

// disconnect ends the connection of a job. That Intuit could not be told is said beside it.
func (s *session) disconnect(ctx context.Context, job string) {
	if !s.canConnect("disconnect", job) {
		return
	}
	err := s.busy(ctx, func(ctx context.Context) error { return s.SignIns.Disconnect(ctx, job) })
	if err != nil && connectors.CodeOf(err) != quickbooks.CodeNotRevoked {
		s.notConnected(err)
		return
	}
	s.Log.Info("console disconnected a job", "job", job)
	s.say("connect.ended")
	if err != nil {
		s.trouble(err)
	}
}
