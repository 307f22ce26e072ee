package fleet_test

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"syncbox/firmware/internal/fleet"
)

// porter stands before a broker, and hangs up on the first callers.
type porter struct {
	net.Listener
	callers atomic.Int32
}

func newPorter(t *testing.T, broker string, hangsUp int32) *porter {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &porter{Listener: l}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if p.callers.Add(1) <= hangsUp {
				conn.Close()
				continue
			}
			go through(t.Context(), conn, broker)
		}
	}()
	return p
}

func through(ctx context.Context, conn net.Conn, broker string) {
	defer conn.Close()
	to, err := new(net.Dialer).DialContext(ctx, "tcp", broker)
	if err != nil {
		return
	}
	defer to.Close()
	go func() { _, _ = io.Copy(to, conn) }()
	_, _ = io.Copy(conn, to)
}

// A broker that hangs up before it has said anything is called again, three times in all; then the caller is told.
func TestHangUps(t *testing.T) {
	s := open(t)
	for hangsUp, reached := range map[int32]bool{0: true, 2: true, 3: false} {
		p := newPorter(t, s.Broker.Addr, hangsUp)
		d := s.d
		d.Brokers = []string{p.Addr().String()}
		l, err := d.Dial(patient(t))
		if (err == nil) != reached || err != nil && !fleet.Unreached(err) {
			t.Errorf("after %d that were hung up on: %v", hangsUp, err)
		}
		if err == nil {
			l.Close()
		}
		if got := p.callers.Load(); got != min(hangsUp+1, 3) {
			t.Errorf("%d times hung up: called %d times", hangsUp, got)
		}
	}
}
