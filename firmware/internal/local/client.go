package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// ErrNoBox means that no box answers on the socket.
var ErrNoBox = errors.New("no box answers on the local socket: is it running?")

// Client asks a running box over its local socket.
type Client struct{ http *http.Client }

// NewClient makes a client for a socket, wherever the box had to open it. It connects when it is first used.
func NewClient(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "unix", socket)
		if other := instead(socket); err != nil && other != "" {
			if conn, err := d.DialContext(ctx, "unix", other); err == nil {
				return conn, nil
			}
		}
		return conn, err
	}
	return &Client{http: &http.Client{Transport: &http.Transport{DialContext: dial}}}
}

// Status gives the status of every job.
func (c *Client) Status(ctx context.Context) ([]JobStatus, error) {
	var all []JobStatus
	return all, c.ask(ctx, http.MethodGet, "/status", nil, nil, &all)
}

// Journal gives up to limit events of a job from a sequence number on; from 0 gives the newest ones.
func (c *Client) Journal(ctx context.Context, job string, from uint64, limit int) ([]store.Event, error) {
	q := url.Values{"job": {job}, "limit": {fmt.Sprint(limit)}}
	if from > 0 {
		q.Set("from", fmt.Sprint(from))
	}
	var all []store.Event
	return all, c.ask(ctx, http.MethodGet, "/journal", q, nil, &all)
}

// JournalBefore gives up to limit events of a job right before a sequence number, or the newest ones where that is 0, the
// oldest first.
func (c *Client) JournalBefore(ctx context.Context, job string, before uint64, limit int) ([]store.Event, error) {
	q := url.Values{"job": {job}, "before": {fmt.Sprint(before)}, "limit": {fmt.Sprint(limit)}}
	var all []store.Event
	return all, c.ask(ctx, http.MethodGet, "/journal", q, nil, &all)
}

// WaitingAfter gives up to limit things of some kinds that wait in a job, from behind a name on, or from the first on where
// the name is empty.
func (c *Client) WaitingAfter(ctx context.Context, job, after string, limit int, kinds ...store.WaitKind) ([]store.Waiting, error) {
	q := url.Values{"job": {job}, "after": {after}, "limit": {fmt.Sprint(limit)}}
	for _, kind := range kinds {
		q.Add("kind", string(kind))
	}
	var all []store.Waiting
	return all, c.ask(ctx, http.MethodGet, "/waiting", q, nil, &all)
}

// Waiting gives what waits in a job, the first thousand of it.
func (c *Client) Waiting(ctx context.Context, job string) ([]store.Waiting, error) {
	var all []store.Waiting
	return all, c.ask(ctx, http.MethodGet, "/waiting", url.Values{"job": {job}}, nil, &all)
}

// Selfcheck gives what does not fit together in the state of a job; nothing if all does.
func (c *Client) Selfcheck(ctx context.Context, job string) ([]string, error) {
	var wrong []string
	return wrong, c.ask(ctx, http.MethodGet, "/selfcheck", url.Values{"job": {job}}, nil, &wrong)
}

// Do asks a job for something.
func (c *Client) Do(ctx context.Context, job string, verb engine.Verb, name string) error {
	return c.ask(ctx, http.MethodPost, "/do", nil, Command{Job: job, Verb: verb, Name: name}, nil)
}

// Answer asks a job for something about what waits under a name, if it is still what a person was shown of it
// (store.Waiting.Shown); else it gives engine.ErrChanged.
func (c *Client) Answer(ctx context.Context, job string, verb engine.Verb, name, shown string) error {
	return c.ask(ctx, http.MethodPost, "/do", nil, Command{Job: job, Verb: verb, Name: name, Shown: shown}, nil)
}

func (c *Client) ask(ctx context.Context, method, path string, q url.Values, body, answer any) error {
	var b bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&b).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://syncbox"+path+"?"+q.Encode(), &b)
	if err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		if _, down := errors.AsType[*net.OpError](err); down {
			return ErrNoBox
		}
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 4096))
		return refusal(strings.TrimSpace(string(text)))
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(answer)
}

// refusal makes an error of its text. Those that the engine names stay what they are.
func refusal(text string) error {
	for _, known := range []error{engine.ErrNoSuch, engine.ErrResync, engine.ErrChanged} {
		if rest, found := strings.CutPrefix(text, known.Error()); found {
			return fmt.Errorf("%w%s", known, rest)
		}
	}
	return errors.New(text)
}
