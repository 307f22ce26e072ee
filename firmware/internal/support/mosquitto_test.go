package support_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/brokertest"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

// patience is how long anything may take on a busy machine before a test gives up; no test ends by it that succeeds.
const patience = 20 * time.Second

// backend is support at a real broker.
type backend struct {
	t *testing.T
	mqtt.Client
	heard chan mqtt.Message
}

func newBackend(t *testing.T, addr string, settings *tls.Config) *backend {
	t.Helper()
	b := &backend{t: t, heard: make(chan mqtt.Message, 1000)}
	o := mqtt.NewClientOptions().AddBroker("ssl://" + addr).SetClientID("fleet-backend-1").SetTLSConfig(settings).SetAutoReconnect(false)
	o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { b.heard <- m })
	b.Client = mqtt.NewClient(o)
	b.finished(b.Connect())
	t.Cleanup(func() { b.Disconnect(100) })
	b.finished(b.SubscribeMultiple(map[string]byte{"sb/v1/+/status": 1, "sb/v1/+/ack/+": 1}, nil))
	return b
}

func (b *backend) finished(token mqtt.Token) {
	b.t.Helper()
	if !token.WaitTimeout(patience) || token.Error() != nil {
		b.t.Fatalf("support at the broker: %v", token.Error())
	}
}

// until gives the first message of a topic that holds a text.
func (b *backend) until(topic, text string) mqtt.Message {
	b.t.Helper()
	patient := time.After(patience)
	for {
		select {
		case m := <-b.heard:
			if m.Topic() == topic && strings.Contains(string(m.Payload()), text) {
				return m
			}
		case <-patient:
			b.t.Fatalf("never heard %s of %s", text, topic)
		}
	}
}

// TestWithMosquitto: a box at a real broker, by the recipe that operators use: its status, an order, and its end.
func TestWithMosquitto(t *testing.T) {
	ca, err := brokertest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := brokertest.StartMosquitto(ctx, "../../../testdata/brokers/mosquitto", t.TempDir(), ca)
	brokertest.Need(t, err)
	t.Cleanup(func() { m.Stop() })
	settings := map[string]*tls.Config{}
	for _, name := range []string{"0001", "fleet-backend-1"} {
		if settings[name], err = ca.Client(name); err != nil {
			t.Fatal(err)
		}
	}
	b := newBackend(t, m.Addr, settings["fleet-backend-1"])

	w := newWorld(t)
	if err := w.store.SetStanding(support.Standing{Issued: start.Unix(), SpreadSeq: 1}); err != nil {
		t.Fatal(err)
	}
	first := func(int64) int64 { return 0 }
	dialer := support.NewDialer(func() []string { return []string{m.Addr} }, func() (*tls.Config, error) { return settings["0001"], nil }, first)
	channel := support.New(support.Config{Box: "0001", Open: dialer.Open, Online: func() bool { return true },
		Standing: func() wire.Status { return wire.Status{State: wire.Ready, FW: "1.4.0"} },
		Chance:   first, Desk: w.desk, Store: w.store, Log: slog.New(slog.DiscardHandler)})
	life, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- channel.Run(life) }()

	b.until("sb/v1/0001/status", `"ready"`)
	b.finished(b.Publish("sb/v1/0001/cmd", 1, false, w.issue(order.Sync, `{"job":"north"}`)))
	var a wire.Ack
	if err := json.Unmarshal(b.until("sb/v1/0001/ack/"+id(1), `"succeeded"`).Payload(), &a); err != nil || a.Session != 1 {
		t.Errorf("told %+v, %v", a, err)
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	b.until("sb/v1/0001/status", `"disconnected"`)
	if got := strings.Join(w.did, ","); got != "force north" {
		t.Errorf("did %q", got)
	}
}
