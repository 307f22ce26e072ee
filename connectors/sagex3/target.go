package sagex3

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
	"syncbox/connectors/rest/soap"
)

// Traits: X3 takes one record a call and knows no identity of ours by which a repeated call would be harmless.
func (u *User) Traits() connectors.Traits {
	return connectors.Traits{Batch: 1, ServerLate: u.server.cfg.ServerLate}
}

// Apply writes records, one call each. A correspondent is never deleted: only that it is this user's ends (X3-16).
func (u *User) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	for i, op := range ops {
		if err := ctx.Err(); err != nil {
			results[i] = notApplied(fmt.Errorf("not sent: %w", err))
			continue
		}
		switch {
		case op.Kind == connectors.Create:
			results[i] = u.create(ctx, op)
		case op.Kind == connectors.Delete && op.Entity != record.Contact:
			results[i] = u.remove(ctx, op)
		default:
			results[i] = u.update(ctx, op)
		}
	}
	return results
}

func notApplied(err error) connectors.Result {
	return connectors.Result{Outcome: connectors.NotApplied, Err: err}
}

// outcome says what became of a call that failed.
func outcome(err error) connectors.Result {
	var no *refused
	if errors.As(err, &no) || errors.Is(err, rest.ErrNotApplied) {
		return notApplied(err)
	}
	switch connectors.KindOf(err) {
	case connectors.Auth, connectors.Drift:
		return notApplied(err)
	}
	return connectors.Result{Outcome: connectors.InDoubt, Err: err}
}

// create saves a new record. An answer without its number is settled by Resolve.
func (u *User) create(ctx context.Context, op connectors.Op) connectors.Result {
	s := u.server
	fields := op.Fields
	text, err := u.object(ctx, op, fields)
	if err != nil {
		return notApplied(err)
	}
	r, err := s.call(ctx, "save", s.cfg.publication(op.Entity), text)
	if err != nil {
		return outcome(u.told(err, op))
	}
	number, there := r.first(s.cfg.code(op.Entity, "chrono"))
	if !there || number == "" {
		return connectors.Result{Outcome: connectors.ReadBack, Err: s.failure(connectors.Unavailable, CodeBadAnswer, errors.New("saved, but the answer has no number"))}
	}
	return connectors.Result{Outcome: connectors.Applied, Key: record.Key(number)}
}

// update changes what differs. X3 has no condition for a write: what is about to be overwritten is read and compared first.
func (u *User) update(ctx context.Context, op connectors.Op) connectors.Result {
	s := u.server
	now, err := u.one(ctx, op.Entity, op.Key)
	var no *refused
	switch {
	case errors.As(err, &no) && op.Kind == connectors.Delete:
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case err != nil:
		return notApplied(u.told(err, op))
	case now == nil && op.Kind == connectors.Delete:
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case now == nil:
		return notApplied(u.told(s.failure(connectors.Rejected, CodeRecordRefused, errors.New("it is no longer this user's")), op))
	case op.Kind == connectors.Update && !alike(now.Fields, op.Seen):
		return notApplied(s.failure(connectors.Busy, CodeBusy, errors.New("somebody has changed it meanwhile")))
	}
	text, err := u.object(ctx, op, op.Fields)
	if err != nil {
		return notApplied(err)
	}
	key := keys(s.cfg.code(op.Entity, "chrono"), string(op.Key))
	if _, err := s.call(ctx, "modify", s.cfg.publication(op.Entity), key, text); err != nil {
		return outcome(u.told(err, op))
	}
	return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
}

// alike says whether a record still shows what the plan was made on.
func alike(now, seen record.Fields) bool {
	for name, v := range seen {
		if !now[name].Equal(v) {
			return false
		}
	}
	return true
}

// remove deletes a record. One that is gone already is what was wanted.
func (u *User) remove(ctx context.Context, op connectors.Op) connectors.Result {
	s := u.server
	now, err := u.one(ctx, op.Entity, op.Key)
	var no *refused
	switch {
	case errors.As(err, &no):
		later, err := u.stillListed(ctx, op.Entity, []record.Key{op.Key})
		switch {
		case err != nil:
			return notApplied(err)
		case len(later) > 0:
			return notApplied(s.failure(connectors.Busy, CodeBusy, errors.New("somebody has it open")))
		}
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case err != nil:
		return notApplied(err)
	case now == nil:
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case !alike(now.Fields, op.Seen):
		return notApplied(s.failure(connectors.Busy, CodeBusy, errors.New("somebody has changed it meanwhile")))
	}
	if _, err := s.call(ctx, "delete", s.cfg.publication(op.Entity), keys(s.cfg.code(op.Entity, "chrono"), string(op.Key))); err != nil {
		return outcome(u.told(err, op))
	}
	return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
}

// told adds to X3's refusal of a record what was tried on which object (X3-10).
func (u *User) told(err error, op connectors.Op) error {
	var e *connectors.Error
	if !errors.As(err, &e) || e.Kind != connectors.Rejected {
		return err
	}
	verbs := map[connectors.OpKind]string{connectors.Create: "create", connectors.Update: "update", connectors.Delete: "delete"}
	with := *e
	with.Args = map[string]string{"object": objects[op.Entity], "verb": verbs[op.Kind], "trace": ""}
	var no *refused
	if errors.As(err, &no) {
		with.Args["trace"] = no.trace
	}
	return &with
}

// object writes the payload of a save or a modify.
func (u *User) object(ctx context.Context, op connectors.Op, fields record.Fields) (soap.Value, error) {
	s := u.server
	d, err := s.describe(ctx, op.Entity)
	if err != nil {
		return soap.Value{}, err
	}
	p := &payload{groups: map[string]row{}}
	for name, v := range fields {
		f, known := fieldsOf(op.Entity)[name]
		code := s.cfg.code(op.Entity, name)
		if !known || code == "" || f.readOnly {
			return soap.Value{}, s.lacks(s.cfg.publication(op.Entity), name)
		}
		values, err := s.cfg.write(f, code, v)
		if err != nil {
			return soap.Value{}, &connectors.Error{Kind: connectors.Rejected, Code: CodeRecordRefused, Err: err}
		}
		p.set(d, values)
	}
	assigned := s.cfg.code(op.Entity, owner[op.Entity])
	switch op.Kind {
	case connectors.Create:
		p.set(d, row{assigned: {u.cfg.Representative}})
		if code := s.cfg.Reference[op.Entity]; code != "" {
			p.set(d, row{code: {op.ID}})
		}
	case connectors.Delete:
		p.set(d, row{assigned: {""}})
	}
	text := p.xml()
	if s.cfg.Payload == "json" {
		if text, err = p.jsonText(); err != nil {
			return soap.Value{}, err
		}
	}
	return soap.String("objectXml", text), nil
}

// set puts fields into their groups.
func (p *payload) set(d description, fields row) {
	for code, values := range fields {
		group := d[code]
		if p.groups[group] == nil {
			p.groups[group] = row{}
		}
		p.groups[group][code] = values
	}
}

// number is an element of type xsd:int.
func number(name string, n int) soap.Value {
	return soap.Value{Name: name, Type: "xsd:int", Text: strconv.Itoa(n)}
}

// Prepare notes which records there are before a creation, so that one of them is never taken for what it made.
func (u *User) Prepare(ctx context.Context, op connectors.Op) ([]byte, error) {
	if op.Kind != connectors.Create {
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

// Resolve looks for what a creation may have made: a record that was not there before it and shows our reference, or all
// that was to be written. A change is told by reading the record.
func (u *User) Resolve(ctx context.Context, op connectors.Op) connectors.Result {
	if op.Kind != connectors.Create {
		return u.resolveChange(ctx, op)
	}
	rows, err := u.list(ctx, op.Entity)
	if err != nil {
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	}
	before := make(map[uint64]bool, len(op.Token)/8)
	for b := op.Token; len(b) >= 8; b = b[8:] {
		before[binary.LittleEndian.Uint64(b)] = true
	}
	var made []record.Key
	for _, r := range rows {
		if before[xxh3.HashString(string(r.key))] {
			continue
		}
		rec, err := u.one(ctx, op.Entity, r.key)
		if err != nil {
			return connectors.Result{Outcome: connectors.InDoubt, Err: err}
		}
		if rec != nil && (rec.ExternalID == op.ID && op.ID != "" || u.server.cfg.Reference[op.Entity] == "" && alike(rec.Fields, op.Fields)) {
			made = append(made, r.key)
		}
	}
	switch len(made) {
	case 0:
		return notApplied(errors.New("no record shows it"))
	case 1:
		return connectors.Result{Outcome: connectors.Applied, Key: made[0]}
	}
	slices.Sort(made)
	return connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Rejected, CodeRecordRefused, "%d records show it", len(made))}
}

func (u *User) resolveChange(ctx context.Context, op connectors.Op) connectors.Result {
	now, err := u.one(ctx, op.Entity, op.Key)
	var no *refused
	switch {
	case errors.As(err, &no) && op.Kind == connectors.Delete, err == nil && now == nil && op.Kind == connectors.Delete:
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case err != nil:
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	case op.Kind == connectors.Update && now != nil && alike(now.Fields, op.Fields):
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case now != nil && alike(now.Fields, op.Seen):
		return notApplied(errors.New("it shows the old values"))
	}
	return connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Rejected, CodeRecordRefused, "it shows neither the old values nor the new")}
}
