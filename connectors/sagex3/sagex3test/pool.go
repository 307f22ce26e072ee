package sagex3test

import "sync"

// pool is the workers ("web service children") that carry out the calls of one alias.
type pool struct {
	mu      sync.Mutex // guards all of it
	workers []worker
}

type worker struct {
	busy     bool
	sessions int // since the pool started
}

func (p *pool) restart() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.workers = nil
}

// enter takes a free one of n workers; -1 if none is. first tells a session that its worker has never had one before.
func (p *pool) enter(n int) (index int, first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.workers) < n {
		p.workers = append(p.workers, worker{})
	}
	for i := range n {
		if w := &p.workers[i]; !w.busy {
			w.busy = true
			w.sessions++
			return i, w.sessions == 1
		}
	}
	return -1, false
}

func (p *pool) leave(index int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if index < len(p.workers) { // it may have been started anew meanwhile
		p.workers[index].busy = false
	}
}

// RestartPool starts the workers of the pool anew, as its stop and start buttons do.
func (s *Server) RestartPool() { s.pool.restart() }
