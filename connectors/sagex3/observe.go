package sagex3

import (
	"context"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Observe tells what changed: by X3's own queue of the user, once the lists have been told whole, or by comparing the lists of
// the user's records with those of the last look. An object that is not published, or lacks a field, is passed over; the others
// go on.
func (u *User) Observe(ctx context.Context, o connectors.Observation) error {
	if err := u.setUp(ctx); err != nil {
		return err
	}
	if u.server.cfg.Changes == ByQueue && o.Get(noteQueue) != nil {
		return u.lookAtQueue(ctx, o)
	}
	whole := true
	for _, e := range order {
		if !u.has(e) {
			continue
		}
		if err := u.look(ctx, e, o); !passedOver(err) {
			return err
		} else if err != nil {
			o.Skip(e, err)
			whole = false
		}
		if err := o.Commit(); err != nil {
			return err
		}
	}
	if u.server.cfg.Changes == ByQueue && whole {
		o.Put(noteQueue, []byte{1})
	}
	return o.Commit()
}

// passedOver says that an error, or none, lets the other objects go on.
func passedOver(err error) bool {
	kind := connectors.KindOf(err)
	return err == nil || kind == connectors.Drift || kind == connectors.Rejected
}

func (u *User) look(ctx context.Context, e record.Entity, o connectors.Observation) error {
	rows, err := u.list(ctx, e)
	if err != nil {
		return err
	}
	note := "list " + string(e)
	before := decode(o.Get(note))
	all := u.due(e, rows, o)
	for i, r := range rows {
		was, known := before[r.key]
		delete(before, r.key)
		if known && was&^1 == r.stamp && !r.recent && !all {
			rows[i].mine = was&1 == 1
			continue
		}
		if rows[i].mine, err = u.partOf(ctx, e, r); err != nil {
			return err
		}
		if rows[i].mine || was&1 == 1 {
			o.Changed(e, r.key, nil)
		}
		o.Progress(int64(i), int64(len(rows)))
	}
	for key, was := range before {
		if was&1 == 1 {
			o.Changed(e, key, nil)
		}
	}
	o.Put(note, encode(rows))
	return nil
}

// due says whether all records are to be told: once in a while, where no revisions show what was written past X3's stamps. A
// clock that was put back makes it sooner, never later.
func (u *User) due(e record.Entity, rows []listed, o connectors.Observation) bool {
	if len(rows) == 0 || rows[0].counted {
		return false
	}
	note := "complete " + string(e)
	now := u.server.cfg.Now()
	last, err := time.Parse(time.RFC3339, string(o.Get(note)))
	if age := now.Sub(last); err == nil && age >= 0 && age < u.server.cfg.Complete {
		return false
	}
	o.Put(note, []byte(now.Format(time.RFC3339)))
	return true
}

// parts are the representatives whom an appointment concerns.
type parts struct {
	stamp uint64
	who   map[string]bool
}

// partOf says whether a listed record is the user's. The list of appointments is everybody's: each version of one is read once
// for all users of a box. What can't be read, or changes without a stamp, is taken for the user's: a read tells.
func (u *User) partOf(ctx context.Context, e record.Entity, r listed) (bool, error) {
	if e != record.Appointment || r.recent {
		return true, nil
	}
	s := u.server
	s.mu.Lock()
	known, ok := s.takesPart[r.key]
	s.mu.Unlock()
	if ok && r.counted && known.stamp == r.stamp {
		return known.who[u.cfg.Representative], nil
	}
	answer, err := s.call(ctx, "read", s.cfg.publication(e), keys(s.cfg.code(e, "chrono"), string(r.key)))
	if connectors.KindOf(err) == connectors.Rejected {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	known = parts{r.stamp, map[string]bool{}}
	for _, rep := range s.cfg.people(e, answer.payload) {
		known.who[rep] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takesPart[r.key] = known
	return known.who[u.cfg.Representative], nil
}

// Sweep lists the user's records of e.
func (u *User) Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error {
	if !u.has(e) {
		return nil
	}
	rows, err := u.list(ctx, e)
	if err != nil {
		return err
	}
	for _, r := range rows {
		r.recent = false // only a read tells whose it is
		switch mine, err := u.partOf(ctx, e, r); {
		case err != nil:
			return err
		case mine:
			seen(r.key)
		}
	}
	return nil
}
