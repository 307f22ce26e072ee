package salesmanagementtest

import "time"

// Now gives the tenant's time.
func (s *Server) Now() time.Time { return s.clock.Now() }

// SetClock lets the tenant's clock run on from t.
func (s *Server) SetClock(t time.Time) { s.clock.Set(t) }

// FreezeClock stops it at t; then the limit of calls counts all calls until it is moved.
func (s *Server) FreezeClock(t time.Time) { s.clock.Freeze(t) }

// AdvanceClock moves it.
func (s *Server) AdvanceClock(d time.Duration) { s.clock.Advance(d) }
