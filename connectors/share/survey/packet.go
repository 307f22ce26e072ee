package survey

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// errOther says that what answers is no SMB server, or a broken one.
var errOther = errors.New("not an answer of a file server")

// The parts of a packet that are used here (MS-SMB2 2.1, 2.2.1.2). All numbers are little-endian, but the length in
// front.
const (
	headerSize   = 64
	maxAnswer    = 64 << 10 // a server's answers to us are some hundred bytes
	interimTries = 4        // "wait for it" answers that may come before the answer

	cmdNegotiate    = 0
	cmdSessionSetup = 1

	statusOK      = 0
	statusPending = 0x00000103
	statusMore    = 0xC0000016 // MORE_PROCESSING_REQUIRED
)

var le = binary.LittleEndian

// packet makes a request with its length in front.
func packet(cmd uint16, message uint64, body []byte) []byte {
	p := make([]byte, 4+headerSize, 4+headerSize+len(body))
	binary.BigEndian.PutUint32(p, uint32(headerSize+len(body)))
	h := p[4:]
	copy(h, "\xfeSMB")
	le.PutUint16(h[4:], headerSize)
	le.PutUint16(h[6:], 1) // charge
	le.PutUint16(h[12:], cmd)
	le.PutUint16(h[14:], 31) // credits wanted
	le.PutUint64(h[24:], message)
	return append(p, body...)
}

// answer is a server's packet, of at least a header.
type answer []byte

func (a answer) status() uint32  { return le.Uint32(a[8:]) }
func (a answer) command() uint16 { return le.Uint16(a[12:]) }
func (a answer) body() []byte    { return a[headerSize:] }

// buffer gives the n bytes at an offset from the header's beginning, nil where there are not so many.
func (a answer) buffer(off, n int) []byte {
	if off < headerSize || n < 0 || off > len(a) || n > len(a)-off {
		return nil
	}
	return a[off : off+n]
}

// receive reads the answer to a command. Whatever comes, it takes memory for one answer at a time.
func receive(r io.Reader, cmd uint16) (answer, error) {
	for range interimTries {
		a, err := receiveAny(r)
		if err != nil {
			return nil, err
		}
		if len(a) < headerSize || string(a[:4]) != "\xfeSMB" || a.command() != cmd {
			return nil, errOther
		}
		if a.status() != statusPending {
			return a, nil
		}
	}
	return nil, fmt.Errorf("%w: it lets wait for ever", errOther)
}

// receiveAny reads a packet of whatever version.
func receiveAny(r io.Reader) (answer, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if length[0] != 0 || n < 4 || n > maxAnswer {
		return nil, errOther
	}
	a := make(answer, n)
	_, err := io.ReadFull(r, a)
	return a, err
}
