package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"

	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/storytest"
	"syncbox/firmware/internal/web"
)

// pageServer is the box's page at a port of its own, with the code that opens it.
type pageServer struct {
	server   *web.Server
	listener net.Listener
	code     string
}

func openPage(conf config.Config, a *app.App, log *slog.Logger) (p pageServer, err error) {
	p.code = setupcode.New()
	if err := setupcode.Write(filepath.Join(conf.Box.Data, web.CodeFile), p.code); err != nil {
		return p, err
	}
	p.server = &web.Server{Handler: web.OfProcess(conf, a, log), Log: log.With("part", "page")}
	p.listener, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	return p, err
}

// Run serves the page until ctx ends.
func (p pageServer) Run(ctx context.Context) error { return p.server.Serve(ctx, p.listener) }

func (p pageServer) url() string { return "http://" + p.listener.Addr().String() }

// seenOnPage reads the page as the office does: once nothing goes on, it has to say of every job that both directions are well.
func (s *stage) seenOnPage(ctx context.Context) error {
	p, err := locale.New(s.language, nil)
	if err != nil {
		return err
	}
	var failed error
	well := p.Text("way.success", nil)
	err = storytest.Until(ctx, "page: all directions are "+well, editWithin, func() bool {
		var text string
		text, failed = read(ctx, s.page.url())
		return failed != nil || strings.Count(text, well) >= 2*len(s.app.Jobs)
	})
	return errors.Join(err, failed)
}

func read(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}
