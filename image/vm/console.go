package vm

import (
	"bytes"
	"sync"
)

// console keeps what is written to it; text may come in pieces of any size.
type console struct {
	mu    sync.Mutex // protects all below
	buf   []byte
	more  chan struct{} // closed at the next write; made when somebody waits
	ended bool
}

func (c *console) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf = append(c.buf, b...)
	c.wake()
	return len(b), nil
}

func (c *console) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	c.wake()
}

func (c *console) wake() {
	if c.more != nil {
		close(c.more)
		c.more = nil
	}
}

// find tells whether text is there from a byte on, and gives a channel that is closed at the next change, nil when
// there will be none.
func (c *console) find(text string, from int) (bool, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := bytes.Contains(c.buf[min(from, len(c.buf)):], []byte(text))
	if c.ended {
		return found, nil
	}
	if c.more == nil {
		c.more = make(chan struct{})
	}
	return found, c.more
}

func (c *console) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.buf)
}

// tail gives the last lines.
func (c *console) tail() string {
	s := c.text()
	return s[max(0, len(s)-4000):]
}
