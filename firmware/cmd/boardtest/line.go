package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// line is the serial line of a board: all that came so far, and what is typed.
type line struct {
	to io.Writer

	mu   sync.Mutex // protects what follows
	seen []byte
	more chan struct{} // closed at the next byte, and at the end
	err  error         // why nothing more comes
}

// listen begins to read; it ends with the line.
func listen(rw io.ReadWriter) *line {
	l := &line{to: rw, more: make(chan struct{})}
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := rw.Read(b)
			l.mu.Lock()
			l.seen = append(l.seen, b[:n]...)
			l.err = err
			close(l.more)
			l.more = make(chan struct{})
			l.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return l
}

// now gives how many bytes there are.
func (l *line) now() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.seen)
}

// await waits for a pattern behind the first bytes, and gives all of that text.
func (l *line) await(ctx context.Context, first int, pattern *regexp.Regexp) (string, error) {
	for {
		l.mu.Lock()
		text, more, err := string(l.seen[min(first, len(l.seen)):]), l.more, l.err
		l.mu.Unlock()
		if pattern.MatchString(text) {
			return text, nil
		}
		if err != nil {
			return text, fmt.Errorf("the serial line ended: %w", err)
		}
		select {
		case <-more:
		case <-ctx.Done():
			return text, fmt.Errorf("nothing like %q came: %w", pattern, ctx.Err())
		}
	}
}

func (l *line) types(text string) error {
	_, err := io.WriteString(l.to, text)
	return err
}

// logLine is what the box logs, which comes at any time, behind a prompt as well.
var logLine = regexp.MustCompile(`time=\S+ level=[^\n]*`)

// letters leaves letters and digits of what is not log: so that it does not matter where a line was folded.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, logLine.ReplaceAllString(text, ""))
}
