package sage50fr

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"syncbox/connectors/record"
)

//go:embed default.toml
var defaultFormat []byte

// The kinds of exports, as their files are called.
const (
	Clients   = "clients"
	Contacts  = "contacts"
	Articles  = "articles"
	Pieces    = "pieces" // documents
	Salesmen  = "representants"
	Prospects = "prospects" // only of import files, as is Quotes
	Quotes    = "devis"
)

// kinds are those of exports, in the order in which they are read: what is referred to comes first.
var kinds = []string{Salesmen, Clients, Contacts, Articles, Pieces}

// Format says how a site's exports and imports are laid out. The site makes the formats in Sage, so that these are data.
type Format struct {
	Name       string              `toml:"name"`
	Delimiter  string              `toml:"delimiter"` // one character
	Header     bool                `toml:"header"`    // the first line of an export are headings
	Date       string              `toml:"date"`      // as Go writes it: 02/01/2006
	Yes        []string            `toml:"yes"`
	No         []string            `toml:"no"`
	ClientType string              `toml:"client_type"` // what an import file calls a client
	Countries  map[string][]string `toml:"countries"`   // ISO code of two letters, other ways to write it
	Pieces     PiecesFormat        `toml:"pieces"`
	Exports    map[string]Export   `toml:"exports"`
	Imports    map[string]Import   `toml:"imports"`
}

// PiecesFormat tells documents apart, by what the columns of the record and of the type say.
type PiecesFormat struct {
	Head    string   `toml:"head"` // record of a document
	Line    string   `toml:"line"` // record of one of its lines
	Invoice []string `toml:"invoice"`
	Credit  []string `toml:"credit"`
	Quote   []string `toml:"quote"`
}

// Export is one kind of export: the columns of its fields.
type Export struct {
	Columns map[string]Column `toml:"columns"`
}

// Column is where a field stands: the first of the headings that is there, else the place.
type Column struct {
	Names    []string `toml:"names"`
	Place    int      `toml:"place"` // from 1; 0 for none
	Required bool     `toml:"required"`
}

// Import is one kind of import file.
type Import struct {
	Title   string         `toml:"title"` // what the format is called in Sage, for people
	Columns []ImportColumn `toml:"columns"`
}

// ImportColumn is one column of an import file.
type ImportColumn struct {
	Heading string `toml:"heading"`
	Field   string `toml:"field"`
	Max     int    `toml:"max"`  // characters; 0 = no bound
	Line    bool   `toml:"line"` // it belongs to the lines of a document
}

// ErrFormat is what a format's mistakes are wrapped in.
var ErrFormat = errors.New("bad format of Sage 50")

// DefaultFormat is that of the installer's guide.
func DefaultFormat() *Format {
	f, err := ParseFormat(defaultFormat)
	if err != nil {
		panic(err) // it is a part of this package
	}
	return f
}

// ParseFormat reads a format. Unknown keys are mistakes.
func ParseFormat(text []byte) (*Format, error) {
	var f Format
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if err := f.validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return &f, nil
}

func (f *Format) validate() error {
	switch {
	case len([]rune(f.Delimiter)) != 1 || strings.ContainsAny(f.Delimiter, "\r\n"):
		return fmt.Errorf("delimiter %q", f.Delimiter)
	case !strings.Contains(f.Date, "2006") || !strings.Contains(f.Date, "01") || !strings.Contains(f.Date, "02"):
		return fmt.Errorf("date %q", f.Date)
	case len(f.Yes) == 0 || len(f.No) == 0:
		return errors.New("yes, no: a word is missing")
	case f.Pieces.Head == "" || f.Pieces.Line == "" || f.Pieces.Head == f.Pieces.Line:
		return fmt.Errorf("pieces: records %q and %q", f.Pieces.Head, f.Pieces.Line)
	}
	for _, kind := range slices.Sorted(maps.Keys(f.Exports)) {
		if !slices.Contains(kinds, kind) {
			return fmt.Errorf("exports: %q", kind)
		}
		if err := f.Exports[kind].validate(f.Header); err != nil {
			return fmt.Errorf("exports.%s: %w", kind, err)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(f.Imports)) {
		if err := f.Imports[kind].validate(kind); err != nil {
			return fmt.Errorf("imports.%s: %w", kind, err)
		}
	}
	return nil
}

func (e Export) validate(header bool) error {
	if !e.Columns["code"].Required && !e.Columns["number"].Required {
		return errors.New("no required column code or number")
	}
	for _, field := range slices.Sorted(maps.Keys(e.Columns)) {
		switch c := e.Columns[field]; {
		case c.Place < 0:
			return fmt.Errorf("columns.%s: place %d", field, c.Place)
		case header && len(c.Names) == 0 && c.Place == 0 && c.Required, !header && c.Place == 0 && c.Required:
			return fmt.Errorf("columns.%s: neither heading nor place", field)
		}
	}
	return nil
}

func (i Import) validate(kind string) error {
	entity, known := importEntity[kind]
	if !known {
		return errors.New("no such import")
	}
	reference := false
	for _, c := range i.Columns {
		if c.Heading == "" || c.Field == "" || c.Max < 0 {
			return fmt.Errorf("column %q: a part is missing", c.Heading)
		}
		if strings.ContainsAny(c.Heading, "\t\r\n\"") {
			return fmt.Errorf("column %q: not a heading", c.Heading)
		}
		reference = reference || c.Field == FieldReference
	}
	if !reference {
		return fmt.Errorf("no column %s for %s", FieldReference, entity)
	}
	return nil
}

// importEntity says what an import file holds.
var importEntity = map[string]record.Entity{Prospects: record.Account, Contacts: record.Contact, Quotes: record.Quote}

// importKind is the other way round.
func importKind(e record.Entity) string {
	for kind, entity := range importEntity {
		if entity == e {
			return kind
		}
	}
	return ""
}
