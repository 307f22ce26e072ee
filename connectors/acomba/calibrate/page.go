package calibrate

import (
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"syncbox/connectors/acomba/layout"
)

// pageSet says in which encodings bytes are a text.
type pageSet uint8

const (
	inCP850 pageSet = 1 << iota
	in1252
	inUTF16
)

// oneByte are the code pages that a layout knows.
var oneByte = []struct {
	set   pageSet
	name  layout.Encoding
	table *charmap.Charmap
}{
	{inCP850, layout.CP850, charmap.CodePage850},
	{in1252, layout.Windows1252, charmap.Windows1252},
}

// spelling is a text as bytes, and the encodings in which it is these bytes.
type spelling struct {
	bytes []byte
	pages pageSet
}

// spellings gives the bytes that a text may be in a file. An ASCII text is the same in both code pages.
func spellings(text string) []spelling {
	var all []spelling
	for _, p := range oneByte {
		b, ok := encode(p.table, text)
		switch {
		case !ok || len(b) == 0:
		case len(all) > 0 && string(all[0].bytes) == string(b):
			all[0].pages |= p.set
		default:
			all = append(all, spelling{b, p.set})
		}
	}
	wide := make([]byte, 0, 2*len(text))
	for _, u := range utf16.Encode([]rune(text)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	return append(all, spelling{wide, inUTF16})
}

func encode(table *charmap.Charmap, text string) ([]byte, bool) {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		b, ok := table.EncodeRune(r)
		if !ok {
			return nil, false
		}
		out = append(out, b)
	}
	return out, true
}
