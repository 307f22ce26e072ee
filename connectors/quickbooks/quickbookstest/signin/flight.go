package signin

import (
	"context"
	"slices"
)

// flight is a refresh from its arrival until its answer is out.
type flight struct {
	seq        int64
	connection int
	ctx        context.Context
	worked     bool      // tokens were given for it
	others     []*flight // of the same connection, under way at some time together with it
}

// takeOff notes that a refresh arrived. It finds what the oracles look for.
func (s *Server) takeOff(c *Call, q *request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.state.refresh[q.form.Get("refresh_token")]
	if t == nil || !s.isApp(q) {
		return
	}
	c.Connection, c.Shown = t.of.number, t.number
	s.state.show(t, c.Seq)
	f := &flight{seq: c.Seq, connection: t.of.number, ctx: q.Context()}
	for _, other := range s.state.flights {
		if other.connection == f.connection && other.ctx.Err() == nil {
			f.others, other.others = append(f.others, other), append(other.others, f)
			s.state.overlaps = append(s.state.overlaps, Overlap{First: other.seq, Second: f.seq})
		}
	}
	s.state.flights = append(s.state.flights, f)
}

// land notes that the answer is out.
func (s *Server) land(c *Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.flights = slices.DeleteFunc(s.state.flights, func(f *flight) bool { return f.seq == c.Seq })
}

func (st *state) flight(c *Call) *flight {
	i := slices.IndexFunc(st.flights, func(f *flight) bool { return f.seq == c.Seq })
	if i < 0 {
		return nil
	}
	return st.flights[i]
}

// raced tells whether a refresh is the second of a race: another one, under way together with it, was
// given tokens already.
func (st *state) raced(c *Call) bool {
	f := st.flight(c)
	return f != nil && slices.ContainsFunc(f.others, func(o *flight) bool { return o.worked })
}

func (st *state) worked(c *Call) {
	if f := st.flight(c); f != nil {
		f.worked = true
	}
}
