package sim

import (
	"fmt"
	"slices"
	"strings"
)

// Mode is how the power fails in a world.
type Mode string

// The modes. Single tries every point at which the power can be cut; Double cuts it, in small worlds, once more at every
// point of the recovery from that.
const (
	Random Mode = "random"
	Single Mode = "single"
	Double Mode = "double"
)

// Cut is one power cut: at a point of a pass, from 1.
type Cut struct{ Pass, Point int }

// Job is one world to be tried.
type Job struct {
	Seed uint64
	Mode Mode
	Dir  string // of real databases; empty = in memory
	// Twice: the world is run twice, and both histories must be the same.
	Twice bool
	// Without are deeds that do not happen.
	Without []Deed
}

// Finding is a failure and the world that showed it.
type Finding struct {
	Job
	Cuts []Cut
	Failure
	Spec Spec
}

// Name tells the mode with its cuts: single@3.12.
func (f Finding) Name() string {
	var cuts []string
	for _, c := range f.Cuts {
		cuts = append(cuts, fmt.Sprintf("%d.%d", c.Pass, c.Point))
	}
	if len(cuts) == 0 {
		return string(f.Mode)
	}
	return string(f.Mode) + "@" + strings.Join(cuts, ",")
}

// Tally counts what was tried.
type Tally struct {
	Runs, Points, Crashes int
	Findings              []Finding
}

func (t *Tally) add(o Outcome) {
	t.Runs++
	t.Crashes += o.Crashes
	for _, n := range o.Points {
		t.Points += n
	}
}

// Try tries one world in its mode, until it fails.
func (j Job) Try() Tally {
	var t Tally
	switch j.Mode {
	case Random:
		j.random(&t)
	default:
		j.everywhere(&t, Cuts(j.spec(), nil))
	}
	return t
}

func (j Job) spec() Spec {
	var s Spec
	if j.Mode == Double {
		s = DrawSmall(j.Seed)
	} else {
		s = Draw(j.Seed, j.Mode == Random)
	}
	s.Dir = j.Dir
	s.Script = slices.DeleteFunc(s.Script, func(st Step) bool { return slices.Contains(j.Without, st.Do) })
	return s
}

func (j Job) random(t *Tally) {
	s := j.spec()
	s.Trace = j.Twice
	o := Run(s)
	t.add(o)
	if len(o.Failures) > 0 {
		t.Findings = append(t.Findings, Finding{Job: j, Failure: o.Failures[0], Spec: s})
		return
	}
	if j.Twice {
		again := Run(s)
		t.add(again)
		if again.Trace != o.Trace {
			t.Findings = append(t.Findings, Finding{Job: j, Spec: s, Failure: Failure{"D", "the same seed gave two histories: " + firstDifference(o.Trace, again.Trace)}})
		}
	}
}

// firstDifference gives the first line in which two histories differ.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("%q and %q", x[i], y[i])
		}
	}
	return "one is longer"
}

// Cuts gives a world with the power cut at the given points.
func Cuts(s Spec, cuts []Cut) Spec {
	s.Script = slices.Clone(s.Script)
	for _, c := range cuts {
		s.Script = append(s.Script, Step{Pass: c.Pass, Do: Crash, A: c.Point})
	}
	return s
}

// everywhere runs a world and then again with one more cut at each point at which that makes a difference: at any time,
// and once it was cut, from the next pass on until that is over and done with.
func (j Job) everywhere(t *Tally, s Spec, cuts ...Cut) {
	o := Run(s)
	t.add(o)
	if len(o.Failures) > 0 {
		t.Findings = append(t.Findings, Finding{Job: j, Cuts: cuts, Failure: o.Failures[0], Spec: s})
		return
	}
	if len(cuts) == 2 || len(cuts) == 1 && j.Mode == Single {
		return
	}
	for _, c := range o.Cuts {
		if len(cuts) > 0 && (c.Pass <= cuts[0].Pass || o.Recovered > 0 && c.Pass > o.Recovered) {
			continue
		}
		j.everywhere(t, Cuts(s, []Cut{c}), append(slices.Clone(cuts), c)...)
		if len(t.Findings) > 0 {
			return
		}
	}
}

// Again gives the world of a seed and mode as a failure tells them.
func (c *Campaign) Again(seed uint64, mode string) (Spec, error) {
	name, points, _ := strings.Cut(mode, "@")
	j := Job{Seed: seed, Mode: Mode(name), Without: c.without}
	if j.Mode != Random && j.Mode != Single && j.Mode != Double {
		return Spec{}, fmt.Errorf("mode %q is none of random, single, double", name)
	}
	var cuts []Cut
	for point := range strings.SplitSeq(points, ",") {
		var c Cut
		if point == "" {
			continue
		}
		if _, err := fmt.Sscanf(point, "%d.%d", &c.Pass, &c.Point); err != nil {
			return Spec{}, fmt.Errorf("cut %q is not of the form 3.12", point)
		}
		cuts = append(cuts, c)
	}
	return Cuts(j.spec(), cuts), nil
}
