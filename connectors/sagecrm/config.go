package sagecrm

import (
	"fmt"
	"log/slog"
	"time"

	"syncbox/connectors/record"
)

// Config says how to reach a Sage CRM and what to assume of it. Zero values of optional fields mean the default.
type Config struct {
	BaseURL        string // scheme and host: https://crm.example.com
	PlainHTTP      bool   // allows http to a host other than this machine
	Install        string // name of the installation, the first part of every path; default "crm"
	User, Password string

	// Interface is soap (default), rest, or auto: SOAP where it answers, else REST.
	Interface string
	// Profile is how envelopes name things: auto (default: type, then plain), type or plain.
	Profile string
	// Changes says how changes are found: auto (default: queryid, or dates where that is refused), queryid or dates.
	Changes string
	// DateElement is the element of queryid that holds the day; default "date".
	DateElement string

	// VATField and BobSyncField are columns of company, as "comp_vat"; both must be told. VATPrefixField is the column of the
	// country's letters where they are kept apart. Country is what a number without letters belongs to; default BE.
	VATField, VATPrefixField, BobSyncField, Country string
	// LanguageField, IDField and PersonIDField are columns of company (the last one of person) for the language and for our
	// own identity; empty for none.
	LanguageField, IDField, PersonIDField string
	// Custom are further columns of company (comp_) and person (pers_) that are synced, with their form.
	Custom map[string]string
	// CustomerType is the code of comp_type that means a customer; default "customer".
	CustomerType string
	// Dropdown is codes (default) or strings, where the CRM shows captions instead; Captions gives their codes then, by column.
	Dropdown string
	Captions map[string]map[string]string
	// MultiValue is how fields of several values are written: array (default) or list, with commas.
	MultiValue string
	// Flags is how a ticked box is written: "Y" (default), "true" or "1".
	Flags string

	// Nested are the entities that show addresses, phones and e-mails inside of themselves over SOAP: company (default), both or none.
	Nested string
	// ChildList is how nested lists are written: records (default) or repeated.
	ChildList string
	// ChildEdits is apart (default: changes of addresses, phones and e-mails are asked for) or parent, where they move the
	// time of change of whom they belong to.
	ChildEdits string
	// Children are the columns of address, phone and email; what is empty has its default.
	Children map[string]Child
	// PhoneTypes and EmailTypes are the CRM's types by our fields.
	PhoneTypes, EmailTypes map[string]string

	// RESTVersion is the version of the CRM: 2019R2, 2022R2, or 2024R2, which can sort; auto (default) finds out.
	RESTVersion string
	// RESTStart is the number of the first row: one (default) or zero.
	RESTStart string
	// RESTDate is how a time stands in a filter: quoted (default) or at.
	RESTDate string
	// RESTUpdate is auto (default: PUT, then PATCH where that is refused), put or patch.
	RESTUpdate string

	Zone       *time.Location // of the CRM's times; nil for UTC
	Timeout    time.Duration  // of one call; default 60 s
	Rate       float64        // calls per second; default 5
	MaxAnswer  int64          // bytes; default 16 MiB
	MaxRequest int            // characters of one request; default 8000
	PageSize   int            // rows of a page of REST, and ids of a group; default 100
	ServerLate time.Duration  // how long a call may still be done after its connection was lost; default 2 min

	// Recent is how far each look goes back behind the one before; default 10 min. Overlap is how far one goes in every
	// WideEvery (default an hour), so that a wrong zone loses nothing; default 24 h. CompleteEvery is the time between looks at
	// all; default 24 h.
	Recent, Overlap, WideEvery, CompleteEvery time.Duration

	Now func() time.Time // the box's clock; nil for time.Now
}

// Child are the columns of address, phone or email, without their prefix: its own id, and to whom it belongs.
type Child struct{ Key, Company, Person string }

// The forms of Config.Custom.
const (
	FormText   = "text"
	FormNumber = "number"
	FormDate   = "date"
	FormFlag   = "flag"
	FormMulti  = "multi" // several values, shown as their codes with commas, in order
)

func (c Config) withDefaults() Config {
	for field, value := range map[*string]string{
		&c.Install: "crm", &c.Interface: "soap", &c.Profile: "auto", &c.Changes: "auto", &c.DateElement: "date", &c.Country: "BE",
		&c.CustomerType: "customer", &c.Dropdown: "codes", &c.MultiValue: "array", &c.Flags: "Y", &c.Nested: "company",
		&c.ChildList: "records", &c.ChildEdits: "apart", &c.RESTVersion: "auto", &c.RESTStart: "one", &c.RESTDate: "quoted",
		&c.RESTUpdate: "auto",
	} {
		setDefault(field, value)
	}
	for field, value := range map[*time.Duration]time.Duration{
		&c.Timeout: time.Minute, &c.ServerLate: 2 * time.Minute, &c.Recent: 10 * time.Minute, &c.Overlap: 24 * time.Hour,
		&c.WideEvery: time.Hour, &c.CompleteEvery: 24 * time.Hour,
	} {
		setDefault(field, value)
	}
	setDefault(&c.Rate, 5)
	setDefault(&c.MaxAnswer, 16<<20)
	setDefault(&c.MaxRequest, 8000)
	setDefault(&c.PageSize, 100)
	if c.PhoneTypes == nil {
		c.PhoneTypes = map[string]string{"phon_business": "Business", "phon_fax": "Fax", "phon_mobile": "Mobile"}
	}
	if c.EmailTypes == nil {
		c.EmailTypes = map[string]string{"emai_business": "Business", "emai_private": "Private"}
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	if *field == *new(T) {
		*field = value
	}
}

// child gives the columns of a table of children.
func (c Config) child(t table) Child {
	ch := c.Children[t.name]
	setDefault(&ch.Key, t.key)
	setDefault(&ch.Company, "companyid")
	setDefault(&ch.Person, "personid")
	return ch
}

// idField is the column of our own identity, empty for none.
func (c Config) idField(e record.Entity) string {
	if e == record.Contact {
		return c.PersonIDField
	}
	return c.IDField
}

// String gives the configuration without its secrets.
func (c Config) String() string {
	c = c.withDefaults()
	return fmt.Sprintf("sage crm %s install=%s user=*** interface=%s", c.BaseURL, c.Install, c.Interface)
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// LogValue is String.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String, for whatever else may be asked to write a Config down.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
