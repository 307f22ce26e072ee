package support

import (
	"encoding/json"

	"syncbox/firmware/internal/support/wire"
	"syncbox/sync/store"
)

// Begin takes up what this start means, before anything is taken or sent; again, it does nothing. After a full reset
// (Store.NoteErased), orders from before it are over: they were meant for the box as it was.
func (d *Desk) Begin() error {
	erased, err := d.store.wasErased()
	if err != nil || !erased {
		return err
	}
	all, err := d.store.Pending()
	if err != nil {
		return err
	}
	for _, e := range all {
		o, _ := opOf(e)
		switch {
		case e.Begun && isWish(e.Op): // the updater has it, and has not been reset
		case e.Begun:
			err = d.settle(e, o, true)
		default:
			err = d.finish(e, wire.Superseded, "", nil)
		}
		if err != nil {
			return err
		}
	}
	return d.store.erased()
}

// NoteErased notes that a full reset was done, for the Desk to take up. It comes before the box forgets that the reset was
// asked for: cut in between, both happen once more.
func (s *Store) NoteErased() error {
	return s.kv.Update(func(tx store.Tx) error { return tx.Put(bucketSelf, []byte(keyErased), []byte{1}) })
}

// wasErased says whether that is still to be taken up.
func (s *Store) wasErased() (was bool, err error) {
	err = s.kv.View(func(tx store.Tx) error { was = tx.Get(bucketSelf, []byte(keyErased)) != nil; return nil })
	return was, err
}

// erased takes out what a full reset must not leave: what the box told of its jobs. That orders were taken, and how they
// ended, stays.
func (s *Store) erased() error {
	return s.kv.Update(func(tx store.Tx) error {
		var entries []Entry
		tx.Scan(bucketLog, nil, func(_, v []byte) bool {
			var e Entry
			if json.Unmarshal(v, &e) == nil {
				entries = append(entries, e)
			}
			return true
		})
		for _, e := range entries {
			e.Last.Detail, e.Args = nil, nil
			if err := putJSON(tx, bucketLog, []byte(e.ID), e); err != nil {
				return err
			}
		}
		for _, m := range waiting(tx) {
			var a wire.Ack
			if m.Ack == "" || json.Unmarshal(m.Payload, &a) != nil {
				if err := tx.Delete(bucketOutbox, bytesOf(m.N)); err != nil {
					return err
				}
				continue
			}
			a.Detail = nil
			m.Payload = mustJSON(a)
			if err := putJSON(tx, bucketOutbox, bytesOf(m.N), m); err != nil {
				return err
			}
		}
		return tx.Delete(bucketSelf, []byte(keyErased))
	})
}
