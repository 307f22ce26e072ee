package sagecrm

import (
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// table is an entity of the CRM. Predicates name its columns with the prefix, answers without.
type table struct{ name, prefix, key string }

var (
	companyTable = table{"company", "comp", "companyid"}
	personTable  = table{"person", "pers", "personid"}
	addressTable = table{"address", "addr", "addressid"}
	phoneTable   = table{"phone", "phon", "phoneid"}
	emailTable   = table{"email", "emai", "emailid"}
)

var (
	tables      = map[record.Entity]table{record.Account: companyTable, record.Contact: personTable}
	childTables = []table{addressTable, phoneTable, emailTable}
)

// column gives the database's name of a short one.
func (t table) column(short string) string { return t.prefix + "_" + short }

// short gives a column's name as answers have it: without prefix, leading $ and case.
func short(name string) string {
	name = strings.TrimPrefix(strings.ToLower(name), "$")
	for _, t := range []table{companyTable, personTable, addressTable, phoneTable, emailTable} {
		if rest, ok := strings.CutPrefix(name, t.prefix+"_"); ok {
			return rest
		}
	}
	return name
}

// The fields that go by a name of ours, since their columns are settings.
const (
	FieldVAT      = "vat"      // number with its country's letters, as it stands in the CRM
	FieldBobSync  = "bobsync"  // the box
	FieldLanguage = "language" // code
	FieldCustomer = "customer" // whether the type is that of a customer; read only
)

// FieldCompany refers from a person to its company.
const FieldCompany = "pers_companyid"

// place says where a field stands.
type place uint8

const (
	own       place = iota // a column of the record itself
	onAddress              // a column of its address
	onPhone                // the phone of a type
	onEmail                // the e-mail of a type
	vatNumber              // the VAT number, in one column or in two
	isCustomer
)

// field is one field of an entity.
type field struct {
	place  place
	column string // short; of phones and e-mails their type
	form   string
	ref    bool // the key of another record
	// code says that it is a selection field, captions is the column by which Config.Captions knows it.
	code     bool
	captions string
}

var kinds = map[string]record.Kind{
	FormText: record.Text, FormNumber: record.Number, FormDate: record.Date, FormFlag: record.Bool, FormMulti: record.Text,
}

func (f field) kind() record.Kind {
	if f.ref {
		return record.Ref
	}
	return kinds[f.form]
}

// fields are those of an entity, by the names that profiles know.
func (c Config) fields(e record.Entity) map[string]field {
	t, ok := tables[e]
	if !ok {
		return nil
	}
	all := map[string]field{}
	for _, name := range []string{"address1", "address2", "address3", "address4", "city", "state", "postcode", "country"} {
		all["addr_"+name] = field{place: onAddress, column: name, form: FormText}
	}
	for name, kind := range c.PhoneTypes {
		all[name] = field{place: onPhone, column: kind, form: FormText}
	}
	for name, kind := range c.EmailTypes {
		all[name] = field{place: onEmail, column: kind, form: FormText}
	}
	for column, form := range c.Custom {
		if strings.HasPrefix(column, t.prefix+"_") {
			all[column] = field{column: short(column), form: form, captions: column, code: c.Captions[column] != nil}
		}
	}
	if e == record.Account {
		c.companyFields(all)
		return all
	}
	for _, name := range []string{"firstname", "middlename", "lastname", "title", "department", "website"} {
		all["pers_"+name] = field{column: name, form: FormText}
	}
	all["pers_salutation"] = field{column: "salutation", form: FormText, code: true, captions: "pers_salutation"}
	all[FieldCompany] = field{column: "companyid", form: FormText, ref: true}
	return all
}

func (c Config) companyFields(all map[string]field) {
	for _, name := range []string{"name", "website"} {
		all["comp_"+name] = field{column: name, form: FormText}
	}
	all["comp_type"] = field{column: "type", form: FormMulti, code: true, captions: "comp_type"}
	all["comp_status"] = field{column: "status", form: FormText, code: true, captions: "comp_status"}
	all["comp_primarypersonid"] = field{column: "primarypersonid", form: FormText, ref: true}
	all[FieldCustomer] = field{place: isCustomer, form: FormFlag}
	all[FieldVAT] = field{place: vatNumber, form: FormText}
	all[FieldBobSync] = field{column: short(c.BobSyncField), form: FormFlag}
	if c.LanguageField != "" {
		all[FieldLanguage] = field{column: short(c.LanguageField), form: FormText, code: true, captions: c.LanguageField}
	}
}

// Fields describes the fields of e.
func (c *CRM) Fields(e record.Entity) map[string]connectors.Field {
	var fields map[string]connectors.Field
	for name, f := range c.cfg.fields(e) {
		if fields == nil {
			fields = map[string]connectors.Field{}
		}
		write := connectors.WriteDirect
		if f.place == isCustomer {
			write = connectors.WriteNone
		}
		fields[name] = connectors.Field{Kind: f.kind(), Write: write, Absent: c.custom[e].absent[name]}
	}
	return fields
}
