package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"syncbox/firmware/internal/config"
	"syncbox/sync/engine"
)

// TestAskedWhileItEnds: a job that is built afresh while it is asked says so at once: nobody would answer any more.
func TestAskedWhileItEnds(t *testing.T) {
	j := newJob(config.Box{}, config.Job{Name: "north"}, t.TempDir(), nil, slog.New(slog.DiscardHandler))
	life, end := context.WithCancel(t.Context())
	j.begin(life)
	j.engine = new(engine.Engine)
	err := j.ask(t.Context(), func(ctx context.Context, _ *engine.Engine) error {
		end()
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, ErrEnded) {
		t.Errorf("got %v", err)
	}
	ctx, gaveUp := context.WithCancel(t.Context())
	j.begin(t.Context())
	err = j.ask(ctx, func(ctx context.Context, _ *engine.Engine) error {
		gaveUp()
		<-ctx.Done()
		return ctx.Err()
	})
	if errors.Is(err, ErrEnded) || !errors.Is(err, context.Canceled) {
		t.Errorf("whoever asked gave up: got %v", err)
	}
}
