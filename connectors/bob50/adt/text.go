package adt

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// CodePage is the code page of a table's texts; its file does not tell it.
type CodePage string

// The code pages of the setting bob.codepage.
const (
	CP1252 CodePage = "1252"
	CP850  CodePage = "850"
)

// page is a code page: of each byte its UTF-8, the first byte lowest, and in the highest byte how long it is.
type page [256]uint32

var pages = map[CodePage]*page{CP1252: newPage(charmap.Windows1252), CP850: newPage(charmap.CodePage850)}

func newPage(m *charmap.Charmap) *page {
	p := new(page)
	for i := range p {
		var b [4]byte
		n := utf8.EncodeRune(b[:], m.DecodeByte(byte(i))) // of a code page three at most
		b[3] = byte(n)
		p[i] = binary.LittleEndian.Uint32(b[:])
	}
	return p
}

// append appends b as UTF-8.
func (p *page) append(to, b []byte) []byte {
	n := len(to)
	to = slices.Grow(to, len(b)*utf8.UTFMax)
	to = to[:n+len(b)*utf8.UTFMax]
	for _, c := range b { // four bytes are written of each, what is too much goes with the next one
		binary.LittleEndian.PutUint32(to[n:], p[c])
		n += int(p[c] >> 24)
	}
	return to[:n]
}

func (p *page) text(b []byte) string { return string(p.append(nil, trim(b))) }

// plain says whether b is ASCII, looking at eight bytes at a time.
func plain(b []byte) bool {
	const high = 0x8080808080808080
	if len(b) < 8 {
		var all byte
		for _, c := range b {
			all |= c
		}
		return all < utf8.RuneSelf
	}
	for n := 0; n+8 < len(b); n += 8 {
		if binary.LittleEndian.Uint64(b[n:])&high != 0 {
			return false
		}
	}
	return binary.LittleEndian.Uint64(b[len(b)-8:])&high == 0 // the last eight, some of them again
}

// trim takes blanks and zeros off the end, eight at a time; those before a text stay. Both have no bit but that of a blank.
func trim(b []byte) []byte {
	const blanks = 0x2020202020202020
	for len(b) >= 8 {
		if v := binary.LittleEndian.Uint64(b[len(b)-8:]) &^ blanks; v != 0 {
			return b[:len(b)-bits.LeadingZeros64(v)/8]
		}
		b = b[:len(b)-8]
	}
	for len(b) > 0 && b[len(b)-1]&^' ' == 0 {
		b = b[:len(b)-1]
	}
	return b
}

// wide appends UTF-16LE as UTF-8; half a character becomes U+FFFD.
func wide(to, b []byte) []byte {
	for ; len(b) >= 2; b = b[2:] {
		r := rune(binary.LittleEndian.Uint16(b))
		if utf16.IsSurrogate(r) && len(b) >= 4 {
			if both := utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(b[2:]))); both != utf8.RuneError {
				r, b = both, b[2:]
			}
		}
		to = utf8.AppendRune(to, r)
	}
	return to
}
