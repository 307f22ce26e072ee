package takeover_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Kinds of packets, MQTT 3.1.1 §2.2.1.
const (
	pktConnect = 1 + iota
	pktConnack
	pktPublish
	pktPuback
	_
	_
	_
	pktSubscribe
	pktSuback
	pktUnsubscribe
	pktUnsuback
	pktPingreq
	pktPingresp
	pktDisconnect
)

// packet is one control packet: kind, the four bits beside it, and what follows the length.
type packet struct {
	kind, flags byte
	body        []byte
}

func (p packet) bytes() []byte {
	b := []byte{p.kind<<4 | p.flags}
	for n := len(p.body); ; {
		digit := byte(n % 128)
		if n /= 128; n > 0 {
			digit |= 128
		}
		b = append(b, digit)
		if n == 0 {
			return append(b, p.body...)
		}
	}
}

// maxPacket bounds what a client may send; the contract allows messages of 4 kB.
const maxPacket = 64 << 10

func readPacket(r io.Reader) (packet, error) {
	var one [1]byte
	if _, err := io.ReadFull(r, one[:]); err != nil {
		return packet{}, err
	}
	p := packet{kind: one[0] >> 4, flags: one[0] & 15}
	length := 0
	for shift := 0; ; shift += 7 {
		if _, err := io.ReadFull(r, one[:]); err != nil {
			return packet{}, err
		}
		length |= int(one[0]&127) << shift
		if one[0]&128 == 0 {
			break
		}
		if shift == 21 {
			return packet{}, errors.New("length of a packet has five digits")
		}
	}
	if length > maxPacket {
		return packet{}, fmt.Errorf("packet of %d bytes", length)
	}
	p.body = make([]byte, length)
	_, err := io.ReadFull(r, p.body)
	return p, err
}

// message is a PUBLISH, or a will.
type message struct {
	topic       string
	payload     []byte
	qos         byte
	retain, dup bool
	id          uint16 // where qos is not 0
}

func (m message) packet() packet {
	body := str(m.topic)
	if m.qos > 0 {
		body = binary.BigEndian.AppendUint16(body, m.id)
	}
	return packet{pktPublish, bit(m.dup)<<3 | m.qos<<1 | bit(m.retain), append(body, m.payload...)}
}

// hello is a CONNECT.
type hello struct {
	id, user  string
	clean     bool
	keepAlive uint16 // seconds
	will      *message
}

// fields reads a packet's body field by field; after the first that is missing, all are empty.
type fields struct {
	rest []byte
	bad  bool
}

func (f *fields) take(n int) []byte {
	if f.bad || len(f.rest) < n {
		f.bad = true
		return make([]byte, n)
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fields) byte() byte     { return f.take(1)[0] }
func (f *fields) number() uint16 { return binary.BigEndian.Uint16(f.take(2)) }
func (f *fields) text() string   { return string(f.take(int(f.number()))) }
func (f *fields) err(what string) error {
	if f.bad {
		return fmt.Errorf("%s ends early", what)
	}
	return nil
}

func parseHello(p packet) (hello, error) {
	f := fields{rest: p.body}
	if name, level := f.text(), f.byte(); name != "MQTT" || level != 4 {
		return hello{}, fmt.Errorf("protocol %q, level %d, want MQTT 3.1.1", name, level)
	}
	flags := f.byte()
	h := hello{clean: flags&2 != 0, keepAlive: f.number(), id: f.text()}
	if flags&4 != 0 {
		h.will = &message{topic: f.text(), payload: []byte(f.text()), qos: flags >> 3 & 3, retain: flags&32 != 0}
	}
	if flags&128 != 0 {
		h.user = f.text()
	}
	return h, f.err("CONNECT")
}

func parseMessage(p packet) (message, error) {
	f := fields{rest: p.body}
	m := message{topic: f.text(), qos: p.flags >> 1 & 3, retain: p.flags&1 != 0, dup: p.flags&8 != 0}
	if m.qos > 0 {
		m.id = f.number()
	}
	m.payload = f.rest
	return m, f.err("PUBLISH")
}

// parseFilters reads SUBSCRIBE, or UNSUBSCRIBE, which has no QoS.
func parseFilters(p packet) (id uint16, filters []string, err error) {
	f := fields{rest: p.body}
	id = f.number()
	for len(f.rest) > 0 && !f.bad {
		filters = append(filters, f.text())
		if p.kind == pktSubscribe {
			f.byte()
		}
	}
	return id, filters, f.err("SUBSCRIBE")
}

func str(s string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...)
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func withID(kind byte, id uint16, more ...byte) packet {
	return packet{kind: kind, body: append(binary.BigEndian.AppendUint16(nil, id), more...)}
}

func byteReader(b []byte) io.Reader { return bytes.NewReader(b) }
