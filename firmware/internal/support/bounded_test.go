package support

import (
	"bytes"
	"io"
	"net"
	"testing"
	"testing/iotest"
)

// stream is a connection of which only the reading end counts.
type stream struct {
	net.Conn
	io.Reader
}

func (s stream) Read(p []byte) (int, error) { return s.Reader.Read(p) }

// TestBounded: packets pass as they are, until one is too long, however they are cut into pieces.
func TestBounded(t *testing.T) {
	body := func(n int) []byte { return bytes.Repeat([]byte{0xff}, n) }
	small := append([]byte{0x30, 5}, body(5)...)
	greatest := append([]byte{0x30, 0x80, 0x80, 0x04}, body(65536)...)
	tests := []struct {
		name   string
		stream []byte
		passes int // bytes, all if negative
	}{
		{"nothing", nil, -1},
		{"without a body", []byte{0xd0, 0, 0xd0, 0}, -1},
		{"small ones", bytes.Repeat(small, 20), -1},
		{"the greatest", append(bytes.Clone(greatest), small...), -1},
		{"one byte more", append(bytes.Clone(small), 0x30, 0x81, 0x80, 0x04, 1), 10},
		{"256 MiB", []byte{0x30, 0xff, 0xff, 0xff, 0x7f}, 3},
		{"a length without an end", []byte{0x30, 0x80, 0x80, 0x80, 0x80, 0x00}, 4},
		{"the last bit of a length", []byte{0x30, 0x80, 0x80, 0x80, 0x01}, 4},
	}
	for _, tt := range tests {
		for how, cut := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "halves": iotest.HalfReader, "bytes": iotest.OneByteReader,
		} {
			t.Run(tt.name+" "+how, func(t *testing.T) {
				got, err := io.ReadAll(&bounded{Conn: stream{Reader: cut(bytes.NewReader(tt.stream))}})
				want := tt.stream
				if tt.passes >= 0 {
					want = want[:tt.passes]
				}
				if !bytes.Equal(got, want) || (err != nil) != (tt.passes >= 0) {
					t.Errorf("%d bytes passed, %v, want %d", len(got), err, len(want))
				}
			})
		}
	}
}
