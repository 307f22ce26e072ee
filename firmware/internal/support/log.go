package support

import (
	"encoding/json"
	"time"

	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/sync/store"
)

// Entry is what is remembered of an order.
type Entry struct {
	ID       string          `json:"id"`
	Op       order.Op        `json:"op,omitempty"`
	Role     order.Role      `json:"role,omitempty"`
	Args     json.RawMessage `json:"args,omitempty"`
	Expires  int64           `json:"exp,omitempty"`
	Envelope []byte          `json:"envelope,omitempty"` // of a wish
	// Begun: it is being done, or was when the power went.
	Begun bool     `json:"begun,omitempty"`
	Last  wire.Ack `json:"last"`
}

// mostEntries is how many orders are remembered. That an older one is not carried out again is known by its number.
const mostEntries = 256

// Seq gives the number of the last order that was taken, by role.
func (s *Store) Seq() (map[order.Role]int64, error) {
	all := map[order.Role]int64{}
	err := s.kv.View(func(tx store.Tx) error {
		tx.Scan(bucketSeq, nil, func(k, v []byte) bool { all[order.Role(k)] = int64(number(v)); return true })
		return nil
	})
	return all, err
}

// Lost says whether it is not known which orders were taken.
func (s *Store) Lost() (lost bool, err error) {
	err = s.kv.View(func(tx store.Tx) error { lost = tx.Get(bucketSelf, []byte(keyLost)) != nil; return nil })
	return lost, err
}

// Refound refuses from now on whatever was issued until an instant; nothing is lost then.
func (s *Store) Refound(until time.Time) error {
	return s.kv.Update(func(tx store.Tx) error {
		for _, role := range []order.Role{order.Ops, order.Fleet, order.Danger} {
			if err := raise(tx, role, until.UnixMilli()); err != nil {
				return err
			}
		}
		return tx.Delete(bucketSelf, []byte(keyLost))
	})
}

// Entry gives what is remembered of an order, if there is something.
func (s *Store) Entry(id string) (e Entry, found bool, err error) {
	err = s.kv.View(func(tx store.Tx) error { e, found, err = entry(tx, id); return err })
	return e, found, err
}

// Pending gives the orders that have not ended, in the order of their issue.
func (s *Store) Pending() (all []Entry, err error) {
	err = s.kv.View(func(tx store.Tx) error {
		var bad error
		tx.Scan(bucketLog, nil, func(_, v []byte) bool {
			var e Entry
			if bad = json.Unmarshal(v, &e); bad == nil && !e.Last.Phase.Final() {
				all = append(all, e)
			}
			return bad == nil
		})
		return bad
	})
	return all, err
}

// Keep remembers an order as it is now, raises the number of its role to seq, and puts its acknowledgement into the
// outbox: all of it or nothing.
func (s *Store) Keep(e Entry, seq int64, topic string) error {
	defer s.nudge()
	return s.kv.Update(func(tx store.Tx) error {
		if err := makeRoom(tx, e.ID); err != nil {
			return err
		}
		if err := putJSON(tx, bucketLog, []byte(e.ID), e); err != nil {
			return err
		}
		if err := raise(tx, e.Role, seq); err != nil {
			return err
		}
		return s.put(tx, Message{Topic: topic, Payload: mustJSON(e.Last), Ack: e.ID, Final: e.Last.Phase.Final()})
	})
}

// makeRoom forgets the oldest orders that have ended.
func makeRoom(tx store.Tx, id string) error {
	n := 0
	tx.Scan(bucketLog, nil, func(_, _ []byte) bool { n++; return true })
	tooMany := n - mostEntries + 1
	var ended [][]byte
	tx.Scan(bucketLog, nil, func(k, v []byte) bool {
		if len(ended) >= tooMany {
			return false
		}
		var e Entry
		if json.Unmarshal(v, &e) != nil || e.Last.Phase.Final() && e.ID != id {
			ended = append(ended, append([]byte(nil), k...))
		}
		return true
	})
	for _, k := range ended {
		if err := tx.Delete(bucketLog, k); err != nil {
			return err
		}
	}
	return nil
}

func entry(tx store.Tx, id string) (e Entry, found bool, err error) {
	b := tx.Get(bucketLog, []byte(id))
	if b == nil {
		return e, false, nil
	}
	return e, true, json.Unmarshal(b, &e)
}

// raise raises the number of a role; it never falls.
func raise(tx store.Tx, role order.Role, seq int64) error {
	if role == "" || seq <= int64(number(tx.Get(bucketSeq, []byte(role)))) {
		return nil
	}
	return tx.Put(bucketSeq, []byte(role), bytesOf(uint64(seq)))
}
