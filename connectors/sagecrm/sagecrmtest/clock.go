package sagecrmtest

import "time"

// Now gives the product's time.
func (s *Server) Now() time.Time { return s.clock.Now() }

// SetClock lets the clock run on from t. A clock put back dates changes before earlier ones, as it does in the product.
func (s *Server) SetClock(t time.Time) { s.clock.Set(t) }

// FreezeClock stops the clock at t.
func (s *Server) FreezeClock(t time.Time) { s.clock.Freeze(t) }

// AdvanceClock moves the clock; sessions end by it.
func (s *Server) AdvanceClock(d time.Duration) { s.clock.Advance(d) }

// ResetClock gives the product the clock of Options again.
func (s *Server) ResetClock() { s.clock.Reset() }
