package fleettest

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// Box is a simulated box. Its fields are set before Join.
type Box struct {
	Name    string
	FW      string
	Group   string // "" for none
	Session int
	// Answer gives what the box says of an order, one after the other, as the rest of the JSON object behind the id:
	// `"phase":"succeeded"`. Nil is a box that takes all and does it.
	Answer func(op string, args json.RawMessage) []string
	// Bad: every release fails here.
	Bad bool
	// Deaf: it hears what it is told, and says nothing of it.
	Deaf bool
	// Misses is how many messages the broker loses on their way to it.
	Misses int

	client mqtt.Client

	mu    sync.Mutex // protects what follows
	known map[string]string
	tried string   // image that failed here
	ops   []string // that came, in order, each once
}

// patience is how long the broker may take on a busy machine.
const patience = 20 * time.Second

var errPatience = errors.New("no answer of the broker")

func done(t mqtt.Token) error {
	if !t.WaitTimeout(patience) {
		return errPatience
	}
	return t.Error()
}

// Join connects the box, tells its status and listens.
func (b *Box) Join(address string, tls *tls.Config) error {
	b.known = map[string]string{}
	o := mqtt.NewClientOptions().AddBroker("ssl://" + address).SetClientID(b.Name).SetTLSConfig(tls).SetProtocolVersion(4)
	o.SetCleanSession(false).SetAutoReconnect(false).SetConnectRetry(false).SetConnectTimeout(patience)
	// Answers are published from a goroutine of their own: the handler must not wait.
	o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { go b.hear(m.Payload()) })
	o.SetBinaryWill("sb/v1/"+b.Name+"/status", fmt.Appendf(nil, `{"state":"lost","session":%d}`, b.Session), 1, true)
	b.client = mqtt.NewClient(o)
	if err := done(b.client.Connect()); err != nil {
		return err
	}
	if err := b.Tell("ready", ""); err != nil {
		return err
	}
	topics := map[string]byte{"sb/v1/" + b.Name + "/cmd": 1, "sb/v1/" + b.Name + "/desired": 1}
	if b.Group != "" {
		topics["sb/v1/fleet/"+b.Group] = 1
	}
	return done(b.client.SubscribeMultiple(topics, nil))
}

// Tell tells the status; more is added to its JSON, behind a comma.
func (b *Box) Tell(state, more string) error {
	b.mu.Lock()
	version := b.FW
	b.mu.Unlock()
	return b.Say("status", true, fmt.Sprintf(`{"state":%q,"session":%d,"fw":%q,"slot":"a","up":60,"ts":1795338000%s}`, state, b.Session, version, more))
}

// Say publishes anything below the box's own topics.
func (b *Box) Say(topic string, retained bool, text string) error {
	return done(b.client.Publish("sb/v1/"+b.Name+"/"+topic, 1, retained, text))
}

// Leave ends the connection: in order, or as if the power had gone.
func (b *Box) Leave(inOrder bool) error {
	if !inOrder { // what the broker would publish
		if err := b.Say("status", true, fmt.Sprintf(`{"state":"lost","session":%d}`, b.Session)); err != nil {
			return err
		}
	}
	b.client.Disconnect(100)
	return nil
}

// Ops gives the ops of the orders that came, in order, each order once.
func (b *Box) Ops() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.ops...)
}

// sealed is an order.
type sealed struct {
	ID, To, Op string
	Args       json.RawMessage
}

func open(envelope []byte) (o sealed, ok bool) {
	var e struct{ Payload string }
	if json.Unmarshal(envelope, &e) != nil {
		return o, false
	}
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	return o, err == nil && json.Unmarshal(payload, &o) == nil
}

func (b *Box) hear(envelope []byte) {
	o, ok := open(envelope)
	if !ok || b.Deaf {
		return
	}
	b.mu.Lock()
	if b.Misses > 0 {
		b.Misses--
		b.mu.Unlock()
		return
	}
	last, known := b.known[o.ID]
	if !known {
		b.ops = append(b.ops, o.Op)
		b.known[o.ID] = ""
	}
	b.mu.Unlock()
	switch {
	case known && last != "":
		b.ack(o, last)
	case known:
	case o.Op == "rollout":
		b.wave(o)
	default:
		b.follow(o)
	}
}

// follow does what an order asks for.
func (b *Box) follow(o sealed) {
	switch {
	case b.Answer != nil:
		for _, text := range b.Answer(o.Op, o.Args) {
			b.ack(o, text)
		}
	case o.Op == "desired" || o.Op == "rollout":
		b.install(o)
	default:
		b.ack(o, `"phase":"accepted"`)
		b.ack(o, `"phase":"succeeded"`)
	}
}

func (b *Box) ack(o sealed, text string) {
	b.mu.Lock()
	b.known[o.ID] = text
	b.mu.Unlock()
	// A broker that is gone is the test's affair.
	b.Say("ack/"+o.ID, false, fmt.Sprintf(`{"id":%q,"op":%q,%s,"explain":"words","ts":1795338000,"session":%d}`, o.ID, o.Op, text, b.Session))
}

// wave follows the fleet's document if this box is among those that it is for.
func (b *Box) wave(o sealed) {
	var wave struct {
		Percent uint64
		Salt    string
		SHA256  string
	}
	if json.Unmarshal(o.Args, &wave) != nil {
		return
	}
	sum := sha256.Sum256([]byte(wave.Salt + "\x00" + b.Name))
	b.mu.Lock()
	apart := binary.BigEndian.Uint64(sum[:8])%100 >= wave.Percent || b.tried == wave.SHA256
	b.mu.Unlock()
	if apart {
		return
	}
	b.follow(o)
}

// install is what becomes of a release.
func (b *Box) install(o sealed) {
	var target struct{ Version, SHA256 string }
	if json.Unmarshal(o.Args, &target) != nil {
		b.ack(o, `"phase":"rejected","code":"bad-args"`)
		return
	}
	for _, text := range []string{`"phase":"accepted"`, `"phase":"running","done":50`, `"phase":"rebooting"`} {
		b.ack(o, text)
	}
	if b.Bad {
		b.mu.Lock()
		b.tried = target.SHA256
		b.mu.Unlock()
		b.ack(o, `"phase":"rolled_back","code":"update-check-failed"`)
		return
	}
	b.mu.Lock()
	b.FW = target.Version
	b.mu.Unlock()
	b.Tell("ready", "")
	b.ack(o, `"phase":"succeeded"`)
}
