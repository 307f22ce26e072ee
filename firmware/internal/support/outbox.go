package support

import (
	"encoding/json"
	"slices"

	"syncbox/sync/store"
)

// Message waits to be sent.
type Message struct {
	N       uint64          `json:"-"` // grows; of one that a power cut may take, the highest bit is set
	Topic   string          `json:"topic"`
	Payload json.RawMessage `json:"payload"`
	// Ack is the id of the order that it is about, Final that it tells how that ended.
	Ack   string `json:"ack,omitempty"`
	Final bool   `json:"final,omitempty"`
}

const passing = 1 << 63 // of Message.N

// mostWaiting is how many messages wait; the oldest event makes room, acknowledgements of orders that have not ended do
// before those that have.
const mostWaiting = 300

// Post puts an event into the outbox.
func (s *Store) Post(m Message) error {
	defer s.nudge()
	return s.kv.Update(func(tx store.Tx) error { return s.put(tx, m) })
}

// mostPassing bounds what is only in memory.
const mostPassing = 32

// Pass sends something that may be lost, once everything else is sent: what a stranger can cause again and again must not
// wear the card. Where too much waits already, the oldest makes room.
func (s *Store) Pass(m Message) {
	s.mu.Lock()
	s.number++
	m.N = s.number | passing
	s.fleeing = append(s.fleeing, m)
	s.fleeing = s.fleeing[max(0, len(s.fleeing)-mostPassing):]
	s.mu.Unlock()
	s.nudge()
}

// put adds a message. One about an order that has not ended takes the place of an earlier one of the same order.
func (s *Store) put(tx store.Tx, m Message) error {
	all := waiting(tx)
	if m.Ack != "" {
		for _, old := range all {
			if old.Ack == m.Ack && !old.Final {
				if err := tx.Delete(bucketOutbox, bytesOf(old.N)); err != nil {
					return err
				}
			}
		}
	}
	if len(all) >= mostWaiting {
		if err := tx.Delete(bucketOutbox, bytesOf(leastWorth(all))); err != nil {
			return err
		}
		s.dropped.Add(1)
		s.full.Store(true)
	}
	n := number(tx.Get(bucketSelf, []byte(keyNext)))
	if err := tx.Put(bucketSelf, []byte(keyNext), bytesOf(n+1)); err != nil {
		return err
	}
	return putJSON(tx, bucketOutbox, bytesOf(n), m)
}

// leastWorth gives what makes room: the oldest event, else the oldest that is not final, else the oldest.
func leastWorth(all []Message) uint64 {
	for _, fits := range []func(Message) bool{
		func(m Message) bool { return m.Ack == "" }, func(m Message) bool { return !m.Final },
	} {
		if i := slices.IndexFunc(all, fits); i >= 0 {
			return all[i].N
		}
	}
	return all[0].N
}

// waiting gives what waits, the oldest first.
func waiting(tx store.Tx) (all []Message) {
	tx.Scan(bucketOutbox, nil, func(k, v []byte) bool {
		var m Message
		if json.Unmarshal(v, &m) == nil {
			m.N = number(k)
			all = append(all, m)
		}
		return true
	})
	return all
}

// Next gives the message that is to be sent first; false if none waits.
func (s *Store) Next() (m Message, found bool, err error) {
	err = s.kv.View(func(tx store.Tx) error {
		if all := waiting(tx); len(all) > 0 {
			m, found = all[0], true
		}
		return nil
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if !found && len(s.fleeing) > 0 {
		m, found = s.fleeing[0], true
	}
	return m, found, err
}

// Sent takes out a message that the broker has.
func (s *Store) Sent(m Message) error {
	if m.N&passing != 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.fleeing = slices.DeleteFunc(s.fleeing, func(x Message) bool { return x.N == m.N })
		return nil
	}
	err := s.kv.Update(func(tx store.Tx) error { return tx.Delete(bucketOutbox, bytesOf(m.N)) })
	if err == nil {
		s.full.Store(false)
	}
	return err
}

// Dropped is how many messages made room for others since the start.
func (s *Store) Dropped() int { return int(s.dropped.Load()) }

// Full says whether what was told last took the place of something older.
func (s *Store) Full() bool { return s.full.Load() }

// Posted tells, once for any number of them, that something new waits.
func (s *Store) Posted() <-chan struct{} { return s.post }

func (s *Store) nudge() { nudge(s.post) }
