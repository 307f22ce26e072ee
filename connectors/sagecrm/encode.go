package sagecrm

import (
	"fmt"
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/vat"
)

// encode makes the row that changes a record, which now shows as it is, or makes a new one.
func (c Config) encode(op connectors.Op, now row) (row, error) {
	r := newRow()
	known := c.fields(op.Entity)
	for _, name := range op.Fields.Names() {
		f, ok := known[name]
		if !ok {
			return row{}, fmt.Errorf("%s has no field %q", op.Entity, name)
		}
		v := op.Fields[name]
		if !v.Empty() && v.Kind != f.kind() {
			return row{}, fmt.Errorf("field %s: a value of kind %d where %d belongs", name, v.Kind, f.kind())
		}
		if err := c.put(r, f, v, now); err != nil {
			return row{}, fmt.Errorf("field %s: %w", name, err)
		}
	}
	if column := c.idField(op.Entity); column != "" && op.ExternalID != "" {
		r.set(short(column), op.ExternalID)
	}
	if op.Kind == connectors.Create && op.Entity == record.Account {
		c.born(r)
	}
	return r, nil
}

// born makes a new company one that is synced: a customer whose box is ticked (BOB-4).
func (c Config) born(r row) {
	if _, told := r.values["type"]; !told {
		r.set("type", c.captionOf("comp_type", c.CustomerType))
	}
	if box := short(c.BobSyncField); box != "" && r.values[box] == nil {
		r.set(box, c.Flags)
	}
}

func (c Config) put(r row, f field, v record.Value, now row) error {
	switch f.place {
	case isCustomer:
		return fmt.Errorf("it follows from the type")
	case vatNumber:
		return c.putVAT(r, v)
	case onAddress:
		if ch := c.address(now); !v.Empty() || ch.id(c.child(addressTable).Key) != "" {
			ch.of(r, addressTable, c, "").set(f.column, v.Text)
		}
	case onPhone:
		if ch := c.typed(now, phoneTable, f.column); !v.Empty() || ch.id(c.child(phoneTable).Key) != "" {
			to := ch.of(r, phoneTable, c, f.column)
			to.set("countrycode", "")
			to.set("areacode", "")
			to.set("number", v.Text)
		}
	case onEmail:
		if ch := c.typed(now, emailTable, f.column); !v.Empty() || ch.id(c.child(emailTable).Key) != "" {
			ch.of(r, emailTable, c, f.column).set("emailaddress", v.Text)
		}
	case own:
		if f.column == "" {
			return fmt.Errorf("no column is chosen")
		}
		r.set(f.column, c.texts(f, v)...)
	}
	return nil
}

// of gives the part of a write that changes this child, or makes it. An address of one record, and a phone of one type, is
// one part.
func (ch row) of(r row, t table, c Config, kind string) row {
	key := c.child(t).Key
	id := ch.id(key)
	for _, part := range r.children[t.name] {
		if part.id(key) == id && (kind == "" || strings.EqualFold(part.get("type"), kind)) {
			return part
		}
	}
	part := newRow()
	if id != "" {
		part.set(key, id)
	}
	if kind != "" {
		part.set("type", kind)
	}
	r.children[t.name] = append(r.children[t.name], part)
	return part
}

// putVAT writes a number into its column, or into two.
func (c Config) putVAT(r row, v record.Value) error {
	if c.VATField == "" {
		return fmt.Errorf("no column is chosen")
	}
	if c.VATPrefixField == "" {
		r.set(short(c.VATField), v.Text)
		return nil
	}
	prefix, number := vat.Split(v.Text)
	r.set(short(c.VATPrefixField), prefix)
	r.set(short(c.VATField), number)
	return nil
}

// texts are the CRM's values of one of ours; nothing there is one empty text, which clears.
func (c Config) texts(f field, v record.Value) []string {
	switch {
	case f.form == FormFlag && v.Text == "true":
		return []string{c.Flags}
	case f.form == FormFlag:
		return []string{map[string]string{"Y": "", "true": "false", "1": "0"}[c.Flags]}
	case f.form == FormMulti:
		codes := several(v)
		if len(codes) == 0 {
			return []string{""}
		}
		for i, code := range codes {
			codes[i] = c.captionOf(f.captions, code)
		}
		return codes
	case f.code:
		return []string{c.captionOf(f.captions, v.Text)}
	}
	return []string{v.Text}
}

// several are the codes in the text of a field of several values.
func several(v record.Value) []string {
	codes := strings.FieldsFunc(v.Text, func(r rune) bool { return r == ',' })
	for i := range codes {
		codes[i] = strings.TrimSpace(codes[i])
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// kept says whether a field shows what was written into it, as the CRM can hold it.
func (c Config) kept(f field, want, got record.Value) bool {
	switch {
	case f.place == vatNumber && c.VATPrefixField != "" && !want.Empty():
		return vat.Key(want.Text, c.Country) == vat.Key(got.Text, c.Country)
	case f.place == onPhone:
		return strings.Join(strings.Fields(want.Text), " ") == got.Text
	case f.form == FormMulti:
		return slices.EqualFunc(several(want), several(got), strings.EqualFold)
	case f.form == FormFlag:
		return (want.Text == "true") == (got.Text == "true")
	}
	return want.Equal(got)
}

// unkept gives the first field that does not show what was to be written; empty if all do.
func (c Config) unkept(op connectors.Op, rec record.Record) string {
	known := c.fields(op.Entity)
	for _, name := range op.Fields.Names() {
		if !c.kept(known[name], op.Fields[name], rec.Fields[name]) {
			return name
		}
	}
	return ""
}
