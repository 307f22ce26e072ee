package fleet_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/bundle"
	"syncbox/ota/order"
)

func target() order.Target {
	return order.Target{Name: "1.4.0/arm64/full", Version: bundle.Version{Major: 1, Minor: 4}, SHA256: bundle.Digest{1}, Bytes: 1000}
}

func usual() fleet.Plan { return fleet.Plan{Waves: []int{1, 10, 100}, Stop: 1, Wave: time.Hour} }

// begun gives a rollout whose first wave has been published as order "one".
func begun(plan fleet.Plan) *fleet.Rollout {
	r := fleet.NewRollout("eu-1", target(), plan, "salt")
	r.Published("one", now)
	return r
}

func ack(id string, phase wire.Phase, code string) wire.Ack {
	return wire.Ack{ID: id, Phase: phase, Code: code}
}

func TestOutcomes(t *testing.T) {
	for _, tt := range []struct {
		name string
		acks []wire.Ack
		want fleet.Count
	}{
		{"accepted", []wire.Ack{ack("one", wire.Accepted, "")}, fleet.Count{Taken: 1}},
		{"under way", []wire.Ack{ack("one", wire.Accepted, ""), ack("one", wire.Running, ""), ack("one", wire.Rebooting, "")}, fleet.Count{Taken: 1}},
		{"done", []wire.Ack{ack("one", wire.Accepted, ""), ack("one", wire.Succeeded, "")}, fleet.Count{Taken: 1, Good: 1}},
		{"done at once", []wire.Ack{ack("one", wire.Succeeded, "")}, fleet.Count{Taken: 1, Good: 1}},
		{"told twice", []wire.Ack{ack("one", wire.Succeeded, ""), ack("one", wire.Succeeded, "")}, fleet.Count{Taken: 1, Good: 1}},
		{"went back", []wire.Ack{ack("one", wire.Accepted, ""), ack("one", wire.RolledBack, "update-check-failed")}, fleet.Count{Taken: 1, Bad: 1}},
		{"failed", []wire.Ack{ack("one", wire.Failed, "")}, fleet.Count{Taken: 1, Bad: 1}},
		{"what went back stays bad", []wire.Ack{ack("one", wire.RolledBack, ""), ack("one", wire.Succeeded, "")}, fleet.Count{Taken: 1, Bad: 1}},
		{"the order is wrong", []wire.Ack{ack("one", wire.Rejected, "update-disagree")}, fleet.Count{Taken: 1, Bad: 1}},
		{"failed here before", []wire.Ack{ack("one", wire.Rejected, "update-known-bad")}, fleet.Count{Taken: 1, Bad: 1}},
		{"for others", []wire.Ack{ack("one", wire.Rejected, "not-me")}, fleet.Count{}},
		{"of another kind", []wire.Ack{ack("one", wire.Rejected, "update-wrong-board")}, fleet.Count{}},
		{"runs a newer one", []wire.Ack{ack("one", wire.Accepted, ""), ack("one", wire.Rejected, "update-downgrade")}, fleet.Count{}},
		{"too late", []wire.Ack{ack("one", wire.Expired, "expired")}, fleet.Count{}},
		{"somebody has ordered something else", []wire.Ack{ack("one", wire.Accepted, ""), ack("one", wire.Superseded, "")}, fleet.Count{}},
		{"a word of tomorrow", []wire.Ack{ack("one", "pondering", "")}, fleet.Count{}},
		{"another order", []wire.Ack{ack("two", wire.Failed, "")}, fleet.Count{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := begun(usual())
			for _, a := range tt.acks {
				r.Take("B1", a)
			}
			if d := cmp.Diff(tt.want, r.Count(now)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// The next wave asks the boxes of the first one again, which takes nothing back.
func TestNextWave(t *testing.T) {
	r := begun(fleet.Plan{Waves: []int{50, 100}, Stop: 60})
	for box, phase := range map[string]wire.Phase{"good": wire.Succeeded, "bad": wire.RolledBack, "slow": wire.Running} {
		r.Take(box, ack("one", phase, ""))
	}
	if !r.Advance() || r.Advance() {
		t.Fatal("two waves, no more")
	}
	r.Published("two", now)
	for _, box := range []string{"good", "slow", "new"} {
		r.Take(box, ack("two", wire.Accepted, ""))
	}
	r.Take("slow", ack("one", wire.Superseded, "")) // its outbox is slow, too
	if d := cmp.Diff(fleet.Count{Taken: 4, Good: 1, Bad: 1}, r.Count(now)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	r.Take("slow", ack("two", wire.Succeeded, ""))
	r.Take("new", ack("two", wire.Superseded, ""))
	if d := cmp.Diff(fleet.Count{Taken: 3, Good: 2, Bad: 1}, r.Count(now)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// A box that took the order and is gone for long is bad, until it is back; one that never took it is not.
func TestGone(t *testing.T) {
	r := begun(usual())
	r.Take("gone", ack("one", wire.Rebooting, ""))
	r.Take("done", ack("one", wire.Succeeded, ""))
	lost := wire.Status{State: wire.Lost, Session: 2}
	r.See(now, fleet.Box{Name: "gone", Status: lost}, fleet.Box{Name: "done", Status: lost}, fleet.Box{Name: "never", Status: lost})
	if c := r.Count(now.Add(119 * time.Minute)); c.Bad != 0 {
		t.Errorf("after 119 minutes: %+v", c)
	}
	if c := r.Count(now.Add(2 * time.Hour)); c.Bad != 1 || c.Good != 1 || c.Taken != 2 {
		t.Errorf("after two hours: %+v", c)
	}
	r.See(now.Add(3*time.Hour), fleet.Box{Name: "gone", Status: wire.Status{State: wire.Updating, Session: 3, FW: "1.4.0"}})
	if c := r.Count(now.Add(3 * time.Hour)); c.Bad != 0 {
		t.Errorf("back: %+v", c)
	}
	r.See(now.Add(3*time.Hour), fleet.Box{Name: "gone", Status: wire.Status{State: wire.Ready, FW: "1.3.0", Codes: []string{"update-gone-back"}}})
	if c := r.Count(now.Add(3 * time.Hour)); c.Bad != 1 {
		t.Errorf("went back while nobody listened: %+v", c)
	}
}

// Who is connected, in the wave and runs something else is waited for.
func TestHoped(t *testing.T) {
	r := begun(fleet.Plan{Waves: []int{50, 100}})
	in, out := "", ""
	for _, name := range []string{"B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8"} {
		if r.Order().Takes(name) {
			in = name
		} else {
			out = name
		}
	}
	if in == "" || out == "" {
		t.Fatal("eight boxes on one side")
	}
	see := func(name string, s wire.Status) int {
		r.See(now, fleet.Box{Name: name, Status: s})
		return r.Count(now).Hoped
	}
	old, new := wire.Status{State: wire.Ready, FW: "1.3.0"}, wire.Status{State: wire.Ready, FW: "1.4.0"}
	if got := see(out, old); got != 0 {
		t.Errorf("out of the wave: %d", got)
	}
	if got := see(in, old); got != 1 {
		t.Errorf("in the wave: %d", got)
	}
	if v := r.Step(now.Add(time.Hour)); v != fleet.Wait {
		t.Errorf("nobody has answered: %s", v)
	}
	if got := see(in, wire.Status{State: wire.Lost, FW: "1.3.0"}); got != 0 {
		t.Errorf("lost: %d", got)
	}
	see(in, old)
	if got := see(in, new); got != 0 {
		t.Errorf("runs it: %d", got)
	}
}

// A rollout goes on after a restart of the program where it was.
func TestRolloutIsKept(t *testing.T) {
	r := begun(usual())
	r.Take("B1", ack("one", wire.Succeeded, ""))
	r.Take("B2", ack("one", wire.RolledBack, ""))
	r.Take("B3", ack("one", wire.Running, ""))
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var again fleet.Rollout
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	again.Recount()
	if d := cmp.Diff(r.Count(now), again.Count(now)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if v := again.Step(now); v != fleet.Halt || again.Order().Percent != 0 {
		t.Errorf("one of three is bad: %s, %+v", v, again.Order())
	}
	if v := again.Step(now); v != fleet.Halt {
		t.Errorf("halted once, then %s", v)
	}
}
