package enrol

import (
	"context"
	"crypto/tls"
	"crypto/x509"
)

// best gives the certificate that holds longest, nil where none is good. The caller holds mu.
func (i *Identity) best() *credential {
	now, trusted := i.c.Clock()
	for _, c := range []*credential{i.wallet.trial, i.wallet.proved} {
		if good(c, now, trusted) {
			return c
		}
	}
	return nil
}

// due tells whether another certificate is to be had, by the date of the clock, trusted or not. The caller holds mu.
func (i *Identity) due() bool {
	now, _ := i.c.Clock()
	c := i.best()
	return c == nil || !now.Before(c.due(i.c.Box))
}

// Renew asks the server for a certificate, whatever the date: support says so. While another question is on its way, it waits
// for that one's end.
func (i *Identity) Renew(ctx context.Context) error { return i.ask(ctx, false) }

// ask gets a certificate from the server: with the one that the box has, or with its label.
func (i *Identity) ask(ctx context.Context, blind bool) error {
	select {
	case i.busy <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-i.busy }()
	err := i.enrol(ctx, blind)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last = err
	return err
}

func (i *Identity) enrol(ctx context.Context, blind bool) error {
	i.mu.Lock()
	c, label, known := i.current(), i.claim, i.known()
	none := i.none()
	i.mu.Unlock()
	address := i.c.Settings().Server
	switch {
	case address == nil:
		return errorf(NoServer, "renew: no server is set")
	case len(known) == 0:
		return errorf(NoAuthority, "renew: no authority is known")
	case c == nil && label == nil:
		return none
	}
	settings := &tls.Config{RootCAs: pool(known), Time: i.Time, MinVersion: tls.VersionTLS12}
	if c != nil && label == nil {
		own := c.tls(i.key)
		settings.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil }
	}
	s, closeAll, err := newServer(address, settings, label)
	if err != nil {
		return err
	}
	defer closeAll()
	all, authorities, err := s.get(ctx, i.request(), known)
	if err != nil {
		return err
	}
	added, err := i.install(all, authorities, blind)
	if err == nil && !added {
		return errorf(BadAnswer, "renew: the certificate is no newer")
	}
	return err
}

// get asks for authorities and certificate.
func (s *server) get(ctx context.Context, request []byte, known []*x509.Certificate) (all, authorities []*x509.Certificate, err error) {
	answer, err := s.authorities(ctx)
	if err != nil {
		return nil, nil, err
	}
	if authorities = vouched(known, answer); len(authorities) == 0 {
		authorities = known
	}
	if s.label != nil {
		all, err = s.enrol(ctx, request)
	} else {
		all, err = s.renew(ctx, request)
	}
	_, between := roots(answer)
	return append(all, between...), authorities, err
}
