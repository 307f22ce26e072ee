package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/net/netutil"
)

// Server serves the page to whoever reaches its ports.
type Server struct {
	Port int // of HTTP; 0 = nobody is served
	// Secure is the port of HTTPS; 0 = none. Where there is one, HTTP serves nothing and leads there, if its port is another.
	Secure int
	// Certificate gives that of HTTPS.
	Certificate func() (tls.Certificate, error)
	Handler     http.Handler
	Log         *slog.Logger
}

// Bounds of what somebody may keep the box busy with. A page that is open holds one connection.
const (
	mostConnections = 64
	mostHeader      = 8 << 10
	answerWithin    = 30 * time.Second
)

// Run serves until ctx ends; then it returns nil.
func (s *Server) Run(ctx context.Context) error {
	switch {
	case s.Port == 0:
		<-ctx.Done()
		return nil
	case s.Secure == 0:
		return s.at(ctx, s.Port, s.Serve)
	case s.Secure == s.Port:
		return s.at(ctx, s.Secure, s.ServeTLS)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	leads := make(chan error, 1)
	go func() {
		defer cancel()
		leads <- s.at(ctx, s.Port, func(ctx context.Context, l net.Listener) error { return s.serve(ctx, limited(l), s.leadOn()) })
	}()
	err := s.at(ctx, s.Secure, s.ServeTLS)
	cancel()
	return errors.Join(err, <-leads)
}

// at opens a port and serves there.
func (s *Server) at(ctx context.Context, port int, serve func(context.Context, net.Listener) error) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort("", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("open port of the page: %w", err)
	}
	s.Log.Info("page is served", "port", port)
	return serve(ctx, l)
}

// leadOn leads from HTTP to the same page over HTTPS.
func (s *Server) leadOn() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if s.Secure != 443 {
			host = net.JoinHostPort(host, strconv.Itoa(s.Secure))
		}
		http.Redirect(w, r, "https://"+host+r.URL.RequestURI(), http.StatusMovedPermanently)
	})
}

// Serve serves on a listener, which it closes, until ctx ends; then it returns nil.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	return s.serve(ctx, limited(l), s.Handler)
}

// ServeTLS is Serve over TLS. Without a certificate nobody is served.
func (s *Server) ServeTLS(ctx context.Context, l net.Listener) error {
	cert, err := s.Certificate()
	if err != nil {
		return errors.Join(err, l.Close())
	}
	secure := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	return s.serve(ctx, tls.NewListener(limited(l), secure), s.Handler) // the server knows TLS by the connections that it is given
}

func limited(l net.Listener) net.Listener { return netutil.LimitListener(l, mostConnections) }

func (s *Server) serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: answerWithin, ReadTimeout: answerWithin, WriteTimeout: answerWithin,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: mostHeader, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx }}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve page: %w", err)
	}
	return nil
}
