package sim

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Clients are the customers of whom the ERP owns the class; of others both sides may change it.
const (
	client   = "client"
	prospect = "prospect"
)

// statuses are the CRM's codes of the ERP's.
var statuses = map[string]string{client: "C", prospect: "P"}

// field is a field of the worlds' profile, with what people type there.
type field struct {
	connectors.FieldRule
	typed kind
}

// kind is what people type into a field.
type kind uint8

const (
	nothing kind = iota // people leave it alone
	words
	mail
	phone
	amount
	code
	yesNo
	user
	rows
	stage
)

func rule(erp, crm string, p connectors.Policy, l connectors.LensKind, typed kind) field {
	return field{connectors.FieldRule{ERP: erp, CRM: crm, Policy: p, Lens: connectors.Lens{Kind: l}}, typed}
}

func ref(erp, crm string, p connectors.Policy, to record.Entity, required bool, typed kind) field {
	f := rule(erp, crm, p, connectors.LensRef, typed)
	f.Ref, f.Required = to, required
	return f
}

// fieldsOf gives the fields of an entity. wins are the conflict rules of the shared ones, in turn.
func fieldsOf(e record.Entity, wins [4]connectors.Wins) []field {
	switch e {
	case record.User:
		return []field{
			rule("name", "FullName", connectors.OwnERP, connectors.LensText, words),
			rule("code", "Code", connectors.OwnERPOnChange, connectors.LensText, words),
		}
	case record.Account:
		return accountFields(wins)
	case record.Contact:
		full := rule("full_name", "FullName", connectors.Shared, connectors.LensText, words)
		full.Conflict = wins[1]
		address := rule("mail", "Mail", connectors.Shared, connectors.LensEmail, mail)
		address.Conflict = wins[2]
		return []field{
			ref("account", "AccountId", connectors.OwnERP, record.Account, true, nothing), full, address,
			rule("title", "Title", connectors.OwnERPOnChange, connectors.LensText, words),
		}
	}
	lines := rule("lines", "Lines", connectors.OwnERPOnChange, connectors.LensRows, rows)
	lines.Lens.Rows = []connectors.FieldRule{
		rule("product", "Product", connectors.OwnERPOnChange, connectors.LensText, words).FieldRule,
		ref("rep", "Rep", connectors.OwnERPOnChange, record.User, false, user).FieldRule,
	}
	total := rule("total", "Total", connectors.OwnERPOnChange, connectors.LensNumber, amount)
	total.Lens.Scale = 2
	return []field{
		rule("number", "Title", connectors.OwnERP, connectors.LensText, words),
		ref("account", "AccountId", connectors.OwnERPOnChange, record.Account, true, nothing),
		ref("contact", "ContactId", connectors.OwnERPOnChange, record.Contact, true, nothing),
		total, lines,
	}
}

func accountFields(wins [4]connectors.Wins) []field {
	shared := []field{
		rule("name", "Name", connectors.Shared, connectors.LensText, words),
		rule("city", "City", connectors.Shared, connectors.LensText, words),
		rule("phone", "Phone", connectors.Shared, connectors.LensPhone, phone),
		rule("mail", "Mail", connectors.Shared, connectors.LensEmail, mail),
	}
	for i := range shared {
		shared[i].Conflict = wins[i]
	}
	class := rule("class", "Class", connectors.OwnByState, connectors.LensText, words)
	class.When = &connectors.When{Field: "status", Values: []string{client}, Then: connectors.OwnERP, Else: connectors.Shared}
	status := rule("status", "Status", connectors.OwnERP, connectors.LensCodes, code)
	status.Lens.Codes = statuses
	price := rule("price", "Price", connectors.OwnERP, connectors.LensNumber, amount)
	price.Lens.Scale = 2
	return append(shared,
		rule("number", "Number", connectors.BusinessKey, connectors.LensText, words),
		rule("term", "Term", connectors.OwnERPOnChange, connectors.LensText, words),
		price,
		rule("web", "Web", connectors.OwnCRM, connectors.LensText, words),
		rule("owner", "Owner", connectors.WriteOnce, connectors.LensText, words),
		class, status,
		rule("label", "Label", connectors.Derived, connectors.LensText, words),
		ref("rep", "Rep", connectors.OwnERPOnChange, record.User, false, user),
		rule("active", "Active", connectors.OwnERP, connectors.LensBool, yesNo),
	)
}

// book is the profile of a world and what follows from it.
type book struct {
	profile  *connectors.Profile
	fields   map[record.Entity][]field
	erp, crm map[record.Entity]map[string]connectors.Field
	refs     map[record.Entity]map[string]record.Entity
}

// newBook builds the profile of a world.
func newBook(s *Shape) *book {
	b := &book{fields: map[record.Entity][]field{}, erp: map[record.Entity]map[string]connectors.Field{},
		crm: map[record.Entity]map[string]connectors.Field{}, refs: map[record.Entity]map[string]record.Entity{}}
	b.profile = &connectors.Profile{Pair: "world", Names: connectors.Names{ERP: "ERP", CRM: "CRM"}, KeyZone: s.KeyZone, RecreateAuto: s.RecreateAuto,
		Entities: []connectors.EntityRule{
			{Entity: record.User, ExternalID: "VE"},
			{Entity: record.Account, ExternalID: "CU", BornInCRM: true, Active: "Active", Identity: []string{"number", "name"}},
			{Entity: record.Contact, ExternalID: "CC", Parent: "AccountId", ParentEntity: record.Account},
			{Entity: record.Document, ExternalID: "DO"},
		}}
	if s.Mailbox {
		b.profile.Entities = mailEntities()
	}
	for i := range b.profile.Entities {
		r := &b.profile.Entities[i]
		if b.fields[r.Entity] = fieldsOf(r.Entity, s.Wins); s.Mailbox {
			b.fields[r.Entity] = mailFields(r.Entity, s.Wins)
		}
		if s.HandsOver {
			b.fields[r.Entity] = handOver(r, b.fields[r.Entity])
		}
		if s.ERP == Cloud {
			b.fields[r.Entity], r.Identity = cloudFields(b.fields[r.Entity]), nil
		}
		b.erp[r.Entity], b.crm[r.Entity], b.refs[r.Entity] = map[string]connectors.Field{}, map[string]connectors.Field{}, map[string]record.Entity{}
		for _, f := range b.fields[r.Entity] {
			r.Fields = append(r.Fields, f.FieldRule)
			k := valueKind(f.Lens.Kind)
			b.erp[r.Entity][f.ERP] = f.inERP(k)
			if s.ERP == Cloud {
				b.erp[r.Entity][f.ERP] = connectors.Field{Kind: k, Write: connectors.WriteDirect, MaxLen: f.inERP(k).MaxLen}
			}
			b.crm[r.Entity][f.CRM] = connectors.Field{Kind: k, Write: connectors.WriteDirect}
			if f.Lens.Kind == connectors.LensRef {
				b.refs[r.Entity][f.CRM] = f.Ref
			}
		}
	}
	return b
}

// inERP describes a field of the ERP.
func (f *field) inERP(k record.Kind) connectors.Field {
	erp := connectors.Field{Kind: k, Write: connectors.WriteDirect}
	if f.typed == words {
		erp.Hold = codePage
	}
	if f.CRM == wideField {
		erp.MaxLen = widest
	}
	return erp
}

func valueKind(l connectors.LensKind) record.Kind {
	switch l {
	case connectors.LensNumber:
		return record.Number
	case connectors.LensBool:
		return record.Bool
	case connectors.LensRef:
		return record.Ref
	case connectors.LensRows:
		return record.Rows
	}
	return record.Text
}

// name gives the name of a field on a side.
func (f *field) name(side connectors.Side) string {
	if side == connectors.ERP {
		return f.ERP
	}
	return f.CRM
}
