package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"syncbox/firmware/internal/storytest"
)

// The longest a step may take before the check gives up. Nothing depends on how fast it is.
const (
	firstSyncWithin = 10 * time.Minute
	editWithin      = 2 * time.Minute
)

// check plays the whole story without a person and judges what both simulators hold in the end.
func (s *stage) check(ctx context.Context) error {
	if err := s.firstSync(ctx); err != nil {
		return err
	}
	if err := s.seenOnPage(ctx); err != nil { // before support asks for another run, which may wait for a tick
		return err
	}
	if err := s.seenBySupport(ctx); err != nil {
		return err
	}
	line, err := s.story.play(ctx, s)
	if err != nil {
		return errors.Join(err, s.trouble())
	}
	fmt.Printf("demo %s seconds=%.1f\n", line, time.Since(s.begin).Seconds())
	return nil
}

// firstSync waits for the first complete cycle of every job and compares everything.
func (s *stage) firstSync(ctx context.Context) error {
	err := s.look(ctx)
	if err != nil {
		return errors.Join(err, s.trouble())
	}
	err = storytest.Until(ctx, "first sync", firstSyncWithin, func() bool { return s.synced(2) })
	if err == nil {
		err = s.story.whole()
	}
	if err != nil {
		return errors.Join(err, s.trouble())
	}
	return nil
}

// look has a person see what the first sync would do and tick it, in a story where one must.
func (s *stage) look(ctx context.Context) error {
	if t, must := s.story.(ticked); must {
		return t.firstLook(ctx, s)
	}
	return nil
}

// trouble tells what the box itself says.
func (s *stage) trouble() error {
	var all []error
	for _, st := range s.statuses() {
		all = append(all, fmt.Errorf("the box says: %v %s / %v %s, waiting %v", st.Ways[0].Outcome, st.Ways[0].Code, st.Ways[1].Outcome, st.Ways[1].Code, st.Waiting))
	}
	return errors.Join(all...)
}
