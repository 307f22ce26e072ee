package takeover_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/health"
)

// TestContract: what an honest broker sees of a box.
func TestContract(t *testing.T) {
	bubble(t, func(t *testing.T, x *box) {
		x.connected()
		x.works()
		x.confirmed()
		b := x.broker
		b.mu.Lock()
		s := b.sessions[boxName]
		if h := s.hello; h.clean || h.keepAlive == 0 || h.keepAlive > 120 || h.will == nil || h.will.topic != topicStatus || !h.will.retain || h.will.qos != 1 {
			t.Errorf("CONNECT: got %+v", h)
		}
		if want := []string{topicCmd, topicDesired}; !slices.Equal(slices.Sorted(slices.Values(s.filters)), want) {
			t.Errorf("subscribed to %q, want %q", s.filters, want)
		}
		b.mu.Unlock()
		b.cut(boxName)
		x.await("the box to come again", func() bool { return b.came == 2 && b.there(boxName, topicCmd) })
		x.works()
		x.restart()
		x.connected()
		x.works()
		var last status
		seen := map[int]bool{}
		for _, h := range b.all() {
			if len(h.payload) > 4096 || h.qos != 1 || !json.Valid(h.payload) {
				t.Errorf("message of %d bytes with QoS %d on %s: %s", len(h.payload), h.qos, h.topic, h.payload)
			}
			if !h.will && !seen[h.number] && (h.topic != topicStatus || !h.retain) {
				t.Errorf("connection %d begins with %s, retained %v", h.number, h.topic, h.retain)
			}
			seen[h.number] = seen[h.number] || !h.will
			if h.topic != topicStatus {
				continue
			}
			var s status
			if err := json.Unmarshal(h.payload, &s); err != nil || s.Session < last.Session && !h.will {
				t.Errorf("status %s after session %d: %v", h.payload, last.Session, err)
			}
			if h.will != (s.State == "lost") {
				t.Errorf("state %q, of the broker: %v", s.State, h.will)
			}
			if !h.will {
				last = s
			}
		}
		if last.Session < 2 {
			t.Errorf("session %d after two starts", last.Session)
		}
	})
}

// status is what the contract says of it.
type status struct {
	State   string
	Session uint64
	Codes   []string
}

// A box that ends in good order says so itself, and its will is not needed.
func TestGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBroker(time.Now)
		x := newBox(t, b)
		x.connected()
		x.works()
		x.end()
		b.close()
		h := b.all()
		var s status
		if err := json.Unmarshal(h[len(h)-1].payload, &s); err != nil || h[len(h)-1].will || s.State != "disconnected" {
			t.Errorf("last words: %s %s", h[len(h)-1].topic, h[len(h)-1].payload)
		}
	})
}

// TestNothingForged: no forgery has an effect, on whatever topic and with whatever flags it comes.
func TestNothingForged(t *testing.T) {
	bubble(t, func(t *testing.T, x *box) {
		x.connected()
		x.works() // so that a number of the role is known
		all := forgeries(time.Now(), x.n)
		all = append(all, flips(rand.New(rand.NewPCG(3, 4)), 200, newDraft(time.Now(), x.n(), "reboot", "ops", nil).signed(keyOps))...)
		topics := []string{topicCmd, topicDesired, topicCmd, "sb/v1/fleet/eu-1", topicStatus, "sb/v1/SB-0002/cmd", "", "#"}
		for i, f := range all {
			m := message{topic: topics[i%len(topics)], payload: f.payload, qos: byte(i % 2), retain: i%3 == 0, dup: i%5 == 0, id: uint16(30000 + i)}
			x.connected()
			for _, topic := range []string{topicCmd, topicDesired, m.topic} {
				m.topic = topic
				x.broker.inject(boxName, m)
				synctest.Wait()
			}
		}
		x.connected()
		x.works()
		x.only()
		if len(x.deeds.wishes) > 0 {
			t.Errorf("wishes that were taken: %q", x.deeds.wishes)
		}
		x.restart()
		x.connected()
		x.works()
		x.only()
	})
}

// TestReplay: an order is carried out once, in whatever clothes and however often it comes, also after a restart and on
// another topic.
func TestReplay(t *testing.T) {
	bubble(t, func(t *testing.T, x *box) {
		x.connected()
		s := x.order("reboot", "ops", nil, keyOps)
		x.told(s, "rebooting")
		x.restart()
		x.connected()
		x.told(s, "succeeded")
		wipe := x.order("reset", "ops", draft{"level": "network"}, keyOps)
		x.told(wipe, "succeeded")
		x.only("do restart", "do reset-network")
		again := func() {
			for i, c := range append(clothes(s.envelope), clothes(wipe.envelope)...) {
				for j, topic := range []string{topicCmd, topicDesired, "sb/v1/fleet/eu-1"} {
					x.broker.inject(boxName, message{topic: topic, payload: c.payload, qos: 1, dup: i%2 == 0, id: uint16(30000 + 10*i + j)})
					synctest.Wait()
				}
			}
		}
		again()
		x.works()
		again()
		x.restart()
		x.connected()
		again()
		x.works()
		x.only("do restart", "do reset-network")
		if got := x.broker.all(); !slices.ContainsFunc(got, func(h heard) bool { a, ok := ack(h); return ok && a.ID == s.id }) {
			t.Error("support never heard of the order")
		}
	})
}

// TestAnswersLost: whatever the broker does with what the box tells, an order that comes again is answered, and not repeated.
func TestAnswersLost(t *testing.T) {
	for name, by := range map[string]answer{"forgotten": forget, "not acknowledged": silence, "cut before": cutBefore, "cut after": cutAfter} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, x *box) {
				x.connected()
				left := 5
				x.broker.follow(script{answer: func(m message) answer {
					if m.topic == topicStatus {
						return keep
					}
					if left--; left < 0 {
						return keep
					}
					return by
				}, deaf: func(message) bool { return left > 0 }})
				s := x.order("config", "ops", draft{"set": []draft{{"key": "job.a.interval", "value": "7m"}}}, keyOps)
				for range 40 {
					time.Sleep(6 * time.Minute)
					x.broker.say(topicCmd, s.envelope, false)
				}
				x.told(s, "succeeded")
				x.works()
				x.only("config [job.a.interval]")
			})
		})
	}
}

// TestDiskFails: what the box can't write down it does not confirm, and does not do, until it can.
func TestDiskFails(t *testing.T) {
	bubble(t, func(t *testing.T, x *box) {
		x.connected()
		x.works()
		x.confirmed()
		x.disk.fails.Store(true)
		d := x.draft("config", "ops", draft{"set": []draft{{"key": "job.a.interval", "value": "7m"}}}).with("exp", time.Now().Unix()+86400)
		x.broker.say(topicCmd, d.signed(keyOps), false)
		for range 4 {
			time.Sleep(10 * time.Minute)
			select {
			case err := <-x.ended: // and whoever runs it runs it again
				if err == nil {
					t.Error("the channel ended without an error")
				}
				x.disk.fails.Store(false)
				x.start()
				x.disk.fails.Store(true)
			default:
			}
		}
		x.broker.mu.Lock()
		if n := len(x.broker.sessions[boxName].waiting); n != 1 {
			t.Errorf("%d messages wait to be confirmed", n)
		}
		x.broker.mu.Unlock()
		x.only()
		x.disk.fails.Store(false)
		for range 3 {
			x.broker.cut(boxName) // what was not confirmed comes again with the next connection
			time.Sleep(10 * time.Minute)
			select {
			case <-x.ended:
				x.start()
			default:
			}
		}
		x.told(sent{id: d["id"].(string)}, "succeeded")
		x.confirmed()
		x.only("config [job.a.interval]")
	})
}

// TestCutAnywhere: the connection breaks after each byte that a box sends first, and it comes again and works.
func TestCutAnywhere(t *testing.T) {
	bubble(t, func(t *testing.T, x *box) {
		at := 0
		x.broker.follow(script{welcome: func(int) welcome { at++; return welcome{cutAfter: at} }})
		x.within(2000*time.Hour, "600 bytes", func() bool { return at >= 600 })
		x.broker.follow(script{})
		x.connected()
		x.works()
		x.only()
	})
}

// TestShutAnywhere: the same after each byte that it is sent: in the answers, and in an order, which is done all the same, once.
func TestShutAnywhere(t *testing.T) {
	bubble(t, func(t *testing.T, x *box) {
		x.connected()
		s := x.draft("config", "ops", draft{"set": []draft{{"key": "job.a.interval", "value": "7m"}}}).with("exp", time.Now().Unix()+7*86400)
		at := 0
		x.broker.follow(script{welcome: func(int) welcome { at += 3; return welcome{shut: at} }})
		x.broker.cut(boxName)
		x.broker.say(topicCmd, s.signed(keyOps), false)
		x.within(2000*time.Hour, "900 bytes", func() bool { return at >= 900 })
		x.broker.follow(script{})
		x.connected()
		x.works()
		x.only("config [job.a.interval]")
	})
}

// TestRefused: each answer to CONNECT, and answers that never come.
func TestRefused(t *testing.T) {
	for name, w := range map[string]welcome{
		"version": {code: 1}, "client id": {code: 2}, "unavailable": {code: 3}, "password": {code: 4}, "not authorized": {code: 5},
		"unknown": {code: 77}, "silent": {silent: true}, "lie": {lie: true, forget: true}, "forgets": {forget: true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, x *box) {
				x.connected()
				x.works()
				x.broker.follow(script{welcome: func(int) welcome { return w }})
				came := 0
				x.broker.cut(boxName)
				for range 12 {
					x.broker.mu.Lock()
					came = x.broker.came
					x.broker.mu.Unlock()
					time.Sleep(2 * time.Hour)
				}
				x.broker.mu.Lock()
				rate := x.broker.came - came
				x.broker.mu.Unlock()
				if rate > 2*3600/30 {
					t.Errorf("%d attempts in two hours", rate)
				}
				if refused := w.code >= 4 && w.code <= 5; refused && !slices.Contains(x.channel.Conditions(), "support-refused") {
					t.Errorf("conditions: got %q", x.channel.Conditions())
				}
				x.broker.follow(script{})
				x.broker.cut(boxName)
				x.connected()
				x.works()
				if c := x.channel.Conditions(); slices.Contains(c, "support-refused") || slices.Contains(c, "support-unreachable") {
					t.Errorf("conditions afterwards: %q", c)
				}
			})
		})
	}
}

// TestDeadLine: the broker says nothing more on a connection that stays open.
func TestDeadLine(t *testing.T) {
	bubble(t, func(t *testing.T, x *box) {
		x.connected()
		x.works()
		x.broker.follow(script{mute: true})
		time.Sleep(long)
		if c := x.channel.Conditions(); !slices.Contains(c, "support-unreachable") {
			t.Errorf("conditions: got %q", c)
		}
		x.broker.follow(script{})
		time.Sleep(10 * time.Minute) // half-open ones end
		x.connected()
		x.works()
	})
}

// TestThief: somebody else with the box's name keeps taking its place. It does not become a storm, and ends when he is gone.
func TestThief(t *testing.T) {
	bubble(t, func(t *testing.T, x *box) {
		x.connected()
		b := x.broker
		x.broker.mu.Lock()
		before := b.came
		x.broker.mu.Unlock()
		end := time.Now().Add(24 * time.Hour)
		kicks := 0
		for time.Now().Before(end) {
			time.Sleep(10 * time.Second)
			b.mu.Lock()
			here := b.there(boxName, topicCmd)
			b.mu.Unlock()
			if here {
				b.cut(boxName)
				kicks++
			}
		}
		b.mu.Lock()
		came := b.came - before
		b.mu.Unlock()
		if kicks == 0 || came > 24*3600/30 {
			t.Errorf("%d kicks, %d connections in a day", kicks, came)
		}
		t.Logf("kicks=%d connections=%d", kicks, came)
		x.connected()
		x.works()
		x.only()
	})
}

// TestFlood: thousands of messages at once, which has the box cut the line; and a few, which it tells support of, once.
func TestFlood(t *testing.T) {
	bubble(t, func(t *testing.T, x *box) {
		x.connected()
		good := newDraft(time.Now(), x.n(), "reboot", "ops", nil).signed(keyStranger)
		for i := range 20 {
			for j := range 500 {
				x.broker.inject(boxName, message{topic: topicCmd, payload: good, qos: 1, id: uint16(20001 + 500*i + j)})
			}
			synctest.Wait()
			time.Sleep(time.Minute)
			x.connected()
		}
		x.works()
		x.only()
		for i := range 20 { // as many as the box looks at
			x.broker.inject(boxName, message{topic: topicCmd, payload: good, qos: 1, id: uint16(40000 + i)})
			synctest.Wait()
		}
		time.Sleep(10 * time.Minute) // what tells of it comes last
		told := 0
		for _, h := range x.broker.all() {
			if h.topic == "sb/v1/SB-0001/evt/security" {
				told++
			}
		}
		if told == 0 || told > 10 {
			t.Errorf("%d events of security for 10,000 forgeries", told)
		}
	})
}

// TestFreeze: a broker that holds back what the box shall run, and shows it the old order again and again, is noticed, and
// seen: in the light of the box and in its status.
func TestFreeze(t *testing.T) {
	bubble(t, func(t *testing.T, x *box) {
		x.connected()
		wish := func() []byte {
			target := draft{"target": "1.4.0/arm64/full", "version": "1.4.0", "sha256": fmt.Sprintf("%064x", 1), "bytes": 1 << 20}
			d := x.draft("desired", "fleet", target)
			return d.with("exp", time.Now().Unix()+7*86400).signed(keyFleet)
		}
		frozen := func() bool { return slices.Contains(x.channel.Conditions(), "support-frozen") }
		old := wish()
		x.broker.say(topicDesired, old, true)
		x.works()
		if frozen() || len(x.deeds.wishes) != 1 {
			t.Fatalf("frozen %v with a new wish; taken %q", frozen(), x.deeds.wishes)
		}
		if got := x.light(); got != health.Ready {
			t.Errorf("the light says %s of a box with a new wish", got)
		}
		for day := range 12 {
			x.broker.say(topicDesired, old, true)
			x.works()
			if day < 7 && frozen() {
				t.Errorf("frozen on day %d", day)
			}
			if day == 9 {
				x.restart() // it does not forget
				x.connected()
			}
			if day == 11 && !frozen() {
				t.Errorf("day %d: conditions %q", day, x.channel.Conditions())
			}
			time.Sleep(24 * time.Hour)
		}
		b := x.broker
		x.await("a status that tells of it", func() bool {
			var s status
			return json.Unmarshal(b.retained[topicStatus].payload, &s) == nil && slices.Contains(s.Codes, "support-frozen")
		})
		if got := x.light(); got != health.Untrusted {
			t.Errorf("the light says %s of a box that is frozen", got)
		}
		x.broker.say(topicDesired, wish(), true)
		x.works()
		if frozen() {
			t.Error("still frozen after a new wish")
		}
		if got := x.light(); got != health.Ready {
			t.Errorf("the light says %s of a box that was frozen", got)
		}
	})
}
