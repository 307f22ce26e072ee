package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/ota/release"
)

// hearWithin is how long support waits for the box before the check gives up.
const hearWithin = time.Minute

// seenBySupport waits until the broker keeps a status of the box that says it is ready, and has support order a sync,
// signed, of which the box has to say that it is done.
func (s *stage) seenBySupport(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, hearWithin)
	defer cancel()
	dialer, err := s.office.dialer(checkName)
	if err == nil {
		err = s.readyAt(ctx, dialer)
	}
	if err == nil {
		err = s.ordered(ctx, dialer)
	}
	if err != nil {
		return fmt.Errorf("support: %w", err)
	}
	return nil
}

// readyAt waits for the status.
func (s *stage) readyAt(ctx context.Context, d fleet.Dialer) error {
	line, err := d.Dial(ctx)
	if err != nil {
		return err
	}
	defer line.Close()
	if err := line.Subscribe(ctx, fleet.AllStatus); err != nil {
		return err
	}
	roster := fleet.NewRoster()
	for {
		h, err := line.Next(ctx)
		if err != nil {
			b, _ := roster.Box(s.app.Box.Name)
			return fmt.Errorf("wait for the status of %s, last %q %v: %w", s.app.Box.Name, b.Status.State, b.Status.Codes, err)
		}
		roster.Take(h, time.Now())
		if b, found := roster.Box(s.app.Box.Name); found && b.Status.State == wire.Ready {
			return nil
		}
	}
}

// ordered orders a sync of the first job.
func (s *stage) ordered(ctx context.Context, d fleet.Dialer) error {
	keys, err := release.ReadKeys(nil, filepath.Join(s.office.dir, "keys"))
	if err != nil {
		return err
	}
	repo, err := release.Open(filepath.Join(s.office.dir, "repo"))
	if err != nil {
		return err
	}
	now := time.Now()
	o := order.Order{To: "box:" + s.app.Box.Name, Op: order.Sync, Args: json.RawMessage(fmt.Sprintf(`{"job":%q}`, s.app.Jobs[0].Name()))}
	envelope, err := repo.Order(o, release.Ops, time.Hour, keys, now, rand.Reader)
	if err != nil {
		return err
	}
	if o, err = order.Peek(envelope); err != nil {
		return err
	}
	results, err := fleet.Send(ctx, d, []fleet.Order{{Box: s.app.Box.Name, ID: o.ID, Envelope: envelope}}, func(string, wire.Ack) {})
	if err != nil {
		return err
	}
	if !results[0].Ended() || results[0].Last.Phase != wire.Succeeded {
		return errors.New("the box did not say that it has done what was ordered")
	}
	return nil
}
