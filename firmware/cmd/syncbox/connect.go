package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/locale"
)

// signer connects a job to QuickBooks. A *local.Client is one.
type signer interface {
	Begin(ctx context.Context, job string) (string, error)
	Collect(ctx context.Context, job string) (bool, error)
	Finish(ctx context.Context, job, pasted string) error
	Disconnect(ctx context.Context, job string) error
}

var _ signer = (*local.Client)(nil)

const (
	askRelay   = 3 * time.Second  // how often it is asked whether somebody has signed in
	signWithin = 10 * time.Minute // how long a sign-in may take
)

// connect has a person sign in to QuickBooks: it shows where, then waits for the relay or for a pasted address.
func connect(c *call) error {
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	return signIn(c.ctx, client, c.args[0], linesOf(c.ctx, os.Stdin), words{p, c.out})
}

// words says things in the box's language.
type words struct {
	p   *locale.Printer
	out io.Writer
}

func (w words) say(key string, args map[string]string) { fmt.Fprintln(w.out, w.p.Text(key, args)) }

// trouble says what is wrong and what to do, where there are words for it.
func (w words) trouble(err error) {
	code := connectors.CodeOf(err)
	if !w.p.Has("code." + code) {
		fmt.Fprintln(w.out, err)
		return
	}
	e, _ := errors.AsType[*connectors.Error](err)
	w.say("code."+code, e.Args)
	w.say("do."+code, e.Args)
}

// linesOf gives what is typed, line by line; it is closed at the end. After ctx ended, one more line may be read.
func linesOf(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// signIn connects a job. It ends when the job is connected, when the sign-in is over, or with ctx.
func signIn(ctx context.Context, s signer, job string, lines <-chan string, w words) error {
	link, err := s.Begin(ctx, job)
	if err != nil {
		return err
	}
	w.say("connect.link", map[string]string{"link": link})
	w.say("connect.then", nil)
	ctx, cancel := context.WithTimeout(ctx, signWithin)
	defer cancel()
	tick := time.NewTicker(askRelay)
	defer tick.Stop()
	for {
		done := false
		select {
		case <-ctx.Done():
			return ctx.Err()
		case text, more := <-lines:
			if !more {
				lines = nil // nobody types: the relay alone can tell
				continue
			}
			if done, err = pasted(ctx, s, job, text); err != nil {
				w.trouble(err)
			}
		case <-tick.C:
			if done, err = s.Collect(ctx, job); connectors.CodeOf(err) == quickbooks.CodeStateOver {
				return err
			}
		}
		if done {
			w.say("connect.done", nil)
			return nil
		}
	}
}

func pasted(ctx context.Context, s signer, job, text string) (bool, error) {
	if strings.TrimSpace(text) == "" {
		return s.Collect(ctx, job)
	}
	err := s.Finish(ctx, job, text)
	return err == nil, err
}

// disconnect ends the connection of a job.
func disconnect(c *call) error {
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	return signOut(c.ctx, client, c.args[0], words{p, c.out})
}

// signOut ends a connection. That Intuit could not be told is said, and is no failure: the box has forgotten it.
func signOut(ctx context.Context, s signer, job string, w words) error {
	err := s.Disconnect(ctx, job)
	if err != nil && connectors.CodeOf(err) != quickbooks.CodeNotRevoked {
		return err
	}
	w.say("connect.ended", nil)
	if err != nil {
		w.trouble(err)
	}
	return nil
}
