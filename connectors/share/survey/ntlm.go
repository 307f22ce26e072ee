package survey

import (
	"bytes"
	"fmt"
	"time"
	"unicode"
	"unicode/utf16"
)

// sessionSetup asks for a challenge and goes no further, so that nobody is logged on or refused
// (MS-SMB2 2.2.5, MS-NLMP 2.2.1.1, wrapped as RFC 4178 4.2.1 says).
func sessionSetup() []byte {
	const fixed = 24
	token := spnego(ntlmNegotiate())
	b := make([]byte, fixed, fixed+len(token))
	le.PutUint16(b, fixed+1)
	b[3] = 1 // signing is possible
	le.PutUint16(b[12:], headerSize+fixed)
	le.PutUint16(b[14:], uint16(len(token)))
	return append(b, token...)
}

// ntlmNegotiate asks for Unicode, the server's names and its version.
func ntlmNegotiate() []byte {
	const unicodeText, wantTarget, ntlm, sign, extended, info, version = 1, 4, 0x200, 0x8000, 0x80000, 0x800000, 0x2000000
	b := make([]byte, 40)
	copy(b, "NTLMSSP\x00")
	le.PutUint32(b[8:], 1)
	le.PutUint32(b[12:], unicodeText|wantTarget|ntlm|sign|extended|info|version)
	b[32], b[39] = 10, 15 // the version of the protocol's revision that is spoken
	return b
}

// spnego wraps a first token for a server that is to choose NTLM (DER; all lengths stay below 128).
func spnego(token []byte) []byte {
	der := func(tag byte, parts ...[]byte) []byte {
		all := bytes.Join(parts, nil)
		return append([]byte{tag, byte(len(all))}, all...)
	}
	var (
		spnegoID = []byte{0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02}
		ntlmID   = []byte{0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a}
	)
	mechs := der(0xa0, der(0x30, ntlmID))
	return der(0x60, spnegoID, der(0xa0, der(0x30, mechs, der(0xa2, der(0x04, token)))))
}

// challenged takes what a server tells of itself in its challenge (MS-NLMP 2.2.1.2). One that tells nothing stays as
// it is.
func (s *Server) challenged(a answer, now time.Time) {
	b := a.body()
	if len(b) < 8 || a.status() != statusMore {
		return
	}
	token := a.buffer(int(le.Uint16(b[4:])), int(le.Uint16(b[6:])))
	at := bytes.Index(token, []byte("NTLMSSP\x00\x02\x00\x00\x00"))
	if at < 0 || len(token)-at < 48 {
		return
	}
	s.challenge(token[at:], now)
}

func (s *Server) challenge(m []byte, now time.Time) {
	const hasVersion = 0x2000000
	if le.Uint32(m[20:])&hasVersion != 0 && len(m) >= 56 {
		s.Build = fmt.Sprintf("%d.%d.%d", m[48], m[49], le.Uint16(m[50:]))
	}
	n, off := int(le.Uint16(m[40:])), le.Uint32(m[44:])
	if uint64(off)+uint64(n) > uint64(len(m)) {
		return
	}
	for pairs := m[off : int(off)+n]; len(pairs) >= 4; {
		id, size := le.Uint16(pairs), int(le.Uint16(pairs[2:]))
		if id == 0 || size > len(pairs)-4 {
			return
		}
		s.told(id, pairs[4:4+size], now)
		pairs = pairs[4+size:]
	}
}

// told takes one pair of the challenge's list (MS-NLMP 2.2.2.1).
func (s *Server) told(id uint16, value []byte, now time.Time) {
	switch id {
	case 1:
		s.Name = plain(value)
	case 2:
		s.Domain = plain(value)
	case 3:
		s.DNSName = plain(value)
	case 4:
		s.DNSDomain = plain(value)
	case 7:
		if len(value) == 8 {
			s.clock(le.Uint64(value), now)
		}
	}
}

// plain reads UTF-16 and leaves out what can't be shown; a name has at most 255 characters.
func plain(b []byte) string {
	units := make([]uint16, 0, 255)
	for ; len(b) >= 2 && len(units) < cap(units); b = b[2:] {
		units = append(units, le.Uint16(b))
	}
	var text []rune
	for _, r := range utf16.Decode(units) {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			text = append(text, r)
		}
	}
	return string(text)
}
