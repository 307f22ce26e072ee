package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"syncbox/board"
	"syncbox/connectors/pairs"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/look"
	"syncbox/firmware/internal/sitetest"
)

// escape begins what is said to this program and not to the box: Ctrl-].
const escape = 0x1d

// box is what somebody has in front of him. A *sitetest.Machine is one.
type box interface {
	io.ReadWriter                   // the serial line's other end
	Wait(ctx context.Context) error // until it is off
	Button(pressed bool) error
	Hold(ctx context.Context, long time.Duration) error
	Colour() board.Colour         // of the light, at this moment
	Light() (health.Light, error) // what its rhythm means
}

// person is somebody at a terminal, who is at the box's console.
type person struct {
	box       box
	p         *locale.Printer
	out       io.Writer
	title     bool   // the terminal has a title to show the light in
	shown     string // there
	escaped   bool   // the next key is for us
	held      bool   // the button is
	nextLight time.Time
	light     string // as it was read last
}

// interactive lets somebody use the box, until he has had enough or ctx ends.
func (s *stage) interactive(ctx context.Context) error {
	p, err := locale.New(s.Language, nil)
	if err != nil {
		return err
	}
	defer raw(os.Stdin)()
	who := &person{box: s.box, p: p.Of(pairs.Names("acomba-centrixone")), out: os.Stdout, title: isTerminal(os.Stdout)}
	if err := who.greet(map[string]string{"customers": fmt.Sprint(s.Customers), "documents": fmt.Sprint(s.Documents), "code": s.Code}); err != nil {
		return err
	}
	return who.use(ctx, keys(os.Stdin))
}

// keys hands on what is typed, until the terminal is gone.
func keys(in io.Reader) <-chan []byte {
	c := make(chan []byte)
	go func() {
		defer close(c)
		for {
			b := make([]byte, 256)
			n, err := in.Read(b)
			if n > 0 {
				c <- b[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	return c
}

// errEnough is that the person has had enough.
var errEnough = errors.New("enough")

// use shows what the box writes and hands it what is typed.
func (w *person) use(ctx context.Context, typed <-chan []byte) error {
	written := make(chan []byte)
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { ended <- hand(ctx, w.box, written) }()
	gone := make(chan error, 1)
	go func() { gone <- w.box.Wait(ctx) }()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		var err error
		select {
		case b := <-written:
			_, err = w.out.Write(b)
		case b, more := <-typed:
			if err = w.typed(b); !more {
				typed = nil // whoever ran us without a terminal ends us by a signal
			}
		case <-tick.C:
			w.showLight()
		case err = <-gone:
			if ctx.Err() != nil {
				return nil
			}
			return errors.Join(errors.New("the box is off"), err)
		case <-ctx.Done():
			return nil
		}
		if errors.Is(err, errEnough) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// hand hands on what the box writes.
func hand(ctx context.Context, from io.Reader, to chan<- []byte) error {
	for {
		b := make([]byte, 4096)
		n, err := from.Read(b)
		if err != nil {
			return err
		}
		select {
		case to <- b[:n]:
		case <-ctx.Done():
			return nil
		}
	}
}

// typed hands keys to the box, but for those that follow the escape.
func (w *person) typed(keys []byte) error {
	for _, k := range keys {
		var err error
		switch {
		case w.escaped:
			w.escaped = false
			err = w.command(k)
		case k == escape:
			w.escaped = true
		default:
			_, err = w.box.Write([]byte{k})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// command does what a key behind the escape means.
func (w *person) command(key byte) error {
	switch key {
	case 'q', 'Q':
		return errEnough
	case 'b', 'B':
		w.say("qemu.pressed")
		return w.box.Hold(context.Background(), sitetest.APress)
	case 'p', 'P':
		return w.hold()
	case 'v', 'V':
		w.line(w.words())
	case escape:
		_, err := w.box.Write([]byte{escape})
		return err
	default:
		w.say("qemu.keys")
	}
	return nil
}

// hold holds the button, or lets it go.
func (w *person) hold() error {
	w.held = !w.held
	if w.held {
		w.say("qemu.held")
	} else {
		w.say("qemu.let")
	}
	return w.box.Button(w.held)
}

// greet says in both languages what is there and how it ends.
func (w *person) greet(there map[string]string) error {
	for _, tag := range locale.Languages {
		p, err := locale.New(tag.String(), nil)
		if err != nil {
			return err
		}
		for _, key := range []string{"qemu.intro", "qemu.keys", "qemu.code"} {
			w.line(p.Text(key, there))
		}
	}
	return nil
}

func (w *person) say(key string) { w.line(w.p.Text(key, nil)) }

// line writes a line of ours, apart from what the box writes.
func (w *person) line(text string) { fmt.Fprintf(w.out, "\r\n[ %s ]\r\n", text) }

// readLight is how often the light is read; a person looks for some seconds as well.
const readLight = time.Second

// showLight shows the light in the terminal's title: what is lit at this moment, and what the rhythm means.
func (w *person) showLight() {
	if !w.title {
		return
	}
	now, lamp := time.Now(), "○"
	if colour := w.box.Colour(); colour != board.Dark {
		lamp = "● " + look.Colour(w.p, colour)
	}
	if !now.Before(w.nextLight) {
		w.light, w.nextLight = w.words(), now.Add(readLight)
	}
	if text := strings.Join([]string{"syncbox", lamp, w.light}, "  "); text != w.shown {
		fmt.Fprintf(w.out, "\x1b]0;%s\a", text)
		w.shown = text
	}
}

// words says what the light means.
func (w *person) words() string {
	l, err := w.box.Light()
	if err != nil {
		return w.p.Text("look.unread", nil)
	}
	return words(w.p, l)
}

func words(p *locale.Printer, l health.Light) string {
	return p.Text("look.light", map[string]string{"look": look.Rhythm(p, l), "meaning": p.Text("light."+l.String(), nil)})
}
