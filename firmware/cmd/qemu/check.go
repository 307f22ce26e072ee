package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/panel/paneltest"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
)

// The longest a step may take before the check gives up. Nothing depends on how fast it is.
const (
	firstSyncWithin = 10 * time.Minute
	answerWithin    = 2 * time.Minute
)

// check plays the story without a person, judges it by what the CRM holds, and says so in one line.
func (s *stage) check(ctx context.Context) error {
	begin := time.Now()
	customers, synced, err := s.firstSync(ctx)
	if err != nil {
		return errors.Join(err, fmt.Errorf("console:\n%s", s.box.Console()))
	}
	if err := s.askStatus(ctx); err != nil {
		return err
	}
	light, err := s.atRest(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("qemu customers=%d synced=%d light=%s seconds=%.1f\n", customers, synced, light, time.Since(begin).Seconds())
	return nil
}

// firstSync waits until the CRM shows all of the company, each record once, and counts.
func (s *stage) firstSync(ctx context.Context) (customers, synced int, err error) {
	p, err := s.Picture()
	if err != nil {
		return 0, 0, err
	}
	for _, c := range p.Customers {
		if c.Status == acombatest.InUse {
			customers++
		}
	}
	if err := storytest.Until(ctx, "first sync", firstSyncWithin, func() bool { return len(s.Missing(p)) == 0 }); err != nil {
		missing := s.Missing(p)
		return 0, 0, fmt.Errorf("%w: %d records missing: %s", err, len(missing), storytest.Some(missing))
	}
	synced, _ = s.Counts()
	return customers, synced, s.NoDoubles()
}

// askStatus asks the service console, as a technician does before he logs on, until both directions are well.
func (s *stage) askStatus(ctx context.Context) error {
	p, err := locale.New(s.Language, nil)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	well := p.Text("way.success", nil)
	for {
		before := len(s.box.Console())
		if err := s.box.Type("status\r"); err != nil {
			return err
		}
		if err := s.box.WaitAfter(ctx, before, "\n"+sitetest.Box+"> "); err != nil {
			return fmt.Errorf("ask for the status: %w", err)
		}
		if answer := s.box.Console()[before:]; strings.Contains(answer, sitetest.Job) && strings.Count(answer, well) == 2 {
			return nil
		}
	}
}

// atRest waits until the light means that all is well.
func (s *stage) atRest(ctx context.Context) (health.Light, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if err := paneltest.Await(ctx, s.box, health.Ready); err != nil {
		return 0, err
	}
	return s.box.Light()
}
