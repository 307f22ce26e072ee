package layout

import "strings"

// Vote counts, over a sample of texts, which code page makes accented letters of French words.
//
// A byte above 0x7F votes when it stands in a word and is a plausible letter in one code page only:
// é is 82 in CP850 and E9 in Windows-1252, where the other page has a comma or a Ú. Case counts:
// a small letter does not stand among capitals. The zero Vote is ready to use.
type Vote struct {
	windows, dos int
}

const frenchLower = "éèêëàâçîïôûùüœ"

// Add lets one text vote. Padding does no harm.
func (v *Vote) Add(text []byte) {
	for i, c := range text {
		if c < 0x80 {
			continue
		}
		left, right := neighbours(text, i)
		if left == 0 && right == 0 {
			continue
		}
		windows := plausible(pages[Windows1252].decode[c], left, right)
		dos := plausible(pages[CP850].decode[c], left, right)
		switch {
		case windows && !dos:
			v.windows++
		case dos && !windows:
			v.dos++
		}
	}
}

// AddCard lets all text fields of a card vote.
func (v *Vote) AddCard(f *File, raw []byte) {
	if len(raw) < f.CardSize {
		return
	}
	for _, d := range f.fields {
		if d.kind != KindText {
			continue
		}
		for i := range d.count {
			if text, err := d.textBytes(d.slice(raw, i)); err == nil {
				v.Add(text)
			}
		}
	}
}

// Encoding gives the leading code page, Windows-1252 when nothing voted. sure means at least three
// votes and nine of ten for the leader.
func (v *Vote) Encoding() (encoding Encoding, sure bool) {
	if v.dos > v.windows {
		return CP850, v.dos >= 3 && v.dos >= 9*v.windows
	}
	return Windows1252, v.windows >= 3 && v.windows >= 9*v.dos
}

// mixed reports that both code pages have so many votes that no single page can be right.
func (v *Vote) mixed() bool {
	_, sure := v.Encoding()
	return !sure && min(v.windows, v.dos) >= 3
}

// neighbours gives the nearest ASCII letters of the same word, 0 where there is none.
func neighbours(text []byte, i int) (left, right byte) {
	for j := i - 1; j >= 0 && inWord(text[j]); j-- {
		if text[j] < 0x80 {
			left = text[j]
			break
		}
	}
	for j := i + 1; j < len(text) && inWord(text[j]); j++ {
		if text[j] < 0x80 {
			return left, text[j]
		}
	}
	return left, 0
}

func inWord(c byte) bool  { return c >= 0x80 || isLower(c) || isUpper(c) }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// plausible reports whether a letter can stand between these neighbours.
func plausible(r rune, left, right byte) bool {
	switch {
	case strings.ContainsRune(frenchLower, r):
		return isLower(right) || right == 0 && isLower(left)
	case r == '’':
		return left != 0 && right != 0
	case strings.ContainsRune(frenchUpper, r):
		return left == 0 || isUpper(left)
	}
	return false
}

var frenchUpper = strings.ToUpper(frenchLower)
