package app

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"syncbox/firmware/internal/config"
)

// TestLightDoesNotWait: while a job closes its files, on a card that hangs, whoever shows how it is hears so all the same.
func TestLightDoesNotWait(t *testing.T) {
	j := newJob(config.Box{}, config.Job{Name: "north"}, t.TempDir(), nil, slog.New(slog.DiscardHandler))
	errLate := errors.New("the light waits for the disk")
	j.later(func() error {
		shown := make(chan error, 1)
		go func() {
			j.Notices()
			j.QuickBooks()
			_, err := j.Status()
			shown <- err
		}()
		select {
		case err := <-shown:
			return err
		case <-time.After(20 * time.Second): // no test ends by it that succeeds
			return errLate
		}
	})
	if err := j.Close(); !errors.Is(err, ErrStarting) {
		t.Errorf("shown: %v", err)
	}
}
