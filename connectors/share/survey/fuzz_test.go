package survey

import (
	"bytes"
	"encoding/hex"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"
)

// Answers of Samba 4.17 to what Ask sends, without the length in front.
const (
	sambaNegotiated = "fe534d424000010000000000000001000100000000000000000000000000000000000000000000000000000000000000000000000000000000000000" +
		"00000000410003001103020065727073727600000000000000000000070000000000800000008000000080009c611690b67add010000000000000000" +
		"80004a00d0000000604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa32a3028a0261b246e6f745f646566696e65645f696e" +
		"5f5246433431373840706c656173655f69676e6f7265000000000000010026000000000001002000010057a7efe16459febeb15afca8080ab0d333b4" +
		"69ae8e85af4da5e9cb4faab3f06e0000020004000000000001000200"
	sambaChallenge = "fe534d4240000100160000c0010001000100000000000000010000000000000000000000000000004fbf649300000000000000000000000000000000" +
		"000000000900000048009f00a1819c308199a0030a0101a10c060a2b06010401823702020aa281830481804e544c4d53535000020000000c000c0038" +
		"00000005828a0235b2a7189fe7515d00000000000000003c003c0044000000060100000000000f45005200500053005200560002000c004500520050" +
		"0053005200560001000c00450052005000530052005600040000000300040076006d000700080028411990b67add0100000000"
)

// FuzzAnswers feeds a server's bytes: both answers, one behind the other, each with its length.
func FuzzAnswers(f *testing.F) {
	for _, text := range []string{sambaNegotiated, sambaChallenge} {
		seed, err := hex.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(framed(seed))
	}
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xfe, 'S', 'M', 'B'})
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n"))
	now := time.Unix(1_790_000_000, 0)
	f.Fuzz(func(t *testing.T, sent []byte) {
		for _, cmd := range []uint16{cmdNegotiate, cmdSessionSetup} {
			a, err := receive(bytes.NewReader(sent), cmd)
			if err != nil {
				continue
			}
			if len(a) > maxAnswer {
				t.Fatalf("an answer of %d bytes was taken", len(a))
			}
			var s Server
			s.negotiated(a, now)
			s.challenged(a, now)
			for _, text := range []string{s.Name, s.DNSName, s.Domain, s.DNSDomain, s.Build} {
				odd := strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
				if odd || len([]rune(text)) > 255 {
					t.Fatalf("a server may not be called %q", text)
				}
			}
		}
	})
}

func framed(p []byte) []byte { return append([]byte{0, 0, byte(len(p) >> 8), byte(len(p))}, p...) }

// What Samba said is read as it was meant.
func TestSambasAnswers(t *testing.T) {
	var s Server
	now := time.Unix(1_790_000_000, 0)
	for _, text := range []string{sambaNegotiated, sambaChallenge} {
		p, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		a, err := receive(bytes.NewReader(framed(p)), answer(p).command())
		if err != nil {
			t.Fatal(err)
		}
		if s.Dialect == "" {
			if err := s.negotiated(a, now); err != nil {
				t.Fatal(err)
			}
		}
		s.challenged(a, now)
	}
	if s.Name != "ERPSRV" || s.Dialect != "3.1.1" || !s.Signing || s.Build != "6.1.0" || !s.Clock {
		t.Errorf("got %+v", s)
	}
}

// A length costs nothing before the bytes are there, but one answer.
func TestLengthsCostNothing(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		if _, err := receive(io.MultiReader(bytes.NewReader([]byte{0, 0xff, 0xff, 0xff})), cmdNegotiate); err == nil {
			t.Fatal("16 MiB are no answer")
		}
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("%d bytes were allocated for nothing", got)
	}
}
