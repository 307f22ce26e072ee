package storm_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/support/reconnect"
	"syncbox/firmware/internal/support/storm"
)

const (
	boxes = 20_000 // a fifth of the fleet, at brokers of a fifth of the strength
	part  = 5
	day   = 24 * time.Hour
)

// ours is the box's own policy.
func ours(spread time.Duration, seed uint64) func(int) storm.Waits {
	return func(box int) storm.Waits {
		return reconnect.New(spread, rand.New(rand.NewPCG(seed, uint64(box))).Int64N)
	}
}

// doubling is what the MQTT client does unless told otherwise: at once, then after 1, 2, 4 … 600 seconds.
type doubling struct{ next time.Duration }

func (d *doubling) Connected(time.Duration)                           {}
func (d *doubling) Lost(time.Duration, reconnect.Cause) time.Duration { d.next = time.Second; return 0 }
func (d *doubling) Failed(reconnect.Cause) time.Duration {
	wait := d.next
	d.next = min(2*d.next, 600*time.Second)
	return wait
}

// TestFleetComesBack: with room for the chance of a small fleet, the goals of the whole one.
func TestFleetComesBack(t *testing.T) {
	for _, o := range storm.Outages {
		o.Capacity /= part
		for seed := range uint64(3) {
			t.Run(fmt.Sprint(o.Lasts, "/", seed), func(t *testing.T) {
				r := storm.Run(boxes, o, ours(reconnect.DefaultSpread, seed), day)
				if r.Offline > 0 || r.AllBack > 7*time.Minute || r.Attempts > 2 || max(r.Peak, r.PeakDown) > 1200/part {
					t.Errorf("%d offline, the last back after %v, attempts per box %.2f, peak %d per s, in the outage %d", r.Offline, r.AllBack, r.Attempts, r.Peak, r.PeakDown)
				}
				if r.Attempts < 0.9 || r.Peak < 50 { // a model that lets nobody try is worth nothing
					t.Errorf("attempts per box %.2f, peak %d per s: did the fleet try at all?", r.Attempts, r.Peak)
				}
			})
		}
	}
}

// TestStorms: what the policy keeps away does happen in this model to a fleet without it.
func TestStorms(t *testing.T) {
	short := storm.Outage{Lasts: 5 * time.Second, Capacity: 500 / part}
	alone := short
	alone.Seen = reconnect.Own
	rows := []struct {
		name    string
		outage  storm.Outage
		policy  func(int) storm.Waits
		peak    int // at least
		offline int // at least, after a day
	}{
		{"doubling without chance", short, func(int) storm.Waits { return &doubling{} }, boxes, boxes / 2},
		{"all take the short wait", alone, ours(reconnect.DefaultSpread, 1), 0, 0},
		{"all think themselves a small fleet", short, ours(0, 1), 0, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := storm.Run(boxes, row.outage, row.policy, day)
			if r.Offline < row.offline || r.Peak < row.peak || max(r.Peak, r.PeakDown) < boxes/3 {
				t.Errorf("%d offline after a day, peak %d per s, in the outage %d per s: a storm must show", r.Offline, r.Peak, r.PeakDown)
			}
		})
	}
}

// steps waits for what it is given, in order.
type steps []time.Duration

func (s *steps) Connected(time.Duration) {}
func (s *steps) Lost(time.Duration, reconnect.Cause) time.Duration {
	return s.Failed(reconnect.Unknown)
}
func (s *steps) Failed(reconnect.Cause) time.Duration {
	wait := (*s)[0]
	*s = (*s)[1:]
	return wait
}

// TestModel holds the model against fleets small enough to count by hand.
func TestModel(t *testing.T) {
	same := func(waits ...time.Duration) func(int) storm.Waits {
		return func(int) storm.Waits { s := steps(append([]time.Duration(nil), waits...)); return &s }
	}
	rows := []struct {
		name   string
		boxes  int
		outage storm.Outage
		policy func(int) storm.Waits
		want   storm.Result
	}{
		{"one after another", 2, storm.Outage{Lasts: time.Second, Capacity: 1}, same(time.Second, time.Second),
			storm.Result{Boxes: 2, Peak: 2, Attempts: 1.5, AllBack: 2 * time.Second}},
		{"in the outage", 2, storm.Outage{Lasts: 2 * time.Second, Capacity: 2}, same(0, 5*time.Second),
			storm.Result{Boxes: 2, Peak: 2, Attempts: 1, AllBack: 4 * time.Second, PeakDown: 2, AttemptsDown: 1}},
		{"three times as many as it takes", 6, storm.Outage{Lasts: time.Second, Capacity: 2}, same(time.Second, time.Hour),
			storm.Result{Boxes: 6, Peak: 6, Attempts: 1, Offline: 4}},
		{"too many", 7, storm.Outage{Lasts: time.Second, Capacity: 2}, same(time.Second, time.Hour),
			storm.Result{Boxes: 7, Peak: 7, Attempts: 1, Offline: 6}},
		{"never within a second again", 2, storm.Outage{Lasts: time.Second, Capacity: 1}, same(time.Second, 0),
			storm.Result{Boxes: 2, Peak: 2, Attempts: 1.5, AllBack: 2 * time.Second}},
	}
	for _, row := range rows {
		got := storm.Run(row.boxes, row.outage, row.policy, time.Minute)
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
}
