package support_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/standing"
	"syncbox/firmware/internal/support"
	"syncbox/ota/order"
	"syncbox/ota/update"
)

// wave signs a roll-out to a group, with a spread in seconds.
func (w *world) wave(group, spread string, change ...func(*order.Order)) []byte {
	w.t.Helper()
	args := wished[:len(wished)-1] + `,"reconnect_spread_s":` + spread + `,"groups":["elsewhere"]}`
	w.n++
	o := order.Order{ID: id(w.n), To: "grp:" + group, Op: order.Rollout, Args: json.RawMessage(args), Issued: w.now.Unix(), NotBefore: w.now.Unix(),
		Expires: w.now.Unix() + 600, Seq: w.now.UnixMilli() + int64(w.n)}
	for _, c := range change {
		c(&o)
	}
	return w.sign(o, 3)
}

// TestSpread: a group's document tells how its boxes spread themselves, the newest one, and nobody else's; who a box is with is
// told to it alone.
func TestSpread(t *testing.T) {
	w := newWorld(t)
	if err := w.store.SetStanding(support.Standing{Groups: []string{"eu-1"}}); err != nil {
		t.Fatal(err)
	}
	take := func(envelope []byte, want time.Duration) {
		t.Helper()
		if err := w.desk.TakeWish(t.Context(), envelope); err != nil {
			t.Fatal(err)
		}
		w.boot()
		if got := w.store.Standing(); got.Spread != want || !slices.Equal(got.Groups, []string{"eu-1"}) {
			t.Errorf("got %+v, want a spread of %v in eu-1", got, want)
		}
	}
	old := w.wave("eu-1", "90")
	w.now = w.now.Add(time.Second)
	take(w.wave("eu-1", "7"), 7*time.Second)
	take(old, 7*time.Second)
	w.now = w.now.Add(time.Second)
	take(w.wave("us-1", "8"), 7*time.Second)
	w.now = w.now.Add(time.Hour)
	take(w.wave("eu-1", "9", func(o *order.Order) {
		o.Issued, o.NotBefore, o.Expires, o.Seq = o.Issued-100, o.NotBefore-100, o.Issued-40, o.Seq-100_000
	}), 7*time.Second)
	take(w.wave("eu-1", "86400"), 10*time.Minute)
	w.now = w.now.Add(time.Second)
	take(w.wave("eu-1", "-3"), 0)
}

// TestSameSecond: of two wishes of one second the later counts, in whatever order they come; and the same of two spreads.
func TestSameSecond(t *testing.T) {
	groups := func(name, spread string) string {
		return wished[:len(wished)-1] + `,"reconnect_spread_s":` + spread + `,"groups":["` + name + `"]}`
	}
	for _, first := range []int{0, 1} {
		w := newWorld(t)
		both := [][]byte{w.issue(order.Desired, groups("eu-1", "5")), w.issue(order.Desired, groups("us-1", "7"))}
		for _, envelope := range [][]byte{both[first], both[1-first]} {
			if err := w.desk.TakeWish(t.Context(), envelope); err != nil {
				t.Fatal(err)
			}
			w.boot()
		}
		if got := w.store.Standing(); !slices.Equal(got.Groups, []string{"us-1"}) || got.Spread != 7*time.Second {
			t.Errorf("%d first: got %+v, want us-1 and 7 s", first, got)
		}
	}
}

// TestWaveOfOthers: of a wave that a box is not in it says nothing, however often it comes, and takes up its spread.
func TestWaveOfOthers(t *testing.T) {
	w := newWorld(t)
	if err := w.store.SetStanding(support.Standing{Groups: []string{"eu-1"}}); err != nil {
		t.Fatal(err)
	}
	w.wishes.refuse = "not-me"
	envelope := w.wave("eu-1", "5")
	for range 3 {
		if err := w.desk.TakeWish(t.Context(), envelope); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.sent(); len(got) > 0 || w.store.Standing().Spread != 5*time.Second {
		t.Errorf("told %v, spread %v", got, w.store.Standing().Spread)
	}
}

// TestHome: where support is found outlives a start and a full reset, and is written where it changes.
func TestHome(t *testing.T) {
	w := newWorld(t)
	for _, want := range []support.Home{{}, {Name: "north"}, {Name: "south"}, {Brokers: []string{"a:8883", "b:8883"}, EST: "https://est.example.org/"}, {Brokers: []string{"b:8883"}}, {}} {
		for range 2 {
			if err := w.store.SetHome(want); err != nil {
				t.Fatal(err)
			}
		}
		w.erase = true
		w.boot()
		w.starts()
		got, err := w.store.Home()
		if err != nil || got.Name != want.Name || !slices.Equal(got.Brokers, want.Brokers) || got.EST != want.EST {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		steps := w.steps
		if err := w.store.SetHome(want); err != nil || w.steps != steps {
			t.Errorf("%d writes for nothing new, %v", w.steps-steps, err)
		}
	}
}

// TestOldWishesDontWearTheCard: who has many old orders of support can't wear the card with them.
func TestOldWishesDontWearTheCard(t *testing.T) {
	w := newWorld(t)
	var old [][]byte
	for range 300 {
		old = append(old, w.issue(order.Desired, wished, func(o *order.Order) { o.Issued -= 3600; o.NotBefore -= 3600; o.Expires = o.Issued + 60 }))
	}
	w.steps = 0
	for range 2 {
		for _, e := range old {
			o, err := order.Peek(e)
			if err != nil {
				t.Fatal(err)
			}
			// The updater tells it, before it answers.
			if err := w.desk.Updated(update.Event{Wish: o.ID, Phase: update.PhaseRejected, Code: update.Code(order.Expired)}); err != nil {
				t.Fatal(err)
			}
			if err := w.desk.TakeWish(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := w.steps / 2; got > 31 {
		t.Errorf("%d writes for 600 messages", got)
	}
}

// TestSignOfLife: what a group is told counts as word from support, even to a box that a wave is not for. What does not count: what
// other groups are told, what was issued before, and what is over.
func TestSignOfLife(t *testing.T) {
	const day = 24 * time.Hour
	for name, row := range map[string]struct {
		never  bool // there was no wish for the box
		group  string
		refuse update.Code // of the updater
		every  time.Duration
		days   int
		want   bool
	}{
		"a group that hears every three days":   {false, "eu-1", "", 3 * day, 9, false},
		"the same, and the waves of others":     {false, "eu-1", "not-me", 3 * day, 9, false},
		"a group that hears for a month":        {false, "eu-1", "", 3 * day, 30, false},
		"a group that hears nothing any more":   {false, "eu-1", "", 20 * day, 9, true},
		"another group":                         {false, "us-1", "not-me", 3 * day, 9, true},
		"what is over":                          {false, "eu-1", "expired", 3 * day, 9, true},
		"nobody has wished anything of the box": {true, "eu-1", "not-me", 20 * day, 30, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if !row.never {
				if err := w.desk.TakeWish(t.Context(), w.issue(order.Desired, wished[:len(wished)-1]+`,"groups":["eu-1"]}`)); err != nil {
					t.Fatal(err)
				}
			}
			w.wishes.refuse = row.refuse
			old := w.wave(row.group, "null")
			for end := w.now.Add(time.Duration(row.days) * day); w.now.Before(end); {
				w.now = w.now.Add(min(row.every, end.Sub(w.now)))
				envelope := old // delivered again, it says nothing new
				if row.every < 10*day {
					envelope = w.wave(row.group, "null")
				}
				if err := w.desk.TakeWish(t.Context(), envelope); err != nil {
					t.Fatal(err)
				}
			}
			w.boot() // it is remembered
			c := support.New(support.Config{Box: "0001", Store: w.store, Desk: w.desk})
			if got := slices.Contains(c.Conditions(), support.CodeFrozen); got != row.want {
				t.Errorf("frozen: got %v, want %v (%+v)", got, row.want, w.store.Standing())
			}
			board := standing.New()
			board.Started(nil)
			board.Ask(c.Conditions)
			want := health.Ready
			if row.want {
				want = health.Untrusted // five blinks
			}
			if got := slices.Max(append(board.Lights(), health.Ready)); got != want {
				t.Errorf("the light says %s, want %s", got, want)
			}
		})
	}
}
