package bootstate

import (
	"errors"
	"fmt"
)

// ErrRefused is wrapped by the error of a transition that the state does not allow.
var ErrRefused = errors.New("not allowed in this boot state")

// Phase is how far a slot is.
type Phase string

// Phases; the picture is in the comment of the package.
const (
	PhaseGood    Phase = "good"
	PhaseWriting Phase = "writing" // must not start: it is being written, or was found damaged
	PhaseReady   Phase = "ready"   // may be tried, and starts where the good one is damaged
	PhaseTrying  Phase = "trying"
	PhaseFailed  Phase = "failed" // complete, but rolled back from
)

// Phase tells how far x is.
func (s State) Phase(x Slot) Phase {
	switch {
	case x == s.Good:
		return PhaseGood
	case x == s.Try:
		return PhaseTrying
	case !s.Sums(x).valid():
		return PhaseWriting
	case x == s.Failed:
		return PhaseFailed
	}
	return PhaseReady
}

// Writing is to be on the disk before the first byte of the inactive slot is written. It is refused
// unless running, the slot this system started from, is the good one and nothing is on trial:
// otherwise the only good slot would be overwritten.
func (s State) Writing(running Slot) (State, error) {
	if running != s.Good || s.Try != None {
		return s, refused("write a slot while %q runs, %q is good and %q on trial", running, s.Good, s.Try)
	}
	s.setSums(s.Inactive(), invalidSums)
	s.Failed = None
	return s, nil
}

// Ready says that the inactive slot was written, is on the disk and was read again; sums are of what
// was read. The kernel's and the initrd's are needed.
func (s State) Ready(sums Sums) (State, error) {
	if p := s.Phase(s.Inactive()); p != PhaseWriting {
		return s, refused("ready from %s", p)
	}
	if !sums.known() {
		return s, refused("ready with sums %+v", sums)
	}
	s.setSums(s.Inactive(), sums)
	return s, nil
}

// Trying lets the inactive slot start at the next tries starts. Ready and Trying may be one write.
func (s State) Trying(tries int) (State, error) {
	p := s.Phase(s.Inactive())
	if p != PhaseReady && p != PhaseFailed || !s.Sums(s.Inactive()).known() {
		return s, refused("try a slot that is %s with sums %+v", p, s.Sums(s.Inactive()))
	}
	if tries < 1 || tries > MaxTries {
		return s, refused("%d tries", tries)
	}
	s.Try, s.Tries, s.Failed = s.Inactive(), tries, None
	return s, nil
}

// MarkGood ends a trial well; running must be the slot on trial.
func (s State) MarkGood(running Slot) (State, error) {
	if s.Try == None || running != s.Try {
		return s, refused("mark %q good with %q on trial", running, s.Try)
	}
	s.Good, s.Try, s.Tries, s.Failed = running, None, 0, None
	return s, nil
}

// Fail ends a trial badly: the good slot starts next.
func (s State) Fail() (State, error) {
	if s.Try == None {
		return s, refused("fail without a trial")
	}
	s.Failed, s.Try, s.Tries = s.Try, None, 0
	return s, nil
}

// TakeOver makes running the good slot because the selector refused the good one, which is not to
// start again before it is written anew.
func (s State) TakeOver(running Slot) (State, error) {
	if running == None || running != s.Inactive() || s.Try != None {
		return s, refused("take over by %q while %q is good and %q on trial", running, s.Good, s.Try)
	}
	s.setSums(s.Good, invalidSums)
	s.Good, s.Failed = running, None
	return s, nil
}

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrRefused}, args...)...)
}
