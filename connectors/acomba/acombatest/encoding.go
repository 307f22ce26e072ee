package acombatest

import (
	"fmt"

	"golang.org/x/text/encoding/charmap"
)

// Encoding is the code page of the text fields.
type Encoding int

// The code pages; ProfileEncoding stands for the profile's own one.
const (
	ProfileEncoding Encoding = iota
	Windows1252
	CP850
)

var encodingNames = [...]string{"profile", "windows-1252", "cp850"}

// String gives the code page's usual name.
func (e Encoding) String() string { return encodingNames[e] }

// Encoding is the profile's own code page.
func (p Profile) Encoding() Encoding {
	if p == SIM2 {
		return CP850
	}
	return Windows1252
}

// pad is the byte that fills a text field behind its text.
func (p Profile) pad() byte {
	if p == SIM2 {
		return 0
	}
	return ' '
}

// codePage translates both ways by table; the lower half is ASCII in both pages.
type codePage struct {
	runes [256]rune
	bytes map[rune]byte
}

var codePages = map[Encoding]*codePage{
	Windows1252: newCodePage(charmap.Windows1252),
	CP850:       newCodePage(charmap.CodePage850),
}

func newCodePage(m *charmap.Charmap) *codePage {
	p := &codePage{bytes: map[rune]byte{}}
	for i := range p.runes {
		r := m.DecodeByte(byte(i))
		p.runes[i] = r
		if r != '\uFFFD' {
			p.bytes[r] = byte(i)
		}
	}
	return p
}

// put writes s into field, padded. A text that is too long or that the code page cannot hold is an
// error: the program would not let its user type it.
func (p *codePage) put(field []byte, s string, pad byte) error {
	n := 0
	for _, r := range s {
		b, ok := byte(r), true
		if r >= 0x80 {
			b, ok = p.bytes[r]
		}
		if !ok {
			return fmt.Errorf("character %U is not in the code page", r)
		}
		if n == len(field) {
			return fmt.Errorf("text does not fit into %d bytes", len(field))
		}
		field[n] = b
		n++
	}
	for ; n < len(field); n++ {
		field[n] = pad
	}
	return nil
}

// get reads a field's text without its padding.
func (p *codePage) get(field []byte) string {
	n := len(field)
	for n > 0 && (field[n-1] == ' ' || field[n-1] == 0) {
		n--
	}
	out := make([]byte, 0, n)
	for _, b := range field[:n] {
		if b < 0x80 {
			out = append(out, b)
			continue
		}
		out = append(out, string(p.runes[b])...)
	}
	return string(out)
}
