package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/support/brokertest"
)

// helpdesk is support at a broker: it hears all that boxes tell.
type helpdesk struct {
	t        *testing.T
	ctx      context.Context
	maker    *outlet
	broker   *brokertest.Mosquitto
	ca       *brokertest.CA
	identity string // folder of a box that has its certificate
	tls      *tls.Config
	client   mqtt.Client

	mu  sync.Mutex // protects what follows
	got []remark
}

// remark is a message of the box, as far as it is looked at.
type remark struct {
	topic, text string

	ID      string   `json:"id"`
	State   string   `json:"state"`
	Session uint64   `json:"session"`
	Phase   string   `json:"phase"`
	Code    string   `json:"code"`
	Codes   []string `json:"codes"`
	FW      string   `json:"fw"`
	Slot    string   `json:"slot"`
}

func newHelpdesk(t *testing.T, ctx context.Context, m *outlet) *helpdesk {
	t.Helper()
	h := &helpdesk{t: t, ctx: ctx, maker: m, identity: t.TempDir()}
	var err error
	h.ca, err = brokertest.NewCA()
	h.no(err)
	h.tls, err = h.ca.Client("fleet-backend-1")
	h.no(err)
	h.broker, err = brokertest.StartMosquitto(ctx, "../../../testdata/brokers/mosquitto", t.TempDir(), h.ca)
	brokertest.Need(t, err)
	t.Cleanup(func() { h.no(h.broker.Stop()) })
	h.no(h.ca.WriteBox(h.identity, farBox)) // after the broker's, which a box without the time does not believe if it is newer
	h.connect()
	return h
}

func (h *helpdesk) no(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// address is that of the broker, for a box in QEMU.
func (h *helpdesk) address() string {
	_, port, err := net.SplitHostPort(h.broker.Addr)
	h.no(err)
	return "mqtts://" + net.JoinHostPort(sitetest.Server, port)
}

func (h *helpdesk) connect() {
	h.t.Helper()
	o := mqtt.NewClientOptions().AddBroker("ssl://" + h.broker.Addr).SetClientID("fleet-backend-1").SetTLSConfig(h.tls).SetAutoReconnect(false)
	o.SetDefaultPublishHandler(h.hear)
	h.client = mqtt.NewClient(o)
	h.done(h.client.Connect())
	h.done(h.client.SubscribeMultiple(map[string]byte{"sb/v1/+/status": 1, "sb/v1/+/ack/+": 1, "sb/v1/+/evt/+": 1}, nil))
	h.t.Cleanup(func() { h.client.Disconnect(100) })
}

func (h *helpdesk) done(token mqtt.Token) {
	h.t.Helper()
	if !token.WaitTimeout(patience) || token.Error() != nil {
		h.t.Fatalf("support at the broker: %v", token.Error())
	}
}

func (h *helpdesk) hear(_ mqtt.Client, m mqtt.Message) {
	one := remark{topic: m.Topic(), text: string(m.Payload())}
	if err := json.Unmarshal(m.Payload(), &one); err != nil || len(m.Payload()) > 4096 {
		h.t.Errorf("%s: %d bytes, %v", m.Topic(), len(m.Payload()), err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, one)
}

// all gives what was told with that end of a topic.
func (h *helpdesk) all(topic string) (of []remark) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.got {
		if strings.HasSuffix(m.topic, topic) {
			of = append(of, m)
		}
	}
	return of
}

func (h *helpdesk) last(topic string) remark {
	if all := h.all(topic); len(all) > 0 {
		return all[len(all)-1]
	}
	return remark{}
}

func (h *helpdesk) status(state string) bool { return h.last("/"+farBox+"/status").State == state }

// there waits for a status of a box that is connected and has started after a session, and gives the session.
func (h *helpdesk) there(after uint64) uint64 {
	h.t.Helper()
	begin := time.Now()
	h.until(fmt.Sprintf("a status after session %d", after), func() bool {
		return h.last("/status").Session > after && (h.status("ready") || h.status("degraded"))
	})
	h.t.Logf("status after %.1f s", time.Since(begin).Seconds())
	return h.last("/status").Session
}

func (h *helpdesk) heard(topic, text string) bool {
	return slices.ContainsFunc(h.all(topic), func(m remark) bool { return strings.Contains(m.text, text) })
}

// acked counts the answers of a phase.
func (h *helpdesk) acked(phase string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.got {
		if strings.Contains(m.topic, "/ack/") && m.Phase == phase {
			n++
		}
	}
	return n
}

// phases gives what was told of an order, without what was told twice in a row.
func (h *helpdesk) phases(id string) (all []string) {
	for _, m := range h.all("/ack/" + id) {
		if len(all) == 0 || all[len(all)-1] != m.Phase {
			all = append(all, m.Phase)
		}
	}
	return all
}

// ended says whether an order came to an end that a power cut leaves: it was done, or it is not known.
func (h *helpdesk) ended(id string) bool {
	last := h.last("/ack/" + id)
	return last.Phase == "succeeded" || last.Phase == "failed" && last.Code == "order-interrupted"
}

// count counts how often the end of an order was told.
func (h *helpdesk) count(id string) (n int) {
	for _, m := range h.all("/ack/" + id) {
		if m.Phase == "succeeded" || m.Phase == "failed" || m.Phase == "rejected" {
			n++
		}
	}
	return n
}

func (h *helpdesk) until(what string, so func() bool) {
	h.t.Helper()
	end := time.Now().Add(2 * patience)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-h.ctx.Done():
			h.t.Fatalf("waiting for %s: %v; told was %+v", what, h.ctx.Err(), h.all(""))
		}
		if time.Now().After(end) {
			h.t.Fatalf("waiting for %s in vain; told was %+v", what, h.all(""))
		}
	}
}

// silent makes sure that nothing of the customer's was told, in all that the broker saw of the box: so many messages at least.
func (h *helpdesk) silent(kept planted, least int) {
	h.t.Helper()
	for _, m := range h.all("") {
		for _, s := range append(kept.secrets, kept.private...) {
			for _, form := range forms(s) {
				if strings.Contains(m.text, form) {
					h.t.Errorf("%s tells a secret, or a customer", m.topic)
				}
			}
		}
	}
	if n := len(h.all("")); n < least {
		h.t.Errorf("only %d messages were looked through", n)
	}
}
