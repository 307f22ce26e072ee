package sagex3test

import "slices"

// Object is a kind of record by its code in the product.
type Object string

// The objects. The codes of the last four are invented: what the product calls the tables is not public.
const (
	Tasks           Object = "TSK"
	Calls           Object = "CLL"
	Appointments    Object = "BAP"
	Correspondents  Object = "COR"
	Contacts        Object = "CCN" // interlocuteurs
	Customers       Object = "BPC"
	Partners        Object = "BPR" // tiers of every kind
	Representatives Object = "REP"
	Users           Object = "AUS" // with the parameters AUSCRMA and AUSCRMF
	Settings        Object = "SYP" // GESSYP
	Queue           Object = "SYD" // FUNSYD
	Anomalies       Object = "SYL" // FUNSYL
)

var allObjects = []Object{Tasks, Calls, Appointments, Correspondents, Contacts, Customers, Partners, Representatives, Users, Settings, Queue, Anomalies}

// synced are the objects that go to and from Outlook.
var synced = []Object{Tasks, Calls, Appointments, Correspondents}

func (o Object) synced() bool { return slices.Contains(synced, o) }

// Field is what a field means, whatever its code is. Its values are the product's: Oui is "2", a day is 20261123, a time of day 0930.
type Field string

// The meanings. Coworkers, Visited and Addresses are grids.
const (
	Number        Field = "number"
	Company       Field = "company" // the code of a tiers
	Correspondent Field = "correspondent"
	Contact       Field = "contact" // the code of an interlocuteur
	Done          Field = "done"    // 1 Non, 2 Oui
	Start         Field = "start"   // a day; of a call its date
	StartTime     Field = "start-time"
	End           Field = "end"
	EndTime       Field = "end-time"
	Due           Field = "due"
	Subject       Field = "subject"
	Report        Field = "report"
	Hours         Field = "hours"
	Minutes       Field = "minutes"
	Owner         Field = "owner" // a representative
	Site          Field = "site"
	Reference     Field = "reference" // of Options.Reference

	Coworkers Field = "coworkers"
	Coworker  Field = "coworker" // a representative
	Visited   Field = "visited"
	Visit     Field = "visit" // a correspondant or interlocuteur

	LastName   Field = "last-name"
	FirstName  Field = "first-name"
	Title      Field = "title" // a local menu
	Function   Field = "function"
	Service    Field = "service"
	Phone      Field = "phone"
	HomePhone  Field = "home-phone"
	Mobile     Field = "mobile"
	Email      Field = "email"
	Address    Field = "address" // three lines, parted by a line end
	PostalCode Field = "postal-code"
	City       Field = "city"
	Country    Field = "country"
	Note       Field = "note"

	Name           Field = "name" // of a tiers or representative two lines
	IsCustomer     Field = "is-customer"
	IsSupplier     Field = "is-supplier"
	IsRep          Field = "is-representative"
	Addresses      Field = "addresses"
	AddressCode    Field = "address-code"
	AddressDefault Field = "address-default"

	Active         Field = "active"
	Commercial     Field = "commercial"     // AUSCRMA
	Representative Field = "representative" // AUSCRMF

	LineUser   Field = "user"
	LineObject Field = "object"
	LineKey    Field = "key"
	LineAction Field = "action"
	LineDay    Field = "day"
	LineStatus Field = "status"
	LineField  Field = "field"
	LineValue  Field = "value"
	LineCause  Field = "cause"
)

// How a value is written.
type form int

const (
	char     form = iota
	text          // several lines of any length
	integer       // digits
	day           // YYYYMMDD, or nothing
	hour          // HHMM, or nothing; on the wire a Char
	datetime      // 2026-11-23T02:15:00Z
)

// wire gives the name of a form in the attribute TYPE.
func (f form) wire() string {
	switch f {
	case integer:
		return "Integer"
	case day:
		return "Date"
	case datetime:
		return "Datetime"
	case text:
		return "Clob"
	}
	return "Char"
}

type field struct {
	code, label string
	means       Field
	form        form
	size        int  // characters of a Char
	menu        int  // number of the local menu, 0 if it is none
	items       int  // repetitions of an LST, 0 if it is a FLD
	fixed       bool // shown only
	column      bool // in the answer of query
}

type block struct {
	id, label string
	means     Field // of a grid
	dim       int   // 1: GRP; above: TAB
	fields    []field
}

func (b *block) field(code string) *field {
	for i := range b.fields {
		if b.fields[i].code == code {
			return &b.fields[i]
		}
	}
	return nil
}

// schema is an object as the web services show it.
type schema struct {
	object     Object
	prefix     string // of its numbers; "" if a person gives the key
	counter    string
	blocks     []block
	deeds      []string // operations that change something
	unnumbered bool     // its records have no stamps
}

func (sc *schema) block(id string) *block {
	for i := range sc.blocks {
		if sc.blocks[i].id == id {
			return &sc.blocks[i]
		}
	}
	return nil
}

// grid gives the block of a grid.
func (sc *schema) grid(means Field) *block {
	for i := range sc.blocks {
		if means != "" && sc.blocks[i].means == means {
			return &sc.blocks[i]
		}
	}
	return nil
}

// find gives a field outside of grids.
func (sc *schema) find(match func(*field) bool) *field {
	for i := range sc.blocks {
		b := &sc.blocks[i]
		for j := range b.fields {
			if b.dim == 1 && match(&b.fields[j]) {
				return &b.fields[j]
			}
		}
	}
	return nil
}

func (sc *schema) byCode(code string) *field {
	return sc.find(func(f *field) bool { return f.code == code })
}

func (sc *schema) byMeaning(means Field) *field {
	return sc.find(func(f *field) bool { return f.means == means })
}

// key is the field that names a record.
func (sc *schema) key() *field { return &sc.blocks[0].fields[0] }

func (sc *schema) columns() (all []*field) {
	for i := range sc.blocks {
		b := &sc.blocks[i]
		for j := range b.fields {
			if f := &b.fields[j]; b.dim == 1 && f.column {
				all = append(all, f)
			}
		}
	}
	return all
}

// Place is where the web services show a field: FLD or LST Code of GRP or TAB Block.
type Place struct{ Block, Code string }

// Place tells it for the positions that the switches have, false if the object has no such field. A grid's Code is "".
func (s *Server) Place(o Object, means Field) (Place, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sc := s.schema(o)
	for i := range sc.blocks {
		b := &sc.blocks[i]
		if b.means == means && means != "" {
			return Place{Block: b.id}, true
		}
		for j := range b.fields {
			if b.fields[j].means == means {
				return Place{b.id, b.fields[j].code}, true
			}
		}
	}
	return Place{}, false
}
