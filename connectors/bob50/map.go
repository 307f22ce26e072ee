package bob50

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

//go:embed default.toml
var defaultMap []byte

// Map says where a site's BOB keeps what is synced.
type Map struct {
	Name        string              `toml:"name"`
	Generations map[string][]string `toml:"generations"` // patterns of files, by the generation that they tell
	Account     AccountMap          `toml:"account"`
	Contact     ContactMap          `toml:"contact"`
}

// AccountMap is the table of third parties.
type AccountMap struct {
	Table         string              `toml:"table"`
	Key           string              `toml:"key"`
	Customer      string              `toml:"customer"`       // the column that says whether it is a customer,
	CustomerValue string              `toml:"customer_value"` // and what it says then
	VATPrefix     string              `toml:"vat_prefix"`     // may be empty
	VATNumber     string              `toml:"vat_number"`
	Modified      string              `toml:"modified"` // may be empty, or a column that is not there
	Born          map[string]string   `toml:"born"`
	Others        []string            `toml:"others"`
	CustomTables  []string            `toml:"custom_tables"` // further tables with the same key, which hold fields that the site has added
	Fields        map[string]MapField `toml:"fields"`
}

// ContactMap is the table of persons; without a name it is the only one with the columns of Account and of Fields that are not
// optional.
type ContactMap struct {
	Table   string              `toml:"table"`
	Account string              `toml:"account"` // the key of the third party
	Fields  map[string]MapField `toml:"fields"`
}

// MapField is one field of a record and the columns that it stands in.
type MapField struct {
	Columns  []string `toml:"columns"`
	Form     string   `toml:"form"` // empty: one column; "joined": one text; "first": the first filled one
	Optional bool     `toml:"optional"`
	Write    bool     `toml:"write"`
	Link     string   `toml:"link"` // the name in a dBASE file, where the column's is longer than ten characters
}

// The fields that the map does not name, since they are more than a column.
const (
	FieldReference = "reference" // the third party's key, as written
	FieldVAT       = "vat"       // number with its country's letters
	FieldCustomer  = "customer"  // whether it is a customer
	FieldAccount   = "account"   // of a person
	customPrefix   = "custom."   // before the name of a column that the site has added
)

// ErrMap is what a map's mistakes are wrapped in.
var ErrMap = errors.New("bad map of BOB 50")

// DefaultMap is that of the confirmed columns.
func DefaultMap() *Map {
	m, err := ParseMap(defaultMap)
	if err != nil {
		panic(err) // it is a part of this package
	}
	return m
}

// ParseMap reads a map. Unknown keys are mistakes.
func ParseMap(text []byte) (*Map, error) {
	var m Map
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMap, err)
	}
	if err := m.validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMap, err)
	}
	return &m, nil
}

func (m *Map) validate() error {
	a := &m.Account
	for name, v := range map[string]string{"name": m.Name, "account.table": a.Table, "account.key": a.Key, "account.customer": a.Customer,
		"account.customer_value": a.CustomerValue, "account.vat_number": a.VATNumber, "contact.account": m.Contact.Account} {
		if v == "" {
			return fmt.Errorf("%s is missing", name)
		}
	}
	for _, table := range a.CustomTables {
		if table == "" || strings.ContainsAny(table, "/\\.") || strings.EqualFold(table, a.Table) {
			return fmt.Errorf("account.custom_tables: %q", table)
		}
	}
	for generation, patterns := range m.Generations {
		for _, p := range patterns {
			if _, err := path.Match(p, ""); err != nil {
				return fmt.Errorf("generations.%s: %q: %w", generation, p, err)
			}
		}
	}
	if _, named := a.Fields["name"]; !named {
		return errors.New("account.fields.name is missing")
	}
	for _, fields := range []map[string]MapField{a.Fields, m.Contact.Fields} {
		for name, f := range fields {
			if err := f.validate(name); err != nil {
				return fmt.Errorf("field %s: %w", name, err)
			}
		}
	}
	return nil
}

func (f MapField) validate(name string) error {
	switch {
	case name == FieldReference || name == FieldVAT || name == FieldCustomer || name == FieldAccount || strings.HasPrefix(name, customPrefix):
		return errors.New("the name is taken")
	case f.Form != "" && f.Form != "joined" && f.Form != "first":
		return fmt.Errorf("form %q", f.Form)
	case len(f.Columns) == 0 || len(f.Columns) > 1 && f.Form == "":
		return fmt.Errorf("%d columns", len(f.Columns))
	}
	return nil
}

// own says whether a column of the table of third parties is BOB's own.
func (a *AccountMap) own(column string) bool {
	all := append([]string{a.Key, a.Customer, a.VATPrefix, a.VATNumber, a.Modified}, a.Others...)
	for _, f := range a.Fields {
		all = append(all, f.Columns...)
	}
	for _, name := range all {
		if strings.EqualFold(name, column) {
			return true
		}
	}
	return false
}

// generation names the one that a file tells, empty for none.
func (m *Map) generation(file string) string {
	for generation, patterns := range m.Generations {
		for _, p := range patterns {
			if ok, err := path.Match(strings.ToLower(p), strings.ToLower(file)); ok && err == nil {
				return generation
			}
		}
	}
	return ""
}
