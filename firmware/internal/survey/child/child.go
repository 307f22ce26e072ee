// Package child is what a child process of package survey does: it goes and looks, and tells what it found. Only here
// do the survey, its SMB client and Acomba's folders come together, and only the command syncbox survey comes here.
package child

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"syncbox/connectors/share"
	way "syncbox/connectors/share/survey"
	"syncbox/firmware/internal/survey"
)

// maxRequest bounds a request, in bytes; an identity is the largest part of it.
const maxRequest = 256 << 10

// Run does the one request that it reads, a line of JSON, and tells its results. It ends with its work, with ctx, or
// where its input ends, since then nobody listens any more. An error is one of the request or of the output.
func Run(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	text, err := firstLine(lines)
	if err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	var r survey.Request
	if err := json.Unmarshal(text, &r); err != nil {
		return errors.New("read request: not the JSON of one") // its text may hold a password
	}
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		io.Copy(io.Discard, lines)
		cancel(errors.New("nobody listens"))
	}()
	w := &work{ctx: ctx, out: json.NewEncoder(out), stop: cancel}
	if err := w.do(r); err != nil {
		return err
	}
	if ctx.Err() == nil {
		w.tell(survey.Line{Done: true})
	}
	return context.Cause(ctx)
}

func firstLine(r *bufio.Reader) ([]byte, error) {
	var all []byte
	for {
		part, err := r.ReadSlice('\n')
		all = append(all, part...)
		switch {
		case len(all) > maxRequest:
			return nil, errors.New("too long")
		case err == nil:
			return all, nil
		case err != bufio.ErrBufferFull:
			return nil, err
		}
	}
}

// work is one request being done.
type work struct {
	ctx  context.Context
	out  *json.Encoder
	stop context.CancelCauseFunc
}

func (w *work) tell(l survey.Line) {
	if err := w.out.Encode(l); err != nil {
		w.stop(fmt.Errorf("tell result: %w", err))
	}
}

func (w *work) result(r survey.Result) { w.tell(survey.Line{Result: &r}) }

func (w *work) progress(done, of int) {
	w.tell(survey.Line{Progress: &survey.Progress{Done: done, Of: of}})
}

func (w *work) do(r survey.Request) error {
	switch {
	case r.Sweep != nil:
		return w.sweep(*r.Sweep)
	case r.Steps != nil:
		r.Steps.Password = share.Secret(r.Password)
		return w.steps(*r.Steps)
	case r.Probes != nil:
		r.Probes.Password = share.Secret(r.Password)
		return w.probes(*r.Probes)
	case r.Find != nil:
		r.Find.Password = share.Secret(r.Password)
		return w.find(*r.Find)
	}
	return errors.New("read request: it asks for nothing")
}

func (w *work) sweep(r survey.SweepRequest) error {
	if len(r.Addresses) == 0 {
		own, err := way.OwnNetworks()
		if err != nil {
			return err
		}
		r.Addresses = way.Hosts(own)
	}
	s := way.Sweep{Addresses: r.Addresses, Port: uint16(r.Port)}
	return s.Run(w.ctx, func(done, of int, found *survey.Server) {
		w.tell(survey.Line{Progress: &survey.Progress{Done: done, Of: of, Server: found}})
	})
}
