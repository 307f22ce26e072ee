package support

import (
	"fmt"
	"net"
)

// maxPacket is the most bytes of a packet of the broker behind its length: what the brokers of our recipes let through, so
// that whatever they pass on is answered with a code.
const maxPacket = 64 << 10

// bounded is a connection that breaks before a packet comes that is too long (MQTT 3.1.1, 2.2): the library makes room for
// what a packet says of itself, up to 256 MiB, before it reads it. Read is for one goroutine.
type bounded struct {
	net.Conn
	left   int  // bytes that are still to come of a packet
	length bool // the next byte belongs to the length of a packet
	size   int  // as far as that was read
	shift  int
	broken error
}

// Read gives what was read, but nothing of the length of a packet that is too long from where that shows.
func (b *bounded) Read(p []byte) (int, error) {
	if b.broken != nil {
		return 0, b.broken
	}
	n, err := b.Conn.Read(p)
	for i := 0; i < n; {
		switch {
		case b.left > 0:
			skip := min(b.left, n-i)
			b.left -= skip
			i += skip
		case !b.length:
			b.length, b.size, b.shift = true, 0, 0
			i++
		default:
			if b.broken = b.measure(p[i]); b.broken != nil {
				return i, b.broken
			}
			i++
		}
	}
	return n, err
}

// measure takes the next byte of a length: seven bits, the lowest first, and whether more of them follow.
func (b *bounded) measure(digit byte) error {
	b.size |= int(digit&0x7f) << b.shift
	b.shift += 7
	more := digit&0x80 != 0
	if b.size > maxPacket || more && b.shift > 21 {
		return fmt.Errorf("the broker sends a packet of %d bytes or more, want at most %d", b.size, maxPacket)
	}
	if !more {
		b.length, b.left = false, b.size
	}
	return nil
}
