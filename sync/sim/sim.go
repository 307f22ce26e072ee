// Package sim runs the real engine, planner, mapping and store against simulated products in worlds that are drawn from
// a seed: people edit on both sides, answers get lost, requests arrive late, the power fails at any instruction that
// matters. When everything has come to rest, oracles that see the whole world say whether anything was doubled, lost,
// invented or left behind. The same seed gives the same world, step by step.
package sim

import (
	"math/rand/v2"
	"os"
)

// Spec is everything that a run depends on.
type Spec struct {
	Seed   uint64
	Shape  *Shape
	Script []Step
	Dir    string // of real databases; empty = in memory
	Trace  bool
}

// Outcome is what a run came to.
type Outcome struct {
	Failures []Failure
	Points   []int // at which the power could have been cut, by pass
	Cuts     []Cut // the same, without those before which nothing had happened since the last one
	// Recovered is the pass that ended the recovery from the first power cut; 0 if it never ended.
	Recovered int
	Crashes   int
	Trace     string
}

// Draw draws the world of a seed. Without crashes, its script never cuts the power.
func Draw(seed uint64, crashes bool) Spec {
	if mailed(seed) {
		return drawMailbox(seed, crashes)
	}
	if handed(seed) {
		return drawHanded(seed, crashes)
	}
	if ticked(seed) {
		return drawTicked(seed, crashes)
	}
	if cloudy(seed) {
		return drawCloud(seed, crashes)
	}
	r := rand.New(rand.NewPCG(seed, 0x5eed))
	k := kindOf(seed)
	s := Spec{Seed: seed, Shape: drawShape(r, k), Script: drawScript(r, k, crashes)}
	s.Shape.Set.Confirm = drawConfirm(seed)
	return s
}

// smallSteps is how much happens in a small world after its beginning.
const smallSteps = 3

// DrawSmall draws a world that is small enough to cut the power in it twice, everywhere: it begins like others, and then
// only a few things happen in its first passes.
func DrawSmall(seed uint64) Spec {
	s := Draw(seed, false)
	steps := beginningOf(s.Script)
	s.Script = s.Script[:min(len(s.Script), steps+smallSteps)]
	for i := range s.Script[steps:] {
		step := &s.Script[steps+i]
		step.Pass = 1 + step.Pass%2
	}
	return s
}

// Run plays a world and judges it. With a Dir, the databases are real ones in a folder of their own below it.
func Run(s Spec) Outcome {
	if s.Dir != "" {
		dir, err := os.MkdirTemp(s.Dir, "world")
		if err != nil {
			return Outcome{Failures: []Failure{{"W9", err.Error()}}}
		}
		defer os.RemoveAll(dir)
		s.Dir = dir
	}
	w := newWorld(&s)
	w.run()
	return Outcome{Failures: w.failures, Points: w.offered, Cuts: w.cuts, Recovered: w.recovered, Crashes: w.crashes, Trace: w.history.String()}
}
