package outlooktest

import (
	"net/http"
	"time"

	"syncbox/connectors/rest/resttest"
)

// Now gives the product's time.
func (s *Server) Now() time.Time { return s.clock.Now() }

// SetClock lets the clock run on from t. A clock put back does not date changes before earlier ones.
func (s *Server) SetClock(t time.Time) { s.clock.Set(t) }

// FreezeClock stops the clock at t.
func (s *Server) FreezeClock(t time.Time) { s.clock.Freeze(t) }

// AdvanceClock moves the clock. A clock that is off from the client's is a skew: items, Date and Retry-After go by it.
func (s *Server) AdvanceClock(d time.Duration) { s.clock.Advance(d) }

// ResetClock gives the product the clock of Options again.
func (s *Server) ResetClock() { s.clock.Reset() }

// RoundTripper reaches the server without a network. A cut connection is an error, as over a network.
func (s *Server) RoundTripper() http.RoundTripper { return resttest.RoundTripper(s) }
