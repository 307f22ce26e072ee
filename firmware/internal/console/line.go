package console

import (
	"context"
	"errors"
	"io"
	"time"
	"unicode"
	"unicode/utf8"
)

// How a line can end without a text.
var (
	errCancelled = errors.New("cancelled") // Ctrl-C
	errEnd       = errors.New("end")       // Ctrl-D
	errTooLong   = errors.New("too long")
	errGarbage   = errors.New("no text") // bytes that are no UTF-8, or control characters
	errIdle      = errors.New("idle")
)

// longestLine is how many bytes a line may have.
const longestLine = 600

// The bytes with a meaning of their own.
const (
	ctrlC     = 0x03
	ctrlD     = 0x04
	backspace = 0x08
	ctrlU     = 0x15
	escape    = 0x1b
	rubout    = 0x7f
)

// editor puts a line together from bytes, whatever they are. CR, LF and CR LF end a line. The sequences of arrow and
// function keys are left out.
type editor struct {
	text    []byte
	partial []byte // of a letter of several bytes
	keys    int    // in a key's sequence: 0 = no, 1 = after ESC, more = further in
	bad     bool
	long    bool
	cr      bool
}

// feed takes a byte. It gives what to echo, and whether the line ended, as nil or one of the errors above with done.
func (e *editor) feed(b byte) (echo []byte, done bool, err error) {
	afterCR := e.cr
	e.cr = b == '\r'
	switch b {
	case '\n', '\r':
		if b == '\n' && afterCR {
			return nil, false, nil
		}
		return nil, true, e.wrong()
	case ctrlC:
		return nil, true, errCancelled
	case ctrlU:
		return e.erase(utf8.RuneCount(e.text)), false, nil
	}
	if e.inKey(b) {
		return nil, false, nil
	}
	switch b {
	case ctrlD:
		if len(e.text) == 0 && len(e.partial) == 0 {
			return nil, true, errEnd
		}
		return nil, false, nil
	case backspace, rubout:
		return e.erase(1), false, nil
	case '\t':
		b = ' '
	}
	return e.add(b), false, nil
}

// wrong tells what is wrong with the line as a whole.
func (e *editor) wrong() error {
	switch {
	case e.long:
		return errTooLong
	case e.bad || len(e.partial) > 0:
		return errGarbage
	}
	return nil
}

// longestKey bounds a key's sequence, so that noise can't hide what is typed after it.
const longestKey = 16

// inKey takes the bytes of a key's sequence: ESC, one byte, and after "[" or "O" up to a letter or "~" (ECMA-48).
func (e *editor) inKey(b byte) bool {
	switch {
	case b == escape:
		e.keys = 1
	case e.keys == 0:
		return false
	case e.keys == 1 && (b == '[' || b == 'O'):
		e.keys = 2
	case e.keys == 1 || b >= 0x40 && b <= 0x7e || e.keys > longestKey:
		e.keys = 0
	default:
		e.keys++
	}
	return true
}

// erase takes away the last letters. A line that is wholly erased is a good one again.
func (e *editor) erase(n int) (echo []byte) {
	if len(e.partial) > 0 && n == 1 {
		e.partial = nil
		return nil
	}
	e.partial = nil
	for ; n > 0 && len(e.text) > 0; n-- {
		_, size := utf8.DecodeLastRune(e.text)
		clear(e.text[len(e.text)-size:])
		e.text = e.text[:len(e.text)-size]
		echo = append(echo, "\b \b"...)
	}
	if len(e.text) == 0 {
		e.bad, e.long = false, false
	}
	return echo
}

// add takes a byte of a letter.
func (e *editor) add(b byte) (echo []byte) {
	e.partial = append(e.partial, b)
	for len(e.partial) > 0 && utf8.FullRune(e.partial) {
		r, size := utf8.DecodeRune(e.partial)
		letter := e.partial[:size]
		e.partial = e.partial[size:]
		switch {
		case r == utf8.RuneError || unicode.IsControl(r):
			e.bad = true
		case len(e.text)+size > longestLine:
			e.long = true
		default:
			e.text = append(e.text, letter...)
			echo = append(echo, letter...)
		}
	}
	return echo
}

// input is what comes from a line.
type input struct {
	bytes chan byte
	err   error // why bytes was closed
	cr    bool  // the last line ended with a CR: an LF behind it belongs to it
}

// ahead is how many bytes may be typed while a command runs.
const ahead = 4096

// pump reads from a line until it ends, or until the first byte after ctx did. interrupt is called as soon as somebody
// types Ctrl-C.
func pump(ctx context.Context, r io.Reader, interrupt func()) *input {
	in := &input{bytes: make(chan byte, ahead)}
	go func() {
		defer close(in.bytes)
		buf := make([]byte, 256)
		for {
			n, err := r.Read(buf)
			for _, b := range buf[:n] {
				if b == ctrlC {
					interrupt()
				}
				select {
				case in.bytes <- b:
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				in.err = err
				return
			}
		}
	}()
	return in
}

// flush drops what was typed up to a Ctrl-C, which is on its way.
func (in *input) flush() {
	for b := range in.bytes {
		if b == ctrlC {
			return
		}
	}
}

// line reads a line. idle is how long it waits for a byte; 0 = for ever.
func (in *input) line(ctx context.Context, out *screen, echo bool, idle time.Duration) (string, error) {
	e := editor{cr: in.cr}
	defer func() { in.cr = e.cr; clear(e.text) }()
	var over <-chan time.Time
	for {
		if idle > 0 {
			over = time.After(idle)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-over:
			out.raw("\r\n")
			return "", errIdle
		case b, ok := <-in.bytes:
			if !ok {
				return "", in.err
			}
			shown, done, err := e.feed(b)
			if done {
				out.raw("\r\n")
				return string(e.text), err
			}
			if echo && len(shown) > 0 {
				out.raw(string(shown))
			}
		}
	}
}
