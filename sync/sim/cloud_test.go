package sim

import "testing"

// Worlds with an ERP in the cloud are of all kinds, and can be played alone.
func TestCloudSeeds(t *testing.T) {
	kinds := map[Kind]int{}
	last := uint64(0)
	for n := range 200 {
		seed := nextCloudy(7, n)
		if !cloudy(seed) || seed < 7 || n > 0 && seed != last+11 {
			t.Errorf("world %d: seed %d after %d", n, seed, last)
		}
		s := Draw(seed, true)
		if s.Shape.ERP != Cloud || s.Shape.Backup {
			t.Errorf("seed %d: ERP %d, backup %v", seed, s.Shape.ERP, s.Shape.Backup)
		}
		kinds[s.Shape.Kind]++
		last = seed
	}
	if len(kinds) != 4 {
		t.Errorf("kinds: got %v", kinds)
	}
	if got := nextCloudy(5, 0); got != 5 {
		t.Errorf("the first from 5 on: got %d", got)
	}
	for j := range (&Campaign{First: 1, Seeds: 9, Singles: 2, Cloud: true}).jobs {
		if !cloudy(j.Seed) {
			t.Errorf("seed %d is played where the cloud alone is asked for", j.Seed)
		}
	}
	for seed := range uint64(2000) {
		if s := Draw(seed, true); (s.Shape.ERP == Cloud) != cloudy(seed) {
			t.Errorf("seed %d: ERP %d", seed, s.Shape.ERP)
		}
	}
}

// In no world with an ERP in the cloud is anything doubled, lost, invented or left behind, and a power cut anywhere changes
// nothing about that.
//
// Requirement: QBO-52, QBO-55
func TestCloudWorlds(t *testing.T) {
	c := Campaign{First: 1, Seeds: 120, Singles: 1, Twice: 0.1, Bolt: 0.02, Dir: t.TempDir(), Workers: 2, Cloud: true}
	tally := c.Run()
	for _, f := range tally.Findings {
		t.Errorf("seed=%d mode=%s oracle=%s : %s", f.Seed, f.Name(), f.Oracle, f.Text)
	}
	if tally.Runs < 150 || tally.Crashes < 50 {
		t.Errorf("too little was tried: %d runs, %d power cuts", tally.Runs, tally.Crashes)
	}
}

// What was made in the ERP while its reads were used up, or just before, no look ever showed; deleted before the next one, it is gone all
// the same.
func TestMadeWithoutALook(t *testing.T) {
	for _, seed := range []uint64{540281, 555901} {
		for _, f := range Run(Draw(seed, true)).Failures {
			t.Errorf("seed %d: %v", seed, f)
		}
	}
}
