package quickbooks

import (
	"maps"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// field is one field of a record: its kind, the longest text that the product takes, and whether it can be
// written at all. The account's phone and fax are copies of the contact's.
type field struct {
	kind   record.Kind
	max    int
	writes bool
}

// shapes are the fields of each entity. The lengths are those of Intuit's newer descriptions; its older schema
// has shorter ones for names and telephone numbers, and where a server still keeps to it, it says so (2050).
var shapes = map[record.Entity]map[string]field{
	record.Category: {"description": {kind: record.Text}, "active": {kind: record.Bool}},
	record.Account: {
		"name": {record.Text, 500, true}, "address": {record.Text, 500, true}, "city": {record.Text, 255, true},
		"province": {record.Text, 255, true}, "postal_code": {record.Text, 30, true}, "country": {record.Text, 255, true},
		"web": {record.Text, 1000, true}, "phone": {kind: record.Text, max: 30}, "fax": {kind: record.Text, max: 30},
		"active": {kind: record.Bool}, "parent": {kind: record.Ref},
	},
	record.Contact: {
		"account": {kind: record.Ref}, "active": {kind: record.Bool}, "title": {record.Text, 16, true}, "full_name": {record.Text, 316, true},
		"first_name": {kind: record.Text}, "last_name": {kind: record.Text},
		"phone": {record.Text, 30, true}, "phone2": {record.Text, 30, true}, "fax": {record.Text, 30, true},
		"mobile": {record.Text, 30, true}, "email": {record.Text, 100, true},
	},
	record.Document: {
		"number": {kind: record.Text}, "kind": {kind: record.Text}, "account": {kind: record.Ref}, "contact": {kind: record.Ref},
		"date": {kind: record.Date}, "freight": {kind: record.Number}, "discount": {kind: record.Number},
		"total_before_tax": {kind: record.Number}, "currency": {kind: record.Text}, "lines": {kind: record.Rows},
	},
}

// Fields describes the fields of e. A company that is only read has none that could be written.
func (c *Company) Fields(e record.Entity) map[string]connectors.Field {
	shape := shapes[e]
	if shape == nil {
		return nil
	}
	fields := make(map[string]connectors.Field, len(shape))
	for name, f := range shape {
		fields[name] = connectors.Field{Kind: f.kind, MaxLen: f.max}
	}
	return fields
}

// Fields describes the fields of e, and which of them Apply can write.
func (t *TwoWay) Fields(e record.Entity) map[string]connectors.Field {
	fields := t.Company.Fields(e)
	for name, f := range maps.All(fields) {
		if shapes[e][name].writes {
			f.Write = connectors.WriteDirect
			fields[name] = f
		}
	}
	return fields
}
