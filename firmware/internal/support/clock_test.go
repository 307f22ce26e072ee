package support_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

// What a clock shows that is wrong by years, and what a box is sure of that has lain in a store.
var (
	year1970 = time.Unix(0, 0).UTC()
	year2100 = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	made     = start.Add(-100 * 24 * time.Hour)
)

// wrongClocks are clocks that are wrong by years, by what they show, whether that is believed, and what is certain to be over; with
// how a sync ends that is ordered then, how a restart, and whether the box calls its orders frozen a day after it was told something.
var wrongClocks = map[string]struct {
	shows        time.Time
	known        bool
	sure         time.Time
	sync, reboot string
	frozen       bool
}{
	"1970, not believed":                       {year1970, false, start, "succeeded", "rejected clock-untrusted", false},
	"2100, not believed":                       {year2100, false, start, "succeeded", "rejected clock-untrusted", false},
	"1970, not believed, long in a store":      {year1970, false, made, "succeeded", "rejected clock-untrusted", false},
	"2100, not believed, long in a store":      {year2100, false, made, "succeeded", "rejected clock-untrusted", false},
	"1970, not believed, and nothing is sure":  {year1970, false, year1970, "rejected clock-untrusted", "rejected clock-untrusted", false},
	"1970 by time servers":                     {year1970, true, start, "succeeded", "rebooting", false}, // what is sure stands
	"1970 by time servers, long in a store":    {year1970, true, made, "rejected not-yet", "rejected not-yet", false},
	"2100 by time servers":                     {year2100, true, start, "expired expired", "expired expired", true},
	"2100 by time servers, long in a store":    {year2100, true, made, "expired expired", "expired expired", true},
	"right, and believed, for comparison":      {start, true, made, "succeeded", "rebooting", false},
	"right, but not believed, long in a store": {start, false, made, "succeeded", "rejected clock-untrusted", false},
}

// TestWrongClock: what a box does with orders that come while its clock is wrong by years. Nothing that could hurt is done by a
// clock that is not believed; what is refused is told with its code.
func TestWrongClock(t *testing.T) {
	for name, row := range wrongClocks {
		for op, want := range map[order.Op]string{order.Sync: row.sync, order.Reboot: row.reboot} {
			t.Run(string(op)+" at "+name, func(t *testing.T) {
				w := newWorld(t)
				if err := w.store.SetStanding(support.Standing{Issued: start.Unix() - 86400}); err != nil {
					t.Fatal(err)
				}
				envelope := w.issue(op, ``)
				w.now, w.known, w.sure = row.shows, row.known, row.sure
				w.boot()
				w.starts()
				w.take(envelope)
				w.work()
				got := w.acks()
				if len(got) == 0 || got[len(got)-1] != want {
					t.Errorf("told %q, want %q last", got, want)
				}
				if done := len(w.did) > 0; done != (want == "succeeded" || want == "rebooting") {
					t.Errorf("did %q, told %q", w.did, got)
				}
				c := support.New(support.Config{Box: "0001", Store: w.store, Desk: w.desk})
				if got := slices.Contains(c.Conditions(), support.CodeFrozen); got != row.frozen {
					t.Errorf("frozen: got %v, want %v", got, row.frozen)
				}
			})
		}
	}
}

// TestWakesInAnotherYear: orders that were taken in time, and not begun when the power went. By a clock that is not believed a sync
// is done and a restart waits for the time; whatever the clock shows meanwhile, it is not done late.
func TestWakesInAnotherYear(t *testing.T) {
	for name, row := range map[string]struct {
		shows        time.Time
		known        bool
		then         time.Duration // until the time is known again
		sync, reboot []string
	}{
		"1970, then in time":       {year1970, false, time.Minute, []string{"succeeded"}, []string{"accepted clock-untrusted", "rebooting"}},
		"2100, then in time":       {year2100, false, time.Minute, []string{"succeeded"}, []string{"accepted clock-untrusted", "rebooting"}},
		"1970, then too late":      {year1970, false, time.Hour, []string{"succeeded"}, []string{"accepted clock-untrusted", "expired expired"}},
		"2100 by time servers":     {year2100, true, time.Minute, []string{"expired expired"}, []string{"expired expired"}},
		"1970 by time servers":     {year1970, true, time.Minute, []string{"succeeded"}, []string{"rebooting"}},
		"the right one, in time":   {start.Add(time.Second), true, time.Minute, []string{"succeeded"}, []string{"rebooting"}},
		"the right one, not known": {start.Add(time.Second), false, time.Minute, []string{"succeeded"}, []string{"accepted clock-untrusted", "rebooting"}},
	} {
		for op, want := range map[order.Op][]string{order.Sync: row.sync, order.Reboot: row.reboot} {
			t.Run(string(op)+" at "+name, func(t *testing.T) {
				w := newWorld(t)
				w.take(w.issue(op, ``))
				w.acks()
				w.now, w.known = row.shows, row.known
				w.boot()
				w.starts()
				w.work()
				told := w.acks()
				w.now, w.known = start.Add(row.then), true
				w.work()
				if told = append(told, w.acks()...); !slices.Equal(told, want) {
					t.Errorf("told %q, want %q", told, want)
				}
				if last := want[len(want)-1]; len(w.did) > 0 != (last == "succeeded" || last == "rebooting") {
					t.Errorf("did %q", w.did)
				}
			})
		}
	}
}

// TestTimeKnown: an order that waits for the time is carried out as soon as the box knows it, not a minute later.
func TestTimeKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.take(w.issue(order.Stop, `{"job":"north"}`))
		w.known = false
		w.boot()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.desk.Run(ctx) }()
		pass(10 * time.Second)
		if did := w.done(); len(did) > 0 {
			t.Errorf("did %q while the time was not known", did)
		}
		w.stepping.Lock()
		w.known = true
		w.stepping.Unlock()
		w.desk.TimeKnown()
		synctest.Wait()
		if did := w.done(); !slices.Equal(did, []string{"stop north"}) {
			t.Errorf("did %q once it was", did)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestChannelAtWrongClock: the connection holds whatever the clock shows, and is made anew as soon as ever: it goes by time that
// only goes forward. Once the time is right again, so is everything else.
func TestChannelAtWrongClock(t *testing.T) {
	for name, shows := range map[string]time.Time{"1970": year1970, "2100": year2100} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := connected(t)
				pass(time.Minute)
				o.at(shows)
				o.send(cmd, []byte("rubbish"))
				pass(20 * time.Minute)
				if got := o.states(); got != "ready" {
					t.Errorf("told %q while the clock was wrong", got)
				}
				o.drop()
				pass(6 * time.Minute)
				if got, want := o.states(), "ready lost ready"; got != want {
					t.Errorf("told %q after the connection broke, want %q", got, want)
				}
				if got, want := slices.Contains(o.channel.Conditions(), support.CodeFrozen), shows.After(start); got != want {
					t.Errorf("frozen: got %v, want %v", got, want)
				}
				o.at(start.Add(time.Hour))
				o.send(cmd, []byte("rubbish"))
				o.send(cmd, o.issue(order.Sync, `{"job":"north"}`))
				pass(time.Minute)
				if got := o.done(); !slices.Equal(got, []string{"force north"}) || len(o.channel.Conditions()) > 0 {
					t.Errorf("did %q, conditions %q once the clock was right", got, o.channel.Conditions())
				}
				alarms := 0
				for _, h := range o.told("/evt/security") {
					if strings.Contains(string(h.payload), "order-bad-envelope") {
						alarms++
					}
				}
				if alarms != 2 { // of two that came an hour apart, or a hundred years
					t.Errorf("%d alarms, want 2", alarms)
				}
				if first := o.told("/status"); len(first) == 0 || !strings.Contains(string(first[0].payload), string(wire.Ready)) {
					t.Errorf("told %v", first)
				}
				o.end()
			})
		})
	}
}
