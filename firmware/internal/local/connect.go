package local

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/app"
)

// The steps of connecting a job to QuickBooks.
const (
	Begin      = "begin"      // gives the address at which a person signs in
	Collect    = "collect"    // asks whether somebody has
	Finish     = "finish"     // takes the address at which the sign-in ended
	Disconnect = "disconnect" // ends the connection
	Tell       = "tell"       // tells how it is
)

// Connect asks for a step of connecting a job to QuickBooks.
type Connect struct {
	Job    string
	Step   string
	Pasted string `json:",omitempty"`
}

// Connected is what a step came to. Code says why it did not; Text is the error's own, without any secret.
type Connected struct {
	Link       string                `json:",omitempty"`
	Done       bool                  `json:",omitempty"`
	Connection quickbooks.Connection `json:",omitzero"`
	Code       string                `json:",omitempty"`
	Args       map[string]string     `json:",omitempty"`
	Text       string                `json:",omitempty"`
}

// mostPasted bounds a request: an address that a person pastes is a few hundred characters.
const mostPasted = 16 << 10

func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	var in Connect
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostPasted)).Decode(&in); err != nil {
		http.Error(w, "bad request to connect", http.StatusBadRequest) // the error could show what was pasted
		return
	}
	if s.SignIns == nil {
		http.Error(w, app.ErrNoSignIn.Error(), http.StatusNotFound)
		return
	}
	j, err := s.App.Job(in.Job)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	out, err := s.step(r.Context(), j.Name(), in)
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		out.Code, out.Args, out.Text, err = e.Code, e.Args, e.Error(), nil
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	s.answer(w, out)
}

func (s *Server) step(ctx context.Context, job string, in Connect) (out Connected, err error) {
	switch in.Step {
	case Begin:
		out.Link, err = s.SignIns.Begin(ctx, job)
	case Collect:
		out.Done, err = s.SignIns.Collect(ctx, job)
	case Finish:
		err = s.SignIns.Finish(ctx, job, in.Pasted)
		out.Done = err == nil
	case Disconnect:
		err = s.SignIns.Disconnect(ctx, job)
		out.Done = err == nil
	case Tell:
		out.Connection, err = s.SignIns.Connection(ctx, job)
	default:
		err = errors.New("no such step of connecting")
	}
	return out, err
}

// Begin gives the address at which a person signs in, good for ten minutes.
func (c *Client) Begin(ctx context.Context, job string) (string, error) {
	out, err := c.connect(ctx, Connect{Job: job, Step: Begin})
	return out.Link, err
}

// Collect asks whether somebody has signed in; if so, the job is connected.
func (c *Client) Collect(ctx context.Context, job string) (bool, error) {
	out, err := c.connect(ctx, Connect{Job: job, Step: Collect})
	return out.Done, err
}

// Finish connects a job by the address at which a sign-in ended.
func (c *Client) Finish(ctx context.Context, job, pasted string) error {
	_, err := c.connect(ctx, Connect{Job: job, Step: Finish, Pasted: pasted})
	return err
}

// Disconnect ends the connection of a job.
func (c *Client) Disconnect(ctx context.Context, job string) error {
	_, err := c.connect(ctx, Connect{Job: job, Step: Disconnect})
	return err
}

// Connection tells how the connection of a job is.
func (c *Client) Connection(ctx context.Context, job string) (quickbooks.Connection, error) {
	out, err := c.connect(ctx, Connect{Job: job, Step: Tell})
	return out.Connection, err
}

// connect asks for a step. An error of the connector keeps its code.
func (c *Client) connect(ctx context.Context, in Connect) (Connected, error) {
	var out Connected
	if err := c.ask(ctx, http.MethodPost, "/connect", nil, in, &out); err != nil {
		return out, err
	}
	if out.Code != "" {
		return out, &connectors.Error{Code: out.Code, Args: out.Args, Err: errors.New(out.Text)}
	}
	return out, nil
}
