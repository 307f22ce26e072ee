package sagex3

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Prepare notes which records there are before a creation, so that one of them is never taken for what it made. Where a field
// carries our reference there is no need for it.
func (u *User) Prepare(ctx context.Context, op connectors.Op) ([]byte, error) {
	if op.Kind != connectors.Create || u.server.cfg.Reference[op.Entity] != "" {
		return nil, nil
	}
	rows, err := u.list(ctx, op.Entity)
	if err != nil {
		return nil, err
	}
	token := make([]byte, 0, 8*len(rows))
	for _, r := range rows {
		token = binary.LittleEndian.AppendUint64(token, xxh3.HashString(string(r.key)))
	}
	return token, nil
}

// Resolve looks for what a creation may have made: a record with our reference or, where the site has no field for one, a
// record that was not there before and shows all that was to be written. A change is told by reading the record.
func (u *User) Resolve(ctx context.Context, op connectors.Op) connectors.Result {
	if op.Kind != connectors.Create {
		return u.resolveChange(ctx, op)
	}
	made, err := u.made(ctx, op)
	switch {
	case err != nil:
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	case len(made) == 0:
		return notApplied(errors.New("no record shows it"))
	case len(made) == 1:
		return connectors.Result{Outcome: connectors.Applied, Key: made[0]}
	}
	return connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Rejected, CodeRecordRefused, "%d records show it", len(made))}
}

func (u *User) made(ctx context.Context, op connectors.Op) (made []record.Key, err error) {
	if code := u.server.cfg.Reference[op.Entity]; code != "" {
		return u.found(ctx, op.Entity, code, reference(op))
	}
	d, err := u.server.describe(ctx, op.Entity)
	if err != nil {
		return nil, err
	}
	rows, err := u.list(ctx, op.Entity)
	if err != nil {
		return nil, err
	}
	before := make(map[uint64]bool, len(op.Token)/8)
	for b := op.Token; len(b) >= 8; b = b[8:] {
		before[binary.LittleEndian.Uint64(b)] = true
	}
	for _, r := range rows {
		if before[xxh3.HashString(string(r.key))] {
			continue
		}
		rec, err := u.now(ctx, op.Entity, r.key)
		if err != nil {
			return nil, err
		}
		if rec != nil && u.shows(d, *rec, op.Fields) {
			made = append(made, r.key)
		}
	}
	return made, nil
}

// shows says whether a record shows what was to be written, as X3 holds it. It fills in the tiers of a correspondent, and
// leaves out one that it does not know (X3-23).
func (u *User) shows(d description, rec record.Record, fields record.Fields) bool {
	c := u.server.cfg
	for name, v := range fields {
		values, err := c.written(rec.Entity, name, d, v)
		if err != nil {
			return false
		}
		p := &payload{groups: map[string]row{"": values}}
		wanted, now := c.record(rec.Entity, rec.Key, p).Fields[name], rec.Fields[name]
		if !wanted.Equal(now) && (name != "company" || !wanted.Empty() && !now.Empty()) {
			return false
		}
	}
	if sent, there := fields["company"]; there {
		u.server.learnCompany(strings.ToUpper(sent.Text), rec.Fields["company"].Text)
	}
	return true
}

func (u *User) resolveChange(ctx context.Context, op connectors.Op) connectors.Result {
	d, err := u.server.describe(ctx, op.Entity)
	if err != nil {
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	}
	now, err := u.now(ctx, op.Entity, op.Key)
	switch {
	case err != nil:
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	case now == nil && op.Kind == connectors.Delete:
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case now == nil:
		return notApplied(u.told(u.server.failure(connectors.Rejected, CodeRecordRefused, errors.New("it is gone, or no longer this user's")), op))
	case op.Kind == connectors.Update && u.shows(d, *now, op.Fields):
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case alike(now.Fields, op.Seen):
		return notApplied(errors.New("it shows the old values"))
	}
	return connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Rejected, CodeRecordRefused, "it shows neither the old values nor the new")}
}

// Find gives the user's records whose field, a column of the object's list, has a value.
func (u *User) Find(ctx context.Context, e record.Entity, name string, v record.Value) ([]record.Key, error) {
	code := u.server.cfg.code(e, name)
	if name == connectors.ExternalIDField {
		code = u.server.cfg.Reference[e]
	}
	if !u.has(e) || code == "" || v.Text == "" {
		return nil, nil
	}
	keys, err := u.found(ctx, e, code, v.Text)
	if err != nil {
		return nil, err
	}
	live, later, err := u.Read(ctx, e, keys)
	for _, r := range live {
		later = append(later, r.Key)
	}
	return later, err
}

// found gives the records that a column shows a text for, whose they may be now. X3's criteria may be patterns: only equal ones
// count.
func (u *User) found(ctx context.Context, e record.Entity, code, text string) (keys []record.Key, err error) {
	rows, err := u.server.query(ctx, e, code, text)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if one(r, code) == text {
			keys = append(keys, record.Key(one(r, u.server.cfg.code(e, "chrono"))))
		}
	}
	return keys, nil
}
