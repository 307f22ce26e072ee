package rest

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// mask stands where a secret was.
const mask = "***"

// query is the part of a URL that may hold what customers are called.
var query = regexp.MustCompile(`\?[^\s"'<>]*=[^\s"'<>]*`)

// Secrets are the words that must not be seen: keys, account numbers, tokens. The zero pointer has none.
type Secrets struct {
	any    *regexp.Regexp // a word in plain or in percent-encoded form, in any case; nil if there are none
	number map[string]bool
}

// NewSecrets takes the words; empty ones are ignored. A word of digits only is hidden where it stands as
// a number of its own, so that longer ids that contain it stay readable.
func NewSecrets(words ...string) *Secrets {
	s := &Secrets{number: map[string]bool{}}
	var forms []string
	for _, w := range words {
		if w == "" {
			continue
		}
		if strings.Trim(w, "0123456789") == "" {
			s.number[w] = true
		}
		for _, form := range []string{w, url.PathEscape(w), url.QueryEscape(w)} {
			forms = append(forms, regexp.QuoteMeta(form))
		}
	}
	// At one place the longest wins, or a number would hide the key that begins with it.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	if len(forms) > 0 {
		s.any = regexp.MustCompile(`(?i)` + strings.Join(forms, "|"))
	}
	return s
}

// Hide gives text without the secrets and without the queries of URLs in it.
func (s *Secrets) Hide(text string) string {
	text = query.ReplaceAllString(text, "")
	if s == nil || s.any == nil {
		return text
	}
	var b strings.Builder
	done := 0
	for _, at := range s.any.FindAllStringIndex(text, -1) {
		if s.number[text[at[0]:at[1]]] && insideNumber(text, at[0], at[1]) {
			continue
		}
		b.WriteString(text[done:at[0]])
		b.WriteString(mask)
		done = at[1]
	}
	return b.String() + text[done:]
}

// insideNumber says whether text[from:to] has digits beside it; those of a percent-encoding do not count.
func insideNumber(text string, from, to int) bool {
	encoded := from >= 3 && text[from-3] == '%'
	return digitAt(text, from-1) && !encoded || digitAt(text, to)
}

func digitAt(text string, i int) bool {
	return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9'
}

// URL prints the path of u, the only form in which a URL may be shown: no query, no log-on.
func (s *Secrets) URL(u *url.URL) string { return s.Hide(u.EscapedPath()) }

// String shows nothing.
func (s *Secrets) String() string { return mask }

// GoString shows nothing.
func (s *Secrets) GoString() string { return mask }
