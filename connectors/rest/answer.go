package rest

import (
	"mime"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Answer is a server's whole answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON says whether the answer calls itself JSON. Servers answer 200 with an HTML page when a session
// has ended or a gateway is ill.
func (a *Answer) JSON() bool { return a.isA("application/json") }

// Text gives the first max characters of a plain text answer on one line; empty for any other type.
func (a *Answer) Text(max int) string {
	if !a.isA("text/plain") {
		return ""
	}
	text := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(string(a.Body), "?"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if utf8.RuneCountInString(text) > max {
		text = string([]rune(text)[:max]) + "…"
	}
	return text
}

func (a *Answer) isA(want string) bool {
	kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	return err == nil && kind == want
}
