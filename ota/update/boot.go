package update

import (
	"fmt"

	"syncbox/ota/bootstate"
)

// Duty is what a system has to do after its start.
type Duty string

// Duties.
const (
	Off      Duty = "off"       // nothing: no boot selector, so no other slot
	Serve    Duty = "serve"     // wait for wishes
	Look     Duty = "look"      // a trial: look, then commit or give back
	TakeOver Duty = "take-over" // the good slot is damaged: look, then be the good one
	Compare  Duty = "compare"   // a new system missed the network: look whether this one reaches it
	TryAgain Duty = "try-again" // let the other slot start once more
	Leave    Duty = "leave"     // the trial is over: restart
)

// opening is what a start means, once the record and the boot state are held against it.
type opening struct {
	duty Duty
	// fail: the boot state still says that there is a trial, which is over.
	fail bool
	// damaged: the good slot did not start.
	damaged bool
}

// open tells what a start means. It changes the record, which is durable before anything else is done. st is the boot
// state as it is now, start what the selector said: in a system that has already acted upon its start they differ.
func (r *Record) open(st bootstate.State, start bootstate.Start, cause Cause) opening {
	if start.Slot == bootstate.None {
		return opening{duty: Off}
	}
	switch start.Meaning(st.Good) {
	case bootstate.Trial:
		switch {
		case st.Try == start.Slot:
			return r.onTrial(start.Slot, cause)
		case st.Good == start.Slot:
			return opening{duty: r.settled(st, start.Slot)}
		}
		return opening{duty: Leave}
	case bootstate.Unreadable:
		if st.Try != bootstate.None {
			return r.refused(st)
		}
		if start.Slot != st.Good {
			return opening{duty: TakeOver, damaged: true}
		}
		return opening{duty: r.rolledBack(st, cause)}
	case bootstate.GoodDamaged:
		return opening{duty: TakeOver, damaged: true}
	}
	if st.Failed != bootstate.None {
		return opening{duty: r.rolledBack(st, cause)}
	}
	return opening{duty: r.settled(st, start.Slot)}
}

// onTrial is a start of the new slot. One that began its trial before and was ended by the watchdog is no good: nobody
// who pulls the plug looks like that.
func (r *Record) onTrial(running bootstate.Slot, cause Cause) opening {
	in := r.Install
	if in == nil || in.Slot != running || in.Step != Trying {
		return opening{duty: Look}
	}
	if in.Begun && cause == CauseWatchdog {
		in.Failure, in.Missing = &Failure{Code: Crashed}, nil
		return opening{duty: Leave, fail: true}
	}
	in.Begun = true
	return opening{duty: Look}
}

// settled is a start of the good slot, with nothing that was rolled back.
func (r *Record) settled(st bootstate.State, running bootstate.Slot) Duty {
	in := r.Install
	switch {
	case in == nil:
	case in.Slot == running:
		r.succeed()
	case in.Step == Again && st.Phase(in.Slot) != bootstate.PhaseWriting:
		return TryAgain
	default:
		in.Step = Writing
	}
	return Serve
}

// refused is a start of the old slot because the selector could not read the new one.
func (r *Record) refused(st bootstate.State) opening {
	in := r.Install
	if in == nil || in.Slot != st.Try || in.Step != Trying {
		return opening{duty: Serve, fail: true}
	}
	return opening{duty: r.once(Failure{Unreadable, fmt.Sprintf("slot %s", in.Slot)}), fail: true}
}

// rolledBack is a start of the old slot after a trial.
func (r *Record) rolledBack(st bootstate.State, cause Cause) Duty {
	in := r.Install
	switch {
	case in == nil || in.Slot != st.Failed:
		return Serve
	case in.Step == Comparing:
		return Compare
	case in.Step == Again, in.Step == Trying && in.Seq == st.Seq: // it was to be let start again, and was not yet
		in.Step = Again
		return TryAgain
	case in.Step != Trying:
		return Serve
	case in.Failure != nil && len(in.Missing) == 0:
		r.condemn(*in.Failure)
		return Serve
	case len(in.Missing) > 0:
		in.Step = Comparing
		return Compare
	case cause == CauseWatchdog:
		r.condemn(Failure{Code: Crashed})
		return Serve
	}
	return r.once(Failure{Code: Interrupted})
}

// once lets a trial that ended without a fault of the system's be tried once more, and no more than that.
func (r *Record) once(f Failure) Duty {
	if r.Install.Interrupted > 0 {
		r.condemn(f)
		return Serve
	}
	r.Install.Interrupted++
	r.Install.Step = Again
	return TryAgain
}

// succeed ends an install well.
func (r *Record) succeed() {
	in := r.Install
	r.Commit = &Commit{Version: in.Version, Floor: in.Floor}
	r.end(PhaseSucceeded, Failure{})
}
