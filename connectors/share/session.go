package share

import (
	"errors"
	"sync"
	"sync/atomic"
)

// session is one attachment of the folder: from one mount to its end. Files belong to a session and
// die with it, because after a new mount the same path may lead to another file.
type session struct {
	attached
	slots chan struct{} // one per call in flight
	load  atomic.Int64  // bytes in flight
	gone  chan struct{} // closed at the end

	mu    sync.Mutex // protects what follows
	files map[file]struct{}
	class Class // what ended it
	cause error
}

func newSession(a attached) *session {
	return &session{
		attached: a,
		slots:    make(chan struct{}, maxInFlight),
		gone:     make(chan struct{}),
		files:    map[file]struct{}{},
	}
}

// enter waits for a slot; false when the session has ended.
func (s *session) enter() bool {
	select {
	case s.slots <- struct{}{}:
	case <-s.gone:
		return false
	}
	return !ended(s.gone)
}

func ended(gone <-chan struct{}) bool {
	select {
	case <-gone:
		return true
	default:
		return false
	}
}

func (s *session) leave(bytes int64) {
	s.load.Add(-bytes)
	<-s.slots
}

// keep notes an open file, so that the end of the session closes it; after the end it closes at once.
func (s *session) keep(f file) bool {
	s.mu.Lock()
	if s.files != nil {
		s.files[f] = struct{}{}
		s.mu.Unlock()
		return true
	}
	s.mu.Unlock()
	f.Close()
	return false
}

// drop takes a file off the list; true when the caller is the one to close it.
func (s *session) drop(f file) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, open := s.files[f]
	delete(s.files, f)
	return open
}

// end marks the session as over; calls in flight are given up by their callers.
func (s *session) end(class Class, cause error) {
	s.mu.Lock()
	s.class, s.cause = class, cause
	s.mu.Unlock()
	close(s.gone)
}

func (s *session) why() (Class, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.class, s.cause
}

// release closes every file, then the tree, then the log-on. It may hang with a dead server.
func (s *session) release(forced bool) error {
	if forced && s.interrupt != nil {
		s.interrupt()
	}
	s.mu.Lock()
	files := s.files
	s.files = nil
	s.mu.Unlock()
	for f := range files {
		f.Close()
	}
	err := s.tree.close()
	if s.detach != nil {
		err = errors.Join(err, s.detach(forced))
	}
	return err
}
