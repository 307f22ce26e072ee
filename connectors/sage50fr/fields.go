package sage50fr

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// FieldReference is our reference in a record of Sage: SSM-<id>.
const FieldReference = "reference"

// What an account is, in its field status.
const (
	StatusClient   = "client"
	StatusProspect = "prospect"
)

// fieldKinds are the fields of all entities. What an export has no column for is not described.
var fieldKinds = map[record.Entity]map[string]record.Kind{
	record.User: {"code": record.Text, "name": record.Text, "email": record.Text},
	record.Account: {"code": record.Text, "name": record.Text, "status": record.Text, "address1": record.Text, "address2": record.Text,
		"address3": record.Text, "postcode": record.Text, "city": record.Text, "country": record.Text, "phone": record.Text,
		"phone2": record.Text, "fax": record.Text, "email": record.Text, "website": record.Text, "vat": record.Text,
		"tariff": record.Text, "representative": record.Ref, "inactive": record.Bool, FieldReference: record.Text},
	record.Contact: {"code": record.Text, "account": record.Ref, "first_name": record.Text, "last_name": record.Text,
		"phone": record.Text, "phone2": record.Text, "fax": record.Text, "email": record.Text, "function": record.Text,
		FieldReference: record.Text},
	record.Product: {"code": record.Text, "description": record.Text, "price": record.Number, "price_with_tax": record.Number,
		"vat_rate": record.Number, "other_taxes": record.Number, "stock": record.Number, "stock_applies": record.Bool,
		"inactive": record.Bool, "picture": record.Text},
	record.Document: {"number": record.Text, "account": record.Ref, "date": record.Date, "total": record.Number,
		"representative": record.Ref, "validated": record.Bool},
	record.Quote: {FieldReference: record.Text, "number": record.Text, "account": record.Ref, "date": record.Date,
		"lines": record.Rows, "total": record.Number, "total_tax": record.Number, "representative": record.Ref},
}

// kindOfEntity is the export that tells an entity.
var kindOfEntity = map[record.Entity]string{record.User: Salesmen, record.Account: Clients, record.Contact: Contacts,
	record.Product: Articles, record.Document: Pieces, record.Quote: Pieces}

// entities are those of a kind of export.
var entities = map[string][]record.Entity{Salesmen: {record.User}, Clients: {record.Account}, Contacts: {record.Contact},
	Articles: {record.Product}, Pieces: {record.Document, record.Quote}}

// provided says which fields of an entity an export with these columns tells.
func provided(e record.Entity, has func(column string) bool) []string {
	var all []string
	for field := range fieldKinds[e] {
		ok := has(field)
		switch field {
		case "status", "total":
			ok = true
		case "total_tax":
			ok = has("total_with_tax") || has("line_vat_rate")
		case "lines":
			ok = has("line_product")
		case "stock_applies":
			ok = has("stock_applies") || has("type") || has("stock")
		case "picture":
			ok = false // not by a column
		}
		if ok {
			all = append(all, field)
		}
	}
	return all
}

// Fields describes the fields of e that the latest export has columns for; before one all there can be.
func (d *Dossier) Fields(e record.Entity) map[string]connectors.Field {
	kinds, known := fieldKinds[e]
	if !known {
		return nil
	}
	fields := map[string]connectors.Field{}
	for name, kind := range kinds {
		if d.provides(e, name) {
			fields[name] = connectors.Field{Kind: kind}
		}
	}
	kind := importKind(e)
	if d.drops == nil || kind == "" {
		return fields
	}
	for _, c := range d.cfg.Format.Imports[kind].Columns {
		f, there := fields[c.Field]
		if !there || c.Field == "code" || c.Field == FieldReference {
			continue
		}
		if f.Write = connectors.WriteHandoff; f.Kind == record.Text {
			f.MaxLen, f.Hold = c.Max, d.hold
		}
		fields[c.Field] = f
	}
	if f, there := fields["lines"]; there && kind == Quotes {
		f.Write = connectors.WriteHandoff
		fields["lines"] = f
	}
	return fields
}

// provides says whether a field is told.
func (d *Dossier) provides(e record.Entity, field string) bool {
	if field == "picture" {
		return d.pictures.there
	}
	t := d.tables[kindOfEntity[e]]
	return t == nil || t.provides(e, field)
}

// Creating says how a record of e can be born: by an import file, where the export has a column for our reference.
func (d *Dossier) Creating(e record.Entity) connectors.WriteMode {
	if d.drops == nil || importKind(e) == "" || !d.provides(e, FieldReference) {
		return connectors.WriteNone
	}
	return connectors.WriteHandoff
}

// hold gives the text as an import file would have it: what ends a cell is a blank, what the encoding does not have is replaced.
func (d *Dossier) hold(text string) (string, bool) {
	text = strings.ReplaceAll(blanked(text), `"`, " ")
	text = record.TextOf(text).Text
	if page := d.cfg.page(); page != nil {
		text = strings.Map(func(r rune) rune {
			if _, ok := page.EncodeRune(r); !ok {
				return '?'
			}
			return r
		}, text)
	}
	return text, true
}

// page is the code page of import files, nil for UTF-8.
func (c *Config) page() *charmap.Charmap {
	switch c.ImportEncoding {
	case CP1252:
		return charmap.Windows1252
	case CP850:
		return charmap.CodePage850
	}
	return nil
}

func (c *Config) importEncoder() *encoding.Encoder {
	if page := c.page(); page != nil {
		return page.NewEncoder()
	}
	return encoding.Nop.NewEncoder()
}
