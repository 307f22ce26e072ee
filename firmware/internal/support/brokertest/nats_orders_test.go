package brokertest_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
)

// TestNATSOrdersOnce: one of three servers is killed while support gives orders with what boxctl gives them with, boxes carry them
// out behind the channel of the product and tell of it. It dies with messages under way on all of its connections. Each order is carried out once, support hears how
// each one ended, and every event is heard that a box has told. An order that waits at the servers for a box that is away is
// carried out once as well.
func TestNATSOrdersOnce(t *testing.T) {
	const boxes, orders = 6, 8
	const witness = "fleet-backend-2"
	names := []string{witness, "box-away"}
	for i := range boxes {
		names = append(names, fmt.Sprintf("box-%04d", i))
	}
	nodes, ca := cluster(t, names)
	l := &load{ca: ca, nodes: nodes, acked: map[string]bool{}, heard: map[string]bool{}}
	listens := func(node int) *client {
		w := l.come(t, witness, node, func(o *mqtt.ClientOptions) {
			o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { l.hear(did(m.Payload())) })
		})
		w.listen(t, "sb/v1/+/evt/+")
		return w
	}
	watches := listens(1)
	var houses []*household
	var all []fleet.Order
	for i := range boxes {
		houses = append(houses, l.house(t, names[2+i], i%3).start())
	}
	for n := range orders {
		for _, h := range houses {
			all = append(all, h.order(n))
			l.acked[h.name+fmt.Sprint(" order-", n)] = true
		}
	}
	away := l.house(t, "box-away", 2).start()
	away.end()
	mine, err := ca.Client(program)
	if err != nil {
		t.Fatal(err)
	}
	tool := fleet.Dialer{Brokers: []string{nodes[1].Addr, nodes[2].Addr, nodes[0].Addr}, TLS: mine}
	leave(t, tool, away.order(0))
	l.acked["box-away order-0"] = true

	ctx, cancel := context.WithTimeout(t.Context(), 15*patience)
	defer cancel()
	under, ended := make(chan struct{}), 0 // closed when a part is done
	var results []fleet.Result
	var failed error
	var told sync.WaitGroup
	told.Go(func() {
		results, failed = fleet.Send(ctx, tool, all, func(_ string, a wire.Ack) {
			if a.Phase.Final() {
				ended++
			}
			if a.Phase.Final() && ended == len(all)/4 {
				close(under)
			}
		})
	})
	select {
	case <-under:
	case <-ctx.Done():
		t.Fatal("support hears of no orders")
	}
	if err := nodes[1].Freeze(); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < boxes; i += 3 { // they are at this server, as support is
		houses[i].stuck()
		l.mu.Lock()
		l.acked[houses[i].name+" stuck"] = true
		l.mu.Unlock()
	}
	if err := nodes[1].Kill(); err != nil {
		t.Fatal(err)
	}
	<-watches.lost
	listens(2)
	for i := 1; i < boxes; i += 3 {
		houses[i].back(6 * patience)
	}
	told.Wait()
	if failed != nil {
		t.Error(failed)
	}
	for _, r := range results {
		if !r.Ended() || r.Last.Phase != wire.Succeeded {
			t.Errorf("%s: order %s: given %t, last told %+v", r.Order.Box, r.Order.ID, r.Given, r.Last)
		}
	}
	away.start()
	l.all(t, len(all)+boxes/3+1)
	for _, h := range houses {
		for _, wrong := range h.times(orders) {
			t.Error(wrong)
		}
	}
	for _, wrong := range away.times(1) {
		t.Error(wrong)
	}
}

// leave gives an order to the brokers, once.
func leave(t *testing.T, d fleet.Dialer, o fleet.Order) {
	t.Helper()
	line, err := d.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	if err := line.Publish(t.Context(), "sb/v1/"+o.Box+"/cmd", false, o.Envelope); err != nil {
		t.Fatal(err)
	}
}
