package update

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
)

const (
	slotA = bootstate.A
	slotB = bootstate.B
	none  = bootstate.None
)

var whole = bootstate.Sums{Kernel: "1", Initrd: "2"}

// on gives an install into slot b that is at a step.
func on(step Step, change ...func(*Install)) *Install {
	in := &Install{Wish: "W", Slot: slotB, Version: bundle.Version{Major: 1, Minor: 1}, Image: bundle.Image{SHA256: bundle.Digest{1}}, Sums: whole,
		Step: step, Seq: 5}
	for _, c := range change {
		c(in)
	}
	return in
}

// What each start means: how far the box was, what the boot loader says, what is known of the cause.
func TestStarts(t *testing.T) {
	writing := bootstate.Sums{Kernel: bootstate.Invalid, Initrd: bootstate.Invalid}
	state := func(change func(*bootstate.State)) bootstate.State {
		s := bootstate.State{Seq: 9, Good: slotA, A: whole, B: whole}
		if change != nil {
			change(&s)
		}
		return s
	}
	calm := state(nil)
	half := state(func(s *bootstate.State) { s.B = writing })
	trying := state(func(s *bootstate.State) { s.Try, s.Tries = slotB, 2 })
	failed := state(func(s *bootstate.State) { s.Failed = slotB })
	failed5 := state(func(s *bootstate.State) { s.Failed, s.Seq = slotB, 5 })
	committed := state(func(s *bootstate.State) { s.Good = slotB })
	start := func(slot, try, failed bootstate.Slot) bootstate.Start {
		return bootstate.Start{Slot: slot, Try: try, Failed: failed}
	}
	normal, trial, back := start(slotA, none, none), start(slotB, slotB, none), start(slotA, none, slotB)
	local := func(in *Install) { in.Failure = &Failure{Code: "trial-data"} }
	network := func(in *Install) { in.Failure, in.Missing = &Failure{Code: "trial-share"}, []string{"share"} }
	provisional := func(in *Install) { in.Missing, in.Acquitted = []string{"share"}, 1 }
	once := func(in *Install) { in.Interrupted = 1 }
	begun := func(in *Install) { in.Begun = true }
	crashed := func(in *Install) { in.Failure = &Failure{Code: Crashed} }
	for _, tt := range []struct {
		name  string
		state bootstate.State
		start bootstate.Start
		cause Cause
		in    *Install
		duty  Duty
		fail  bool
		step  Step // of the install after it; "" for none
		ended Phase
		code  Code
	}{
		{name: "nothing begun", state: calm, start: normal, duty: Serve},
		{name: "no boot loader", state: calm, duty: Off},
		{name: "writing", state: half, start: normal, in: on(Writing), duty: Serve, step: Writing},
		{name: "writing recorded, state not written", state: calm, start: normal, in: on(Writing), duty: Serve, step: Writing},
		{name: "trying recorded, state not written", state: half, start: normal, in: on(Trying), duty: Serve, step: Writing},
		{name: "first trial", state: trying, start: trial, in: on(Trying), duty: Look, step: Trying},
		{name: "trial after a power cut", state: trying, start: trial, cause: CauseUnknown, in: on(Trying), duty: Look, step: Trying},
		{name: "trial after the watchdog", state: trying, start: trial, cause: CauseWatchdog, in: on(Trying), duty: Look, step: Trying},
		{name: "trial begun, then the watchdog", state: trying, start: trial, cause: CauseWatchdog, in: on(Trying, begun), duty: Leave, fail: true, step: Trying},
		{name: "trial begun, then the watchdog, restarted", state: failed, start: back, in: on(Trying, begun, crashed), duty: Serve, ended: PhaseRolledBack, code: Crashed},
		{name: "trial begun, then a power cut", state: trying, start: trial, in: on(Trying, begun), duty: Look, step: Trying},
		{name: "trial, record lost", state: trying, start: trial, duty: Look},
		{name: "trial given back, not restarted", state: failed, start: trial, in: on(Trying, local), duty: Leave, step: Trying},
		{name: "committed, same start", state: committed, start: trial, in: on(Trying), duty: Serve, ended: PhaseSucceeded},
		{name: "committed, cut before the record", state: committed, start: start(slotB, none, none), in: on(Trying), duty: Serve, ended: PhaseSucceeded},
		{name: "unreadable", state: trying, start: start(slotA, slotB, none), in: on(Trying), duty: TryAgain, fail: true, step: Again},
		{name: "unreadable again", state: trying, start: start(slotA, slotB, none), in: on(Trying, once), duty: Serve, fail: true, ended: PhaseRolledBack, code: Unreadable},
		{name: "unreadable, record lost", state: trying, start: start(slotA, slotB, none), duty: Serve, fail: true},
		{name: "unreadable, same start", state: failed, start: start(slotA, slotB, none), in: on(Again, once), duty: TryAgain, step: Again},
		{name: "fault recorded", state: failed, start: back, in: on(Trying, local), duty: Serve, ended: PhaseRolledBack, code: "trial-data"},
		{name: "fault recorded, watchdog bit as well", state: failed, start: back, cause: CauseWatchdog, in: on(Trying, local), duty: Serve, ended: PhaseRolledBack, code: "trial-data"},
		{name: "network missed", state: failed, start: back, in: on(Trying, network), duty: Compare, step: Comparing},
		{name: "comparing, cut", state: failed, start: back, in: on(Comparing, network), duty: Compare, step: Comparing},
		{name: "no reason", state: failed, start: back, in: on(Trying), duty: TryAgain, step: Again},
		{name: "no reason again", state: failed, start: back, in: on(Trying, once), duty: Serve, ended: PhaseRolledBack, code: Interrupted},
		{name: "watchdog", state: failed, start: back, cause: CauseWatchdog, in: on(Trying), duty: Serve, ended: PhaseRolledBack, code: Crashed},
		{name: "provisional, tries used up", state: failed, start: back, in: on(Trying, provisional), duty: Compare, step: Comparing},
		{name: "to be tried again, cut", state: failed, start: back, in: on(Again, once), duty: TryAgain, step: Again},
		{name: "to be tried again, state not written", state: failed5, start: back, in: on(Trying, once), duty: TryAgain, step: Again},
		{name: "rolled back and told", state: failed, start: back, duty: Serve},
		{name: "rolled back, written anew, cut before the state", state: failed, start: back, in: on(Writing), duty: Serve, step: Writing},
		{name: "good slot damaged", state: committed, start: normal, duty: TakeOver},
		{name: "good slot damaged while comparing", state: failed, start: trialLess(slotB), in: on(Comparing, network), duty: TakeOver, step: Comparing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := Record{Install: tt.in}
			o := r.open(tt.state, tt.start, tt.cause)
			var step Step
			if r.Install != nil {
				step = r.Install.Step
			}
			var ended Phase
			var code Code
			if r.Last != nil {
				ended, code = r.Last.Phase, r.Last.Code
			}
			if o.duty != tt.duty || o.fail != tt.fail || step != tt.step || ended != tt.ended || code != tt.code {
				t.Errorf("got %s, fail %t, step %q, ended %q %q, want %s, %t, %q, %q %q",
					o.duty, o.fail, step, ended, code, tt.duty, tt.fail, tt.step, tt.ended, tt.code)
			}
			if bad := r.bad(bundle.Digest{1}, "W"); bad != (tt.ended == PhaseRolledBack) {
				t.Errorf("bad list %+v", r.Bad)
			}
			// The same start once more, as after a cut, means the same.
			if !o.fail && tt.state.Try == none && o.duty != Leave {
				before := r.clone()
				if again := r.open(tt.state, tt.start, tt.cause); again.duty != o.duty {
					t.Errorf("taken up again: %s, was %s", again.duty, o.duty)
				}
				if d := cmp.Diff(before, r); d != "" {
					t.Errorf("taken up again (-before +after):\n%s", d)
				}
			}
		})
	}
}

func trialLess(slot bootstate.Slot) bootstate.Start { return bootstate.Start{Slot: slot} }

// model is a box without disk and clock: boot state, record, and what may happen to them.
type model struct {
	t      *rapid.T
	st     bootstate.State
	rec    Record
	start  bootstate.Start
	duty   Duty
	broken map[bootstate.Slot]bool // the boot loader refuses the slot
	cut    int                     // steps until the power fails; below 0 never
	trials int                     // starts of the system under the wish
}

// step says whether the power is still there.
func (m *model) step() bool {
	m.cut--
	return m.cut != 0
}

// boot is a start, by the description of the boot loader.
func (m *model) boot(cause Cause) {
	slot := m.st.Good
	if m.st.Try != none {
		if m.st.Tries > 0 {
			m.st.Tries--
			slot = m.st.Try
		} else {
			m.st.Failed, m.st.Try = m.st.Try, none
		}
		m.st.Seq++
	}
	if m.broken[slot] || m.st.Phase(slot) == bootstate.PhaseWriting {
		slot = slot.Other()
	}
	if m.broken[slot] || m.st.Phase(slot) == bootstate.PhaseWriting {
		m.t.Fatalf("no slot starts: %+v", m.st)
	}
	m.start = bootstate.Start{Slot: slot, Try: m.st.Try, Failed: m.st.Failed}
	o := m.rec.open(m.st, m.start, cause)
	if m.duty = o.duty; !m.step() {
		m.boot(CauseUnknown)
		return
	}
	if o.fail {
		m.write(bootstate.State.Fail)
	}
	if m.duty == Look {
		m.trials++
	}
}

func (m *model) write(change func(bootstate.State) (bootstate.State, error)) {
	m.t.Helper()
	next, err := change(m.st)
	if err != nil {
		m.t.Fatalf("%s: %v: %+v", m.duty, err, m.st)
	}
	next.Seq++
	m.st = next
}

// install writes the other slot and has it start.
func (m *model) install() {
	if bad := m.rec.bad(bundle.Digest{1}, "W"); bad || m.rec.Last != nil && m.rec.Last.Phase == PhaseSucceeded {
		return
	}
	in := on(Writing)
	in.Slot = m.start.Slot.Other()
	if was := m.rec.Install; was != nil {
		in.Interrupted, in.Acquitted, in.Missing, in.Before = was.Interrupted, was.Acquitted, was.Missing, was.Before
	}
	m.rec.Install = in
	if !m.step() {
		m.boot(CauseUnknown)
		return
	}
	m.write(func(s bootstate.State) (bootstate.State, error) { return s.Writing(m.start.Slot) })
	m.broken[in.Slot] = true
	if !m.step() {
		m.boot(CauseUnknown)
		return
	}
	m.broken[in.Slot] = false
	m.launch()
}

func (m *model) launch() {
	m.rec.launch(m.st.Seq, Before{})
	if !m.step() {
		m.boot(CauseUnknown)
		return
	}
	m.write(func(s bootstate.State) (bootstate.State, error) {
		if s.Phase(m.rec.Install.Slot) == bootstate.PhaseWriting {
			s, _ = s.Ready(whole)
		}
		return s.Trying(Tries)
	})
	m.boot(CauseUnknown)
}

// act does what the duty asks for; what the system finds is the caller's.
func (m *model) act(found Decision, compared Verdict) {
	switch m.duty {
	case Serve:
		m.install()
	case Look:
		m.look(found)
	case Compare:
		m.rec.compared(compared)
		if m.duty = Serve; compared == GiveBack {
			m.duty = TryAgain
		}
	case TryAgain:
		if m.st.Phase(m.rec.Install.Slot) == bootstate.PhaseWriting || m.broken[m.rec.Install.Slot] {
			m.rec.Install.Step, m.duty = Writing, Serve
			return
		}
		m.launch()
	case TakeOver:
		m.write(func(s bootstate.State) (bootstate.State, error) { return s.TakeOver(m.start.Slot) })
		if m.step() {
			m.rec.Install, m.duty = nil, Serve
		} else {
			m.boot(CauseUnknown)
		}
	case Leave:
		m.boot(CauseUnknown)
	}
}

func (m *model) look(found Decision) {
	switch found.Verdict {
	case Good:
		m.write(func(s bootstate.State) (bootstate.State, error) { return s.MarkGood(m.start.Slot) })
		if !m.step() {
			m.boot(CauseUnknown)
			return
		}
		if m.rec.Install != nil {
			m.rec.succeed()
		}
		m.duty = Serve
	case GiveBack:
		if m.rec.Install != nil {
			m.rec.Install.Failure, m.rec.Install.Missing = &found.Failure, found.Missing
		}
		if m.step() {
			m.write(bootstate.State.Fail)
		}
		m.boot(CauseUnknown)
	}
}

var (
	good  = Decision{Verdict: Good}
	fault = Decision{Verdict: GiveBack, Failure: Failure{Code: "trial-data"}}
	deaf  = Decision{Verdict: GiveBack, Failure: Failure{Code: "trial-share"}, Missing: []string{"share"}}
)

// Whatever happened to a box, once nothing more happens it comes to rest by itself, with a system that runs: the new one if
// it is good, the old one if not.
func TestNoHuman(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := &model{t: r, st: bootstate.State{Seq: 1, Good: slotA, A: whole, B: whole}, broken: map[bootstate.Slot]bool{}, cut: -1}
		m.boot(CauseUnknown)
		for range rapid.IntRange(0, 20).Draw(r, "events") {
			m.cut = rapid.IntRange(0, 6).Draw(r, "power fails after")
			switch rapid.IntRange(0, 9).Draw(r, "event") {
			case 0:
				m.boot(CauseUnknown)
			case 1:
				m.boot(CauseWatchdog)
			case 2:
				m.rec = Record{} // lost while it was off
				m.boot(CauseUnknown)
			case 3: // a slot is damaged while it is off; both at once is the end of any box
				if s := rapid.SampledFrom([]bootstate.Slot{slotA, slotB}).Draw(r, "slot"); !m.broken[s.Other()] && m.st.Phase(s.Other()) != bootstate.PhaseWriting {
					m.broken[s] = true
					m.boot(CauseUnknown)
				}
			default:
				m.act(rapid.SampledFrom([]Decision{good, fault, deaf, {Verdict: Wait}}).Draw(r, "found"), rapid.SampledFrom([]Verdict{Good, GiveBack, Wait}).Draw(r, "compared"))
			}
		}
		m.cut = -1
		end := rapid.SampledFrom([]Decision{good, fault, deaf}).Draw(r, "in the end the new system is")
		for i := 0; m.duty != Serve || m.st.Try != none || m.rec.Install != nil; i++ {
			if i > 20 {
				r.Fatalf("no rest: duty %s, state %+v, install %+v", m.duty, m.st, m.rec.Install)
			}
			m.act(end, Good)
		}
		if m.start.Slot != m.st.Good {
			r.Fatalf("%s runs, %+v", m.start.Slot, m.st)
		}
	})
}

// However often it is interrupted, a system is tried for two rounds under one order.
func TestTrialsAreBounded(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := &model{t: r, st: bootstate.State{Seq: 1, Good: slotA, A: whole, B: whole}, broken: map[bootstate.Slot]bool{}, cut: -1}
		m.boot(CauseUnknown)
		for range 40 {
			m.cut = rapid.IntRange(-1, 5).Draw(r, "power fails after")
			if m.duty == Look {
				m.boot(rapid.SampledFrom([]Cause{CauseUnknown, CauseWatchdog}).Draw(r, "cause"))
				continue
			}
			m.act(Decision{Verdict: Wait}, Wait)
		}
		if m.trials > 2*Tries {
			r.Errorf("%d trials", m.trials)
		}
		if bad := m.rec.bad(bundle.Digest{1}, "W"); !bad {
			r.Errorf("not bad after %d trials: %+v, %s", m.trials, m.rec.Install, m.duty)
		}
	})
}
