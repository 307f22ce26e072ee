package sagex3

import (
	"context"
	"errors"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

var (
	_ connectors.Source   = (*User)(nil)
	_ connectors.Target   = (*User)(nil)
	_ connectors.Sweeper  = (*User)(nil)
	_ connectors.Finder   = (*User)(nil)
	_ connectors.Resolver = (*User)(nil)
	_ connectors.Checker  = (*User)(nil)
)

// UserConfig is one user of X3.
type UserConfig struct {
	Login          string // the user's code, under which X3 keeps the queue
	Representative string // the user's code as a representative (AUSCRMF), which owns records
	// Entities are what is synchronised for this user; nil for all four.
	Entities []record.Entity
}

// User is what one user of X3 has: correspondents, tasks, calls and appointments.
type User struct {
	server *Server
	cfg    UserConfig
	last   map[record.Entity]map[record.Key]bool // what was listed last
	// settled is when the user was last found set up in X3.
	settled time.Time
}

// order is that of a run (X3-33): what is referred to comes first.
var order = []record.Entity{record.Contact, record.Task, record.Call, record.Appointment}

// User gives the part of a user.
func (s *Server) User(c UserConfig) *User {
	if c.Entities == nil {
		c.Entities = order
	}
	return &User{server: s, cfg: c, last: map[record.Entity]map[record.Key]bool{}}
}

// Fields tells the fields that this site has. Their lengths are known once the site was asked for them.
func (u *User) Fields(e record.Entity) map[string]connectors.Field {
	if !u.has(e) {
		return nil
	}
	fields := u.server.cfg.describe(e, u.server.known(u.server.cfg.publication(e)))
	if company, there := fields["company"]; there {
		company.Hold = u.server.holdCompany
		fields["company"] = company
	}
	return fields
}

func (u *User) has(e record.Entity) bool {
	return slices.Contains(u.cfg.Entities, e) && objects[e] != ""
}

// Close does nothing: the server is shared.
func (u *User) Close() error { return nil }

// Check holds the site's publications against the settings.
func (u *User) Check(ctx context.Context) error {
	for _, e := range u.cfg.Entities {
		if _, err := u.server.describe(ctx, e); err != nil {
			return err
		}
		if u.server.cfg.Read != ByREST {
			continue
		}
		if err := u.server.tryREST(ctx, e); err != nil {
			return err
		}
	}
	if u.server.cfg.Changes == ByQueue {
		if err := u.server.describeQueue(ctx); err != nil {
			return err
		}
	}
	return u.setUp(ctx)
}

// Read gives records as they are now. What is no longer this user's is not there.
func (u *User) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	if !u.has(e) {
		return nil, nil, nil
	}
	var missing []record.Key
	for _, key := range keys {
		r, err := u.one(ctx, e, key)
		var no *refused
		switch {
		case errors.As(err, &no):
			missing = append(missing, key)
		case err != nil:
			return nil, nil, err
		case r != nil:
			found = append(found, *r)
		}
	}
	later, err = u.stillListed(ctx, e, missing)
	if err != nil {
		return nil, nil, err
	}
	return found, later, nil
}

// stillListed gives those of some records that X3 refuses to read, though they are there: somebody has them locked. Only what
// is neither read nor listed is gone.
func (u *User) stillListed(ctx context.Context, e record.Entity, refused []record.Key) (later []record.Key, err error) {
	if len(refused) == 0 {
		return nil, nil
	}
	rows, err := u.list(ctx, e)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if slices.Contains(refused, r.key) {
			later = append(later, r.key)
		}
	}
	return later, nil
}

// one reads a record; nil if it is none of this user's. A *refused is in the chain of the error if X3 does not give it.
func (u *User) one(ctx context.Context, e record.Entity, key record.Key) (*record.Record, error) {
	s := u.server
	if _, err := s.describe(ctx, e); err != nil {
		return nil, err
	}
	r, err := s.call(ctx, "read", s.cfg.publication(e), keys(s.cfg.code(e, "chrono"), string(key)))
	if err != nil {
		return nil, err
	}
	if number, there := r.first(s.cfg.code(e, "chrono")); !there || number != string(key) {
		return nil, s.failure(connectors.Unavailable, CodeBadAnswer, errors.New("a read that answers with another record, or none"))
	}
	if !u.concerns(e, r.payload) {
		return nil, nil
	}
	rec := s.cfg.record(e, key, r.payload)
	rec.Changed = s.cfg.changed(r.payload)
	if e == record.Appointment {
		rec.Fields[mine] = record.BoolOf(u.owns(e, r.payload))
	}
	if code := s.cfg.Reference[e]; code != "" {
		rec.ExternalID, _ = r.first(code)
	}
	return &rec, nil
}

// now reads a record that is to be written. Nil means that it is gone, or no longer this user's. One that somebody has open is
// an error of kind Busy.
func (u *User) now(ctx context.Context, e record.Entity, key record.Key) (*record.Record, error) {
	rec, err := u.one(ctx, e, key)
	var no *refused
	if !errors.As(err, &no) {
		return rec, err
	}
	switch listed, err := u.stillListed(ctx, e, []record.Key{key}); {
	case err != nil:
		return nil, err
	case len(listed) > 0:
		return nil, u.server.failure(connectors.Busy, CodeRecordInUse, errors.New("it is listed, and not given"))
	}
	return nil, nil
}

// concerns says whether a record is this user's: owned, or an appointment in which the user takes part.
func (u *User) concerns(e record.Entity, p *payload) bool {
	return slices.Contains(u.server.cfg.people(e, p), u.cfg.Representative)
}

// people are the representatives whose a record is: its owner, and who takes part in an appointment.
func (c Config) people(e record.Entity, p *payload) (reps []string) {
	if rep, _ := p.first(c.code(e, owner[e])); rep != "" {
		reps = append(reps, rep)
	}
	if code := c.code(e, "coworkers"); e == record.Appointment && code != "" {
		reps = append(reps, p.column(code)...)
	}
	return reps
}

// owner is the field of an object that names the representative whose it is.
var owner = map[record.Entity]string{record.Contact: "representative", record.Task: "assignee", record.Call: "representative", record.Appointment: "representative"}

func (u *User) owns(e record.Entity, p *payload) bool {
	rep, _ := p.first(u.server.cfg.code(e, owner[e]))
	return rep == u.cfg.Representative
}
