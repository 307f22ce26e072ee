package adt

import (
	"encoding/binary"
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

// page is a code page as the UTF-8 of each byte.
type page [256][]byte

var pages = map[CodePage]*page{CP1252: newPage(charmap.Windows1252), CP850: newPage(charmap.CodePage850)}

func newPage(m *charmap.Charmap) *page {
	p := new(page)
	for i := range p {
		p[i] = utf8.AppendRune(nil, m.DecodeByte(byte(i)))
	}
	return p
}

// append appends b as UTF-8.
func (p *page) append(to, b []byte) []byte {
	for len(b) > 0 {
		n := plain(b)
		to = append(to, b[:n]...)
		if b = b[n:]; len(b) > 0 {
			to, b = append(to, p[b[0]]...), b[1:]
		}
	}
	return to
}

func (p *page) text(b []byte) string { return string(p.append(nil, trim(b))) }

// plain gives how many bytes at the start of b are ASCII, eight at a time.
func plain(b []byte) int {
	const high = 0x8080808080808080
	n := 0
	for n+8 <= len(b) && binary.LittleEndian.Uint64(b[n:])&high == 0 {
		n += 8
	}
	for n < len(b) && b[n] < utf8.RuneSelf {
		n++
	}
	return n
}

// trim takes blanks and zeros off the end; those before a text stay.
func trim(b []byte) []byte {
	const blanks = 0x2020202020202020
	for len(b) >= 8 {
		if v := binary.LittleEndian.Uint64(b[len(b)-8:]); v != blanks && v != 0 {
			break
		}
		b = b[:len(b)-8]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == 0) {
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
