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

// Where a cut makes no difference to one at the point before, the world goes on in the same way, call by call.
func TestSameCut(t *testing.T) {
	since := func(s Spec, c Cut) string {
		s = Cuts(s, []Cut{c})
		s.Trace = true
		_, after, _ := strings.Cut(Run(s).Trace, "POWER CUT")
		lines := strings.Split(after, "\n")[1:]
		for i, l := range lines {
			lines[i] = l[min(len(l), len("pp.ccc")):] // before the cut, one may have read something more
		}
		return strings.Join(lines, "\n")
	}
	same := 0
	for seed := uint64(1); seed <= 2; seed++ {
		s := DrawSmall(seed)
		whole := Run(s)
		for pass, n := range whole.Points {
			for point := 2; point <= n; point++ {
				if slices.Contains(whole.Cuts, Cut{pass, point}) {
					continue
				}
				same++
				if a, b := since(s, Cut{pass, point - 1}), since(s, Cut{pass, point}); a != b || a == "" {
					t.Fatalf("seed %d, %d.%d: %s", seed, pass, point, firstDifference(a, b))
				}
			}
		}
	}
	if same < 50 {
		t.Errorf("only %d points", same)
	}
}

// A small world has some records, some passes, and a recovery that ends.
func TestSmall(t *testing.T) {
	for seed := uint64(1); seed <= 40; seed++ {
		s := DrawSmall(seed)
		steps := len(s.Script) - beginningOf(s.Script)
		w := newWorld(&s)
		w.run()
		if len(w.failures) > 0 || w.pass <= minPasses || len(w.things) < 4 || steps == 0 || steps > smallSteps {
			t.Errorf("seed %d: %d passes, %d things, %d steps, %v", seed, w.pass, len(w.things), steps, w.failures)
		}
		cut := Run(Cuts(s, w.cuts[:1]))
		if len(cut.Failures) > 0 || cut.Recovered == 0 || cut.Recovered >= len(cut.Points)-1 {
			t.Errorf("seed %d: recovered in pass %d of %d, %v", seed, cut.Recovered, len(cut.Points), cut.Failures)
		}
	}
}

// Exhaustive modes cut the power as often as their names say, at all points they are to.
func TestEverywhere(t *testing.T) {
	s := DrawSmall(12)
	whole := Run(s)
	var tally Tally
	Job{Mode: Single}.everywhere(&tally, s)
	if n := len(whole.Cuts); n < 50 || tally.Runs != n+1 || tally.Crashes != n {
		t.Errorf("single: %d points, %d runs, %d power cuts", n, tally.Runs, tally.Crashes)
	}
	tally = Tally{}
	Job{Mode: Double}.everywhere(&tally, Cuts(s, whole.Cuts[:1]), whole.Cuts[0])
	if pairs := tally.Runs - 1; pairs < 20 || pairs > len(whole.Cuts) || tally.Crashes != 1+2*pairs || len(tally.Findings) > 0 {
		t.Errorf("double: %d points of the recovery, %d power cuts, %v", pairs, tally.Crashes, tally.Findings)
	}
}

// twoContacts is a world in which two contacts might go on the card of a new customer.
const twoContacts = 1993

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
	first := history(twoContacts)
	for range 8 {
		if again := history(twoContacts); again != first {
			t.Fatalf("seed %d: %s", twoContacts, firstDifference(first, again))
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
