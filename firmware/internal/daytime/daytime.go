// Package daytime gives a box without a clock the time of day. What it shows is never before the day the program was
// made, nor before the last time that was kept; time servers correct it from there.
//
// The clock goes back only where an answer says so and the result is still after both. A little further back than that
// it goes slower until it is right; much further back it stays as it is, because then the answer is more likely to be
// wrong than what was kept.
package daytime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"syncbox/firmware/internal/durable"
)

// Unknown is the health code of a clock that nobody has confirmed for long.
const Unknown = "clock-unknown"

// System is the clock of the machine.
type System interface {
	Now() time.Time
	// Step sets it.
	Step(to time.Time) error
	// Slew has it go faster or slower until it has gained, or lost, that much. It never goes back by it.
	Slew(by time.Duration) error
}

// Config of a Keeper. All fields but Known are needed.
type Config struct {
	System System
	// Ask gives how far the clock is behind a server's, negative where it is ahead. Query is the real one.
	Ask func(ctx context.Context, server string) (time.Duration, error)
	// Servers gives the time servers there are now, by name or address; they may change with the network.
	Servers func() []string
	Made    time.Time // when the program was made: no right clock shows an earlier time
	Path    string    // the file that keeps the time over a power cut
	// Known is told when the time is confirmed for the first time since the program began; nil for nobody. It must not wait.
	Known func()
	Log   *slog.Logger
}

// Keeper is a part of the box.
type Keeper struct {
	c Config

	mu    sync.Mutex // protects what follows
	begin time.Time  // of this program's life; by the monotonic clock, as known is
	known time.Time  // when servers confirmed it last; zero = never
	kept  time.Time  // what the file holds, or what was in it
	doubt time.Duration
}

// New makes a keeper. It does nothing yet.
func New(c Config) *Keeper { return &Keeper{c: c, begin: time.Now()} }

// believable is how long after its making a program may still run.
const believable = 20 * 365 * 24 * time.Hour

// Begin sets the clock forward where it can't be right. It is called once the file can be read, before anything asks
// for the time of day. A file that makes no sense is as good as none.
func (k *Keeper) Begin() error {
	kept, err := k.read()
	if err != nil {
		k.c.Log.Warn("kept time not used", "err", err)
	}
	k.mu.Lock()
	k.kept = kept
	k.mu.Unlock()
	now, least := k.c.System.Now(), k.least()
	if !now.Before(least) {
		return nil
	}
	k.c.Log.Info("clock set to the least it can be", "was", now.UTC(), "is", least.UTC())
	return k.c.System.Step(least)
}

// least is the earliest time that can be right.
func (k *Keeper) least() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept.After(k.c.Made) {
		return k.kept
	}
	return k.c.Made
}

func (k *Keeper) read() (time.Time, error) {
	text, err := os.ReadFile(k.c.Path)
	if errors.Is(err, os.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read kept time: %w", err)
	}
	kept, err := time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
	if err != nil || kept.After(k.c.Made.Add(believable)) {
		return time.Time{}, fmt.Errorf("read kept time: %s holds no time that can be", filepath.Base(k.c.Path))
	}
	return kept, nil
}

// Keep writes the time down, durably, unless a later one stands there.
func (k *Keeper) Keep() error {
	now := k.c.System.Now().UTC().Truncate(time.Second)
	if !now.After(k.least()) {
		return nil
	}
	if err := durable.WriteFile(k.c.Path, []byte(now.Format(time.RFC3339)+"\n"), 0o644); err != nil {
		return fmt.Errorf("keep time: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = now
	return nil
}

// How long a clock may go without anybody who confirms it.
const (
	firstPatience = time.Hour
	patience      = 7 * 24 * time.Hour
)

// Confirmed tells whether a time server has confirmed the time since the program began.
func (k *Keeper) Confirmed() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !k.known.IsZero()
}

// Conditions gives the health codes of what is wrong with the clock.
func (k *Keeper) Conditions() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known.IsZero() && time.Since(k.begin) > firstPatience || !k.known.IsZero() && time.Since(k.known) > patience {
		return []string{Unknown}
	}
	return nil
}
