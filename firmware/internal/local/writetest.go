package local

import (
	"context"
	"encoding/json"
	"net/http"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
)

// WriteTest asks for a write test: its start with the number of a test customer, or its check with what the
// technician saw.
type WriteTest struct {
	Job    string
	Number string      `json:",omitempty"`
	Seen   acomba.Seen `json:",omitzero"`
}

func (s *Server) writeTest(w http.ResponseWriter, r *http.Request) {
	var in WriteTest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&in); err != nil {
		http.Error(w, "bad write test: "+err.Error(), http.StatusBadRequest)
		return
	}
	j, err := s.App.Job(in.Job)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	var answer any
	if in.Number != "" {
		answer, err = j.StartWriteTest(r.Context(), in.Number)
	} else {
		err = j.CheckWriteTest(r.Context(), in.Seen)
	}
	switch {
	case err == nil:
		s.answer(w, answer)
	case connectors.KindOf(err) == connectors.Busy:
		http.Error(w, err.Error(), http.StatusConflict)
	default:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}

// StartWriteTest starts a write test on a customer and says what to look for and to type.
func (c *Client) StartWriteTest(ctx context.Context, job, number string) (acomba.WriteTest, error) {
	var t acomba.WriteTest
	return t, c.ask(ctx, http.MethodPost, "/write-test", nil, WriteTest{Job: job, Number: number}, &t)
}

// CheckWriteTest checks the technician's answer and keeps the confirmation.
func (c *Client) CheckWriteTest(ctx context.Context, job string, seen acomba.Seen) error {
	return c.ask(ctx, http.MethodPost, "/write-test", nil, WriteTest{Job: job, Seen: seen}, nil)
}
