package sim

import (
	"strings"
	"testing"
)

// Worlds in which deletions travel have seeds of their own, and can be played alone.
func TestMailboxSeeds(t *testing.T) {
	n := 0
	for j := range (&Campaign{First: 7, Seeds: 20, Singles: 2, Mailbox: true}).jobs {
		if n++; !mailed(j.Seed) || !Draw(j.Seed, true).Shape.Mailbox {
			t.Errorf("seed %d is played where mailboxes alone are asked for", j.Seed)
		}
	}
	if n != 22 {
		t.Errorf("got %d worlds, want 22", n)
	}
	for seed := range uint64(2000) {
		if Draw(seed, true).Shape.Mailbox {
			t.Errorf("seed %d means another world than before", seed)
		}
	}
}

// Nothing is deleted that people did not delete on the other side, nothing that they changed since, nothing that they put away;
// what is deleted is so on both sides and stays so; and a power cut anywhere changes nothing about that.
//
// Requirement: X3-15, X3-16, X3-17, X3-18, X3-35, X3-41
func TestMailboxWorlds(t *testing.T) {
	c := Campaign{First: 1, Seeds: 200, Singles: 1, Twice: 0.1, Bolt: 0.02, Dir: t.TempDir(), Workers: 2, Mailbox: true}
	tally := c.Run()
	for _, f := range tally.Findings {
		t.Errorf("seed=%d mode=%s oracle=%s : %s", f.Seed, f.Name(), f.Oracle, f.Text)
	}
	if tally.Runs < 220 || tally.Crashes < 50 {
		t.Errorf("too little was tried: %d runs, %d power cuts", tally.Runs, tally.Crashes)
	}
}

// A refused deletion was put off while the clock was an hour wrong, then a question about many held it back, and it has the
// time that is its own once that is over.
func TestPutOffBehindBrake(t *testing.T) {
	for _, f := range Run(Draw(firstMailed+9368, true)).Failures {
		t.Error(f)
	}
}

// A person had a record of the ERP deleted, and the answer was lost; then somebody took the one of the CRM out of the bin, which nobody
// has said anything of.
func TestSureOfTheOtherSide(t *testing.T) {
	for _, f := range Run(Draw(firstMailed+67405, true)).Failures {
		t.Error(f)
	}
}

// All that the oracles of deletions are about happens in the worlds.
func TestMailboxEffects(t *testing.T) {
	want := map[string]int{"is deleted in the crm": 0, "is deleted in the erp": 0, "record-archived": 0, "record-ended": 0, "deleted-and-edited": 0,
		"deletion-listed": 0, "mass-delete": 0, "a person moves": 0, "out of the bin": 0, "record-followed": 0, "is private": 0, "person: delete": 0,
		"person: recreate": 0, "delete document": 0, "delete account": 0, "POWER CUT": 0}
	for n := range uint64(300) {
		s := Draw(firstMailed+n, true)
		s.Trace = true
		trace := Run(s).Trace
		for what := range want {
			if strings.Contains(trace, what) {
				want[what]++
			}
		}
	}
	for what, n := range want {
		if n < 5 {
			t.Errorf("%q happens in %d of 300 worlds", what, n)
		}
	}
	t.Log(want)
}
