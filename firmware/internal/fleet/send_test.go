package fleet_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/fleet/fleettest"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

// told collects what boxes say on the way.
type told []string

func (all *told) hear(box string, a wire.Ack) { *all = append(*all, box+" "+string(a.Phase)) }

func TestSend(t *testing.T) {
	s := open(t)
	bent := &fleettest.Box{Name: "B2", Answer: func(string, json.RawMessage) []string {
		return []string{`"phase":"rejected","code":"bad-args"`}
	}}
	s.join(&fleettest.Box{Name: "B1"}, bent)
	var heard told
	results, err := fleet.Send(patient(t), s.d, []fleet.Order{to(t, "B1", order.Sync, ""), to(t, "B2", order.Sync, "")}, heard.hear)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []wire.Phase{wire.Succeeded, wire.Rejected} {
		if r := results[i]; !r.Given || !r.Ended() || r.Last.Phase != want {
			t.Errorf("%d: got %+v, want %s", i, r.Last, want)
		}
	}
	for _, want := range []string{"B1 accepted", "B1 succeeded", "B2 rejected"} {
		if !slices.Contains(heard, want) {
			t.Errorf("told %q, not %q", heard, want)
		}
	}
}

// A box that says things that make no sense, or of other orders, is heard out until it says what this order came to.
func TestSendNonsense(t *testing.T) {
	s := open(t)
	o := to(t, "B1", order.Diag, "")
	var b fleettest.Box
	b = fleettest.Box{Name: "B1", Answer: func(string, json.RawMessage) []string {
		for _, text := range []string{
			"done", `[]`, `null`, `{"id":"01JD9F2M4Q0000000000000009","phase":"succeeded"}`, `{"id":"` + o.ID + `"}`,
			`{"id":"` + o.ID + `","phase":"succeeded","explain":"` + strings.Repeat("x", 5000) + `"}`, "",
		} {
			b.Say("ack/"+o.ID, false, text)
		}
		b.Say("ack/01JD9F2M4Q0000000000000009", false, `{"id":"01JD9F2M4Q0000000000000009","phase":"failed"}`)
		return []string{`"phase":"accepted"`, `"phase":"succeeded","detail":{"fw":"1.2.0"}`}
	}}
	s.join(&b)
	var heard told
	results, err := fleet.Send(patient(t), s.d, []fleet.Order{o}, heard.hear)
	if err != nil || results[0].Last == nil || string(results[0].Last.Detail) != `{"fw":"1.2.0"}` {
		t.Fatalf("got %+v, %v", results[0].Last, err)
	}
	if got := fmt.Sprint(heard); got != "[B1 accepted B1 succeeded]" {
		t.Errorf("told %s", got)
	}
}

// A box that says nothing, or never its last word, is told apart, and the order is at the broker.
func TestSendInTime(t *testing.T) {
	s := open(t)
	slow := &fleettest.Box{Name: "B2", Answer: func(string, json.RawMessage) []string { return []string{`"phase":"accepted"`} }}
	s.join(&fleettest.Box{Name: "B1", Deaf: true}, slow)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	orders := []fleet.Order{to(t, "B1", order.Sync, ""), to(t, "B2", order.Sync, "")}
	results, err := fleet.Send(ctx, s.d, orders, func(string, wire.Ack) { cancel() })
	if err != nil {
		t.Fatal(err)
	}
	if r := results[0]; !r.Given || r.Ended() || r.Last != nil {
		t.Errorf("B1: got %+v", r)
	}
	if r := results[1]; !r.Given || r.Ended() || r.Last == nil || r.Last.Phase != wire.Accepted {
		t.Errorf("B2: got %+v", r)
	}
}

// A broker that dies while an order is under way is looked for again, and the order, given once more, is not done twice.
func TestSendOverALostBroker(t *testing.T) {
	s := open(t)
	var once sync.Once
	b := &fleettest.Box{Name: "B1"}
	died := make(chan error, 1)
	b.Answer = func(string, json.RawMessage) []string { return []string{`"phase":"accepted"`} }
	s.join(b)
	o := to(t, "B1", order.Reboot, "")
	var again *fleettest.Box
	results, err := fleet.Send(patient(t), s.d, []fleet.Order{o}, func(_ string, a wire.Ack) {
		once.Do(func() {
			err := s.Broker.Kill()
			if err == nil {
				err = s.Broker.Start(t.Context())
			}
			again = &fleettest.Box{Name: "B1", Session: 2, Answer: func(string, json.RawMessage) []string { return []string{`"phase":"succeeded"`} }}
			if err == nil {
				err = s.Join(again)
			}
			died <- err
		})
	})
	if failed := <-died; failed != nil || err != nil || !results[0].Ended() {
		t.Fatalf("got %+v, %v, %v", results[0].Last, err, failed)
	}
	if got := fmt.Sprint(b.Ops(), again.Ops()); got != "[reboot] [reboot]" {
		t.Errorf("orders: %s", got) // each of the two simulated lives has seen it once
	}
}

// A broker that closes every connection at once, or does not let us in, is an error at once.
func TestSendRefused(t *testing.T) {
	s := open(t)
	stranger, other := s.d, open(t)
	stranger.TLS = other.d.TLS.Clone()
	stranger.TLS.RootCAs = s.d.TLS.RootCAs
	if _, err := fleet.Send(patient(t), stranger, []fleet.Order{to(t, "B1", order.Sync, "")}, nil); !fleet.Unreached(err) {
		t.Errorf("a stranger's certificate: got %v", err)
	}
	if err := s.Broker.Stop(); err != nil {
		t.Fatal(err)
	}
	if results, err := fleet.Send(patient(t), s.d, []fleet.Order{to(t, "B1", order.Sync, "")}, nil); !fleet.Unreached(err) || results[0].Given {
		t.Errorf("no broker: got %v", err)
	}
}

// The broker tells what it keeps of all boxes, also of more than it keeps waiting for one client by its settings.
func TestAllBoxes(t *testing.T) {
	s := open(t)
	const size = 250
	var group sync.WaitGroup
	failed := make(chan error, size)
	turn := make(chan bool, 8)
	for i := range size {
		group.Go(func() {
			turn <- true
			defer func() { <-turn }()
			b := &fleettest.Box{Name: fmt.Sprintf("box-%04d", i), FW: "1.0.0", Session: 1}
			if err := s.Join(b); err != nil {
				failed <- err
				return
			}
			failed <- b.Leave(i%2 == 0)
		})
	}
	group.Wait()
	for range size {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
	all := s.roster().All()
	if len(all) != size {
		t.Fatalf("%d boxes, want %d", len(all), size)
	}
	for i, b := range all {
		want := wire.Ready
		if i%2 == 1 {
			want = wire.Lost
		}
		if b.Status.State != want {
			t.Errorf("%s is %s, want %s", b.Name, b.Status.State, want)
		}
	}
}

// Who may not hear is told nothing, and that is told.
func TestDeafByTheBroker(t *testing.T) {
	s := open(t)
	s.join(&fleettest.Box{Name: "B1"})
	config, err := s.CA.Client("B2")
	if err != nil {
		t.Fatal(err)
	}
	s.d.TLS = config
	if all := s.roster().All(); len(all) != 0 {
		t.Errorf("hears %v", all)
	}
}

// What comes after a box was told lost of an older session does not count.
func TestLateLoss(t *testing.T) {
	s := open(t)
	b := &fleettest.Box{Name: "B1", FW: "1.0.0", Session: 4}
	s.join(b)
	l := s.dial()
	if err := l.Subscribe(t.Context(), fleet.AllStatus); err != nil {
		t.Fatal(err)
	}
	r := fleet.NewRoster()
	for _, text := range []string{`{"state":"lost","session":3}`, `{"state":"degraded","session":4}`} {
		if err := b.Say("status", true, text); err != nil {
			t.Fatal(err)
		}
	}
	for box, _ := r.Box("B1"); box.Status.State != wire.Degraded; box, _ = r.Box("B1") {
		h, err := l.Next(patient(t))
		if err != nil {
			t.Fatal(err)
		}
		r.Take(h, time.Now())
		if box, _ := r.Box("B1"); box.Status.State == wire.Lost {
			t.Error("lost by an older session")
		}
	}
}

// An order that the broker has lost, as it may when its power fails, is given again.
func TestSendAgain(t *testing.T) {
	s := open(t)
	b := &fleettest.Box{Name: "B1", Misses: 1}
	s.join(b)
	results, err := fleet.Send(patient(t), s.d, []fleet.Order{to(t, "B1", order.Sync, "")}, func(string, wire.Ack) {})
	if err != nil || !results[0].Ended() || fmt.Sprint(b.Ops()) != "[sync]" {
		t.Errorf("got %+v, %v; orders %s", results[0].Last, err, b.Ops())
	}
}
