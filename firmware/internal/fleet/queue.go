package fleet

import "sync"

// Heard is a message as it came.
type Heard struct {
	Topic   string
	Payload []byte // cut after wire.MaxMessage+1 bytes
}

// queue is what was heard and not looked at yet: as many messages as come, as 100,000 boxes are told at once and a message is
// small. It may be used by several goroutines.
type queue struct {
	some chan struct{} // gets a value when there may be something

	mu  sync.Mutex // protects what follows
	all []Heard
}

func newQueue() *queue { return &queue{some: make(chan struct{}, 1)} }

func (q *queue) put(h Heard) {
	q.mu.Lock()
	q.all = append(q.all, h)
	q.mu.Unlock()
	select {
	case q.some <- struct{}{}:
	default:
	}
}

func (q *queue) take() (h Heard, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.all) == 0 {
		return h, false
	}
	h, q.all = q.all[0], q.all[1:]
	return h, true
}
