package daytime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The pauses between two rounds of questions, and between two times that are kept.
const (
	firstPause = 4 * time.Second
	longPause  = 10 * time.Minute
	askEvery   = time.Hour
	keepEvery  = time.Hour
)

// Run asks the time servers until ctx ends, and keeps the time every hour and once more in the end.
func (k *Keeper) Run(ctx context.Context) error {
	keep := time.NewTicker(keepEvery)
	defer keep.Stop()
	pause, next := firstPause, time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return k.Keep()
		case <-keep.C:
			if err := k.Keep(); err != nil {
				k.c.Log.Warn("time not kept", "err", err)
			}
		case <-next.C:
			err := k.round(ctx)
			wait := askEvery
			if err != nil {
				wait, pause = pause, min(2*pause, longPause)
				k.tell(ctx, err)
			} else {
				pause = firstPause
			}
			next.Reset(wait)
		}
	}
}

func (k *Keeper) tell(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, errNobody):
		k.c.Log.Debug("nobody to ask for the time")
	default:
		k.c.Log.Warn("time not known from the network", "err", err)
	}
}

// mostAsked bounds the servers of a round.
const mostAsked = 4

// errNobody means that the network names no time server.
var errNobody = errors.New("no time server")

// round asks the servers once and corrects the clock.
func (k *Keeper) round(ctx context.Context) error {
	servers := k.c.Servers()
	if len(servers) == 0 {
		return errNobody
	}
	var offsets []time.Duration
	var all []error
	for _, server := range servers[:min(len(servers), mostAsked)] {
		offset, err := k.c.Ask(ctx, server)
		if err != nil {
			all = append(all, fmt.Errorf("ask %s for the time: %w", server, err))
			continue
		}
		offsets = append(offsets, offset)
	}
	if len(offsets) == 0 {
		return errors.Join(all...)
	}
	offset, err := agreed(offsets)
	if err != nil {
		return err
	}
	return k.correct(offset)
}

// near is how far apart two servers may be and still agree.
const near = time.Second

// agreed gives the offset that more than half of the servers are near to.
func agreed(offsets []time.Duration) (time.Duration, error) {
	slices.Sort(offsets)
	middle := offsets[len(offsets)/2]
	with := 0
	for _, o := range offsets {
		if (o - middle).Abs() <= near {
			with++
		}
	}
	if 2*with <= len(offsets) {
		return 0, fmt.Errorf("time servers disagree: from %s to %s", offsets[0], offsets[len(offsets)-1])
	}
	return middle, nil
}

const (
	slewBelow = 128 * time.Millisecond // as RFC 5905 has it: a smaller offset is no reason for a step
	slewMost  = 10 * time.Minute       // what may be made good by going slower: that takes two weeks
	suspect   = time.Hour              // a clock that was right does not go wrong by so much: asked twice
)

// correct brings the clock nearer to what the servers say, or says why not.
func (k *Keeper) correct(offset time.Duration) error {
	now, least := k.c.System.Now(), k.least()
	right := now.Add(offset)
	switch {
	case right.After(k.c.Made.Add(believable)):
		return fmt.Errorf("time servers say %s, which is too late to be so", right.UTC().Format(time.RFC3339))
	case right.Before(least.Add(-slewMost)) || right.Before(least) && offset < -slewMost:
		return fmt.Errorf("time servers say %s, which is before %s", right.UTC().Format(time.RFC3339), least.UTC().Format(time.RFC3339))
	case !k.sure(offset):
		return fmt.Errorf("time servers say that the clock is off by %s: asked once more", offset)
	}
	var err error
	if offset.Abs() < slewBelow || right.Before(least) {
		err = k.c.System.Slew(offset)
	} else {
		k.c.Log.Info("clock set", "was", now.UTC(), "is", right.UTC())
		err = k.c.System.Step(right)
	}
	if err != nil {
		return err
	}
	k.mu.Lock()
	first := k.known.IsZero()
	k.known, k.doubt = time.Now(), 0
	k.mu.Unlock()
	if !first {
		return nil
	}
	if k.c.Known != nil {
		k.c.Known()
	}
	return k.Keep()
}

// sure tells whether an offset is to be believed: a large one of a clock that was right before only when it is told twice.
func (k *Keeper) sure(offset time.Duration) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known.IsZero() || offset.Abs() < suspect {
		return true
	}
	again := k.doubt != 0 && (offset-k.doubt).Abs() <= near
	k.doubt = offset
	return again
}
