package quickbooks

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// members are the members of a customer as the product spells them.
type members map[string]json.RawMessage

// current reads a customer for a write.
func (t *TwoWay) current(ctx context.Context, k record.Key) (*customer, members, error) {
	entity, i, ok := placeOf(record.Account, k)
	if !ok {
		return nil, nil, missing(k)
	}
	a, err := t.api.readForWrite(ctx, path(entity, i), nil)
	raw, err := t.one(entity, i, a, err)
	if err != nil {
		return nil, nil, err
	}
	if raw == nil {
		return nil, nil, missing(k)
	}
	cu, m := &customer{}, members{}
	if err := json.Unmarshal(raw, cu); err != nil {
		return nil, nil, &connectors.Error{Kind: connectors.Rejected, Code: CodeRowBad, Err: err}
	}
	return cu, m, json.Unmarshal(raw, &m)
}

func missing(k record.Key) error {
	return connectors.Errorf(connectors.Rejected, CodeRecordMissing, "there is no customer %s", k)
}

// change makes the request that changes a customer, and gives what it showed of the fields before; nil if it shows the values already. A field that shows
// neither what the plan was made on nor what is wanted was changed by somebody: the error is of kind Busy.
func (t *TwoWay) change(ctx context.Context, op connectors.Op) (body []byte, was record.Fields, err error) {
	if len(op.With) > 0 {
		return nil, nil, badOp("update %s: nothing is born with it", op.Entity)
	}
	if err := writable(op.Entity, op.Fields); err != nil {
		return nil, nil, err
	}
	cu, m, err := t.current(ctx, op.Key)
	if err != nil {
		return nil, nil, err
	}
	shown, wanted := cu.fields(op.Entity), record.Fields{}
	was = record.Fields{}
	for name, v := range op.Fields {
		if ignored(op.Entity, name) || same(name, shown[name], v) {
			continue
		}
		if seen, compared := op.Seen[name]; compared && !same(name, shown[name], seen) {
			return nil, nil, connectors.Errorf(connectors.Busy, CodeStale, "customer %s: field %s shows another value", op.Key, name)
		}
		wanted[name], was[name] = v, shown[name]
	}
	if len(wanted) == 0 {
		return nil, nil, nil
	}
	e := &edit{now: cu, was: m, set: map[string]any{}}
	if err := e.put(op.Entity, wanted); err != nil {
		return nil, nil, err
	}
	e.set["Id"], e.set["SyncToken"], e.set["sparse"] = string(cu.ID), string(cu.SyncToken), true
	body, err = json.Marshal(e.set)
	return body, was, err
}

// writable refuses fields that have no way back, before anything is read.
func writable(e record.Entity, fields record.Fields) error {
	if e != record.Account && e != record.Contact {
		return badOp("write %s: customers alone can be written", e)
	}
	for name, v := range fields {
		f, known := shapes[e][name]
		switch {
		case ignored(e, name):
		case !known || !f.writes || v.Kind != record.Text && v.Kind != record.None:
			return badOp("write %s: field %q can't be written", e, name)
		case utf8.RuneCountInString(v.Text) > f.max:
			return refusal(CodeTooLong, name)
		case v.Empty() && name == "name":
			return refusal(CodeFieldUnfit, name)
		case strings.ContainsFunc(v.Text, unicode.IsControl):
			return refusal(CodeFieldUnfit, name)
		}
	}
	return nil
}

// ignored says whether a field is left out of a write: a name's parts come out of the whole, the account's
// numbers are copies of the contact's, and the contact is on its account's customer.
func ignored(e record.Entity, name string) bool {
	if e == record.Contact {
		return name == "account" || name == "first_name" || name == "last_name"
	}
	return name == "phone" || name == "fax"
}

// same compares as the two sides do: telephone numbers by their digits, addresses of e-mail without case.
func same(name string, a, b record.Value) bool {
	switch name {
	case "email":
		return strings.EqualFold(a.Text, b.Text)
	case "phone", "phone2", "fax", "mobile":
		return digits(a.Text) == digits(b.Text)
	}
	return a.Equal(b)
}

// digits keeps what a number is compared by; one without any digit is compared as it is.
func digits(s string) string {
	d := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if d == "" {
		return s
	}
	return d
}

// shows says whether a customer shows the values of a write.
func shows(cu *customer, e record.Entity, fields record.Fields) bool {
	shown := cu.fields(e)
	for name, v := range fields {
		if !ignored(e, name) && !same(name, shown[name], v) && (name != "full_name" || !v.Empty() || cu.fullName() != "") {
			return false
		}
	}
	return true
}

// born says whether a customer is the one that a create made.
func born(cu *customer, op connectors.Op) bool {
	return shows(cu, op.Entity, op.Fields) && !slices.ContainsFunc(op.With, func(w connectors.Op) bool { return !shows(cu, w.Entity, w.Fields) })
}

// newCustomer makes the request that creates a customer with its contact.
func newCustomer(op connectors.Op) ([]byte, error) {
	if op.Entity != record.Account {
		return nil, badOp("create %s: it is born with its account", op.Entity)
	}
	if err := writable(op.Entity, op.Fields); err != nil {
		return nil, err
	}
	name := op.Fields["name"].Text
	if displayName(name) == "" {
		return nil, refusal(CodeFieldUnfit, "name")
	}
	e := &edit{now: &customer{}, was: members{}, set: map[string]any{}}
	fields := maps.Clone(op.Fields)
	delete(fields, "name")
	e.set["DisplayName"], e.set["CompanyName"] = displayName(name), name
	e.now.CompanyName = text(name)
	if err := e.put(op.Entity, fields); err != nil {
		return nil, err
	}
	for _, with := range op.With {
		if with.Entity != record.Contact {
			return nil, badOp("create %s: no %s is born with it", op.Entity, with.Entity)
		}
		if err := writable(with.Entity, with.Fields); err != nil {
			return nil, err
		}
		if err := e.put(with.Entity, with.Fields); err != nil {
			return nil, err
		}
	}
	maps.DeleteFunc(e.set, func(_ string, v any) bool { return v == "" })
	return json.Marshal(e.set)
}

// displayName is the name under which the product lists a customer: without colons and blanks other than
// one space.
func displayName(name string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(name, ":", "-")), " ")
}
