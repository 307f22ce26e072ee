package brokertest_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/support/brokertest"
)

const recipes = "../../../../testdata/brokers/"

// broker is a running mosquitto with its authority.
type broker struct {
	site
	*brokertest.Mosquitto
}

// mosquitto starts one until the end of the test, by its recipe, changed in pairs of old and new.
func mosquitto(t *testing.T, change ...string) broker {
	t.Helper()
	ca, err := brokertest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	return mosquittoOf(t, ca, change...)
}

func mosquittoOf(t *testing.T, ca *brokertest.CA, change ...string) broker {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := brokertest.StartMosquitto(ctx, recipes+"mosquitto", t.TempDir(), ca, change...)
	brokertest.Need(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(m.Log())
		}
		if err := m.Stop(); err != nil {
			t.Error(err)
		}
	})
	return broker{site{m.Addr, ca}, m}
}

// cut is a line that can be cut without a farewell.
type cut struct{ conn net.Conn }

func (c *cut) option(o *mqtt.ClientOptions) {
	o.SetCustomOpenConnectionFn(func(uri *url.URL, o mqtt.ClientOptions) (net.Conn, error) {
		conn, err := tls.Dial("tcp", uri.Host, o.TLSConfig)
		c.conn = conn
		return conn, err
	})
}

func (c *cut) now() { c.conn.(*tls.Conn).NetConn().Close() }

// TestMosquittoKeepsWhatWaits: a command to a box that is away, the wish and the box's own status outlive a power cut
// of the broker.
func TestMosquittoKeepsWhatWaits(t *testing.T) {
	s := mosquitto(t)
	box := s.join(t, "box-0001")
	box.listen(t, "sb/v1/box-0001/cmd")
	box.Disconnect(0)
	back := s.join(t, program)
	back.say(t, "sb/v1/box-0001/cmd", "while you were away")
	if err := back.finished(back.Publish("sb/v1/box-0001/desired", 1, true, "as it shall be")); err != nil {
		t.Fatal(err)
	}
	saved(t, s, "while you were away", "as it shall be")
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	box = s.join(t, "box-0001")
	if before := box.until(t, "while you were away"); len(before) > 0 {
		t.Errorf("heard %q before", before)
	}
	box.listen(t, "sb/v1/box-0001/desired")
	box.until(t, "as it shall be")
}

// saved waits until the broker has texts on its disk: the recipe says within five seconds.
func saved(t *testing.T, s broker, texts ...string) {
	t.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(patience)
	for _, text := range texts {
		for !s.Saved(text) {
			select {
			case <-look.C:
			case <-deadline:
				t.Fatalf("%q is not on the broker's disk", text)
			}
		}
	}
}

// TestMosquittoLines: what happens without a line of the recipe that looks as if it could be left out.
func TestMosquittoLines(t *testing.T) {
	t.Run("use_username_as_clientid", func(t *testing.T) {
		s := mosquitto(t, "use_username_as_clientid true", "")
		if got := impersonates(t, trial{s.site, "box-0001", "box-0002"}); got != thrownOut {
			t.Errorf("got %s, want %s", got, thrownOut)
		}
	})
	t.Run("acl_file", func(t *testing.T) {
		s := mosquitto(t, "acl_file /etc/mosquitto/acl", "")
		if got := listens("sb/v1/+/cmd")(t, trial{s.site, "box-0001", "box-0002"}); got != hears {
			t.Errorf("got %s, want %s", got, hears)
		}
		if got := forges("sb/v1/{victim}/cmd")(t, trial{s.site, "box-0003", "box-0004"}); got != forged {
			t.Errorf("got %s, want %s", got, forged)
		}
	})
}

// TestMosquittoMoreSupport: one more program of support, while the broker runs and nobody loses his connection.
func TestMosquittoMoreSupport(t *testing.T) {
	s := mosquitto(t)
	box, second := s.join(t, "box-0001"), s.join(t, "fleet-backend-2")
	second.listen(t, "sb/v1/+/status")
	box.say(t, "sb/v1/box-0001/status", "before")
	if err := s.Allow("fleet-backend-2"); err != nil {
		t.Fatal(err)
	}
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for deadline := time.After(patience); ; {
		box.say(t, "sb/v1/box-0001/status", "after")
		select {
		case m := <-second.heard:
			if string(m.Payload()) != "after" {
				t.Errorf("heard %q", m.Payload())
			}
			return
		case <-again.C:
		case <-second.lost:
			t.Fatal("connection lost")
		case <-deadline:
			t.Fatal("never hears a status")
		}
	}
}

// TestMosquittoShutsOut: a box whose certificate is on the authority's list of revoked ones does not come in any more.
func TestMosquittoShutsOut(t *testing.T) {
	ca, err := brokertest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	gone, err := ca.Client("box-0001")
	if err != nil {
		t.Fatal(err)
	}
	ca.Revoke(gone)
	s := mosquittoOf(t, ca, "#crlfile ", "crlfile ")
	s.join(t, "box-0002")
	if got := enters(func(trial) (*tls.Config, error) { return gone, nil })(t, trial{s.site, "box-0002", "box-0001"}); got != refused {
		t.Errorf("revoked: got %s, want %s", got, refused)
	}
}
