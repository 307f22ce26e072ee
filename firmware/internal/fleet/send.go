package fleet

import (
	"context"
	"errors"
	"time"

	"syncbox/firmware/internal/support/reconnect"
	"syncbox/firmware/internal/support/wire"
)

// Order is a signed order to one box.
type Order struct {
	Box, ID  string
	Envelope []byte
	// Kept says that it is what the box shall run from now on: the broker keeps it for the box, in the place of the one before.
	Kept bool
}

func (o Order) topic() string {
	if o.Kept {
		return wire.DesiredTopic(o.Box)
	}
	return wire.CmdTopic(o.Box)
}

// Result is what is known of an order in the end.
type Result struct {
	Order Order
	Given bool      // the broker has it
	Last  *wire.Ack // what the box said last; nil for nothing
}

// Ended says whether nothing more will come.
func (r Result) Ended() bool { return r.Last != nil && r.Last.Phase.Final() }

// again is how long to wait until the next attempt after a connection broke.
const again = 2 * time.Second

// Send gives orders to their boxes and waits until each has said how it ended, or ctx ends, which is no error: the results
// tell. What a box says meanwhile is told.
//
// A connection that breaks is made anew and the orders are given once more, which is harmless: a box knows an order by its
// id, and says again how far it is. An error means that the first connection failed, or that the broker does not let us in.
func Send(ctx context.Context, d Dialer, orders []Order, told func(box string, a wire.Ack)) ([]Result, error) {
	s := &sending{results: make([]Result, len(orders)), at: map[string]int{}, told: told}
	for i, o := range orders {
		s.results[i].Order, s.at[wire.AckTopic(o.Box, o.ID)] = o, i
	}
	for {
		err := s.once(ctx, d)
		switch {
		case err == nil, ctx.Err() != nil:
			return s.results, nil
		case !s.in, reconnect.CauseOf(err) == reconnect.Refused:
			return s.results, err
		case !Pause(ctx):
			return s.results, nil
		}
	}
}

// Pause waits until it is time for the next attempt after a connection broke; false if ctx ended before.
func Pause(ctx context.Context) bool { return pause(ctx, again) }

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// sending is what Send has under way.
type sending struct {
	results []Result
	at      map[string]int // of results, by the topic of acknowledgements
	told    func(box string, a wire.Ack)
	in      bool // there was a connection
}

// once does it on one connection.
func (s *sending) once(ctx context.Context, d Dialer) error {
	l, err := d.Dial(ctx)
	if err != nil {
		return err
	}
	defer l.Close()
	s.in = true
	var topics []string
	for topic, i := range s.at {
		if !s.results[i].Ended() {
			topics = append(topics, topic)
		}
	}
	if len(topics) == 0 {
		return nil
	}
	if err := l.Subscribe(ctx, topics...); err != nil {
		return err
	}
	if err := s.give(ctx, l, func(r Result) bool { return !r.Ended() }); err != nil {
		return err
	}
	return s.listen(ctx, l)
}

// give publishes orders.
func (s *sending) give(ctx context.Context, l *Line, which func(Result) bool) error {
	for i := range s.results {
		r := &s.results[i]
		if !which(*r) {
			continue
		}
		if err := l.Publish(ctx, r.Order.topic(), r.Order.Kept, r.Order.Envelope); err != nil {
			return err
		}
		r.Given = true
	}
	return nil
}

// repeat is when an order is given again that the box has not answered; then it is twice as long, and so on. A broker that
// lost its power forgets what it took last, and one that has never seen the box keeps nothing for it.
const repeat = 5 * time.Second

// listen hears what the boxes say until all have ended.
func (s *sending) listen(ctx context.Context, l *Line) error {
	for wait, last := repeat, time.Now(); !s.ended(); {
		next, cancel := context.WithDeadline(ctx, last.Add(wait))
		h, err := l.Next(next)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			if err := s.give(ctx, l, func(r Result) bool { return r.Last == nil }); err != nil {
				return err
			}
			wait, last = 2*wait, time.Now()
			continue
		}
		if err != nil {
			return err
		}
		i, ours := s.at[h.Topic]
		_, a, ok := ackOf(h)
		if !ours || !ok || s.results[i].Ended() {
			continue // no word of these orders that can be used: what comes after it may be one
		}
		r := &s.results[i]
		r.Last = &a
		s.told(r.Order.Box, a)
	}
	return nil
}

func (s *sending) ended() bool {
	for _, r := range s.results {
		if !r.Ended() {
			return false
		}
	}
	return true
}
