package brokertest_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/support/brokertest"
	"syncbox/firmware/internal/support/reconnect"
)

// cluster starts three NATS servers until the end of the test.
func cluster(t *testing.T, boxes []string) ([]*brokertest.NATS, *brokertest.CA) {
	t.Helper()
	ca, err := brokertest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // on a machine that has never built the server
	defer cancel()
	nodes, err := brokertest.StartNATS(ctx, "natsserver", recipes+"nats", t.TempDir(), ca, boxes)
	brokertest.Need(t, err)
	t.Cleanup(func() {
		for _, n := range nodes {
			if t.Failed() {
				t.Log(n.Log())
			}
		}
		if err := brokertest.StopNATS(nodes); err != nil {
			t.Error(err)
		}
	})
	// The first client of all has the servers agree on where they keep what they are to keep; on a busy machine they send away
	// whoever comes before that is done.
	(&load{ca: ca, nodes: nodes}).come(t, program, 0, func(o *mqtt.ClientOptions) { o.SetCleanSession(true) }).Disconnect(250)
	return nodes, ca
}

// TestNATSIsolation is the table of TestMosquittoIsolation.
func TestNATSIsolation(t *testing.T) {
	var boxes []string
	for i := range attempts {
		boxes = append(boxes, fmt.Sprintf("box-%02da", i), fmt.Sprintf("box-%02db", i))
	}
	nodes, ca := cluster(t, boxes)
	for i, a := range attempts {
		t.Run(a.name, func(t *testing.T) {
			tr := trial{site{nodes[i%3].Addr, ca}, boxes[2*i], boxes[2*i+1]}
			if got := a.try(t, tr); got != a.nats {
				t.Errorf("got %s, want %s", got, a.nats)
			}
		})
	}
}

// TestNATSInternals: what the servers keep in streams of their own is out of a box's reach.
func TestNATSInternals(t *testing.T) {
	nodes, ca := cluster(t, []string{"box-0001", "box-0002"})
	s := site{nodes[0].Addr, ca}
	back, intruder := s.join(t, program), s.join(t, "box-0002")
	if err := back.finished(back.Publish("sb/v1/box-0001/desired", 1, true, "as it shall be")); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []string{"$MQTT_rmsgs", "$MQTT_msgs", "$MQTT_sess"} {
		for _, order := range []string{"DELETE", "PURGE"} {
			intruder.finished(intruder.Publish("$JS/API/STREAM/"+order+"/"+stream, 1, false, ""))
		}
	}
	box := s.join(t, "box-0001")
	box.listen(t, "sb/v1/box-0001/desired")
	if before := box.until(t, "as it shall be"); len(before) > 0 {
		t.Errorf("heard %q before", before)
	}
}

// TestNATSTakeover: what a box that gives another one's name as its client id can do, from another server of the cluster
// as well: throw it out, but neither hear what is meant for it nor take away what waits for it.
func TestNATSTakeover(t *testing.T) {
	nodes, ca := cluster(t, []string{"box-0001", "box-0002", "box-0003"})
	near, far := site{nodes[0].Addr, ca}, site{nodes[1].Addr, ca}
	back, victim := near.join(t, program), near.join(t, "box-0001")
	victim.listen(t, "sb/v1/box-0001/cmd")
	intruder := far.join(t, "box-0002", id("box-0001"))
	select {
	case <-victim.lost:
	case <-time.After(patience):
		t.Fatal("the other one stays: the guide says otherwise")
	}
	back.say(t, "sb/v1/box-0001/cmd", "while the other one was there")
	intruder.listen(t, "sb/v1/box-0002/cmd")
	back.say(t, "sb/v1/box-0002/cmd", "for the intruder")
	if heard := intruder.until(t, "for the intruder"); len(heard) > 0 {
		t.Errorf("the intruder hears %q", heard)
	}
	intruder.Disconnect(0)
	victim = (&load{ca: ca, nodes: nodes}).come(t, "box-0001", 0) // the servers hold off for a second who came in a quarrel
	victim.listen(t, "sb/v1/box-0001/cmd")
	back.say(t, "sb/v1/box-0001/cmd", "now")
	if heard := victim.until(t, "now"); !slices.Contains(heard, "while the other one was there") {
		t.Errorf("the box that is back hears only %q of what waited for it", heard)
	}
}

// TestNATSNative: the servers' own protocol, too, wants a certificate: the users have no passwords.
func TestNATSNative(t *testing.T) {
	nodes, ca := cluster(t, []string{"box-0001"})
	conn, err := net.Dial("tcp", nodes[0].Native)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	greeting, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"tls_required":true`, `"tls_verify":true`} {
		if !strings.Contains(greeting, want) {
			t.Errorf("greets with %q, want %s", greeting, want)
		}
	}
	trust := ca.Stranger()
	trust.ServerName = "localhost"
	stranger := tls.Client(conn, trust)
	stranger.SetDeadline(time.Now().Add(patience))
	if _, err = stranger.Read(make([]byte, 1)); reconnect.CauseOf(err) != reconnect.Refused {
		t.Errorf("without a certificate: got %v, want a refusal", err)
	}
}

// TestNATSShutsOut: a box without a line is thrown out once the servers have read their files again, and waits long.
func TestNATSShutsOut(t *testing.T) {
	nodes, ca := cluster(t, []string{"box-0001", "box-0002"})
	s := site{nodes[0].Addr, ca}
	stays, goes := s.join(t, "box-0001"), s.join(t, "box-0002")
	for _, n := range nodes {
		if err := n.Allow([]string{"box-0001"}); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-goes.lost:
	case <-time.After(patience):
		t.Fatal("still connected")
	}
	certificate, err := ca.Client("box-0002")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connect(s.addr, "box-0002", certificate); reconnect.CauseOf(err) != reconnect.Refused {
		t.Errorf("connects again: got %v, want a refusal", err)
	}
	if !stays.listen(t, "sb/v1/box-0001/cmd") {
		t.Error("the other box may not hear its commands any more")
	}
}
