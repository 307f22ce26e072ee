package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
)

// site is a customer's network: the server with the ERP's folder, the CRM, and the box.
type site struct {
	*sitetest.Site
	*device
	t     *testing.T
	ctx   context.Context
	share string // its name
}

// newSite makes a site whose box is off, and plants what must not come out of the box.
func newSite(t *testing.T, ctx context.Context, f factory, o sitetest.Options) *site {
	t.Helper()
	o.Interval = 2 * time.Second
	s := &site{t: t, ctx: ctx, share: o.Share}
	var err error
	s.Site, err = sitetest.Open(ctx, filepath.Join(t.TempDir(), "site"), o)
	if errors.Is(err, sharetest.ErrNoSamba) {
		missing(t, err.Error())
	}
	s.no(err)
	t.Cleanup(func() {
		if err := s.Site.Close(); err != nil {
			t.Error(err)
		}
	})
	s.device = newDevice(t, ctx)
	s.label = s.Code
	s.no(s.Card(ctx, f.image, s.card))
	s.kept.secrets = append(codes(s.Code), s.Password, sitetest.CRMAccount, sitetest.CRMKey)
	one := s.customer(5)
	for _, word := range []string{one.Name, one.Emails[0], one.Phones[0].Number} {
		if len(word) > 6 {
			s.kept.private = append(s.kept.private, word)
		}
	}
	if len(s.kept.private) == 0 {
		t.Error("the customer has nothing that could be seen")
	}
	return s
}

// no ends the test with an error.
func (s *site) no(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// until waits for something.
func (s *site) until(what string, arrived func() bool) {
	s.t.Helper()
	s.no(storytest.Until(s.ctx, what, patience, arrived))
}

// need ends the test unless the programs are there.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			missing(t, "program "+name+" is not installed")
		}
	}
}

// missing ends the test because of something that the machine lacks: on CI as a failure.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}
