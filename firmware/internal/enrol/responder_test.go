package enrol_test

import (
	"context"
	"encoding/pem"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/enrol"
	"syncbox/firmware/internal/enrol/esttest"
)

// site is a box and a server that was written without any knowledge of it.
type site struct {
	t      *testing.T
	server *esttest.Server
	now    time.Time
	dir    string
	*enrol.Identity
}

const (
	siteName  = "SB-0001"
	siteClaim = "7Q2KM-0XTV9"
)

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, now: start, dir: filepath.Join(t.TempDir(), "identity")}
	var err error
	s.server, err = esttest.Start(esttest.Settings{Now: func() time.Time { return s.now }, Chance: rand.NewChaCha8([32]byte{1})})
	must(t, err)
	t.Cleanup(s.server.Close)
	s.server.Register(siteName, siteClaim)
	s.open()
	must(t, s.Install(nil, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.server.Root().Raw})))
	return s
}

// open starts the box.
func (s *site) open() {
	s.t.Helper()
	address, err := url.Parse(s.server.URL)
	must(s.t, err)
	s.Identity, err = enrol.Open(enrol.Config{Folder: s.dir, Box: siteName, Settings: func() enrol.Settings { return enrol.Settings{On: true, Server: address} },
		Clock: func() (time.Time, bool) { return s.now, true }, Changed: func() {}, Chance: func(int64) int64 { return 0 }, Log: slog.New(slog.DiscardHandler)})
	must(s.t, err)
}

// number gives that of the certificate that is shown, empty for none.
func (s *site) number() string {
	cert, _, err := s.Credentials(s.t.Context())
	if err != nil {
		return ""
	}
	return cert.Leaf.SerialNumber.Text(16)
}

// ask asks once. A server that says nothing is given up soon.
func (s *site) ask(kind esttest.Kind) error {
	if kind != esttest.Hang && kind != esttest.Slow {
		return s.Renew(s.t.Context())
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), 100*time.Millisecond)
	defer cancel()
	return s.Renew(ctx)
}

// faults are all misbehaviours, with the code for people; empty where the certificate is good all the same.
var faults = map[esttest.Kind]enrol.Code{
	esttest.Wait: enrol.Waiting, esttest.Deny: enrol.Refused, esttest.Forbid: enrol.Refused, esttest.Break: enrol.Unreachable,
	esttest.Away: enrol.Unreachable, esttest.Portal: enrol.BadAnswer, esttest.Redirect: enrol.BadAnswer, esttest.Hang: enrol.Unreachable,
	esttest.OtherKey: enrol.Unfit, esttest.OtherName: enrol.Unfit, esttest.OtherCA: enrol.Unfit, esttest.Expired: enrol.Unfit,
	esttest.NotYet: enrol.Unfit, esttest.Usage: enrol.Unfit, esttest.Empty: enrol.BadAnswer, esttest.Crowd: "",
	esttest.Truncated: enrol.BadAnswer, esttest.Short: enrol.Unreachable, esttest.Oversized: enrol.BadAnswer,
	esttest.Garbage: enrol.BadAnswer, esttest.Rubbish: enrol.BadAnswer, esttest.Slow: enrol.Unreachable, esttest.Lost: enrol.Unreachable,
}

// Whatever the server does with a first enrolment or a renewal, the box shows no certificate that is not right, loses none that it
// has, and gets the next one as soon as the server behaves.
func TestMisbehaviour(t *testing.T) {
	t.Parallel()
	for kind, want := range faults {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			must(t, s.Claim(siteName, siteClaim))
			try := func(operation string) {
				t.Helper()
				before := s.number()
				s.server.Next(esttest.Fault{Kind: kind, Operation: operation, To: "https://192.0.2.1/"})
				if got := enrol.CodeOf(s.ask(kind)); got != want {
					t.Errorf("%s: got %q, want %q", operation, got, want)
				}
				s.server.Behave()
				if want != "" {
					if got := s.number(); got != before {
						t.Errorf("%s: shows %s after %s", operation, got, before)
					}
					must(t, s.Renew(t.Context()))
				}
				if got := s.server.Last(siteName); s.number() != got.SerialNumber.Text(16) {
					t.Errorf("%s: shows %s, the last is %s", operation, s.number(), got.SerialNumber.Text(16))
				}
				s.Connected()
			}
			try("simpleenroll")
			s.now = s.now.Add(300 * day)
			try("simplereenroll")
		})
	}
}

// The same for the certificates of the authority, which the box could do without.
func TestMisbehaviourOfAuthorities(t *testing.T) {
	for _, kind := range []esttest.Kind{esttest.OtherCA, esttest.Empty, esttest.Truncated, esttest.Oversized, esttest.Garbage, esttest.Rubbish} {
		s := newSite(t)
		must(t, s.Claim(siteName, siteClaim))
		s.server.Next(esttest.Fault{Kind: kind, Operation: "cacerts"})
		err := s.ask(kind)
		if kind == esttest.OtherCA { // it is not believed, and not needed
			must(t, err)
		} else if got := enrol.CodeOf(err); got != enrol.BadAnswer {
			t.Errorf("%s: got %q", kind, got)
		}
		s.server.Behave()
		if err != nil {
			must(t, s.Renew(t.Context()))
		}
		_, pool, err := s.Credentials(t.Context())
		must(t, err)
		if !pool.Equal(s.server.Roots()) {
			t.Errorf("%s: the box believes somebody else", kind)
		}
	}
}

// An old certificate in the place of a new one is no renewal.
func TestOldAnswer(t *testing.T) {
	s := newSite(t)
	must(t, s.Claim(siteName, siteClaim))
	for range 2 {
		must(t, s.Renew(t.Context()))
		s.number()
		s.Connected()
		s.now = s.now.Add(100 * day)
	}
	before := s.number()
	s.server.Next(esttest.Fault{Kind: esttest.Old, Operation: "simplereenroll"})
	if got := enrol.CodeOf(s.ask(esttest.Old)); got != enrol.BadAnswer || s.number() != before {
		t.Errorf("got %q, shows %s after %s", got, s.number(), before)
	}
}

// The label is shown for the first certificate and never again; a renewal is for the same key.
func TestWhatTheServerSees(t *testing.T) {
	s := newSite(t)
	must(t, s.Claim(siteName, strings.ToLower(siteClaim)))
	must(t, s.Renew(t.Context()))
	s.Credentials(t.Context())
	s.Connected()
	s.now = s.now.Add(300 * day)
	s.open()
	must(t, s.Renew(t.Context()))
	var keys []string
	for _, e := range s.server.Journal() {
		switch e.Operation {
		case "cacerts":
			if e.User != "" {
				t.Error("the label is shown to fetch the authority")
			}
			continue
		case "simpleenroll":
			if e.User != siteName {
				t.Errorf("first: %+v", e)
			}
		case "simplereenroll":
			if e.User != "" || e.Peer != siteName {
				t.Errorf("renewal: %+v", e)
			}
		}
		keys = append(keys, e.Key)
		if e.Name != siteName || e.Status != 200 {
			t.Errorf("%+v", e)
		}
	}
	if len(keys) != 2 || keys[0] != keys[1] {
		t.Errorf("keys %q", keys)
	}
}
