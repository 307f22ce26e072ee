package takeover_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/brokertest"
)

// real is a box that reaches its broker by TLS, with its memory in a real file. It does not wait before it comes.
func real(t testing.TB, addr string, settings *tls.Config) *box {
	t.Helper()
	first := func(int64) int64 { return 0 }
	dialer := support.NewDialer(func() []string { return []string{addr} }, func() (*tls.Config, error) { return settings, nil }, first)
	s, lost, err := support.OpenFile(filepath.Join(t.TempDir(), "support.db"))
	if err != nil || lost != nil {
		t.Fatal(err, lost)
	}
	x := &box{t: t, broker: newBroker(time.Now), open: dialer.Open, trusted: true, store: s}
	x.deeds = &deeds{clock: x.clock, now: time.Now}
	x.run(first)
	t.Cleanup(func() {
		x.end()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// TestTLS: the same by TLS on loopback: an honest order, forgeries, and one more.
func TestTLS(t *testing.T) {
	ca := newAuthority(t, time.Now())
	b := newBroker(time.Now)
	addr := b.listen(t, ca.server(t))
	x := real(t, addr, ca.client(t, boxName))
	x.broker = b
	x.connected()
	x.works()
	for i, f := range forgeries(time.Now(), x.n)[:60] {
		b.inject(boxName, message{topic: topicCmd, payload: f.payload, qos: 1, id: uint16(30000 + i)})
	}
	x.works()
	x.only()
}

// TestImpostor: to a broker with a certificate of somebody else the box tells nothing, not even its name.
func TestImpostor(t *testing.T) {
	ca, other := newAuthority(t, time.Now()), newAuthority(t, time.Now())
	b := newBroker(time.Now)
	shown := 0
	server := other.server(t)
	server.ClientAuth = tls.RequestClientCert
	server.VerifyConnection = func(tls.ConnectionState) error { shown++; return nil }
	addr := b.listen(t, server)
	dialer := support.NewDialer(func() []string { return []string{addr} }, func() (*tls.Config, error) { return ca.client(t, boxName), nil },
		func(int64) int64 { return 0 })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if conn, err := dialer.Open(ctx); err == nil {
		conn.Close()
		t.Error("connected")
	}
	b.close()
	if len(b.sessions) > 0 || len(b.heard) > 0 || shown > 0 {
		t.Errorf("told: %d sessions, %d messages, %d certificates", len(b.sessions), len(b.heard), shown)
	}
}

// BenchmarkAck: from the sending of an order to its acknowledgement, which the box tells once the order is durable, by a
// real mosquitto and a real file. Apart are orders that find the outbox at rest, in a row those that come at once after
// the acknowledgement of the one before. A 99th percentile needs some hundred of them, and "apart" takes more than a second
// each:
//
//	go test ./firmware/internal/support/takeover -run '^$' -bench Ack -benchtime 300x -timeout 20m
func BenchmarkAck(b *testing.B) {
	for _, how := range []struct {
		name string
		rest time.Duration // a little more than the outbox's pace
	}{{"apart", 1100 * time.Millisecond}, {"in-a-row", 2 * time.Millisecond}} {
		b.Run(how.name, func(b *testing.B) {
			p := newPost(b)
			x := real(b, p.addr, p.box)
			p.until(b, topicStatus, `"session"`)
			var took []time.Duration
			for b.Loop() {
				d := newDraft(time.Now(), x.n(), "identify", "ops", nil)
				id := d["id"].(string)
				begin := time.Now()
				p.client.Publish(topicCmd, 1, false, d.signed(keyOps))
				first := p.until(b, topicAck+id, `"`)
				took = append(took, time.Since(begin))
				if how.name == "apart" && !strings.Contains(first, "succeeded") { // on a busy machine that may be told at once
					p.until(b, topicAck+id, "succeeded")
				}
				time.Sleep(how.rest)
			}
			slices.Sort(took)
			for _, q := range []struct {
				name  string
				share float64
				least int // of samples, below which it would only be the slowest one by another name
			}{{"p50", 0.5, 1}, {"p99", 0.99, 100}, {"max", 1, 1}} {
				if len(took) < q.least {
					continue
				}
				ms := float64(took[int(math.Ceil(q.share*float64(len(took))))-1].Microseconds()) / 1000
				b.ReportMetric(ms, q.name+"-ms")
				fmt.Printf("\ncommand_to_durable_ack_%s_%s %.1f ms samples=%d\n", how.name, q.name, ms, len(took))
			}
		})
	}
}

// post is support at a real mosquitto.
type post struct {
	addr   string
	box    *tls.Config // of the box
	client mqtt.Client
	heard  chan mqtt.Message
}

func newPost(t testing.TB) *post {
	t.Helper()
	ca, err := brokertest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	m, err := brokertest.StartMosquitto(patient(t), "../../../../testdata/brokers/mosquitto", t.TempDir(), ca)
	brokertest.Need(t, err)
	t.Cleanup(func() { m.Stop() })
	p := &post{addr: m.Addr, heard: make(chan mqtt.Message, 1000)}
	if p.box, err = ca.Client(boxName); err != nil {
		t.Fatal(err)
	}
	mine, err := ca.Client("fleet-backend-1")
	if err != nil {
		t.Fatal(err)
	}
	o := mqtt.NewClientOptions().AddBroker("ssl://" + m.Addr).SetClientID("fleet-backend-1").SetTLSConfig(mine).SetAutoReconnect(false)
	o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { p.heard <- m })
	p.client = mqtt.NewClient(o)
	for _, ask := range []func() mqtt.Token{p.client.Connect, func() mqtt.Token { return p.client.Subscribe("sb/v1/+/#", 1, nil) }} {
		if token := ask(); !token.WaitTimeout(patience) || token.Error() != nil {
			t.Fatal(token.Error())
		}
	}
	t.Cleanup(func() { p.client.Disconnect(100) })
	return p
}

// until waits for a message of a topic that holds a text, and gives it.
func (p *post) until(t testing.TB, topic, text string) string {
	t.Helper()
	for {
		select {
		case m := <-p.heard:
			if m.Topic() == topic && strings.Contains(string(m.Payload()), text) {
				return string(m.Payload())
			}
		case <-time.After(patience):
			t.Fatalf("never heard %s on %s", text, topic)
		}
	}
}
