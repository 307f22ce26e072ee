package support_test

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"syncbox/firmware/internal/support"
)

// TestLostAndBack: every connection has a session of its own, and tells the status anew.
func TestLostAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		pass(2 * time.Minute)
		o.drop()
		pass(5 * time.Minute)
		if got, want := o.states(), "ready lost ready"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
		if got := string(o.attempts()[1].WillMessage); got != `{"state":"lost","session":2}` {
			t.Errorf("second will %s", got)
		}
		o.end()
	})
}

// TestRefused: a box that is not let in asks rarely, and says so.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) { o.refuse = packets.ErrRefusedNotAuthorised })
		pass(time.Hour)
		if n := len(o.attempts()); n < 3 || n > 13 {
			t.Errorf("%d attempts in an hour", n)
		}
		if got := o.channel.Conditions(); !slices.Contains(got, support.CodeRefused) {
			t.Errorf("conditions %q", got)
		}
		o.set(func() { o.refuse = 0 })
		o.channel.Reconnect() // another certificate
		pass(time.Second)
		if got := o.channel.Conditions(); len(got) > 0 {
			t.Errorf("conditions %q of a box that was let in", got)
		}
		o.end()
	})
}

// TestRenewedAtOnce: a certificate that comes within the first minute of a connection does not keep the box away for minutes.
func TestRenewedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t)
		pass(10 * time.Second)
		o.channel.Reconnect() // another certificate
		pass(3 * time.Second)
		if got, want := o.states(), "ready disconnected ready"; got != want || len(o.attempts()) != 2 {
			t.Errorf("told %q in %d connections, want %q", got, len(o.attempts()), want)
		}
		o.end()
	})
}

// TestAway: a broker that is away is asked again and again, and after an hour people hear of it.
func TestAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) { o.away = true })
		pass(59 * time.Minute)
		if got := o.channel.Conditions(); len(got) > 0 {
			t.Errorf("conditions %q", got)
		}
		pass(2 * time.Minute)
		if got := o.channel.Conditions(); !slices.Equal(got, []string{support.CodeUnreachable}) {
			t.Errorf("conditions %q", got)
		}
		o.set(func() { o.away = false })
		pass(6 * time.Minute)
		if o.states() != "ready" || len(o.channel.Conditions()) > 0 {
			t.Errorf("told %q, conditions %q", o.states(), o.channel.Conditions())
		}
		o.end()
	})
}

// TestNoAddress: without an address there is no attempt.
func TestNoAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) { o.address = false })
		pass(time.Hour)
		if len(o.attempts()) > 0 {
			t.Errorf("%d attempts", len(o.attempts()))
		}
		o.set(func() { o.address = true })
		pass(10 * time.Second)
		if len(o.attempts()) != 1 {
			t.Errorf("%d attempts with an address", len(o.attempts()))
		}
		o.end()
	})
}

// TestCertificate: whoever keeps the certificate hears whether the broker takes it. Without one nobody is asked, and the
// channel has nothing to say of the broker.
func TestCertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := connected(t, func(o *online) { o.refuse = packets.ErrRefusedNotAuthorised })
		pass(time.Second)
		o.set(func() { o.refuse = 0 })
		o.channel.Reconnect()
		pass(time.Second)
		if got, want := strings.Join(o.certificate, " "), "refused connected"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
		o.end()
	})
	synctest.Test(t, func(t *testing.T) {
		none := errors.New("no certificate")
		dialer := support.NewDialer(func() []string { return []string{"192.0.2.1:8883"} }, func() (*tls.Config, error) { return nil, none }, nil)
		o := connected(t, func(o *online) { o.dial = dialer.Open })
		pass(5 * time.Hour)
		if got := o.channel.Conditions(); len(got) > 0 || len(o.certificate) > 0 {
			t.Errorf("conditions %q, told %q", got, o.certificate)
		}
		o.end()
	})
}
