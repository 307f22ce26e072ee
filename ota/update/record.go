package update

import (
	"maps"
	"slices"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/order"
)

// Record is what a box remembers of its updates. It changes in one transaction with the trust state.
type Record struct {
	// Wish is the order that stands, also once it is fulfilled.
	Wish *Wish `json:"wish,omitempty"`
	// Seq is that of the last order taken, by role.
	Seq map[order.Role]int64 `json:"seq,omitempty"`
	// Install is what is being done about it; nil while nothing is.
	Install *Install `json:"install,omitempty"`
	// Bad are systems that failed here, the last one last, mostBad at most.
	Bad []Bad `json:"bad,omitempty"`
	// Skipped is the last wish for a part of a group that this box is not to follow, if no other one came since.
	Skipped *Skipped `json:"skipped,omitempty"`
	// Last is how the last wish ended; Told whether that was told.
	Last *Outcome `json:"last,omitempty"`
	Told bool     `json:"told,omitempty"`
	// Commit is the system that was found good last, until it has raised the floor.
	Commit *Commit `json:"commit,omitempty"`
	// Release is the least version that may be installed, as on the disk.
	Release int64 `json:"release,omitempty"`
	// Checked is when the signed list was last had, by the trusted time.
	Checked time.Time `json:"checked,omitzero"`
}

// Wish is an accepted order.
type Wish struct {
	ID       string       `json:"id"`
	Envelope []byte       `json:"envelope"`
	Op       order.Op     `json:"op"` // order.Desired, order.Downgrade or order.Rollout
	To       string       `json:"to,omitempty"`
	Target   order.Target `json:"target"`
}

// Skipped is an order that was good, and not for this box.
type Skipped struct {
	ID   string `json:"id"`
	Code Code   `json:"code"`
}

// Step is how far an Install is.
type Step string

// Steps.
const (
	Writing   Step = "writing"   // the slot is being written
	Trying    Step = "trying"    // the boot state lets it start, or is just about to
	Comparing Step = "comparing" // the trial missed the network: does the old system reach it?
	Again     Step = "again"     // the slot is whole and is to be tried once more
)

// Install is a system on its way into a slot, and its trial.
type Install struct {
	Wish    string         `json:"wish"` // id
	Slot    bootstate.Slot `json:"slot"`
	Version bundle.Version `json:"version"`
	Image   bundle.Image   `json:"image"`
	Sums    bootstate.Sums `json:"sums"`
	Trial   bundle.Trial   `json:"trial"`
	Floor   bundle.Version `json:"floor"`
	Step    Step           `json:"step"`
	// Seq is that of the boot state before it was to let the slot start: if it is still that one, it was not written.
	Seq uint32 `json:"seq,omitempty"`
	// Begun: the new system has started, and looked at itself.
	Begun bool `json:"begun,omitempty"`
	// Before is what the old system had.
	Before *Before `json:"before,omitempty"`
	// Missing are the network checks that a trial missed; not empty is provisional, once it is tried again.
	Missing []string `json:"missing,omitempty"`
	// Failure is why the trial ended, where the new system could say so.
	Failure *Failure `json:"failure,omitempty"`
	// Interrupted counts the trials that ended for no known reason, Acquitted those that the old system did no better.
	Interrupted int `json:"interrupted,omitempty"`
	Acquitted   int `json:"acquitted,omitempty"`
}

// Before is what a system had before it made room for the next.
type Before struct {
	Link    bool     `json:"link"`
	Reached []string `json:"reached"` // names of the network checks that passed
	// Failing are names of checks of its own that failed: the new system is not at fault for them.
	Failing []string `json:"failing,omitempty"`
}

// Failure is why a trial ended.
type Failure struct {
	Code  Code   `json:"code"`
	Words string `json:"words,omitempty"`
}

// Bad is a system that failed here.
type Bad struct {
	SHA256  bundle.Digest  `json:"sha256"`
	Version bundle.Version `json:"version"`
	Code    Code           `json:"code"`
	Wish    string         `json:"wish"` // under which order; a new one may try it again
}

// mostBad bounds Record.Bad.
const mostBad = 16

// Outcome is how a wish ended.
type Outcome struct {
	Wish    string         `json:"wish"`
	Version bundle.Version `json:"version"`
	Phase   Phase          `json:"phase"` // PhaseSucceeded, PhaseFailed, PhaseRejected, PhaseSuperseded or PhaseRolledBack
	Code    Code           `json:"code,omitempty"`
	Words   string         `json:"words,omitempty"`
}

// Commit is a system that was found good.
type Commit struct {
	Version bundle.Version `json:"version"`
	Floor   bundle.Version `json:"floor"`
	// On is how long the box has been on since.
	On time.Duration `json:"on"`
}

// Phase is how far a wish is, in the words of the protocol with support.
type Phase string

// Phases.
const (
	PhaseAccepted   Phase = "accepted"
	PhaseRunning    Phase = "running"
	PhaseRebooting  Phase = "rebooting"
	PhaseSucceeded  Phase = "succeeded"
	PhaseFailed     Phase = "failed" // for now: it is tried again
	PhaseRejected   Phase = "rejected"
	PhaseSuperseded Phase = "superseded"
	PhaseRolledBack Phase = "rolled_back"
)

// Event is something that happened to a wish.
type Event struct {
	Wish    string // id; empty where it is about none
	Phase   Phase
	Code    Code // why, of failed, rejected and rolled back
	Words   string
	Version bundle.Version
	Done    int // windows of Of, while running
	Of      int
	// Security: somebody may be trying something.
	Security bool
}

// bad says whether a system failed here under an order; "" is under any.
func (r *Record) bad(image bundle.Digest, wish string) bool {
	return slices.ContainsFunc(r.Bad, func(b Bad) bool { return b.SHA256 == image && (wish == "" || b.Wish == wish) })
}

// badWave gives which of Bad is the system of a rollout that came while this system was on trial for the wave before, or -1.
func (r *Record) badWave() int {
	if r.Wish.Op != order.Rollout {
		return -1
	}
	return slices.IndexFunc(r.Bad, func(b Bad) bool { return b.SHA256 == r.Wish.Target.SHA256 })
}

// inherit ends the wish that stands as that of the wave before has ended.
func (r *Record) inherit(i int) {
	b := r.Bad[i]
	b.Wish = r.Wish.ID
	r.condemned(b)
	r.outcome(Outcome{Wish: b.Wish, Version: b.Version, Phase: PhaseRolledBack, Code: b.Code})
}

// condemn ends an install whose system is no good.
func (r *Record) condemn(f Failure) {
	in := r.Install
	r.condemned(Bad{SHA256: in.Image.SHA256, Version: in.Version, Code: f.Code, Wish: in.Wish})
	r.end(PhaseRolledBack, f)
}

func (r *Record) condemned(b Bad) {
	r.Bad = append(r.Bad, b)
	r.Bad = r.Bad[max(0, len(r.Bad)-mostBad):]
}

// end ends an install.
func (r *Record) end(phase Phase, f Failure) {
	in := r.Install
	r.outcome(Outcome{Wish: in.Wish, Version: in.Version, Phase: phase, Code: f.Code, Words: f.Words})
	r.Install = nil
}

// outcome keeps how a wish ended; the same twice is told once.
func (r *Record) outcome(o Outcome) {
	if r.Last != nil && r.Last.Wish == o.Wish && r.Last.Phase == o.Phase && r.Last.Code == o.Code {
		return
	}
	r.Last, r.Told = &o, false
}

// clone gives a record of which whatever is changed in place is its own.
func (r Record) clone() Record {
	r.Seq = maps.Clone(r.Seq)
	r.Bad = slices.Clone(r.Bad)
	r.Wish, r.Install, r.Last, r.Commit, r.Skipped = own(r.Wish), own(r.Install), own(r.Last), own(r.Commit), own(r.Skipped)
	return r
}

func own[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
