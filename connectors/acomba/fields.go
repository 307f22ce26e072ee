package acomba

import (
	"errors"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
)

// field is one field of a record: its kind, and the field of the card that bounds its text.
type field struct {
	kind record.Kind
	card string
}

// shapes are the fields of each entity.
var shapes = map[record.Entity]map[string]field{
	record.User:     {"number": {record.Text, ""}, "name": {record.Text, "name"}, "active": {record.Bool, ""}},
	record.Category: {"number": {record.Text, ""}, "description": {record.Text, "description"}, "active": {record.Bool, ""}},
	record.Account: {
		"number": {record.Text, "number"}, "name": {record.Text, "name"}, "address": {record.Text, "address"},
		"city": {record.Text, "city"}, "province": {record.Text, "province"}, "postal_code": {record.Text, "postal_code"},
		"iso_country": {record.Text, "iso_country"}, "web": {record.Text, "web"}, "phone": {record.Text, "phone.number"},
		"fax": {record.Text, "phone.number"}, "language": {record.Text, ""}, "price_list": {record.Text, ""},
		"term": {record.Text, ""}, "territory": {record.Text, ""}, "discount": {record.Number, ""},
		"salesrep": {record.Ref, ""}, "active": {record.Bool, ""},
	},
	record.Contact: {
		"account": {record.Ref, ""}, "full_name": {record.Text, "care_of"}, "first_name": {record.Text, "care_of"},
		"last_name": {record.Text, "care_of"}, "phone": {record.Text, "phone.number"}, "fax": {record.Text, "phone.number"},
		"mobile": {record.Text, "phone.number"}, "email": {record.Text, "email"}, "language": {record.Text, ""},
		"salesrep": {record.Ref, ""}, "active": {record.Bool, ""},
	},
	record.Document: {
		"number": {record.Text, "number"}, "kind": {record.Text, ""}, "account": {record.Ref, ""}, "contact": {record.Ref, ""},
		"salesrep": {record.Ref, ""}, "date": {record.Date, ""}, "freight": {record.Number, ""}, "discount": {record.Number, ""},
		"total_before_tax": {record.Number, ""}, "currency": {record.Text, ""}, "lines": {record.Rows, ""},
	},
}

// Fields describes the fields of an entity. Lengths and code page are those of the layout of the latest
// look; before the first one they are not known.
func (c *Company) Fields(e record.Entity) map[string]connectors.Field {
	shape := shapes[e]
	if shape == nil || c.layout != nil && c.layout.File(needs[e][0]) == nil {
		return nil
	}
	fields := make(map[string]connectors.Field, len(shape))
	for name, f := range shape {
		described := connectors.Field{Kind: f.kind}
		if c.layout != nil && f.card != "" {
			c.bound(&described, needs[e][0], f.card)
		}
		if c.writer != nil {
			described.Write = c.writer.FieldMode(e, name)
		}
		fields[name] = described
	}
	return fields
}

// bound sets what the card's field can hold. Code pages have one byte a character, so that bytes count
// as characters.
func (c *Company) bound(f *connectors.Field, file, card string) {
	spec, err := c.layout.File(file).FieldSpec(card)
	if err != nil || spec.Kind != layout.KindText {
		return
	}
	f.MaxLen = spec.MaxBytes
	if ext, err := c.layout.File(file).FieldSpec("phone.ext"); err == nil && card == "phone.number" {
		f.MaxLen += len(extensionTag) + ext.MaxBytes
	}
	f.Hold = func(text string) (string, bool) {
		canon := spec.Canon(text)
		err := spec.Fit(canon)
		return canon, err == nil || errors.Is(err, layout.ErrTooLong)
	}
}
