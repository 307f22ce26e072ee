package sagecrm

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/vat"
)

// token is what was there before a write: of a change the time of the latest edit and what the fields were, as digests; of a
// creation the records that look like the one to be made.
type token struct {
	Stamp string            `json:",omitempty"`
	Old   map[string]string `json:",omitempty"`
	There []record.Key      `json:",omitempty"`
	Later bool              `json:",omitempty"` // they are looked for with the call itself; our own identity alone tells the record
}

func tokenOf(raw []byte) (t token, ok bool) {
	return t, raw != nil && json.Unmarshal(raw, &t) == nil
}

// Prepare looks at what a write would change. A creation is refused where a record with its VAT number or its identity is
// there already.
func (c *CRM) Prepare(ctx context.Context, op connectors.Op) ([]byte, error) {
	s, err := c.use(ctx)
	if err != nil {
		return nil, err
	}
	var t token
	if op.Kind == connectors.Create {
		if t.Later = c.later(s, op); t.Later {
			return json.Marshal(t)
		}
		if t.There, err = c.alike(ctx, op); err != nil {
			return nil, err
		}
		if by := c.identity(op); by != "" && len(t.There) > 0 {
			return nil, with(connectors.Errorf(connectors.Rejected, CodeTaken, "%s %s has it", op.Entity, t.There[0]), "field", by)
		}
		return json.Marshal(t)
	}
	now, err := c.one(ctx, s, tables[op.Entity], string(op.Key))
	if err != nil {
		return nil, err
	}
	if err := c.unmoved(op, now); err != nil {
		return nil, err
	}
	rec, _ := c.cfg.record(op.Entity, *now)
	t.Stamp, t.Old = now.get("updateddate"), map[string]string{}
	for name := range op.Fields {
		t.Old[name] = digest(record.Fields{"": rec.Fields[name]}, "")
	}
	return json.Marshal(t)
}

// later says whether a creation is looked for with others of its call. It needs an identity of ours in the record: what shows the same
// VAT number may have been there before, which nobody has looked at.
func (c *CRM) later(s site, op connectors.Op) bool {
	_, several := s.(batchSite)
	return several && s.carries() && c.cfg.idField(op.Entity) != "" && op.ExternalID != ""
}

// identity is the field that no two records have the same of; empty where a record to be made has none.
func (c *CRM) identity(op connectors.Op) string {
	switch {
	case c.cfg.idField(op.Entity) != "" && op.ExternalID != "":
		return connectors.ExternalIDField
	case op.Entity == record.Account && vat.Key(op.Fields[FieldVAT].Text, c.cfg.Country) != "":
		return FieldVAT
	}
	return ""
}

// alike gives the live records that may be the one that op makes: those with its VAT number or its identity or, where it has
// neither, those that show the same.
func (c *CRM) alike(ctx context.Context, op connectors.Op) ([]record.Key, error) {
	var keys []record.Key
	find := func(name string, v record.Value) error {
		found, err := c.Find(ctx, op.Entity, name, v)
		keys = append(keys, found...)
		return err
	}
	if c.cfg.idField(op.Entity) != "" && op.ExternalID != "" {
		if err := find(connectors.ExternalIDField, record.TextOf(op.ExternalID)); err != nil {
			return nil, err
		}
	}
	if op.Entity == record.Account && vat.Key(op.Fields[FieldVAT].Text, c.cfg.Country) != "" {
		if err := find(FieldVAT, op.Fields[FieldVAT]); err != nil {
			return nil, err
		}
	}
	if c.identity(op) != "" {
		return distinctKeys(keys), nil
	}
	for _, name := range []string{"pers_companyid", "pers_lastname", "comp_name"} {
		if v := op.Fields[name]; !v.Empty() {
			found, err := c.Find(ctx, op.Entity, name, v)
			if err != nil {
				return nil, err
			}
			return c.showing(ctx, op, found)
		}
	}
	return nil, badOp("create %s: nothing tells it from others", op.Entity)
}

func distinctKeys(keys []record.Key) []record.Key {
	return slices.Compact(slices.Sorted(slices.Values(keys)))
}

// showing leaves those that have, in columns of their own, all that op writes.
func (c *CRM) showing(ctx context.Context, op connectors.Op, keys []record.Key) ([]record.Key, error) {
	found, _, err := c.Read(ctx, op.Entity, keys)
	if err != nil {
		return nil, err
	}
	known, columns := c.cfg.fields(op.Entity), op
	columns.Fields = maps.Clone(op.Fields)
	maps.DeleteFunc(columns.Fields, func(name string, _ record.Value) bool {
		return known[name].place != own && known[name].place != vatNumber
	})
	var same []record.Key
	for _, r := range found {
		if r.Held == "" && c.cfg.unkept(columns, r) == "" {
			same = append(same, r.Key)
		}
	}
	return distinctKeys(same), nil
}

// Resolve says what became of a write whose answer was lost, by what the CRM shows.
func (c *CRM) Resolve(ctx context.Context, op connectors.Op) connectors.Result {
	if op.Kind != connectors.Create {
		return c.resolveUpdate(ctx, op)
	}
	t, _ := tokenOf(op.Token)
	made, err := c.made(ctx, op, t)
	if err != nil {
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	}
	made = slices.DeleteFunc(made, func(k record.Key) bool { return slices.Contains(t.There, k) })
	switch len(made) {
	case 0:
		return notApplied(connectors.Errorf(connectors.Busy, CodeNotMade, "no %s shows it", op.Entity))
	case 1:
		return c.finish(ctx, op, made[0])
	}
	return connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Rejected, CodeTwins, "%d of %s show it", len(made), op.Entity)}
}

// made gives the records that may be the one that op made.
func (c *CRM) made(ctx context.Context, op connectors.Op, t token) ([]record.Key, error) {
	if t.Later {
		return c.Find(ctx, op.Entity, connectors.ExternalIDField, record.TextOf(op.ExternalID))
	}
	return c.alike(ctx, op)
}

// finish adds the addresses, phones and e-mails that a creation in several calls did not come to. What is there stays.
func (c *CRM) finish(ctx context.Context, op connectors.Op, key record.Key) connectors.Result {
	lost := func(err error) connectors.Result { return connectors.Result{Outcome: connectors.InDoubt, Err: err} }
	s, err := c.use(ctx)
	if err != nil {
		return lost(err)
	}
	done := connectors.Result{Outcome: connectors.Applied, Key: key}
	if s.carries() {
		return done
	}
	now, err := c.one(ctx, s, tables[op.Entity], string(key))
	if err != nil {
		return lost(err)
	}
	if now == nil {
		return notApplied(connectors.Errorf(connectors.Busy, CodeNotMade, "%s %s is gone", op.Entity, key))
	}
	rec, _ := c.cfg.record(op.Entity, *now)
	rest, known := op, c.cfg.fields(op.Entity)
	rest.Kind, rest.Fields = connectors.Update, record.Fields{}
	for name, v := range op.Fields {
		if place := known[name].place; (place == onAddress || place == onPhone || place == onEmail) && !v.Empty() && rec.Fields[name].Empty() {
			rest.Fields[name] = v
		}
	}
	r, err := c.cfg.encode(rest, *now)
	if err != nil {
		return lost(badOp("write %s: %w", op.Entity, err))
	}
	if err := c.writeChildren(ctx, s, tables[op.Entity], string(key), *now, r); err != nil {
		return lost(err)
	}
	return done
}

func (c *CRM) resolveUpdate(ctx context.Context, op connectors.Op) connectors.Result {
	s, err := c.use(ctx)
	if err != nil {
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	}
	now, err := c.one(ctx, s, tables[op.Entity], string(op.Key))
	if err != nil {
		return connectors.Result{Outcome: connectors.InDoubt, Err: err}
	}
	if now == nil {
		return notApplied(connectors.Errorf(connectors.Rejected, CodeRecordMissing, "%s %s is not there", op.Entity, op.Key))
	}
	rec, _ := c.cfg.record(op.Entity, *now)
	named := c.cfg.idField(op.Entity) == "" || op.ExternalID == "" || op.ExternalID == rec.ExternalID
	if named && c.cfg.unkept(op, rec) == "" {
		return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
	}
	t := c.cfg.fields(op.Entity)
	known, _ := tokenOf(op.Token)
	for name, v := range op.Fields {
		old := known.Old[name] == digest(record.Fields{"": rec.Fields[name]}, "")
		if !old && !c.cfg.kept(t[name], v, rec.Fields[name]) {
			return connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Rejected, CodeRecordChanged,
				"%s %s shows neither the old values nor the new", op.Entity, op.Key)}
		}
	}
	return notApplied(connectors.Errorf(connectors.Busy, CodeNotMade, "%s %s shows old values", op.Entity, op.Key))
}
