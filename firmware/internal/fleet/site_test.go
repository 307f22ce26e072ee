package fleet_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/fleet/fleettest"
	"syncbox/firmware/internal/support/brokertest"
	"syncbox/ota/order"
)

// patience is how long anything may take on a busy machine before a test gives up; no test ends by it that succeeds.
const patience = 30 * time.Second

// quiet is how long a broker on this machine says nothing once it has said all.
const quiet = time.Second

// site is a broker by the recipe and a program of support that may speak there.
type site struct {
	*fleettest.Site
	t *testing.T
	d fleet.Dialer
}

func open(t *testing.T) site {
	t.Helper()
	s, err := fleettest.Open(t.Context(), "../../../testdata/brokers/mosquitto", t.TempDir())
	brokertest.Need(t, err)
	t.Cleanup(func() {
		if err := s.Broker.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(s.Broker.Log())
		}
	})
	config, err := s.CA.Client(fleettest.Support)
	if err != nil {
		t.Fatal(err)
	}
	return site{s, t, fleet.Dialer{Brokers: []string{s.Broker.Addr}, TLS: config}}
}

// join connects boxes.
func (s site) join(all ...*fleettest.Box) {
	s.t.Helper()
	for _, b := range all {
		if err := s.Join(b); err != nil {
			s.t.Fatalf("%s joins: %v", b.Name, err)
		}
	}
}

// dial connects support.
func (s site) dial() *fleet.Line {
	s.t.Helper()
	l, err := s.d.Dial(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(l.Close)
	return l
}

// roster hears what the broker keeps.
func (s site) roster() *fleet.Roster {
	s.t.Helper()
	l := s.dial()
	defer l.Close()
	r := fleet.NewRoster()
	if err := l.Subscribe(s.t.Context(), fleet.AllStatus); err != nil {
		s.t.Fatal(err)
	}
	if err := l.Settle(s.t.Context(), quiet, func(h fleet.Heard) { r.Take(h, time.Now()) }); err != nil {
		s.t.Fatal(err)
	}
	return r
}

// patient gives a context that ends only when something is wrong.
func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// signed signs an order; a box of fleettest looks at no signature.
func signed(t *testing.T, o order.Order) (id string, envelope []byte) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	signer, err := order.KeySigner(private)
	if err != nil {
		t.Fatal(err)
	}
	if o, envelope, err = order.Issue(t.Context(), o, time.Now(), 10*time.Minute, rand.Reader, signer); err != nil {
		t.Fatal(err)
	}
	return o.ID, envelope
}

// until has the roster looked at until it is as it is to be.
func (s site) until(what string, is func(*fleet.Roster) bool) {
	s.t.Helper()
	for ctx := patient(s.t); !is(s.roster()); {
		if ctx.Err() != nil {
			s.t.Fatalf("never: %s; %v", what, s.roster().All())
		}
	}
}

func to(t *testing.T, box string, op order.Op, args string) fleet.Order {
	t.Helper()
	o := order.Order{To: "box:" + box, Op: op}
	if args != "" {
		o.Args = json.RawMessage(args)
	}
	id, envelope := signed(t, o)
	return fleet.Order{Box: box, ID: id, Envelope: envelope}
}
