package resttest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Turn says which of the calls that a fault suits it breaks.
type Turn struct {
	Skip  int // calls that pass before
	Count int // calls that break; 0 means 1, below 0 all until the faults are cleared
}

// Script holds the faults that wait: those that a test wrote, tried in their order, then those by chance. F is a product's kind of
// fault. It may be used by several goroutines.
type Script[F any] struct {
	turn func(*F) *Turn

	mu      sync.Mutex // guards what follows
	waiting []F
	chance  func() *F
}

// NewScript makes an empty script of faults whose turn is where the function says.
func NewScript[F any](turn func(*F) *Turn) *Script[F] { return &Script[F]{turn: turn} }

// Add adds a fault behind those that wait.
func (s *Script[F]) Add(f F) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.turn(&f); t.Count == 0 {
		t.Count = 1
	}
	s.waiting = append(s.waiting, f)
}

// SetChance begins to ask throw about each call that no written fault breaks; nil ends it.
func (s *Script[F]) SetChance(throw func() *F) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chance = throw
}

// Clear ends all faults.
func (s *Script[F]) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting, s.chance = nil, nil
}

// Waiting gives the written faults, with what is left of their turns.
func (s *Script[F]) Waiting() []F {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.waiting)
}

// Take gives the fault that breaks a call, nil if it passes. suits tells which faults mean something for it.
func (s *Script[F]) Take(suits func(*F) bool) *F {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.waiting {
		if f := &s.waiting[i]; suits(f) && s.turn(f).due() {
			taken := *f
			if s.turn(f).Count == 0 {
				s.waiting = slices.Delete(s.waiting, i, i+1)
			}
			return &taken
		}
	}
	if s.chance == nil {
		return nil
	}
	if f := s.chance(); f != nil && suits(f) {
		return f
	}
	return nil
}

// due counts one call.
func (t *Turn) due() bool {
	if t.Skip > 0 {
		t.Skip--
		return false
	}
	t.Count--
	return true
}

// Wait waits for d, or until the caller leaves.
func Wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
