package app_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"syncbox/connectors/acomba/acombatest"
)

// cardWatch kills the box while it writes a card: between the write that says so and the one that ends it.
type cardWatch struct {
	erp    *acombatest.Company
	people sync.Mutex // held by people while they write

	mu     sync.Mutex // protects what follows
	victim *victim    // nil: nobody is to die
	before map[int32]bool
	known  map[int32]bool // what the box left unfinished
}

func newCardWatch(t *testing.T, erp *acombatest.Company) *cardWatch {
	t.Helper()
	w := &cardWatch{erp: erp}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	must(t, err)
	_, err = unix.InotifyAddWatch(fd, filepath.Join(erp.Dir(), acombatest.CustomerTable.Path()), unix.IN_MODIFY)
	must(t, err)
	events := os.NewFile(uintptr(fd), "inotify")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for buf := make([]byte, 4096); ; {
			if _, err := events.Read(buf); err != nil {
				return
			}
			w.look()
		}
	}()
	t.Cleanup(func() { _ = events.Close(); <-ended })
	return w
}

// arm lets the next card that the box begins to write be its last.
func (w *cardWatch) arm(v *victim) {
	before := w.unfinished()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.victim, w.before = v, before
}

func (w *cardWatch) look() {
	w.people.Lock()
	defer w.people.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.victim == nil {
		return
	}
	for card := range w.unfinished() {
		if !w.before[card] {
			w.victim.pull()
			w.victim = nil
			return
		}
	}
}

// left counts the cards that a dead box left unfinished and that were not counted yet.
func (w *cardWatch) left() (n int) {
	now := w.unfinished()
	for card := range now {
		if !w.known[card] {
			n++
		}
	}
	w.known = now
	return n
}

// unfinished gives the cards that are being written or created.
func (w *cardWatch) unfinished() map[int32]bool {
	found := map[int32]bool{}
	for c, err := range w.erp.CustomerCards() {
		if err == nil && (c.ModSeq%2 == 1 || c.Status == acombatest.Creating) {
			found[c.CardPos] = true
		}
	}
	return found
}
