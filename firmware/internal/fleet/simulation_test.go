package fleet_test

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
)

// simBox is a simulated box: the description of a rollout's document, and nothing of ours but who is in a wave.
type simBox struct {
	name  string
	order string // that it follows; "" for none
	begun bool   // from here on, a halt comes too late
	end   wire.Phase
	old   bool // the release failed here before
}

// happening is something that a box does at an instant.
type happening struct {
	at    time.Time
	box   int
	order string
	begin bool
}

type happenings []happening

func (h happenings) Len() int           { return len(h) }
func (h happenings) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h happenings) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *happenings) Push(x any)        { *h = append(*h, x.(happening)) }
func (h *happenings) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// simulation is a group of boxes that follow the documents of a rollout.
type simulation struct {
	t         *testing.T
	rollout   *fleet.Rollout
	boxes     []simBox
	queue     happenings
	now       time.Time
	random    *rand.Rand
	spoilt    func(box int, now time.Time) bool
	published int
	bad, good int // by the boxes themselves
}

// publish is one message; each box that it is for begins within the target's spread, and has tried the release half an hour later.
func (s *simulation) publish() {
	s.published++
	id, wave := fmt.Sprint("order-", s.published), s.rollout.Order()
	s.rollout.Published(id, s.now)
	for i := range s.boxes {
		b := &s.boxes[i]
		if b.order != "" && !b.begun && b.end == "" {
			s.rollout.Take(b.name, wire.Ack{ID: b.order, Phase: wire.Superseded})
			b.order = ""
		}
		if b.old || !wave.Takes(b.name) {
			continue
		}
		s.rollout.Take(b.name, wire.Ack{ID: id, Phase: wire.Accepted})
		switch {
		case b.end == wire.Succeeded:
			s.rollout.Take(b.name, wire.Ack{ID: id, Phase: wire.Succeeded})
		case b.begun:
		default:
			b.order = id
			heap.Push(&s.queue, happening{s.now.Add(time.Duration(s.random.Int64N(int64(s.rollout.Target.Spread))) * time.Second), i, id, true})
		}
	}
}

// happen does the next thing.
func (s *simulation) happen(h happening) {
	b := &s.boxes[h.box]
	switch {
	case b.order != h.order || b.end != "":
	case h.begin:
		b.begun = true
		heap.Push(&s.queue, happening{s.now.Add(30 * time.Minute), h.box, h.order, false})
	case s.spoilt(h.box, s.now):
		b.end, b.old = wire.RolledBack, true
		s.bad++
	default:
		b.end = wire.Succeeded
		s.good++
	}
	if b.end != "" {
		s.rollout.Take(b.name, wire.Ack{ID: h.order, Phase: b.end})
	}
}

// run goes on until the rollout has ended, and everything that was under way then.
func (s *simulation) run() fleet.Verdict {
	s.publish()
	verdict, tick := fleet.Wait, s.now
	for limit := s.now.Add(14 * 24 * time.Hour); s.now.Before(limit); {
		if over := verdict == fleet.Halt || verdict == fleet.Done; over && len(s.queue) == 0 {
			return verdict
		} else if len(s.queue) > 0 && (over || !s.queue[0].at.After(tick)) {
			h := heap.Pop(&s.queue).(happening)
			s.now = h.at
			s.happen(h)
			continue
		}
		s.now = tick
		switch v := s.rollout.Step(s.now); v {
		case fleet.Halt, fleet.Next:
			s.publish()
			verdict = v
		case fleet.Done:
			verdict = v
		}
		tick = tick.Add(10 * time.Second)
	}
	s.t.Fatal("still not over after two weeks")
	return ""
}

// TestHundredThousand: 100,000 boxes take a release from one message for each wave, and whatever is wrong with the release,
// the rollout halts with at most 1 % of the boxes having tried a bad one.
func TestHundredThousand(t *testing.T) {
	const size = 100_000
	kind := func(box int) int { return box * 7919 % 1000 } // 0 to 999, some property of a box
	start := now
	after := func(d time.Duration) func(int, time.Time) bool {
		return func(_ int, now time.Time) bool { return now.Sub(start) > d }
	}
	for name, tt := range map[string]struct {
		spoilt func(box int, now time.Time) bool
		want   fleet.Verdict
		most   int // publications
	}{
		"a good release":                   {func(int, time.Time) bool { return false }, fleet.Done, 5},
		"one box in a thousand is bad":     {func(box int, _ time.Time) bool { return kind(box) == 0 }, fleet.Done, 5},
		"all are bad":                      {func(int, time.Time) bool { return true }, fleet.Halt, 2},
		"one kind of box in ten is bad":    {func(box int, _ time.Time) bool { return kind(box) < 100 }, fleet.Halt, 2},
		"one kind of box in 50 is bad":     {func(box int, _ time.Time) bool { return kind(box) < 20 }, fleet.Halt, 3},
		"boxes of one place are bad":       {func(box int, _ time.Time) bool { return box < size/20 }, fleet.Halt, 2},
		"it spoils in the first wave":      {after(12 * time.Hour), fleet.Halt, 2},
		"it spoils with the second wave":   {after(24 * time.Hour), fleet.Halt, 3},
		"it spoils in the third wave":      {after(60 * time.Hour), fleet.Halt, 4},
		"it spoils with the last wave":     {after(97 * time.Hour), fleet.Halt, 6},
		"it spoils late in the last wave":  {after(115 * time.Hour), fleet.Halt, 6},
		"it spoils where nothing is to do": {after(14 * 24 * time.Hour), fleet.Done, 5},
	} {
		t.Run(name, func(t *testing.T) {
			s := &simulation{t: t, now: start, random: rand.New(rand.NewPCG(1, 2)), spoilt: tt.spoilt, boxes: make([]simBox, size)}
			for i := range s.boxes {
				s.boxes[i].name = fmt.Sprintf("box-%06d", i)
			}
			to := target()
			to.Spread = 86400
			s.rollout = fleet.NewRollout("all", to, fleet.Usual(), "01JD9F2M4Q0000000000000000")
			verdict := s.run()
			if verdict != tt.want {
				t.Errorf("ends with %s, want %s", verdict, tt.want)
			}
			if s.published > tt.most {
				t.Errorf("%d publications, want at most %d", s.published, tt.most)
			}
			if s.bad > size/100 {
				t.Errorf("%d boxes have tried a bad release, want at most %d", s.bad, size/100)
			}
			if verdict == fleet.Done && s.good+s.bad != size {
				t.Errorf("%d boxes have it, want %d", s.good+s.bad, size)
			}
			t.Logf("%s after %s: %d publications, %d good, %d bad", verdict, s.now.Sub(start), s.published, s.good, s.bad)
		})
	}
}
