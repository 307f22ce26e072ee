package layout

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// Encoding is a code page by its name in the layout grammar.
type Encoding string

// The code pages of the grammar.
const (
	Auto        Encoding = "auto"
	Windows1252 Encoding = "windows-1252"
	CP850       Encoding = "cp850"
)

// codePage is a one-byte code page, both ways.
type codePage struct {
	name   Encoding
	decode [256]rune
	encode map[rune]byte
	text   [256]bool // bytes that are text: no controls, no box drawing
}

var pages = map[Encoding]*codePage{
	Windows1252: newPage(Windows1252, charmap.Windows1252),
	CP850:       newPage(CP850, charmap.CodePage850),
}

func newPage(name Encoding, table *charmap.Charmap) *codePage {
	p := &codePage{name: name, encode: make(map[rune]byte, 256)}
	for i := range 256 {
		r := table.DecodeByte(byte(i))
		p.decode[i] = r
		p.encode[r] = byte(i)
		p.text[i] = unicode.IsPrint(r) && (r < 0x2500 || r > 0x25FF) || r == 0xA0
	}
	return p
}

// string decodes bytes; plain ASCII costs one copy.
func (p *codePage) string(b []byte) string {
	ascii := true
	for _, c := range b {
		ascii = ascii && c < utf8.RuneSelf
	}
	if ascii {
		return string(b)
	}
	var s strings.Builder
	s.Grow(len(b) + 8)
	for _, c := range b {
		s.WriteRune(p.decode[c])
	}
	return s.String()
}

// plain are the typographic signs with a plain form that every code page has.
var plain = map[rune]string{
	'‘': "'", '’': "'", '‚': "'", '‛': "'", 'ʼ': "'", '′': "'",
	'“': `"`, '”': `"`, '„': `"`, '″': `"`,
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '−': "-",
	'…': "...", '\u2007': " ", '\u2009': " ", '\u202f': " ",
}

// fold replaces typographic signs the code page lacks.
func (p *codePage) fold(s string) string {
	lacks := func(r rune) bool { _, has := p.encode[r]; return !has && plain[r] != "" }
	if strings.IndexFunc(s, lacks) < 0 {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		if lacks(r) {
			out.WriteString(plain[r])
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// encodeText encodes the NFC form of a text without its trailing spaces. It refuses whatever does
// not fit; it never cuts or replaces.
func encodeText(p *codePage, sure bool, limit int, s string) ([]byte, *ValueError) {
	s = strings.TrimRight(norm.NFC.String(s), " \x00")
	out := make([]byte, 0, len(s))
	for _, r := range s {
		c, ok := p.encode[r]
		switch {
		case r < 0x20 || r >= 0x7F && r < 0xA0:
			return nil, &ValueError{Err: ErrControl, Detail: fmt.Sprintf("%U", r)}
		case !ok:
			return nil, &ValueError{Err: ErrCodePage, Detail: fmt.Sprintf("%U in %s", r, p.name)}
		case r >= utf8.RuneSelf && !sure:
			return nil, &ValueError{Err: ErrCodePage, Detail: fmt.Sprintf("%U, code page not known for sure", r)}
		}
		out = append(out, c)
	}
	if len(out) > limit {
		return nil, &ValueError{Err: ErrTooLong, Detail: fmt.Sprintf("%d bytes, the field holds %d", len(out), limit)}
	}
	return out, nil
}

// textBytes gives the text of a field without prefix and padding. The error is a length prefix
// beyond the field.
func (f *field) textBytes(b []byte) ([]byte, error) {
	if f.prefix > 0 {
		n := int(b[0])
		if f.prefix == 2 {
			n = int(f.order().Uint16(b))
		}
		if n > f.text {
			return nil, fmt.Errorf("bad length %d, the field holds %d", n, f.text)
		}
		b = b[f.prefix : f.prefix+n]
	}
	if f.pad != padSpace {
		if i := bytes.IndexByte(b, 0); i >= 0 {
			b = b[:i]
		}
	}
	return bytes.TrimRight(b, " "), nil
}

// putText writes encoded text and its padding over an element.
func (f *field) putText(b, text []byte) {
	fill := f.padByte(b[f.prefix:])
	switch f.prefix {
	case 1:
		b[0] = byte(len(text))
	case 2:
		f.order().PutUint16(b, uint16(len(text)))
	}
	b = b[f.prefix:]
	for i := copy(b, text); i < len(b); i++ {
		b[i] = fill
	}
}

// padByte gives the fill byte; with "either" it keeps what the card uses.
func (f *field) padByte(b []byte) byte {
	switch {
	case f.pad == padNUL, f.pad == padEither && bytes.IndexByte(b, 0) >= 0:
		return 0
	default:
		return ' '
	}
}
