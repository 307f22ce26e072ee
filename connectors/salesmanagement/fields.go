package salesmanagement

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
)

// form is how the value of a field is written.
type form uint8

const (
	asText form = iota
	asNumber
	asBool
	asDay
	asRef
	asCountry       // two letters, by the tenant's list of countries
	asAccountStatus // Client or Prospect
	asQuoteStatus   // Draft, …
	asSalesman      // a user, by its external id
	asLines         // rows of a list of their own
	asPicture       // the SHA-256 of what was last sent
	asStock         // an integer, and a text that shows it exactly
	asRefusal       // the latest reason among the remarks, where a write adds a line
)

var kinds = map[form]record.Kind{
	asNumber: record.Number, asBool: record.Bool, asDay: record.Date, asRef: record.Ref, asSalesman: record.Ref, asLines: record.Rows, asStock: record.Number,
}

// field is one field of an entity.
type field struct {
	wire   string // as the API calls it
	form   form
	cut    bool // what is too long is cut; of any other field it is held (M4)
	filled bool // the API wants it, and people may have none: a dash stands for nothing
	shown  bool // never written as a field
}

// resource is where the records of an entity are.
type resource struct {
	list   string
	fields map[string]field
}

// The fields that are stored under other names, or nowhere.
const (
	FieldStock        = "stock"
	FieldStockShown   = "Z_stock_affiche"
	FieldPicture      = "picture"
	FieldStatus       = "status"
	FieldCountry      = "country"
	FieldLines        = "lines"
	FieldReadOnly     = "readOnly"
	FieldBlocked      = "blocked"
	FieldRemarks      = "internalComment"
	FieldRefusal      = "refusal" // why the ERP refused a quote: one line of the remarks
	FieldSalesman     = "salesRepId1"
	FieldInvoiceOwner = "salesRep"
	FieldExternal     = "extId" // the record's external id; shown alone, since every write has its own
	fieldPictureSum   = "Z_empreinte_image"
)

func texts(names ...string) map[string]field {
	fields := map[string]field{}
	for _, name := range names {
		fields[name] = field{wire: name}
	}
	return fields
}

func with(fields map[string]field, more map[string]field) map[string]field {
	for name, f := range more {
		if f.wire == "" {
			f.wire = name
		}
		fields[name] = f
	}
	return fields
}

var resources = map[record.Entity]*resource{
	record.User: {list: "users", fields: with(texts("name", "lastName", "email"), map[string]field{FieldExternal: {shown: true}})},
	record.Account: {list: "accounts", fields: with(texts("name", "city", "postcode", "phone", "phone2", "fax", "email", "website", "vatNumber"), map[string]field{
		"address1": {cut: true}, "address2": {cut: true}, "comment": {cut: true},
		FieldStatus: {wire: "statusId", form: asAccountStatus}, FieldCountry: {wire: "countryId", form: asCountry},
		FieldSalesman: {form: asRef}, FieldReadOnly: {form: asBool},
	})},
	record.Contact: {list: "contacts", fields: with(texts("phone1", "phone2", "fax", "email"), map[string]field{
		"firstName": {filled: true}, "lastName": {filled: true}, "accountId": {form: asRef}, FieldReadOnly: {form: asBool},
	})},
	record.Product: {list: "products", fields: with(texts("model", FieldStockShown), map[string]field{
		"description": {cut: true}, "price": {form: asNumber}, FieldStock: {form: asStock}, "notAvailable": {form: asBool},
		"Z_tva_taux": {form: asNumber}, "Z_prix_ttc": {form: asNumber}, "Z_autres_taxes": {form: asNumber},
		FieldPicture: {form: asPicture},
	})},
	record.Document: {list: "sales", fields: with(texts(), map[string]field{
		FieldExternal: {shown: true}, "accountId": {form: asRef}, "date": {form: asDay}, "total": {form: asNumber},
		FieldInvoiceOwner: {wire: "salesRepExtId", form: asSalesman},
	})},
	record.Quote: {list: "salesorders", fields: with(texts("reference"), map[string]field{
		FieldStatus: {wire: "statusId", form: asQuoteStatus}, "accountId": {form: asRef}, FieldLines: {form: asLines}, "total": {form: asNumber},
		"Z_total_ht": {form: asNumber}, "Z_total_tva": {form: asNumber}, "Z_total_ttc": {form: asNumber},
		FieldRemarks: {cut: true}, FieldRefusal: {wire: FieldRemarks, form: asRefusal}, FieldBlocked: {form: asBool}, FieldReadOnly: {form: asBool},
		"salesRepId": {form: asRef, shown: true},
	})},
}

// linesList is where the lines of orders are.
const linesList = "salesordersLines"

// entities are those of a look, in its order.
var entities = []record.Entity{record.User, record.Account, record.Contact, record.Product, record.Document, record.Quote}

// resource gives where an entity is, nil if it is not known here.
func (t *Tenant) resource(e record.Entity) *resource {
	if e == record.Quote && t.cfg.NoQuotes {
		return nil
	}
	return resources[e]
}

// Fields describes the fields of e. Custom fields that the tenant was seen to lack are not described.
func (t *Tenant) Fields(e record.Entity) map[string]connectors.Field {
	res := t.resource(e)
	if res == nil {
		return nil
	}
	fields := map[string]connectors.Field{}
	for name, f := range res.fields {
		if custom(f.wire) && t.shape.lacks(res.list, f.wire) {
			continue
		}
		kind := kinds[f.form]
		if kind == record.None {
			kind = record.Text
		}
		one := connectors.Field{Kind: kind, Write: connectors.WriteDirect}
		if f.shown {
			one.Write = connectors.WriteNone
		}
		if f.cut { // the bound is asked for when a text is held against it: it may not be known yet
			one.Hold = func(s string) (string, bool) { return t.shape.cut(res.list, f.wire, s), true }
		}
		fields[name] = one
	}
	return fields
}
