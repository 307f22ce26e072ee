package centrixone

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
)

// form is how the product writes a value in JSON.
type form uint8

const (
	asText   form = iota // "…"
	asMoney              // decimal string with at least two places: "1234.50"
	asAmount             // decimal string: "2"
	asCount              // JSON number: 40
	asID                 // JSON number, the Id of another object
	asFlag               // true, false
	asDay                // "2026-11-20"
	asStage              // read as the Id of a stage, written as "K." and its key
	asRows               // array of objects
)

var kinds = map[form]record.Kind{
	asText: record.Text, asMoney: record.Number, asAmount: record.Number, asCount: record.Number, asID: record.Ref,
	asFlag: record.Bool, asDay: record.Date, asStage: record.Text, asRows: record.Rows,
}

// field is one field of an object; a point in its name stands before a nested one.
type field struct {
	name string
	form form
	cols []field // of asRows
}

// object is one kind of record: the resource that serves it and the fields that are synced.
type object struct {
	resource string
	listed   bool // belongs to the protected list
	fields   []field
}

var objects = map[record.Entity]object{
	record.User: {resource: "Users", fields: texts("Number", "FullName")},
	record.Category: {resource: "RevenueCategories", fields: append(texts("NameFR", "NameEN"),
		field{name: "Active", form: asFlag})},
	record.Account: {resource: "Accounts", listed: true, fields: append(
		texts("Name", "Address1", "City", "Province", "Postal", "Country", "Web", "Phone1", "Fax", "Language",
			"Sync.CustomerNumber", "Sync.PriceList", "Sync.PaymentTerm", "Sync.Territory"),
		field{name: "Sync.Discount", form: asMoney},
		field{name: "SalesRep", form: asID},
		field{name: "ERPActive", form: asFlag})},
	record.Contact: {resource: "Contacts", listed: true, fields: append(
		texts("Title", "FullName", "FirstName", "LastName", "Phone1", "Phone2", "Fax", "Cell", "Email", "Language"),
		field{name: "AccountId", form: asID},
		field{name: "SalesRep1", form: asID})},
	record.Document: {resource: "Opportunities", fields: append(
		texts("Title", "DocumentKind", "Currency"),
		field{name: "StageId", form: asStage},
		field{name: "Percent", form: asCount},
		field{name: "AccountId", form: asID},
		field{name: "ContactId", form: asID},
		field{name: "UserId", form: asID},
		field{name: "Date", form: asDay},
		field{name: "Freight", form: asMoney},
		field{name: "Discount", form: asMoney},
		field{name: "TotalBeforeTax", form: asMoney},
		field{name: "Lines", form: asRows, cols: append(texts("ProductCode", "Description"),
			field{name: "No", form: asCount},
			field{name: "RevenueCategoryId", form: asID},
			field{name: "Quantity", form: asAmount},
			field{name: "UnitPrice", form: asMoney},
			field{name: "Discount", form: asMoney},
			field{name: "Total", form: asMoney})})},
}

func texts(names ...string) []field {
	fields := make([]field, len(names))
	for i, name := range names {
		fields[i] = field{name: name}
	}
	return fields
}

func lookup(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

// Fields describes the fields of e. The product's longest texts are not public; all of Unicode is held.
func (c *CRM) Fields(e record.Entity) map[string]connectors.Field {
	o, ok := objects[e]
	if !ok {
		return nil
	}
	fields := make(map[string]connectors.Field, len(o.fields))
	for _, f := range o.fields {
		fields[f.name] = connectors.Field{Kind: kinds[f.form], Write: connectors.WriteDirect}
	}
	return fields
}
