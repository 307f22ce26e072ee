package status

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"time"

	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/page"
)

// Bounds of what is told by itself.
const (
	most  = 24                     // pages that are told at one time; others are told to come again
	pause = 500 * time.Millisecond // between two looks
	alive = 5 * time.Second        // the page hears at least so often that the box is there
	stuck = 10 * time.Second       // who does not take what is told is told nothing more
)

// live tells a page how the box is whenever that changes, by server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html): the data is the live part of the page.
func (p *Pages) live(w http.ResponseWriter, r *page.Request) {
	if !p.watch.enter() {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "503 too many pages are open", http.StatusServiceUnavailable)
		return
	}
	defer p.watch.leave()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	tick := time.NewTicker(pause)
	defer tick.Stop()
	var last []byte
	var told time.Time
	for {
		text, err := set.Piece(r, "status", "live", p.watch.rate(p.look(r.Context())).told(r))
		if err != nil {
			p.Site.Log.Error("page", "err", err)
			return
		}
		event := []byte(nil)
		switch now := time.Now(); {
		case !bytes.Equal(text, last):
			event, last, told = eventOf(text), text, now
		case now.Sub(told) >= alive:
			event, told = []byte("event: alive\ndata:\n\n"), now
		}
		if event != nil {
			_ = out.SetWriteDeadline(time.Now().Add(stuck)) // where that can't be set, the server's own bound holds
			if _, err := w.Write(event); err != nil || out.Flush() != nil {
				return
			}
		}
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}

// eventOf puts a text into an event, line by line.
func eventOf(text []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		fmt.Fprintf(&b, "data: %s\n", bytes.TrimRight(line, "\r\n"))
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// watch is what the pages that are told have in common.
type watch struct {
	mu    sync.Mutex // protects what follows
	pages int
	marks map[string]mark
}

// mark is how far a job's work was at some moment, and how fast it goes.
type mark struct {
	phase string
	done  int
	at    time.Time
	rate  int
}

// gauge is over how long a rate is measured.
const gauge = 3 * time.Second

func (w *watch) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pages >= most {
		return false
	}
	w.pages++
	return true
}

func (w *watch) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages--
}

// rate says how fast each job goes, by what was seen before.
func (w *watch) rate(s seen) seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.marks == nil {
		w.marks = map[string]mark{}
	}
	s.rates = map[string]int{}
	for _, j := range s.jobs {
		s.rates[j.Job] = w.of(j, s.now)
	}
	return s
}

func (w *watch) of(j local.JobStatus, now time.Time) int {
	last, is := w.marks[j.Job], j.Status
	went := now.Sub(last.at)
	switch {
	case is.Phase == "" || is.Phase != last.phase || is.Done < last.done || went < 0:
		w.marks[j.Job] = mark{phase: is.Phase, done: is.Done, at: now}
	case went >= gauge:
		w.marks[j.Job] = mark{is.Phase, is.Done, now, int(float64(is.Done-last.done) / went.Minutes())}
	}
	return w.marks[j.Job].rate
}
