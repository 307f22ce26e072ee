package brokertest_test

import (
	"crypto/tls"
	"testing"
	"time"

	"syncbox/firmware/internal/support/reconnect"
)

// TestRefusalIsKnown: a box that the broker does not let in waits as one that was refused. The alert of TLS 1.3 comes
// while the box already speaks, and may be lost with the connection: then it waits as after any failure. So the answer
// of some of many attempts must be known.
func TestRefusalIsKnown(t *testing.T) {
	s := mosquitto(t)
	old, err := s.ca.ClientUntil("box-0001", time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for name, certificate := range map[string]*tls.Config{"no certificate": s.ca.Stranger(), "outdated": old} {
		known := 0
		for range 30 {
			if _, err := connect(s.addr, "box-0001", certificate); err == nil {
				t.Fatalf("%s: let in", name)
			} else if reconnect.CauseOf(err) == reconnect.Refused {
				known++
			}
		}
		if known == 0 {
			t.Errorf("%s: no refusal was known as one", name)
		}
		t.Logf("%s: %d of 30 refusals known", name, known)
	}
}
