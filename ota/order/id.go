package order

import (
	"encoding/base32"
	"encoding/binary"
	"io"
	"strings"
	"time"
)

// crockford is the alphabet of a ULID, https://github.com/ulid/spec.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var crockford32 = base32.NewEncoding(crockford).WithPadding(base32.NoPadding)

// NewID makes the id of an order that is issued at now: a ULID, 26 characters that sort by time.
func NewID(now time.Time, random io.Reader) (string, error) {
	// 48 bits of milliseconds and 80 random ones, after 30 of zeros that round them up to whole characters and bytes.
	var b [20]byte
	if _, err := io.ReadFull(random, b[10:]); err != nil {
		return "", err
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(b[4:10], ms[2:])
	text := crockford32.EncodeToString(b[:]) // 32 characters of 5 bits, of which the first six are zeros
	return text[6:], nil
}

func validID(id string) bool {
	return len(id) == 26 && id[0] <= '7' && strings.Trim(id, crockford) == ""
}
