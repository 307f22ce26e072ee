package survey

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"syncbox/connectors"
)

// bounds is what a child may take.
type bounds struct {
	memory int64 // bytes
	time   time.Duration
}

// The bounds, where a Helper names no others. The runtime takes memory in pieces of 64 MiB, of which some are its own.
var (
	short = bounds{192 << 20, 2 * time.Minute}
	long  = bounds{192 << 20, 10 * time.Minute}
	large = bounds{448 << 20, 10 * time.Minute}
)

const (
	maxLine  = 1 << 20 // of what it tells, in bytes
	maxTold  = 16 << 20
	maxWords = 4 << 10 // of its last words
	waitFor  = 2 * time.Second
)

// run has a child do one request and hands over what it tells.
func (h *Helper) run(ctx context.Context, r Request, most bounds, told func(Line)) error {
	end, err := h.turn.take(ctx)
	if err != nil {
		return err
	}
	defer end()
	log := cmp.Or(h.Log, slog.New(slog.DiscardHandler))
	limited, cancel := context.WithTimeout(ctx, cmp.Or(h.Time, most.time))
	defer cancel()
	c, err := h.start(limited, r, cmp.Or(h.Memory, most.memory))
	if err != nil {
		return &connectors.Error{Kind: connectors.Unavailable, Code: CodeNotStarted, Err: err}
	}
	done, err := c.listen(told)
	c.end()
	switch {
	case done:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return &connectors.Error{Kind: connectors.Unavailable, Code: CodeSlow, Err: limited.Err()}
	case err != nil:
		return &connectors.Error{Kind: connectors.Unavailable, Code: CodeGarbled, Err: err}
	}
	log.Warn("survey ended early", "status", c.cmd.ProcessState.String(), "words", c.words.first())
	return &connectors.Error{Kind: connectors.Unavailable, Code: CodeDied, Err: errors.New(c.cmd.ProcessState.String())}
}

// child is a process at work.
type child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser // open as long as the box lives: its end is the child's
	out   io.ReadCloser
	words words
}

// start starts a child in a process group of its own, binds it, and only then gives it its request.
func (h *Helper) start(ctx context.Context, r Request, memory int64) (*child, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	program := h.Program
	if program == "" {
		if program, err = self(); err != nil {
			return nil, err
		}
	}
	c := &child{cmd: exec.CommandContext(ctx, program, "survey")}
	c.cmd.Env = []string{"GOMEMLIMIT=" + strconv.FormatInt(memory/3, 10)}
	c.cmd.Stderr = &c.words
	c.cmd.WaitDelay = waitFor
	group(c.cmd)
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.out, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	if err := bind(c.cmd.Process.Pid, memory); err != nil {
		c.end()
		return nil, fmt.Errorf("bind survey: %w", err)
	}
	go c.in.Write(append(text, '\n')) // ends with the pipe at the latest; a child that did not get it is heard of
	return c, nil
}

// listen reads what the child tells until it is done, ends, or tells what makes no sense.
func (c *child) listen(told func(Line)) (done bool, err error) {
	all := &io.LimitedReader{R: c.out, N: maxTold}
	lines := bufio.NewScanner(all)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var l Line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return false, fmt.Errorf("read survey: %w", err)
		}
		if l.Done {
			return true, nil
		}
		told(l)
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) || all.N <= 0 {
		return false, errors.New("read survey: it tells too much")
	}
	return false, nil
}

// end ends whatever is left of the child and waits for it.
func (c *child) end() {
	c.in.Close()
	kill(c.cmd)
	c.cmd.Wait() // how it ended is in its ProcessState
}

// words keeps the beginning of what a child says in distress.
type words struct{ bytes.Buffer }

func (w *words) Write(p []byte) (int, error) {
	w.Buffer.Write(p[:min(len(p), maxWords-w.Len())])
	return len(p), nil
}

// first gives the first line, where it is one of the runtime's own; others may hold what a server sent.
func (w *words) first() string {
	for line := range strings.Lines(w.String()) {
		line = strings.TrimSpace(line)
		for _, own := range []string{"panic: runtime error", "fatal error: ", "runtime: ", "runtime/cgo: "} {
			if strings.HasPrefix(line, own) {
				return line
			}
		}
	}
	return ""
}

// turn lets one in at a time. The zero turn is free.
type turn struct {
	once sync.Once
	free chan struct{}
}

func (t *turn) take(ctx context.Context) (end func(), err error) {
	t.once.Do(func() { t.free = make(chan struct{}, 1) })
	select {
	case t.free <- struct{}{}:
		return func() { <-t.free }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
