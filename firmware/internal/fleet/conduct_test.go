package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/fleet/fleettest"
	"syncbox/ota/order"
)

// conduct gives a rollout to the group eu-1 and what runs it.
func (s site) conduct(r *fleet.Rollout, told func(fleet.Verdict, fleet.Count)) fleet.Conduct {
	return fleet.Conduct{
		Rollout: r, Dialer: s.d, Quiet: quiet, Valid: time.Hour,
		Sign: func(_ context.Context, w order.Wave) (string, []byte, error) {
			to := r.Target
			id, envelope := signed(s.t, order.Order{To: "grp:eu-1", Op: order.Rollout, Target: &to, Wave: &w})
			return id, envelope, nil
		},
		Keep: func(*fleet.Rollout) error { return nil }, Told: told,
	}
}

// group connects boxes of eu-1.
func (s site) group(n int, bad func(i int) bool) (all []*fleettest.Box) {
	for i := range n {
		b := &fleettest.Box{Name: fmt.Sprintf("B%02d", i), FW: "1.3.0", Group: "eu-1", Session: 1, Bad: bad(i)}
		s.join(b)
		all = append(all, b)
	}
	return all
}

func nothing(fleet.Verdict, fleet.Count) {}

func TestConduct(t *testing.T) {
	s := open(t)
	s.group(12, func(int) bool { return false })
	s.join(&fleettest.Box{Name: "other", FW: "1.3.0", Session: 1}) // of no group
	r := fleet.NewRollout("eu-1", target(), fleet.Plan{Waves: []int{30, 100}}, "salt-1")
	if r.Order().Takes("other") {
		t.Fatal("this box is to be outside of the first wave")
	}
	v, err := s.conduct(r, nothing).Run(patient(t))
	if err != nil || v != fleet.Done {
		t.Fatalf("got %s, %v", v, err)
	}
	if c := r.Count(time.Now()); c.Good == 0 || c.Bad != 0 {
		t.Errorf("got %+v", c)
	}
	if len(r.IDs) != 2 {
		t.Errorf("%d publications, want one for each wave", len(r.IDs))
	}
	s.until("all of the group run it", func(r *fleet.Roster) bool { return running(r, "1.4.0") == 12 && running(r, "1.3.0") == 1 })
}

// running counts the boxes that run a version.
func running(r *fleet.Roster, version string) (n int) {
	for _, b := range r.All() {
		if b.Status.FW == version {
			n++
		}
	}
	return n
}

// A release that is bad goes no further than its first wave, and a box that comes back later does not take it.
func TestConductHalts(t *testing.T) {
	s := open(t)
	boxes := s.group(12, func(int) bool { return true })
	r := fleet.NewRollout("eu-1", target(), fleet.Plan{Waves: []int{30, 100}, Stop: 1}, "salt-1")
	v, err := s.conduct(r, nothing).Run(patient(t))
	if err != nil || v != fleet.Halt || !r.Halted {
		t.Fatalf("got %s, %v", v, err)
	}
	late := &fleettest.Box{Name: "B99", FW: "1.3.0", Group: "eu-1", Session: 1}
	s.join(late)
	first := order.Wave{Percent: 30, Salt: "salt-1"}
	tried := 0
	for _, b := range boxes {
		if first.Takes(b.Name) {
			tried++
		}
	}
	c := r.Count(time.Now())
	if tried == 0 || c.Taken > tried || c.Bad == 0 {
		t.Errorf("%d boxes in the first wave, %+v", tried, c)
	}
	if b, _ := s.roster().Box("B99"); b.Status.FW != "1.3.0" {
		t.Errorf("a box that came later runs %s", b.Status.FW)
	}
}

// A program that ends leaves the rollout in its wave; the next one goes on, and knows by the boxes' own word what it has missed.
func TestConductGoesOn(t *testing.T) {
	s := open(t)
	s.group(8, func(int) bool { return false })
	r := fleet.NewRollout("eu-1", target(), fleet.Plan{Waves: []int{50, 100}, Wave: time.Hour}, "salt-1")
	ctx, cancel := context.WithCancel(patient(t))
	v, err := s.conduct(r, func(_ fleet.Verdict, c fleet.Count) {
		if c.Good > 0 {
			cancel()
		}
	}).Run(ctx)
	if err != nil || v != fleet.Wait || r.Wave != 0 {
		t.Fatalf("got %s in wave %d, %v", v, r.Wave, err)
	}
	r.Boxes = map[string]fleet.Outcome{} // lost
	r.Plan.Wave = 0
	r.Recount()
	if v, err = s.conduct(r, nothing).Run(patient(t)); err != nil || v != fleet.Done || r.Count(time.Now()).Good == 0 {
		t.Errorf("got %s, %+v, %v", v, r.Count(time.Now()), err)
	}
	s.until("all of the group run it", func(r *fleet.Roster) bool { return running(r, "1.4.0") == 8 })
}

func TestConductOverALostBroker(t *testing.T) {
	s := open(t)
	s.group(4, func(int) bool { return false })
	r := fleet.NewRollout("eu-1", target(), fleet.Plan{Waves: []int{100}, Wave: time.Hour}, "salt-1")
	restarted := false
	ctx, cancel := context.WithCancel(patient(t))
	_, err := s.conduct(r, func(_ fleet.Verdict, c fleet.Count) {
		switch {
		case restarted && len(r.IDs) > 1:
			cancel()
		case !restarted && c.Good == 4:
			restarted = true
			if err := errors.Join(s.Broker.Kill(), s.Broker.Start(t.Context())); err != nil {
				t.Error(err)
			}
			s.join(&fleettest.Box{Name: "B77", FW: "1.3.0", Group: "eu-1", Session: 1})
		}
	}).Run(ctx)
	if err != nil || len(r.IDs) < 2 {
		t.Errorf("published %d times, %v", len(r.IDs), err)
	}
}

// A broker that tells of no box at all publishes nothing: who hears nothing would see nothing go wrong.
func TestConductNobody(t *testing.T) {
	s := open(t)
	r := fleet.NewRollout("eu-1", target(), fleet.Plan{Waves: []int{100}}, "salt-1")
	if _, err := s.conduct(r, nothing).Run(patient(t)); !errors.Is(err, fleet.ErrNobody) || len(r.IDs) > 0 {
		t.Errorf("got %v, published %d", err, len(r.IDs))
	}
	r.Halted = true // that nobody begins any more is said whoever listens
	if v, err := s.conduct(r, nothing).Run(patient(t)); err != nil || v != fleet.Halt || len(r.IDs) != 1 {
		t.Errorf("halted by hand: got %s, %v, published %d", v, err, len(r.IDs))
	}
}
