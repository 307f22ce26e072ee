package support

import (
	"context"
	"slices"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/support/wire"
)

// subscribe asks for what is for this box. What the broker grants means nothing: it may drop messages all the same.
func (l *line) subscribe(ctx context.Context) error {
	filters := map[string]byte{wire.DesiredTopic(l.c.Box): 1, wire.CmdTopic(l.c.Box): 1}
	for _, g := range l.c.Store.Standing().Groups {
		filters[wire.FleetTopic(g)] = 1
	}
	return l.done(ctx, l.client.SubscribeMultiple(filters, nil), ackTimeout)
}

// takeAll looks at what came, in its order.
func (l *line) takeAll(ctx context.Context) error {
	for m, found := l.next(); found && ctx.Err() == nil; m, found = l.next() {
		if err := l.take(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// take has a message looked at, and lets the broker forget it once that is durable.
func (l *line) take(ctx context.Context, m mqtt.Message) error {
	var err error
	if m.Topic() == wire.CmdTopic(l.c.Box) {
		err = l.c.Desk.Take(m.Payload())
	} else {
		err = l.wish(ctx, m.Payload())
	}
	if err == nil {
		m.Ack()
	}
	return err
}

// wish has a wish looked at. One that names other groups changes what is listened to. A retained message that is empty is
// one that was taken back.
func (l *line) wish(ctx context.Context, envelope []byte) error {
	if len(envelope) == 0 {
		return nil
	}
	was := l.c.Store.Standing().Groups
	if err := l.c.Desk.TakeWish(ctx, envelope); err != nil {
		return err
	}
	now := l.c.Store.Standing().Groups
	if slices.Equal(was, now) {
		return nil
	}
	if gone := without(was, now); len(gone) > 0 {
		for i, group := range gone {
			gone[i] = wire.FleetTopic(group)
		}
		if err := l.done(ctx, l.client.Unsubscribe(gone...), ackTimeout); err != nil {
			return err
		}
	}
	return l.subscribe(ctx)
}

func without(all, these []string) []string {
	left := []string{}
	for _, x := range all {
		if !slices.Contains(these, x) {
			left = append(left, x)
		}
	}
	return left
}
