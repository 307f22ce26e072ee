package support_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// announced gives what was told to Home Assistant.
func (o *online) announced() (all []string) {
	o.t.Helper()
	for _, h := range o.told("homeassistant/device/0001/config") {
		if !h.retained || h.qos != 1 {
			o.t.Errorf("told %q with QoS %d, retained %t", h.payload, h.qos, h.retained)
		}
		all = append(all, string(h.payload))
	}
	return all
}

// TestAnnounce: Home Assistant is told of a box only where that is set, after its status, and told to forget it once where it
// is not set any more, also after a restart.
func TestAnnounce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		pass(time.Minute)
		if got := o.announced(); len(got) > 0 {
			t.Errorf("told %q, with nothing set", got)
		}
		for n, step := range []struct {
			set  string
			want int // messages so far
		}{{`{"device":1}`, 1}, {`{"device":2}`, 2}, {"", 3}, {"", 3}, {`{"device":3}`, 4}} {
			o.set(func() { o.known = []byte(step.set) })
			if n == 2 {
				o.end()
				o.run()
			} else {
				o.channel.Reconnect()
			}
			pass(2 * time.Minute)
			if got := o.announced(); len(got) != step.want || got[len(got)-1] != step.set {
				t.Fatalf("step %d: told %q", n, got)
			}
		}
		if before := o.heardUntil("homeassistant/device/0001/config"); len(before) == 0 || before[0].topic != "sb/v1/0001/status" {
			t.Errorf("told after %v, want the status first", before)
		}
		o.end()
	})
}

// TestAnnounceNotConfirmed: a box whose broker never confirmed that it forgot it tells so with the next connection.
func TestAnnounceNotConfirmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) { o.known = []byte(`{}`) })
		pass(time.Minute)
		o.set(func() { o.known, o.deaf = nil, "homeassistant" })
		o.channel.Reconnect()
		pass(30 * time.Minute)
		o.set(func() { o.deaf = "" })
		pass(30 * time.Minute)
		settled := len(o.announced())
		if settled < 3 {
			t.Errorf("told %q", o.announced())
		}
		o.channel.Reconnect()
		pass(time.Hour)
		if got := o.announced(); len(got) != settled {
			t.Errorf("told %d times more of a box that is forgotten", len(got)-settled)
		}
		o.end()
	})
}

// TestAnnounceAfterReset: a full reset takes the setting with it, but not what the box knows of the broker: Home Assistant is told to
// forget it, under the name that it had, and hears of it again where somebody sets that anew. A renewal changes nothing of it.
func TestAnnounceAfterReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) { o.known = []byte(`{"device":1}`) })
		pass(2 * time.Minute)
		o.channel.Reconnect() // another certificate
		pass(2 * time.Minute)
		if got, want := o.announced(), []string{`{"device":1}`, `{"device":1}`}; !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
		o.end()
		o.boot()
		o.erase, o.known = true, nil
		o.starts()
		o.run()
		pass(2 * time.Minute)
		if got := o.announced(); len(got) != 3 || got[2] != "" {
			t.Errorf("told %q, want it taken back in the end", got)
		}
		o.set(func() { o.known = []byte(`{"device":2}`) })
		o.channel.Reconnect()
		pass(2 * time.Minute)
		if got := o.announced(); len(got) != 4 || got[3] != `{"device":2}` {
			t.Errorf("told %q, want it made known again in the end", got)
		}
		o.end()
	})
}

// heardUntil gives what was heard before the first message of a topic.
func (o *online) heardUntil(topic string) (all []heard) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, h := range o.broker.heard {
		if h.topic == topic {
			break
		}
		all = append(all, h)
	}
	return all
}
