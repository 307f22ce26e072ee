package support

import (
	"context"

	"golang.org/x/time/rate"

	"syncbox/firmware/internal/support/discovery"
	"syncbox/sync/store"
)

// announce makes the box known to Home Assistant, or has it forgotten where it once was known and is not to be any more. It
// waits for its turn: a whole fleet may have come with this box.
func (l *line) announce(ctx context.Context, turns *rate.Limiter) error {
	message := []byte{}
	if l.c.Announce != nil {
		message = l.c.Announce()
	}
	wanted := len(message) > 0
	if known, err := l.c.Store.announced(); err != nil || !wanted && !known {
		return err
	}
	if err := turns.Wait(ctx); err != nil {
		return err
	}
	if wanted { // first: what the broker may have has to be taken back one day
		if err := l.c.Store.setAnnounced(true); err != nil {
			return err
		}
	}
	if err := l.publish(ctx, discovery.Topic(l.c.Box), true, message, ackTimeout); err != nil || wanted {
		return err
	}
	return l.c.Store.setAnnounced(false)
}

// announced says whether a broker may hold that the box is there.
func (s *Store) announced() (known bool, err error) {
	err = s.kv.View(func(tx store.Tx) error { known = tx.Get(bucketSelf, []byte(keyKnown)) != nil; return nil })
	return known, err
}

func (s *Store) setAnnounced(known bool) error {
	if was, err := s.announced(); err != nil || was == known {
		return err
	}
	return s.kv.Update(func(tx store.Tx) error {
		if known {
			return tx.Put(bucketSelf, []byte(keyKnown), []byte{1})
		}
		return tx.Delete(bucketSelf, []byte(keyKnown))
	})
}
