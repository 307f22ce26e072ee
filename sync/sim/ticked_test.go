package sim

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// In no world in which people tick what is shown is anything written that they were not shown, or that they left out; and a record is left
// out once.
//
// Requirement: BOB-11, BOB-13, BOB-19, BOB-21, BOB-30
func TestTickedWorlds(t *testing.T) {
	n := worlds
	c := Campaign{First: FirstTicked, Seeds: n, Dir: t.TempDir(), Workers: 2}
	tally := c.Run()
	for _, f := range tally.Findings {
		t.Errorf("seed=%d mode=%s oracle=%s : %s", f.Seed, f.Name(), f.Oracle, f.Text)
	}
	always := 0
	for i := range n {
		switch s := Draw(FirstTicked+uint64(i), true); s.Shape.Set.Confirm {
		case engine.ConfirmAlways:
			always++
		case engine.ConfirmNever:
			t.Errorf("seed %d: nobody is asked", s.Seed)
		}
	}
	if tally.Runs < n || always < n/2 {
		t.Errorf("too little was tried: %d runs, %d in which every run waits", tally.Runs, always)
	}
	for _, other := range []uint64{1, FirstTicked - 1, FirstTicked + 1<<28, 1 << 30} {
		if ticked(other) {
			t.Errorf("seed %d is no such world", other)
		}
	}
}

// The oracle of what is left out once speaks where a mark goes too early or stays too long.
func TestOracleOnce(t *testing.T) {
	for name, c := range map[string]struct {
		ends, stays bool
		speaks      bool
	}{"as it should": {ends: true}, "too long": {ends: true, stays: true, speaks: true}, "too early": {speaks: true}, "a run that failed": {stays: true}} {
		w := rested(t)
		w.shape.Set.Confirm = engine.ConfirmAlways
		x := w.first()
		if c.stays {
			if err := w.ask(engine.NotThisTime, engine.RecordName(record.Account, x.at[0], x.at[1])); err != nil {
				t.Fatal(err)
			}
		}
		w.failures = nil
		w.outOnce = &notThisTime{map[uint64]string{}, w.lastOK(), w.crashes}
		for _, m := range w.marked() {
			w.outOnce.marks[m.Seq] = "it"
		}
		if !c.stays {
			w.outOnce.marks[1<<40] = "it"
		}
		if c.ends {
			w.outOnce.ok = [2]time.Time{}
		}
		w.remarked()
		if got := len(w.failures) > 0; got != c.speaks {
			t.Errorf("%s: got %v, want it to speak: %v", name, w.failures, c.speaks)
		}
		w.failures = nil
	}
}

// The oracle of what is left out speaks where such a record is written, whichever side it goes to.
func TestOracleLeft(t *testing.T) {
	w := rested(t)
	w.shape.Set.Confirm = engine.ConfirmAlways
	x := w.first()
	ext := w.book.profile.Prefix + w.book.profile.Entity(record.Account).ExternalID
	if err := w.ask(engine.LeaveOut, engine.RecordName(record.Account, x.at[0], x.at[1])); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		side   connectors.Side
		op     connectors.Op
		speaks bool
	}{
		"to the CRM":            {connectors.CRM, connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: x.at[1]}, true},
		"to the ERP":            {connectors.ERP, connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: x.at[0]}, true},
		"created in the CRM":    {connectors.CRM, connectors.Op{Kind: connectors.Create, Entity: record.Account, ExternalID: ext + string(x.at[0])}, true},
		"another one":           {connectors.CRM, connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: "nobody"}, false},
		"one of another entity": {connectors.CRM, connectors.Op{Kind: connectors.Update, Entity: record.Contact, Key: x.at[1]}, false},
	} {
		w.failures = nil
		w.sendsLeftOut(c.side, &c.op)
		if got := len(w.failures) > 0; got != c.speaks {
			t.Errorf("%s: got %v, want it to speak: %v", name, w.failures, c.speaks)
		}
	}
	w.failures = nil
}

// Worlds in which a run once waited for a tick for ever, or lost what a person typed before it.
func TestTicksThatWentWrong(t *testing.T) {
	for n, what := range map[uint64]string{
		14246: "what a person is asked already needs no tick, however often a look tells of the record",
		25829: "nor does a record that can't be made, for the side can't hold its name",
		26056: "a record that was found again shows what was sent: who empties that before the tick has seen it",
	} {
		for _, f := range Run(Draw(FirstTicked+n, true)).Failures {
			t.Errorf("%s: %v", what, f)
		}
	}
}
