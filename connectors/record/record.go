// Package record holds what travels between two products: typed records, their keys and their equality.
package record

import "time"

// Entity is the kind of a record, under the name that both sides of a pair share.
type Entity string

// The entities of the pairs built so far.
const (
	User        Entity = "user"        // sales representative
	Category    Entity = "category"    // revenue category, product group
	Account     Entity = "account"     // customer
	Contact     Entity = "contact"     // a person: the primary contact of a customer, one of an address book
	Document    Entity = "document"    // quote, order, invoice; an opportunity in a CRM
	Task        Entity = "task"        // something to be done, by a day
	Call        Entity = "call"        // a telephone call, made or to be made
	Appointment Entity = "appointment" // an event of a calendar
	Product     Entity = "product"     // an article that is sold
	Quote       Entity = "quote"       // one that is handed over to be priced; those that only travel one way are documents
)

// Key is an outside system's own identity of a record: a card position, a row id. It is never a
// business number, which people may change.
type Key string

// Record is one record as one side shows it.
type Record struct {
	Entity Entity
	Key    Key
	Fields Fields // by the names of the side it comes from

	// Incarnation is an identity that is never given twice, where Key can be; empty where the side has none.
	Incarnation string
	// ExternalID is the identity under which the other side's record is noted here; empty if there is none.
	ExternalID string
	// Changed is when a person last changed the record, by the clock of its side; zero where the side does
	// not tell, or tells it of our own writes too.
	Changed time.Time
	// Gone says that the place is there but holds no live record (a deleted card). Fields may be empty then.
	Gone bool
	// Held says why the record can't be taken as it is (an unknown code, a broken chain of lines),
	// as a health code; empty if it can.
	Held string
	// HeldArgs are the placeholders of Held, without customer data.
	HeldArgs map[string]string
	// Remark is what people should know of a record that is taken as it is; nil for nothing. It is journalled whenever the
	// other side has come to show the record as it is.
	Remark *Remark
}

// Also is the placeholder of Held under which further reasons stand, as health codes with commas between them.
const Also = "also"

// Remark is an event of the journal by its code, and what fills the gaps of its words.
type Remark struct {
	Code string
	Args map[string]string
}

// Name names the entity and key for a log line or a journal entry.
func (r Record) Name() string { return string(r.Entity) + " " + string(r.Key) }
