package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/net/netutil"
)

// Server answers GET /metrics, and nothing else, to whoever reaches the port.
type Server struct {
	Port int // 0 = nobody is answered
	Box  func() Box
	Log  *slog.Logger
}

// Bounds of what somebody may keep the box busy with.
const (
	mostConnections = 8
	mostHeader      = 8 << 10
	answerWithin    = 10 * time.Second
)

// Run answers until ctx ends; then it returns nil.
func (s *Server) Run(ctx context.Context) error {
	if s.Port == 0 {
		<-ctx.Done()
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort("", strconv.Itoa(s.Port)))
	if err != nil {
		return fmt.Errorf("open port for metrics: %w", err)
	}
	s.Log.Info("metrics are read by whoever reaches the port", "port", s.Port)
	return s.serve(ctx, l)
}

func (s *Server) serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: answerWithin, ReadTimeout: answerWithin, WriteTimeout: answerWithin,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: mostHeader, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug)}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(netutil.LimitListener(l, mostConnections)); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve metrics: %w", err)
	}
	return nil
}

// Handler serves GET /metrics.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", ContentType)
		w.Header().Set("Cache-Control", "no-store")
		if err := Write(w, Families(s.Box())); err != nil {
			s.Log.Debug("metrics not taken", "err", err)
		}
	})
	return mux
}
