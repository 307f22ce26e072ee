package salesmanagement

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// encode makes the payload of a write: of what the row does not show already, all for a new one (now nil). Lines and pictures are
// written by themselves.
func (t *Tenant) encode(ctx context.Context, op connectors.Op, now row) (payload, error) {
	res, body := t.resource(op.Entity), payload{}
	for _, name := range op.Fields.Names() {
		f, known := res.fields[name]
		v := op.Fields[name]
		switch {
		case !known:
			return nil, badOp("write %s: field %s is not known here", op.Entity, name)
		case f.shown || f.form == asLines || f.form == asPicture || f.form == asRefusal, custom(f.wire) && t.shape.lacks(res.list, f.wire):
			continue
		case name == FieldSalesman && now != nil && now.id(f.wire) != "":
			continue // nobody is taken a record away (S50-29)
		case now == nil && v.Empty() && !f.filled && f.form != asStock:
			continue
		case now != nil && t.value(now, f).Equal(v) && f.form != asSalesman && f.form != asStock: // which are compared as they are written
			continue
		}
		if err := t.encodeField(ctx, body, op, res, name, f, v); err != nil {
			return nil, err
		}
	}
	if op.ExternalID != "" && (now == nil || now.text(FieldExternal) != op.ExternalID) {
		if most := t.shape.longest(res.list, FieldExternal); most > 0 && size(op.ExternalID) > most {
			return nil, fieldError(CodeTooLong, FieldExternal)
		}
		body[FieldExternal] = op.ExternalID
	}
	if now != nil {
		body = differing(body, now)
	}
	return body, nil
}

// differing leaves out what a row shows already.
func differing(body payload, now row) payload {
	changed := payload{}
	for name, v := range body {
		if !shows(now, name, v) {
			changed[name] = v
		}
	}
	return changed
}

func shows(now row, name string, v any) bool {
	switch v := v.(type) {
	case literal:
		d, ok := now.number(name)
		want, err := decimal.NewFromString(string(v))
		return err == nil && (ok && d.Equal(want) || !ok && want.IsZero() && strings.HasPrefix(name, "discount"))
	case json.Number:
		return now.id(name) == string(v)
	case string:
		return now.text(name) == v
	case bool:
		return now.truth(name) == v
	}
	return now.text(name) == ""
}

func (t *Tenant) encodeField(ctx context.Context, body payload, op connectors.Op, res *resource, name string, f field, v record.Value) error {
	switch f.form {
	case asText:
		text, err := t.text(op, res, name, f, v.Text)
		body[f.wire] = text
		return err
	case asNumber:
		body[f.wire] = t.numberFor(res.list, f.wire, v)
	case asStock:
		t.stock(body, op, v)
	case asBool:
		body[f.wire] = v.Text == "true"
	case asDay:
		body[f.wire] = nil
		if !v.Empty() {
			body[f.wire] = v.Text + " 00:00:00"
		}
	case asRef:
		return reference(body, name, f.wire, v.Text)
	case asSalesman:
		return t.salesman(ctx, body, f, v)
	case asCountry:
		return valueOf(body, name, f.wire, v, t.shape.countries)
	case asAccountStatus:
		return valueOf(body, name, f.wire, v, map[string]string{t.shape.client: Client, t.shape.prospect: Prospect})
	case asQuoteStatus:
		return valueOf(body, name, f.wire, v, t.shape.quotes)
	}
	return nil
}

// text holds a text against the room that there is: some are cut, any other is held (M4).
func (t *Tenant) text(op connectors.Op, res *resource, name string, f field, text string) (string, error) {
	if text == "" && f.filled {
		return blank, nil
	}
	most := t.shape.longest(res.list, f.wire)
	if most == 0 || size(text) <= most {
		return text, nil
	}
	if !f.cut {
		return "", fieldError(CodeTooLong, name)
	}
	t.log.Info("text is cut", "part", "salesmanagement", "entity", op.Entity, "key", op.Key, "field", name, "longest", most)
	return t.shape.cut(res.list, f.wire, text), nil
}

// stock is an integer, and exact beside it; where none applies, nothing and a dash (M12).
func (t *Tenant) stock(body payload, op connectors.Op, v record.Value) {
	body[FieldStock] = nil
	shown := noStock
	if !v.Empty() {
		body[FieldStock], shown = jsonNumber(v.Decimal().Floor()), v.Decimal().String()
	}
	if _, told := op.Fields[FieldStockShown]; !told && !t.shape.lacks("products", FieldStockShown) {
		body[FieldStockShown] = shown
	}
}

// salesman names an invoice's user by the external id; one who has none is left out.
func (t *Tenant) salesman(ctx context.Context, body payload, f field, v record.Value) error {
	users, err := t.everyUser(ctx)
	if err != nil {
		return err
	}
	if external := users.external(v.Text); external != "" {
		body[f.wire] = external
	}
	return nil
}

// numberFor writes a number; as a text where a person has made its custom field one.
func (t *Tenant) numberFor(list, wire string, v record.Value) any {
	texts := t.shape.columns[list][strings.ToLower(wire)].kind == "string"
	switch {
	case v.Empty() && texts:
		return ""
	case v.Empty():
		return nil
	case texts:
		return v.Decimal().String()
	}
	return jsonNumber(v.Decimal())
}

// reference writes an integer.
func reference(body payload, name, wire, key string) error {
	if body[wire] = nil; key == "" {
		return nil
	}
	if plainID(key) != key {
		return fieldError(CodeValueUnknown, name)
	}
	body[wire] = json.Number(key)
	return nil
}

// valueOf writes the id of a value of one of the tenant's lists.
func valueOf(body payload, name, wire string, v record.Value, list map[string]string) error {
	if body[wire] = nil; v.Empty() {
		return nil
	}
	best := ""
	for id, value := range list {
		if value == v.Text && (best == "" || oldestFirst(record.Key(id), record.Key(best)) < 0) {
			best = id
		}
	}
	if best == "" {
		return fieldError(CodeValueUnknown, name)
	}
	body[wire] = json.Number(best)
	return nil
}

// fieldError is the refusal of a record for one of its fields, whose value it does not tell.
func fieldError(code, name string) error {
	e := connectors.Errorf(connectors.Rejected, code, "field %s", name)
	e.Args = map[string]string{"field": name}
	return e
}

// newborn adds what the API wants of a new row (S50-29).
func (t *Tenant) newborn(e record.Entity, body payload) error {
	branch, admin := json.Number(t.shape.branch), json.Number(t.shape.admin)
	switch e {
	case record.Account:
		body["branchId"] = branch
		fill(body, FieldSalesman, admin)
	case record.Contact:
		body["branchId"], body["salesRepId"] = branch, admin
		fill(body, "firstName", blank)
		fill(body, "lastName", blank)
	case record.Quote:
		body["branchId"], body["salesRepId"] = branch, admin
	}
	for _, name := range map[record.Entity][]string{
		record.Account: {"name"}, record.Contact: {"accountId"}, record.Product: {"model"}, record.Document: {"accountId", "date"}, record.Quote: {"reference"},
	}[e] {
		if body[name] == nil || body[name] == "" {
			return fieldError(CodeValueUnknown, name)
		}
	}
	return nil
}

func fill(body payload, name string, v any) {
	if body[name] == nil {
		body[name] = v
	}
}

func dec(n int64) decimal.Decimal { return decimal.NewFromInt(n) }
