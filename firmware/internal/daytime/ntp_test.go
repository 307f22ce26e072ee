package daytime_test

import (
	"encoding/binary"
	"net"
	"testing"
	"time"

	"syncbox/firmware/internal/daytime"
)

// serve answers one NTP question (RFC 5905, 7.3) with a clock that is ahead, from a server of a stratum.
func serve(t *testing.T, ahead time.Duration, stratum byte) string {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		q := make([]byte, 512)
		n, from, err := c.ReadFrom(q)
		if err != nil || n < 48 {
			return
		}
		a := make([]byte, 48)
		a[0], a[1], a[2], a[3] = 4<<3|4, stratum, 6, 0xec // version 4, mode server
		const era = 2208988800                            // seconds from 1900 to 1970
		now := time.Now().Add(ahead)
		stamp := func(at int) {
			binary.BigEndian.PutUint32(a[at:], uint32(now.Unix()+era))
			binary.BigEndian.PutUint32(a[at+4:], uint32(uint64(now.Nanosecond())<<32/1e9))
		}
		stamp(16)
		copy(a[24:32], q[40:48])
		stamp(32)
		stamp(40)
		_, _ = c.WriteTo(a, from)
	}()
	return c.LocalAddr().String()
}

func TestQuery(t *testing.T) {
	got, err := daytime.Query(t.Context(), serve(t, 90*time.Second, 2))
	if err != nil || got < 80*time.Second || got > 100*time.Second {
		t.Errorf("got %s, %v, want 90 s", got, err)
	}
	if got, err := daytime.Query(t.Context(), serve(t, 90*time.Second, 16)); err == nil {
		t.Errorf("a server that does not know the time was believed: %s", got)
	}
}
