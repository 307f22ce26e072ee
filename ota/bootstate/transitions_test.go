package bootstate_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "syncbox/ota/bootstate"
)

var (
	sums    = Sums{Kernel: "1", Initrd: "2", DTB: "3"}
	newer   = Sums{Kernel: "4", Initrd: "5"}
	invalid = Sums{Kernel: Invalid, Initrd: Invalid}

	good    = State{Seq: 7, Good: A, A: sums, B: newer}
	writing = State{Seq: 7, Good: A, A: sums, B: invalid}
	trying  = State{Seq: 7, Good: A, A: sums, B: newer, Try: B, Tries: 3}
	lastTry = State{Seq: 7, Good: A, A: sums, B: newer, Try: B}
	failed  = State{Seq: 7, Good: A, A: sums, B: newer, Failed: B}
	onB     = State{Seq: 7, Good: B, A: sums, B: newer}
)

func TestTransitions(t *testing.T) {
	type step = func(State) (State, error)
	write := func(running Slot) step { return func(s State) (State, error) { return s.Writing(running) } }
	ready := func(sums Sums) step { return func(s State) (State, error) { return s.Ready(sums) } }
	try := func(n int) step { return func(s State) (State, error) { return s.Trying(n) } }
	markGood := func(running Slot) step { return func(s State) (State, error) { return s.MarkGood(running) } }
	takeOver := func(running Slot) step { return func(s State) (State, error) { return s.TakeOver(running) } }
	no := State{}

	tests := []struct {
		name string
		from State
		do   step
		want State // no: refused
	}{
		{"write from good", good, write(A), writing},
		{"write again", writing, write(A), writing},
		{"write over a failed one", failed, write(A), writing},
		{"write on the other half", onB, write(B), State{Seq: 7, Good: B, A: invalid, B: newer}},
		{"write during a trial", trying, write(B), no},
		{"write while a trial is due", trying, write(A), no},
		{"write while the other one runs", good, write(B), no},
		{"write while it is not known what runs", good, write(None), no},
		{"ready", writing, ready(newer), good},
		{"ready without writing", good, ready(newer), no},
		{"ready from a trial", trying, ready(newer), no},
		{"ready without sums", writing, ready(Sums{}), no},
		{"ready without the initrd's", writing, ready(Sums{Kernel: "1"}), no},
		{"ready but invalid", writing, ready(Sums{Kernel: "1", Initrd: "2", DTB: Invalid}), no},
		{"try", good, try(3), trying},
		{"try a failed one again", failed, try(3), trying},
		{"try what is not written", writing, try(3), no},
		{"try what cannot be checked", State{Seq: 7, Good: A}, try(3), no},
		{"try while trying", trying, try(3), no},
		{"no tries", good, try(0), no},
		{"too many tries", good, try(MaxTries + 1), no},
		{"mark good", trying, markGood(B), onB},
		{"mark good in the last try", lastTry, markGood(B), onB},
		{"mark good what does not run", trying, markGood(A), no},
		{"mark good without a trial", good, markGood(B), no},
		{"mark nothing good", good, markGood(None), no},
		{"fail", trying, State.Fail, failed},
		{"fail in the last try", lastTry, State.Fail, failed},
		{"fail without a trial", good, State.Fail, no},
		{"take over", good, takeOver(B), State{Seq: 7, Good: B, A: invalid, B: newer}},
		{"take over by one that failed", failed, takeOver(B), State{Seq: 7, Good: B, A: invalid, B: newer}},
		{"take over by the good one", good, takeOver(A), no},
		{"take over during a trial", trying, takeOver(B), no},
		{"take over by nobody", good, takeOver(None), no},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.do(tt.from)
			if tt.want == no {
				if !errors.Is(err, ErrRefused) || got != tt.from {
					t.Errorf("got %+v, %v, want the state as it was and ErrRefused", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("state (-want +got):\n%s", d)
			}
		})
	}
}

func TestPhase(t *testing.T) {
	tests := []struct {
		state State
		a, b  Phase
	}{
		{First(), PhaseGood, PhaseReady}, {good, PhaseGood, PhaseReady}, {writing, PhaseGood, PhaseWriting},
		{trying, PhaseGood, PhaseTrying}, {failed, PhaseGood, PhaseFailed}, {onB, PhaseReady, PhaseGood},
		{State{Good: A, B: Sums{DTB: Invalid}}, PhaseGood, PhaseWriting},
	}
	for _, tt := range tests {
		if a, b := tt.state.Phase(A), tt.state.Phase(B); a != tt.a || b != tt.b {
			t.Errorf("%+v: got %s, %s, want %s, %s", tt.state, a, b, tt.a, tt.b)
		}
	}
}

// TestStart reads command lines as the selector writes them, with what is on the disk at that moment.
func TestStart(t *testing.T) {
	tests := []struct {
		name, cmdline string
		start         Start
		good          Slot
		want          Meaning
	}{
		{"normal", "console=ttyAMA0 quiet panic=1 oops=panic sb.slot=a sb.try=- sb.failed=-", Start{Slot: A}, A, Normal},
		{"normal, newline", "sb.slot=b sb.try=- sb.failed=-\n", Start{Slot: B}, B, Normal},
		{"trial", "sb.slot=b sb.try=b sb.failed=-", Start{Slot: B, Try: B}, A, Trial},
		{"slot on trial cannot start", "sb.slot=a sb.try=b sb.failed=-", Start{Slot: A, Try: B}, A, Unreadable},
		{"rolled back", "sb.slot=a sb.try=- sb.failed=b", Start{Slot: A, Failed: B}, A, RolledBack},
		{"good slot cannot start", "sb.slot=b sb.try=- sb.failed=-", Start{Slot: B}, A, GoodDamaged},
		{"good slot cannot start, the other failed", "sb.slot=b sb.try=- sb.failed=b", Start{Slot: B, Failed: B}, A, GoodDamaged},
		{"started directly", "console=ttyAMA0 quiet", Start{}, A, Unselected},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ParseStart(tt.cmdline)
			if d := cmp.Diff(tt.start, got); d != "" {
				t.Errorf("start (-want +got):\n%s", d)
			}
			if m := got.Meaning(tt.good); m != tt.want {
				t.Errorf("got %s, want %s", m, tt.want)
			}
		})
	}
}
