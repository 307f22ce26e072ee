package support_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/ota/order"
)

// TestGroups: a wish that names groups has the box listen there, and to those before no more.
func TestGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		for _, row := range []struct{ groups, want string }{
			{`"eu-1"`, "sb/v1/fleet/eu-1"}, {`"eu-2","all"`, "sb/v1/fleet/eu-2"}, {`"eu-2"`, "-sb/v1/fleet/all"},
		} {
			o.at(o.now.Add(time.Minute))
			o.send(desired, o.issue(order.Desired, `{"target":"1.4.0/arm64/full","version":"1.4.0","sha256":"`+strings.Repeat("01", 32)+
				`","bytes":1000,"reconnect_spread_s":0,"groups":[`+row.groups+`]}`))
			pass(10 * time.Second)
			o.set(func() {
				if heard := strings.Fields(strings.Join(o.subs, " ")); !slices.Contains(heard, row.want) || len(o.waiting) > 0 || len(o.connects) != 1 {
					t.Errorf("groups %s: %d not confirmed, %d connections, subscribed to %q", row.groups, len(o.waiting), len(o.connects), o.subs)
				}
			})
		}
		if all := o.listened(); !slices.Contains(all, "-sb/v1/fleet/eu-1") {
			t.Errorf("still listens to the first group: %q", all)
		}
		o.end()
	})
}

// TestTooLong: what is longer than an order is refused; what is longer than a broker lets through breaks the connection,
// before the box makes room for it.
func TestTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		o.send(cmd, []byte(strings.Repeat("x", 60000)))
		pass(5 * time.Second)
		if o.left() != 0 || o.states() != "ready" {
			t.Errorf("%d messages not confirmed, told %q", o.left(), o.states())
		}
		o.send(cmd, []byte(strings.Repeat("x", 70000)))
		pass(10 * time.Second)
		if got, want := o.states(), "ready lost"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
		if got := o.told("/evt/security"); len(got) != 1 || !strings.Contains(string(got[0].payload), "order-too-big") {
			t.Errorf("told %v", got)
		}
		o.end()
	})
}

// TestFlood: a broker that sends faster than the box can look at it has its line cut, and support is told.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) { o.hold = make(chan struct{}) })
		for range 100 {
			o.send(cmd, []byte("rubbish"))
		}
		pass(time.Second)
		if got := o.states(); got != "ready" {
			t.Errorf("told %q after a hundred messages", got)
		}
		for range 300 {
			o.send(cmd, []byte("rubbish"))
		}
		pass(time.Second)
		if got, want := o.states(), "ready lost"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
		o.set(func() { o.waiting = nil })
		close(o.hold)
		pass(10 * time.Minute)
		told := 0
		for _, h := range o.told("/evt/security") {
			if strings.Contains(string(h.payload), `"support-flood"`) {
				told++
			}
		}
		if told != 1 {
			t.Errorf("told %d times that there was a flood", told)
		}
		o.end()
	})
}

// TestInOrder: orders that come together are taken in the order in which they were given.
func TestInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) { o.away = true })
		var want []string
		for i := range 40 {
			job := fmt.Sprintf("j%02d", i)
			o.send(cmd, o.issue(order.Sync, `{"job":"`+job+`"}`))
			want = append(want, "force "+job)
		}
		o.set(func() { o.away = false })
		o.channel.Reconnect()
		pass(10 * time.Second)
		if !slices.Equal(o.done(), want) || o.left() != 0 {
			t.Errorf("did %q, %d not confirmed", o.done(), o.left())
		}
		o.end()
	})
}
