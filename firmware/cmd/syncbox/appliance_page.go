package main

import (
	"context"
	"net/http"

	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web"
	"syncbox/firmware/internal/web/page"
)

// page serves the local page at the port that is set, and at another one when that changes.
func (m *machine) page(ctx context.Context) error {
	handler := m.pages()
	for ctx.Err() == nil {
		life, cancel := until(ctx, m.repage)
		s := &web.Server{Port: settings().Page.Port, Handler: handler, Log: m.log.With("part", "page")}
		err := s.Run(life)
		ended := life.Err() != nil
		cancel()
		if err != nil && !ended {
			return err
		}
	}
	return nil
}

func (m *machine) pages() http.Handler {
	var news web.Updates
	if m.news != nil {
		news = m.news
	}
	return web.New(web.Config{
		Face: func() page.Face {
			f := m.face()
			return page.Face{Name: f.Name, Language: f.Language, Zone: f.Zone}
		},
		Door: m.door, Box: local.NewClient(settings().Box.Socket), Journal: m.events, Codes: m.state.Codes, Lights: m.state.Lights, Ready: ready, Updates: news,
		Log: m.log.With("part", "page"),
	})
}
