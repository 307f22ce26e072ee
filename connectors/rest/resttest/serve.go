package resttest

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Serve answers on l until ctx ends and returns nil then.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

// Listen serves on a free port of the loopback until ctx ends, and tells its address: "http://127.0.0.1:port".
func Listen(ctx context.Context, h http.Handler) (url string, err error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("serve a simulator: %w", err)
	}
	go Serve(ctx, l, h) // ends with ctx; what is asked after that finds a closed port
	return "http://" + l.Addr().String(), nil
}
