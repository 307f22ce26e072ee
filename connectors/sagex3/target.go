package sagex3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

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
		case !u.has(op.Entity):
			results[i] = notApplied(connectors.Errorf(connectors.Rejected, CodeRecordRefused, "%s is not synchronised for this user", op.Entity))
		case op.Kind == connectors.Create:
			results[i] = u.create(ctx, op)
		default:
			results[i] = u.change(ctx, op)
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
	text, err := u.object(ctx, op)
	if err != nil {
		return notApplied(u.told(err, op))
	}
	r, err := s.call(ctx, "save", s.cfg.publication(op.Entity), text)
	if err != nil {
		return outcome(u.told(err, op))
	}
	number, there := r.first(s.cfg.code(op.Entity, "chrono"))
	if !there || number == "" {
		return connectors.Result{Outcome: connectors.ReadBack, Err: s.failure(connectors.Unavailable, CodeBadAnswer, errors.New("saved, but the answer has no number"))}
	}
	u.learn(ctx, op, record.Key(number), r)
	return connectors.Result{Outcome: connectors.Applied, Key: record.Key(number)}
}

// change updates or deletes a record. X3 has no condition for a write: what is about to be overwritten is read and compared
// first. What is gone, or no longer this user's, counts as deleted.
func (u *User) change(ctx context.Context, op connectors.Op) connectors.Result {
	s := u.server
	now, err := u.now(ctx, op.Entity, op.Key)
	switch {
	case err != nil:
		return notApplied(u.told(err, op))
	case now == nil && op.Kind == connectors.Delete:
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	case now == nil:
		return notApplied(u.told(s.failure(connectors.Rejected, CodeRecordRefused, errors.New("it is gone, or no longer this user's")), op))
	case op.Entity == record.Appointment && !now.Fields[mine].Equal(record.BoolOf(true)):
		return notApplied(s.failure(connectors.Rejected, CodeNotOwner, errors.New("it is somebody else's")))
	case !alike(now.Fields, op.Seen):
		return notApplied(s.failure(connectors.Busy, CodeRecordInUse, errors.New("somebody has changed it meanwhile")))
	case op.Kind == connectors.Update && s.unknownCompany(strings.ToUpper(op.Fields["company"].Text)):
		return notApplied(s.failure(connectors.Rejected, CodeCompanyUnknown, errors.New("its tiers is unknown")))
	}
	key := keys(s.cfg.code(op.Entity, "chrono"), string(op.Key))
	operation, args := "delete", []soap.Value{key}
	if op.Kind != connectors.Delete || op.Entity == record.Contact {
		text, err := u.object(ctx, op)
		if err != nil {
			return notApplied(u.told(err, op))
		}
		operation, args = "modify", []soap.Value{key, text}
	}
	r, err := s.call(ctx, operation, s.cfg.publication(op.Entity), args...)
	if err != nil {
		return outcome(u.told(err, op))
	}
	if op.Kind == connectors.Update {
		u.learn(ctx, op, op.Key, r)
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
func (u *User) object(ctx context.Context, op connectors.Op) (soap.Value, error) {
	s := u.server
	d, err := s.describe(ctx, op.Entity)
	if err != nil {
		return soap.Value{}, err
	}
	p := &payload{groups: map[string]row{}}
	for name, v := range op.Fields {
		f, known := fieldsOf(op.Entity)[name]
		code := s.cfg.code(op.Entity, name)
		if !known || code == "" || f.readOnly {
			return soap.Value{}, s.lacks(s.cfg.publication(op.Entity), name)
		}
		values, err := s.cfg.written(op.Entity, name, d, v)
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
			p.set(d, row{code: {reference(op)}})
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

// reference is what a record that we make carries of ours.
func reference(op connectors.Op) string { return cmp.Or(op.ExternalID, op.ID) }

// written gives X3's values of one of our fields.
func (c Config) written(e record.Entity, name string, d description, v record.Value) (row, error) {
	f, code := fieldsOf(e)[name], c.code(e, name)
	first, _, _ := strings.Cut(code, ",")
	at := d[first]
	if menu := c.Menus[e][name]; menu != nil && f.how == asText {
		return row{code: {numberOf(menu, v.Text)}}, nil
	}
	if at.menu && f.how == asText {
		return nil, fmt.Errorf("field %s is a local menu whose texts the settings do not tell", code)
	}
	return c.write(f, code, at, v)
}

// set puts fields into their groups.
func (p *payload) set(d description, fields row) {
	for code, values := range fields {
		group := d[code].group
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
