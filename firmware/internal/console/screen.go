package console

import (
	"bytes"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// columns is how many letters a line of the screen holds. The last column of 80 stays free: some terminals begin a new
// line when it is filled, others do not.
const columns = 79

// screen writes to the terminal: lines of its width, and nothing that could steer it.
type screen struct {
	w     io.Writer
	plain bool  // without accents
	err   error // the first one
}

// raw writes a text as it is, but for accents.
func (s *screen) raw(text string) {
	if s.plain {
		text = unaccented(text)
	}
	if s.err == nil {
		_, s.err = io.WriteString(s.w, text)
	}
}

// line writes a line, folded to the width of the screen.
func (s *screen) line(text string) {
	for _, row := range fold(simple(text)) {
		s.raw(strings.ReplaceAll(row, noBreak, " ") + "\r\n")
	}
}

// show writes what a function prints.
func (s *screen) show(print func(w io.Writer)) {
	var b bytes.Buffer
	print(&b)
	if b.Len() == 0 {
		return
	}
	for _, text := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
		s.line(text)
	}
}

// noBreak is the blank that holds what is around it on one line.
const noBreak = "\u00a0"

// signs are the marks of good typography, as a terminal has them.
var signs = strings.NewReplacer("«\u00a0", `"`, "\u00a0»", `"`, "«", `"`, "»", `"`, "“", `"`, "”", `"`, "’", "'", "…", "...", "–", "-", "—", "-",
	"→", "->", "✖", "x", "\u202f", noBreak, "œ", "oe", "Œ", "OE")

// simple leaves letters that Latin-1 has, and makes everything else "?": whatever a name or an error holds, it
// can't steer the terminal.
func simple(text string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxLatin1 || unicode.IsControl(r) || r == utf8.RuneError || r == '\u00ad' {
			return '?'
		}
		return r
	}, signs.Replace(norm.NFC.String(text)))
}

// unaccented leaves out what stands above and below letters; what is not ASCII then becomes "?".
func unaccented(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r > unicode.MaxASCII:
			return '?'
		}
		return r
	}, norm.NFD.String(text))
}

// fold parts a line between words so that it fits the screen. What goes on is indented.
func fold(text string) []string {
	text = strings.TrimRight(text, " ")
	indent := len(text) - len(strings.TrimLeft(text, " "))
	if indent = min(indent, columns/2); indent < 20 {
		indent += 4
	}
	var rows []string
	letters := []rune(text)
	for len(letters) > columns {
		cut := columns
		for i := columns; i > indent; i-- {
			if letters[i] == ' ' {
				cut = i
				break
			}
		}
		rows = append(rows, strings.TrimRight(string(letters[:cut]), " "))
		rest := strings.TrimLeft(string(letters[cut:]), " ")
		letters = []rune(strings.Repeat(" ", indent) + rest)
	}
	return append(rows, string(letters))
}
