package sagecrmtest

import (
	"slices"
	"strings"
)

// Entity is a kind of record.
type Entity string

// The entities.
const (
	Company       Entity = "company"
	Person        Entity = "person"
	Address       Entity = "address"
	Phone         Entity = "phone"
	Email         Entity = "email"
	Opportunity   Entity = "opportunity"
	Communication Entity = "communication"
)

// Kind is what a column holds.
type Kind string

// The kinds, as the metadata name them.
const (
	Text        Kind = "string"
	Integer     Kind = "integer"
	Decimal     Kind = "numeric"
	DateTime    Kind = "datetime"
	CheckBox    Kind = "checkbox"
	Selection   Kind = "select"
	MultiSelect Kind = "multiselect"
)

// Code is a choice of a selection field, and the word that people see.
type Code struct{ Code, Word string }

// Field is a column.
type Field struct {
	Name     string // as the database has it: comp_name
	Caption  string
	Kind     Kind // default Text
	Size     int  // characters of a Text; default 255
	Required bool
	Codes    []Code
	To       Entity // whose id an Integer is
	system   bool   // set by the product alone
}

// table is one entity with its columns.
type table struct {
	entity Entity
	prefix string
	fields []Field
	byName map[string]*Field // by name in small letters
	byTag  map[string]*Field // by the short name that answers have
	key    *Field
}

// tag is the name of a column in SOAP answers.
func (f *Field) tag() string {
	_, short, _ := strings.Cut(f.Name, "_")
	return short
}

var (
	typeCodes     = []Code{{"Customer", "Customer"}, {"Prospect", "Prospect"}, {"Supplier", "Supplier"}, {"Partner", "Partner"}}
	statusCodes   = []Code{{"Active", "Active"}, {"Inactive", "Inactive"}, {"Archive", "Archive"}}
	languageCodes = []Code{{"FR", "Français"}, {"NL", "Nederlands"}, {"DE", "Deutsch"}, {"UK", "English"}}
	activityCodes = []Code{{"10", "Négoce"}, {"20", "Santé & soins"}, {"30", "Construction"}}
	phoneCodes    = []Code{{"Business", "Business"}, {"Fax", "Fax"}, {"Mobile", "Mobile"}, {"Home", "Home"}}
	emailCodes    = []Code{{"Business", "Business"}, {"Private", "Private"}}
	titleCodes    = []Code{{"Mr.", "Monsieur"}, {"Mrs.", "Madame"}}
)

// newTable adds what every table has: a key, the stamps and the mark of deletion.
func newTable(e Entity, prefix, key string, fields ...Field) *table {
	t := &table{entity: e, prefix: prefix}
	t.fields = append([]Field{{Name: key, Kind: Integer, system: true}}, fields...)
	for _, f := range []Field{{Name: "_createddate", Kind: DateTime}, {Name: "_createdby", Kind: Integer}, {Name: "_updateddate", Kind: DateTime},
		{Name: "_updatedby", Kind: Integer}, {Name: "_deleted", Kind: Integer}} {
		f.Name, f.system = prefix+f.Name, true
		t.fields = append(t.fields, f)
	}
	t.index()
	return t
}

// index finds the columns by their names.
func (t *table) index() {
	t.byName, t.byTag = map[string]*Field{}, map[string]*Field{}
	for i := range t.fields {
		f := &t.fields[i]
		setDefault(&f.Kind, Text)
		setDefault(&f.Size, 255)
		setDefault(&f.Caption, f.tag())
		t.byName[strings.ToLower(f.Name)], t.byTag[strings.ToLower(f.tag())] = f, f
	}
	t.key = &t.fields[0]
}

func (t *table) add(f Field) {
	t.fields = append(t.fields, f)
	t.index()
}

func (t *table) drop(name string) {
	t.fields = slices.DeleteFunc(slices.Clone(t.fields), func(f Field) bool { return f.Name == name })
	t.index()
}

// companyFields are the columns whose names the switches choose, with those that are known.
func companyFields(w Switches) []Field {
	kind := map[string]Kind{"single": Selection, "multi": MultiSelect}[w[CompanyType]]
	vat := Field{Name: w[VATColumn], Caption: "VAT number", Size: 30}
	if w[VATColumn] == "comp_c_taxid" {
		vat.Caption = "N° de TVA / BTW-nummer"
	}
	fields := []Field{{Name: "comp_name", Size: 60, Required: true}, {Name: "comp_type", Kind: kind, Codes: typeCodes},
		{Name: "comp_status", Kind: Selection, Codes: statusCodes}, {Name: "comp_website", Size: 100},
		{Name: "comp_primarypersonid", Kind: Integer, To: Person}, {Name: "comp_primaryaddressid", Kind: Integer, To: Address},
		{Name: "comp_language", Kind: Selection, Codes: languageCodes}, vat, {Name: w[BobSyncColumn], Caption: "BobSync", Kind: CheckBox},
		{Name: "comp_bobid", Caption: "BOB", Size: 10}, {Name: "comp_c_segment", Caption: "Segment", Size: 40},
		{Name: "comp_c_activities", Caption: "Activités", Kind: MultiSelect, Codes: activityCodes},
		{Name: "comp_c_ceiling", Caption: "Plafond", Kind: Decimal}, {Name: "comp_c_visit", Caption: "Visite", Kind: DateTime},
		{Name: "comp_c_mailing", Caption: "Mailing", Kind: CheckBox}}
	if w[VATField] == "two" {
		prefix := vat
		prefix.Name, prefix.Caption, prefix.Size = vat.Name+"prefix", vat.Caption+" (prefix)", 2
		fields = append(fields, prefix)
	}
	return fields
}

// owned are the columns by which an address, phone or email belongs to somebody.
func owned(prefix string) []Field {
	return []Field{{Name: prefix + "_companyid", Kind: Integer, To: Company}, {Name: prefix + "_personid", Kind: Integer, To: Person}}
}

func schema(o *Options) map[Entity]*table {
	phoneKey, emailKey := "phon_phoneid", "emai_emailid"
	if o.Switches[ContactKeys] == "short" {
		phoneKey, emailKey = "phon_id", "emai_id"
	}
	needed := o.Switches[ContactEmpty] == "refused"
	with := func(e Entity, prefix, key string, fields ...Field) *table {
		return newTable(e, prefix, key, append(fields, o.Fields[e]...)...)
	}
	return map[Entity]*table{
		Company: with(Company, "comp", "comp_companyid", companyFields(o.Switches)...),
		Person: with(Person, "pers", "pers_personid", Field{Name: "pers_companyid", Kind: Integer, To: Company},
			Field{Name: "pers_salutation", Kind: Selection, Codes: titleCodes}, Field{Name: "pers_firstname", Size: 30}, Field{Name: "pers_middlename", Size: 30},
			Field{Name: "pers_lastname", Size: 40, Required: true}, Field{Name: "pers_title", Size: 50}, Field{Name: "pers_department", Size: 50},
			Field{Name: "pers_website", Size: 100}),
		Address: with(Address, "addr", "addr_addressid", append(owned("addr"), Field{Name: "addr_address1", Size: 40}, Field{Name: "addr_address2", Size: 40},
			Field{Name: "addr_address3", Size: 40}, Field{Name: "addr_address4", Size: 40}, Field{Name: "addr_city", Size: 30}, Field{Name: "addr_state", Size: 30},
			Field{Name: "addr_postcode", Size: 10}, Field{Name: "addr_country", Size: 30})...),
		Phone: with(Phone, "phon", phoneKey, append(owned("phon"), Field{Name: "phon_type", Kind: Selection, Codes: phoneCodes}, Field{Name: "phon_countrycode", Size: 5},
			Field{Name: "phon_areacode", Size: 20}, Field{Name: "phon_number", Size: 20, Required: needed})...),
		Email: with(Email, "emai", emailKey, append(owned("emai"), Field{Name: "emai_type", Kind: Selection, Codes: emailCodes},
			Field{Name: "emai_emailaddress", Required: needed})...),
		Opportunity: with(Opportunity, "oppo", "oppo_opportunityid", Field{Name: "oppo_description", Size: 50, Required: true},
			Field{Name: "oppo_primarycompanyid", Kind: Integer, To: Company}, Field{Name: "oppo_stage"}, Field{Name: "oppo_status"},
			Field{Name: "oppo_forecast", Kind: Decimal}, Field{Name: "oppo_certainty", Kind: Integer}, Field{Name: "oppo_targetclose", Kind: DateTime}),
		Communication: with(Communication, "comm", "comm_communicationid", Field{Name: "comm_subject"}, Field{Name: "comm_note", Size: 100_000},
			Field{Name: "comm_todatetime", Kind: DateTime}, Field{Name: "comm_datetime", Kind: DateTime}, Field{Name: "comm_userid", Kind: Integer},
			Field{Name: "comm_private", Kind: CheckBox}, Field{Name: "comm_status"}, Field{Name: "comm_percentcomplete", Kind: Integer}),
	}
}

// children are what answers nest under an owner, in this order.
func children(e Entity) []Entity {
	switch e {
	case Company:
		return []Entity{Address, Person, Phone, Email}
	case Person:
		return []Entity{Address, Phone, Email}
	}
	return nil
}

// owner gives the column of a child by which it belongs to an entity.
func (t *table) owner(e Entity) *Field {
	i := slices.IndexFunc(t.fields, func(f Field) bool { return f.To == e && !f.system })
	if i < 0 {
		return nil
	}
	return &t.fields[i]
}
