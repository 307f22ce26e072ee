package compare

import (
	"errors"
	"time"
)

// cost is what a process used between two moments.
type cost struct {
	cpu time.Duration
	rss float64 // peak of resident memory in MiB, files that it has mapped included
	own float64 // peak of what is its alone of that, as seen every 20 ms
}

// gauge measures a process.
type gauge struct {
	p     *process
	began time.Time
	cpu   time.Duration
	stop  chan struct{}
	own   chan float64
}

// gauge begins to measure; read ends that.
func (p *process) gauge() (*gauge, error) {
	cpu, err := p.cpu()
	if err := errors.Join(err, p.forgetPeak()); err != nil {
		return nil, err
	}
	g := &gauge{p: p, began: time.Now(), cpu: cpu, stop: make(chan struct{}), own: make(chan float64)}
	go g.watch()
	return g, nil
}

// watch looks at the memory until it is stopped.
func (g *gauge) watch() {
	defer close(g.own)
	for most := 0.0; ; {
		if own, err := g.p.memory(ownMemory); err == nil {
			most = max(most, own)
		}
		select {
		case <-g.stop:
			g.own <- most
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (g *gauge) read() (c cost, err error) {
	close(g.stop)
	c.own = <-g.own
	after, err := g.p.cpu()
	if err != nil {
		return c, err
	}
	c.cpu = after - g.cpu
	c.rss, err = g.p.memory(peakMemory)
	return c, err
}
