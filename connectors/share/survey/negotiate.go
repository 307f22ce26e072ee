package survey

import (
	"crypto/rand"
	"time"
)

// dialects are the versions we offer, with the names people know (MS-SMB2 2.2.3).
var dialects = []struct {
	number uint16
	name   string
}{{0x0202, "2.0.2"}, {0x0210, "2.1"}, {0x0300, "3.0"}, {0x0302, "3.0.2"}, {0x0311, "3.1.1"}}

func dialectName(number uint16) string {
	for _, d := range dialects {
		if d.number == number {
			return d.name
		}
	}
	return ""
}

// negotiateRequest offers every version. 3.1.1 wants to hear of a hash, and of ciphers (MS-SMB2 2.2.3.1).
func negotiateRequest() []byte {
	const fixed = 36
	b := make([]byte, fixed, 128)
	le.PutUint16(b, fixed)
	le.PutUint16(b[2:], uint16(len(dialects)))
	b[4] = 1                  // signing is possible
	le.PutUint32(b[8:], 0x40) // so is encryption
	rand.Read(b[12:28])
	for _, d := range dialects {
		b = le.AppendUint16(b, d.number)
	}
	b = align(b)
	le.PutUint32(b[28:], uint32(headerSize+len(b)))
	le.PutUint16(b[32:], 2)

	salt := make([]byte, 32)
	rand.Read(salt)
	hashes := append([]byte{1, 0, 32, 0, 1, 0}, salt...) // one hash, a salt of 32 bytes, SHA-512
	b = align(appendContext(b, 1, hashes))
	return appendContext(b, 2, []byte{2, 0, 2, 0, 1, 0}) // two ciphers: AES-128-GCM, AES-128-CCM
}

// align pads to the 8 bytes that contexts begin at; the header before has a multiple of them.
func align(b []byte) []byte {
	for len(b)%8 != 0 {
		b = append(b, 0)
	}
	return b
}

func appendContext(b []byte, kind uint16, data []byte) []byte {
	b = le.AppendUint16(b, kind)
	b = le.AppendUint16(b, uint16(len(data)))
	return append(append(b, 0, 0, 0, 0), data...)
}

// negotiated takes what an answer tells (MS-SMB2 2.2.4).
func (s *Server) negotiated(a answer, now time.Time) error {
	b := a.body()
	if len(b) < 64 || a.status() != statusOK {
		return errOther
	}
	if s.Dialect = dialectName(le.Uint16(b[4:])); s.Dialect == "" {
		return errOther
	}
	s.Signing = b[2]&2 != 0
	s.clock(le.Uint64(b[40:]), now)
	return nil
}

// clock takes a server's time: 100 ns since 1601 (MS-DTYP 2.3.3), 0 where it does not tell.
func (s *Server) clock(stamp uint64, now time.Time) {
	const secondsTo1970, perSecond = 11_644_473_600, 10_000_000
	if s.Clock || stamp == 0 || stamp > 1<<62 {
		return
	}
	at := time.Unix(int64(stamp/perSecond)-secondsTo1970, int64(stamp%perSecond)*100)
	s.Skew, s.Clock = at.Sub(now).Round(time.Second), true
}

// oldRequest offers the versions before SMB2 (MS-CIFS 2.2.4.52.1), to tell an old server from something else.
func oldRequest() []byte {
	const words = "\x02NT LM 0.12\x00"
	p := make([]byte, 4+32)
	copy(p[4:], "\xffSMB\x72")
	p = append(p, 0, byte(len(words)), 0)
	p = append(p, words...)
	p[3] = byte(len(p) - 4)
	return p
}

func isOld(a answer) bool { return len(a) >= 32 && string(a[:4]) == "\xffSMB" }
