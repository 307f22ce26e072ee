package app_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/sync/engine"
)

// maxLate is less than the box is told that the CRM may be late.
const maxLate = 1500 * time.Millisecond

// misbehave decides how the CRM answers in the life to come.
func (k *killLoop) misbehave() {
	k.crm.ClearFaults()
	k.crm.SetRandomFaults(centrixonetest.RandomFaults{Seed: k.rand.Uint64(), Rate: []float64{0, 0.05, 0.2}[k.rand.IntN(3)],
		Kinds: []centrixonetest.FaultKind{centrixonetest.Status, centrixonetest.CloseBefore, centrixonetest.CloseAfter, centrixonetest.AppliedLate,
			centrixonetest.AppliedLate, centrixonetest.Delay, centrixonetest.DelayAnswer, centrixonetest.CutBody},
		MaxDelay: 100 * time.Millisecond, MaxLate: maxLate})
	if k.rand.IntN(8) == 0 {
		k.crm.AddFault(centrixonetest.Fault{Kind: centrixonetest.Status, Status: 429, RetryAfter: time.Second, Skip: k.rand.IntN(10)})
	}
}

// behave lets the CRM answer well, and nobody die.
func (k *killLoop) behave() {
	k.crm.ClearFaults()
	k.front.set(nil)
}

// confirm plays the technician who tries the writing with the running program.
func (k *killLoop) confirm() {
	k.t.Helper()
	k.behave()
	k.start()
	k.await("first sync", func() bool { return len(k.differences()) == 0 && k.rested() })
	test, err := k.client.StartWriteTest(k.t.Context(), "", k.customer(0).Number)
	must(k.t, err)
	must(k.t, k.erp.ModifyCustomer(test.Position, func(c *acombatest.Customer) { c.Web = test.Reply }))
	must(k.t, k.client.CheckWriteTest(k.t.Context(), "", acomba.Seen{By: "test", ByNumber: true, ByName: true}))
	k.end()
}

// patience bounds every wait; nothing is ever expected to take that long.
const patience = 3 * time.Minute

// await waits until something has happened with the running box.
func (k *killLoop) await(what string, met func() bool) {
	k.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for stop := time.Now().Add(patience); !met(); <-tick.C {
		if k.victim.endsWithin(0) {
			k.fatal("%s: the box ended by itself: %v", what, k.victim.err)
		}
		if time.Now().After(stop) {
			k.readJournal()
			for _, line := range firstOf(k.differences(), 8) {
				k.t.Logf("%s%s", line, k.story(place{cardOf(line), "Name"}))
			}
			k.fatal("did not happen: %s", what)
		}
	}
}

// rest lets the CRM behave and people answer what they are asked, until several cycles in a row change nothing.
func (k *killLoop) rest() {
	k.t.Helper()
	k.behave()
	k.start()
	var last time.Time
	var before string
	quiet := 0
	k.await("both sides rest", func() bool {
		st := k.status()
		if st.Phase != "" || st.LastEnd.Equal(last) || st.Ways[0].Outcome != engine.Success || st.Ways[1].Outcome != engine.Success {
			return false
		}
		last = st.LastEnd
		now := k.fingerprint()
		quiet++
		if k.people.answer() > 0 || now != before || len(k.waiting()) > 0 || k.crm.PendingLate() > 0 || len(k.differences()) > 0 {
			quiet = 0
		}
		before = now
		return quiet >= 3
	})
	k.ask()
	k.end()
	k.checkState()
}

// ask has the running box show its journal once more from the beginning, and check itself.
func (k *killLoop) ask() {
	k.t.Helper()
	k.readJournal()
	shown := k.seen
	k.seen = nil
	k.readJournal()
	if diff := cmp.Diff(shown, firstOf(k.seen, len(shown))); diff != "" {
		k.fatal("the journal is not what it was when people were shown it: %s", diff)
	}
	if out, err := exec.Command(k.program, "selfcheck", "-config", filepath.Join(k.dir, "syncbox.toml")).CombinedOutput(); err != nil {
		k.fatal("selfcheck: %v: %s", err, out)
	}
}

// fingerprint tells whether either side was changed by the box.
func (k *killLoop) fingerprint() string {
	cards, err := os.ReadFile(filepath.Join(k.company(), acombatest.CustomerTable.Path()))
	must(k.t, err)
	return fmt.Sprintf("%d %x", len(k.crm.Changes(centrixonetest.ChangeQuery{Author: "sync"})), cards)
}

func firstOf[T any](all []T, n int) []T { return all[:min(n, len(all))] }
