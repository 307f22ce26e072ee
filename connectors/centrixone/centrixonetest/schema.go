package centrixonetest

import (
	"strings"
	"time"
)

// access says who may write a field.
type access uint8

const (
	open        access = iota // everybody
	syncOnly                  // the API and the vendor; a person gets 403
	supportOnly               // the vendor; from the API it is ignored
	derived                   // nobody: the CRM works it out
)

// kind is how a field is spelled on the wire.
type kind uint8

const (
	textKind kind = iota
	externalKind
	decimalKind
	dateKind
	enumKind
	flagKind
	intKind
	idKind
	refKind
	refsKind
	customKind
	linesKind
	stampKind
)

// field describes one field of one resource. at gives a pointer into the record.
type field struct {
	name   string // Sync.PriceList: PriceList inside the object Sync
	kind   kind
	access access
	to     Resource // refKind, refsKind
	words  []string // enumKind
	max    int      // customKind: how many at most
	at     func(any) any
}

func (f field) as(a access) field { f.access = a; return f }

// group gives the object a field lies in, "" for the row itself, and its name there.
func (f *field) group() (object, name string) {
	if object, name, ok := strings.Cut(f.name, "."); ok {
		return object, name
	}
	return "", f.name
}

func pointer[T, V any](get func(*T) *V) func(any) any {
	return func(r any) any { return get(r.(*T)) }
}

func text[T any](name string, get func(*T) *string) field {
	return field{name: name, kind: textKind, at: pointer(get)}
}

func decimalText[T any](name string, get func(*T) *string) field {
	return field{name: name, kind: decimalKind, at: pointer(get)}
}

func flag[T any](name string, get func(*T) *bool) field {
	return field{name: name, kind: flagKind, at: pointer(get)}
}

func integer[T any](name string, get func(*T) *int64) field {
	return field{name: name, kind: intKind, at: pointer(get)}
}

func ref[T any](name string, to Resource, get func(*T) *int64) field {
	return field{name: name, kind: refKind, to: to, at: pointer(get)}
}

func refs[T any](name string, to Resource, get func(*T) *[]int64) field {
	return field{name: name, kind: refsKind, to: to, at: pointer(get)}
}

func enum[T any](name string, get func(*T) *string, words ...string) field {
	return field{name: name, kind: enumKind, words: words, at: pointer(get)}
}

func custom[T any](max int, get func(*T) *map[string]string) field {
	return field{name: "Custom", kind: customKind, max: max, at: pointer(get)}
}

func ofMeta[V any](name string, k kind, a access, get func(*Meta) *V) field {
	return field{name: name, kind: k, access: a, at: func(r any) any { return get(r.(record).meta()) }}
}

func idField() field {
	return ofMeta("Id", idKind, derived, func(m *Meta) *int64 { return &m.ID })
}

func externalField() field {
	return ofMeta("ExternalId", externalKind, syncOnly, func(m *Meta) *string { return &m.ExternalID })
}

func createdField() field {
	return ofMeta("CreatedAt", stampKind, derived, func(m *Meta) *time.Time { return &m.CreatedAt })
}

func modifiedField() field {
	return ofMeta("ModifiedAt", stampKind, derived, func(m *Meta) *time.Time { return &m.ModifiedAt })
}

func authorField() field {
	return ofMeta("ModifiedBy", textKind, derived, func(m *Meta) *string { return &m.ModifiedBy })
}

// schema is the fields of a resource in the order of the wire, and where they are by lower-case name.
type schema struct {
	fields []field
	byName map[string]*field
}

func schemaOf(fields ...field) *schema {
	s := &schema{fields: fields, byName: map[string]*field{}}
	for i := range fields {
		s.byName[strings.ToLower(fields[i].name)] = &fields[i]
	}
	return s
}

var schemas = map[Resource]*schema{
	Settings:          settingSchema,
	Lists:             listSchema,
	Stages:            stageSchema,
	Users:             userSchema,
	RevenueCategories: categorySchema,
	Accounts:          accountSchema,
	Contacts:          contactSchema,
	Opportunities:     opportunitySchema,
}
