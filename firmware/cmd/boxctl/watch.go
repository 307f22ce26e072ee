package main

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
)

// redraw is the least time between two pictures of the table.
const redraw = 500 * time.Millisecond

// watchBoxes shows boxes as they change until it is interrupted: a live table in a terminal, lines elsewhere. A broker that is lost is
// looked for again.
func watchBoxes(c *call) error {
	f, isFile := c.out.(*os.File)
	w := &watching{call: c, boxes: fleet.NewRoster(), live: isFile && !c.json && term.IsTerminal(int(f.Fd()))}
	for {
		err := w.once()
		if c.ctx.Err() != nil {
			return nil
		}
		if !w.connected || !fleet.Unreached(err) {
			return err
		}
		fmt.Fprintln(c.errw, "boxctl:", err)
		if !fleet.Pause(c.ctx) {
			return nil
		}
	}
}

type watching struct {
	*call
	boxes     *fleet.Roster
	live      bool
	last      string // event
	connected bool   // there was a connection
}

// once watches on one connection.
func (w *watching) once() error {
	l, err := w.dial()
	if err != nil {
		return err
	}
	defer l.Close()
	w.connected = true
	if err := l.Subscribe(w.ctx, fleet.AllStatus, fleet.AllEvents); err != nil {
		return err
	}
	for {
		if err := l.Some(w.ctx, redraw, w.look); err != nil {
			return err
		}
		if w.live {
			w.draw()
		}
	}
}

// look takes what a box says, and prints it where there is no table.
func (w *watching) look(h fleet.Heard) {
	now := time.Now()
	if name := w.boxes.Take(h, now); name != "" {
		b, known := w.boxes.Box(name)
		switch {
		case w.json:
			b.Name, b.Heard = name, now
			w.object(lineOf(b))
		case !w.live && known:
			w.say("watch-status", "time", w.words.Time(now), "box", name, "state", w.state(b.Status.State), "version", dash(b.Status.FW))
		}
		return
	}
	box, kind, e, ok := fleet.EventOf(h)
	switch {
	case !ok:
	case w.json:
		w.object(struct {
			Box  string    `json:"box"`
			Kind wire.Kind `json:"kind"`
			wire.Event
		}{box, kind, e})
	default:
		w.last = w.words.Text("boxctl.watch-event", map[string]string{"time": w.words.Time(now), "box": box, "kind": fleet.Clean(string(kind)),
			"code": fleet.Clean(e.Code)})
		if !w.live {
			fmt.Fprintln(w.out, w.last)
		}
	}
}

// draw paints the table anew.
func (w *watching) draw() {
	var b bytes.Buffer
	b.WriteString("\x1b[H\x1b[2J")
	w.table(&b, w.boxes.All())
	fmt.Fprintf(&b, "\n%s\n", w.last)
	w.out.Write(b.Bytes())
}
