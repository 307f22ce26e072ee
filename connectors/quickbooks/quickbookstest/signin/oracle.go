package signin

// Overlap is two refreshes of one connection that were under way at the same time, by Call.Seq. A
// client that left before the second came is none of them; over a network the service learns a little
// late that it left.
type Overlap struct{ First, Second int64 }

// StaleUse is a refresh token that was shown although its holder had its replacement: that one, or an
// access token that came with it, was shown before.
type StaleUse struct {
	Call  int64 // Seq
	Token int   // number of the refresh token
}

// Overlaps gives the refreshes that ran into each other. Of a client that refreshes one at a time
// there are none.
func (s *Server) Overlaps() []Overlap {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Overlap{}, s.state.overlaps...)
}

// StaleUses gives the uses of a refresh token after its replacement arrived. Of a client that keeps
// the new refresh token before it uses the new access token there are none, wherever its power is cut.
func (s *Server) StaleUses() []StaleUse {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]StaleUse{}, s.state.stale...)
}

// show notes that a refresh token was shown in a call.
func (st *state) show(t *refreshToken, call int64) {
	for n := t.next; n != nil; n = n.next {
		if n.acknowledged {
			st.stale = append(st.stale, StaleUse{Call: call, Token: t.number})
			break
		}
	}
	t.acknowledged = true
}
