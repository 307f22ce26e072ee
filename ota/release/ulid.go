package release

import (
	"fmt"
	"io"
	"time"
)

// crockford are the digits of a ULID.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newULID makes an id (https://github.com/ulid/spec): 48 bits of milliseconds and 80 of chance, as 26 digits of 5 bits.
func newULID(now time.Time, random io.Reader) (string, error) {
	var b [16]byte
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	if _, err := io.ReadFull(random, b[6:]); err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	digits := make([]byte, 26)
	for i := range digits {
		bit := 5*i - 2 // of the 130 bits of the digits, the first two are no part of b
		v := 0
		for j := bit; j < bit+5; j++ {
			v <<= 1
			if j >= 0 {
				v |= int(b[j/8]>>(7-j%8)) & 1
			}
		}
		digits[i] = crockford[v]
	}
	return string(digits), nil
}
