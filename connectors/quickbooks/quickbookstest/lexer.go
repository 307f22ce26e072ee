package quickbookstest

import (
	"fmt"
	"strings"
)

// token is a word of the query language.
type token struct {
	kind tokenKind
	text string // a string's without its quotes
	at   int    // column from 1
}

type tokenKind int

const (
	endToken tokenKind = iota
	wordToken
	stringToken
	numberToken
	signToken // ( ) , * and operators
)

// lex cuts a statement into tokens.
func lex(s string) ([]token, *problem) {
	var tokens []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '\'':
			value, n, ok := quoted(s[i:])
			if !ok {
				return nil, lexical(i, c)
			}
			tokens = append(tokens, token{stringToken, value, i + 1})
			i += n
			continue
		}
		n, kind := span(s[i:])
		if n == 0 {
			return nil, lexical(i, c)
		}
		tokens = append(tokens, token{kind, s[i : i+n], i + 1})
		i += n
	}
	return append(tokens, token{endToken, "<EOF>", len(s) + 1}), nil
}

// span measures a token that is no string.
func span(s string) (int, tokenKind) {
	switch c := s[0]; {
	case isLetter(c):
		return len(s) - len(strings.TrimLeftFunc(s, func(r rune) bool { return r < 128 && (isLetter(byte(r)) || isDigit(byte(r)) || r == '.') })), wordToken
	case isDigit(c) || c == '-' && len(s) > 1 && isDigit(s[1]):
		return len(s) - len(strings.TrimLeft(s[1:], "0123456789.")), numberToken
	case strings.HasPrefix(s, "<=") || strings.HasPrefix(s, ">="):
		return 2, signToken
	case strings.IndexByte("=<>(),*", c) >= 0:
		return 1, signToken
	}
	return 0, endToken
}

// quoted reads a string with its escapes \' and \\; n is its length with the quotes.
func quoted(s string) (value string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '\'':
			return b.String(), i + 1, true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, false
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func lexical(i int, c byte) *problem {
	return unparsed(`Invalid content. Lexical error at line 1, column %d.  Encountered: %q (%d), after : ""`, i+1, string(rune(c)), c)
}

func unparsed(format string, args ...any) *problem {
	return badQuery("4000", "Error parsing query", "%s", "QueryParserError: "+fmt.Sprintf(format, args...))
}
