package centrixonetest

import (
	"maps"
	"slices"
	"time"
)

// Resource is the first word of a page's name.
type Resource string

// The resources.
const (
	Settings          Resource = "Settings"
	Lists             Resource = "Lists"
	Stages            Resource = "Stages"
	Users             Resource = "Users"
	RevenueCategories Resource = "RevenueCategories"
	Accounts          Resource = "Accounts"
	Contacts          Resource = "Contacts"
	Opportunities     Resource = "Opportunities"
)

// Source is the ERP that feeds the CRM.
type Source string

// The sources.
const (
	Acomba     Source = "acomba"
	QuickBooks Source = "quickbooks"
	byUser     Source = "user" // of an opportunity that a person made
)

// Meta is what every record has. Times are UTC with milliseconds; 0 and "" are "none".
type Meta struct {
	ID                    int64
	ExternalID            string
	CreatedAt, ModifiedAt time.Time
	ModifiedBy            string // sync, user:<id>, automation
}

func (m *Meta) meta() *Meta { return m }

// Setting is the one row of Settings.
type Setting struct {
	Meta
	Source           string
	PrimaryWrite     bool // the permission "Primary contact: Write" of the users
	AutomaticBilling bool
}

// List is a list of accounts and contacts.
type List struct {
	Meta
	Name      string
	Protected bool
	Source    string // acomba, quickbooks or ""
	OneWay    bool   // security level 2
	Key       string // not on the wire; acomba, or acomba.<company> with several companies
}

// Stage is a sales stage. Percent is 0 to 100.
type Stage struct {
	Meta
	NameFR, NameEN string
	Category       string // lost, qualified, advanced, won
	Percent        int64
	Protected      bool
	Key            string
}

// User is a user or representative.
type User struct {
	Meta
	UserName, FullName, Number string
	Active, FromSync           bool
}

// RevenueCategory is one of three levels of category.
type RevenueCategory struct {
	Meta
	NameFR, NameEN   string
	ParentID         int64
	Active, FromSync bool
}

// SyncValues are the five reserved account fields.
type SyncValues struct {
	CustomerNumber, PriceList, PaymentTerm, Discount, Territory string
}

// Account is a company.
type Account struct {
	Meta
	Name, Address1, Address2, City, Province, Postal, Country string
	Web, Phone1, Fax, Language                                string
	Lists                                                     []int64
	SalesRep                                                  int64
	Custom                                                    map[string]string
	Sync                                                      SyncValues
	PrimaryContactID                                          int64
	ERPActive                                                 bool
}

// Contact is a person.
type Contact struct {
	Meta
	AccountID                                             int64
	Lists                                                 []int64
	Title, FirstName, LastName, FullName, JobTitle, Email string
	Phone1, Phone2, Cell, Fax, Language, Notes            string
	SalesRep1, SalesRep2                                  int64
	Custom                                                map[string]string
	IsPrimary                                             bool
}

// Line is a line of a document. Amounts are decimal texts.
type Line struct {
	No, RevenueCategoryID                int64
	ProductCode, Description             string
	Quantity, UnitPrice, Discount, Total string
}

// Opportunity is a document of the ERP, or a person's own deal. Amounts are decimal texts, Date is yyyy-mm-dd.
type Opportunity struct {
	Meta
	Source, Title, DocumentKind                 string
	StageID, Percent                            int64
	AccountID, ContactID, UserID                int64
	Date                                        string
	Lines                                       []Line
	Freight, Discount, TotalBeforeTax, Currency string
}

// record is a stored row. Once stored it is never changed: a change stores a clone.
type record interface {
	meta() *Meta
	clone() record
}

func (r *Setting) clone() record         { c := *r; return &c }
func (r *List) clone() record            { c := *r; return &c }
func (r *Stage) clone() record           { c := *r; return &c }
func (r *User) clone() record            { c := *r; return &c }
func (r *RevenueCategory) clone() record { c := *r; return &c }

func (r *Account) clone() record {
	c := *r
	c.Lists, c.Custom = slices.Clone(r.Lists), maps.Clone(r.Custom)
	return &c
}

func (r *Contact) clone() record {
	c := *r
	c.Lists, c.Custom = slices.Clone(r.Lists), maps.Clone(r.Custom)
	return &c
}

func (r *Opportunity) clone() record {
	c := *r
	c.Lines = slices.Clone(r.Lines)
	return &c
}

// listsOf gives the lists a record is in, nil for records that are never in one.
func listsOf(r record) []int64 {
	switch r := r.(type) {
	case *Account:
		return r.Lists
	case *Contact:
		return r.Lists
	}
	return nil
}

// setLists puts a clone into other lists.
func setLists(r record, lists []int64) {
	switch r := r.(type) {
	case *Account:
		r.Lists = lists
	case *Contact:
		r.Lists = lists
	}
}
