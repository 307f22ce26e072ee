package main

import (
	"encoding/binary"
	"net"
	"testing"
	"time"
)

// timeServer tells boxes in QEMU the time, as the gateway of their network (RFC 5905, 7.3): one that does not know it takes no
// order to restart. The port has no other number than this.
func timeServer(t *testing.T) {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:123")
	if err != nil {
		missing(t, err.Error())
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		q := make([]byte, 512)
		for {
			n, from, err := c.ReadFrom(q)
			if err != nil {
				return
			}
			if n < 48 {
				continue
			}
			a := make([]byte, 48)
			a[0], a[1], a[2], a[3] = 4<<3|4, 2, 6, 0xec // version 4, mode server, stratum 2
			const era = 2208988800                      // seconds from 1900 to 1970
			copy(a[24:32], q[40:48])
			now := time.Now()
			for _, at := range []int{16, 32, 40} {
				binary.BigEndian.PutUint32(a[at:], uint32(now.Unix()+era))
				binary.BigEndian.PutUint32(a[at+4:], uint32(uint64(now.Nanosecond())<<32/1e9))
			}
			_, _ = c.WriteTo(a, from)
		}
	}()
}
