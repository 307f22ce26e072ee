package takeover_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// script is what the broker does other than it should; each field may be nil, and is then not asked. They are called with
// the broker's lock held.
type script struct {
	// welcome decides about the n-th connection (from 0) before a byte of it is read.
	welcome func(n int) welcome
	// answer decides about a message of a client.
	answer func(m message) answer
	// deaf says that an acknowledgement of a client is not heard, so that its message will come once more.
	deaf func(m message) bool
	// mute has the broker read and say nothing, on connections that stay open: the other end of a dead line.
	mute bool
	// reorder changes the order of what waits for a client that has come back.
	reorder func(waiting []message)
}

// welcome is how a connection is received.
type welcome struct {
	cutAfter int  // the connection is closed after so many bytes from the client; 0 is never
	shut     int  // the same for those from the broker
	code     byte // of CONNACK; not 0 refuses
	silent   bool // CONNECT gets no answer, and nothing after it
	forget   bool // the session that there was is lost
	lie      bool // says that there is a session, and has none
}

// answer is what becomes of a message.
type answer int

const (
	keep      answer = iota // it is kept and acknowledged
	forget                  // it is acknowledged and lost
	silence                 // it is lost, and not acknowledged
	cutBefore               // it is lost, and the connection with it
	cutAfter                // it is kept, and the connection breaks before the acknowledgement
)

// broker is an MQTT 3.1.1 broker for boxes, honest but for its script.
type broker struct {
	now func() time.Time

	mu       sync.Mutex // guards all below
	script   script
	sessions map[string]*session
	retained map[string]message
	heard    []heard
	came     int           // connections
	changed  chan struct{} // closed when something has happened
	open     map[net.Conn]bool
	closed   bool
	running  sync.WaitGroup
}

// session is what the broker knows of a client.
type session struct {
	hello   hello
	link    *link // nil while it is away
	filters []string
	waiting []message // QoS 1, not acknowledged; those that were sent have an id
	nextID  uint16
}

// link is one connection of a client.
type link struct {
	broker  *broker
	conn    net.Conn
	number  int
	hello   hello
	out     chan packet // never blocks the broker: who doesn't read is cut
	gone    bool
	mourned bool // its will was published
}

// heard is a message that came from a client.
type heard struct {
	at     time.Time
	from   string
	kept   bool
	by     answer
	will   bool
	number int // of the connection
	message
}

func newBroker(now func() time.Time) *broker {
	return &broker{now: now, sessions: map[string]*session{}, retained: map[string]message{}, changed: make(chan struct{}), open: map[net.Conn]bool{}}
}

// follow gives the broker another script.
func (b *broker) follow(s script) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.script = s
}

// event wakes up who waits. The lock is held.
func (b *broker) event() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// await waits until a condition holds, which is asked with the lock held whenever something has happened.
func (b *broker) await(ctx context.Context, holds func() bool) error {
	for {
		b.mu.Lock()
		done, changed := holds(), b.changed
		b.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waited in vain: %w", context.Cause(ctx))
		}
	}
}

// serve takes a connection and returns when it has ended.
func (b *broker) serve(conn net.Conn) {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		conn.Close()
		return
	}
	number := b.came
	b.came++
	var w welcome
	if b.script.welcome != nil {
		w = b.script.welcome(number)
	}
	raw := conn
	b.open[raw] = true
	b.running.Add(1)
	b.event()
	b.mu.Unlock()
	defer b.running.Done()
	defer func() {
		conn.Close()
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.open, raw)
		b.event()
	}()
	in := bufio.NewReader(conn)
	if w.cutAfter > 0 {
		in = bufio.NewReaderSize(&cutter{conn, w.cutAfter}, 16)
	}
	p, err := readPacket(in)
	if err != nil || p.kind != pktConnect {
		return
	}
	h, err := parseHello(p)
	if err != nil {
		return
	}
	if w.shut > 0 {
		conn = &shutter{conn, w.shut}
	}
	if w.silent {
		for err == nil {
			_, err = readPacket(in)
		}
		return
	}
	if w.code != 0 {
		conn.Write(packet{kind: pktConnack, body: []byte{0, w.code}}.bytes())
		return
	}
	b.talk(number, conn, in, h, w)
}

// cutter closes a connection after so many bytes.
type cutter struct {
	conn net.Conn
	left int
}

func (c *cutter) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, net.ErrClosed
	}
	n, err := c.conn.Read(p[:min(len(p), c.left)])
	if c.left -= n; c.left == 0 {
		c.conn.Close()
	}
	return n, err
}

// shutter closes a connection after so many bytes of the broker.
type shutter struct {
	net.Conn
	left int
}

func (s *shutter) Write(p []byte) (int, error) {
	if s.left == 0 {
		return 0, net.ErrClosed
	}
	n, err := s.Conn.Write(p[:min(len(p), s.left)])
	if s.left -= n; s.left == 0 {
		s.Conn.Close()
		return n, net.ErrClosed
	}
	return n, err
}

// talk serves a client that was let in.
func (b *broker) talk(number int, conn net.Conn, in *bufio.Reader, h hello, w welcome) {
	l := &link{broker: b, conn: conn, number: number, hello: h, out: make(chan packet, 4096)}
	s := b.enter(l, w)
	written := make(chan struct{})
	go func() {
		defer close(written)
		for p := range l.out {
			if _, err := conn.Write(p.bytes()); err != nil {
				conn.Close()
			}
		}
	}()
	good := false
	for {
		p, err := readPacket(in)
		if err != nil {
			break
		}
		b.mu.Lock()
		good = p.kind == pktDisconnect
		cut := !b.script.mute && b.handle(s, l, p) || good
		b.event()
		b.mu.Unlock()
		if cut {
			break
		}
	}
	b.leave(s, l, good)
	conn.Close()
	<-written
}

// enter begins a client's connection: one that it still has is cut, as MQTT asks (§3.1.4).
func (b *broker) enter(l *link, w welcome) *session {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := l.hello
	s := b.sessions[h.id]
	if s != nil && s.link != nil {
		s.link.drop()
		b.mourn(s.link)
	}
	present := s != nil && !h.clean && !w.forget
	if !present {
		s = &session{}
		b.sessions[h.id] = s
	}
	s.hello, s.link = h, l
	l.send(packet{kind: pktConnack, body: []byte{bit(present || w.lie), 0}})
	if b.script.reorder != nil {
		b.script.reorder(s.waiting)
	}
	for i := range s.waiting {
		s.waiting[i].dup = s.waiting[i].id != 0
		s.transmit(&s.waiting[i])
	}
	b.event()
	return s
}

func (l *link) send(p packet) {
	if l.gone || l.broker.script.mute {
		return
	}
	select {
	case l.out <- p:
	default:
		l.drop()
	}
}

// drop closes a connection; the broker's lock is held.
func (l *link) drop() {
	if !l.gone {
		l.gone = true
		close(l.out)
		l.conn.Close()
	}
}

// leave ends a client's connection and publishes its will unless it said good-bye.
func (b *broker) leave(s *session, l *link, good bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.drop()
	if s.link == l {
		s.link = nil
	}
	if !good {
		b.mourn(l)
	}
	b.event()
}

// mourn publishes the will of a connection.
func (b *broker) mourn(l *link) {
	if l.mourned || l.hello.will == nil {
		return
	}
	l.mourned = true
	will := *l.hello.will
	b.heard = append(b.heard, heard{at: b.now(), from: l.hello.id, kept: true, will: true, number: l.number, message: will})
	if will.retain {
		b.retained[will.topic] = will
	}
}

// handle does what a packet asks for; cut says that the connection ends.
func (b *broker) handle(s *session, l *link, p packet) (cut bool) {
	switch p.kind {
	case pktPublish:
		m, err := parseMessage(p)
		return err != nil || b.published(s, l, m)
	case pktPuback:
		id := (&fields{rest: p.body}).number()
		i := slices.IndexFunc(s.waiting, func(m message) bool { return m.id == id })
		if i >= 0 && (b.script.deaf == nil || !b.script.deaf(s.waiting[i])) {
			s.waiting = slices.Delete(s.waiting, i, i+1)
		}
	case pktSubscribe:
		id, filters, err := parseFilters(p)
		if err != nil {
			return true
		}
		l.send(withID(pktSuback, id, slices.Repeat([]byte{1}, len(filters))...))
		for _, f := range filters {
			if !slices.Contains(s.filters, f) {
				s.filters = append(s.filters, f)
			}
			if m, ok := b.retained[f]; ok {
				b.queue(s, m)
			}
		}
	case pktUnsubscribe:
		id, filters, err := parseFilters(p)
		if err != nil {
			return true
		}
		s.filters = slices.DeleteFunc(s.filters, func(f string) bool { return slices.Contains(filters, f) })
		l.send(withID(pktUnsuback, id))
	case pktPingreq:
		l.send(packet{kind: pktPingresp})
	}
	return false
}

// published takes a message of a client.
func (b *broker) published(s *session, l *link, m message) (cut bool) {
	fate := keep
	if b.script.answer != nil {
		fate = b.script.answer(m)
	}
	kept := fate == keep || fate == cutAfter
	m.payload = slices.Clone(m.payload)
	b.heard = append(b.heard, heard{at: b.now(), from: s.hello.id, kept: kept, by: fate, number: l.number, message: m})
	if kept && m.retain {
		b.retained[m.topic] = m
		if len(m.payload) == 0 {
			delete(b.retained, m.topic)
		}
	}
	if m.qos == 1 && (fate == keep || fate == forget) {
		l.send(withID(pktPuback, m.id))
	}
	return fate == cutBefore || fate == cutAfter
}

// queue has a message wait for a client, and sends it if he is there.
func (b *broker) queue(s *session, m message) {
	m.id, m.dup, m.qos = 0, false, 1
	s.waiting = append(s.waiting, m)
	s.transmit(&s.waiting[len(s.waiting)-1])
}

func (s *session) transmit(m *message) {
	if s.link == nil {
		return
	}
	if m.id == 0 {
		s.nextID = s.nextID%20000 + 1 // above it are those of inject
		m.id = s.nextID
	}
	s.link.send(m.packet())
}

// say is an honest publication to whoever has subscribed, now or later.
func (b *broker) say(topic string, payload []byte, retain bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := message{topic: topic, payload: payload}
	if retain {
		b.retained[topic] = message{topic: topic, payload: payload, retain: true}
	}
	for _, s := range b.sessions {
		if slices.Contains(s.filters, topic) {
			b.queue(s, m)
		}
	}
	b.event()
}

// inject writes a message to a client that is there, whether or not he wants it, and keeps no account of it.
func (b *broker) inject(client string, m message) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sessions[client]
	if s == nil || s.link == nil || s.link.gone {
		return false
	}
	s.link.send(m.packet())
	return true
}

// cut closes the connection of a client.
func (b *broker) cut(client string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.sessions[client]; s != nil && s.link != nil {
		s.link.drop()
	}
}

// there says whether a client has subscribed to all that the contract says, and is connected. The lock is held.
func (b *broker) there(client string, filters ...string) bool {
	s := b.sessions[client]
	return s != nil && s.link != nil && !s.link.gone && !slices.ContainsFunc(filters, func(f string) bool { return !slices.Contains(s.filters, f) })
}

// all gives what was heard so far.
func (b *broker) all() []heard {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.heard)
}

// close ends all connections and waits for their ends.
func (b *broker) close() {
	b.mu.Lock()
	b.closed = true
	for conn := range b.open {
		conn.Close()
	}
	b.mu.Unlock()
	b.running.Wait()
}
