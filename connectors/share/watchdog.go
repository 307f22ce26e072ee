package share

import (
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	basePatience    = 5 * time.Second // for a call without bytes
	slowestLine     = 100_000         // bytes/s that a call may take at worst
	mountPatience   = 30 * time.Second
	releasePatience = 5 * time.Second
	// maxStuck abandoned calls of one mount are the ceiling: each holds a thread in the kernel.
	maxStuck = 16
	// maxInFlight calls run at a time on one mount, so that a dead server costs few threads.
	maxInFlight = 8
)

var errTimeout = errors.New("no answer in time")

// ErrStuck is in the chain of every error after too many calls were abandoned in the kernel; only a
// new process gets rid of them.
var ErrStuck = fmt.Errorf("%d calls never came back from the kernel", maxStuck)

// patience is how long calls with so many bytes in flight may take.
func patience(bytes int64) time.Duration {
	return basePatience + time.Duration(bytes)*time.Second/slowestLine
}

// await runs op on a goroutine of its own, since a call that hangs in the kernel cannot be stopped.
// It gives op up, with ok false, after limit or as soon as gone is closed; a call given up is counted
// in m.stuck until it does come back, and late then gets its result.
func await[T any](m *mount, limit time.Duration, gone <-chan struct{}, op func() (T, error), late func(T, error)) (v T, err error, ok bool) {
	type result struct {
		v   T
		err error
	}
	done := make(chan result, 1)
	go func() {
		v, err := op()
		done <- result{v, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case r := <-done:
		if ended(gone) { // whatever an ended session says is not to be believed
			late(r.v, r.err)
			return v, nil, false
		}
		return r.v, r.err, true
	case <-gone:
	case <-timer.C:
	}
	m.countStuck(1)
	go func() {
		r := <-done
		m.countStuck(-1)
		late(r.v, r.err)
	}()
	return v, err, false
}

// call names one watched call: for its error, for where the error came up, for its deadline.
type call struct {
	op    string // as in fs.PathError
	name  string
	at    where
	bytes int64 // that move, for the deadline
}

// run makes one call on a session, under its deadline. A call given up, or an error that makes the
// mount useless, ends the session. late gets the result of an abandoned call that came back well.
func run[T any](m *mount, s *session, c call, op func() (T, error), late func(T)) (T, error) {
	var none T
	if !s.enter() {
		return none, failure(c.op, c.name, m.dead(s, c))
	}
	load := max(s.load.Add(c.bytes), InFlight*c.bytes) // others of its size may go before it
	v, err, ok := await(m, patience(load), s.gone, op, func(v T, err error) {
		s.leave(c.bytes)
		if err == nil && late != nil {
			late(v)
		}
	})
	if !ok {
		m.giveUp(s, Dead, errTimeout)
		return none, failure(c.op, c.name, m.dead(s, c))
	}
	s.leave(c.bytes)
	if err == nil || err == io.EOF {
		m.answered()
		return v, err
	}
	class := classify(c.at, err)
	if class.ends() {
		m.giveUp(s, class, err)
	}
	return v, failure(c.op, c.name, sorted(class, m.name, c.name, err))
}

// dead is the error of a call on a session that has ended.
func (m *mount) dead(s *session, c call) error {
	class, cause := s.why()
	return sorted(class, m.name, c.name, cause)
}
