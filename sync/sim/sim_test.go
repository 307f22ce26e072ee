package sim

import (
	"slices"
	"strings"
	"testing"
)

// worlds is how many random worlds a test tries; `make sim` tries more.
const worlds = 160

// In no world is anything doubled, lost, invented or left behind.
//
// Requirement: ACO-9, ACO-13, ACO-57, ACO-58, ACO-63, ACO-64
func TestWorlds(t *testing.T) {
	c := Campaign{First: 1, Seeds: worlds, Bolt: 0.02, Twice: 0.05, Dir: t.TempDir(), Workers: 2}
	tally := c.Run()
	for _, f := range tally.Findings {
		t.Errorf("seed=%d mode=%s oracle=%s : %s", f.Seed, f.Name(), f.Oracle, f.Text)
	}
	if tally.Runs < worlds || tally.Crashes == 0 || tally.Points < 50*worlds {
		t.Errorf("too little was tried: %d runs, %d points, %d power cuts", tally.Runs, tally.Points, tally.Crashes)
	}
}

// A power cut at any point of a world changes nothing about how it ends.
//
// Requirement: ACO-9, ACO-57
func TestCutAnywhere(t *testing.T) {
	s := DrawSmall(8)
	whole := Run(s)
	points := 0
	for pass, n := range whole.Points {
		for point := 1; point <= n; point++ {
			points++
			if o := Run(Cuts(s, []Cut{{pass, point}})); len(o.Failures) > 0 || o.Crashes != 1 {
				t.Errorf("cut at %d.%d: %d crashes, %v", pass, point, o.Crashes, o.Failures)
			}
		}
	}
	if points < 50 {
		t.Errorf("only %d points", points)
	}
}

// The same seed gives the same history, line by line; another one gives another.
func TestDeterminism(t *testing.T) {
	history := func(seed uint64) string {
		s := Draw(seed, true)
		s.Trace = true
		return Run(s).Trace
	}
	for seed := uint64(1); seed <= 12; seed++ {
		if a, b := history(seed), history(seed); a != b {
			t.Errorf("seed %d: %s", seed, firstDifference(a, b))
		}
	}
	if history(1) == history(2) {
		t.Error("two seeds have the same history")
	}
}

// Shrinking keeps the failure and drops what it does not need, traits of the world included.
func TestShrink(t *testing.T) {
	s := Draw(7, true)
	s.Script = append(s.Script, Step{Pass: 3, At: 5, Do: Down, A: 4711}, Step{Pass: 4, Do: MassEdit})
	needs := func(s Spec) Outcome {
		down := slices.ContainsFunc(s.Script, func(st Step) bool { return st.A == 4711 })
		mass := slices.ContainsFunc(s.Script, func(st Step) bool { return st.Do == MassEdit && st.Pass > 1 })
		if down && mass && s.Shape.TwoWay {
			return Outcome{Failures: []Failure{{"W1", "both"}}}
		}
		return Outcome{Failures: []Failure{{"W2", "another one"}}}
	}
	small, tries := shrink(s, "W1", needs)
	if len(small.Script) != 2 || small.Script[0].At != 0 || small.Script[1].Pass != 2 {
		t.Errorf("left: %v", small.Script)
	}
	if !small.Shape.TwoWay || small.Shape.CallTakes != 0 || small.Shape.ERP != Plain {
		t.Errorf("shape: %+v", *small.Shape)
	}
	if tries == 0 || tries == MostTries {
		t.Errorf("%d tries", tries)
	}
}

// A world that takes too many runs to be made small is given as far as it came.
func TestShrinkEnds(t *testing.T) {
	s := Spec{Shape: Draw(7, true).Shape}
	for n := range 2 * MostTries {
		s.Script = append(s.Script, Step{Pass: 1 + n%7, Do: EditERP, A: n})
	}
	runs := 0
	small, tries := shrink(s, "W1", func(x Spec) Outcome {
		if runs++; len(x.Script) < MostTries {
			return Outcome{}
		}
		return Outcome{Failures: []Failure{{"W1", "many"}}}
	})
	if runs != MostTries || tries != runs || len(small.Script) != MostTries {
		t.Errorf("%d runs, %d tries, %d steps are left", runs, tries, len(small.Script))
	}
}

// A failure's name leads back to its world.
func TestAgain(t *testing.T) {
	c := &Campaign{}
	s, err := c.Again(7, "double@2.5,4.1")
	if err != nil {
		t.Fatal(err)
	}
	last := s.Script[len(s.Script)-2:]
	if last[0] != (Step{Pass: 2, Do: Crash, A: 5}) || last[1] != (Step{Pass: 4, Do: Crash, A: 1}) {
		t.Errorf("cuts: got %v", last)
	}
	f := Finding{Job: Job{Mode: Single}, Cuts: []Cut{{3, 12}}}
	if f.Name() != "single@3.12" {
		t.Errorf("name: got %s", f.Name())
	}
	for _, bad := range []string{"tripled", "single@x"} {
		if _, err := c.Again(7, bad); err == nil {
			t.Errorf("mode %q was taken", bad)
		}
	}
	if err := c.Leave("429,nonsense"); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("unknown deed: %v", err)
	}
	for _, step := range must(c.Again(9, "random")).Script {
		if step.Do == LimitRequest {
			t.Error("a deed happens that was left out")
		}
	}
}

func must(s Spec, err error) Spec {
	if err != nil {
		panic(err)
	}
	return s
}

// Two histories of one world that differ are a finding.
func TestDifferenceIsFound(t *testing.T) {
	if d := firstDifference("a\nb\nc", "a\nx\nc"); d != `"b" and "x"` {
		t.Errorf("got %s", d)
	}
}
