package main

import (
	"errors"
	"fmt"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
)

// The exit codes. docs/boxctl-en.md lists them.
const (
	exitOK          = 0
	exitFailed      = 1  // it did not work here; the message says why. Nothing was sent
	exitUsage       = 2  // unknown command, flag or argument
	exitRefused     = 3  // the box does not take the order
	exitExpired     = 4  // its time was over before the box could
	exitTrouble     = 5  // release check: something is to be renewed, or is wrong
	exitNoAnswer    = 6  // no last word of the box in time: it may still do it
	exitPartly      = 7  // done by some boxes and not by others; a rollout that halted
	exitNotDone     = 8  // the box took the order and could not do it, or another order took its place
	exitUnreached   = 9  // the broker was not reached, or does not let us in
	exitUnconfirmed = 10 // nobody has typed the name
)

// errUsage marks a command line that makes no sense.
var errUsage = errors.New("usage")

// errTrouble makes check tell scripts that somebody has to act.
var errTrouble = errors.New("somebody has to act")

// errUnconfirmed: what would have been done was not confirmed.
var errUnconfirmed = errors.New("not confirmed, nothing was done")

// ended is how it ended where that has been said already.
type ended int

func (e ended) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// exitCode gives the code of an error.
func exitCode(err error) int {
	var e ended
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return int(e)
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, errTrouble):
		return exitTrouble
	case errors.Is(err, errUnconfirmed):
		return exitUnconfirmed
	case fleet.Unreached(err), errors.Is(err, fleet.ErrNobody):
		return exitUnreached
	}
	return exitFailed
}

// codeOf gives the exit code for what became of one order.
func codeOf(r fleet.Result) int {
	switch {
	case !r.Given:
		return exitUnreached
	case !r.Ended():
		return exitNoAnswer
	}
	switch r.Last.Phase {
	case wire.Succeeded:
		return exitOK
	case wire.Rejected:
		return exitRefused
	case wire.Expired:
		return exitExpired
	}
	return exitNotDone
}

// together gives the exit code for several orders.
func together(all []fleet.Result) error {
	code := codeOf(all[0])
	for _, r := range all[1:] {
		if codeOf(r) != code {
			code = exitPartly
		}
	}
	if code == exitOK {
		return nil
	}
	return ended(code)
}
