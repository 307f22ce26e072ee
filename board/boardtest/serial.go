package boardtest

import (
	"bytes"
	"io"
	"sync"
)

// Serial gives the two ends of a serial line. What one end writes, the other reads; writes never wait. When an end is
// closed, its reads end at once, those of the other end after what is still on the line.
func Serial() (box, person io.ReadWriteCloser) {
	there, back := newWire(), newWire()
	return end{reads: back, writes: there}, end{reads: there, writes: back}
}

// wire is one direction.
type wire struct {
	mu    sync.Mutex // protects what follows
	more  sync.Cond
	bytes bytes.Buffer
	over  bool // nothing more comes
	deaf  bool // nobody reads any more
}

func newWire() *wire {
	w := &wire{}
	w.more.L = &w.mu
	return w
}

type end struct{ reads, writes *wire }

// Read waits for bytes; io.EOF when none come any more.
func (e end) Read(b []byte) (int, error) {
	w := e.reads
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.bytes.Len() == 0 && !w.over && !w.deaf {
		w.more.Wait()
	}
	if w.deaf || w.bytes.Len() == 0 {
		return 0, io.EOF
	}
	return w.bytes.Read(b)
}

// Write puts bytes on the line; where nobody reads any more, they are lost.
func (e end) Write(b []byte) (int, error) {
	w := e.writes
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return 0, io.ErrClosedPipe
	}
	if w.deaf {
		return len(b), nil
	}
	w.more.Broadcast()
	return w.bytes.Write(b)
}

// Close ends the line in both directions.
func (e end) Close() error {
	for w, mark := range map[*wire]*bool{e.reads: &e.reads.deaf, e.writes: &e.writes.over} {
		w.mu.Lock()
		*mark = true
		w.more.Broadcast()
		w.mu.Unlock()
	}
	return nil
}
