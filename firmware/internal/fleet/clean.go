package fleet

import (
	"strings"
	"unicode"
)

// longestShown is how much of a text that came from outside is shown, in characters.
const longestShown = 500

// Clean gives a text that came from a box as it may be shown in a terminal: without control characters, which could move the
// cursor or write what looks like this program's own words, and not without end.
func Clean(s string) string {
	n := 0
	return strings.Map(func(r rune) rune {
		if n++; n > longestShown {
			return -1
		}
		if !unicode.IsPrint(r) && r != '\u00a0' && r != '\u202f' {
			return '�'
		}
		return r
	}, s)
}
