package fetch

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// pace ends a transfer that is slower than its least rate: each least bytes must come within window. Only the time in
// which somebody waits for the server counts, so that a slow disk on our side is not the server's fault. There is no
// bound on the whole: a large file over a thin line may take its time.
type pace struct {
	least  int64
	window time.Duration
	cancel context.CancelCauseFunc

	mu    sync.Mutex // guards the rest
	got   int64      // of the least bytes
	left  time.Duration
	began time.Time
	timer *time.Timer // runs while somebody waits
}

func newPace(least int64, window time.Duration, cancel context.CancelCauseFunc) *pace {
	return &pace{least: least, window: window, cancel: cancel, left: window}
}

// wait is called before a call that waits for the server.
func (p *pace) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began = time.Now()
	p.timer = time.AfterFunc(p.left, func() {
		p.cancel(fmt.Errorf("%w: less than %d bytes in %v", ErrSlow, p.least, p.window))
	})
}

// came is called after it, with the number of bytes.
func (p *pace) came(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer.Stop()
	p.left -= time.Since(p.began)
	if p.got += int64(n); p.got >= p.least {
		p.restart()
	}
}

// fresh begins a new window: the answer's head has come.
func (p *pace) fresh() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.restart()
}

func (p *pace) restart() { p.got, p.left = 0, p.window }

// paced is a body that is read at the least rate. ctx is the one that pace cancels.
type paced struct {
	body io.Reader
	pace *pace
	ctx  context.Context
}

func (r *paced) Read(b []byte) (int, error) {
	r.pace.wait()
	n, err := r.body.Read(b)
	r.pace.came(n)
	if err != nil && err != io.EOF && r.ctx.Err() != nil {
		err = context.Cause(r.ctx)
	}
	return n, err
}
