package sim

import "testing"

// Worlds in which records are handed over have seeds of their own, and can be played alone.
func TestHandOverSeeds(t *testing.T) {
	n := 0
	for j := range (&Campaign{First: 7, Seeds: 20, Singles: 2, HandsOver: true}).jobs {
		if n++; !handed(j.Seed) || !Draw(j.Seed, true).Shape.HandsOver {
			t.Errorf("seed %d is played where hand-overs alone are asked for", j.Seed)
		}
	}
	if n != 22 {
		t.Errorf("got %d worlds, want 22", n)
	}
	for seed := range uint64(2000) {
		if Draw(seed, true).Shape.HandsOver || Draw(firstMailed+seed, true).Shape.HandsOver {
			t.Errorf("seed %d means another world than before", seed)
		}
	}
}

// Nobody is born in the ERP for whom nobody has asked; who is asked for is born once, with what belongs to them, whatever is
// taken back in between and wherever the power is cut.
//
// Requirement: S50-7, S50-11
func TestHandOverWorlds(t *testing.T) {
	c := Campaign{First: 1, Seeds: 200, Singles: 1, Twice: 0.1, Bolt: 0.02, Dir: t.TempDir(), Workers: 2, HandsOver: true}
	tally := c.Run()
	for _, f := range tally.Findings {
		t.Errorf("seed=%d mode=%s oracle=%s : %s", f.Seed, f.Name(), f.Oracle, f.Text)
	}
	if tally.Runs < 220 || tally.Crashes < 50 {
		t.Errorf("too little was tried: %d runs, %d power cuts", tally.Runs, tally.Crashes)
	}
}

// A birth was taken back while its list was with a person, and its contact waited for ever; asked for again, it was born without it.
func TestBirthTakenBackAndAskedForAgain(t *testing.T) {
	for _, seed := range []uint64{firstHanded + 19, firstHanded + 914} {
		for _, f := range Run(Draw(seed, true)).Failures {
			t.Errorf("seed %d: %v", seed, f)
		}
	}
}
