package sagecrm

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
)

// record makes the record of a row; false if the row has no key or is deleted.
func (c Config) record(e record.Entity, r row) (record.Record, bool) {
	t := tables[e]
	rec := record.Record{Entity: e, Key: record.Key(r.id(t.key)), Fields: record.Fields{}}
	if column := c.idField(e); column != "" {
		rec.ExternalID = r.get(short(column))
	}
	for name, f := range c.fields(e) {
		v, ok := c.value(f, r)
		if !ok && rec.Held == "" {
			rec.Held, rec.HeldArgs = CodeBadValue, map[string]string{"field": name}
		}
		if !v.Empty() {
			rec.Fields[name] = v
		}
	}
	return rec, rec.Key != "" && !r.gone()
}

// value reads one field; false where it can't be what stands there.
func (c Config) value(f field, r row) (record.Value, bool) {
	switch f.place {
	case onAddress:
		return record.TextOf(c.address(r).get(f.column)), true
	case onPhone:
		return record.TextOf(phoneText(c.typed(r, phoneTable, f.column))), true
	case onEmail:
		return record.TextOf(c.typed(r, emailTable, f.column).get("emailaddress")), true
	case vatNumber:
		return record.TextOf(strings.TrimSpace(r.get(short(c.VATPrefixField)) + r.get(short(c.VATField)))), true
	case isCustomer:
		return record.BoolOf(c.customer(r)), true
	}
	return c.plain(f, r)
}

func (c Config) plain(f field, r row) (record.Value, bool) {
	text := r.get(f.column)
	switch {
	case f.ref:
		return record.RefOf(record.Key(plainID(text))), text == "" || text == "0" || plainID(text) != ""
	case f.form == FormMulti:
		return record.TextOf(strings.Join(c.codes(r, f.column, f.captions), ",")), true
	case f.form == FormFlag:
		return record.BoolOf(truth(text)), true
	case text == "":
		return record.Value{}, true
	case f.form == FormNumber:
		return number(text)
	case f.form == FormDate:
		return c.day(text)
	case f.code:
		return record.TextOf(c.codeOf(f.captions, text)), true
	}
	return record.TextOf(text), true
}

// day is that of a local time. A time with a zone is that of another clock: its day is the one that the CRM's clock showed.
func (c Config) day(text string) (record.Value, bool) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return record.DateOf(at.In(c.Zone)), true
	}
	day, _, _ := strings.Cut(strings.Replace(text, " ", "T", 1), "T")
	t, err := time.Parse(time.DateOnly, day)
	return record.DateOf(t), err == nil
}

// number takes plain decimals; an exponent would let a few bytes stand for a number of any length.
func number(text string) (record.Value, bool) {
	if len(text) > 40 || strings.ContainsAny(text, "eE") {
		return record.Value{}, false
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return record.Value{}, false
	}
	return record.NumberOf(d), true
}

// codes are the values of a field of several, be they elements or a list with commas, in order.
func (c Config) codes(r row, column, captions string) []string {
	var codes []string
	for _, text := range r.values[column] {
		for one := range strings.SplitSeq(text, ",") {
			if one = strings.TrimSpace(one); one != "" {
				codes = append(codes, c.codeOf(captions, one))
			}
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// codeOf gives the code of a caption, where captions are shown. column is as the database has it.
func (c Config) codeOf(column, text string) string {
	if c.Dropdown == "strings" {
		for caption, code := range c.Captions[column] {
			if strings.EqualFold(caption, text) {
				return code
			}
		}
	}
	return text
}

func (c Config) captionOf(column, code string) string {
	if c.Dropdown == "strings" {
		for caption, of := range c.Captions[column] {
			if of == code {
				return caption
			}
		}
	}
	return code
}

// customer says whether the type, or one of the types, is that of a customer.
func (c Config) customer(r row) bool {
	return slices.ContainsFunc(c.codes(r, "type", "comp_type"), func(code string) bool { return strings.EqualFold(code, c.CustomerType) })
}

// address is the one that is synced: the primary one, else the oldest.
func (c Config) address(r row) row {
	key := c.child(addressTable).Key
	there := sorted(c.living(r, addressTable), key)
	for _, a := range there {
		if id := a.id(key); id != "" && id == plainID(r.get("primaryaddressid")) {
			return a
		}
	}
	if len(there) > 0 {
		return there[0]
	}
	return newRow()
}

// typed is the child of a type that is synced: the oldest one that holds something, else the oldest.
func (c Config) typed(r row, t table, kind string) row {
	found := newRow()
	for _, ch := range sorted(c.living(r, t), c.child(t).Key) {
		if !strings.EqualFold(ch.get("type"), kind) {
			continue
		}
		if phoneText(ch) != "" || ch.get("emailaddress") != "" {
			return ch
		}
		if len(found.values) == 0 {
			found = ch
		}
	}
	return found
}

// living are the children of a record that are not deleted. Those of a company's people are theirs, also where they name both.
func (c Config) living(r row, t table) []row {
	ofCompany := r.get(personTable.key) == ""
	return slices.DeleteFunc(slices.Clone(r.children[t.name]), func(ch row) bool {
		return ch.gone() || ofCompany && plainID(ch.get(c.child(t).Person)) != ""
	})
}

// phoneText joins the parts of a number.
func phoneText(r row) string {
	return strings.Join(strings.Fields(r.get("countrycode")+" "+r.get("areacode")+" "+r.get("number")), " ")
}
