package main

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"

	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web"
	"syncbox/firmware/internal/web/owncert"
	"syncbox/firmware/internal/web/page"
)

// page serves the local page at the port that is set, and at another one when that changes.
func (m *machine) page(ctx context.Context) error {
	handler := m.pages()
	for ctx.Err() == nil {
		life, cancel := until(ctx, m.repage)
		set := settings().Page
		s := &web.Server{Port: set.Port, Secure: set.Secure(), Certificate: m.pageCertificate, Handler: handler, Log: m.log.With("part", "page")}
		err := s.Run(life)
		ended := life.Err() != nil
		cancel()
		if err != nil && !ended {
			return err
		}
	}
	return nil
}

// pageCertificate gives the certificate of the page, for the names and addresses that the box has now.
func (m *machine) pageCertificate() (tls.Certificate, error) {
	name := m.face().Name
	names := owncert.Names{Hosts: []string{name + ".local", name}}
	if l, err := networkCard(); err == nil {
		for _, a := range l.Addresses {
			names.Addresses = append(names.Addresses, a.Addr())
		}
	}
	cert, err := owncert.Load(applianceCert, names, time.Now())
	if err == nil {
		m.log.Info("certificate of the page", "sha256", owncert.Fingerprint(cert))
	}
	return cert, err
}

func (m *machine) pages() http.Handler {
	var news web.Updates
	if m.news != nil {
		news = m.news
	}
	return web.New(web.Config{
		Face: func() page.Face {
			f := m.face()
			return page.Face{Name: f.Name, Language: f.Language, Zone: f.Zone, Names: f.Names}
		},
		Door: m.door, Box: local.NewClient(settings().Box.Socket), Journal: m.events, Codes: m.state.Codes, Lights: m.state.Lights, Ready: ready, Updates: news,
		Setup: m.setup(), Calibrate: m.calibration(), Log: m.log.With("part", "page"),
	})
}
