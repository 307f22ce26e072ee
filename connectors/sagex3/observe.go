package sagex3

import (
	"context"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Observe compares the lists of the user's records with those of the last look. An object that is not published, or lacks a
// field, is passed over; the others go on.
func (u *User) Observe(ctx context.Context, o connectors.Observation) error {
	for _, e := range order {
		if !u.has(e) {
			continue
		}
		err := u.look(ctx, e, o)
		switch kind := connectors.KindOf(err); {
		case err == nil:
		case kind == connectors.Drift || kind == connectors.Rejected:
			o.Skip(e, err)
		default:
			return err
		}
	}
	return o.Commit()
}

func (u *User) look(ctx context.Context, e record.Entity, o connectors.Observation) error {
	rows, err := u.list(ctx, e)
	if err != nil {
		return err
	}
	note := "list " + string(e)
	before := decode(o.Get(note))
	for _, r := range rows {
		stamp, known := before[r.key]
		delete(before, r.key)
		if known && stamp == r.stamp {
			continue
		}
		if !known && e == record.Appointment {
			if mine, err := u.partOf(ctx, r); err != nil {
				return err
			} else if !mine {
				continue
			}
		}
		o.Changed(e, r.key, nil)
	}
	for key := range before {
		o.Changed(e, key, nil)
	}
	o.Put(note, encode(rows))
	return nil
}

// parts are the representatives whom an appointment concerns.
type parts struct {
	stamp uint64
	who   map[string]bool
}

// partOf says whether a user takes part in an appointment. All users of a box ask the server once for each version of it.
func (u *User) partOf(ctx context.Context, r listed) (bool, error) {
	s := u.server
	s.mu.Lock()
	known, ok := s.takesPart[string(r.key)]
	s.mu.Unlock()
	if ok && known.stamp == r.stamp {
		return known.who[u.cfg.Representative], nil
	}
	answer, err := s.call(ctx, "read", s.cfg.publication(record.Appointment), keys(s.cfg.code(record.Appointment, "chrono"), string(r.key)))
	if connectors.KindOf(err) == connectors.Rejected {
		return false, nil // deleted since it was listed
	}
	if err != nil {
		return false, err
	}
	known = parts{r.stamp, map[string]bool{}}
	if rep, _ := answer.first(s.cfg.code(record.Appointment, owner[record.Appointment])); rep != "" {
		known.who[rep] = true
	}
	for _, rep := range answer.column(s.cfg.code(record.Appointment, "coworkers")) {
		known.who[rep] = true
	}
	s.mu.Lock()
	s.takesPart[string(r.key)] = known
	s.mu.Unlock()
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
		if e == record.Appointment {
			if mine, err := u.partOf(ctx, r); err != nil {
				return err
			} else if !mine {
				continue
			}
		}
		seen(r.key)
	}
	return nil
}
