package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"syncbox/board/boot"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/durable"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/usage"
	"syncbox/sync/engine"
)

// actions is what is done to the box as a whole.
type actions struct{ m *machine }

var _ panel.Actions = actions{}

// Replay tells what is wrong with the machine, and what it uses.
func (a actions) Replay(context.Context) error {
	used, err := usage.Read(os.DirFS("/proc"))
	a.m.log.Info("status", "codes", a.m.state.Codes(), "usage", used)
	return err
}

// SyncNow begins a sync of every job.
func (a actions) SyncNow(ctx context.Context) error { return a.each(ctx, engine.Force) }

// Resync1 begins a level 1 resync of every job.
func (a actions) Resync1(ctx context.Context) error { return a.each(ctx, engine.Resync1) }

// each has every job do something. Where none runs, there is nothing to do.
func (a actions) each(ctx context.Context, v engine.Verb) error {
	jobs, _ := a.m.atWork()
	if jobs == nil {
		return nil
	}
	var all []error
	for _, j := range jobs.Jobs {
		if err := j.Do(ctx, v, ""); err != nil && !errors.Is(err, app.ErrNotRunning) {
			all = append(all, fmt.Errorf("job %s: %w", j.Name(), err))
		}
	}
	return errors.Join(all...)
}

// Restart ends every part and starts the box again.
func (a actions) Restart(context.Context) error {
	a.m.end(boot.ErrReboot)
	return nil
}

// PowerOff ends every part and switches the box off.
func (a actions) PowerOff(context.Context) error {
	a.m.end(nil)
	return nil
}

// ResetNetwork has the network and the console's code as delivered.
func (a actions) ResetNetwork(context.Context) error {
	_, err := a.m.writer.Set(config.Change{Key: "network.address", Value: ""}, config.Change{Key: "network.fixed", Value: false},
		config.Change{Key: "network.gateway", Value: ""}, config.Change{Key: "network.dns", Value: []string{}},
		config.Change{Key: "network.ntp", Value: []string{}})
	code := a.m.door.Reset()
	if errors.Is(code, setupcode.ErrNoCode) {
		code = nil
	}
	return errors.Join(err, code)
}

// FullReset notes durably that everything of the customer is to go, and starts again: nothing is open then.
func (a actions) FullReset(ctx context.Context) error {
	if err := durable.WriteFile(applianceErase, nil, 0o600); err != nil {
		return fmt.Errorf("note full reset: %w", err)
	}
	return a.Restart(ctx)
}

// stays are what a full reset leaves: who the box is, the code on its label, what its updates trust, and the time.
var stays = []string{"lost+found", "identity", "ota", filepath.Base(applianceCode), filepath.Base(applianceClock)}

// erase does a full reset that is asked for, and finishes one that a power cut ended: what asks for it goes last, and done is
// called before. It tells whether there was anything to do.
func erase(dir, asked string, done func() error) (bool, error) {
	if _, err := os.Lstat(asked); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	all, err := os.ReadDir(dir)
	if err != nil {
		return false, fmt.Errorf("erase: %w", err)
	}
	for _, e := range all {
		if slices.Contains(stays, e.Name()) || e.Name() == filepath.Base(asked) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return false, fmt.Errorf("erase: %w", err)
		}
	}
	code := setupcode.NewDoor(filepath.Join(dir, filepath.Base(applianceCode))).Reset()
	if code != nil && !errors.Is(code, setupcode.ErrNoCode) {
		return false, fmt.Errorf("erase: %w", code)
	}
	if err := errors.Join(durable.SyncDir(dir), done()); err != nil {
		return false, fmt.Errorf("erase: %w", err)
	}
	return true, errors.Join(os.Remove(asked), durable.SyncDir(dir))
}
