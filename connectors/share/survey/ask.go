package survey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Ask asks one address what server it is, without a log-on, and waits for each of at most three answers. Errors: the
// dialler's, one for which NotServer holds, or that of a server that says nothing in time.
func Ask(ctx context.Context, at netip.AddrPort, wait time.Duration) (Server, error) {
	return askWithin(ctx, at, wait, wait)
}

func askWithin(ctx context.Context, at netip.AddrPort, connect, wait time.Duration) (Server, error) {
	conn, err := dial(ctx, at, connect)
	if err != nil {
		return Server{}, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	s := Server{Address: at.Addr()}
	err = s.ask(conn, wait)
	if err == nil || !hungUp(err) && !errors.Is(err, errOther) {
		return s, ended(ctx, err)
	}
	if s.askOld(ctx, at, wait) == nil {
		return s, nil
	}
	return Server{}, ended(ctx, fmt.Errorf("%w: %w", errOther, err))
}

// NotServer says whether an error means that something listens, and that it is no file server.
func NotServer(err error) bool { return errors.Is(err, errOther) }

func dial(ctx context.Context, at netip.AddrPort, wait time.Duration) (net.Conn, error) {
	return (&net.Dialer{Timeout: wait}).DialContext(ctx, "tcp", at.String())
}

// hungUp says whether the other side ended a connection instead of an answer, as those do that don't speak SMB2.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE)
}

func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// ask has a server tell its version, and then who it is. A server that tells no more than the version is one.
func (s *Server) ask(conn net.Conn, wait time.Duration) error {
	a, err := exchange(conn, wait, cmdNegotiate, 0, negotiateRequest())
	if err != nil {
		return err
	}
	if err := s.negotiated(a, time.Now()); err != nil {
		return err
	}
	if a, err := exchange(conn, wait, cmdSessionSetup, 1, sessionSetup()); err == nil {
		s.challenged(a, time.Now())
	}
	return nil
}

func exchange(conn net.Conn, wait time.Duration, cmd uint16, message uint64, body []byte) (answer, error) {
	conn.SetDeadline(time.Now().Add(wait))
	if _, err := conn.Write(packet(cmd, message, body)); err != nil {
		return nil, err
	}
	return receive(conn, cmd)
}

// askOld asks whether it speaks the SMB of before 2006 and nothing newer.
func (s *Server) askOld(ctx context.Context, at netip.AddrPort, wait time.Duration) error {
	conn, err := dial(ctx, at, wait)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(wait))
	if _, err := conn.Write(oldRequest()); err != nil {
		return err
	}
	a, err := receiveAny(conn)
	if err != nil {
		return err
	}
	if !isOld(a) {
		return errOther
	}
	*s = Server{Address: at.Addr(), Dialect: "1"}
	return nil
}
