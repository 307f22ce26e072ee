package app_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/local"
	"syncbox/sync/store"
)

var (
	killSeed  = flag.Uint64("kill.seed", 20261121, "seed of TestKillLoop")
	killCount = flag.Int("kill.count", 200, "how often TestKillLoop kills the box")
)

// TestKillLoop kills the real program again and again, at any moment, while people work on both sides and the
// CRM answers badly. In the end both sides are equal, nothing is there twice, every edit is accounted for, and
// the journal has no gap. The seed decides what is done; when exactly, the machine does.
//
// Requirement: ACO-9, ACO-58, ACO-63, ACO-64, ACO-77, ACO-79, EXT-11
func TestKillLoop(t *testing.T) {
	k := newKillLoop(t)
	k.people.onlyERP = true // nobody has tried the writing yet
	first := *killCount / 10
	for range first {
		k.life()
	}
	k.confirm()
	k.people.onlyERP = false
	for range *killCount - first {
		k.life()
	}
	k.rest()
	k.judge()
}

// killLoop is a company and a CRM, the people at both, and a box that is killed.
type killLoop struct {
	*rig
	rand    *rand.Rand
	program string
	clock   *ticking
	front   *front
	cards   *cardWatch
	people  *people
	client  *local.Client
	victim  *victim        // nil between two lives
	lives   []time.Time    // when each began
	kills   map[string]int // by the moment at which the box was to die
	halves  int            // cards that it left half-written
	seen    []store.Event  // what people were shown of the journal
}

func newKillLoop(t *testing.T) *killLoop {
	t.Helper()
	k := &killLoop{rand: rand.New(rand.NewPCG(*killSeed, 7)), clock: &ticking{}, kills: map[string]int{}}
	k.program = filepath.Join(t.TempDir(), "syncbox")
	if out, err := exec.Command("go", "build", "-o", k.program, "syncbox/firmware/cmd/syncbox").CombinedOutput(); err != nil {
		t.Fatalf("build the box: %v\n%s", err, out)
	}
	k.rig = newRig(t, setup{twoWay: true, writeBack: "direct", customers: 30, documents: 24, interval: "1s", unstarted: true,
		limits: "sweep_often = \"5s\"\nsweep_rarely = \"5s\"",
		crm:    func(o *centrixonetest.Options) { o.Clock, o.JournalLimit = k.clock.now, 1<<20 }})
	k.front = newFront(t, k.crm, k.clock)
	k.rig.url = k.front.url
	k.writeConfig()
	k.client = local.NewClient(filepath.Join(k.data(), "syncbox.sock"))
	k.job = distant{k.client}
	k.cards = newCardWatch(t, k.erp)
	k.people = newPeople(k)
	t.Cleanup(func() {
		if k.victim != nil {
			k.victim.kill()
		}
		if t.Failed() {
			t.Logf("once more: go test -run '^TestKillLoop$' ./firmware/internal/app -kill.seed=%d -kill.count=%d", *killSeed, *killCount)
		}
	})
	return k
}

// fatal ends the test with the seed that it failed with.
func (k *killLoop) fatal(format string, args ...any) {
	k.t.Helper()
	k.t.Fatalf("seed %d, life %d: %s\n%s", *killSeed, len(k.lives), fmt.Sprintf(format, args...), k.trouble())
}

// moment is when a box dies: after a time, at a call, in a card. A box that has ended its cycles without coming to
// that dies after the time.
type moment struct {
	name   string
	after  time.Duration
	cycles int   // the time begins when the box has ended so many
	trap   *trap // at a call to the CRM
	card   bool  // between the two writes of a card
}

// moment chooses one.
func (k *killLoop) moment() moment {
	within := func(d time.Duration) time.Duration { return time.Duration(k.rand.Int64N(int64(d))) }
	switch n := k.rand.IntN(20); {
	case n < 3:
		return moment{name: "at the start", after: within(15 * time.Millisecond)}
	case n < 5:
		return moment{name: "at rest", after: within(300 * time.Millisecond), cycles: 1}
	case n < 7:
		return moment{name: "in a card", card: true, cycles: 2}
	case n < 10:
		return moment{name: "in a POST", trap: &trap{"POST", 1 + k.rand.IntN(3), stage(k.rand.IntN(stageCount))}, cycles: 2}
	case n < 12:
		return moment{name: "in a GET", trap: &trap{"GET", 1 + k.rand.IntN(12), stage(k.rand.IntN(stageCount))}, cycles: 2}
	}
	return moment{name: "at any time", after: within(time.Second)}
}

// life starts the box, lets people work, and kills it.
func (k *killLoop) life() {
	k.t.Helper()
	k.misbehave()
	for range k.rand.IntN(2) {
		k.people.deed()
	}
	m := k.moment()
	k.front.set(m.trap)
	k.start()
	if m.card {
		k.cards.arm(k.victim)
	}
	k.live(m)
	k.cards.arm(nil)
	k.victim.kill()
	k.died(m)
}

// live waits for the moment while people work.
func (k *killLoop) live(m moment) {
	k.t.Helper()
	ended := k.lives[len(k.lives)-1] // when the last cycle was
	end := time.Now().Add(m.after)
	if m.cycles > 0 {
		end = time.Now().Add(patience)
	}
	for deeds := 1 + k.rand.IntN(5); time.Now().Before(end); deeds-- {
		pause := time.Until(end)
		switch {
		case deeds > 0:
			pause = min(pause, time.Duration(k.rand.IntN(200))*time.Millisecond)
		case m.cycles > 0:
			pause = min(pause, 50*time.Millisecond)
		}
		if k.victim.endsWithin(pause) {
			return
		}
		if deeds > 0 {
			k.people.deed()
		}
		if m.cycles == 0 || !k.restedSince(&ended) {
			continue
		}
		if m.cycles--; m.cycles == 0 {
			end = time.Now().Add(m.after)
		}
		if m.trap == nil && !m.card { // else it may die of the next call
			k.readJournal()
			k.people.answer()
		}
	}
}

// restedSince says whether the box has ended one more cycle and does nothing just now.
func (k *killLoop) restedSince(ended *time.Time) bool {
	st := k.status()
	if st.Phase != "" || !st.LastEnd.After(*ended) {
		return false
	}
	*ended = st.LastEnd
	return true
}

// rested says whether the box has ended a cycle of this life and does nothing just now.
func (k *killLoop) rested() bool {
	ended := k.lives[len(k.lives)-1]
	return k.restedSince(&ended)
}

// died makes sure that the box was killed and did not end otherwise, and that what it left fits together.
func (k *killLoop) died(m moment) {
	k.t.Helper()
	v := k.victim
	k.victim = nil
	if !v.killed() {
		k.fatal("the box ended by itself: %v", v.err)
	}
	k.kills[m.name]++
	k.halves += k.cards.left()
	k.checkState()
}
