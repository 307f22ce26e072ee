package support_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/sync/engine"
)

// online is a box with a channel in a bubble of time.
type online struct {
	*world
	*broker
	channel *support.Channel
	shows   wire.Status
	jobs    []engine.Status // as the box tells of them
	known   []byte          // what makes it known to Home Assistant
	address bool
	end     func()                                  // ends the channel, and waits until it has
	dial    func(context.Context) (net.Conn, error) // instead of to the broker; nil = to it

	certificate []string // what was told of it
	heard       int      // how often a status was said to be confirmed
}

// connected starts a channel whose fleet spreads itself over no time at all.
func connected(t *testing.T, prepare ...func(*online)) *online {
	t.Helper()
	o := &online{world: newWorld(t), broker: &broker{}, address: true, shows: wire.Status{State: wire.Ready, FW: "1.4.0"}}
	if err := o.store.SetStanding(support.Standing{Issued: start.Unix(), SpreadSeq: 1}); err != nil {
		t.Fatal(err)
	}
	for _, p := range prepare {
		p(o)
	}
	o.run()
	return o
}

// run makes a channel and starts it.
func (o *online) run() {
	o.make()
	o.start()
}

func (o *online) make() {
	open := o.open
	if o.dial != nil {
		open = o.dial
	}
	tell := func(what string) func() {
		return func() { o.set(func() { o.certificate = append(o.certificate, what) }) }
	}
	o.channel = support.New(support.Config{Box: "0001", Open: open, Online: func() bool { o.mu.Lock(); defer o.mu.Unlock(); return o.address },
		Connected: tell("connected"), Refused: tell("refused"), Heard: func() { o.set(func() { o.heard++ }) },
		Standing: func() wire.Status { o.mu.Lock(); defer o.mu.Unlock(); return o.shows },
		Jobs:     func() []engine.Status { o.mu.Lock(); defer o.mu.Unlock(); return slices.Clone(o.jobs) },
		Announce: func() []byte { o.mu.Lock(); defer o.mu.Unlock(); return o.known },
		Chance:   func(n int64) int64 { return 0 }, Desk: o.desk, Store: o.store, Log: slog.New(slog.DiscardHandler)})
}

func (o *online) start() {
	ctx, cancel := context.WithCancel(o.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.channel.Run(ctx) }()
	o.end = func() {
		o.t.Helper()
		cancel()
		if err := <-ended; err != nil {
			o.t.Error(err)
		}
		synctest.Wait()
	}
	synctest.Wait()
}

// pass lets time go by.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

const (
	cmd     = "sb/v1/0001/cmd"
	desired = "sb/v1/0001/desired"
)

// TestConnect: what a box says of itself when it connects, and when it ends.
func TestConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		pass(time.Second)
		c := o.attempts()[0]
		if c.ClientIdentifier != "0001" || c.ProtocolVersion != 4 || c.CleanSession || c.Keepalive != 120 {
			t.Errorf("got %v", c)
		}
		if c.WillTopic != "sb/v1/0001/status" || !c.WillRetain || c.WillQos != 1 || string(c.WillMessage) != `{"state":"lost","session":1}` {
			t.Errorf("will %s %s", c.WillTopic, c.WillMessage)
		}
		if got := strings.Fields(strings.Join(o.listened(), " ")); len(got) != 2 || !slices.Contains(got, cmd) || !slices.Contains(got, desired) {
			t.Errorf("subscribed to %q", got)
		}
		o.end()
		if got, want := o.states(), "ready disconnected"; got != want || !o.wasClean() {
			t.Errorf("told %q, in good order %t, want %q", got, o.wasClean(), want)
		}
	})
}

// TestHeard: the box counts as heard once the broker has confirmed its status, not as soon as it is let in.
func TestHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) { o.deaf = "/status" })
		heard := func() (n int) { o.set(func() { n = o.heard }); return n }
		pass(time.Minute)
		if got := heard(); got != 0 || len(o.attempts()) != 1 || len(o.told("/status")) != 1 {
			t.Errorf("heard %d times after %d connections, with nothing confirmed", got, len(o.attempts()))
		}
		o.set(func() { o.deaf = "" })
		pass(10 * time.Minute)
		if got := heard(); got != 1 {
			t.Errorf("heard %d times", got)
		}
		o.end()
	})
}

// TestOutboxAfterStatus: the status comes first, then one message a second.
func TestOutboxAfterStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) {
			for range 5 {
				if err := o.desk.Tell(wire.SyncEvent, "cycle-complete", nil); err != nil {
					t.Fatal(err)
				}
			}
		})
		pass(2500 * time.Millisecond)
		if got := len(o.told("/evt/sync")); got != 3 || !strings.HasSuffix(o.told("")[0].topic, "/status") {
			t.Errorf("%d events in 2.5 s, %s first, want 3 after the status", got, o.told("")[0].topic)
		}
		pass(time.Minute)
		if got := o.told("/evt/sync"); len(got) != 5 {
			t.Errorf("%d events", len(got))
		}
		o.end()
	})
}

// TestOutboxBurst: a box that has been connected for a while tells a little at once; what is more waits its turn, and so does
// all of it after the next connect.
func TestOutboxBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		tell := func() {
			for range 8 {
				if err := o.desk.Tell(wire.SyncEvent, "cycle-complete", nil); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
		}
		pass(time.Minute)
		tell()
		if got := len(o.told("/evt/sync")); got != 5 {
			t.Errorf("%d events at once, want 5", got)
		}
		pass(1500 * time.Millisecond)
		if got := len(o.told("/evt/sync")); got != 6 {
			t.Errorf("%d events a second later, want 6", got)
		}
		pass(time.Minute)
		o.drop()
		synctest.Wait()
		tell()
		if got := len(o.told("/evt/sync")); got != 9 || len(o.attempts()) != 2 {
			t.Errorf("%d events at once on connection %d, want one on the second", got-8, len(o.attempts()))
		}
		o.end()
	})
}

// TestOrdersInARow: each of three orders that come together is durably acknowledged within a second, of which two take
// two messages each.
func TestOrdersInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		pass(time.Minute)
		for range 3 {
			o.send(cmd, o.issue(order.Sync, ``))
		}
		pass(time.Second - time.Millisecond)
		for n := range 3 {
			if len(o.told("/ack/"+id(n+1))) == 0 {
				t.Errorf("nothing was told of order %d", n+1)
			}
		}
		o.end()
	})
}

// TestCommand: the broker may forget a command once it is durable; how it ended is told.
func TestCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		o.send(cmd, o.issue(order.Sync, `{"job":"north"}`))
		pass(10 * time.Second)
		if o.left() != 0 || !slices.Equal(o.done(), []string{"force north"}) {
			t.Errorf("%d messages are not confirmed, did %q", o.left(), o.done())
		}
		var last wire.Ack
		all := o.told("/ack/" + id(1))
		if len(all) == 0 || json.Unmarshal(all[len(all)-1].payload, &last) != nil || last.Phase != wire.Succeeded || last.Session != 1 || all[0].retained {
			t.Errorf("told %v", all)
		}
		o.end()
	})
}

// TestCommandNotKept: what can't be kept is not confirmed, and comes again.
func TestCommandNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		o.file.set(context.DeadlineExceeded)
		o.send(cmd, o.issue(order.Sync, ``))
		pass(10 * time.Second)
		if o.left() != 1 || len(o.done()) > 0 {
			t.Fatalf("%d messages are not confirmed, did %q", o.left(), o.done())
		}
		if got := o.states(); got != "ready lost" {
			t.Errorf("told %q", got)
		}
		o.file.set(nil)
		pass(10 * time.Minute)
		if o.left() != 0 || len(o.done()) != 1 {
			t.Errorf("%d messages are not confirmed, did %q", o.left(), o.done())
		}
		o.end()
	})
}

// TestAckIsNotConfirmed: a message stays in the outbox until the broker has confirmed it on the very connection.
func TestAckIsNotConfirmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) { o.deaf = "/evt/" })
		if err := o.desk.Tell(wire.SyncEvent, "cycle-complete", nil); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		o.drop()
		pass(10 * time.Minute)
		if got := len(o.told("/evt/sync")); got < 2 {
			t.Errorf("told %d times", got)
		}
		o.set(func() { o.deaf = "" })
		pass(20 * time.Minute)
		if _, found, err := o.store.Next(); found || err != nil {
			t.Errorf("still there: %t, %v", found, err)
		}
		o.end()
	})
}

// TestFrozen: wishes that stop coming are noticed.
func TestFrozen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		o.at(start.Add(9 * 24 * time.Hour))
		if got := o.channel.Conditions(); !slices.Contains(got, support.CodeFrozen) {
			t.Errorf("conditions %q", got)
		}
		o.end()
	})
}

// TestStatusChanges: another status is told, not more often than once a minute.
func TestStatusChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		pass(2 * time.Minute)
		for i := range 10 {
			o.set(func() {
				o.shows.Codes = []string{[]string{"share-unreachable", "network-down"}[i%2]}
				o.shows.State = wire.Degraded
			})
			pass(11 * time.Second)
		}
		if got := len(o.told("/status")); got < 2 || got > 4 {
			t.Errorf("%d statuses: %s", got, o.states())
		}
		if len(o.told("/evt/health")) == 0 {
			t.Error("no event of it")
		}
		o.end()
	})
}

// TestRestartNeverComes: nobody need give another order for those that wait for a restart to be done.
func TestRestartNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		o.send(cmd, o.issue(order.Reboot, ``))
		pass(time.Second)
		o.send(cmd, o.issue(order.Sync, ``))
		pass(time.Second)
		if got := o.done(); !slices.Equal(got, []string{"restart"}) {
			t.Fatalf("did %q", got)
		}
		o.at(start.Add(5 * time.Minute))
		pass(5 * time.Minute)
		if got := o.done(); !slices.Equal(got, []string{"restart", "force "}) {
			t.Errorf("did %q", got)
		}
		o.end()
	})
}

// TestMemoryBroken: a memory that can't be written is told to people, until it works again.
func TestMemoryBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.file.set(errors.New("no space"))
		o := &online{world: w, broker: &broker{}, address: true, shows: wire.Status{State: wire.Ready}}
		o.make()
		if err := o.channel.Run(t.Context()); err == nil {
			t.Fatal("no error")
		}
		if got := o.channel.Conditions(); !slices.Contains(got, support.CodeRecord) {
			t.Errorf("conditions %q", got)
		}
		w.file.set(nil)
		o.start()
		pass(3 * time.Minute)
		if got := o.channel.Conditions(); len(got) > 0 || o.states() == "" {
			t.Errorf("conditions %q, told %q", got, o.states())
		}
		o.end()
	})
}

// TestOutboxFull: people hear that more is to be told than is kept.
func TestOutboxFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) { o.away = true })
		for range 301 {
			if err := o.desk.Tell(wire.SyncEvent, "cycle-complete", nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := o.channel.Conditions(); !slices.Contains(got, support.CodeOutbox) {
			t.Errorf("conditions %q", got)
		}
		o.set(func() { o.away = false })
		o.channel.Reconnect()
		pass(10 * time.Second)
		if got := o.channel.Conditions(); len(got) > 0 {
			t.Errorf("conditions %q", got)
		}
		o.end()
	})
}
