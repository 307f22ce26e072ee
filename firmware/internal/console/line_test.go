package console

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// typed gives what a fresh editor makes of some bytes, up to the end of the line.
func typed(bytes string) (text, echo string, err error, done bool) {
	var e editor
	for i := range len(bytes) {
		var shown []byte
		shown, done, err = e.feed(bytes[i])
		echo += string(shown)
		if done {
			break
		}
	}
	return string(e.text), echo, err, done
}

func TestEditor(t *testing.T) {
	long := strings.Repeat("a", longestLine)
	tests := []struct {
		name, bytes, text, echo string
		err                     error
		open                    bool // the line does not end
	}{
		{name: "CR", bytes: "status\r", text: "status", echo: "status"},
		{name: "LF", bytes: "status\n", text: "status", echo: "status"},
		{name: "no end", bytes: "status", text: "status", echo: "status", open: true},
		{name: "accents", bytes: "état\r", text: "état", echo: "état"},
		{name: "a tab", bytes: "a\tb\r", text: "a b", echo: "a b"},
		{name: "backspace", bytes: "ab\bc\r", text: "ac", echo: "ab\b \bc"},
		{name: "backspace over an accent", bytes: "é\x7fe\r", text: "e", echo: "é\b \be"},
		{name: "backspace in a letter", bytes: "a\xc3\x7fb\r", text: "ab", echo: "ab"},
		{name: "backspace on nothing", bytes: "\b\ba\r", text: "a", echo: "a"},
		{name: "Ctrl-U", bytes: "abc\x15d\r", text: "d", echo: "abc\b \b\b \b\b \bd"},
		{name: "Ctrl-U frees from noise", bytes: "a\x00\xff\x15d\r", text: "d", echo: "a\b \bd"},
		{name: "Ctrl-U frees from too long a line", bytes: long + "aa\x15d\r", text: "d", echo: long + strings.Repeat("\b \b", longestLine) + "d"},
		{name: "Ctrl-C", bytes: "abc\x03", text: "abc", echo: "abc", err: errCancelled},
		{name: "Ctrl-C in a key", bytes: "\x1b[\x03", err: errCancelled},
		{name: "Ctrl-D", bytes: "\x04", err: errEnd},
		{name: "Ctrl-D behind something", bytes: "a\x04\r", text: "a", echo: "a"},
		{name: "arrows and function keys", bytes: "a\x1b[A\x1bOPb\x1b[15~c\x1bxd\r", text: "abcd", echo: "abcd"},
		{name: "an end within a key", bytes: "a\x1b[\r", text: "a", echo: "a"},
		{name: "a key without an end", bytes: "\x1b[" + strings.Repeat("1", longestKey) + "a\r", text: "a", echo: "a"},
		{name: "a control character", bytes: "a\x07b\r", text: "ab", echo: "ab", err: errGarbage},
		{name: "a control character of Latin-1", bytes: "a\u009bb\r", text: "ab", echo: "ab", err: errGarbage},
		{name: "Latin-1", bytes: "\xe9tat\r", text: "tat", echo: "tat", err: errGarbage},
		{name: "half a letter", bytes: "a\xc3\r", text: "a", echo: "a", err: errGarbage},
		{name: "the longest line", bytes: long + "\r", text: long, echo: long},
		{name: "too long", bytes: long + "b\r", text: long, echo: long, err: errTooLong},
		{name: "too long, then shorter", bytes: long + "b\b\r", text: long[1:], echo: long + "\b \b", err: errTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, echo, err, done := typed(tt.bytes)
			if text != tt.text || echo != tt.echo || !errors.Is(err, tt.err) || err != nil && tt.err == nil || done == tt.open {
				t.Errorf("got %q, echo %q, %v, done %v", text, echo, err, done)
			}
		})
	}
}

// CR, LF and CR LF end one line each, whatever came before.
func TestLineEnds(t *testing.T) {
	in := pump(t.Context(), strings.NewReader("a\rb\nc\r\nd\r\r\n\n"), func() {})
	var got []string
	for {
		text, err := in.line(t.Context(), &screen{w: io.Discard}, true, 0)
		if err != nil {
			break
		}
		got = append(got, text)
	}
	if want := "a,b,c,d,,"; strings.Join(got, ",") != want {
		t.Errorf("got %q, want %q", strings.Join(got, ","), want)
	}
}

func TestFold(t *testing.T) {
	for _, text := range []string{"", " ", strings.Repeat("a", 79), strings.Repeat("a", 80), strings.Repeat("ab ", 60), strings.Repeat(" ", 200) + "a",
		strings.Repeat(" ", 30) + strings.Repeat("é", 200), strings.Repeat("x", 78) + " y"} {
		var letters string
		for _, row := range fold(text) {
			if n := utf8.RuneCountInString(row); n > columns {
				t.Errorf("%q: a row of %d", text, n)
			}
			letters += row
		}
		if got, want := strings.ReplaceAll(letters, " ", ""), strings.ReplaceAll(text, " ", ""); got != want {
			t.Errorf("%q: became %q", text, letters)
		}
	}
}

// tame tells whether a text can go to a terminal: letters of Latin-1, and what ends a line or takes a letter back.
func tame(text string) bool {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\b \b", ""), "\r\n", "")
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

func FuzzEditor(f *testing.F) {
	for _, s := range []string{"etat\r", "é\b\b\x15\x03", "\x1b[A\x1bO\x1b", "\xff\xfe\x00", strings.Repeat("é", 400) + "\b\r", "\u009b2J\r"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var e editor
		for _, b := range in {
			echo, done, err := e.feed(b)
			if !tame(string(echo)) {
				t.Fatalf("%q echoes %q", in, echo)
			}
			if !utf8.Valid(e.text) || len(e.text) > longestLine || len(e.partial) >= utf8.UTFMax {
				t.Fatalf("%q: holds %q and %q", in, e.text, e.partial)
			}
			if done && err == nil && strings.ContainsFunc(string(e.text), unicode.IsControl) {
				t.Fatalf("%q: the line %q", in, e.text)
			}
			if done {
				e = editor{cr: e.cr}
			}
		}
	})
}

// Whatever an error or a record holds, it can't steer the terminal.
func FuzzScreen(f *testing.F) {
	f.Add("« 12\u202f345 fiches » → œuvre…", true)
	f.Add("\x1b[2J\u009b\u200e\xff\r\n", false)
	f.Fuzz(func(t *testing.T, text string, plain bool) {
		var b bytes.Buffer
		(&screen{w: &b, plain: plain}).line(text)
		limit := unicode.MaxLatin1
		if plain {
			limit = unicode.MaxASCII
		}
		for _, row := range strings.Split(strings.TrimSuffix(b.String(), "\r\n"), "\r\n") {
			if utf8.RuneCountInString(row) > columns || !tame(row) || strings.ContainsFunc(row, func(r rune) bool { return r > limit }) {
				t.Errorf("%q: shows %q", text, row)
			}
		}
	})
}

// Ctrl-C drops what was typed ahead of it.
func TestFlush(t *testing.T) {
	in := pump(t.Context(), strings.NewReader("ahead\rmore\x03next\r"), func() {})
	in.flush()
	if text, err := in.line(context.Background(), &screen{w: io.Discard}, true, 0); text != "next" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
}
