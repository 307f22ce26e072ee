package support

import (
	"context"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"syncbox/firmware/internal/support/wire"
)

// empty sends what waits, and takes it out once this connection's broker has confirmed it. It begins with one message a
// second, since a whole fleet may have come with it; a few may go at once when nothing had to be told for as many seconds.
func (l *line) empty(ctx context.Context) error {
	turns := rate.NewLimiter(rate.Every(pace), burst)
	turns.AllowN(time.Now(), burst-1)
	if err := l.announce(ctx, turns); err != nil {
		return err
	}
	for {
		m, err := l.waiting(ctx, turns)
		if err != nil {
			return err
		}
		if err := l.publish(ctx, m.Topic, false, m.Payload, ackTimeout); err != nil {
			return err
		}
		if err := l.c.Store.Sent(m); err != nil {
			return err
		}
	}
}

// waiting gives what is to be sent first when there is something and its turn has come: until then a newer word about the
// same order may take its place.
func (l *line) waiting(ctx context.Context, turns *rate.Limiter) (Message, error) {
	for turn := false; ; {
		m, found, err := l.c.Store.Next()
		switch {
		case err != nil || found && turn:
			return m, err
		case found:
			if err := turns.Wait(ctx); err != nil {
				return m, err
			}
			turn = true
			continue
		}
		select {
		case <-l.c.Store.Posted():
		case <-ctx.Done():
			return m, ctx.Err()
		}
	}
}

// status tells how the box is.
func (l *line) status(ctx context.Context) error {
	s := l.standing()
	if err := l.publish(ctx, wire.StatusTopic(l.c.Box), true, mustJSON(s), ackTimeout); err != nil {
		return err
	}
	l.shown, l.seen = s, time.Now()
	return nil
}

// mostCodes bounds what a status tells.
const mostCodes = 32

func (l *line) standing() wire.Status {
	s := l.c.Standing()
	s.Session, s.TS = l.session, l.c.Desk.c.Clock().Now.Unix()
	s.Codes = s.Codes[:min(len(s.Codes), mostCodes)]
	return s
}

// tellChange is the least time between two statuses of a connection.
const tellChange = time.Minute

// changes tells the status anew where it is another one.
func (l *line) changes(ctx context.Context) error {
	s := l.standing()
	same := s.State == l.shown.State && s.FW == l.shown.FW && s.Slot == l.shown.Slot && s.Cfg == l.shown.Cfg && slices.Equal(s.Codes, l.shown.Codes)
	if same || time.Since(l.seen) < tellChange {
		return nil
	}
	if came, went := without(s.Codes, l.shown.Codes), without(l.shown.Codes, s.Codes); len(came)+len(went) > 0 {
		if err := l.c.Desk.Tell(wire.HealthEvent, "", map[string]any{"came": came, "went": went}); err != nil {
			return err
		}
	}
	return l.status(ctx)
}

// goodbye tells that the box ends in good order.
func (l *line) goodbye() {
	ctx, cancel := context.WithTimeout(context.Background(), goodbye)
	defer cancel()
	s := l.standing()
	s.State = wire.Disconnected
	if err := l.publish(ctx, wire.StatusTopic(l.c.Box), true, mustJSON(s), goodbye); err != nil {
		l.c.Log.Info("support not told of the end", "err", err)
	}
}
