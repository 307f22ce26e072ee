package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/board"
	"syncbox/connectors/pairs"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/sitetest"
)

// fakeBox is a box with fields for what it does.
type fakeBox struct {
	written       io.Reader
	typed         bytes.Buffer
	button        []bool
	held          time.Duration
	light         health.Light
	unread        error
	off           chan error
	readerClosed  chan struct{}
	coloursToShow board.Colour
}

func (b *fakeBox) Read(p []byte) (int, error) {
	if n, err := b.written.Read(p); err == nil {
		return n, nil
	}
	<-b.readerClosed
	return 0, io.EOF
}
func (b *fakeBox) Write(p []byte) (int, error)  { return b.typed.Write(p) }
func (b *fakeBox) Button(pressed bool) error    { b.button = append(b.button, pressed); return nil }
func (b *fakeBox) Colour() board.Colour         { return b.coloursToShow }
func (b *fakeBox) Light() (health.Light, error) { return b.light, b.unread }
func (b *fakeBox) Hold(_ context.Context, long time.Duration) error {
	b.held = long
	return nil
}
func (b *fakeBox) Wait(ctx context.Context) error {
	select {
	case err := <-b.off:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func newBox(written string) *fakeBox {
	return &fakeBox{written: strings.NewReader(written), off: make(chan error, 1), readerClosed: make(chan struct{}),
		light: health.ShareUnreachable, coloursToShow: board.Amber}
}

// atTerminal gives what somebody sees who types some keys, and how it ends.
func atTerminal(t *testing.T, b *fakeBox, title bool, keys ...string) (seen string, err error) {
	t.Helper()
	p, err := locale.New("en", nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := &person{box: b, p: p.Of(pairs.Names("acomba-centrixone")), out: &out, title: title}
	typed := make(chan []byte)
	ended := make(chan error, 1)
	go func() { ended <- w.use(t.Context(), typed) }()
	for _, k := range keys {
		typed <- []byte(k)
		time.Sleep(time.Second)
	}
	err = <-ended
	close(b.readerClosed)
	return out.String(), err
}

func TestKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox("syncbox-demo> ")
		seen, err := atTerminal(t, b, false, "status\r", "\x03", "\x1d", "b", "\x1dp", "\x1dp", "\x1dv", "\x1dx", "\x1d\x1d", "a\x1dq")
		if err != nil {
			t.Errorf("enough is an error: %v", err)
		}
		if got, want := b.typed.String(), "status\r\x03\x1da"; got != want {
			t.Errorf("the box was typed %q, want %q", got, want)
		}
		if b.held != sitetest.APress || len(b.button) != 2 || !b.button[0] || b.button[1] {
			t.Errorf("the button: once for %s, and %v", b.held, b.button)
		}
		for _, want := range []string{"syncbox-demo> ", "pressed", "is held", "let go", "Light: 3 short, 2 s dark - Acomba's folder can't be reached", "Ctrl-]"} {
			if !strings.Contains(seen, want) {
				t.Errorf("%q is not seen in %q", want, seen)
			}
		}
		if strings.Contains(seen, "\x1b]") {
			t.Error("something that is no terminal got a title")
		}
	})
}

func TestTitle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen, _ := atTerminal(t, newBox(""), true, "x", "\x1dq")
		if want := "\x1b]0;syncbox  ● amber  Light: 3 short, 2 s dark - Acomba's folder can't be reached\a"; strings.Count(seen, want) != 1 {
			t.Errorf("got %q, want %q once", seen, want)
		}
		b := newBox("")
		b.unread, b.coloursToShow = errors.New("too short"), board.Dark
		seen, _ = atTerminal(t, b, true, "x", "\x1dq")
		if want := "○  Light: not to be read yet"; !strings.Contains(seen, want) {
			t.Errorf("got %q, want %q", seen, want)
		}
	})
}

// TestOff: a box that switches itself off ends the program, as does whoever ends it.
func TestOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox("")
		b.off <- nil
		if _, err := atTerminal(t, b, false); err == nil || !strings.Contains(err.Error(), "the box is off") {
			t.Errorf("got %v", err)
		}
		b = newBox("")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := (&person{box: b, out: io.Discard}).use(ctx, nil)
		close(b.readerClosed)
		if err != nil {
			t.Errorf("ended from outside: %v", err)
		}
	})
}

// TestGreeting says the way out in both languages, before anything else.
func TestGreeting(t *testing.T) {
	var out bytes.Buffer
	if err := (&person{out: &out}).greet(map[string]string{"customers": "200", "documents": "500", "code": "7Q2KM-0XTV9"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"q termine tout", "q ends all", "7Q2KM-0XTV9", "200 clients", "200 customers"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in %q", want, out.String())
		}
	}
}
