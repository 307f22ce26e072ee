package support_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"syncbox/firmware/internal/support/wire"
)

// broker is one end of MQTT 3.1.1 over pipes, for one box, with a session that is kept. It misbehaves as its fields say.
type broker struct {
	mu       sync.Mutex // protects what follows
	refuse   byte       // answer to CONNECT; 0 = accepted
	away     bool       // nobody listens
	deaf     string     // messages whose topic holds this text are not confirmed
	connects []*packets.ConnectPacket
	subs     []string
	heard    []heard
	waiting  []*packets.PublishPacket // for the box, until it confirms
	number   uint16
	conn     net.Conn // nil without a connection
	clean    bool     // the last connection was ended by DISCONNECT
}

// heard is a message of the box.
type heard struct {
	at       time.Time
	topic    string
	payload  []byte
	retained bool
	qos      byte
}

var errAway = errors.New("connection refused")

// open is what the box dials with.
func (b *broker) open(context.Context) (net.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return nil, errAway
	}
	box, ours := net.Pipe()
	b.conn, b.clean = ours, false
	go b.serve(ours)
	return box, nil
}

func (b *broker) serve(conn net.Conn) {
	out := make(chan packets.ControlPacket, 1000)
	defer close(out)
	go func() {
		for p := range out {
			if p.Write(conn) != nil {
				conn.Close()
			}
		}
	}()
	for {
		p, err := packets.ReadPacket(conn)
		if err != nil {
			b.ended(conn)
			return
		}
		for _, answer := range b.answers(p) {
			out <- answer
		}
	}
}

// ended tells the will of a box that did not say goodbye.
func (b *broker) ended(conn net.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn == conn {
		b.conn = nil
	}
	if c := b.connects[len(b.connects)-1]; !b.clean && c.WillFlag {
		b.heard = append(b.heard, heard{time.Now(), c.WillTopic, c.WillMessage, c.WillRetain, c.WillQos})
	}
}

func (b *broker) answers(p packets.ControlPacket) (all []packets.ControlPacket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch p := p.(type) {
	case *packets.ConnectPacket:
		b.connects = append(b.connects, p)
		a := packets.NewControlPacket(packets.Connack).(*packets.ConnackPacket)
		a.ReturnCode, a.SessionPresent = b.refuse, len(b.connects) > 1
		all = append(all, a)
		for _, m := range b.waiting {
			m.Dup = true
			all = append(all, m)
		}
	case *packets.SubscribePacket:
		b.subs = append(b.subs, strings.Join(p.Topics, " "))
		a := packets.NewControlPacket(packets.Suback).(*packets.SubackPacket)
		a.MessageID, a.ReturnCodes = p.MessageID, p.Qoss
		all = append(all, a)
	case *packets.UnsubscribePacket:
		for _, topic := range p.Topics {
			b.subs = append(b.subs, "-"+topic)
		}
		a := packets.NewControlPacket(packets.Unsuback).(*packets.UnsubackPacket)
		a.MessageID = p.MessageID
		all = append(all, a)
	case *packets.PublishPacket:
		b.heard = append(b.heard, heard{time.Now(), p.TopicName, p.Payload, p.Retain, p.Qos})
		if b.deaf == "" || !strings.Contains(p.TopicName, b.deaf) {
			a := packets.NewControlPacket(packets.Puback).(*packets.PubackPacket)
			a.MessageID = p.MessageID
			all = append(all, a)
		}
	case *packets.PubackPacket:
		for i, m := range b.waiting {
			if m.MessageID == p.MessageID {
				b.waiting = append(b.waiting[:i:i], b.waiting[i+1:]...)
				break
			}
		}
	case *packets.PingreqPacket:
		all = append(all, packets.NewControlPacket(packets.Pingresp))
	case *packets.DisconnectPacket:
		b.clean = true
	}
	return all
}

// send gives the box a message, now or when it comes.
func (b *broker) send(topic string, payload []byte) {
	p := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	b.mu.Lock()
	b.number++
	p.TopicName, p.Payload, p.Qos, p.MessageID = topic, payload, 1, b.number
	b.waiting = append(b.waiting, p)
	conn := b.conn
	b.mu.Unlock()
	if conn != nil {
		p.Write(conn)
	}
}

// drop breaks the connection.
func (b *broker) drop() {
	b.mu.Lock()
	conn := b.conn
	b.mu.Unlock()
	conn.Close()
}

// set changes how it behaves.
func (b *broker) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

// told gives what was heard under a topic that ends so.
func (b *broker) told(end string) (all []heard) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range b.heard {
		if strings.HasSuffix(h.topic, end) {
			all = append(all, h)
		}
	}
	return all
}

// states gives the states that were told, in order.
func (b *broker) states() string {
	var all []string
	for _, h := range b.told("/status") {
		var s wire.Status
		if json.Unmarshal(h.payload, &s) != nil || !h.retained || h.qos != 1 {
			all = append(all, "wrong")
			continue
		}
		all = append(all, string(s.State))
	}
	return strings.Join(all, " ")
}

func (b *broker) left() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)
}

// attempts gives every CONNECT so far.
func (b *broker) attempts() []*packets.ConnectPacket {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.connects)
}

// wasClean says whether the last connection was ended by DISCONNECT.
func (b *broker) wasClean() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clean
}

// listened gives what was subscribed to, and not any more, so far.
func (b *broker) listened() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.subs)
}
