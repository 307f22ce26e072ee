package brokertest_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/support/brokertest"
)

// load is boxes that tell events, each the next one once the last one is acknowledged, and support that hears them.
type load struct {
	ca    *brokertest.CA
	nodes []*brokertest.NATS

	mu           sync.Mutex // protects both
	acked, heard map[string]bool
	hears        atomic.Int64 // number of heard
}

// TestNATSLosesNothing: one of three servers is killed while boxes on all of them tell what happened, and with it the
// connection of support. Whatever was acknowledged is heard, and a command that waits for a box that is away as well.
func TestNATSLosesNothing(t *testing.T) {
	const boxes, events = 6, 150
	names := []string{"box-away"}
	for i := range boxes {
		names = append(names, fmt.Sprintf("box-%04d", i))
	}
	nodes, ca := cluster(t, names)
	l := &load{ca: ca, nodes: nodes, acked: map[string]bool{}, heard: map[string]bool{}}
	away := site{nodes[1].Addr, ca}.join(t, "box-away")
	away.listen(t, "sb/v1/box-away/cmd")
	away.Disconnect(0)
	back := l.support(t, 1)
	back.say(t, "sb/v1/box-away/cmd", "while you were away")

	var told sync.WaitGroup
	for i := range boxes {
		told.Go(func() { l.tell(t, names[1+i], i%3, events) })
	}
	for l.hears.Load() < boxes*events/4 {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-back.lost:
			t.Fatal("support lost its connection before its server died")
		}
	}
	if err := nodes[1].Kill(); err != nil {
		t.Fatal(err)
	}
	<-back.lost
	before := l.hears.Load()
	l.support(t, 2)
	told.Wait()
	l.all(t, boxes*events)
	l.come(t, "box-away", 0).until(t, "while you were away")
	t.Logf("%d events acknowledged, %d of them heard before the kill; none lost", len(l.acked), before)
}

// support connects support to a server, by the session that it had before.
func (l *load) support(t *testing.T, node int) *client {
	t.Helper()
	c := l.come(t, program, node, func(o *mqtt.ClientOptions) {
		o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { l.hear(string(m.Payload())) })
	})
	if !c.listen(t, "sb/v1/+/evt/+") {
		t.Fatal("support hears no events")
	}
	return c
}

// come connects somebody who tries again, for as long as the servers find out who leads them now.
func (l *load) come(t *testing.T, name string, node int, options ...option) *client {
	t.Helper()
	certificate, err := l.ca.Client(name)
	if err != nil {
		t.Fatal(err)
	}
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); ; <-again.C {
		c, err := connect(l.nodes[node].Addr, name, certificate, options...)
		if err == nil {
			t.Cleanup(func() { c.Disconnect(0) })
			return c
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s connects: %v", name, err)
		}
	}
}

func (l *load) hear(event string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard[event] = true
	l.hears.Store(int64(len(l.heard)))
}

// tell lets a box tell its events; where its server is gone, it goes to the next one and tells once more what was not
// acknowledged.
func (l *load) tell(t *testing.T, box string, node, events int) {
	certificate, err := l.ca.Client(box)
	if err != nil {
		t.Error(err)
		return
	}
	var c *client
	for n, deadline := 0, time.Now().Add(2*patience); n < events; {
		if time.Now().After(deadline) {
			t.Errorf("%s: %d of %d events told", box, n, events)
			return
		}
		if c == nil {
			if c, err = connect(l.nodes[node].Addr, box, certificate, func(o *mqtt.ClientOptions) { o.SetCleanSession(true) }); err != nil {
				c, node = nil, (node+1)%len(l.nodes)
				continue
			}
			defer c.Disconnect(0)
		}
		event := fmt.Sprint(box, " ", n)
		if c.finished(c.Publish("sb/v1/"+box+"/evt/sync", 1, false, event)) != nil {
			c.Disconnect(0)
			c = nil
			continue
		}
		l.mu.Lock()
		l.acked[event] = true
		l.mu.Unlock()
		n++
	}
}

// all waits until everything that was acknowledged is heard.
func (l *load) all(t *testing.T, want int) {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for deadline := time.After(patience); ; {
		l.mu.Lock()
		missing := 0
		for event := range l.acked {
			if !l.heard[event] {
				missing++
			}
		}
		acked := len(l.acked)
		l.mu.Unlock()
		if acked == want && missing == 0 {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("%d of %d events acknowledged, %d of those never heard", acked, want, missing)
		}
	}
}
