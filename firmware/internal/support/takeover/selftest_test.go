package takeover_test

import (
	"context"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// patience is how long anything may take on a busy machine before a test gives up; no test ends by it that succeeds.
const patience = 30 * time.Second

func patient(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// guest is a client of another make than the broker.
func guest(t *testing.T, addr string, ca *authority, change func(*mqtt.ClientOptions)) (mqtt.Client, chan mqtt.Message, error) {
	t.Helper()
	heard := make(chan mqtt.Message, 100)
	o := mqtt.NewClientOptions().AddBroker("ssl://" + addr).SetClientID("guest").SetTLSConfig(ca.client(t, "guest"))
	o.SetProtocolVersion(4).SetCleanSession(false).SetAutoReconnect(false).SetConnectRetry(false).SetConnectTimeout(patience)
	o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { heard <- m })
	if change != nil {
		change(o)
	}
	c := mqtt.NewClient(o)
	token := c.Connect()
	token.Wait()
	t.Cleanup(func() { c.Disconnect(0) })
	return c, heard, token.Error()
}

func done(t *testing.T, token mqtt.Token) {
	t.Helper()
	if !token.WaitTimeout(patience) || token.Error() != nil {
		t.Fatalf("token: %v", token.Error())
	}
}

func next(t *testing.T, heard chan mqtt.Message) mqtt.Message {
	t.Helper()
	select {
	case m := <-heard:
		return m
	case <-time.After(patience):
		t.Fatal("nothing was heard")
		return nil
	}
}

// TestBrokerIsHonest: without a script it does what MQTT says, as another client sees it.
func TestBrokerIsHonest(t *testing.T) {
	b, ca := newBroker(time.Now), newAuthority(t, time.Now())
	addr := b.listen(t, ca.server(t))
	c, heard, err := guest(t, addr, ca, func(o *mqtt.ClientOptions) { o.SetWill("w", "lost", 1, true) })
	if err != nil {
		t.Fatal(err)
	}
	b.say("a", []byte("kept"), true)
	done(t, c.Subscribe("a", 1, nil))
	if m := next(t, heard); string(m.Payload()) != "kept" || !m.Retained() {
		t.Errorf("got %q, retained %v", m.Payload(), m.Retained())
	}
	b.say("a", []byte("now"), false)
	if m := next(t, heard); string(m.Payload()) != "now" || m.Retained() || m.Duplicate() {
		t.Errorf("got %q", m.Payload())
	}
	done(t, c.Publish("out", 1, false, "hello"))
	if h := b.all(); len(h) != 1 || h[0].from != "guest" || string(h[0].payload) != "hello" || !h[0].kept {
		t.Errorf("heard %+v", h)
	}
	b.cut("guest")
	if err := b.await(patient(t), func() bool { return string(b.retained["w"].payload) == "lost" }); err != nil {
		t.Errorf("will: %v", err)
	}
	b.say("a", []byte("while away"), false)
	c, heard, err = guest(t, addr, ca, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := next(t, heard)
	if string(m.Payload()) == "now" && m.Duplicate() { // the client was cut off before it had confirmed it
		m = next(t, heard)
	}
	if string(m.Payload()) != "while away" {
		t.Errorf("got %q", m.Payload())
	}
	c.Disconnect(250)
	if err := b.await(patient(t), func() bool { return !b.there("guest") }); err != nil {
		t.Error(err)
	}
}

// TestBrokerMisbehaves: each fault of the script is one that a client can see.
func TestBrokerMisbehaves(t *testing.T) {
	b, ca := newBroker(time.Now), newAuthority(t, time.Now())
	addr := b.listen(t, ca.server(t))
	for _, code := range []byte{1, 2, 3, 4, 5} {
		b.follow(script{welcome: func(int) welcome { return welcome{code: code} }})
		if _, _, err := guest(t, addr, ca, nil); err == nil {
			t.Errorf("CONNACK %d lets in", code)
		}
	}
	for _, at := range []int{1, 2, 7, 18} {
		b.follow(script{welcome: func(int) welcome { return welcome{cutAfter: at} }})
		if _, _, err := guest(t, addr, ca, nil); err == nil {
			t.Errorf("cut after %d bytes, and connected", at)
		}
	}
	b.follow(script{answer: func(message) answer { return forget }})
	c, _, err := guest(t, addr, ca, nil)
	if err != nil {
		t.Fatal(err)
	}
	done(t, c.Publish("out", 1, true, "lost"))
	if h := b.all(); len(h) != 1 || h[0].kept || len(b.retained) != 0 {
		t.Errorf("forgets: heard %+v", h)
	}
	deaf := 2
	b.follow(script{deaf: func(message) bool { deaf--; return deaf >= 0 }})
	done(t, c.Subscribe("a", 1, nil))
	b.say("a", []byte("again"), false)
	var heard chan mqtt.Message
	for i := range 2 {
		if err := b.await(patient(t), func() bool { return deaf == 1-i }); err != nil {
			t.Fatal(err)
		}
		b.cut("guest")
		if _, heard, err = guest(t, addr, ca, nil); err != nil {
			t.Fatal(err)
		}
		if m := next(t, heard); string(m.Payload()) != "again" || !m.Duplicate() {
			t.Errorf("got %q, dup %v", m.Payload(), m.Duplicate())
		}
	}
	if !b.inject("guest", message{topic: "unasked", payload: []byte("x"), qos: 1, id: 30000}) {
		t.Error("nobody to write to")
	}
	if m := next(t, heard); m.Topic() != "unasked" {
		t.Errorf("got %q", m.Topic())
	}
}

// TestPackets: what is written can be read.
func TestPackets(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 16383, 16384, maxPacket - 5} {
		want := message{topic: "t", payload: make([]byte, n), qos: 1, id: 7, retain: true, dup: true}
		p, err := readPacket(byteReader(want.packet().bytes()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseMessage(p)
		if err != nil || got.topic != "t" || len(got.payload) != n || got.qos != 1 || got.id != 7 || !got.retain || !got.dup {
			t.Errorf("%d bytes: got %+v, %v", n, got, err)
		}
	}
}
